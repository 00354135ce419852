use super::scenario::{Answer, Ask, Scenario};
use crate::llm::{Endpoint, EndpointError, Progress, Reply, Request, Usage};
use crate::words::{Exit, Failure};

/// What the mock model calls itself.
const MODEL: &str = "mock";

/// An endpoint that answers from a scenario, in process: no connection, no key, no waiting.
#[derive(Debug, Clone)]
pub struct MockEndpoint {
    name: String,
    scenario: Scenario,
}

impl MockEndpoint {
    /// An endpoint that the user knows as `name`.
    pub fn new(name: impl Into<String>, scenario: Scenario) -> Self {
        Self {
            name: name.into(),
            scenario,
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
        let answer = self.scenario.answer(&Ask {
            step: Some(&request.step),
            model: Some(MODEL),
            texts: &[&request.system, &request.user],
            attempt: request.attempt,
        });
        let (text, finish, cut) = match answer.map_err(EndpointError::Failed)? {
            Answer::Text { text, finish, cut } => (text, finish, *cut),
            Answer::Error { status, message } => {
                let text = format!("endpoint `{}` answered {status}: {message}", self.name);
                let failure = Failure::new(exit_of(*status), "endpoint-error", text);
                return Err(EndpointError::Failed(failure));
            }
        };
        for word in text.split_inclusive(char::is_whitespace) {
            progress(Progress::Text(word));
        }
        if cut {
            let text = format!("the reply of endpoint `{}` ended without its end", self.name);
            let failure = Failure::new(Exit::EndpointFailed, "reply-cut", text);
            return Err(EndpointError::Failed(failure));
        }
        Ok(Reply {
            text: text.clone(),
            finish: finish.clone(),
            usage: Some(Usage {
                input: tokens(&request.system) + tokens(&request.user),
                cached: 0,
                output: tokens(text),
            }),
            model: Some(MODEL.to_owned()),
            request_id: None,
        })
    }
}

fn exit_of(status: u16) -> Exit {
    match status {
        401 | 403 | 404 => Exit::Configuration,
        413 => Exit::ReplyUnusable,
        _ => Exit::EndpointFailed,
    }
}

/// A guess, four bytes a token: nothing counts the mock's tokens, and its users want to see figures that move.
fn tokens(text: &str) -> u64 {
    u64::try_from(text.len().div_ceil(4)).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::llm::Finish;

    const SCENARIO: &str = r#"
description = "one of each"
[[rule]]
description = "errors"
when = { step = "1.1" }
reply = [
    { error = { status = 404, message = "no such model" } },
    { error = { status = 413, message = "too long" } },
    { error = { status = 429, message = "slow down" } },
    { text = "half a", cut = true },
    { text = "one two\nthree", finish = "length" },
]
"#;

    fn send(attempt: u32) -> (Result<Reply, EndpointError>, Vec<String>) {
        let scenario = Scenario::load("s.toml", &|_| Ok(SCENARIO.into())).unwrap();
        let mut endpoint = MockEndpoint::new("practice", scenario);
        let request = Request {
            system: "12345".to_owned(),
            user: "1234".to_owned(),
            step: "1.1".to_owned(),
            attempt,
        };
        let mut told = Vec::new();
        let reply = endpoint.send(&request, &mut |progress| match progress {
            Progress::Text(text) => told.push(text.to_owned()),
            Progress::Retry { .. } => panic!("the mock does not retry"),
        });
        (reply, told)
    }

    fn failed(exit: Exit, rule: &'static str, text: &str) -> Result<Reply, EndpointError> {
        Err(EndpointError::Failed(Failure::new(exit, rule, text)))
    }

    #[test]
    fn a_reply_is_told_word_by_word() {
        let (reply, told) = send(5);
        let expected = Reply {
            text: "one two\nthree".to_owned(),
            finish: Finish::Length,
            usage: Some(Usage {
                input: 3,
                cached: 0,
                output: 4,
            }),
            model: Some("mock".to_owned()),
            request_id: None,
        };
        assert_eq!(reply, Ok(expected));
        assert_eq!(told, ["one ", "two\n", "three"]);
    }

    #[test]
    fn a_cut_reply_is_told_but_never_returned() {
        let (reply, told) = send(4);
        let text = "the reply of endpoint `practice` ended without its end";
        assert_eq!(reply, failed(Exit::EndpointFailed, "reply-cut", text));
        assert_eq!(told, ["half ", "a"]);
    }

    #[test]
    fn a_status_decides_the_exit_code() {
        let cases = [
            (1, Exit::Configuration, "404: no such model"),
            (2, Exit::ReplyUnusable, "413: too long"),
            (3, Exit::EndpointFailed, "429: slow down"),
        ];
        for (attempt, exit, said) in cases {
            let text = format!("endpoint `practice` answered {said}");
            assert_eq!(send(attempt), (failed(exit, "endpoint-error", &text), Vec::new()));
        }
    }
}
