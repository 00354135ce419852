use std::time::Duration;

use super::subject::Subject;
use crate::agent::GitChange;
use crate::prompt::Prompt;
use crate::state::AgentRecord;
use crate::tree::Difference;

/// May this program be run on the prompt?
#[derive(Debug)]
pub struct DelegateQuestion<'a> {
    /// The step.
    pub subject: &'a Subject,
    /// What it would be given.
    pub prompt: &'a Prompt,
    /// The name that the user gave it.
    pub endpoint: &'a str,
    /// The program and its arguments.
    pub command: &'a [String],
    /// The file that is run.
    pub program: &'a str,
    /// The folder that it works in.
    pub folder: &'a str,
    /// Whether the prompt goes by a private file, and not by standard input.
    pub by_file: bool,
    /// How long it may take.
    pub timeout: Duration,
    /// Why it is asked once more, where it is.
    pub again: Option<&'a str>,
    /// Why the step's success check will not run, where that is known already.
    pub not_runnable: Option<&'a str>,
}

/// The verdict on running an agent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DelegateVerdict {
    /// Run it on the prompt as it was shown.
    Run,
    /// Run it on this text in its place.
    Edited(String),
    /// Run nothing: the person does the step's work.
    Skip,
}

/// What becomes of that which an agent did to the tree?
#[derive(Debug)]
pub struct AgentQuestion<'a> {
    /// The step.
    pub subject: &'a Subject,
    /// The name that the user gave the agent.
    pub endpoint: &'a str,
    /// How it ended; `None` where that is not known, because the session ended first.
    pub agent: Option<&'a AgentRecord>,
    /// When it was started, by the clock of the machine.
    pub at: &'a str,
    /// What is other in the tree since.
    pub difference: &'a Difference,
    /// Changes that are asked about one by one: their index, and what they are.
    pub guarded: &'a [(usize, String)],
    /// What is other in git.
    pub git: &'a [GitChange],
}

/// The verdict on what an agent did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AgentVerdict {
    /// It stays, and the step is checked.
    Keep,
    /// These changes are put back, by index, and it is asked about the rest.
    PutBack(Vec<usize>),
    /// Everything is put back, and the prompt is offered again.
    PutBackAll,
    /// It stays, and the agent is asked once more, with its failure and a note in the prompt.
    Again(Option<String>),
}
