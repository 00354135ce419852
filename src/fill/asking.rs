//! From a part that is open to an answer that is kept.

use super::event::FillEvent;
use super::gate::{FillLost, FillLostVerdict, FillSend, FillSendVerdict};
use super::sending;
use super::turn::Turn;
use crate::session::{Answer, Delivery, Partial};
use crate::state::Filling;
use crate::words::{Exit, Failure};

/// Shows the prompt, sends it on consent and keeps the answer. Says whether the part is to be left as it is.
pub(crate) fn ask(turn: &mut Turn<'_, '_>) -> Answer<bool> {
    let prompt = turn.prompt()?;
    let terms = &turn.filling.desk.options.terms;
    let tokens = prompt.tokens(terms);
    turn.filling.listener.tell(&FillEvent::Prompt {
        prompt: &prompt,
        tokens,
        estimated: terms.counter.estimates(),
        cost: sending::cost(tokens, terms).as_ref(),
    });
    let endpoint = match &turn.filling.desk.delivery {
        Delivery::Endpoint(endpoint) => Some(endpoint.name().to_owned()),
        Delivery::Manual => None,
        Delivery::Agent(agent) => {
            let text = format!(
                "endpoint `{}` is an agent that works in the tree and gives no answer",
                agent.name()
            );
            return Err(Failure::new(Exit::Configuration, "agent-endpoint", text)
                .help("name an endpoint of another kind with `--endpoint NAME`")
                .into());
        }
    };
    let mut prompt = prompt;
    if turn.filling.agreed > 0 {
        turn.filling.agreed -= 1;
    } else {
        // By hand, a person carries each prompt: none goes back by itself.
        let requests = if endpoint.is_some() {
            turn.part.kind.rounds()
        } else {
            1
        };
        let question = FillSend {
            part: turn.part,
            prompt: &prompt,
            endpoint: endpoint.as_deref(),
            requests,
        };
        match turn.filling.gate.send(&question)? {
            FillSendVerdict::Send => {}
            FillSendVerdict::Edited(user) => prompt.request.ask(&user),
            FillSendVerdict::Skip => return Ok(true),
        }
        turn.filling.agreed = requests - 1;
    }
    if endpoint.is_some() {
        return sending::send(turn, &prompt);
    }
    let attempt = turn.memory.attempt;
    let text = turn.keep_text()?;
    let kept = turn.filling.desk.keep(&prompt.text())?;
    turn.record(Filling::Handed {
        attempt,
        text,
        prompt: kept,
    })?;
    let Some(answer) = turn.filling.gate.hand_over(turn.part, &prompt)? else {
        return Ok(true);
    };
    let reply = turn.filling.desk.keep(&answer)?;
    turn.record(Filling::Reply {
        attempt,
        reply,
        model: None,
        usage: None,
        request_id: None,
    })?;
    turn.filling.shown = true;
    Ok(false)
}

/// A request was sent and its answer is not known: it is never sent again without asking.
pub(crate) fn lost(turn: &mut Turn<'_, '_>, endpoint: &str, at: &str) -> Answer<bool> {
    let path = Partial::path(&turn.filling.desk.scratch, sending::PARTIAL);
    let there = path.metadata().is_ok_and(|data| data.len() > 0);
    let partial = there.then(|| path.display().to_string());
    let verdict = turn.filling.gate.lost(&FillLost {
        part: turn.part,
        endpoint,
        at,
        partial: partial.as_deref(),
    })?;
    if verdict == FillLostVerdict::Skip {
        return Ok(true);
    }
    let why = "the session ended before the answer came; a person agreed to ask again";
    turn.no_reply(why, None)?;
    Ok(false)
}
