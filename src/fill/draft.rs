use super::answer::with_ends;
use super::page::Page;
use super::part::{Kind, Part};
use crate::plan::{Outline, OutlineHeading, Plan, one_line};
use crate::plan_file::Reading;
use crate::words::{Diagnostic, Source, Span, unix_lines};

/// A document as it would be with an answer in it.
#[derive(Debug)]
pub(crate) struct Draft {
    /// All of it: every byte outside of the part is as before.
    pub(crate) text: String,
    /// Where the answer stands in it.
    pub(crate) span: Span,
    /// Why it cannot be saved, in the order of the file; places are those of `text`.
    pub(crate) refusals: Vec<Diagnostic>,
    /// The same, read; `None` for what is no text that can be read.
    pub(crate) reading: Option<Reading>,
}

impl Draft {
    /// Puts an answer in the place of a part and looks whether the document holds.
    pub(crate) fn of(page: &Page<'_>, part: &Part, answer: &str) -> Self {
        let before = page.source.text();
        let answer = completed(page, part, answer);
        let answer = with_ends(&answer, is_crlf(before, part));
        let span = part.span.start..part.span.start + answer.len();
        let text = format!(
            "{}{answer}{}",
            &before[..part.span.start],
            &before[part.span.end..]
        );
        let mut draft = Self {
            text,
            span,
            refusals: Vec::new(),
            reading: None,
        };
        match Source::new(page.source.path(), draft.text.clone().into_bytes()) {
            Ok(source) => {
                let plan = Plan::read(&source);
                draft.refusals = Look {
                    page,
                    part,
                    span: &draft.span,
                    source: &source,
                    plan: &plan,
                    outline: Outline::of(source.text()),
                }
                .refusals();
                draft.reading = Some(Reading { source, plan });
            }
            Err(why) => draft.refusals.push(*why),
        }
        draft
    }
}

/// An answer whose heading line was left out, where it is known, gets it back.
fn completed(page: &Page<'_>, part: &Part, answer: &str) -> String {
    let first = Outline::of(answer).headings.into_iter().next();
    let begins = first
        .as_ref()
        .is_some_and(|heading| answer[..heading.span.start].trim().is_empty());
    let own = first
        .filter(|_| begins)
        .is_some_and(|heading| heading.level <= part.level);
    if own || answer.is_empty() || part.kind == Kind::Steps || part.open_heading().is_some() {
        return answer.to_owned();
    }
    let heading = unix_lines(page.source.slice(&part.heading));
    format!("{}\n\n{answer}", heading.trim_end())
}

/// By the line that the part begins with; where it is the only one, by the document's first.
fn is_crlf(text: &str, part: &Part) -> bool {
    let line_end = |from: usize| memchr::memchr(b'\n', &text.as_bytes()[from..]).map(|at| from + at);
    let end = line_end(part.span.start).or_else(|| line_end(0));
    end.is_some_and(|end| text[..end].ends_with('\r'))
}

struct Look<'a> {
    page: &'a Page<'a>,
    part: &'a Part,
    span: &'a Span,
    source: &'a Source,
    plan: &'a Plan,
    outline: Outline,
}

