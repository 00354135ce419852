//! One request for a part of a document: put on record before it leaves, and its answer kept before it is looked at.

use std::time::Duration;

use super::event::{FillEvent, FillListener};
use super::gate::{FillGate, UnusableVerdict};
use super::prompt::FillPrompt;
use super::turn::Turn;
use crate::llm::{Amount, Terms, Usage, WaitVerdict};
use crate::session::{Answer, Came, Course, Delivery, Exchange, Lost, Partial, WaitQuestion};
use crate::state::{Filling, Record};
use crate::words::{Exit, Failure, printable_line};

/// The name of the file that holds what has come of an answer.
pub(crate) const PARTIAL: &str = "fill";

/// What a prompt of so many tokens costs without its answer.
pub(crate) fn cost(tokens: u64, terms: &Terms) -> Option<Amount> {
    let usage = Usage {
        input: tokens,
        ..Usage::default()
    };
    let price = terms.price.as_ref()?;
    Some(price.amount(price.cost(&usage)))
}

/// Why a prompt may not leave: there is no room for it, or the session may not spend so much.
fn refused(turn: &Turn<'_, '_>, prompt: &FillPrompt) -> Option<Failure> {
    let options = &turn.filling.desk.options;
    let tokens = prompt.tokens(&options.terms);
    if let Some(room) = options.terms.room().filter(|room| tokens > *room) {
        let text = format!("the prompt has {tokens} tokens, and the endpoint has room for {room}");
        return Some(
            Failure::new(Exit::ReplyUnusable, "over-context", text)
                .found(prompt.sizes())
                .help(
                    "shorten the documents, or name an endpoint with a larger context with `--endpoint NAME`",
                ),
        );
    }
    options
        .budget
        .refuses(tokens, &turn.filling.spent, &options.terms)
}

/// Sends a prompt that was agreed to and keeps the answer. Says whether the part is to be left as it is.
///
/// Fails, before anything leaves, with exit 8 where there is no room for the prompt, and with 6 where it might pass what
/// the session may spend.
pub(crate) fn send(turn: &mut Turn<'_, '_>, prompt: &FillPrompt) -> Answer<bool> {
    if let Some(failure) = refused(turn, prompt) {
        return Err(failure.into());
    }
    let Delivery::Endpoint(endpoint) = &turn.filling.desk.delivery else {
        return Ok(true);
    };
    let (name, model) = (endpoint.name().to_owned(), endpoint.model().map(str::to_owned));
    let attempt = turn.memory.attempt;
    let text = turn.keep_text()?;
    let kept = turn.filling.desk.keep(&prompt.text())?;
    let partial = Partial::begin(&turn.filling.desk.scratch, PARTIAL)?;
    // On record before the first byte leaves: a crash from here on is a request that may have been billed.
    let recorded = turn.record(Filling::Send {
        attempt,
        text,
        prompt: kept,
        endpoint: name.clone(),
        model: model.clone(),
    });
    let partial = partial.announced(recorded)?;
    turn.filling.listener.tell(&FillEvent::Sent {
        endpoint: &name,
        model: model.as_deref(),
        attempt,
    });
    match exchange(turn, prompt, partial)? {
        Ok(came) => keep(turn, came),
        Err(lost) => {
            turn.no_reply(lost.why, lost.part)?;
            unusable(turn, &lost.unusable?)
        }
    }
}

fn exchange(turn: &mut Turn<'_, '_>, prompt: &FillPrompt, partial: Partial) -> Answer<Result<Came, Lost>> {
    let filling = &mut *turn.filling;
    let exchange = Exchange {
        request: &prompt.request,
        tokens: prompt.tokens(&filling.desk.options.terms),
        spent: &mut filling.spent,
    };
    let mut course = PartCourse {
        section: &turn.part.key,
        attempt: turn.memory.attempt,
        gate: &mut *filling.gate,
        listener: &mut *filling.listener,
    };
    let came = exchange.run(partial, &mut filling.desk, &mut course);
    filling.listener.settle();
    came
}

/// The course of a part's exchange.
struct PartCourse<'c> {
    section: &'c str,
    attempt: u32,
    gate: &'c mut dyn FillGate,
    listener: &'c mut dyn FillListener,
}

impl Course for PartCourse<'_> {
    fn text(&mut self, text: &str) {
        self.listener.tell(&FillEvent::Text { text });
    }

    fn retry(&mut self, request: u32, wait: Duration, why: &str) -> Record {
        self.listener.tell(&FillEvent::Retry { request, wait, why });
        let act = Filling::Retry {
            attempt: self.attempt,
            request,
            why: why.to_owned(),
        };
        let section = self.section.to_owned();
        Record::Fill { section, act }
    }

    fn wait(&mut self, question: &WaitQuestion) -> WaitVerdict {
        self.gate.wait(question)
    }

    fn waited(&mut self) {
        self.gate.waited();
    }
}

/// Puts an answer on record. Says whether the part is to be left as it is.
fn keep(turn: &mut Turn<'_, '_>, came: Came) -> Answer<bool> {
    let Came { reply, kept, partial } = came;
    if let Some(why) = reply.unusable() {
        partial.settle(turn.no_reply(why, Some(kept)))?;
        let failure = Failure::new(Exit::ReplyUnusable, "reply-unusable", why)
            .help("ask again, perhaps with the prompt edited, or leave the section for now");
        return unusable(turn, &failure);
    }
    let clean = |text: &Option<String>| text.as_deref().map(|text| printable_line(text).into_owned());
    let record = Filling::Reply {
        attempt: turn.memory.attempt,
        reply: kept,
        model: clean(&reply.model),
        usage: reply.usage,
        request_id: clean(&reply.request_id),
    };
    partial.settle(turn.record(record))?;
    turn.filling.shown = true;
    let price = turn.filling.desk.options.terms.price.as_ref();
    let cost = price.and_then(|price| Some(price.amount(price.cost(&reply.usage?))));
    turn.filling.listener.tell(&FillEvent::Replied {
        usage: reply.usage,
        cost: cost.as_ref(),
        stored: false,
    });
    Ok(false)
}

fn unusable(turn: &mut Turn<'_, '_>, why: &Failure) -> Answer<bool> {
    let verdict = turn.filling.gate.unusable(turn.part, why)?;
    // Asked again, it begins with the prompt, which is consented to anew.
    turn.filling.agreed = 0;
    Ok(verdict == UnusableVerdict::Skip)
}
