//! An entry of the journal in words.

use crate::llm::{Amount, Usage};
use crate::plan::Address;
use crate::prompt::LeftOut;
use crate::state::{BatchRecord, By, Declined, Entry, Foreseen, How, Mode, Record, RollbackRecord};
use crate::tree::Planned;
use crate::words::{Digest, counted, printable_line};

/// A record in words; `said` is who said what was announced last.
pub(super) fn describe(entry: &Entry, said: Option<&By>) -> String {
    let step = entry
        .record
        .step()
        .map(|step| format!("step {step}  "))
        .unwrap_or_default();
    let text = match &entry.record {
        Record::Ticked { boxes, to } => ticked(boxes, *to, said),
        record => words(record),
    };
    format!("{}  {step}{}", entry.at, printable_line(&text))
}

fn words(record: &Record) -> String {
    match record {
        Record::Session { user, host, mode, .. } => {
            let mode = match mode {
                Mode::Guided => "guided",
                Mode::Unattended => "unattended",
                Mode::ByHand => "by hand",
            };
            format!("session begins: {mode}, {user} on {host}")
        }
        Record::Send {
            attempt,
            prompt,
            endpoint,
            model,
            foreseen,
            batch,
            ..
        } => {
            let model = model.as_deref().unwrap_or("its model");
            let foreseen = foreseen.as_ref().map(expected).unwrap_or_default();
            let became = match batch {
                None => format!("sent to {endpoint} ({model}){foreseen}"),
                Some(mark) if BatchRecord::is_export(mark) => {
                    format!("answered by an engine of your own, from {mark}")
                }
                // Whether it was sent, what follows says.
                Some(mark) => format!("given to batch {mark}, for {endpoint} ({model})"),
            };
            format!("attempt {attempt}: prompt {} {became}", prompt.short())
        }
        Record::Retry { request, why, .. } => format!("request {request} follows by itself: {why}"),
        Record::Reply {
            reply, usage, cost, ..
        } => format!(
            "reply {} received{}",
            reply.short(),
            billed(*usage, cost.as_ref())
        ),
        Record::NoReply { why, .. } if why.starts_with(BatchRecord::NOT_SENT) => why.clone(),
        Record::NoReply { why, usage, cost, .. } => format!(
            "no reply that can be used: {why}{}",
            billed(*usage, cost.as_ref())
        ),
        Record::Upheld { by, diff, .. } => format!(
            "the reply is used although its prompt would be another one now, said {by}: difference {}",
            diff.short()
        ),
        Record::Unsent { attempt, prompt, .. } => match prompt {
            Some(prompt) => format!(
                "attempt {attempt}: prompt {} handed to the person",
                prompt.short()
            ),
            None => format!("attempt {attempt}: done by hand, nothing sent"),
        },
        Record::Amended { path, content, .. } => {
            format!(
                "what the reply makes of {path} was edited, now {}",
                content.short()
            )
        }
        Record::Edited { text, .. } => format!("the step's text was changed, now {}", text.short()),
        Record::Vouched { by, external, .. } => format!("{} vouches for: {}", by, external.join("; ")),
        Record::Snapshot { snapshot, .. } => match &snapshot.commit {
            Some(commit) => format!("the tree before it is {}", commit.get(..12).unwrap_or(commit)),
            None => "the tree before it is listed".to_owned(),
        },
        Record::ApplyIntent { files, declined, .. } => {
            format!("about to write {}{}", paths(files), not_chosen(declined))
        }
        Record::AgentBegun {
            prompt, delegation, ..
        } => {
            format!(
                "about to run the agent {} as {:?}, with prompt {}",
                delegation.endpoint,
                delegation.command,
                prompt.short()
            )
        }
        Record::AgentEnded { agent, .. } => {
            let kept = |name: &str, digest: &Option<Digest>| {
                let digest = digest.as_ref();
                digest.map_or_else(String::new, |digest| format!(", {name} {}", digest.short()))
            };
            format!(
                "the agent {} after {:.1} s; {} changed{}{}",
                agent.outcome,
                std::time::Duration::from_millis(agent.took).as_secs_f64(),
                counted(agent.changed.len(), "file", "files"),
                kept("difference", &agent.diff),
                kept("output", &agent.output)
            )
        }
        Record::AgentPutBack { files, by, .. } => {
            let paths = if files.is_empty() {
                "nothing".to_owned()
            } else {
                files.join(", ")
            };
            format!("about to put back {paths}, said {}", by)
        }
        Record::Made { files, beyond, .. } => {
            let beyond: String = beyond.iter().map(|beyond| format!("; {beyond}")).collect();
            format!("an agent wrote {}{beyond}", paths(files))
        }
        Record::RollbackIntent(RollbackRecord { files, by, .. }) => {
            format!("about to put back {}, said {}", paths(files), by)
        }
        Record::RolledBack { .. } => "rolled back".to_owned(),
        Record::RollbackWithdrawn { why, .. } => format!("nothing was put back: {why}"),
        Record::Applied { diff, .. } => match diff {
            Some(diff) => format!("files written: difference {}", diff.short()),
            None => "files written".to_owned(),
        },
        Record::Unwritten { why, .. } => format!("nothing of it is written: {why}"),
        Record::NotApplied { why, declined, .. } => {
            format!("no files written: {why}{}", not_chosen(declined))
        }
        Record::CheckBegun { script, how, .. } => {
            format!("check {} begins ({})", script.short(), manner(how))
        }
        Record::Checked { check, tree, .. } => {
            let commands: Vec<String> = check
                .commands
                .iter()
                .map(|command| {
                    let text = command.text.lines().next().unwrap_or_default();
                    let took = command.took().map(|took| format!(" in {took}"));
                    format!("`{text}` {}{}", command.ended(), took.unwrap_or_default())
                })
                .collect();
            let commands = if commands.is_empty() {
                String::new()
            } else {
                format!(": {}", commands.join("; "))
            };
            let output = check
                .output
                .as_ref()
                .map(|output| format!("; printed {}", output.short()))
                .unwrap_or_default();
            let tree = tree
                .as_ref()
                .map(|tree| format!("; on {tree}"))
                .unwrap_or_default();
            format!(
                "check {} ({}){commands}{output}{tree}",
                check.outcome,
                manner(&check.how)
            )
        }
        Record::Rechecked { check, confirmed, .. } => {
            let verdict = if check.is_certain() || *confirmed {
                "it still holds"
            } else if check.passed {
                "it is in doubt"
            } else {
                "it no longer holds"
            };
            format!("checked again: {verdict}: {}", check.outcome)
        }
        Record::WentOn { steps, in_doubt, by } => {
            let of = |steps: &[String], what: &str| {
                (!steps.is_empty()).then(|| format!("step {} {what}", steps.join(", step ")))
            };
            let why = [of(steps, "no longer holds"), of(in_doubt, "is in doubt")];
            let why: Vec<String> = why.into_iter().flatten().collect();
            format!("{by} goes on although {}", why.join(" and "))
        }
        Record::CommitIntent { .. } => "to be committed when it is done".to_owned(),
        Record::CommitBegun { commit, .. } => format!("commit {} is made", short(commit)),
        Record::Committed { commit, .. } => format!("committed as {}", short(commit)),
        Record::NotCommitted { why, .. } => format!("not committed: {why}"),
        Record::PlanCommit(commit) => commit.words(),
        Record::Again { note, .. } => match note {
            Some(note) => format!("sent back for another attempt: {note}"),
            None => "sent back for another attempt".to_owned(),
        },
        Record::Confirmed { by, boxes, .. } => {
            format!("{} confirmed by {}: {}", count(boxes), by, texts(boxes))
        }
        Record::TickIntent { boxes, to, by, .. } => {
            format!(
                "about to {} {}, said {}",
                if *to { "tick" } else { "untick" },
                count(boxes),
                by
            )
        }
        Record::Ticked { boxes, to } => ticked(boxes, *to, None),
        Record::Done { .. } => "done".to_owned(),
        Record::Escalated { reason, by, file, .. } => {
            let by = by.as_ref().map(|by| format!(" by {by}")).unwrap_or_default();
            let file = file
                .as_ref()
                .map(|file| format!("; to hand over: {file}"))
                .unwrap_or_default();
            format!("escalated{by}: {reason}{file}")
        }
        Record::Move(movement) => movement.words(),
        Record::Fill { section, act } => format!("{section}: {act}"),
        Record::Left { boxes, reason } => {
            format!("{} left open ({reason}): {}", count(boxes), texts(boxes))
        }
    }
}

