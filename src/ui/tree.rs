//! How far one plan is, as a tree of phases and steps.

use std::fmt::Display;

use super::fit::folded;
use super::lumps::Lumps;
use super::row::{Columns, Count, Mark, Row};
use super::{Paint, table};
use crate::plan::{Checkbox, Checklist, Phase, Plan, Progress, State, Step, Waiting};
use crate::session::{Escalation, Parcel};
use crate::words::{Failure, Source, Span, printable_line};

/// What is told of a plan.
pub struct Told<'a> {
    /// The plan.
    pub plan: &'a Plan,
    /// Its text.
    pub source: &'a Source,
    /// Its steps that are given to somebody else and not done.
    pub escalated: &'a [Escalation],
    /// Its steps that are with a batch, and those whose replies wait.
    pub waiting: &'a [Parcel],
}

/// Prints the plan with a progress bar for each phase and step, and what is next; on a screen of so many columns, no line is
/// longer, where that can be. Fails as `print` does.
pub fn render(
    told: &Told<'_>,
    paint: Paint,
    screen: Option<usize>,
    mut print: impl FnMut(&str) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let Told {
        plan,
        source,
        escalated,
        waiting,
    } = *told;
    let progress = Progress::of(plan);
    let mut tree = Tree {
        escalated,
        waiting,
        plan,
        source,
        paint,
        progress,
        columns: Columns::new(widest(plan), screen),
        screen,
        out: Lumps::new(&mut print),
    };
    tree.head();
    for phase in &plan.phases {
        tree.phase(phase)?;
    }
    tree.outside()?;
    tree.next();
    tree.out.end()
}

struct Tree<'a> {
    escalated: &'a [Escalation],
    waiting: &'a [Parcel],
    plan: &'a Plan,
    source: &'a Source,
    paint: Paint,
    progress: Progress<'a>,
    columns: Columns,
    screen: Option<usize>,
    out: Lumps<'a>,
}

