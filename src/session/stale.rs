//! Replies that wait: whether their prompts would still be the ones that they answer.
//!
//! A reply may have been stored for hours, by a batch or by a session that was left, while other steps, other plans and
//! people worked on the same tree. What it makes of a file is made of what the file was. So the prompt is made once more,
//! and where it would be another one, the difference is asked about. Boxes are no difference: they are ticked on the way.

use std::borrow::Cow;
use std::collections::HashSet;

use super::gate::Answer;
use super::memory::Sent;
use super::stale_question::{StaleQuestion, StaleVerdict};
use super::turn::Turn;
use crate::llm::Terms;
use crate::prompt::Template;
use crate::state::{Entry, MadeAt, Record};
use crate::tree::{Change, RelativePath};
use crate::words::{Digest, secrets};

/// Why there is no reply, where a person would rather have another one.
const ASKED_AGAIN: &str = "what its prompt showed is no longer so, and the model is to be asked again";

/// Whether a stored reply may be used: nothing of its prompt would be other now, or it is agreed to. If not, that is on
/// record, and the model is asked again.
///
/// Fails with exit 11 where there is nobody to ask.
pub(super) fn may_be_used(turn: &mut Turn<'_, '_>, reply: &Digest) -> Answer<bool> {
    match difference(turn)? {
        None => Ok(true),
        Some((sent, diff)) => ask(turn, reply, &sent.when(), &diff),
    }
}

/// Whether a stored reply may change files that its prompt did not show: none of them was changed since it was made, or it
/// is agreed to. When a file was changed, the file system says; where nobody can tell when the prompt was made, each of them
/// counts.
///
/// Fails with exit 11 where there is nobody to ask.
pub(super) fn may_change_unseen(turn: &mut Turn<'_, '_>, reply: &Digest, changes: &[Change]) -> Answer<bool> {
    let Some(sent) = turn.memory.sent.clone() else {
        return Ok(true);
    };
    let Some(known) = sent.known_until() else {
        return Ok(true);
    };
    let desk = &turn.session.desk;
    let entries = desk.journal.entries();
    let is_send = |entry: &Entry| matches!(&entry.record, Record::Send { step, .. } if step == turn.step);
    let since = entries.iter().rposition(is_send).unwrap_or(0);
    // A write that failed, or was cut off, was put back: that the file is new is our doing.
    let ours = |path: &RelativePath, before: Option<Digest>| {
        entries[since..].iter().any(|entry| match &entry.record {
            Record::ApplyIntent { step, files, .. } => {
                step == turn.step
                    && files
                        .iter()
                        .any(|file| file.path == *path && file.before == before)
            }
            _ => false,
        })
    };
    let is_late = |change: &&Change| {
        let path = change.from.as_ref().unwrap_or(&change.path);
        // What is there already, and was no part of the prompt's own comparison.
        change.before.is_some()
            && change.before != change.after
            && !change.declared
            // What can no longer be reached is refused when it is to be written.
            && matches!(desk.root.changed_at(path), Ok(Some(changed)) if changed > known)
            && !ours(path, change.before.as_ref().map(Digest::of))
    };
    let late: Vec<&Change> = changes.iter().filter(is_late).collect();
    if late.is_empty() {
        return Ok(true);
    }
    let lines = late.into_iter().map(|change| {
        let name = change.name();
        match sent.made_at {
            Some(MadeAt::Unknown) => format!("+{name} is there, and the prompt did not show it\n"),
            _ => format!("+{name} was changed since then, and the prompt did not show it\n"),
        }
    });
    let diff: String = lines.collect();
    ask(turn, reply, &sent.when(), &diff)
}

/// Nanoseconds of a second.
const NANOS: i128 = 1_000_000_000;

/// By how much the times of files may lag behind the clock that everything else goes by: a tick of the kernel.
const LAG: i128 = NANOS / 100;

impl Sent {
    /// When its prompt was made or sent, in words.
    fn when(&self) -> String {
        match &self.made_at {
            Some(made_at) => made_at.to_string(),
            None => format!("sent at {}", self.at),
        }
    }

