use serde::Serialize;

use super::landed::rest;
use super::yard::Clients;
use crate::batch::{Kept, Known, Part, PartStage, Searched, Submission, search};
use crate::llm::client::BatchError;
use crate::state::Landed;
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
    /// Whether the engine keeps nothing of it any more.
    pub(super) deleted: bool,
    /// Since when the engine cannot be reached: all else is what was known before.
    pub(super) unreached: Option<String>,
    /// What came home, where it is.
    pub(super) landed: Option<Landed>,
    /// Which one of its submission it is.
    #[serde(skip)]
    pub(super) part: usize,
    /// How many its submission has.
    #[serde(skip)]
    parts: usize,
    /// Whether to look again is of no use.
    #[serde(skip)]
    lasting: bool,
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
    /// The engine does not have it: the answer to its making was lost, or it shows it no more.
    Missing,
    /// It was not made, and a plan that a session holds is not told yet.
    Void,
    /// Another command is at work on it and has not put its id on record.
    Busy,
    /// Nothing is known but that it was made: the engine cannot be reached, or not with this configuration.
    Unreached,
    /// Its results are home.
    Home,
    /// It was not made, or was given up, and its steps are free.
    Freed,
}

/// Looks at every batch of a submission that is not home. A batch whose answer was lost is looked for, where it is ours.
///
/// What a look fails with stands beside what is known of the batch.
pub(super) fn look(
    submission: &mut Submission,
    clients: &mut Clients<'_>,
    known: &mut Known,
) -> Vec<(Shown, Option<Failure>)> {
    let mut all = Vec::new();
    for part in 0..submission.parts.len() {
        if submission.parts[part].stage.is_over() {
            continue;
        }
        let mut shown = Shown::of(submission, part);
        let failed = shown.look(submission, clients, known).err();
        if let Some(failure) = &failed {
            let now = jiff::Timestamp::now();
            shown.unreached = Some(now.strftime("%Y-%m-%dT%H:%M:%SZ").to_string());
            shown.lasting = failure.exit != Exit::EndpointFailed;
        }
        all.push((shown, failed));
    }
    all
}

/// The batches of a submission that are over. No engine is asked.
pub(super) fn over(submission: &Submission) -> Vec<Shown> {
    let parts = submission.parts.iter().enumerate();
    let parts = parts.filter(|(_, part)| part.stage.is_over());
    let shown = parts.map(|(index, part)| {
        let (state, done, failed) = match &part.stage {
            PartStage::Home(landed) => {
                let failed = landed.failed + landed.expired + landed.cancelled + landed.unusable;
                (State::Home, part.requests as u64, failed as u64)
            }
            _ => (State::Freed, 0, 0),
        };
        let landed = match &part.stage {
            PartStage::Home(landed) => Some(*landed),
            _ => None,
        };
        Shown {
            landed,
            id: part.batch.clone(),
            state,
            done,
            failed,
            ..Shown::of(submission, index)
        }
    });
    shown.collect()
}

impl Shown {
    /// What is on record.
    fn of(submission: &Submission, part: usize) -> Self {
        let own = &submission.parts[part];
        let Part { stage, requests, .. } = own;
        let id = match stage {
            PartStage::Made(id) => Some(id.clone()),
            _ => None,
        };
        let state = match stage {
            PartStage::Asked { .. } | PartStage::Made(_) => State::Unreached,
            _ => State::Void,
        };
        Self {
            mark: submission.mark.clone(),
            endpoint: submission.agreement.endpoint.clone(),
            model: printable_line(&submission.agreement.model).into_owned(),
            id,
            state: match submission.is_only_seen() && !matches!(stage, PartStage::Made(_)) {
                true => State::Busy,
                false => state,
            },
            status: None,
            requests: *requests,
            done: 0,
            failed: 0,
            since: submission.at.clone(),
            perhaps: Vec::new(),
            deleted: own.kept == Kept::Deleted,
            unreached: None,
            landed: None,
            part,
            parts: submission.parts.len(),
            lasting: false,
        }
    }

