//! Many plans, one line each, in columns.

use serde::Serialize;

use super::fit::folded;
use super::{Paint, width};
use crate::plan::{Plan, Progress, State, Tally, one_line};
use crate::session::{Escalation, Parcel, WaitsFor};
use crate::words::{Diagnostic, Source, printable_line};

/// Cells of a progress bar.
pub(super) const BAR: usize = 10;

/// How many steps a line names that are with a batch, or whose replies wait.
const MAIL: usize = 4;

/// What one line tells of a plan; in JSON an element of `stepgate.status/1`.
#[derive(Debug, Serialize)]
pub struct Line {
    /// As the user named it.
    pub path: String,
    /// Such as `EP-0003`.
    pub id: Option<String>,
    /// The level-1 heading.
    pub title: Option<String>,
    /// As the header has it.
    pub status: Option<String>,
    /// Boxes of the whole file; absent when it cannot be read.
    pub boxes: Option<Tally>,
    /// Steps; absent when it cannot be read.
    pub steps: Option<Tally>,
    /// The step that may run now.
    pub next: Option<String>,
    /// Steps that wait, and for what.
    pub blocked: Vec<Blocked>,
    /// Steps that are given to somebody else and not done.
    pub escalated: Vec<Escalation>,
    /// Steps that are with a batch, and those whose replies wait.
    pub waiting: Vec<Parcel>,
    /// Why the plan is refused.
    pub problem: Option<Problem>,
}

/// A step that waits.
#[derive(Debug, Serialize)]
pub struct Blocked {
    /// Its number.
    pub step: String,
    /// `step 1.1`, `phase 1`.
    pub by: Vec<String>,
}

/// The first reason for which a plan is refused.
#[derive(Debug, Serialize)]
pub struct Problem {
    /// The rule's stable identifier.
    pub rule: &'static str,
    /// What is wrong.
    pub message: String,
    /// Where.
    pub line: Option<usize>,
    /// Where in the line, in characters from 1.
    pub column: Option<usize>,
}

impl Line {
    /// What a plan says of itself, with why it is `refused`; the steps that wait only when they are asked for: there may be many.
    pub fn of(plan: &Plan, source: &Source, refused: Option<&Diagnostic>, blocked: bool) -> Self {
        let progress = Progress::of(plan);
        let (done, total) = plan.tally();
        let text = |span: &Option<std::ops::Range<usize>>| {
            span.as_ref()
                .map(|span| one_line(source.slice(span)))
                .filter(|text| !text.is_empty())
        };
        let mut waiting = Vec::new();
        if blocked {
            for (phase, step) in plan.steps() {
                if let State::Blocked(by) = progress.state(phase, step) {
                    let by = by.iter().map(ToString::to_string).collect();
                    waiting.push(Blocked {
                        step: step.id.to_string(),
                        by,
                    });
                }
            }
        }
        Self {
            path: source.path().to_owned(),
            id: plan.id(source),
            title: text(&plan.header.title),
            status: text(&plan.header.status),
            boxes: Some(Tally { done, total }),
            steps: Some(Tally {
                done: progress.steps_done(),
                total: plan.steps().count(),
            }),
            next: progress
                .next()
                .filter(|_| refused.is_none())
                .map(|(_, step)| step.id.to_string()),
            blocked: waiting,
            escalated: Vec::new(),
            waiting: Vec::new(),
            problem: refused.map(Problem::of),
        }
    }

    /// A plan that cannot be read.
    pub fn unread(path: String, why: Option<&Diagnostic>) -> Self {
        let problem = why.map(Problem::of);
        Self {
            path,
            id: None,
            title: None,
            status: None,
            boxes: None,
            steps: None,
            next: None,
            blocked: Vec::new(),
            escalated: Vec::new(),
            waiting: Vec::new(),
            problem,
        }
    }

    /// What is next, in words: a step, what keeps all of them waiting, or what is left.
    fn outlook(&self, paint: Paint) -> String {
        let open = |tally: &Option<Tally>| tally.as_ref().map_or(0, |tally| tally.total - tally.done);
        if let Some(problem) = &self.problem {
            let at = problem
                .line
                .map(|line| format!(" (line {line})"))
                .unwrap_or_default();
            let rule = paint.bad(format!("error[{}]", problem.rule));
            return format!("{rule}: {}{at}", printable_line(&problem.message));
        }
        if let Some(escalation) = self.escalated.first() {
            let more = self.escalated.len() - 1;
            let more = if more > 0 {
                format!(" (and {more} more)")
            } else {
                String::new()
            };
            let text = format!("step {} {}{more}", escalation.step, escalated(escalation));
            return paint.warn(text).to_string();
        }
        match (&self.next, open(&self.steps), open(&self.boxes)) {
            (Some(step), ..) => paint
                .next(format!("next: step {step}{}", self.mail()))
                .to_string(),
            (None, 0, 0) => paint.good("complete").to_string(),
            (None, 0, boxes) => format!("steps done, {boxes} boxes open"),
            (None, steps, _) => paint
                .warn(format!("no step may run, {steps} wait{}", self.mail()))
                .to_string(),
        }
    }

