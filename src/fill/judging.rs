//! From an answer that is kept to a document that holds it.

use super::answer;
use super::draft::Draft;
use super::event::FillEvent;
use super::findings::findings;
use super::gate::{Judge, Judgement};
use super::turn::Turn;
use crate::session::{Answer, Delivery, Stop};
use crate::state::Filling;
use crate::words::Digest;

/// What came of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It stands in the document.
    Saved,
    /// There is more to do.
    Again,
    /// The part is left as it is.
    Skip,
}

/// Looks at an answer, sends it back for what is found in it, or asks whether it is saved, and saves it.
pub(crate) fn judge(turn: &mut Turn<'_, '_>, digest: &Digest) -> Answer<Verdict> {
    let attempt = turn.memory.attempt;
    let Some(reply) = turn.filling.desk.kept(digest) else {
        turn.no_reply("the stored answer is gone", None)?;
        return Ok(Verdict::Again);
    };
    if !std::mem::replace(&mut turn.filling.shown, true) {
        let event = FillEvent::Replied {
            usage: None,
            cost: None,
            stored: true,
        };
        turn.filling.listener.tell(&event);
    }
    let answer = answer::bare(&reply);
    let mut draft = Draft::of(turn.page, turn.part, &answer);
    let found = findings(&mut draft, turn.part.kind, &turn.filling.tree);
    let by_itself = matches!(turn.filling.desk.delivery, Delivery::Endpoint(_));
    let (round, of) = (turn.memory.round, turn.part.kind.rounds());
    if by_itself && round < of && !(draft.refusals.is_empty() && found.is_empty()) {
        let found: Vec<_> = draft.refusals.into_iter().chain(found).collect();
        let event = FillEvent::Returned {
            round,
            of,
            found: &found,
        };
        turn.filling.listener.tell(&event);
        turn.record(Filling::Again {
            attempt,
            note: None,
            by: None,
        })?;
        return Ok(Verdict::Again);
    }
    let now = Digest::of(turn.page.source.slice(&turn.part.span));
    let question = Judge {
        part: turn.part,
        path: turn.filling.desk.file.shown(),
        before: turn.page.source.text(),
        after: &draft.text,
        answer: &draft.text[draft.span.clone()],
        refusals: &draft.refusals,
        findings: &found,
        rounds: round,
        changed: turn.memory.text.as_ref().is_some_and(|text| *text != now),
    };
    let verdict = turn.filling.gate.judge(&question)?;
    // Whatever was agreed to before, a person has decided since.
    turn.filling.agreed = 0;
    let by = turn.filling.gate.by().to_string();
    match verdict {
        Judgement::Save if draft.refusals.is_empty() => {
            let answer = turn.filling.desk.keep(&answer)?;
            turn.record(Filling::Write { attempt, answer, by })?;
            turn.filling
                .desk
                .file
                .rewrite(turn.page.source.text(), &draft.text)?;
            turn.filling.listener.tell(&FillEvent::Saved { part: turn.part });
            Ok(Verdict::Saved)
        }
        Judgement::Save => Ok(Verdict::Again),
        Judgement::Edit(text) => {
            let answer = turn.filling.desk.keep(&text)?;
            turn.record(Filling::Edited { attempt, answer })?;
            Ok(Verdict::Again)
        }
        Judgement::Again(note) => {
            turn.record(Filling::Again {
                attempt,
                note,
                by: Some(by),
            })?;
            Ok(Verdict::Again)
        }
        Judgement::Skip => Ok(Verdict::Skip),
        Judgement::Refuse(failure) => {
            turn.record(Filling::Again {
                attempt,
                note: None,
                by: Some(by),
            })?;
            Err(Stop::Failure(failure))
        }
    }
}
