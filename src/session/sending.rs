//! From a prompt that may be sent to a reply that is kept.

use std::time::Duration;

use super::desk::Delivery;
use super::event::{Event, Listener};
use super::exchange::{Came, Course, Exchange, Lost};
use super::gate::{Answer, Gate};
use super::partial::Partial;
use super::turn::Turn;
use super::wait_question::WaitQuestion;
use crate::llm::{Amount, Terms, Usage, WaitVerdict};
use crate::prompt::Prompt;
use crate::state::{Foreseen, Record};
use crate::words::{Exit, Failure, printable_line};

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
    let partial = Partial::begin(&turn.session.desk.scratch, turn.step)?;
    // On record before the first byte leaves: a crash from here on is a request that may have been billed.
    let record = Record::Send {
        step: turn.name(),
        attempt,
        text,
        prompt: kept,
        made: turn.session.desk.keep_made(prompt)?,
        endpoint: name.clone(),
        model: model.clone(),
        foreseen: Some(foreseen),
        batch: None,
        made_at: None,
    };
    let partial = partial.announced(turn.record(record))?;
    turn.session.listener.tell(&Event::Sent {
        step: turn.step,
        attempt,
        endpoint: &name,
        model: model.as_deref(),
    });
    match exchange(turn, prompt, partial)? {
        Ok(came) => keep_reply(turn, prompt, came),
        Err(lost) => {
            // What the endpoint has to say is not the model's to mend.
            turn.no_reply(lost.why, lost.part)?;
            let sizes = format!("tokens by part: {}", prompt.sizes());
            Ok(Some(lost.unusable?.help(sizes)))
        }
    }
}

fn exchange(turn: &mut Turn<'_, '_>, prompt: &Prompt, partial: Partial) -> Answer<Result<Came, Lost>> {
    let session = &mut *turn.session;
    let exchange = Exchange {
        request: &prompt.request,
        tokens: prompt.tokens(),
        spent: &mut session.spent,
    };
    let mut course = StepCourse {
        step: turn.step,
        attempt: turn.memory.attempt,
        gate: &mut *session.gate,
        listener: &mut *session.listener,
    };
    let came = exchange.run(partial, &mut session.desk, &mut course);
    session.listener.settle();
    came
}

/// The course of a step's exchange.
struct StepCourse<'c> {
    step: &'c str,
    attempt: u32,
    gate: &'c mut dyn Gate,
    listener: &'c mut dyn Listener,
}

impl Course for StepCourse<'_> {
    fn text(&mut self, text: &str) {
        self.listener.tell(&Event::Text { text });
    }

    fn retry(&mut self, request: u32, wait: Duration, why: &str) -> Record {
        self.listener.tell(&Event::Retry {
            step: self.step,
            request,
            wait: wait.as_secs_f64(),
            why,
        });
        Record::Retry {
            step: self.step.to_owned(),
            attempt: self.attempt,
            request,
            why: why.to_owned(),
        }
    }

    fn wait(&mut self, question: &WaitQuestion) -> WaitVerdict {
        self.gate.wait(question)
    }

    fn waited(&mut self) {
        self.gate.waited();
    }
}

/// Puts a reply on record. Returns why it cannot be used, where it cannot.
fn keep_reply(turn: &mut Turn<'_, '_>, prompt: &Prompt, came: Came) -> Answer<Option<Failure>> {
    let Came { reply, kept, partial } = came;
    let attempt = turn.memory.attempt;
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
        partial.settle(turn.record(record))?;
        return Ok(Some(failure));
    }
    let clean = |text: &Option<String>| text.as_deref().map(|text| printable_line(text).into_owned());
    let record = Record::Reply {
        step: turn.name(),
        attempt,
        reply: kept.clone(),
        model: clean(&reply.model),
        usage: reply.usage,
        request_id: clean(&reply.request_id),
        cost: cost.clone(),
    };
    partial.settle(turn.record(record))?;
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
