//! What a colleague is given who takes up a step: all that is known of it, in one Markdown file.

use super::desk::Desk;
use super::found::Found;
use crate::prompt::bounded;
use crate::prompt::engine::fenced;
use crate::reply;
use crate::state::{By, CheckRecord, Declined, Entry, Record};
use crate::words::{Digest, printable, printable_line, shell_word, unix_lines};

/// Bytes of each text that is told; what is longer loses its middle. All of it is in the record.
const SUMMARY: usize = 2 << 10;
const OUTPUT: usize = 8 << 10;
const DIFF: usize = 64 << 10;

/// A step about to be handed over.
pub(crate) struct Handover<'a> {
    pub(crate) desk: &'a Desk,
    pub(crate) found: Found<'a>,
    pub(crate) reason: &'a str,
    pub(crate) by: &'a By,
}

impl Handover<'_> {
    /// The whole text. It stands by itself: whoever reads it needs neither the plan nor the record at hand.
    pub(crate) fn text(&self) -> String {
        let (found, source) = (&self.found, self.found.source);
        let step = found.step.id.to_string();
        let title = printable_line(source.slice(&found.step.title)).into_owned();
        let plan = found.plan.header.title.as_ref();
        let plan = plan.map_or("(no title)".into(), |span| printable_line(source.slice(span)));
        let shown = self.desk.file.shown();
        let mut text = format!(
            "# Step {step} was escalated: {title}\n\n- Plan: {plan}\n- File: `{}`, line {}\n- Folder: `{}`\n- By: {}, at {}\n- Written by: stepgate {}\n",
            printable_line(shown),
            source.line(found.step.heading.start),
            printable_line(&self.desk.root.path().display().to_string()),
            printable_line(&self.by.to_string()),
            jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ"),
            env!("CARGO_PKG_VERSION"),
        );
        section(&mut text, "Why", &printable(self.reason));
        let own = unix_lines(source.slice(&found.step.span));
        section(
            &mut text,
            "The step, as the plan has it",
            &fenced(&printable(own.trim_end()), "markdown"),
        );
        section(&mut text, "What was tried", "");
        let tried = self.tried(&step);
        text.push_str(if tried.is_empty() {
            "Nothing is on record.\n"
        } else {
            &tried
        });
        let plan = shell_word(std::path::Path::new(shown));
        let again = format!(
            "The tree is as the last attempt left it; what each attempt changed is above.\n\n- `stepgate status {plan}` tells how far the plan is.\n- `stepgate prompt {plan} {step}` prints what would be sent for the step.\n- `stepgate check {plan} {step}` runs its success check.\n- `stepgate run {plan} --step {step}` takes it up again, with a new attempt.\n- `stepgate tick {plan} {step}` ticks its boxes by hand, once it is done.\n- `stepgate log {plan} {step}` has the whole record, on the machine where this was written; `--text DIGITS` prints a text\n  that is named above."
        );
        section(&mut text, "How to take it up again", &again);
        text
    }

    /// All that is on record of the step since it was last done.
    fn tried(&self, step: &str) -> String {
        let mut text = String::new();
        let mut last = None;
        for entry in self.desk.journal.entries() {
            match &entry.record {
                Record::Done { step: done } if done == step => {
                    text.clear();
                    last = None;
                }
                record if record.step() == Some(step) => {
                    let Some(words) = self.told(entry) else { continue };
                    let attempt = attempt(record).or(last);
                    if attempt != last {
                        text.push_str(&format!("### Attempt {}\n\n", attempt.unwrap_or(1)));
                        last = attempt;
                    }
                    text.push_str(&words);
                    text.push_str("\n\n");
                }
                _ => {}
            }
        }
        text.truncate(text.trim_end().len());
        if !text.is_empty() {
            text.push('\n');
        }
        text
    }

    /// One record in words; `None` for one that tells a colleague nothing.
    fn told(&self, entry: &Entry) -> Option<String> {
        let words = match &entry.record {
            Record::Send {
                prompt,
                endpoint,
                model,
                ..
            } => {
                let model = model.as_deref().unwrap_or("its model");
                format!("Prompt `{}` was sent to {endpoint} ({model}).", prompt.short())
            }
            Record::Unsent {
                prompt: Some(prompt), ..
            } => {
                format!("Prompt `{}` was handed to a person.", prompt.short())
            }
            Record::Unsent { prompt: None, .. } => "A person worked by hand; nothing was sent.".to_owned(),
            Record::Reply { reply, .. } => return Some(self.reply(entry, reply)),
            Record::NoReply { why, refused, .. } => {
                let why = refused.as_ref().unwrap_or(why);
                format!(
                    "No reply came that can be used:\n\n{}",
                    quoted(why, OUTPUT, "text")
                )
            }
            Record::Amended { path, .. } => format!("A person edited what the reply makes of `{path}`."),
            Record::ApplyIntent { declined, .. } if !declined.is_empty() => left_out(declined),
            record @ (Record::AgentBegun { .. }
            | Record::AgentEnded { .. }
            | Record::AgentPutBack { .. }
            | Record::Made { .. }) => self.agent(record)?,
            Record::Applied { diff, .. } => {
                let diff = diff.as_ref().and_then(|diff| self.desk.kept(diff));
                let diff = diff.unwrap_or_else(|| "(the difference is not on record)".to_owned());
                format!("Files were written:\n\n{}", quoted(&diff, DIFF, "diff"))
            }
            Record::NotApplied { why, declined, .. } => {
                let declined = if declined.is_empty() {
                    String::new()
                } else {
                    format!(" {}", left_out(declined))
                };
                format!("No files were written: {}.{declined}", printable_line(why))
            }
            Record::Unwritten { why, .. } => format!("No files were written: {}.", printable_line(why)),
            Record::Checked { check, .. } => return Some(self.check(entry, check)),
            Record::Again { note, .. } => match note {
                Some(note) => format!(
                    "It was sent back with a note:\n\n{}",
                    quoted(note, OUTPUT, "text")
                ),
                None => "It was sent back.".to_owned(),
            },
            Record::RolledBack { .. } => "What the step had changed was put back.".to_owned(),
            Record::Escalated { reason, .. } => format!("It was escalated: {}", printable_line(reason)),
            _ => return None,
        };
        Some(format!("{}: {words}", entry.at))
    }

    /// What is on record of an agent.
    fn agent(&self, record: &Record) -> Option<String> {
        let kept = |digest: &Option<Digest>| digest.as_ref().and_then(|digest| self.desk.kept(digest));
        Some(match record {
            Record::AgentBegun {
                prompt, delegation, ..
            } => {
                let words = delegation.command.iter();
                let words: Vec<String> = words.map(|word| shell_word(std::path::Path::new(word))).collect();
                format!(
                    "The agent {} was started on prompt `{}`, as {}.",
                    printable_line(&delegation.endpoint),
                    prompt.short(),
                    code(&words.join(" "))
                )
            }
            Record::AgentEnded { agent, .. } => {
                let mut text = format!("The agent {}.", printable_line(&agent.outcome));
                if let Some(output) = kept(&agent.output) {
                    text.push_str(&format!(" It printed:\n\n{}", quoted(&output, OUTPUT, "text")));
                }
                text
            }
            Record::AgentPutBack { files, .. } => {
                let files: Vec<String> = files.iter().map(|file| code(file)).collect();
                format!(
                    "What it had done to these files was put back: {}.",
                    files.join(", ")
                )
            }
            Record::Made { files, diff, .. } => match kept(diff) {
                Some(diff) => format!("What it changed was kept:\n\n{}", quoted(&diff, DIFF, "diff")),
                None if files.is_empty() => "It left no changes of files.".to_owned(),
                None => {
                    let files: Vec<String> = files.iter().map(|file| code(file.path.as_str())).collect();
                    format!("What it changed was kept: {}.", files.join(", "))
                }
            },
            _ => return None,
        })
    }

    fn reply(&self, entry: &Entry, reply: &Digest) -> String {
        let name = format!("{}: Reply `{}` came.", entry.at, reply.short());
        match self.desk.kept(reply).map(|text| prose(&text)) {
            Some(prose) if !prose.trim().is_empty() => {
                format!(
                    "{name} Besides its files it says:\n\n{}",
                    quoted(prose.trim(), SUMMARY, "text")
                )
            }
            _ => name,
        }
    }

    fn check(&self, entry: &Entry, check: &CheckRecord) -> String {
        let mut text = format!("{}: The check: {}.", entry.at, printable_line(&check.outcome));
        if let Some(script) = check.script.as_ref().and_then(|script| self.desk.kept(script)) {
            text.push_str(&format!("\n\n{}", quoted(&script, OUTPUT, "bash")));
        }
        for command in &check.commands {
            let first = command.text.lines().next().unwrap_or_default();
            let gap = if text.ends_with(['`', '.']) { "\n" } else { "" };
            text.push_str(&format!(
                "{gap}\n- line {}: {}: {}",
                command.line,
                command.ended(),
                code(first)
            ));
        }
        if let Some(output) = check.output.as_ref().and_then(|output| self.desk.kept(output)) {
            text.push_str(&format!("\n\nIt printed:\n\n{}", quoted(&output, OUTPUT, "text")));
        }
        text
    }
}

