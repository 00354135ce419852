use super::stage::Stage;
use crate::prompt::{Retry, bounded};
use crate::state::{AgentRecord, CheckRecord, CommandRecord, Declined, Record};
use crate::tree::RelativePath;
use crate::words::Digest;

/// Bytes of each text that a later prompt tells; what is longer loses its middle. A check prints its result last, and a
/// difference of more than this is a rewrite, of which the files as they are now say more.
const OUTPUT: usize = 16 << 10;
const DIFF: usize = 32 << 10;
const WORDS: usize = 8 << 10;

/// Files that are named one by one.
const FILES: usize = 100;

/// What an attempt came to.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Tried {
    /// What its check came to.
    pub(crate) check: Option<CheckRecord>,
    /// How its agent ended, where an agent worked on it.
    pub(crate) agent: Option<AgentRecord>,
    /// What the person said when they sent it back.
    pub(crate) note: Option<String>,
    /// The difference that was applied.
    pub(crate) diff: Option<Digest>,
    /// What was not let through.
    pub(crate) declined: Declined,
    /// Files that an agent had changed and a person put back, in words.
    pub(crate) put_back: Vec<String>,
    /// What a person made of files before they were written.
    pub(crate) amended: Vec<(RelativePath, Digest)>,
}

impl Tried {
    /// Adds what is on record next of the attempt, which stands at a stage.
    pub(crate) fn take(&mut self, record: &Record, stage: &Stage) {
        match record {
            Record::AgentBegun { .. } => {
                self.agent = None;
                self.undone();
            }
            Record::AgentEnded { agent, .. } => {
                self.agent = Some(agent.clone());
                self.diff.clone_from(&agent.diff);
            }
            Record::AgentPutBack { files, .. } => self.put_back.extend(files.iter().cloned()),
            // It did not start, or all that it did was put back.
            Record::NoReply { .. } if matches!(stage, Stage::Running { .. } | Stage::Delegated { .. }) => {
                self.undone();
            }
            Record::Made { files, diff, .. } => {
                // Older records tell only what the agent had done, before anything of it was put back.
                if diff.is_some() || files.is_empty() {
                    self.diff.clone_from(diff);
                }
                let kept = |name: &String| files.iter().any(|file| file.path.to_string() == *name);
                self.put_back.retain(|name| !kept(name));
            }
            // What was made of an earlier reply is not this one.
            Record::Reply { .. } => self.amended.clear(),
            Record::Amended { path, content, .. } => {
                self.amended.retain(|(other, _)| other != path);
                self.amended.push((path.clone(), content.clone()));
            }
            Record::ApplyIntent { diff, declined, .. } => {
                self.diff.clone_from(diff);
                self.declined.clone_from(declined);
            }
            Record::Unwritten { .. } => {
                self.diff = None;
                self.declined = Declined::default();
            }
            Record::NotApplied { declined, .. } => {
                self.diff = None;
                self.declined.clone_from(declined);
            }
            Record::Checked { check, .. } => self.check = Some(check.clone()),
            _ => {}
        }
    }

    /// No agent changed anything, as far as is known.
    fn undone(&mut self) {
        self.diff = None;
        self.put_back.clear();
    }

    /// What of it the prompt of a later attempt tells; `read` gives the text of a blob.
    pub(crate) fn retry(&self, attempt: u32, mut read: impl FnMut(&Digest) -> Option<String>) -> Retry {
        let check = self.check.as_ref();
        // What an agent said is of use where it did not come to a check.
        let agent = self.agent.as_ref();
        let agent = agent.filter(|agent| check.is_none() && !agent.succeeded());
        let mut text = |digest: Option<&Digest>, limit| {
            let text = digest.and_then(&mut read)?;
            Some(bounded(&text, limit)).filter(|text| !text.trim().is_empty())
        };
        Retry {
            attempt,
            failed: true,
            reason: match (check, agent) {
                (Some(check), _) if !check.passed => format!("its check did not pass ({})", check.outcome),
                (Some(check), _) if !check.is_certain() => {
                    format!("whether its check passed is in doubt ({})", check.outcome)
                }
                (Some(_), _) => "its check passed, and a person sent it back".to_owned(),
                (None, Some(_)) => "the agent that worked on it did not end well".to_owned(),
                (None, None) => "a person sent it back".to_owned(),
            },
            script: text(check.and_then(|check| check.script.as_ref()), OUTPUT),
            output: text(
                check
                    .and_then(|check| check.output.as_ref())
                    .or(agent.and_then(|agent| agent.output.as_ref())),
                OUTPUT,
            ),
            status: check
                .map(|check| check.outcome.clone())
                .or(agent.map(|agent| agent.outcome.clone())),
            command: check
                .filter(|check| !check.is_certain())
                .and_then(|check| check.commands.iter().find(|command| command.status != Some(0)))
                .map(command),
            note: self.note.as_ref().map(|note| bounded(note, WORDS)),
            diff: text(self.diff.as_ref(), DIFF),
            declined: names(self.declined.files.iter()),
            declined_why: self.declined.reason.as_ref().map(|why| bounded(why, WORDS)),
            edited: names(self.amended.iter().map(|(path, _)| path)),
            put_back: names(self.put_back.iter()),
            refused: None,
        }
    }
}

/// What is told of a reply that could not be used, where no attempt failed before it.
pub(crate) fn refused_only(attempt: u32) -> Retry {
    Retry {
        attempt,
        reason: "its reply could not be used".to_owned(),
        ..Retry::default()
    }
}

/// The words of a refusal, as long as a prompt has them.
pub(crate) fn refusal(why: &str) -> String {
    bounded(why, WORDS)
}

fn command(command: &CommandRecord) -> String {
    let text = bounded(command.text.trim(), WORDS);
    match command.status {
        Some(status) => format!(
            "line {} of what was run, with exit status {status}: {text}",
            command.line
        ),
        None if command.ran == Some(false) => {
            format!("line {} of the check, which was not run: {text}", command.line)
        }
        None => format!("line {} of what was run, which did not end: {text}", command.line),
    }
}

fn names<'a>(paths: impl ExactSizeIterator<Item = &'a (impl ToString + 'a)>) -> Vec<String> {
    let more = paths.len().saturating_sub(FILES);
    let mut names: Vec<String> = paths.take(FILES).map(ToString::to_string).collect();
    if more > 0 {
        names.push(format!("… and {more} more"));
    }
    names
}
