//! The questions that are asked while a document is filled in, and the verdicts on them. A gate decides and never acts.

use super::part::{Kind, Part};
use super::prompt::FillPrompt;
use crate::llm::WaitVerdict;
use crate::session::{Answer, WaitQuestion};
use crate::state::By;
use crate::words::{Diagnostic, Failure};

/// May this prompt be sent?
#[derive(Debug)]
pub struct FillSend<'a> {
    /// The part that is asked for.
    pub part: &'a Part,
    /// What would be sent.
    pub prompt: &'a FillPrompt,
    /// Where to; `None` for a person's own tool.
    pub endpoint: Option<&'a str>,
    /// How many requests a yes allows: what is wrong with an answer goes back to the model by itself.
    pub requests: u32,
}

/// The verdict on a prompt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FillSendVerdict {
    /// Send it as it was shown.
    Send,
    /// Send this text in its place.
    Edited(String),
    /// Leave the part as it is.
    Skip,
}

/// What to do about a request whose answer was lost?
#[derive(Debug)]
pub struct FillLost<'a> {
    /// The part that was asked for.
    pub part: &'a Part,
    /// Where it was sent.
    pub endpoint: &'a str,
    /// When, by the clock of the machine.
    pub at: &'a str,
    /// The file that holds what came of the answer, where anything did.
    pub partial: Option<&'a str>,
}

/// The verdict on a lost request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FillLostVerdict {
    /// Ask again: it may be billed twice.
    SendAgain,
    /// Leave the part as it is.
    Skip,
}

/// The verdict on a reply that is no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnusableVerdict {
    /// Back to the prompt.
    AskAgain,
    /// Leave the part as it is.
    Skip,
}

/// May this answer be saved?
#[derive(Debug)]
pub struct Judge<'a> {
    /// The part.
    pub part: &'a Part,
    /// The document's path as the user gave it.
    pub path: &'a str,
    /// The document as it is.
    pub before: &'a str,
    /// The document as it would be.
    pub after: &'a str,
    /// The answer itself.
    pub answer: &'a str,
    /// Why it cannot be saved, where that is so.
    pub refusals: &'a [Diagnostic],
    /// What lint finds in it.
    pub findings: &'a [Diagnostic],
    /// Answers that came since a person last decided.
    pub rounds: u32,
    /// Whether the part was changed since the answer was asked for.
    pub changed: bool,
}

/// The verdict on an answer.
#[derive(Debug, Clone, PartialEq)]
pub enum Judgement {
    /// Save it. Not where it was refused.
    Save,
    /// Take this text for the answer, and ask about it.
    Edit(String),
    /// Ask the model once more, with a note.
    Again(Option<String>),
    /// Leave the part as it is.
    Skip,
    /// Nobody can be asked, and it cannot be saved as it is.
    Refuse(Failure),
}

/// Decides what is asked while a document is filled in.
pub trait FillGate {
    /// In whose name the answers are.
    fn by(&self) -> By;

    /// The record of this document was last written on another machine, by its host name: go on here?
    fn elsewhere(&mut self, host: &str) -> Answer<()>;

    /// May this prompt be sent?
    fn send(&mut self, question: &FillSend<'_>) -> Answer<FillSendVerdict>;

    /// Go on waiting for an attempt that follows by itself? It is asked many times a second.
    fn wait(&mut self, _: &WaitQuestion) -> WaitVerdict {
        WaitVerdict::On
    }

    /// The wait is over.
    fn waited(&mut self) {}

    /// Gives a prompt to the person, and takes what their tool answered; `None` leaves the part as it is.
    fn hand_over(&mut self, part: &Part, prompt: &FillPrompt) -> Answer<Option<String>>;

    /// What to do about a request whose answer was lost?
    fn lost(&mut self, question: &FillLost<'_>) -> Answer<FillLostVerdict>;

    /// What to do about a reply that is no answer?
    fn unusable(&mut self, part: &Part, why: &Failure) -> Answer<UnusableVerdict>;

    /// May this answer be saved?
    fn judge(&mut self, question: &Judge<'_>) -> Answer<Judgement>;
}

impl Kind {
    /// How often a model is asked before a person sees its answer: the steps of a plan are linted, and what is found goes
    /// back to the model.
    pub(crate) fn rounds(self) -> u32 {
        match self {
            Self::Section => 1,
            Self::Steps => 3,
        }
    }
}
