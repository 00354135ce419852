use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use super::{Batching, Fault, Pace, Scene, Template, When};
use crate::llm::Finish;
use crate::words::{Failure, Place};

/// What a mock model says to whom: rules in order, the first that fits answers.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Scenario {
    /// What it is for.
    pub description: String,
    /// What chance goes by.
    pub seed: u64,
    /// The models that it claims to have.
    pub models: Vec<String>,
    /// How the batch engines fare.
    pub batch: Batching,
    /// In their order.
    pub rules: Vec<Rule>,
}

impl Scenario {
    /// Takes all time out of it: replies come as fast as the connection takes them. Faults keep theirs.
    pub fn unpace(&mut self) {
        for reply in self.rules.iter_mut().flat_map(|rule| &mut rule.replies) {
            reply.pace.first = Duration::ZERO;
            reply.pace.tokens_per_second = None;
            if let Answer::Recorded(recording) = &mut reply.answer {
                recording
                    .pieces
                    .iter_mut()
                    .for_each(|(wait, _)| *wait = Duration::ZERO);
            }
        }
    }
}

/// Whom a rule answers, and with what.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    /// What it is for.
    pub description: String,
    /// Whom it answers.
    pub when: When,
    /// At least one, in the order that they are given. The last one repeats unless it says how often it is given: then
    /// the rule is spent, and the next that fits answers.
    pub replies: Vec<Reply>,
    /// Where it stands in the scenario, at its conditions where it has any.
    pub place: Place,
}

/// What comes of a request, and how.
#[derive(Debug, Clone, PartialEq)]
pub struct Reply {
    /// What is said.
    pub answer: Answer,
    /// To how many calls it is given: `None` is one, and for the last reply of a rule all that follow.
    pub times: Option<u32>,
    /// Headers beside the dialect's own; one of the same name takes the place of the dialect's.
    pub headers: Vec<(String, String)>,
    /// How fast.
    pub pace: Pace,
    /// What goes wrong.
    pub fault: Option<Fault>,
    /// Where it stands in the scenario.
    pub place: Place,
}

/// What is said.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    /// A reply of the model.
    Said(Speech),
    /// The refusal of a server.
    Refused(Refusal),
    /// What a server once sent, byte for byte.
    Recorded(Recording),
    /// What the [model of a plan](super::PlanModel) says to the step that asks.
    OfPlan,
}

/// A reply of the model.
#[derive(Debug, Clone, PartialEq)]
pub struct Speech {
    /// All that it says, or the text of the template that makes it.
    pub text: Arc<str>,
    /// What makes the text from the request, where it is not the same for all.
    pub template: Option<Template>,
    /// The tools that it wants to be called.
    pub calls: Vec<ToolCall>,
    /// Why it stops.
    pub finish: Finish,
}

impl Speech {
    /// What is said to a request: without a template always the same, and not copied. Fails with exit code 6 and the place
    /// where the template asks for what there is not.
    pub fn said(&self, scene: &Scene<'_>) -> Result<Arc<str>, Failure> {
        match &self.template {
            None => Ok(Arc::clone(&self.text)),
            Some(template) => template.render(scene).map(Arc::from),
        }
    }
}

/// A tool that the model wants to be called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToolCall {
    /// The tool.
    pub name: String,
    /// A JSON object.
    pub arguments: String,
}

/// The refusal of a server. What is `None` is as the dialect has it for the status.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// HTTP status, 400 to 599.
    pub status: u16,
    /// What the server says.
    pub message: String,
    /// The dialect's word for the kind of error (`rate_limit_error`).
    pub kind: Option<String>,
    /// OpenAI's code (`insufficient_quota`).
    pub code: Option<String>,
    /// When the client may come again.
    pub retry_after: Option<RetryAfter>,
    /// The body in place of the dialect's, byte for byte.
    pub body: Option<String>,
}

impl Refusal {
    /// A refusal in the dialect's own words for the status.
    pub fn new(status: u16, message: impl Into<String>) -> Self {
        Self {
            status,
            message: message.into(),
            kind: None,
            code: None,
            retry_after: None,
            body: None,
        }
    }
}

/// When a client may come again, in the two forms of the header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RetryAfter {
    /// A number of seconds.
    Seconds(Duration),
    /// The date that lies so far ahead.
    Date(Duration),
}

/// What a server once sent.
#[derive(Debug, Clone, PartialEq)]
pub struct Recording {
    /// HTTP status.
    pub status: u16,
    /// Headers, in their order.
    pub headers: Vec<(String, String)>,
    /// The body in the pieces that it came in, each with the time since the piece before it (the first: since the
    /// request).
    pub pieces: Vec<(Duration, Bytes)>,
}
