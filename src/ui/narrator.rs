use std::fmt::Display;
use std::io::Write;

use super::bill;
use super::checked::checked;
use super::commits;
use super::fit::for_screen;
use super::paint::Paint;
use super::seconds::seconds;
use crate::session::{ChangedFile, Event, FileChange, Listener};
use crate::state::CheckRecord;
use crate::words::{counted, printable, printable_line};

/// Tells a person what a session does, on standard error.
pub struct Narrator<W: Write> {
    out: W,
    paint: Paint,
    /// Whether the last text ended inside a line.
    inside_line: bool,
    /// Whether files of the last changes go or move, so that they are not merely written.
    moves: bool,
    broken: Option<std::io::ErrorKind>,
}

impl<W: Write> Narrator<W> {
    /// A narrator that writes to `out`, coloured or plain.
    pub fn new(out: W, colour: bool) -> Self {
        Self {
            out,
            paint: Paint::new(colour),
            inside_line: false,
            moves: false,
            broken: None,
        }
    }

    /// Writes all of a text at once. What cannot be written is not an error of the session: it ends at its next durable
    /// state.
    fn write(&mut self, text: &str) {
        if self.broken.is_some() {
            return;
        }
        let written = self
            .out
            .write_all(text.as_bytes())
            .and_then(|()| self.out.flush());
        self.broken = written.err().map(|error| error.kind());
    }

    /// Writes a line of its own.
    pub(super) fn line(&mut self, text: impl Display) {
        let text = for_screen(&text.to_string());
        self.settle();
        self.write(&format!("{text}\n"));
    }

    /// Writes text that comes in pieces, behind a bar.
    fn stream(&mut self, text: &str) {
        let safe = printable(text);
        let bar = self.paint.faint("  │ ").to_string();
        let mut shown = String::with_capacity(safe.len() + 64);
        for piece in safe.split_inclusive('\n') {
            if !self.inside_line {
                shown.push_str(&bar);
            }
            shown.push_str(piece);
            self.inside_line = !piece.ends_with('\n');
        }
        self.write(&shown);
    }

    fn step(&mut self, event: &Event<'_>) {
        let Event::Step {
            step,
            title,
            goal,
            phase,
            attempt,
            resumed,
        } = event
        else {
            return;
        };
        let paint = self.paint;
        let name = format!("Step {step}");
        let title = printable_line(title);
        self.line("");
        self.line(format!(
            "{} {}  {}",
            paint.next("▸"),
            paint.next(&name),
            paint.title(&title)
        ));
        let goal = goal.map(|goal| format!("  {}", printable_line(goal)));
        self.line(paint.faint(&format!("  {}", printable_line(phase))));
        if let Some(goal) = goal {
            self.line(goal);
        }
        if let Some(resumed) = resumed {
            self.line(format!(
                "  {} attempt {attempt}: {resumed}",
                paint.warn("resumed")
            ));
        }
    }

    /// What is about to be sent and what came of it: tokens and money.
    fn bill(&mut self, event: &Event<'_>) {
        for line in bill::lines(event, self.paint) {
            self.line(line);
        }
    }

    fn changes(&mut self, files: &[ChangedFile]) {
        let paint = self.paint;
        for file in files {
            let path = printable_line(&file.path);
            let mut line = match &file.from {
                Some(from) => format!("  {} {} → {path}", paint.title("±"), printable_line(from)),
                None => format!("  {} {path}", paint.title("±")),
            };
            line.push_str(&format!(
                "  {} {}",
                paint.good(&format!("+{}", file.added)),
                paint.bad(&format!("−{}", file.removed))
            ));
            line.push_str(&match file.kind {
                FileChange::New => paint.faint("  new").to_string(),
                FileChange::Changed => String::new(),
                FileChange::Deleted => paint.bad("  deleted").to_string(),
                FileChange::Renamed => paint.faint("  renamed").to_string(),
            });
            if file.edited {
                line.push_str(&paint.faint("  edited by you").to_string());
            }
            if !file.declared {
                line.push_str(&paint.warn("  not named by the step").to_string());
            }
            self.line(line);
        }
        let kinds = [
            (FileChange::New, "new"),
            (FileChange::Changed, "changed"),
            (FileChange::Deleted, "deleted"),
            (FileChange::Renamed, "renamed"),
        ];
        let counts = kinds.map(|(kind, word)| (files.iter().filter(|file| file.kind == kind).count(), word));
        self.moves = counts[2].0 + counts[3].0 > 0;
        // Where files are only written, the lines above say all.
        if self.moves && files.len() > 1 {
            let counts = counts.iter().filter(|(count, _)| *count > 0);
            let counts: Vec<String> = counts.map(|(count, word)| format!("{count} {word}")).collect();
            self.line(paint.faint(&format!("    {} files: {}", files.len(), counts.join(", "))));
        }
    }

    fn checked(&mut self, check: &CheckRecord) {
        for line in checked(check, self.paint) {
            self.line(line);
        }
    }
}