impl Tree<'_> {
    fn head(&mut self) {
        let header = &self.plan.header;
        let title = header
            .title
            .as_ref()
            .map_or_else(|| self.source.path().to_owned(), |span| self.words(span));
        let status = header
            .status
            .as_ref()
            .map_or_else(|| "no status".to_owned(), |span| self.words(span));
        let (boxes, steps) = (self.plan.tally(), self.progress.steps_done());
        let total = self.plan.steps().count();
        let path = printable_line(self.source.path());
        let bar = table::bar(boxes.0, boxes.1, self.paint);
        self.say(self.paint.title(printable_line(&title)));
        // To be copied: it stays in one piece.
        self.out.line(format_args!("{path} · {status}"));
        self.say(format_args!(
            "{bar} {} of {} boxes · {steps} of {total} steps",
            boxes.0, boxes.1
        ));
    }

    fn phase(&mut self, phase: &Phase) -> Result<(), Failure> {
        let of_steps = phase.steps.iter().flat_map(Step::boxes);
        let boxes = count(of_steps.chain(&phase.completion));
        // What the whole phase waits for is told once, here.
        let opening = self.progress.opening(phase);
        let mark = if phase.is_done() { Mark::Done } else { Mark::Group };
        let name = format!("Phase {}: {}", phase.number, self.words(&phase.title));
        self.out.gap();
        self.row(&Row {
            stem: "",
            mark,
            name,
            boxes,
            note: waits(&opening),
        });
        let last = phase.steps.len() - usize::from(phase.completion.is_empty() && !phase.steps.is_empty());
        for (index, step) in phase.steps.iter().enumerate() {
            self.step(step, &opening, if index == last { "└─ " } else { "├─ " });
            self.out.pass()?;
        }
        if !phase.completion.is_empty() {
            let boxes = count(&phase.completion);
            let mark = if boxes.0 == boxes.1 {
                Mark::Done
            } else {
                Mark::Group
            };
            self.row(&Row {
                stem: "└─ ",
                mark,
                name: "completion criteria".to_owned(),
                boxes,
                note: String::new(),
            });
        }
        Ok(())
    }

    fn step(&mut self, step: &Step, opening: &[Waiting], stem: &'static str) {
        let (mark, note) = match self.progress.state_after(opening, step) {
            State::Done => (Mark::Done, "done".to_owned()),
            State::Ready if step.tasks.is_empty() && step.criteria.is_empty() => (
                Mark::Ready,
                "ready, but without a task or criterion it is never done".to_owned(),
            ),
            State::Ready => (Mark::Ready, "ready".to_owned()),
            State::Blocked(by) => {
                let own: Vec<Waiting> = by
                    .into_iter()
                    .filter(|waiting| !opening.contains(waiting))
                    .collect();
                (Mark::Blocked, waits(&own))
            }
        };
        let name = format!("{} {}", step.id, self.words(&step.title));
        let id = step.id.to_string();
        let escalation = self.escalated.iter().find(|escalation| escalation.step == id);
        let parcel = self.waiting.iter().find(|parcel| parcel.step == id);
        let (mark, note) = match (escalation, parcel) {
            (Some(escalation), _) => (Mark::Escalated, table::escalated(escalation)),
            (None, Some(parcel)) => (mark, format!("{note}, {parcel}")),
            (None, None) => (mark, note),
        };
        self.row(&Row {
            stem,
            mark,
            name,
            boxes: count(step.boxes()),
            note,
        });
    }

    /// Boxes outside the steps, those lists that have open ones.
    fn outside(&mut self) -> Result<(), Failure> {
        let lists = &self.plan.checklists;
        if lists.is_empty() {
            return Ok(());
        }
        let boxes = count(lists.iter().flat_map(|list| &list.boxes));
        let mark = if boxes.0 == boxes.1 {
            Mark::Done
        } else {
            Mark::Group
        };
        self.out.gap();
        self.row(&Row {
            stem: "",
            mark,
            name: "Outside the steps".to_owned(),
            boxes,
            note: String::new(),
        });
        let open: Vec<_> = lists
            .iter()
            .filter(|list| list.boxes.iter().any(|checkbox| !checkbox.done))
            .collect();
        for (index, list) in open.iter().enumerate() {
            let stem = if index + 1 == open.len() {
                "└─ "
            } else {
                "├─ "
            };
            let name = self.path(list);
            self.row(&Row {
                stem,
                mark: Mark::Group,
                name,
                boxes: count(&list.boxes),
                note: String::new(),
            });
            self.out.pass()?;
        }
        Ok(())
    }

    fn next(&mut self) {
        self.out.gap();
        let Some((_, step)) = self.progress.next() else {
            let (done, total) = self.plan.tally();
            let text = match (self.plan.steps().all(|(_, step)| step.is_done()), total - done) {
                (true, 0) => self.paint.good("complete".to_owned()),
                (true, open) => self.paint.next(format!(
                    "every step is done; {open} boxes are open outside the steps"
                )),
                (false, _) => self
                    .paint
                    .warn("no step may run: each waits for what is named above".to_owned()),
            };
            return self.say(text);
        };
        let next = format!("next: step {} {}", step.id, self.words(&step.title));
        self.say(self.paint.next(next));
        for dependency in step.dependencies.iter().filter(|dependency| dependency.external) {
            let text = self.words(&dependency.text);
            self.say(format_args!("      confirm first: {text}"));
        }
    }

    fn row(&mut self, row: &Row) {
        self.columns.print(row, self.paint, &mut self.out);
    }

    /// A line of words; broken between words where the screen ends.
    fn say(&mut self, text: impl Display) {
        match self.screen {
            None => self.out.line(format_args!("{text}")),
            Some(screen) => self
                .out
                .line(format_args!("{}", folded(&text.to_string(), screen))),
        }
    }

    /// The headings that a list stands under, outermost first.
    fn path(&self, list: &Checklist) -> String {
        let mut path = String::new();
        for (index, heading) in list.heading.iter().enumerate() {
            path.push_str(if index > 0 { " › " } else { "" });
            path.push_str(&self.words(heading));
        }
        if path.is_empty() {
            "top of the file".to_owned()
        } else {
            path
        }
    }

    fn words(&self, span: &Span) -> String {
        super::words(self.source, span)
    }
}

/// The number, the space and the title; exact enough for a column, and nothing is made for it.
fn widest(plan: &Plan) -> usize {
    let steps = plan.steps().map(|(_, step)| 8 + step.title.len());
    steps.max().unwrap_or(0)
}

fn count<'a>(boxes: impl IntoIterator<Item = &'a Checkbox>) -> Count {
    boxes.into_iter().fold((0, 0), |(done, total), checkbox| {
        (done + usize::from(checkbox.done), total + 1)
    })
}

fn waits(waiting: &[Waiting]) -> String {
    if waiting.is_empty() {
        return String::new();
    }
    let names: Vec<String> = waiting.iter().map(ToString::to_string).collect();
    format!("waits for {}", names.join(", "))
}
