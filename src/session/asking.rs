//! From a step that is ready to a reply that is kept.

use super::checking::blocks;
use super::event::Event;
use super::gate::{Answer, LostQuestion, LostVerdict, SendQuestion, SendVerdict, Stop};
use super::gate::{UnusableQuestion, UnusableVerdict, not_runnable};
use super::partial::Partial;
use super::turn::Turn;
use crate::llm::{EndpointError, Progress, Reply};
use crate::prompt::Prompt;
use crate::session::desk::Delivery;
use crate::state::Record;
use crate::words::{Exit, Failure, printable_line};

/// Shows the prompt, sends it on consent and keeps the reply.
pub(crate) fn ask(turn: &mut Turn<'_, '_>) -> Answer<()> {
    vouch(turn)?;
    let subject = turn.subject()?;
    let attempt = turn.memory.attempt;
    let (prompt, not_runnable) = {
        let desk = &turn.session.desk;
        let found = desk.find(turn.reading, turn.step)?;
        let retry = turn.memory.retry(|digest| desk.kept(digest));
        let not_runnable = not_runnable(&blocks(found.step, found.source)?);
        (desk.prompt(&found, attempt, retry.as_ref())?, not_runnable)
    };
    let digest = prompt.digest();
    turn.session.listener.tell(&Event::Prompt {
        step: turn.step,
        attempt,
        digest: digest.as_str(),
        tokens: prompt.tokens(),
        parts: &prompt.parts,
    });
    if !prompt.omitted.is_empty() {
        let text = format!("named in the prompt and not shown: {}", prompt.omitted.join(", "));
        turn.session.listener.note(&text);
    }
    let endpoint = match &turn.session.desk.delivery {
        Delivery::Endpoint(endpoint) => Some(endpoint.name().to_owned()),
        Delivery::Manual => None,
    };
    let question = SendQuestion {
        subject: &subject,
        prompt: &prompt,
        endpoint: endpoint.as_deref(),
        again: None,
        not_runnable: not_runnable.as_deref(),
    };
    let prompt = match turn.session.gate.send(&question)? {
        SendVerdict::Send => prompt,
        SendVerdict::Edited(user) => edited(prompt, user),
        SendVerdict::Skip => return by_hand(turn, None),
    };
    if endpoint.is_some() {
        send(turn, &prompt)
    } else {
        let kept = turn.session.desk.keep(&prompt.text())?;
        turn.session.gate.hand_over(&subject, &prompt)?;
        let text = turn.keep_text()?;
        Ok(turn.record(Record::Unsent {
            step: turn.name(),
            attempt,
            text,
            prompt: Some(kept),
        })?)
    }
}

/// A request was sent and its answer is not known: it is never sent again without asking.
pub(crate) fn lost(turn: &mut Turn<'_, '_>, endpoint: &str, at: &str) -> Answer<()> {
    let subject = turn.subject()?;
    let path = Partial::path(&turn.session.desk.scratch, turn.step);
    let partial = path
        .metadata()
        .is_ok_and(|data| data.len() > 0)
        .then(|| path.display().to_string());
    let partial = partial.as_deref();
    match turn.session.gate.lost(&LostQuestion {
        subject: &subject,
        endpoint,
        at,
        partial,
    })? {
        LostVerdict::ByHand => by_hand(turn, None),
        LostVerdict::SendAgain => {
            let why = "the session ended before the answer came; a person agreed to ask again".to_owned();
            let attempt = turn.memory.attempt;
            Ok(turn.record(Record::NoReply {
                step: turn.name(),
                attempt,
                why,
                partial: None,
            })?)
        }
    }
}

/// The person does the step's work in the tree.
pub(crate) fn by_hand(turn: &mut Turn<'_, '_>, prompt: Option<crate::words::Digest>) -> Answer<()> {
    let subject = turn.subject()?;
    let attempt = turn.memory.attempt;
    let text = turn.keep_text()?;
    turn.session.gate.worked(&subject)?;
    Ok(turn.record(Record::Unsent {
        step: turn.name(),
        attempt,
        text,
        prompt,
    })?)
}

fn vouch(turn: &mut Turn<'_, '_>) -> Answer<()> {
    let external: Vec<String> = {
        let found = turn.session.desk.find(turn.reading, turn.step)?;
        let both = found.phase.dependencies.iter().chain(&found.step.dependencies);
        both.filter(|dependency| dependency.external)
            .map(|dependency| found.source.slice(&dependency.text).to_owned())
            .collect()
    };
    if external.is_empty() || turn.memory.vouched == external {
        return Ok(());
    }
    let subject = turn.subject()?;
    turn.session.gate.vouch(&subject, &external)?;
    let by = turn.session.gate.by();
    let attempt = turn.memory.attempt;
    Ok(turn.record(Record::Vouched {
        step: turn.name(),
        attempt,
        by,
        external,
    })?)
}

