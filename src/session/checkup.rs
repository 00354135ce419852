//! The run of a step's check, block after block, shown as it comes.

use std::ops::RangeInclusive;
use std::path::Path;
use std::time::Duration;

use super::check_question::CheckBlock;
use super::event::{Event, Listener};
use crate::check::{self, Check, Limits, OwnTerminal, Status};
use crate::interrupt::Interrupt;
use crate::state::{CheckRecord, CommandRecord, How};
use crate::words::{Digest, Failure};

/// What a check needs of the world.
#[derive(Clone, Copy)]
pub struct Bench<'a> {
    /// Where it runs.
    pub folder: &'a Path,
    /// A private folder for what it needs while it runs.
    pub scratch: &'a Path,
    /// Variables that it does not see.
    pub without: &'a [String],
    /// How long each block may take.
    pub timeout: Duration,
    /// Signals.
    pub interrupt: &'a Interrupt,
}

/// What to run.
pub struct Run<'a> {
    /// The step, for the listener.
    pub step: &'a str,
    /// Its blocks: each can be run, or is only an illustration.
    pub blocks: &'a [CheckBlock],
    /// Only these commands, by block and index.
    pub chosen: Option<&'a [(usize, usize)]>,
    /// In the person's own terminal.
    pub own: bool,
}

/// What came of all blocks.
#[derive(Debug, Default)]
pub struct Results {
    /// Each command that was to run.
    pub commands: Vec<CommandRecord>,
    /// Why the check did not pass.
    pub failed: Option<String>,
    /// Why it is not certain that it passed, where it did.
    pub doubts: Vec<String>,
    /// The signal that ended it: it neither passed nor failed.
    pub interrupted: Option<u8>,
    /// Milliseconds.
    pub took: u64,
    /// What it printed, head and tail.
    pub output: String,
    /// Blocks that are only illustrations, in words.
    pub not_run: Vec<String>,
}

impl Results {
    /// The record of it.
    pub fn record(&self, script: Digest, how: How, output: Option<Digest>) -> CheckRecord {
        let mut record = CheckRecord {
            script: Some(script),
            how,
            passed: self.failed.is_none() && self.interrupted.is_none(),
            outcome: self.failed.clone().unwrap_or_else(|| "passed".to_owned()),
            // What failed is not doubtful.
            doubts: self
                .doubts
                .iter()
                .filter(|_| self.failed.is_none())
                .cloned()
                .collect(),
            commands: self.commands.clone(),
            output,
            took: self.took,
        };
        if let Some(but) = record.but() {
            record.outcome.push_str(&format!(", but {but}"));
        }
        if !self.not_run.is_empty() {
            let not_run = self.not_run.join(", ");
            record.outcome.push_str(&format!(" (not run: {not_run})"));
        }
        record
    }
}

impl Run<'_> {
    /// Runs block after block until one does not pass.
    pub fn all(&self, bench: &Bench<'_>, listener: &mut dyn Listener) -> Result<Results, Failure> {
        let mut results = Results {
            not_run: self.blocks.iter().filter_map(not_run).collect(),
            ..Results::default()
        };
        for (index, block) in self.blocks.iter().enumerate() {
            let lines: Option<Vec<_>> = self.chosen.map(|chosen| {
                let of_block = chosen.iter().filter(|(at, _)| *at == index);
                of_block
                    .filter_map(|(_, command)| Some(block.commands.get(*command)?.lines.clone()))
                    .collect()
            });
            if block.not_runnable.is_some() || lines.as_ref().is_some_and(Vec::is_empty) {
                continue;
            }
            listener.tell(&Event::CheckStarted {
                step: self.step,
                line: block.line,
                script: &block.text,
            });
            let before = results.commands.len();
            let status = if self.own {
                own_terminal(bench, block)?
            } else {
                run_block(bench, block, lines.as_deref(), &mut results, listener)?
            };
            for command in &mut results.commands[before..] {
                command.block = index;
            }
            match status {
                Status::Interrupted(signal) => results.interrupted = Some(signal),
                status if status.passed() => continue,
                status => {
                    let failed = results.commands[before..]
                        .iter()
                        .rev()
                        .find(|c| c.status.is_some_and(|s| s != 0));
                    let at = failed.map(|command| format!(" (plan line {})", block.line + command.line - 1));
                    let hint = status.hint().map(|hint| format!("; {hint}")).unwrap_or_default();
                    results.failed = Some(format!("{}{}{hint}", status.describe(), at.unwrap_or_default()));
                }
            }
            break;
        }
        Ok(results)
    }
}

/// A block that is not run, as the outcome names it.
fn not_run(block: &CheckBlock) -> Option<String> {
    let language = block.not_runnable.as_ref()?.illustration()?;
    Some(format!("the `{language}` block at plan line {}", block.line))
}

fn run_block(
    bench: &Bench<'_>,
    block: &CheckBlock,
    lines: Option<&[RangeInclusive<usize>]>,
    results: &mut Results,
    listener: &mut dyn Listener,
) -> Result<Status, Failure> {
    let request = Check {
        text: &block.text,
        chosen: lines,
        folder: bench.folder,
        scratch: bench.scratch,
        without: bench.without,
        limits: Limits {
            timeout: bench.timeout,
            ..Limits::default()
        },
    };
    let outcome = check::run(&request, bench.interrupt, &mut |event| match event {
        check::Event::Output(bytes) => {
            let text = String::from_utf8_lossy(bytes);
            listener.tell(&Event::Output { text: &text });
        }
        check::Event::Slow(time) => {
            listener.note(&format!("still running after {} s", time.as_secs()));
        }
    })?;
    let kept = without_script(&outcome.output.text(), bench.scratch);
    results.output.push_str(&kept);
    results.took += millis(outcome.took);
    results
        .commands
        .extend(outcome.commands.iter().map(|command| CommandRecord {
            block: 0,
            line: *command.lines.start(),
            text: command.text.clone(),
            status: command.status,
            ran: Some(command.ran),
            took: millis(command.took),
        }));
    results.doubts.extend(outcome.doubts().iter().map(|doubt| {
        let line = block.line + doubt.line - 1;
        format!("plan line {line} {}", doubt.why)
    }));
    if outcome.left_processes {
        listener.note("the check left processes behind; they were ended");
    }
    Ok(outcome.status)
}

fn own_terminal(bench: &Bench<'_>, block: &CheckBlock) -> Result<Status, Failure> {
    let request = OwnTerminal {
        text: &block.text,
        folder: bench.folder,
        scratch: bench.scratch,
        without: bench.without,
    };
    check::run_in_terminal(&request, bench.interrupt)
}

/// Output without the path of the file that bash reads the block from: it says nothing to a person or a model, and is
/// another one each time.
fn without_script(text: &str, scratch: &Path) -> String {
    let start = format!("{}/check-", scratch.display());
    let mut clean = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(&start) {
        clean.push_str(&rest[..at]);
        let after = &rest[at + start.len()..];
        // A random word, then the file's name.
        let name = after.find('/').filter(|end| after[*end..].starts_with("/check"));
        rest = match name {
            Some(end) => &after[end + 1..],
            None => {
                clean.push_str(&start);
                after
            }
        };
    }
    clean.push_str(rest);
    clean
}

fn millis(time: std::time::Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
