use serde::Serialize;

use super::yard::Clients;
use crate::batch::{Known, PartStage, Searched, Submission, search};
use crate::llm::client::BatchError;
use crate::words::{Exit, Failure, counted, printable_line};

/// How a batch fares, as it is shown.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Shown {
    pub(super) mark: String,
    pub(super) endpoint: String,
    pub(super) model: String,
    /// The engine's id; none while it is not known.
    pub(super) id: Option<String>,
    pub(super) state: State,
    /// The engine's word.
    pub(super) status: Option<String>,
    pub(super) requests: usize,
    pub(super) done: u64,
    pub(super) failed: u64,
    pub(super) since: String,
    /// What may be it, where that is not known.
    pub(super) perhaps: Vec<String>,
}

/// What is known of a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum State {
    /// The engine works on it.
    Running,
    /// Its results can be fetched.
    Ended,
    /// The answer to its making was lost, and the engine may have it.
    Uncertain,
    /// The answer to its making was lost, and the engine does not show it so far: it may still come.
    Unseen,
    /// The answer to its making was lost, and the engine does not have it.
    Missing,
    /// It was not made, and a plan that a session holds is not told yet.
    Void,
}

/// Looks at every batch of a submission that is not home. A batch whose answer was lost is looked for.
pub(super) fn look(
    submission: &mut Submission,
    clients: &mut Clients<'_>,
    known: &mut Known,
) -> Result<Vec<Shown>, Failure> {
    let mut all = Vec::new();
    for part in 0..submission.parts.len() {
        let mut perhaps = Vec::new();
        let mut state = State::Missing;
        if matches!(submission.parts[part].stage, PartStage::Asked { .. }) {
            let client = clients.of(&submission.agreement)?;
            match search(submission, part, client, known)? {
                Searched::Perhaps(ids) => (perhaps, state) = (ids, State::Uncertain),
                Searched::Unseen => state = State::Unseen,
                Searched::Found(_) | Searched::Nothing => {}
            }
        }
        let told = match &submission.parts[part].stage {
            PartStage::Freed | PartStage::Home(_) => continue,
            PartStage::Waiting | PartStage::Uploaded(_) | PartStage::Void(_) => {
                state = State::Void;
                None
            }
            PartStage::Asked { .. } => None,
            PartStage::Made(id) => {
                let client = clients.of(&submission.agreement)?;
                let told = client.look(id).map_err(|error| match error {
                    BatchError::Refused(failure) | BatchError::Unknown(failure) => failure,
                    BatchError::Interrupted(signal) => Failure {
                        exit: Exit::Signal(signal),
                        diagnostics: Vec::new(),
                    },
                })?;
                state = if told.ended { State::Ended } else { State::Running };
                Some(told)
            }
        };
        let counts = told.as_ref().map(|told| told.counts).unwrap_or_default();
        all.push(Shown {
            mark: submission.mark.clone(),
            endpoint: submission.agreement.endpoint.clone(),
            model: printable_line(&submission.agreement.model).into_owned(),
            id: told.as_ref().map(|told| told.id.clone()),
            state,
            status: told.map(|told| printable_line(&told.status).into_owned()),
            requests: submission.parts[part].requests,
            done: counts.succeeded + counts.failed,
            failed: counts.failed,
            since: submission.at.clone(),
            perhaps,
        });
    }
    Ok(all)
}

impl Shown {
    /// A line of it.
    pub(super) fn line(&self) -> String {
        let requests = counted(self.requests, "request", "requests");
        let what = match self.state {
            State::Running | State::Ended => {
                let id = self.id.as_deref().unwrap_or_default();
                let status = self.status.as_deref().unwrap_or_default();
                let failed = match self.failed {
                    0 => String::new(),
                    failed => format!(", {failed} failed"),
                };
                let next = match self.state {
                    State::Ended => "; `stepgate batch fetch` brings it home",
                    _ => "",
                };
                format!("{id}  {status}, {} of {requests} done{failed}{next}", self.done)
            }
            State::Uncertain => format!(
                "{requests}; not known whether it was made: it may be {}, which is known when that has ended",
                self.perhaps.join(" or ")
            ),
            State::Unseen => format!(
                "{requests}; the answer to its making was lost, and the engine does not show it yet: look again in some minutes"
            ),
            State::Missing => format!(
                "{requests}; the answer to its making was lost, and the engine has no such batch: `stepgate batch cancel {} --forget` frees its steps",
                self.mark
            ),
            State::Void => format!("{requests}; not made; `stepgate batch fetch` frees its steps"),
        };
        format!(
            "{}  {}  {what}  (since {})\n",
            self.mark, self.endpoint, self.since
        )
    }
}
