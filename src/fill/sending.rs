//! One request for a part of a document: put on record before it leaves, and its answer kept before it is looked at.

use super::event::FillEvent;
use super::gate::UnusableVerdict;
use super::prompt::FillPrompt;
use super::turn::Turn;
use crate::llm::{Amount, EndpointError, Progress, Reply, Terms, Usage, WaitVerdict};
use crate::session::{Answer, Delivery, Desk, Partial, Stop, WaitQuestion};
use crate::state::{Filling, Record};
use crate::words::{Exit, Failure, printable_line};

/// The name of the file that holds what has come of an answer.
pub(crate) const PARTIAL: &str = "fill";

/// Why no answer came.
enum Loss {
    Interrupted(u8),
    Failed(Failure),
    /// The wait for another attempt was left; the limit that it would have passed, where that is why.
    Left(Option<Failure>),
}

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
    // On record before the first byte leaves: a crash from here on is a request that may have been billed.
    turn.record(Filling::Send {
        attempt,
        text,
        prompt: kept,
        endpoint: name.clone(),
        model: model.clone(),
    })?;
    turn.filling.listener.tell(&FillEvent::Sent {
        endpoint: &name,
        model: model.as_deref(),
        attempt,
    });
    let mut partial = Partial::begin(&turn.filling.desk.scratch, PARTIAL)?;
    let outcome = exchange(turn, prompt, &mut partial);
    turn.filling.listener.settle();
    match outcome {
        Ok(reply) => keep(turn, &reply, partial),
        // The request may have been billed: the record stays at "sent", and the next session asks.
        Err(Loss::Interrupted(signal)) => {
            partial.leave();
            Err(Stop::Interrupted(signal))
        }
        Err(Loss::Failed(failure)) => failed(turn, prompt, failure, partial),
        Err(Loss::Left(over)) => {
            partial.end();
            let why = match &over {
                Some(failure) => failure.to_string(),
                None => "the wait for another attempt was left".to_owned(),
            };
            turn.record(Filling::NoReply {
                attempt,
                why,
                partial: None,
            })?;
            Err(over.map_or(Stop::Quit, Stop::Failure))
        }
    }
}

/// The endpoint failed: what came is kept, and void.
fn failed(turn: &mut Turn<'_, '_>, prompt: &FillPrompt, failure: Failure, partial: Partial) -> Answer<bool> {
    let text = partial.end();
    let filling = &mut *turn.filling;
    let terms = &filling.desk.options.terms;
    filling.spent.add_failed(prompt.tokens(terms), &text, terms);
    let kept = match text.as_str() {
        "" => None,
        text => Some(filling.desk.keep(text)?),
    };
    turn.record(Filling::NoReply {
        attempt: turn.memory.attempt,
        why: failure.to_string(),
        partial: kept,
    })?;
    if failure.exit != Exit::ReplyUnusable {
        return Err(Stop::Failure(failure));
    }
    unusable(turn, &failure)
}

/// One exchange with the endpoint: the text is shown as it comes, automatic retries are put on record, and the wait for
/// one can be left.
fn exchange(turn: &mut Turn<'_, '_>, prompt: &FillPrompt, partial: &mut Partial) -> Result<Reply, Loss> {
    let (key, attempt) = (turn.part.key.clone(), turn.memory.attempt);
    let filling = &mut *turn.filling;
    let Desk {
        delivery,
        journal,
        interrupt,
        options,
        ..
    } = &mut filling.desk;
    let Delivery::Endpoint(endpoint) = delivery else {
        let failure = Failure::new(Exit::Configuration, "no-endpoint", "there is no endpoint");
        return Err(Loss::Failed(failure));
    };
    let (listener, gate, spent) = (&mut *filling.listener, &mut *filling.gate, &mut filling.spent);
    let tokens = prompt.tokens(&options.terms);
    // A signal is noted and asked for by the endpoint, which then leaves the request.
    let _attending = interrupt.attend();
    let (mut unrecorded, mut over) = (None, None);
    let result = endpoint.send(&prompt.request, &mut |progress| match progress {
        Progress::Text(text) => {
            partial.push(text);
            listener.tell(&FillEvent::Text { text });
        }
        Progress::Retry {
            attempt: request,
            wait,
            why,
        } => {
            partial.clear();
            let act = Filling::Retry {
                attempt,
                request,
                why: why.to_owned(),
            };
            let section = key.clone();
            unrecorded = journal
                .add(Record::Fill { section, act })
                .err()
                .or(unrecorded.take());
            listener.tell(&FillEvent::Retry { request, wait, why });
            // Nothing of an answer came, or there would be no retry.
            spent.add_failed(tokens, "", &options.terms);
            over = options.budget.refuses(tokens, spent, &options.terms);
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
            verdict.set(gate.wait(&WaitQuestion { request, left }));
            if left.is_zero() || verdict.get() != WaitVerdict::On {
                gate.waited();
            }
        }
    });
    gate.waited();
    match (result, unrecorded) {
        (Err(EndpointError::Interrupted(signal)), _) => Err(Loss::Interrupted(signal)),
        (_, Some(failure)) | (Err(EndpointError::Failed(failure)), None) => Err(Loss::Failed(failure)),
        (Err(EndpointError::Left), None) => Err(Loss::Left(over)),
        (Ok(reply), None) => {
            let usage = reply.usage.unwrap_or_else(|| Usage {
                input: tokens,
                cached: 0,
                output: options.terms.counter.count(&reply.text),
            });
            spent.add(&usage, options.terms.price.as_ref());
            Ok(reply)
        }
    }
}

fn keep(turn: &mut Turn<'_, '_>, reply: &Reply, partial: Partial) -> Answer<bool> {
    let attempt = turn.memory.attempt;
    let kept = turn.filling.desk.keep(&reply.text)?;
    if let Some(why) = reply.unusable() {
        turn.record(Filling::NoReply {
            attempt,
            why: why.to_owned(),
            partial: Some(kept),
        })?;
        partial.end();
        let failure = Failure::new(Exit::ReplyUnusable, "reply-unusable", why)
            .help("ask again, perhaps with the prompt edited, or leave the section for now");
        return unusable(turn, &failure);
    }
    let clean = |text: &Option<String>| text.as_deref().map(|text| printable_line(text).into_owned());
    turn.record(Filling::Reply {
        attempt,
        reply: kept,
        model: clean(&reply.model),
        usage: reply.usage,
        request_id: clean(&reply.request_id),
    })?;
    partial.end();
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
