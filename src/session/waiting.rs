//! Steps that wait for a batch: a session leaves them alone and goes on with others.

use super::gate::Answer;
use super::out_already::unknown;
use super::session::Session;
use super::stage::Stage;
use crate::plan::{Number, Progress};
use crate::plan_file::Reading;
use crate::state::BatchRecord;
use crate::words::{Exit, Failure};

/// The first step in the file that may run and waits for no batch.
///
/// Fails with exit 5 when there are only such that wait.
pub(super) fn next(session: &mut Session<'_>, progress: &Progress<'_>) -> Answer<Option<Number>> {
    if session.desk.options.stored {
        let mut ready = progress.ready();
        let next = ready.find(|(_, step)| may_come(session, &step.id.to_string()));
        return Ok(next.map(|(_, step)| step.id));
    }
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
        Some((id, mark)) => Err(out(session, &id.to_string(), &mark).into()),
        None => Ok(None),
    }
}

/// Whether a session may take a step up: where nothing is to be sent, something has to be stored of it.
pub(super) fn may_come(session: &Session<'_>, step: &str) -> bool {
    let stage = session.desk.memory(step).stage;
    let unsent = matches!(
        stage,
        Stage::Fresh | Stage::Sent { .. } | Stage::Out { .. } | Stage::Escalated
    );
    !session.desk.options.stored || !unsent
}

/// Whether a session that sends nothing ends here, though steps may run. Which they are is told.
pub(super) fn is_unsent(session: &mut Session<'_>, reading: &Reading) -> bool {
    let options = &session.desk.options;
    if !options.stored {
        return false;
    }
    let progress = Progress::of(&reading.plan);
    let ready = progress.ready().map(|(_, step)| step.id);
    let ready: Vec<String> = ready
        .filter(|id| options.step.is_none_or(|step| step == *id))
        .map(|id| format!("step {id} {}", stands(session, &id.to_string())))
        .collect();
    if !ready.is_empty() {
        let text = format!(
            "no more replies are stored, and nothing is sent: {}",
            ready.join(", ")
        );
        session.listener.note(&text);
    }
    !ready.is_empty()
}

/// How a step stands of which nothing is stored, in words.
fn stands(session: &Session<'_>, step: &str) -> String {
    match session.desk.memory(step).stage {
        Stage::Out { batch } => format!("waits for batch {batch}"),
        // It may have been billed.
        Stage::Sent { .. } => "was sent and its answer is lost (`run` asks about it)".to_owned(),
        _ => match unknown(session, step).first() {
            Some(one) => format!(
                "is with batch {}, which the record of the plan does not know (`run` asks about it)",
                one.mark
            ),
            None => "may be sent".to_owned(),
        },
    }
}

/// What is told of a step that waits for a batch.
pub(super) fn out(session: &Session<'_>, step: &str, mark: &str) -> Failure {
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
    let failure = Failure::new(Exit::NeedsHuman, "waits-for-batch", text)
        .help("`stepgate batch fetch` brings the replies home, then run again")
        .help("`stepgate batch status` tells how far it is")
        .help(format!("`stepgate batch cancel {mark}` gives up on it"));
    let mut outstanding = session.desk.options.outstanding.iter();
    if outstanding.any(|one| one.mark == mark && one.step == step) {
        return failure;
    }
    failure.help(format!(
        "the batch's own record does not have the step out any more: `stepgate batch cancel {mark} --forget PLAN` frees it"
    ))
}

fn waits(session: &Session<'_>, step: &str) -> Option<String> {
    match session.desk.memory(step).stage {
        Stage::Out { batch } => Some(batch),
        _ => None,
    }
}