    /// Which steps are with a batch, and whose replies wait.
    fn mail(&self) -> String {
        let of = |waits_for: WaitsFor, what: &str| {
            let steps = self.waiting.iter().filter(|parcel| parcel.waits_for == waits_for);
            let steps: Vec<&str> = steps.map(|parcel| parcel.step.as_str()).collect();
            let more = match steps.len().saturating_sub(MAIL) {
                0 => String::new(),
                more => format!(" and {more} more"),
            };
            let named = &steps[..steps.len().min(MAIL)];
            match steps.is_empty() {
                true => String::new(),
                false => format!("; {what}: {}{more}", named.join(", ")),
            }
        };
        of(WaitsFor::Run, "replies wait") + &of(WaitsFor::Batch, "with a batch")
    }
}

impl Problem {
    fn of(diagnostic: &Diagnostic) -> Self {
        let place = diagnostic.place.as_ref();
        Self {
            rule: diagnostic.rule,
            message: diagnostic.message.clone(),
            line: place.map(|place| place.line),
            column: place.map(|place| place.column),
        }
    }
}

/// That a step was escalated, in words: why, when and by whom.
pub fn escalated(escalation: &Escalation) -> String {
    let by = escalation
        .by
        .as_ref()
        .map(|by| format!(", by {}", printable_line(by)))
        .unwrap_or_default();
    let reason = printable_line(&escalation.reason);
    format!("escalated: {reason} ({}{by})", escalation.at)
}

/// The lines, their columns as wide as what is in them. Nothing is cut: on a screen of so many columns, where they do not fit,
/// paths stand on lines of their own, a folder's once.
pub fn render(lines: &[Line], paint: Paint, screen: Option<usize>) -> String {
    let cells: Vec<[String; 5]> = lines.iter().map(cells).collect();
    let widest = |column: usize| cells.iter().map(|cells| width(&cells[column])).max().unwrap_or(0);
    let widths = [0, 1, 2, 3, 4].map(widest);
    let told: Vec<String> = lines
        .iter()
        .zip(&cells)
        .map(|(line, cells)| {
            let outlook = line.outlook(paint);
            match &line.boxes {
                Some(boxes) => {
                    let bar = bar(boxes.done, boxes.total, paint);
                    let padded = |column: usize| padded(&cells[column], widths[column], column < 3);
                    let [id, status, boxes, steps] = [1, 2, 3, 4].map(padded);
                    let id = paint.title(id);
                    format!("{id}  {status}  {bar}  {boxes}  {steps}  {outlook}")
                }
                None => outlook,
            }
        })
        .collect();
    let fits = |screen: usize| {
        told.iter()
            .all(|told| widths[0] + 2 + console::measure_text_width(told) <= screen)
    };
    let mut text = String::new();
    let Some(screen) = screen.filter(|screen| !fits(*screen)) else {
        for (cells, told) in cells.iter().zip(&told) {
            text.push_str(&format!("{}  {told}\n", padded(&cells[0], widths[0], true)));
        }
        return text;
    };
    let mut last = "";
    for (cells, told) in cells.iter().zip(&told) {
        let (folder, name) = cells[0].rsplit_once('/').unwrap_or(("", &cells[0]));
        if folder != last {
            let heading = if folder.is_empty() { "." } else { folder };
            text.push_str(&format!("{}\n", paint.faint(format_args!("{heading}/"))));
            last = folder;
        }
        text.push_str(&format!("{}\n", folded(&format!("  {name}\n    {told}"), screen)));
    }
    text
}

/// A cell in its column: words to the left, numbers to the right.
fn padded(cell: &str, columns: usize, is_words: bool) -> String {
    let missing = columns.saturating_sub(width(cell));
    match is_words {
        true => format!("{cell}{:missing$}", ""),
        false => format!("{:missing$}{cell}", ""),
    }
}

