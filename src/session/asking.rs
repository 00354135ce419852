//! From a step that is ready to a prompt that may be sent.

use super::check_blocks::blocks;
use super::check_question::not_runnable;
use super::event::Event;
use super::gate::{Answer, LostQuestion, LostVerdict, SendQuestion, SendVerdict};
use super::gate::{UnusableQuestion, UnusableVerdict};
use super::partial::Partial;
use super::sending;
use super::subject::Subject;
use super::turn::Turn;
use crate::prompt::Prompt;
use crate::session::desk::Delivery;
use crate::state::Record;
use crate::words::Failure;

/// A prompt that was told, and is to be asked about.
pub(super) struct Prepared {
    pub(super) subject: Subject,
    pub(super) prompt: Prompt,
    /// Why the step's check will not run, where that is known already.
    pub(super) not_runnable: Option<String>,
}

/// Has vouched for what only a person can see, and makes the prompt.
pub(super) fn prepare(turn: &mut Turn<'_, '_>) -> Answer<Prepared> {
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
    show(turn, &prompt);
    if !prompt.omitted.is_empty() {
        let text = format!("named in the prompt and not shown: {}", prompt.omitted.join(", "));
        turn.session.listener.note(&text);
    }
    Ok(Prepared {
        subject,
        prompt,
        not_runnable,
    })
}

/// Shows the prompt, sends it on consent and keeps the reply.
pub(crate) fn ask(turn: &mut Turn<'_, '_>) -> Answer<()> {
    let prepared = prepare(turn)?;
    offer(turn, prepared)
}

/// Shows the prompt that closes the plan, sends it on consent and keeps the reply.
pub(super) fn ask_final(turn: &mut Turn<'_, '_>, prompt: Prompt) -> Answer<()> {
    show(turn, &prompt);
    let subject = turn.subject()?;
    offer(
        turn,
        Prepared {
            subject,
            prompt,
            not_runnable: None,
        },
    )
}

fn offer(turn: &mut Turn<'_, '_>, prepared: Prepared) -> Answer<()> {
    let Prepared {
        subject,
        prompt,
        not_runnable,
    } = prepared;
    let attempt = turn.memory.attempt;
    let endpoint = match &turn.session.desk.delivery {
        Delivery::Endpoint(endpoint) => Some(endpoint.name().to_owned()),
        Delivery::Manual | Delivery::Agent(_) => None,
    };
    let mut prompt = prompt;
    let mut again: Option<String> = None;
    let prompt = loop {
        let question = SendQuestion {
            subject: &subject,
            prompt: &prompt,
            endpoint: endpoint.as_deref(),
            again: again.as_deref(),
            not_runnable: not_runnable.as_deref(),
        };
        match turn.session.gate.send(&question)? {
            SendVerdict::Send => break prompt,
            SendVerdict::Skip => return by_hand(turn, None),
            SendVerdict::Edited(user) => {
                prompt = prompt.edited(&user, &turn.session.desk.options.terms);
                match unfit(turn, &prompt) {
                    None => break prompt,
                    why => again = why,
                }
            }
        }
    };
    if endpoint.is_some() {
        match sending::send(turn, &prompt)? {
            Some(why) => unusable(turn, &why),
            None => Ok(()),
        }
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

/// Why a text that a person has just agreed to comes back to them: it does not fit. It is told then.
pub(super) fn unfit(turn: &mut Turn<'_, '_>, prompt: &Prompt) -> Option<String> {
    let failure = prompt.check_size(&turn.session.desk.options.terms).err()?;
    show(turn, prompt);
    Some(failure.to_string())
}

/// Tells what would be sent: its size by part, what does not fit, and what it costs.
fn show(turn: &mut Turn<'_, '_>, prompt: &Prompt) {
    let terms = &turn.session.desk.options.terms;
    let foreseen = sending::foreseen(prompt, terms);
    turn.session.listener.tell(&Event::Prompt {
        step: turn.step,
        attempt: turn.memory.attempt,
        digest: prompt.digest().as_str(),
        tokens: foreseen.tokens,
        estimated: prompt.estimated,
        parts: &prompt.parts,
        left_out: &prompt.left_out,
        room: terms.room(),
        cost: foreseen.cost.as_ref(),
        spent: &turn.session.spent,
    });
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
            let why = "the session ended before the answer came; a person agreed to ask again";
            Ok(turn.no_reply(why, None)?)
        }
    }
}

/// The person does the step's work in the tree.
pub(crate) fn by_hand(turn: &mut Turn<'_, '_>, prompt: Option<crate::words::Digest>) -> Answer<()> {
    let subject = turn.subject()?;
    let attempt = turn.memory.attempt;
    let text = turn.keep_text()?;
    if subject.is_step() {
        turn.session.gate.worked(&subject)?;
    }
    Ok(turn.record(Record::Unsent {
        step: turn.name(),
        attempt,
        text,
        prompt,
    })?)
}

/// Has vouched for what the step depends on and only a person can see, where nobody did.
pub(super) fn vouch(turn: &mut Turn<'_, '_>) -> Answer<()> {
    let external = turn.session.desk.find(turn.reading, turn.step)?.external();
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