fn edited(mut prompt: Prompt, user: String) -> Prompt {
    prompt.request.ask(user);
    prompt
}

fn send(turn: &mut Turn<'_, '_>, prompt: &Prompt) -> Answer<()> {
    let attempt = turn.memory.attempt;
    let text = turn.keep_text()?;
    let kept = turn.session.desk.keep(&prompt.text())?;
    let Delivery::Endpoint(endpoint) = &turn.session.desk.delivery else {
        return Ok(());
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
    match outcome {
        Ok(reply) => keep_reply(turn, &reply, partial),
        // The request may have been billed: the record stays at "sent", and the next session asks.
        Err(EndpointError::Interrupted(signal)) => {
            partial.leave();
            Err(Stop::Interrupted(signal))
        }
        Err(EndpointError::Failed(failure)) => failed(turn, prompt, &failure, partial),
    }
}

/// The endpoint failed: what came is kept, and void.
fn failed(turn: &mut Turn<'_, '_>, prompt: &Prompt, failure: &Failure, partial: Partial) -> Answer<()> {
    let text = partial.end();
    let kept = if text.is_empty() {
        None
    } else {
        Some(turn.session.desk.keep(&text)?)
    };
    let why = turn
        .session
        .desk
        .redactor
        .redact(&failure.to_string())
        .into_owned();
    turn.record(Record::NoReply {
        step: turn.name(),
        attempt: turn.memory.attempt,
        why,
        partial: kept,
    })?;
    if failure.exit != Exit::ReplyUnusable {
        return Err(Stop::Failure(failure.clone()));
    }
    let sizes: Vec<String> = prompt
        .parts
        .iter()
        .map(|part| format!("{} {}", part.name, part.tokens))
        .collect();
    let failure = failure
        .clone()
        .help(format!("tokens by part: {}", sizes.join(", ")));
    unusable(turn, &failure)
}

/// One exchange with the endpoint: the text is shown as it comes, automatic retries are put on record.
fn exchange(turn: &mut Turn<'_, '_>, prompt: &Prompt, partial: &mut Partial) -> Result<Reply, EndpointError> {
    let step = turn.name();
    let attempt = turn.memory.attempt;
    let session = &mut *turn.session;
    let Delivery::Endpoint(endpoint) = &mut session.desk.delivery else {
        return Err(EndpointError::Failed(Failure::new(
            Exit::Configuration,
            "no-endpoint",
            "there is no endpoint",
        )));
    };
    let (listener, journal) = (&mut *session.listener, &mut session.desk.journal);
    let redactor = &session.desk.redactor;
    // A signal is noted and asked for by the endpoint, which then leaves the request.
    let _attending = session.desk.interrupt.attend();
    let mut unrecorded = None;
    let reply = endpoint.send(&prompt.request, &mut |progress| match progress {
        Progress::Text(text) => {
            let text = redactor.redact(text);
            partial.push(&text);
            listener.tell(&Event::Text { text: &text });
        }
        Progress::Retry {
            attempt: request,
            wait,
            why,
        } => {
            partial.clear();
            let why = redactor.redact(why).into_owned();
            let record = Record::Retry {
                step: step.clone(),
                attempt,
                request,
                why: why.clone(),
            };
            unrecorded = journal.add(record).err().or(unrecorded.take());
            listener.tell(&Event::Retry {
                step: &step,
                request,
                wait: wait.as_secs_f64(),
                why: &why,
            });
        }
    })?;
    match unrecorded {
        Some(failure) => Err(EndpointError::Failed(failure)),
        None => Ok(reply),
    }
}

fn keep_reply(turn: &mut Turn<'_, '_>, reply: &Reply, partial: Partial) -> Answer<()> {
    let attempt = turn.memory.attempt;
    let kept = turn.session.desk.keep(&reply.text)?;
    if let Some(why) = reply.unusable() {
        let failure = Failure::new(Exit::ReplyUnusable, "reply-unusable", why)
            .help("ask again, perhaps with the prompt edited, or do the step by hand");
        let record = Record::NoReply {
            step: turn.name(),
            attempt,
            why: why.to_owned(),
            partial: Some(kept),
        };
        turn.record(record)?;
        partial.end();
        return unusable(turn, &failure);
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
    })?;
    partial.end();
    turn.session.shown = Some(kept.clone());
    turn.session.listener.tell(&Event::Replied {
        step: turn.step,
        attempt,
        reply: kept.as_str(),
        model: reply.model.as_deref(),
        usage: reply.usage,
        stored: false,
    });
    Ok(())
}

/// A reply that cannot be used: ask again, or work by hand.
pub(crate) fn unusable(turn: &mut Turn<'_, '_>, why: &Failure) -> Answer<()> {
    let subject = turn.subject()?;
    match turn.session.gate.unusable(&UnusableQuestion {
        subject: &subject,
        why,
    })? {
        UnusableVerdict::AskAgain => Ok(()),
        UnusableVerdict::ByHand => by_hand(turn, None),
    }
}
