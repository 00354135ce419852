use std::collections::HashMap;

use super::part::{Kind, Part};
use crate::plan::{Outline, Plan, Unfilled, one_line};
use crate::plan_file::Reading;
use crate::words::{Exit, Failure, Source, Span};

/// A document as it was read: its sections, and what in them is to be written.
#[derive(Debug)]
pub struct Page<'a> {
    /// Its text.
    pub source: &'a Source,
    /// What it says of itself; a document of another kind has a header too.
    pub plan: &'a Plan,
    pub(crate) outline: Outline,
    pub(crate) unfilled: Vec<Unfilled>,
}

impl<'a> Page<'a> {
    /// Looks at a document of any kind.
    pub fn of(reading: &'a Reading) -> Self {
        Self {
            source: &reading.source,
            plan: &reading.plan,
            outline: Outline::of(reading.source.text()),
            unfilled: reading.plan.unfilled(&reading.source),
        }
    }

    /// Every section, in the order of the file. What stands above the first heading of level 2 is the document's header,
    /// and no section.
    pub fn sections(&self) -> Vec<Part> {
        let headings = &self.outline.headings;
        let first = headings
            .iter()
            .position(|heading| heading.level >= 2)
            .unwrap_or(0);
        let mut above: Vec<(u8, String)> = Vec::new();
        let mut seen: HashMap<String, usize> = HashMap::new();
        let mut open = self.unfilled.iter().peekable();
        let mut sections = Vec::new();
        for (index, heading) in headings.iter().enumerate().skip(first) {
            let end = headings
                .get(index + 1)
                .map_or(self.source.text().len(), |next| next.span.start);
            let span = content(self.source.text(), &heading.span, end);
            above.retain(|(level, _)| *level < heading.level);
            above.push((heading.level, one_line(self.source.slice(&heading.text))));
            let path: Vec<String> = above.iter().map(|(_, name)| name.clone()).collect();
            let name = path.join(" › ");
            let count = seen.entry(name.clone()).or_default();
            *count += 1;
            while open.next_if(|one| one.span.start < heading.span.start).is_some() {}
            let mut within = Vec::new();
            while let Some(one) = open.next_if(|one| one.span.start < end) {
                within.push(one.clone());
            }
            sections.push(Part {
                key: if *count == 1 {
                    name
                } else {
                    format!("{name} ({count})")
                },
                path,
                kind: Kind::Section,
                line: self.source.line(heading.span.start),
                span,
                level: heading.level,
                headings: index..index + 1,
                heading: heading.span.clone(),
                open: within,
            });
        }
        sections
    }

    /// All phases and steps, which must stand together.
    ///
    /// Fails with exit 3 where there are none, or where other sections stand between them, and with 5 where a box of them
    /// is ticked: there is work behind it.
    pub fn steps(&self) -> Result<Part, Failure> {
        let starts: Vec<usize> = self.plan.phases.iter().map(|phase| phase.heading.start).collect();
        let headings = &self.outline.headings;
        let is_phase = |at: usize| starts.contains(&headings[at].span.start);
        let Some(first) = (0..headings.len()).find(|at| is_phase(*at)) else {
            let text = format!("`{}` has no phases to write", self.source.path());
            return Err(Failure::new(Exit::Invalid, "no-phases", text).help(
                "lay out at least one as `## Phase 1: Title`, with a step `#### Step 1.1: Title` below it",
            ));
        };
        let level = headings[first].level;
        let ends = |at: &usize| headings[*at].level <= level && !is_phase(*at);
        let last = (first..headings.len()).find(ends).unwrap_or(headings.len());
        let apart = (last..headings.len()).find(|at| is_phase(*at));
        if let Some(apart) = apart {
            let text = "the phases of the plan do not stand together, so they cannot be written as one";
            return Err(Failure::new(Exit::Invalid, "phases-apart", text)
                .at(self.source.place(&headings[apart].span))
                .found("a phase behind another section")
                .help("move the phases together, or fill in their sections one by one without `--steps`"));
        }
        let end = headings
            .get(last)
            .map_or(self.source.text().len(), |next| next.span.start);
        let heading = headings[first].span.clone();
        let span = content(
            self.source.text(),
            &(heading.start..headings[last - 1].span.end),
            end,
        );
        let within = |at: usize| span.contains(&at);
        if let Some(ticked) = self.outline.ticked.iter().find(|text| within(text.start)) {
            return Err(Failure::new(Exit::NeedsHuman, "ticked", "a box of the steps is ticked: there is work behind it")
                .at(self.source.place(ticked))
                .help("untick it first if the steps are to be written anew, or fill in single sections with `--section HEADING`"));
        }
        let key = "phases and steps".to_owned();
        Ok(Part {
            path: vec![key.clone()],
            key,
            kind: Kind::Steps,
            line: self.source.line(heading.start),
            level,
            headings: first..last,
            heading,
            open: self
                .unfilled
                .iter()
                .filter(|one| within(one.span.start))
                .cloned()
                .collect(),
            span,
        })
    }

    /// The document's title without the proposal's id.
    pub(crate) fn title(&self) -> String {
        let title = self.plan.header.title.as_ref();
        title.map_or_else(
            || self.source.path().to_owned(),
            |span| one_line(self.source.slice(span)),
        )
    }

    /// What kind of document it is, in words.
    pub(crate) fn kind(&self) -> &'static str {
        let header = &self.plan.header;
        if header.design.is_some() || !self.plan.phases.is_empty() {
            "implementation plan"
        } else if header.requirements.is_some() {
            "design document"
        } else {
            "requirements document"
        }
    }

    /// The text of all sections that have nothing left to fill in, but for a part's own.
    pub(crate) fn written(&self, part: &Part) -> String {
        let mut text = String::new();
        for section in self.sections() {
            let apart = part.span.contains(&section.span.start);
            if section.open.is_empty() && !apart && section.span.end > section.heading.end {
                text.push_str(&section.text(self.source));
                text.push_str("\n\n");
            }
        }
        text
    }

    /// The headings below a section.
    pub(crate) fn below(&self, part: &Part) -> Vec<String> {
        let rest = self.outline.headings.iter().skip(part.headings.end);
        let below = rest.take_while(|heading| heading.level > part.level);
        below
            .map(|heading| one_line(self.source.slice(&heading.text)))
            .collect()
    }
}

/// The bytes from a heading to the end of what stands below it: without blank lines and rules behind it.
fn content(text: &str, heading: &Span, end: usize) -> Span {
    let whole = &text[heading.start..end];
    let least = heading.end.min(end) - heading.start;
    let mut kept = whole.trim_end();
    loop {
        let (before, last) = kept.rsplit_once('\n').unwrap_or(("", kept));
        let mut marks = last.chars().filter(|c| !c.is_whitespace());
        let mark = marks.next().filter(|c| "-*_".contains(*c));
        let is_rule = mark.is_some_and(|mark| marks.clone().count() >= 2 && marks.all(|c| c == mark));
        if !is_rule || before.len() < whole[..least].trim_end().len() {
            break;
        }
        kept = before.trim_end();
    }
    let length = kept.len().max(whole[..least].trim_end().len());
    heading.start..heading.start + length
}
