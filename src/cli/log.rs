use std::path::PathBuf;

use clap::Args;

use super::World;
use super::global::Global;
use super::log_entry::describe;
use super::setup::Setup;
use super::tell::tell;
use super::why::{Asked, WhyArgs};
use crate::session::Account;
use crate::state::{Blobs, Record};
use crate::ui::{account, for_output};
use crate::words::{Exit, Failure, printable, printable_line};

/// Show the evidence: what was sent, received, run and confirmed, when and by whom
#[derive(Debug, Args)]
pub(crate) struct LogArgs {
    /// The plan
    plan: PathBuf,
    /// Only this step
    step: Option<String>,
    #[command(flatten)]
    why: WhyArgs,
    /// Print the records, a JSON document a line; with --why one document
    #[arg(long)]
    json: bool,
    /// Print a text that a record names (a prompt, a reply, a check, what it printed) by the first digits of its name
    #[arg(long, value_name = "DIGITS", conflicts_with_all = ["step", "json", "why"])]
    text: Option<String>,
}

pub(crate) fn run(args: &LogArgs, global: &Global, world: &World) -> Result<Exit, Failure> {
    let setup = Setup::open_past(world, global, &args.plan, None)?;
    if let Some(said) = setup.said_aside() {
        aside(&said);
    }
    if let Some(digits) = &args.text {
        return text(&setup, digits, world);
    }
    let entries = setup.entries()?;
    if args.why.why {
        let asked = Asked {
            boxes: &args.why,
            plan: &args.plan,
            step: args.step.as_deref(),
            json: args.json,
        };
        return super::why::run(&asked, &setup, &entries, world);
    }
    let step = args
        .step
        .as_deref()
        .map(|id| setup.step_on_record(&entries, id))
        .transpose()?;
    let mut text = String::new();
    let mut said = None;
    for entry in entries
        .iter()
        .filter(|entry| step.is_none() || entry.record.step() == step.as_deref())
    {
        if let Record::TickIntent { by, .. } = &entry.record {
            said = Some(by);
        }
        if args.json {
            let line = serde_json::to_string(entry).map_err(|error| {
                Failure::new(Exit::LocalIo, "journal", format!("cannot show a record: {error}"))
            })?;
            text.push_str(&line);
        } else {
            text.push_str(&describe(entry, said));
        }
        text.push('\n');
    }
    if !args.json {
        text = for_output(text);
    }
    world.print(&text)?;
    if !args.json {
        let lines = account(&Account::of(&entries, step.as_deref()));
        tell(&lines.iter().map(|line| format!("{line}\n")).collect::<String>());
    }
    if entries.is_empty() {
        aside(&format!("nothing is on record for {}", setup.file.shown()));
    }
    Ok(Exit::Done)
}

/// Says something beside the data.
fn aside(text: &str) {
    let line = format!("{}\n", printable_line(text));
    let _ = std::io::Write::write_all(&mut crate::outlet::stderr(), line.as_bytes());
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
