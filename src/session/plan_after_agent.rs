//! A plan that was changed while an agent ran, by it or by somebody else: what is found is kept, and a person decides.

use std::path::Path;

use super::gate::Answer;
use super::plan_question::{PlanQuestion, PlanVerdict};
use super::session::Session;
use crate::agent::Guarded;
use crate::state::{Delegation, Record};
use crate::words::{Digest, Exit, Failure};

/// What stands in the place of the plan.
pub(super) struct Stands {
    /// Its bytes; `None` where there is no file.
    bytes: Option<Vec<u8>>,
    /// They are kept: as what, and where.
    kept: Option<(Digest, String)>,
}

impl Stands {
    /// Looks, and keeps what is there exactly, before anything is put in its place.
    pub(super) fn look(session: &Session<'_>) -> Result<Self, Failure> {
        let path = session.desk.file.real();
        let bytes = match path.metadata() {
            Ok(data) if data.is_file() => {
                Some(std::fs::read(path).map_err(|error| Failure::io("read", path, &error))?)
            }
            _ => None,
        };
        let blobs = &session.desk.blobs;
        let kept = match &bytes {
            Some(bytes) => {
                let digest = blobs.put_exact(bytes)?;
                let path = blobs.path(&digest).display().to_string();
                Some((digest, path))
            }
            None => None,
        };
        Ok(Self { bytes, kept })
    }

    /// Whether there is no file.
    pub(super) fn is_nothing(&self) -> bool {
        self.bytes.is_none()
    }

    /// What it is kept as; of nothing where there is no file.
    pub(super) fn digest(&self) -> Digest {
        let kept = self.kept.as_ref().map(|(digest, _)| digest.clone());
        kept.unwrap_or_else(|| Digest::of(""))
    }

    /// Where it is kept.
    fn path(&self) -> Option<&str> {
        self.kept.as_ref().map(|(_, path)| path.as_str())
    }

    /// Where it is kept, in words.
    pub(super) fn told(&self) -> String {
        match self.path() {
            Some(path) => format!("what stood there is kept in `{path}`"),
            None => "no file stood there".to_owned(),
        }
    }
}

/// An agent was running when the session ended, or the plan was changed while it ran and nobody has said what becomes of
/// that: it comes before everything that goes by the plan.
pub(crate) fn look_back(session: &mut Session<'_>) -> Answer<()> {
    let mut open: Option<&Delegation> = None;
    let mut cut_off = true;
    for entry in session.desk.journal.entries() {
        match &entry.record {
            Record::AgentBegun { delegation, .. } => (open, cut_off) = (Some(delegation), true),
            Record::AgentEnded { agent, .. } if agent.plan.is_some() => cut_off = agent.interrupted,
            Record::AgentEnded { .. }
            | Record::NoReply { .. }
            | Record::Made { .. }
            | Record::RolledBack { .. } => open = None,
            _ => {}
        }
    }
    let Some(delegation) = open else { return Ok(()) };
    let real = session.desk.file.real().to_path_buf();
    if is_other(session, &delegation.plan)? {
        let (endpoint, plan) = (delegation.endpoint.clone(), delegation.plan.clone());
        let before = session.desk.blobs.get(&plan)?;
        let guarded = Guarded::as_it_was(&real, &before)?;
        return settle(session, (&endpoint, cut_off), &before, &guarded);
    }
    Ok(())
}

fn is_other(session: &Session<'_>, plan: &Digest) -> Result<bool, Failure> {
    let real = session.desk.file.real();
    let now = std::fs::read(real).map_err(|error| Failure::io("read", real, &error))?;
    Ok(Digest::of(&now) != *plan)
}

/// Asks what becomes of a plan that is other than it was, and does so. `agent` is its name, and whether the session ended
/// while it ran.
pub(super) fn settle(
    session: &mut Session<'_>,
    (endpoint, cut_off): (&str, bool),
    before: &[u8],
    guarded: &Guarded,
) -> Answer<()> {
    let verdict = loop {
        let found = Stands::look(session)?;
        let old = String::from_utf8_lossy(before);
        let new = String::from_utf8_lossy(found.bytes.as_deref().unwrap_or_default());
        let diff = similar::TextDiff::from_lines(&old, &new)
            .unified_diff()
            .context_radius(2)
            .to_string();
        let verdict = session.gate.plan_after_agent(&PlanQuestion {
            endpoint,
            diff: &diff,
            kept: found.path(),
            cut_off,
        });
        if verdict.is_err() && found.is_nothing() {
            // Without a plan, no session could ask again.
            guarded.restore()?;
        }
        let verdict = verdict?;
        let again = Stands::look(session)?;
        if again.bytes == found.bytes {
            if verdict != PlanVerdict::Keep {
                guarded.restore()?;
            }
            break (verdict, found);
        }
        session
            .listener
            .note("the plan changed while it was asked about: it is shown anew");
    };
    match verdict {
        (PlanVerdict::Keep, _) => Ok(()),
        (PlanVerdict::PutBack, found) => {
            let text = format!(
                "the plan is put back as it was before the agent ran; {}",
                found.told()
            );
            session.listener.note(&text);
            Ok(())
        }
        (PlanVerdict::Refuse, found) => Err(refused(session.desk.file.shown(), endpoint, &found).into()),
    }
}

fn refused(shown: &str, endpoint: &str, found: &Stands) -> Failure {
    let text =
        format!("the plan `{shown}` was changed while the agent `{endpoint}` ran; it is put back as it was");
    Failure::new(Exit::Changed, "changed-meanwhile", text)
        .help(found.told())
        .help("what the agent did to the tree is as it left it: run again to look at it, and to keep it or put it back")
}

/// Whether a path is that of the plan: what becomes of it is asked by itself.
pub(super) fn is_plan(root: &Path, name: &str, plan: &Path) -> bool {
    root.join(name) == plan
}
