use std::io::Write;

use super::diagnostics;
use super::narrator::Narrator;
use super::paint::Paint;
use crate::fill::{FillEvent, FillListener, Left};
use crate::session::{Event, Listener as _};
use crate::words::{counted, printable, printable_line};

/// Tells a person how a document is filled in, on standard error.
pub struct FillTeller<W: Write> {
    narrator: Narrator<W>,
    paint: Paint,
    colour: bool,
}

impl<W: Write> FillTeller<W> {
    /// One that writes to `out`, coloured or plain.
    pub fn new(out: W, colour: bool) -> Self {
        Self {
            narrator: Narrator::new(out, colour),
            paint: Paint::new(colour),
            colour,
        }
    }

    fn line(&mut self, text: impl std::fmt::Display) {
        self.narrator.line(text);
    }

    fn left(&mut self, path: &str, left: &[Left]) {
        for one in left {
            let section = match one.section.as_str() {
                "" => "the document's header",
                section => section,
            };
            let mut what = Vec::new();
            if one.hints > 0 {
                what.push(counted(one.hints, "hint", "hints"));
            }
            if one.placeholders > 0 {
                what.push(counted(one.placeholders, "placeholder", "placeholders"));
            }
            let text = format!(
                "  {}:{}  {}: {}",
                printable_line(path),
                one.line,
                printable_line(section),
                what.join(", ")
            );
            self.line(text);
        }
    }
}

impl<W: Write> FillListener for FillTeller<W> {
    fn tell(&mut self, event: &FillEvent<'_>) {
        let paint = self.paint;
        match event {
            FillEvent::Started {
                path,
                title,
                endpoint,
                parts,
            } => {
                self.line(paint.title(printable_line(title)));
                let parts = counted(*parts, "part", "parts");
                let line = format!(
                    "{} · {parts} to fill in · prompts go to {endpoint}",
                    printable_line(path)
                );
                self.line(paint.faint(line));
            }
            FillEvent::Part {
                part,
                number,
                of,
                hints,
            } => {
                let key = printable_line(&part.key);
                let place = format!("line {}, {number} of {of}", part.line);
                self.line("");
                self.line(format!(
                    "{} {}  {}",
                    paint.next("▸"),
                    paint.title(key),
                    paint.faint(place)
                ));
                for hint in *hints {
                    for line in hint.lines() {
                        self.line(format!("  {}", printable(line)));
                    }
                }
                let (_, placeholders) = part.counts();
                if placeholders > 0 {
                    let text = format!("  {}", counted(placeholders, "placeholder", "placeholders"));
                    self.line(paint.faint(text));
                }
            }
            FillEvent::Prompt {
                prompt,
                tokens,
                estimated,
                cost,
            } => {
                let about = if *estimated { "~" } else { "" };
                let cost = cost.map(|cost| format!(", {about}{cost} without the answer"));
                let cost = cost.unwrap_or_default();
                let parts: Vec<String> = prompt
                    .parts
                    .iter()
                    .map(|(name, bytes)| format!("{} {bytes} bytes", printable_line(name)))
                    .collect();
                self.line(format!("  prompt  {about}{tokens} tokens{cost}"));
                self.line(paint.faint(format!("  {}", parts.join(" · "))));
            }
            FillEvent::Sent { endpoint, model, .. } => {
                let model = model.map(|model| format!(" ({})", printable_line(model)));
                let model = model.unwrap_or_default();
                self.line(format!("  {} sent to {endpoint}{model}", paint.title("→")));
            }
            FillEvent::Text { text } => self.narrator.tell(&Event::Text { text }),
            FillEvent::Retry { request, wait, why } => {
                let (wait, why) = (wait.as_secs_f64(), printable_line(why));
                let word = paint.warn("retry");
                self.line(format!(
                    "  {word} {why}; request {request} follows in {wait:.1} s"
                ));
            }
            FillEvent::Replied { usage, cost, stored } => {
                let cost = cost.map(|cost| format!(", {cost}")).unwrap_or_default();
                let usage = usage.map(|usage| {
                    let (input, cached, output) = (usage.input, usage.cached, usage.output);
                    format!(", {input} tokens in ({cached} cached), {output} out")
                });
                let stored = if *stored {
                    " (as stored; nothing was sent)"
                } else {
                    ""
                };
                let usage = usage.unwrap_or_default();
                self.line(format!(
                    "  {} answer complete{usage}{cost}{stored}",
                    paint.good("✓")
                ));
            }
            FillEvent::Returned { round, of, found } => {
                for diagnostic in *found {
                    self.line(diagnostics::render(diagnostic, self.colour).trim_end());
                }
                let found = counted(found.len(), "finding", "findings");
                self.line(format!(
                    "  {} answer {round} of at most {of} has {found}, which go back to the model",
                    paint.warn("again")
                ));
            }
            FillEvent::Saved { part } => {
                let key = printable_line(&part.key).into_owned();
                self.line(format!("  {} saved: {key}", paint.good("✓")));
            }
            FillEvent::Skipped { part } => {
                let key = printable_line(&part.key).into_owned();
                self.line(format!("  {} left as it is: {key}", paint.warn("·")));
            }
            FillEvent::Ended {
                path,
                spent,
                saved,
                left,
            } => {
                self.line("");
                let saved = format!("{} filled in", counted(*saved, "part", "parts"));
                if left.is_empty() {
                    self.line(format!("{} {saved}, nothing is left", paint.good("✓")));
                } else {
                    self.line(format!("{} {saved}; what is left:", paint.title("·")));
                    self.left(path, left);
                }
                if spent.requests > 0 {
                    let cost = spent.cost.as_ref().map(|cost| format!(", {cost}"));
                    let line = format!(
                        "  {}, {} tokens in ({} cached), {} out{}",
                        counted(spent.requests as usize, "request", "requests"),
                        spent.input,
                        spent.cached,
                        spent.output,
                        cost.unwrap_or_default()
                    );
                    self.line(paint.faint(&line));
                }
            }
        }
    }

    fn settle(&mut self) {
        self.narrator.settle();
    }

    fn broken(&self) -> Option<std::io::ErrorKind> {
        self.narrator.broken()
    }
}