impl Look<'_> {
    fn refusals(&self) -> Vec<Diagnostic> {
        let empty = self.source.slice(self.span).trim().is_empty();
        if empty {
            return vec![
                Diagnostic::error("answer-empty", "the answer is empty")
                    .at(self.source.place(&self.span.clone()))
                    .help("ask again"),
            ];
        }
        let mut refusals = Vec::new();
        self.unclosed(&mut refusals);
        // What does not end hides the headings behind it: to name those would say the same again.
        if refusals.is_empty() {
            self.headings(&mut refusals);
        }
        self.unfilled(&mut refusals);
        self.ticked(&mut refusals);
        refusals
    }

    fn refuse(&self, refusals: &mut Vec<Diagnostic>, span: &Span, words: (&'static str, String, &str)) {
        let (rule, message, help) = words;
        refusals.push(
            Diagnostic::error(rule, message)
                .at(self.source.place(span))
                .help(help),
        );
    }

    fn unclosed(&self, refusals: &mut Vec<Diagnostic>) {
        for span in self
            .outline
            .unclosed
            .iter()
            .filter(|span| self.span.contains(&span.start))
        {
            let text = "a fence or a comment of the answer does not end".to_owned();
            self.refuse(
                refusals,
                span,
                (
                    "answer-unclosed",
                    text,
                    "what stands below it would be lost: close it",
                ),
            );
        }
    }

    /// The headings of the document must be those that it had, but for the part's own.
    fn headings(&self, refusals: &mut Vec<Diagnostic>) {
        let (old, new) = (&self.page.outline.headings, &self.outline.headings);
        let from = self.part.headings.start;
        let behind = old.len() - self.part.headings.end;
        let own = new.len().saturating_sub(behind);
        let same = |a: &[OutlineHeading], b: &[OutlineHeading]| {
            a.len() == b.len()
                && a.iter().zip(b).all(|(a, b)| {
                    a.level == b.level && self.page.source.slice(&a.text) == self.source.slice(&b.text)
                })
        };
        let whole = own > from
            && same(&old[..from], &new[..from])
            && same(&old[self.part.headings.end..], &new[own..])
            && new[from].span.start == self.part.heading.start
            && new[own - 1].span.start < self.span.end;
        if !whole {
            let text = match new.get(from).filter(|heading| heading.span.start < self.span.end) {
                Some(heading) if heading.span.start > self.span.start => {
                    "the answer does not begin with the heading of its section".to_owned()
                }
                _ => "the answer would change headings outside of its section".to_owned(),
            };
            let help = "an answer begins with the heading line of its section and leaves the rest of the document alone";
            return self.refuse(refusals, self.span, ("answer-headings", text, help));
        }
        let own = &new[from..own];
        match self.part.kind {
            Kind::Section => self.section(own, refusals),
            Kind::Steps => self.phases(own, refusals),
        }
    }

    fn section(&self, own: &[OutlineHeading], refusals: &mut Vec<Diagnostic>) {
        let (first, inner) = (&own[0], &own[1..]);
        if first.level != self.part.level || !self.keeps_heading(first) {
            let text = format!(
                "the section's heading is `{}`, and would be another",
                self.part.heading_line(self.page.source)
            );
            self.refuse(
                refusals,
                &first.span,
                (
                    "answer-heading",
                    text,
                    "keep it; only placeholders in it are replaced",
                ),
            );
        }
        let below = self.page.below(self.part);
        for heading in inner {
            let name = one_line(self.source.slice(&heading.text));
            if heading.level <= self.part.level {
                let text = format!("the heading `{name}` would end the section");
                self.refuse(
                    refusals,
                    &heading.span,
                    (
                        "answer-level",
                        text,
                        "headings in a section are deeper than its own",
                    ),
                );
            } else if below.contains(&name) {
                let text = format!("the heading `{name}` stands below this section already");
                self.refuse(
                    refusals,
                    &heading.span,
                    ("answer-twice", text, "it is filled in by itself: leave it out"),
                );
            }
        }
        let body = &self.source.text()[first.span.end.min(self.span.end)..self.span.end];
        let had = self.part.span.end > self.part.heading.end;
        if body.trim().is_empty() && had {
            let text = "the answer says nothing below its heading".to_owned();
            self.refuse(refusals, &first.span, ("answer-empty", text, "ask again"));
        }
    }

    /// Of a heading with placeholders, what stands before and behind them must stay.
    fn keeps_heading(&self, new: &OutlineHeading) -> bool {
        let old = &self.part.heading;
        let (text, new) = (self.page.source.text(), self.source.slice(&new.span).trim_end());
        match self.part.open_heading() {
            None => text[old.clone()].trim_end() == new,
            Some(open) => {
                let behind = text[open.end..old.end].trim_end();
                new.starts_with(&text[old.start..open.start]) && new.ends_with(behind)
            }
        }
    }

    fn phases(&self, own: &[OutlineHeading], refusals: &mut Vec<Diagnostic>) {
        let is_phase = |heading: &OutlineHeading| {
            self.plan
                .phases
                .iter()
                .any(|phase| phase.heading.start == heading.span.start)
        };
        for heading in own {
            if heading.level < self.part.level || (heading.level == self.part.level && !is_phase(heading)) {
                let name = one_line(self.source.slice(&heading.text));
                let text = format!("the heading `{name}` is no phase, and would end the steps");
                self.refuse(
                    refusals,
                    &heading.span,
                    (
                        "answer-level",
                        text,
                        "write only phases and steps, at the levels that they had",
                    ),
                );
            }
        }
    }

    fn unfilled(&self, refusals: &mut Vec<Diagnostic>) {
        for one in self.plan.unfilled(self.source) {
            if !self.span.contains(&one.span.start) {
                continue;
            }
            let shown = one_line(self.source.slice(&one.span));
            let what = if one.hint { "hint" } else { "placeholder" };
            let text = format!("the {what} `{shown}` is left");
            self.refuse(
                refusals,
                &one.span,
                ("answer-unfilled", text, "write what it stands for"),
            );
        }
    }

    /// A tick says that something was verified, and no model says that.
    fn ticked(&self, refusals: &mut Vec<Diagnostic>) {
        let old = &self.page.outline.ticked;
        let known: Vec<String> = old
            .iter()
            .map(|span| one_line(self.page.source.slice(span)))
            .collect();
        for span in self
            .outline
            .ticked
            .iter()
            .filter(|span| self.span.contains(&span.start))
        {
            let name = one_line(self.source.slice(span));
            if !known.contains(&name) {
                let text = format!("the box `{name}` is ticked, and nobody verified it");
                self.refuse(refusals, span, ("answer-ticked", text, "write it as `- [ ]`"));
            }
        }
    }
}
