//! A scenario at work: what it makes of one request after the other.

use std::sync::Arc;
use std::time::Duration;

use super::performance::Performance;
use super::played::with_type;
use super::regret::{problem, unmatched};
use super::usage::{PromptCache, tokens};
use super::wire::{self, Asked, Saying, Spent};
use super::{
    Answer, Ask, Before, Chosen, Fault, Pace, Played, Received, Refusal, Scenario, Scene, Tally, ToolCall,
    step_of,
};
use crate::llm::Finish;

/// What a plan's model says to a step; `None` for one that it does not know.
pub type OfPlan = dyn Fn(&str) -> Option<String> + Send;

/// What comes of a request of a batch.
#[derive(Debug)]
pub struct Whole {
    /// HTTP status.
    pub status: u16,
    /// The whole body of the response.
    pub body: Vec<u8>,
    /// Why no rule answered.
    pub unmatched: Option<String>,
}

/// A model that plays a scenario: counts the calls of each rule and keeps what a provider would have in its cache.
pub struct Actor {
    scenario: Scenario,
    of_plan: Option<Box<OfPlan>>,
    lenient: bool,
    /// How often the conditions of each rule were met, but for the number of the call.
    met: Vec<u32>,
    /// How often each rule answered.
    answered: Vec<Tally>,
    /// How many requests no rule answered.
    unmatched: Tally,
    cache: PromptCache,
}

impl Actor {
    /// A model that plays `scenario`. It answers what no rule fits with a default reply if it is `lenient`, and with an
    /// error otherwise.
    pub fn new(scenario: Scenario, lenient: bool, of_plan: Option<Box<OfPlan>>) -> Self {
        Self {
            met: vec![0; scenario.rules.len()],
            answered: vec![Tally::default(); scenario.rules.len()],
            scenario,
            of_plan,
            lenient,
            unmatched: Tally::default(),
            cache: PromptCache::default(),
        }
    }

    /// The scenario.
    pub fn scenario(&self) -> &Scenario {
        &self.scenario
    }

    /// How often each rule answered, by its index.
    pub fn answered(&self) -> &[Tally] {
        &self.answered
    }

    /// How many requests no rule answered.
    pub fn unmatched(&self) -> Tally {
        self.unmatched
    }

    /// Counts a request that asks for what there is not at all.
    pub fn miss(&mut self) {
        self.unmatched.count();
    }

    /// Forgets everything that was said, but not whether a rule ever answered.
    pub fn reset(&mut self) {
        self.met.fill(0);
        self.answered.iter_mut().for_each(Tally::reset);
        self.unmatched.reset();
        self.cache.clear();
    }

    /// Answers a request.
    pub fn answer(&mut self, received: &Received<'_>) -> Played {
        let asked = match wire::read(received.dialect, received.body) {
            Ok(asked) => asked,
            Err(refusal) => {
                self.miss();
                return Played {
                    unmatched: Some(refusal.message.clone()),
                    ..Played::refused(received, &refusal)
                };
            }
        };
        let ask = ask(received, &asked);
        let chosen = self.scenario.choose(&ask, &mut count(&mut self.met));
        let chosen = match chosen {
            Ok(chosen) => chosen,
            Err(_) if self.lenient => {
                let saying = saying(received, &asked, plain(LENIENT), &mut self.cache);
                return spoken(received, &asked, &saying, &Pace::default(), None);
            }
            Err(failure) => {
                let refusal = unmatched(&failure);
                self.unmatched.count();
                return Played {
                    unmatched: Some(refusal.message.clone()),
                    ..Played::refused(received, &refusal)
                };
            }
        };
        self.answered[chosen.index].count();
        let said = said(&chosen, &ask, received.number, self.of_plan.as_deref());
        let fault = chosen.fault(self.scenario.seed);
        let played = match said {
            Ok(Said::Speech(speech)) => {
                let saying = saying(received, &asked, speech, &mut self.cache);
                spoken(received, &asked, &saying, &chosen.reply.pace, fault)
            }
            Ok(Said::Refusal(refusal)) => Played {
                performance: Performance::whole(
                    wire::refused(received.dialect, received.number, refusal, received.now).body,
                    fault,
                ),
                ..Played::refused(received, refusal)
            },
            Err(refusal) => Played::refused(received, &refusal),
        };
        Played {
            rule: Some(chosen.index),
            ..played.dressed(chosen.reply, fault)
        }
    }

    /// Answers a request of a batch: nothing of what goes wrong on a connection.
    pub fn answer_whole(&mut self, received: &Received<'_>) -> Whole {
        let (number, now) = (received.number, received.now);
        let refusal = |refusal: &Refusal| Whole {
            status: refusal.status,
            body: wire::refused(received.dialect, number, refusal, now).body,
            unmatched: None,
        };
        let asked = match wire::read(received.dialect, received.body) {
            Ok(asked) => asked,
            Err(refused) => return refusal(&refused),
        };
        let ask = ask(received, &asked);
        let speech = match self.scenario.choose(&ask, &mut count(&mut self.met)) {
            Ok(chosen) => {
                self.answered[chosen.index].count();
                match said(&chosen, &ask, number, self.of_plan.as_deref()) {
                    Ok(Said::Speech(speech)) => speech,
                    Ok(Said::Refusal(refused)) => return refusal(refused),
                    Err(refused) => return refusal(&refused),
                }
            }
            Err(_) if self.lenient => plain(LENIENT),
            Err(failure) => {
                self.unmatched.count();
                let refused = unmatched(&failure);
                return Whole {
                    unmatched: Some(refused.message.clone()),
                    ..refusal(&refused)
                };
            }
        };
        let saying = saying(received, &asked, speech, &mut self.cache);
        Whole {
            status: 200,
            body: wire::whole(&saying),
            unmatched: None,
        }
    }