    fn look(
        &mut self,
        submission: &mut Submission,
        clients: &mut Clients<'_>,
        known: &mut Known,
    ) -> Result<(), Failure> {
        if matches!(self.state, State::Busy | State::Void) {
            return Ok(());
        }
        let client = clients.of(submission)?;
        if matches!(submission.parts[self.part].stage, PartStage::Asked { .. }) {
            match search(submission, self.part, client, known)? {
                Searched::Perhaps(ids) => (self.perhaps, self.state) = (ids, State::Uncertain),
                Searched::Found(_) => {}
                Searched::Unseen => self.state = State::Unseen,
                Searched::Nothing => self.state = State::Missing,
            }
        }
        let PartStage::Made(id) = &submission.parts[self.part].stage else {
            return Ok(());
        };
        self.id = Some(id.clone());
        let told = match client.look(id) {
            Ok(told) => told,
            Err(BatchError::Absent(_)) => {
                self.state = State::Missing;
                return Ok(());
            }
            Err(error) => return Err(error.plain()),
        };
        self.state = if told.ended { State::Ended } else { State::Running };
        self.status = Some(printable_line(&told.status).into_owned());
        self.done = told.counts.succeeded + told.counts.failed;
        self.failed = told.counts.failed;
        Ok(())
    }

    /// Takes over what was known of it before the engine could not be reached.
    pub(super) fn or_before(self, before: &[Self]) -> Self {
        let same = |one: &&Self| (&one.mark, one.part) == (&self.mark, self.part);
        match before.iter().find(same) {
            Some(known) if self.unreached.is_some() => Self {
                unreached: known.unreached.clone().or(self.unreached),
                lasting: self.lasting,
                ..known.clone()
            },
            _ => self,
        }
    }

    /// Whether there is something to wait for.
    pub(super) fn is_open(&self) -> bool {
        let runs = match self.state {
            State::Running | State::Uncertain | State::Unseen | State::Busy | State::Unreached => true,
            State::Ended | State::Missing | State::Void | State::Home | State::Freed => {
                self.unreached.is_some()
            }
        };
        runs && !self.lasting
    }

    /// What stands before its bar: its mark, and which one it is where its submission has several.
    pub(super) fn label(&self) -> String {
        match self.parts {
            1 => self.mark.clone(),
            parts => format!("{} {}/{parts}", self.mark, self.part + 1),
        }
    }

    /// What is said beside its bar.
    pub(super) fn message(&self) -> String {
        let status = self.status.clone().unwrap_or_default();
        match &self.unreached {
            Some(since) => format!("{status} not reached since {since}"),
            None => status,
        }
    }

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
            State::Missing => match &self.id {
                Some(id) => format!(
                    "{id}  {requests}; the engine does not show it any more, or not to this key: if it is gone, `stepgate batch cancel {id} --forget` frees its steps"
                ),
                None => format!(
                    "{requests}; the answer to its making was lost, and the engine has no such batch: `stepgate batch cancel {} --forget` frees its steps",
                    self.mark
                ),
            },
            State::Busy => format!("{requests}; another command is at work on it"),
            State::Unreached => match &self.id {
                Some(id) => format!("{id}  {requests}"),
                None => format!("{requests}; not known whether it was made"),
            },
            State::Void => format!("{requests}; not made; `stepgate batch fetch` frees its steps"),
            State::Home | State::Freed => {
                let id = self.id.as_deref().map(|id| format!("{id}  ")).unwrap_or_default();
                let what = match &self.landed {
                    Some(landed) => format!(
                        "home: {}{}",
                        counted(landed.replies, "reply", "replies"),
                        rest(landed, "that no step waited for")
                    ),
                    None => "given up or not made".to_owned(),
                };
                let deleted = match self.deleted {
                    true => "; deleted at the provider",
                    false => "",
                };
                format!("{id}{requests}; {what}{deleted}")
            }
        };
        let unreached = match &self.unreached {
            Some(since) => format!("; not reached since {since}"),
            None => String::new(),
        };
        format!(
            "{}  {}  {what}{unreached}  (since {})\n",
            self.mark, self.endpoint, self.since
        )
    }
}