fn section(text: &mut String, heading: &str, content: &str) {
    text.push_str(&format!("\n## {heading}\n\n"));
    if !content.is_empty() {
        text.push_str(content.trim_end());
        text.push('\n');
    }
}

/// A text of somebody else as it is, in a fence that it cannot close.
fn quoted(text: &str, limit: usize, language: &str) -> String {
    fenced(&printable(&bounded(text, limit)), language)
}

/// One line as code.
fn code(line: &str) -> String {
    let line = printable_line(line);
    if line.contains('`') {
        format!("`` {line} ``")
    } else {
        format!("`{line}`")
    }
}

fn left_out(declined: &Declined) -> String {
    let files: Vec<String> = declined.files.iter().map(|file| format!("`{file}`")).collect();
    let why = match &declined.reason {
        Some(why) => format!(", because: {}", printable_line(why)),
        None => String::new(),
    };
    format!("Not chosen: {}{why}.", files.join(", "))
}

/// A reply without the blocks that are edits.
fn prose(reply: &str) -> String {
    let mut text = String::new();
    let mut from = 0;
    for edit in reply::edits(reply).edits {
        text.push_str(reply.get(from..edit.span.start).unwrap_or_default());
        from = edit.span.end;
    }
    text.push_str(reply.get(from..).unwrap_or_default());
    text
}

fn attempt(record: &Record) -> Option<u32> {
    match record {
        Record::Send { attempt, .. }
        | Record::Unsent { attempt, .. }
        | Record::Reply { attempt, .. }
        | Record::NoReply { attempt, .. }
        | Record::Amended { attempt, .. }
        | Record::ApplyIntent { attempt, .. }
        | Record::Applied { attempt, .. }
        | Record::NotApplied { attempt, .. }
        | Record::Unwritten { attempt, .. }
        | Record::AgentBegun { attempt, .. }
        | Record::AgentEnded { attempt, .. }
        | Record::AgentPutBack { attempt, .. }
        | Record::Made { attempt, .. }
        | Record::Checked { attempt, .. }
        | Record::Again { attempt, .. }
        | Record::Escalated { attempt, .. } => Some(*attempt),
        _ => None,
    }
}
