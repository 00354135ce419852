use super::ExportedPlan;
use super::output::Sink;
use crate::words::Failure;

/// How a format lays requests out.
pub(super) trait Layout {
    /// Refuses a plan that the format cannot hold, before any of it is written.
    fn check(&self, plan: &ExportedPlan) -> Result<(), Failure>;

    /// Writes a plan that has steps; by step, the file that it is in.
    fn plan(&mut self, plan: &ExportedPlan, sink: &mut Sink<'_>) -> Result<Vec<String>, Failure>;

    /// Writes what follows all plans.
    fn finish(&mut self, sink: &mut Sink<'_>) -> Result<(), Failure>;
}
