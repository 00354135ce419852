//! One exchange with an endpoint: a step's and, when a document is filled in, a section's.

use std::time::Duration;

use super::budget::Spent;
use super::desk::{Delivery, Desk};
use super::gate::{Answer, Stop};
use super::partial::Partial;
use super::wait_question::WaitQuestion;
use crate::llm::{EndpointError, Progress, Reply, Request, Usage, WaitVerdict};
use crate::state::Record;
use crate::words::{Digest, Exit, Failure};

/// What is told and asked while a reply is waited for.
pub(crate) trait Course {
    /// More of the reply came.
    fn text(&mut self, text: &str);

    /// Another request follows by itself after a wait: tells it, and gives the record of it.
    fn retry(&mut self, request: u32, wait: Duration, why: &str) -> Record;

    /// Go on waiting for it?
    fn wait(&mut self, question: &WaitQuestion) -> WaitVerdict;

    /// The wait is over, however it ended.
    fn waited(&mut self);
}

/// A request that is on record and about to leave.
pub(crate) struct Exchange<'e> {
    pub(crate) request: &'e Request,
    pub(crate) tokens: u64,
    pub(crate) spent: &'e mut Spent,
}

/// A reply that is kept, and not on record yet.
pub(crate) struct Came {
    pub(crate) reply: Reply,
    pub(crate) kept: Digest,
    /// To be settled when the reply is on record.
    pub(crate) partial: Partial,
}

/// No reply came; this is not on record yet.
pub(crate) struct Lost {
    pub(crate) why: String,
    /// What came of one, which is void.
    pub(crate) part: Option<Digest>,
    /// What a person is asked about then, where that helps; else why the session ends.
    pub(crate) unusable: Answer<Failure>,
}

impl Exchange<'_> {
    /// Sends the request, counts what it costs and keeps what comes; `partial` was begun before the request went on record, for
    /// where it cannot be written nothing is sent.
    ///
    /// Fails where a signal came or the reply cannot be kept: the record stays at "sent" and the next session asks, for
    /// the request may have been billed.
    pub(crate) fn run(
        self,
        mut partial: Partial,
        desk: &mut Desk,
        course: &mut dyn Course,
    ) -> Answer<Result<Came, Lost>> {
        match self.send(desk, course, &mut partial) {
            Ok(reply) => match desk.keep(&reply.text) {
                Ok(kept) => Ok(Ok(Came { reply, kept, partial })),
                // It was paid for: what came of it stays where the next session names it.
                Err(failure) => Err(partial.rescue(failure).into()),
            },
            Err(Stop::Interrupted(signal)) => {
                partial.leave();
                Err(Stop::Interrupted(signal))
            }
            Err(stop) => {
                let part = match partial.text() {
                    "" => None,
                    text => Some(desk.keep(text)?),
                };
                partial.end();
                let why = match &stop {
                    Stop::Failure(failure) => failure.to_string(),
                    _ => EndpointError::Left.to_string(),
                };
                let unusable = match stop {
                    Stop::Failure(failure) if failure.exit == Exit::ReplyUnusable => Ok(failure),
                    stop => Err(stop),
                };
                Ok(Err(Lost { why, part, unusable }))
            }
        }
    }

    /// The text is shown as it comes, automatic retries are put on record, and the wait for one can be left.
    fn send(self, desk: &mut Desk, course: &mut dyn Course, partial: &mut Partial) -> Answer<Reply> {
        let Desk {
            delivery,
            journal,
            interrupt,
            options,
            ..
        } = desk;
        let Delivery::Endpoint(endpoint) = delivery else {
            return Err(Failure::new(Exit::Configuration, "no-endpoint", "there is no endpoint").into());
        };
        let (tokens, spent, terms) = (self.tokens, self.spent, &options.terms);
        // A signal is noted and asked for by the endpoint, which then leaves the request.
        let _attending = interrupt.attend();
        let (mut unrecorded, mut over) = (None, None);
        let result = endpoint.send(self.request, &mut |progress| match progress {
            Progress::Text(text) => {
                partial.push(text);
                course.text(text);
            }
            Progress::Retry {
                attempt: request,
                wait,
                why,
            } => {
                partial.clear();
                let record = course.retry(request, wait, why);
                unrecorded = journal.add(record).err().or(unrecorded.take());
                // Nothing of a reply came, or there would be no retry.
                spent.add_failed(tokens, "", terms);
                over = options.budget.refuses(tokens, spent, terms);
            }
            Progress::Wait {
                attempt: request,
                left,
                verdict,
            } => {
                if over.is_some() || unrecorded.is_some() {
                    verdict.set(WaitVerdict::Leave);
                    return;
                }
                verdict.set(course.wait(&WaitQuestion { request, left }));
                if left.is_zero() || verdict.get() != WaitVerdict::On {
                    course.waited();
                }
            }
        });
        course.waited();
        match (result, unrecorded) {
            (Err(EndpointError::Interrupted(signal)), _) => Err(Stop::Interrupted(signal)),
            (_, Some(failure)) | (Err(EndpointError::Failed(failure)), None) => {
                spent.add_failed(tokens, partial.text(), terms);
                Err(failure.into())
            }
            // The wait was left by the person, or for the limit that another request would have passed.
            (Err(EndpointError::Left), None) => Err(over.map_or(Stop::Quit, Stop::Failure)),
            (Ok(reply), None) => {
                // What the provider says that it cost, else what can be known without it.
                let usage = reply.usage.unwrap_or_else(|| Usage {
                    input: tokens,
                    cached: 0,
                    output: terms.counter.count(&reply.text),
                });
                spent.add(&usage, terms.price.as_ref());
                Ok(reply)
            }
        }
    }
}
