//! From a prompt that may be sent to a reply that is kept.

use super::budget::Spent;
use super::desk::{Delivery, Desk};
use super::event::Event;
use super::gate::{Answer, Stop};
use super::partial::Partial;
use super::turn::Turn;
use super::wait_question::WaitQuestion;
use crate::llm::{Amount, EndpointError, Progress, Reply, Terms, Usage, WaitVerdict};
use crate::prompt::Prompt;
use crate::state::{Foreseen, Record};
use crate::words::{Exit, Failure, printable_line};

/// Why no reply came.
enum Loss {
    Interrupted(u8),
    Failed(Failure),
    /// The wait for another attempt was left; the limit that it would have passed, where that is why.
    Left(Option<Failure>),
}

/// What is known of a prompt before it is sent.
pub(crate) fn foreseen(prompt: &Prompt, terms: &Terms) -> Foreseen {
    let usage = Usage {
        input: prompt.tokens(),
        ..Usage::default()
    };
    Foreseen {
        tokens: usage.input,
        estimated: prompt.estimated,
        cost: cost(Some(usage), terms),
        left_out: prompt.left_out.clone(),
    }
}

fn cost(usage: Option<Usage>, terms: &Terms) -> Option<Amount> {
    let price = terms.price.as_ref()?;
    Some(price.amount(price.cost(&usage?)))
}

/// Sends a prompt and keeps its reply. Returns why the reply cannot be used, where it cannot.
///
/// Fails with exit 6, before anything leaves, when the request might pass what the session may spend.
pub(crate) fn send(turn: &mut Turn<'_, '_>, prompt: &Prompt) -> Answer<Option<Failure>> {
    let attempt = turn.memory.attempt;
    let options = &turn.session.desk.options;
    if let Some(failure) = options
        .budget
        .refuses(prompt.tokens(), &turn.session.spent, &options.terms)
    {
        return Err(failure.into());
    }
    let foreseen = foreseen(prompt, &options.terms);
    let text = turn.keep_text()?;
    let kept = turn.session.desk.keep(&prompt.text())?;
    let Delivery::Endpoint(endpoint) = &turn.session.desk.delivery else {
        return Ok(None);
    };
    let (name, model) = (endpoint.name().to_owned(), endpoint.model().map(str::to_owned));
    // On record before the first byte leaves: a crash from here on is a request that may have been billed.
    let record = Record::Send {
        step: turn.name(),
        attempt,
        text,
        prompt: kept,
        endpoint: name.clone(),
        model: model.clone(),
        foreseen: Some(foreseen),
        batch: None,
    };
    turn.record(record)?;
    turn.session.listener.tell(&Event::Sent {
        step: turn.step,
        attempt,
        endpoint: &name,
        model: model.as_deref(),
    });
    let mut partial = Partial::begin(&turn.session.desk.scratch, turn.step)?;
    let outcome = exchange(turn, prompt, &mut partial);
    turn.session.listener.settle();
    match outcome {
        Ok(reply) => keep_reply(turn, prompt, &reply, partial),
        // The request may have been billed: the record stays at "sent", and the next session asks.
        Err(Loss::Interrupted(signal)) => {
            partial.leave();
            Err(Stop::Interrupted(signal))
        }
        Err(Loss::Failed(failure)) => failed(turn, prompt, &failure, partial).map(Some),
        Err(Loss::Left(over)) => {
            partial.end();
            let why = match &over {
                Some(failure) => failure.to_string(),
                None => "the wait for another attempt was left".to_owned(),
            };
            turn.record(Record::NoReply {
                step: turn.name(),
                attempt,
                why,
                partial: None,
                refused: None,
                usage: None,
                cost: None,
            })?;
            Err(over.map_or(Stop::Quit, Stop::Failure))
        }
    }
}

/// The endpoint failed: what came is kept, and void.
fn failed(turn: &mut Turn<'_, '_>, prompt: &Prompt, failure: &Failure, partial: Partial) -> Answer<Failure> {
    let text = partial.end();
    let session = &mut *turn.session;
    session
        .spent
        .add_failed(prompt.tokens(), &text, &session.desk.options.terms);
    let kept = if text.is_empty() {
        None
    } else {
        Some(session.desk.keep(&text)?)
    };
    let why = failure.to_string();
    turn.record(Record::NoReply {
        step: turn.name(),
        attempt: turn.memory.attempt,
        why,
        partial: kept,
        // What the endpoint has to say is not the model's to mend.
        refused: None,
        usage: None,
        cost: None,
    })?;
    if failure.exit != Exit::ReplyUnusable {
        return Err(Stop::Failure(failure.clone()));
    }
    Ok(failure
        .clone()
        .help(format!("tokens by part: {}", prompt.sizes())))
}

