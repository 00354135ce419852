use std::path::PathBuf;

use clap::Args;

use super::World;
use super::global::Global;
use super::setup::Setup;
use crate::plan::Address;
use crate::state::{Blobs, By, Entry, How, Journal, Mode, Record};
use crate::words::{Exit, Failure, counted, printable, printable_line};

/// The evidence: what was sent, received, run and confirmed, when and by whom
#[derive(Debug, Args)]
pub(crate) struct LogArgs {
    /// The plan
    plan: PathBuf,
    /// Only this step
    step: Option<String>,
    /// Print the records, a JSON document a line
    #[arg(long)]
    json: bool,
    /// Print a text that a record names (a prompt, a reply, a check, what it printed) by the first digits of its name
    #[arg(long, value_name = "DIGITS", conflicts_with_all = ["step", "json"])]
    text: Option<String>,
}

pub(crate) fn run(args: &LogArgs, global: &Global, world: &World) -> Result<Exit, Failure> {
    let setup = Setup::open(world, global, &args.plan, None)?;
    if let Some(digits) = &args.text {
        return text(&setup, digits, world);
    }
    let entries = match setup.state.existing(&setup.file) {
        Some(folder) => Journal::read(&folder)?,
        None => Vec::new(),
    };
    let step = args
        .step
        .as_deref()
        .map(|id| wanted(&setup, &entries, id))
        .transpose()?;
    let mut text = String::new();
    for entry in entries
        .iter()
        .filter(|entry| step.is_none() || entry.record.step() == step.as_deref())
    {
        if args.json {
            let line = serde_json::to_string(entry).map_err(|error| {
                Failure::new(Exit::LocalIo, "journal", format!("cannot show a record: {error}"))
            })?;
            text.push_str(&line);
        } else {
            text.push_str(&describe(entry));
        }
        text.push('\n');
    }
    world.print(&text)?;
    if entries.is_empty() {
        let line = format!(
            "nothing is on record for {}\n",
            printable_line(setup.file.shown())
        );
        // Beside the data, of which there is none.
        let _ = std::io::Write::write_all(&mut std::io::stderr(), line.as_bytes());
    }
    Ok(Exit::Done)
}

/// The step that the user names: one of the plan, or one that only the record knows any more.
fn wanted(setup: &Setup, entries: &[Entry], id: &str) -> Result<String, Failure> {
    let word = id.strip_prefix("Step ").unwrap_or(id);
    if entries.iter().any(|entry| entry.record.step() == Some(word)) {
        return Ok(word.to_owned());
    }
    setup.step(&setup.reading, id).map(|id| id.to_string())
}

fn text(setup: &Setup, digits: &str, world: &World) -> Result<Exit, Failure> {
    let found = match setup.state.existing(&setup.file) {
        Some(folder) => Blobs::open(folder.join("blobs"))?.find(digits)?,
        None => None,
    };
    let Some(bytes) = found else {
        let text = format!(
            "the record of `{}` has no one text `{digits}…`",
            setup.file.shown()
        );
        return Err(Failure::new(Exit::Usage, "no-such-text", text)
            .help("give at least four digits, as `stepgate log` shows them"));
    };
    let text = String::from_utf8_lossy(&bytes);
    let shown = if world.stdout_is_terminal {
        printable(&text)
    } else {
        text
    };
    world.print(&shown)?;
    Ok(Exit::Done)
}

fn describe(entry: &Entry) -> String {
    let step = entry
        .record
        .step()
        .map(|step| format!("step {step}  "))
        .unwrap_or_default();
    let text = words(&entry.record);
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
            ..
        } => {
            let model = model.as_deref().unwrap_or("its model");
            format!(
                "attempt {attempt}: prompt {} sent to {endpoint} ({model})",
                prompt.short()
            )
        }
        Record::Retry { request, why, .. } => format!("request {request} follows by itself: {why}"),
        Record::Reply { reply, usage, .. } => {
            let usage = usage
                .map(|u| format!(", {} tokens in, {} out", u.input, u.output))
                .unwrap_or_default();
            format!("reply {} received{usage}", reply.short())
        }
        Record::NoReply { why, .. } => format!("no reply that can be used: {why}"),
        Record::Unsent { attempt, prompt, .. } => match prompt {
            Some(prompt) => format!(
                "attempt {attempt}: prompt {} handed to the person",
                prompt.short()
            ),
            None => format!("attempt {attempt}: done by hand, nothing sent"),
        },
        Record::Edited { text, .. } => format!("the step's text was changed, now {}", text.short()),
        Record::Vouched { by, external, .. } => format!("{} vouches for: {}", name(by), external.join("; ")),
        Record::ApplyIntent { files, .. } => {
            let paths: Vec<&str> = files.iter().map(|file| file.path.as_str()).collect();
            format!("about to write {}", paths.join(", "))
        }
        Record::Applied { .. } => "files written".to_owned(),
        Record::NotApplied { why, .. } => format!("no files written: {why}"),
        Record::CheckBegun { script, how, .. } => {
            format!("check {} begins ({})", script.short(), manner(how))
        }
        Record::Checked { check, .. } => {
            let commands: Vec<String> = check
                .commands
                .iter()
                .map(|command| {
                    let status = command
                        .status
                        .map_or("did not end".to_owned(), |status| format!("exit {status}"));
                    format!(
                        "`{}` {status} in {} ms",
                        command.text.lines().next().unwrap_or_default(),
                        command.took
                    )
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
            format!(
                "check {} ({}){commands}{output}",
                check.outcome,
                manner(&check.how)
            )
        }
        Record::Again { note, .. } => match note {
            Some(note) => format!("sent back for another attempt: {note}"),
            None => "sent back for another attempt".to_owned(),
        },
        Record::Confirmed { by, boxes, .. } => {
            format!("{} confirmed by {}: {}", count(boxes), name(by), texts(boxes))
        }
        Record::TickIntent { boxes, to, by, .. } => {
            format!(
                "about to {} {}, said {}",
                if *to { "tick" } else { "untick" },
                count(boxes),
                name(by)
            )
        }
        Record::Ticked { boxes, to } => {
            let done = if *to { "ticked" } else { "unticked" };
            // None where they were no longer what they had been when it was announced.
            let colon = if boxes.is_empty() { "" } else { ": " };
            format!("{} {done}{colon}{}", count(boxes), texts(boxes))
        }
        Record::Done { .. } => "done".to_owned(),
        Record::Escalated { reason, .. } => format!("escalated: {reason}"),
        Record::Left { boxes, reason } => {
            format!("{} left open ({reason}): {}", count(boxes), texts(boxes))
        }
    }
}

fn count(boxes: &[Address]) -> String {
    counted(boxes.len(), "box", "boxes")
}

fn texts(boxes: &[Address]) -> String {
    let texts: Vec<&str> = boxes.iter().map(|address| address.text.as_str()).collect();
    texts.join("; ")
}

fn name(by: &By) -> String {
    match by {
        By::Person(user) => user.clone(),
        By::Unattended => "nobody (unattended)".to_owned(),
        By::Attested(user) => format!("{user}, beforehand (unattended)"),
    }
}

fn manner(how: &How) -> String {
    match how {
        How::All => "all of it".to_owned(),
        How::Chosen(lines) => counted(lines.len(), "chosen command", "chosen commands"),
        How::OwnTerminal => "in the person's terminal".to_owned(),
        How::ByHand => "by hand".to_owned(),
    }
}
