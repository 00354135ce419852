use super::usage::tokens;
use super::{Answer, Ask, Chosen, Cut, Fault, Part, Point, Scenario, Scene, Speech};
use crate::llm::{Endpoint, EndpointError, Progress, Reply, Request, Usage};
use crate::words::{Exit, Failure};

/// What the mock model calls itself.
const MODEL: &str = "mock";

/// An endpoint that answers from a scenario, in process: no connection, no key, no waiting.
///
/// What can only be met over a connection (tools, recordings, every fault but `cut`) is refused with its place.
#[derive(Debug, Clone)]
pub struct MockEndpoint {
    name: String,
    scenario: Scenario,
    /// How often it was asked.
    sent: u64,
}

impl MockEndpoint {
    /// An endpoint that the user knows as `name`.
    pub fn new(name: impl Into<String>, scenario: Scenario) -> Self {
        Self {
            name: name.into(),
            scenario,
            sent: 0,
        }
    }
}

impl Endpoint for MockEndpoint {
    fn name(&self) -> &str {
        &self.name
    }

    fn model(&self) -> Option<&str> {
        Some(MODEL)
    }

    fn send(
        &mut self,
        request: &Request,
        progress: &mut dyn FnMut(Progress<'_>),
    ) -> Result<Reply, EndpointError> {
        self.sent += 1;
        let part = |role: &'static str, text| Part {
            role: role.into(),
            text,
            keep: false,
        };
        let parts = [
            part("system", (&*request.system).into()),
            part("user", request.user().into()),
        ];
        let ask = Ask {
            // What fills in a document is about no step.
            step: Some(request.step.as_str()).filter(|step| !step.is_empty()),
            model: Some(MODEL),
            parts: &parts,
            dialect: None,
            headers: None,
        };
        // The attempt is the number of the call, so that a session that was ended and resumed hears the same as one
        // that was not.
        let chosen = self.scenario.choose(&ask, &mut |_| request.attempt);
        let chosen = chosen.map_err(EndpointError::Failed)?;
        let fault = chosen.fault(self.scenario.seed);
        let speech = self.speech(&chosen, fault).map_err(EndpointError::Failed)?;
        let scene = Scene {
            ask: &ask,
            call: chosen.call,
            turn: chosen.turn,
            number: self.sent,
        };
        let text = speech.said(&scene).map_err(EndpointError::Failed)?;
        let cut = fault.and_then(|fault| fault.cut);
        for word in heard(&text, cut).split_inclusive(char::is_whitespace) {
            progress(Progress::Text(word));
        }
        if cut.is_some() {
            let text = format!("the reply of endpoint `{}` ended without its end", self.name);
            let failure = Failure::new(Exit::EndpointFailed, "reply-cut", text);
            return Err(EndpointError::Failed(failure));
        }
        Ok(Reply {
            text: text.to_string(),
            finish: speech.finish.clone(),
            usage: Some(Usage {
                input: tokens(&request.system) + tokens(&request.user()),
                cached: 0,
                output: tokens(&text),
            }),
            model: Some(MODEL.to_owned()),
            request_id: None,
        })
    }
}

impl MockEndpoint {
    /// What the model says, where it can be said without a connection.
    fn speech<'a>(&self, chosen: &Chosen<'a>, fault: Option<&Fault>) -> Result<&'a Speech, Failure> {
        let is_cut = |fault: &Fault| {
            let cut = Fault {
                times: fault.times,
                chance: fault.chance,
                cut: fault.cut,
                ..Fault::default()
            };
            *fault == cut
        };
        let text = match &chosen.reply.answer {
            _ if !fault.is_none_or(is_cut) => "a fault can only be met over a connection",
            Answer::Refused(refusal) => {
                let (status, message) = (refusal.status, &refusal.message);
                let text = format!("endpoint `{}` answered {status}: {message}", self.name);
                return Err(Failure::new(exit_of(status), "endpoint-error", text));
            }
            Answer::Said(speech) if speech.calls.is_empty() => return Ok(speech),
            Answer::Said(_) => "tools can only be called over a connection",
            Answer::Recorded(_) => "what was recorded can only be given over a connection",
            Answer::OfPlan => "the model of a plan answers over a connection only",
        };
        Err(Failure::new(Exit::Configuration, "mock-scenario", text)
            .at(chosen.reply.place.clone())
            .help("serve it with `stepgate mock serve`, and give its address to an endpoint of `kind = \"openai\"`"))
    }
}

/// What of a text arrives before its cut.
fn heard(text: &str, cut: Option<Cut>) -> &str {
    match cut.map(|cut| cut.after) {
        None => text,
        Some(Point::Byte(bytes)) => {
            let whole = (0..=bytes.min(text.len())).rev();
            let end = whole.into_iter().find(|end| text.is_char_boundary(*end));
            &text[..end.unwrap_or_default()]
        }
        Some(Point::Chunk(chunks)) => {
            let words = text.split_inclusive(char::is_whitespace).take(chunks);
            &text[..words.map(str::len).sum()]
        }
    }
}

fn exit_of(status: u16) -> Exit {
    match status {
        401 | 403 | 404 => Exit::Configuration,
        413 => Exit::ReplyUnusable,
        _ => Exit::EndpointFailed,
    }
}

#[cfg(test)]
#[path = "endpoint_tests.rs"]
mod tests;
