use super::output::Sink;
use super::{ExportedPlan, ExportedStep};
use crate::words::Failure;

/// How a format lays requests out.
pub(super) trait Layout {
    /// Refuses a plan that the format cannot hold, before any of it is written.
    fn check(&self, plan: &ExportedPlan) -> Result<(), Failure>;

    /// Writes a step; the file that it is in.
    fn step(
        &mut self,
        plan: &ExportedPlan,
        step: &ExportedStep,
        sink: &mut Sink<'_>,
    ) -> Result<String, Failure>;

    /// Writes what follows the steps of a plan.
    fn plan(&mut self, plan: &ExportedPlan, sink: &mut Sink<'_>) -> Result<(), Failure>;

    /// Writes what follows all plans.
    fn finish(&mut self, sink: &mut Sink<'_>) -> Result<(), Failure>;
}
