//! A plan as it was read, for a person: everything that stepgate knows of it. Nothing is wrapped and nothing is cut.

use super::Paint;
use super::lumps::Lumps;
use crate::check::Script;
use crate::plan::{CheckBlock, Checkbox, Dependency, DocumentLink, Phase, Plan, Progress, State, Step};
use crate::session::Parcel;
use crate::words::{Failure, Source, Span, printable, printable_line};

/// What is told of a plan.
pub struct Told<'a> {
    /// The plan.
    pub plan: &'a Plan,
    /// Its text.
    pub source: &'a Source,
    /// Its steps that are with a batch, and those whose replies wait.
    pub waiting: &'a [Parcel],
}

/// Prints the whole plan: header, phases with their steps, checklists, what is next. Fails as `print` does.
pub fn plan(
    told: &Told<'_>,
    paint: Paint,
    mut print: impl FnMut(&str) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let Told {
        plan,
        source,
        waiting,
    } = *told;
    let mut sheet = Sheet {
        source,
        waiting,
        paint,
        out: Lumps::new(&mut print),
    };
    let progress = Progress::of(plan);
    sheet.header(plan);
    for phase in &plan.phases {
        sheet.phase(phase, plan.waits_for(phase));
        for step in &phase.steps {
            sheet.out.gap();
            sheet.step(&progress.state(phase, step), step);
            sheet.out.pass()?;
        }
        sheet.boxes("completion criteria", &phase.completion);
    }
    sheet.checklists(plan)?;
    if let Some(prompt) = &plan.final_prompt {
        sheet.out.gap();
        sheet.block("final prompt", &prompt.text(source));
    }
    sheet.next(&progress);
    sheet.out.end()
}

/// One step.
pub fn step(told: &Told<'_>, phase: &Phase, step: &Step, paint: Paint) -> String {
    let mut text = String::new();
    let mut print = |lump: &str| {
        text.push_str(lump);
        Ok(())
    };
    let mut sheet = Sheet {
        source: told.source,
        waiting: told.waiting,
        paint,
        out: Lumps::new(&mut print),
    };
    sheet.step(&Progress::of(told.plan).state(phase, step), step);
    // A String takes everything.
    let _ = sheet.out.end();
    text
}

struct Sheet<'a> {
    source: &'a Source,
    waiting: &'a [Parcel],
    paint: Paint,
    out: Lumps<'a>,
}

