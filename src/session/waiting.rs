//! Steps that wait for a batch: a session leaves them alone and goes on with others.

use super::gate::Answer;
use super::session::Session;
use super::stage::Stage;
use crate::plan::{Number, Progress};
use crate::state::BatchRecord;
use crate::words::{Exit, Failure};

/// The first step in the file that may run and waits for no batch.
///
/// Fails with exit 5 when there are only such that wait.
pub(super) fn next(session: &mut Session<'_>, progress: &Progress<'_>) -> Answer<Option<Number>> {
    let mut first = None;
    for (_, step) in progress.ready() {
        let Some(mark) = waits(session, &step.id.to_string()) else {
            if let Some((id, mark)) = first {
                let text = format!("step {id} waits for batch {mark}; step {} comes first", step.id);
                session.listener.note(&text);
            }
            return Ok(Some(step.id));
        };
        first.get_or_insert((step.id, mark));
    }
    match first {
        Some((id, mark)) => Err(out(&id.to_string(), &mark).into()),
        None => Ok(None),
    }
}

/// What is told of a step that waits for a batch.
pub(super) fn out(step: &str, mark: &str) -> Failure {
    if BatchRecord::is_export(mark) {
        let text =
            format!("step {step} waits for results that `stepgate batch fetch --from` began to bring home");
        return Failure::new(Exit::NeedsHuman, "waits-for-batch", text)
            .help("run that command again, with the same export and the same results")
            .help(format!(
                "`stepgate batch cancel {mark} --forget PLAN` gives up on them"
            ));
    }
    let text = format!("step {step} waits for batch {mark}: its prompt is with the engine");
    Failure::new(Exit::NeedsHuman, "waits-for-batch", text)
        .help("`stepgate batch fetch` brings the replies home, then run again")
        .help("`stepgate batch status` tells how far it is")
        .help(format!("`stepgate batch cancel {mark}` gives up on it"))
}

fn waits(session: &Session<'_>, step: &str) -> Option<String> {
    match session.desk.memory(step).stage {
        Stage::Out { batch } => Some(batch),
        _ => None,
    }
}