    /// The answer to a request that only has its tokens counted. Fails with a refusal where it cannot be read.
    pub fn count(&self, received: &Received<'_>) -> Result<Vec<u8>, Box<Refusal>> {
        let asked = wire::read_counted(received.dialect, received.body)?;
        Ok(wire::count_tokens(
            received.dialect,
            Spent {
                input: input(&asked),
                ..Spent::default()
            },
        ))
    }

    /// What a recorded request was answered; `None` when it was not recorded.
    pub fn replay(&mut self, digest: &str) -> Option<Played> {
        let chosen = self.scenario.choose_recorded(digest, &mut count(&mut self.met))?;
        let Answer::Recorded(recording) = &chosen.reply.answer else {
            return None;
        };
        self.answered[chosen.index].count();
        Some(Played {
            status: recording.status,
            headers: recording
                .headers
                .iter()
                .map(|(name, value)| (name.clone().into(), value.clone().into()))
                .collect(),
            performance: Performance::recorded(recording),
            rule: Some(chosen.index),
            unmatched: None,
            before: Before::default(),
        })
    }
}

/// What a reply comes down to for one request.
enum Said<'a> {
    Speech(Speech),
    Refusal(&'a Refusal),
}

/// What the model says.
struct Speech {
    text: Arc<str>,
    calls: Vec<ToolCall>,
    finish: Finish,
}

/// Gives a rule that is asked the number of its call.
fn count(calls: &mut [u32]) -> impl FnMut(usize) -> u32 {
    |index| {
        calls[index] = calls[index].saturating_add(1);
        calls[index]
    }
}

fn ask<'a>(received: &Received<'a>, asked: &'a Asked<'a>) -> Ask<'a> {
    Ask {
        step: step_of(&asked.parts),
        model: Some(&asked.model),
        parts: &asked.parts,
        dialect: Some(received.dialect),
        headers: Some(received.headers),
    }
}

/// What the chosen reply says. Fails with what is wrong with the scenario.
fn said<'a>(
    chosen: &Chosen<'a>,
    ask: &Ask<'_>,
    number: u64,
    of_plan: Option<&OfPlan>,
) -> Result<Said<'a>, Box<Refusal>> {
    match &chosen.reply.answer {
        Answer::Said(speech) => {
            let scene = Scene {
                ask,
                call: chosen.call,
                turn: chosen.turn,
                number,
            };
            let text = speech.said(&scene).map_err(|failure| problem(&failure))?;
            Ok(Said::Speech(Speech {
                text,
                calls: speech.calls.clone(),
                finish: speech.finish.clone(),
            }))
        }
        Answer::Refused(refusal) => Ok(Said::Refusal(refusal)),
        Answer::OfPlan => {
            let text = ask.step.zip(of_plan).and_then(|(step, of_plan)| of_plan(step));
            Ok(Said::Speech(plain(&text.unwrap_or_default())))
        }
        Answer::Recorded(_) => {
            let text = "a recorded reply answers only the request that it was recorded with";
            Err(Box::new(Refusal::new(500, text)))
        }
    }
}

/// Tokens of a request.
fn input(asked: &Asked<'_>) -> u64 {
    asked.parts.iter().map(|part| tokens(&part.text)).sum()
}

fn saying(received: &Received<'_>, asked: &Asked<'_>, speech: Speech, cache: &mut PromptCache) -> Saying {
    let (read, written) = cache.account(received.dialect, &asked.model, &asked.parts);
    let arguments = speech
        .calls
        .iter()
        .map(|call| tokens(&call.name) + tokens(&call.arguments));
    Saying {
        dialect: received.dialect,
        number: received.number,
        created: received.now,
        model: asked.model.clone().into_owned(),
        spent: Spent {
            input: input(asked),
            read,
            written,
            output: tokens(&speech.text) + arguments.sum::<u64>(),
        },
        text: speech.text,
        calls: speech.calls,
        finish: speech.finish,
        usage: asked.usage,
    }
}

fn spoken(
    received: &Received<'_>,
    asked: &Asked<'_>,
    saying: &Saying,
    pace: &Pace,
    fault: Option<&Fault>,
) -> Played {
    let (performance, content_type) = if asked.stream {
        let performance = Performance::stream(saying, pace, fault);
        (performance, wire::stream_type(received.dialect))
    } else {
        (
            Performance::whole(wire::whole(saying), fault),
            wire::content_type(received.dialect),
        )
    };
    let headers = wire::headers(received.dialect, received.number, received.now);
    let headers = with_type(headers, content_type);
    Played {
        status: 200,
        headers,
        performance,
        rule: None,
        unmatched: None,
        before: Before {
            // A reply that does not stream comes when all of it was said.
            delay: if asked.stream {
                Duration::ZERO
            } else {
                pace.whole(saying.spent.output)
            },
            ..Before::default()
        },
    }
}

/// What is said where no rule fits and nobody minds.
const LENIENT: &str =
    "This is the mock model. No rule of the scenario fits your request, and it was asked to be lenient.";

fn plain(text: &str) -> Speech {
    Speech {
        text: text.into(),
        calls: Vec::new(),
        finish: Finish::Stop,
    }
}