impl Sheet<'_> {
    fn header(&mut self, plan: &Plan) {
        let header = &plan.header;
        let title = header
            .title
            .as_ref()
            .map_or_else(|| self.source.path().to_owned(), |span| self.words(span));
        let title = self.paint.title(printable_line(&title));
        self.line(0, format_args!("{title}"));
        let path = self.source.path().to_owned();
        self.field("file", Some(&path));
        self.field("id", plan.id(self.source).as_ref());
        let spans = [
            ("status", &header.status),
            ("created", &header.created),
            ("updated", &header.updated),
            ("phase", &header.phase),
        ];
        for (name, span) in spans {
            let text = span
                .as_ref()
                .map(|span| self.words(span))
                .filter(|text| !text.is_empty());
            self.field(name, text.as_ref());
        }
        let path = |link: &Option<DocumentLink>| link.as_ref().map(|link| link.path.clone());
        self.field("requirements", path(&header.requirements).as_ref());
        self.field("design", path(&header.design).as_ref());
        let (done, total) = plan.tally();
        let steps = plan.steps().count();
        let of_steps = plan.steps().filter(|(_, step)| step.is_done()).count();
        self.field(
            "done",
            Some(&format!("{done} of {total} boxes, {of_steps} of {steps} steps")),
        );
    }

    fn field(&mut self, name: &str, value: Option<&String>) {
        let name = self.paint.faint(format!("{name:<13}"));
        match value {
            Some(value) => self.line(1, format_args!("{name} {}", printable_line(value))),
            None => {
                let nothing = self.paint.faint("-");
                self.line(1, format_args!("{name} {nothing}"));
            }
        }
    }

    fn phase(&mut self, phase: &Phase, before: Option<&Phase>) {
        let title = format!("Phase {}: {}", phase.number, self.words(&phase.title));
        self.out.gap();
        let title = self.paint.title(title);
        self.line(0, format_args!("{title}"));
        self.goal(phase.goal.as_ref());
        self.dependencies(&phase.dependencies);
        if let Some(before) = before {
            let waits = self
                .paint
                .faint(format!("none told, so it waits for phase {}", before.number));
            self.label("dependencies");
            self.line(2, format_args!("{waits}"));
        }
    }

    fn step(&mut self, state: &State, step: &Step) {
        let paint = self.paint;
        let state = match state {
            State::Done => paint.good("done".to_owned()),
            State::Ready => paint.next("ready".to_owned()),
            State::Blocked(by) => {
                let by: Vec<String> = by.iter().map(ToString::to_string).collect();
                paint.warn(format!("waits for {}", by.join(", ")))
            }
        };
        let id = step.id.to_string();
        let parcel = self.waiting.iter().find(|parcel| parcel.step == id);
        let parcel = parcel.map(|parcel| format!("  [{}]", paint.next(parcel.to_string())));
        let parcel = parcel.unwrap_or_default();
        let title = paint.title(format!("Step {}: {}", step.id, self.words(&step.title)));
        let line = paint.faint(format!("(line {})", self.source.line(step.heading.start)));
        self.line(0, format_args!("{title}  [{state}]{parcel} {line}"));
        self.goal(step.goal.as_ref());
        self.files(step);
        match &step.prompt {
            Some(prompt) => self.block("prompt", &prompt.text(self.source)),
            None => self.absent("no prompt"),
        }
        self.boxes("tasks", &step.tasks);
        self.dependencies(&step.dependencies);
        self.boxes("criteria", &step.criteria);
        self.boxes("other boxes", &step.other);
        if step.checks.is_empty() {
            self.absent("no success check");
        }
        for check in &step.checks {
            self.check(check);
        }
        if !step.rollback.is_empty() {
            self.label("rollback");
        }
        for span in &step.rollback {
            let text = self.words(span);
            self.line(2, format_args!("- {text}"));
        }
    }

    fn goal(&mut self, goal: Option<&Span>) {
        if let Some(goal) = goal {
            let (label, text) = (self.paint.faint("goal:"), self.words(goal));
            self.line(1, format_args!("{label} {text}"));
        }
    }

    fn files(&mut self, step: &Step) {
        if !step.files.is_empty() {
            self.label("files");
        }
        for file in &step.files {
            let words: Vec<String> = [&file.action, &file.note]
                .into_iter()
                .flatten()
                .map(|span| self.words(span))
                .collect();
            let said = if words.is_empty() {
                String::new()
            } else {
                format!(" ({})", words.join(" - "))
            };
            let (path, said) = (self.words(&file.path), self.paint.faint(said));
            self.line(2, format_args!("{path}{said}"));
        }
    }

    fn dependencies(&mut self, dependencies: &[Dependency]) {
        if !dependencies.is_empty() {
            self.label("dependencies");
        }
        for dependency in dependencies {
            let text = self.words(&dependency.text);
            let steps = dependency.steps.iter().map(|step| format!("step {step}"));
            let phases = dependency.phases.iter().map(|phase| format!("phase {phase}"));
            let mut kinds: Vec<String> = steps.chain(phases).collect();
            if dependency.external {
                kinds.push("external: for a person to confirm".to_owned());
            }
            let kinds = self.paint.faint(format!("[{}]", kinds.join(", ")));
            self.line(2, format_args!("{text}  {kinds}"));
        }
    }

    fn check(&mut self, check: &CheckBlock) {
        let text = check.text(self.source);
        let language = self.source.slice(&check.language);
        let script = Script {
            language,
            text: &text,
        };
        let name = if language.is_empty() {
            String::new()
        } else {
            format!(" ({language})")
        };
        self.block(&format!("success check{name}"), &text);
        if let Err(why) = script.runnable() {
            let why = self
                .paint
                .warn(format!("! cannot be run: {}", printable_line(&why.to_string())));
            self.line(2, format_args!("{why}"));
        }
        for remark in script.remarks() {
            let remark = self.paint.warn(format!(
                "! line {}: {}: {}",
                remark.line,
                remark.oddity.message(),
                printable_line(&remark.text)
            ));
            self.line(2, format_args!("{remark}"));
        }
    }

    fn boxes(&mut self, name: &str, boxes: &[Checkbox]) {
        if boxes.is_empty() {
            return;
        }
        let done = boxes.iter().filter(|checkbox| checkbox.done).count();
        self.label(&format!("{name} {done}/{}", boxes.len()));
        for checkbox in boxes {
            let text = printable_line(&checkbox.text(self.source)).into_owned();
            let mark = if checkbox.done {
                self.paint.good("[x]")
            } else {
                self.paint.plain("[ ]")
            };
            self.line(2, format_args!("{mark} {text}"));
        }
    }

    fn checklists(&mut self, plan: &Plan) -> Result<(), Failure> {
        for list in &plan.checklists {
            let path = list.path(self.source).join(" › ");
            let path = if path.is_empty() {
                "top of the file".to_owned()
            } else {
                path
            };
            let title = self.paint.title(printable_line(&path).into_owned());
            self.out.gap();
            self.line(0, format_args!("{title}"));
            self.boxes("boxes", &list.boxes);
            self.out.pass()?;
        }
        Ok(())
    }

    fn next(&mut self, progress: &Progress<'_>) {
        if let Some((_, step)) = progress.next() {
            let next = self
                .paint
                .next(format!("next: step {} {}", step.id, self.words(&step.title)));
            self.out.gap();
            self.line(0, format_args!("{next}"));
        }
    }

    /// A text of several lines, below its name.
    fn block(&mut self, name: &str, text: &str) {
        self.label(name);
        for line in text.lines() {
            // A tab stays: it may be what a here-document needs.
            self.line(2, format_args!("{}", printable(line)));
        }
    }

    fn label(&mut self, name: &str) {
        let name = self.paint.faint(format!("{}:", printable_line(name)));
        self.line(1, format_args!("{name}"));
    }

    fn absent(&mut self, what: &str) {
        let what = self.paint.warn(what);
        self.line(1, format_args!("{what}"));
    }

    fn line(&mut self, indent: usize, line: std::fmt::Arguments<'_>) {
        self.out
            .line(format_args!("{:indent$}{line}", "", indent = 2 * indent));
    }

    fn words(&self, span: &Span) -> String {
        super::words(self.source, span)
    }
}