fn short(commit: &str) -> &str {
    commit.get(..12).unwrap_or(commit)
}

fn ticked(boxes: &[Address], to: bool, said: Option<&By>) -> String {
    let done = if to { "ticked" } else { "unticked" };
    // None where they were no longer what they had been when it was announced.
    if boxes.is_empty() {
        return format!("{} {done}", count(boxes));
    }
    let said = said.map(|by| format!(", said {}", by)).unwrap_or_default();
    format!("{} {done}{said}: {}", count(boxes), texts(boxes))
}

fn paths(files: &[Planned]) -> String {
    if files.is_empty() {
        return "no file".to_owned();
    }
    let paths: Vec<&str> = files.iter().map(|file| file.path.as_str()).collect();
    paths.join(", ")
}

fn not_chosen(declined: &Declined) -> String {
    if declined.is_empty() {
        return String::new();
    }
    let paths: Vec<&str> = declined.files.iter().map(|path| path.as_str()).collect();
    let why = declined.reason.as_ref();
    let why = why.map(|why| format!(" ({why})")).unwrap_or_default();
    format!("; not chosen: {}{why}", paths.join(", "))
}

/// What was known of a prompt before it was sent.
fn expected(foreseen: &Foreseen) -> String {
    let about = if foreseen.estimated { "~" } else { "" };
    let mut text = format!(", {about}{} tokens", foreseen.tokens);
    if let Some(cost) = &foreseen.cost {
        text += &format!(", {about}{cost} without the reply");
    }
    if !foreseen.left_out.is_empty() {
        let sections: Vec<String> = foreseen.left_out.iter().map(LeftOut::words).collect();
        text += &format!("; left out: {}", sections.join("; "));
    }
    text
}

/// What the provider says that it took.
fn billed(usage: Option<Usage>, cost: Option<&Amount>) -> String {
    let usage = usage.map(|usage| {
        format!(
            ", {} tokens in ({} read from a cache), {} out",
            usage.input, usage.cached, usage.output
        )
    });
    let cost = cost.map(|cost| format!(", {cost}"));
    format!("{}{}", usage.unwrap_or_default(), cost.unwrap_or_default())
}

fn count(boxes: &[Address]) -> String {
    counted(boxes.len(), "box", "boxes")
}

fn texts(boxes: &[Address]) -> String {
    let texts: Vec<&str> = boxes.iter().map(|address| address.text.as_str()).collect();
    texts.join("; ")
}

fn manner(how: &How) -> String {
    match how {
        How::All => "all of it".to_owned(),
        How::Chosen(lines) => counted(lines.len(), "chosen command", "chosen commands"),
        How::OwnTerminal => "in the person's terminal".to_owned(),
        How::ByHand => "by hand".to_owned(),
    }
}