    /// The last moment, in nanoseconds since 1970, at which what its prompt knew was so; `None` where it cannot be read.
    fn known_until(&self) -> Option<i128> {
        match &self.made_at {
            Some(made_at) => Some(match made_at.moment() {
                Some(at) => at.as_nanosecond() - LAG,
                None => i128::MIN,
            }),
            // Only the second is on record, and a step before it may have written in the same one.
            None => {
                let at: jiff::Timestamp = self.at.parse().ok()?;
                Some((i128::from(at.as_second()) + 1) * NANOS - 1)
            }
        }
    }
}

fn ask(turn: &mut Turn<'_, '_>, reply: &Digest, when: &str, diff: &str) -> Answer<bool> {
    let agreed = (reply.clone(), Digest::of(diff));
    if turn.session.upheld.contains(&agreed) {
        return Ok(true);
    }
    let subject = turn.subject()?;
    let verdict = turn.session.gate.stale(&StaleQuestion {
        subject: &subject,
        when,
        diff,
    })?;
    let (step, attempt) = (turn.name(), turn.memory.attempt);
    if verdict == StaleVerdict::AskAgain {
        turn.record(Record::NoReply {
            step,
            attempt,
            why: ASKED_AGAIN.to_owned(),
            partial: Some(reply.clone()),
            // The reply was no fault of the model's.
            refused: None,
            // What it cost is on record with the reply.
            usage: None,
            cost: None,
        })?;
        return Ok(false);
    }
    let record = Record::Upheld {
        step,
        attempt,
        by: turn.session.gate.by(),
        diff: turn.session.desk.keep(diff)?,
    };
    turn.record(record)?;
    turn.session.upheld.insert(agreed);
    Ok(true)
}

/// What would be other in the prompt of the last request; `None` where nothing would be.
fn difference(turn: &Turn<'_, '_>) -> Answer<Option<(Sent, String)>> {
    let Some(sent) = turn.memory.sent.clone() else {
        return Ok(None);
    };
    let desk = &turn.session.desk;
    let found = desk.find(turn.reading, turn.step)?;
    let retry = turn.memory.retry_as_sent(|digest| desk.kept(digest));
    let before = desk.kept(&sent.made);
    let boxes = boxes([
        found.source.slice(&found.plan.overview),
        found.source.slice(&found.step.span),
    ]);
    let plan = desk.file.real().strip_prefix(desk.root.path());
    let plan = plan.unwrap_or(desk.file.real()).to_string_lossy();
    // It may have gone to an endpoint that takes more or less than this session's, which leaves out other sections.
    let endless = Terms::default();
    let mut diff = None;
    for terms in [&desk.options.terms, &endless] {
        let made = desk
            .sources(Template::System, terms)
            .prompt(&found, turn.memory.attempt, retry.as_ref());
        let now = match made {
            Ok(prompt) => secrets::redact(&prompt.text()).into_owned(),
            Err(failure) => {
                diff.get_or_insert_with(|| format!("it cannot be made now: {failure}\n"));
                continue;
            }
        };
        if Digest::of(&now) == sent.made {
            return Ok(None);
        }
        let Some(before) = &before else {
            diff.get_or_insert_with(|| "what it was is not kept any more\n".to_owned());
            continue;
        };
        let (old, new) = (opened(&moved(before, &now, &plan), &boxes), opened(&now, &boxes));
        if old == new {
            return Ok(None);
        }
        diff.get_or_insert_with(|| {
            similar::TextDiff::from_lines(unfenced(&old), unfenced(&new))
                .unified_diff()
                .context_radius(2)
                .to_string()
        });
    }
    Ok(diff.map(|diff| (sent, diff)))
}

/// The lines of texts that have a box, with the box open.
fn boxes<'a>(texts: impl IntoIterator<Item = &'a str>) -> HashSet<String> {
    let lines = texts.into_iter().flat_map(str::lines);
    lines.filter_map(open_box).map(Cow::into_owned).collect()
}