fn cells(line: &Line) -> [String; 5] {
    let of = |tally: &Option<Tally>, what: &str| {
        tally
            .as_ref()
            .map(|tally| format!("{}/{} {what}", tally.done, tally.total))
            .unwrap_or_default()
    };
    let word = |text: &Option<String>| printable_line(text.as_deref().unwrap_or("-")).into_owned();
    let path = printable_line(&line.path).into_owned();
    [
        path,
        word(&line.id),
        word(&line.status),
        of(&line.boxes, "boxes"),
        of(&line.steps, "steps"),
    ]
}

/// A progress bar. It is full only when all is done, and empty only when nothing is.
pub fn bar(done: usize, total: usize, paint: Paint) -> String {
    let full = match total {
        0 => 0,
        _ if done >= total => BAR,
        _ => (done * BAR / total).max(usize::from(done > 0)),
    };
    const FULL: &str = "██████████";
    const EMPTY: &str = "░░░░░░░░░░";
    // Each cell is a character of three bytes.
    format!(
        "{}{}",
        paint.good(&FULL[..3 * full]),
        paint.faint(&EMPTY[3 * full..])
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(path: &str, text: &str) -> Line {
        let source = Source::new(path, text.into()).unwrap();
        let plan = Plan::read(&source);
        Line::of(&plan, &source, plan.verify(&source).first(), true)
    }

    #[test]
    fn shows_a_line_a_plan() {
        let open = "# EP-0001: A\n**Status:** Draft\n## Phase 1: P\n### Step 1.1: S\n**Tasks:**\n- [ ] a\n- [x] b\n### Step 1.2: T\n**Tasks:**\n- [ ] c\n\n**Dependencies:** Step 1.1\n";
        let lines = [
            line("docs/a.md", open),
            line("b.md", &open.replace("[ ]", "[x]")),
            line("c.md", "# Nothing\n"),
            Line::unread(
                "d.md".to_owned(),
                Some(&Diagnostic::error("not-found", "there is no file `d.md`")),
            ),
        ];
        let expected = "\
docs/a.md  EP-0001  Draft  ███░░░░░░░  1/3 boxes  0/2 steps  next: step 1.1
b.md       EP-0001  Draft  ██████████  3/3 boxes  2/2 steps  complete
c.md       -        -      ░░░░░░░░░░  0/0 boxes  0/0 steps  error[no-steps]: the plan has no steps (line 1)
d.md       error[not-found]: there is no file `d.md`
";
        assert_eq!(render(&lines, Paint::new(false), None), expected);
        assert_eq!(
            lines[0]
                .blocked
                .iter()
                .map(|step| step.by.join(", "))
                .collect::<Vec<_>>(),
            ["step 1.1"]
        );
    }

    #[test]
    fn what_does_not_fit_a_screen_stands_below_its_folder() {
        let plan = "# EP-0001: A\n**Status:** Draft\n## Phase 1: P\n### Step 1.1: S\n**Tasks:**\n- [ ] a\n";
        let lines = [
            line("docs/approved/EP-0001-one.md", plan),
            line("docs/approved/EP-0002-two.md", &plan.replace("[ ]", "[x]")),
            line("top.md", plan),
            Line::unread(
                "docs/none.md".to_owned(),
                Some(&Diagnostic::error("not-found", "there is no such file")),
            ),
        ];
        let wide = render(&lines, Paint::new(false), None);
        assert_eq!(render(&lines, Paint::new(false), Some(100)), wide);
        let expected = "\
docs/approved/
  EP-0001-one.md
    EP-0001  Draft  ░░░░░░░░░░  0/1 boxes  0/1 steps  next:
      step 1.1
  EP-0002-two.md
    EP-0001  Draft  ██████████  1/1 boxes  1/1 steps  complete
./
  top.md
    EP-0001  Draft  ░░░░░░░░░░  0/1 boxes  0/1 steps  next:
      step 1.1
docs/
  none.md
    error[not-found]: there is no such file
";
        assert_eq!(render(&lines, Paint::new(false), Some(62)), expected);
    }

    #[test]
    fn a_bar_is_full_only_when_all_is_done() {
        let paint = Paint::new(false);
        assert_eq!(bar(999, 1_000, paint), "█████████░");
        assert_eq!(bar(1, 1_000, paint), "█░░░░░░░░░");
        assert_eq!(bar(0, 0, paint), "░░░░░░░░░░");
        assert_eq!(bar(7, 7, paint), "██████████");
    }
}