/// One exchange with the endpoint: the text is shown as it comes, automatic retries are put on record, and the wait for
/// one can be left.
fn exchange(turn: &mut Turn<'_, '_>, prompt: &Prompt, partial: &mut Partial) -> Result<Reply, Loss> {
    let step = turn.name();
    let attempt = turn.memory.attempt;
    let session = &mut *turn.session;
    let Desk {
        delivery,
        journal,
        interrupt,
        options,
        ..
    } = &mut session.desk;
    let Delivery::Endpoint(endpoint) = delivery else {
        let failure = Failure::new(Exit::Configuration, "no-endpoint", "there is no endpoint");
        return Err(Loss::Failed(failure));
    };
    let (listener, gate, spent) = (&mut *session.listener, &mut *session.gate, &mut session.spent);
    // A signal is noted and asked for by the endpoint, which then leaves the request.
    let _attending = interrupt.attend();
    let mut unrecorded = None;
    let mut over = None;
    let result = endpoint.send(&prompt.request, &mut |progress| match progress {
        Progress::Text(text) => {
            partial.push(text);
            listener.tell(&Event::Text { text });
        }
        Progress::Retry {
            attempt: request,
            wait,
            why,
        } => {
            partial.clear();
            let record = Record::Retry {
                step: step.clone(),
                attempt,
                request,
                why: why.to_owned(),
            };
            unrecorded = journal.add(record).err().or(unrecorded.take());
            listener.tell(&Event::Retry {
                step: &step,
                request,
                wait: wait.as_secs_f64(),
                why,
            });
            // Nothing of a reply came, or there would be no retry.
            spent.add_failed(prompt.tokens(), "", &options.terms);
            over = options.budget.refuses(prompt.tokens(), spent, &options.terms);
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
            count(spent, &reply, prompt, &options.terms);
            Ok(reply)
        }
    }
}

/// Adds what a reply cost: what the provider says, else what can be known without it.
fn count(spent: &mut Spent, reply: &Reply, prompt: &Prompt, terms: &Terms) {
    let usage = reply.usage.unwrap_or_else(|| Usage {
        input: prompt.tokens(),
        cached: 0,
        output: terms.counter.count(&reply.text),
    });
    spent.add(&usage, terms.price.as_ref());
}

fn keep_reply(
    turn: &mut Turn<'_, '_>,
    prompt: &Prompt,
    reply: &Reply,
    partial: Partial,
) -> Answer<Option<Failure>> {
    let attempt = turn.memory.attempt;
    let kept = match turn.session.desk.keep(&reply.text) {
        Ok(kept) => kept,
        // It was paid for: what came of it stays where the next session names it.
        Err(failure) => return Err(partial.rescue(failure).into()),
    };
    let cost = cost(reply.usage, &turn.session.desk.options.terms);
    if let Some(why) = reply.unusable() {
        let failure = Failure::new(Exit::ReplyUnusable, "reply-unusable", why)
            .help("ask again, perhaps with the prompt edited, or do the step by hand");
        let record = Record::NoReply {
            step: turn.name(),
            attempt,
            why: why.to_owned(),
            partial: Some(kept),
            refused: Some(why.to_owned()),
            usage: reply.usage,
            cost,
        };
        turn.record(record)?;
        partial.end();
        return Ok(Some(failure));
    }
    turn.record(Record::Reply {
        step: turn.name(),
        attempt,
        reply: kept.clone(),
        model: reply
            .model
            .as_deref()
            .map(|model| printable_line(model).into_owned()),
        usage: reply.usage,
        request_id: reply
            .request_id
            .as_deref()
            .map(|id| printable_line(id).into_owned()),
        cost: cost.clone(),
    })?;
    partial.end();
    turn.session.shown = Some(kept.clone());
    turn.session.listener.tell(&Event::Replied {
        step: turn.step,
        attempt,
        reply: kept.as_str(),
        model: reply.model.as_deref(),
        usage: reply.usage,
        foreseen: Some(prompt.tokens()),
        cost: cost.as_ref(),
        stored: false,
    });
    Ok(None)
}