impl<W: Write> Listener for Narrator<W> {
    fn tell(&mut self, event: &Event<'_>) {
        let paint = self.paint;
        match event {
            Event::Started {
                plan,
                id,
                title,
                endpoint,
                done,
                total,
            } => {
                let title = title.map(printable_line).unwrap_or_default();
                let shown = match id {
                    Some(id) if !title.starts_with(id) => format!("{id}: {title}"),
                    _ => title.into_owned(),
                };
                self.line(paint.title(&shown));
                let line = format!(
                    "{} · {done} of {total} boxes ticked · prompts go to {endpoint}",
                    printable_line(plan)
                );
                self.line(paint.faint(&line));
            }
            Event::Step { .. } => self.step(event),
            Event::Prompt { .. } => self.bill(event),
            Event::Sent { endpoint, model, .. } => {
                let model = model
                    .map(|model| format!(" ({})", printable_line(model)))
                    .unwrap_or_default();
                self.line(format!("  {} sent to {endpoint}{model}", paint.title("→")));
            }
            Event::AgentStarted { endpoint, .. } => {
                self.line(format!("  {} {endpoint} works on it", paint.title("→")));
            }
            Event::AgentEnded { agent, .. } => {
                let mark = if agent.succeeded() {
                    paint.good("✓")
                } else {
                    paint.bad("✗")
                };
                let outcome = printable_line(&agent.outcome);
                self.line(format!("  {mark} the agent {outcome} in {}", seconds(agent.took)));
            }
            Event::Text { text } => self.stream(text),
            Event::Output { text } => self.stream(text),
            Event::Retry {
                request, wait, why, ..
            } => {
                let line = format!(
                    "  {} {}; request {request} follows in {wait:.1} s",
                    paint.warn("retry"),
                    printable_line(why)
                );
                self.line(line);
            }
            Event::Replied { .. } => self.bill(event),
            Event::Changes { files, .. } => self.changes(files),
            Event::Declined { files, reason, .. } => {
                let reason = reason
                    .map(|reason| format!(": {}", printable_line(reason)))
                    .unwrap_or_default();
                let files: Vec<_> = files.iter().map(|file| printable_line(file)).collect();
                self.line(format!(
                    "  {} not written: {}{reason}",
                    paint.warn("·"),
                    files.join(", ")
                ));
            }
            Event::Applied { files, .. } => {
                let noun = if *files == 1 { "file" } else { "files" };
                let verb = if self.moves {
                    "wrote, deleted or renamed"
                } else {
                    "wrote"
                };
                self.line(format!("  {} {verb} {files} {noun}", paint.good("✓")));
            }
            Event::CheckStarted { step, line, .. } => {
                self.line(format!(
                    "  {} check of step {step}, line {line} of the plan",
                    paint.title("$")
                ));
            }
            Event::Checked { check, .. } => self.checked(check),
            Event::Rechecked {
                step,
                holds,
                doubtful,
                drift,
                ..
            } => {
                if *holds {
                    let how = if *doubtful {
                        ", as it did when it was confirmed"
                    } else {
                        ""
                    };
                    self.line(format!("  {} step {step} still holds{how}", paint.good("✓")));
                } else {
                    let (mark, what) = if *doubtful {
                        (paint.warn("!"), "is in doubt")
                    } else {
                        (paint.bad("✗"), "no longer holds")
                    };
                    let text = format!("step {step} {what}");
                    self.line(format!("  {mark} {}", paint.title(&text)));
                    for line in super::drift::drift(paint, *drift) {
                        self.line(line);
                    }
                }
            }
            Event::Unticked {
                step,
                boxes,
                done,
                total,
            } => {
                let boxes = counted(*boxes, "box", "boxes");
                let line = format!("  {} {boxes} unticked: step {step}", paint.warn("·"));
                self.line(format!("{line}  {}", paint.faint(&format!("{done} of {total}"))));
            }
            Event::Committed { .. } | Event::PlanCommitted { .. } => {
                for line in commits::lines(event, paint) {
                    self.line(line);
                }
            }
            Event::Again { attempt, .. } => {
                self.line(format!(
                    "  {} attempt {attempt}, with the failure in the prompt",
                    paint.warn("again")
                ));
            }
            Event::Ticked {
                place,
                boxes,
                done,
                total,
            } => {
                let noun = if *boxes == 1 { "box" } else { "boxes" };
                let line = format!(
                    "  {} {boxes} {noun} ticked: {}",
                    paint.good("✓"),
                    printable_line(place)
                );
                self.line(format!("{line}  {}", paint.faint(&format!("{done} of {total}"))));
            }
            Event::Left { place, boxes, reason } => {
                let line = format!(
                    "{} left open in {}: {}",
                    boxes.len(),
                    printable_line(place),
                    printable_line(reason)
                );
                self.line(format!("  {} {line}", paint.warn("·")));
            }
            Event::RolledBack { step, files, boxes } => self.line(format!(
                "  {} step {step} is rolled back: {} put back, {} unticked",
                paint.good("✓"),
                crate::words::counted(*files, "file", "files"),
                crate::words::counted(*boxes, "box", "boxes")
            )),
            Event::Done { step } => self.line(format!("  {} step {step} is done", paint.good("✓"))),
            Event::Escalated { step, reason, file } => {
                self.line(format!(
                    "  {} step {step}: {}",
                    paint.warn("escalated"),
                    printable_line(reason)
                ));
                // A path is not broken: it is to be copied.
                let text = format!("  to hand over: {}\n", printable_line(file));
                self.write(&text);
            }
            Event::Note { text } => self.line(format!("  {} {}", paint.warn("note"), printable_line(text))),
            // Said in full, with its place, when the process ends.
            Event::Failed { .. } => self.settle(),
            Event::Ended {
                done,
                total,
                steps_done,
                steps,
                complete,
                spent,
                by_batch,
                ..
            } => {
                self.line("");
                let mark = if *complete && done == total {
                    paint.good("✓")
                } else {
                    paint.title("·")
                };
                self.line(format!(
                    "{mark} {steps_done} of {steps} steps done, {done} of {total} boxes ticked"
                ));
                for line in bill::session(spent, *by_batch) {
                    self.line(paint.faint(&format!("  {line}")));
                }
            }
        }
    }

    fn settle(&mut self) {
        if std::mem::take(&mut self.inside_line) {
            self.write("\n");
        }
    }

    fn broken(&self) -> Option<std::io::ErrorKind> {
        self.broken
    }
}