/// A line with its box open; `None` for one that has none.
fn open_box(line: &str) -> Option<Cow<'_, str>> {
    let at = line.find('[')?;
    let before = line[..at].trim_start_matches(|c: char| c.is_whitespace() || c == '>');
    let marker = before.trim_end().trim_end_matches(['.', ')']);
    let listed = matches!(marker, "-" | "*" | "+") || marker.bytes().all(|byte| byte.is_ascii_digit());
    if before.trim().is_empty() || !listed {
        return None;
    }
    match line.get(at..at + 3)? {
        "[ ]" => Some(Cow::Borrowed(line)),
        "[x]" | "[X]" => Some(Cow::Owned(format!("{}[ ]{}", &line[..at], &line[at + 3..]))),
        _ => None,
    }
}

/// A prompt with these boxes of its plan open.
fn opened(text: &str, boxes: &HashSet<String>) -> String {
    let lines = text.split('\n').map(|line| match open_box(line) {
        Some(open) if boxes.contains(open.as_ref()) => open,
        _ => Cow::Borrowed(line),
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// A prompt without the tokens of its fences: they are digests, which differ wherever the text between them does.
fn unfenced(text: &str) -> String {
    let lines = text.split_inclusive('\n').map(|line| {
        let fence = ["----- begin ", "----- end "]
            .into_iter()
            .find(|fence| line.starts_with(fence));
        let (token, rest) = line[fence?.len()..].split_once(' ')?;
        let is_digest = token.bytes().all(|byte| byte.is_ascii_hexdigit());
        (is_digest && !token.is_empty()).then(|| format!("{}{rest}", fence.unwrap_or_default()))
    });
    let lines = lines.zip(text.split_inclusive('\n'));
    lines
        .map(|(bare, line)| bare.unwrap_or_else(|| line.to_owned()))
        .collect()
}

/// A prompt with the plan's path as it is now, where only the folder of the plan is another one.
fn moved<'a>(before: &'a str, now: &str, plan: &str) -> Cow<'a, str> {
    let Some(line) = now.lines().find(|line| line.contains(plan)) else {
        return Cow::Borrowed(before);
    };
    let Some((head, tail)) = line.split_once(plan) else {
        return Cow::Borrowed(before);
    };
    let name = plan.rsplit('/').next().unwrap_or(plan);
    let is_it = |old: &&str| {
        let path = old.strip_prefix(head).and_then(|rest| rest.strip_suffix(tail));
        path.is_some_and(|path| path.rsplit('/').next() == Some(name))
    };
    match before.lines().find(is_it) {
        Some(old) if old != line => Cow::Owned(before.replacen(old, line, 1)),
        _ => Cow::Borrowed(before),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_boxes_of_the_plan_are_opened() {
        let known = boxes([
            "- [x] done\n1. [ ] listed\r\n",
            "> * [X] quoted\nno [x] box\n- [y] none",
        ]);
        let text = "- [x] done\n1. [x] listed\n> * [x] quoted\n- [x] of a document\nno [x] box";
        let open = "- [ ] done\n1. [ ] listed\n> * [ ] quoted\n- [x] of a document\nno [x] box";
        assert_eq!(opened(text, &known), open);
        assert_eq!(opened(open, &known), open);
    }

    #[test]
    fn fences_are_no_difference() {
        let text =
            "----- begin 9160d4be34c8 file one.txt -----\nx\n----- end 9160d4be34c8 -----\n----- end of it";
        let bare = "----- begin file one.txt -----\nx\n----- end -----\n----- end of it";
        assert_eq!(unfenced(text), bare);
    }

    #[test]
    fn a_plan_in_another_folder_is_the_same_plan() {
        let before = "# Plan\n\nIt stands in `a/EP-1.md` and rests.\n`a/EP-1.md`\n";
        let now = "# Plan\n\nIt stands in `b/c/EP-1.md` and rests.\n`a/EP-1.md`\n";
        assert_eq!(moved(before, now, "b/c/EP-1.md"), now);
        assert_eq!(moved(now, now, "b/c/EP-1.md"), now);
        // Another file is another plan.
        let other = before.replace("EP-1", "EP-2");
        assert_eq!(moved(&other, now, "b/c/EP-1.md"), other);
    }
}
