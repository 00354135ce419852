//! From blocks to a plan: which heading, label and box belongs where.

use std::collections::HashMap;

use super::blocks::{Block, Inline, for_each_block};
use super::heading::{Heading, classify, looks_like_step};
use super::label::Label;
use super::model::{CheckBlock, Checkbox, Checklist, FenceText, Flaw, Phase, Plan, Quoted, Step};
use super::paragraph::{first_code, segments, whole_code};
use super::{Number, entries};
use crate::words::{Source, Span};

impl Plan {
    /// Reads the structure of a plan. Never fails: what is not there is absent, and whether the plan can be run is
    /// said by [`Plan::verify`].
    pub fn read(source: &Source) -> Self {
        let mut reader = Reader::new(source);
        for_each_block(source.text(), |block, inlines| reader.block(block, inlines));
        reader.finish()
    }
}

/// A heading that is open: its level and text.
struct Open {
    level: u8,
    text: Span,
}

struct Reader<'a> {
    source: &'a Source,
    plan: Plan,
    headings: Vec<Open>,
    /// The phase that is open, or that the open step is of.
    at: usize,
    /// The first phase of each number.
    numbers: HashMap<Number, usize>,
    /// Level of the heading of the phase and of the step that are open.
    phase_level: Option<u8>,
    step_level: Option<u8>,
    /// The phase whose completion criteria the open heading lists, and that heading's level.
    completion: Option<(usize, u8)>,
    label: Option<Label>,
    /// Whether a list has come under the label.
    listed: bool,
    /// Whether a level-2 heading was seen: the header is over.
    body: bool,
    overview_start: Option<usize>,
}

impl<'a> Reader<'a> {
    fn new(source: &'a Source) -> Self {
        Self {
            source,
            plan: Plan::default(),
            headings: Vec::new(),
            at: 0,
            numbers: HashMap::new(),
            phase_level: None,
            step_level: None,
            completion: None,
            label: None,
            listed: false,
            body: false,
            overview_start: None,
        }
    }

    fn block(&mut self, block: Block, inlines: &[Inline]) {
        match block {
            Block::Heading { level, span, text } => self.heading(level, &span, text),
            Block::Paragraph { span, .. } => self.paragraph(&span, inlines),
            Block::Item { checkbox, text, code } => self.item(checkbox, text, code),
            Block::Fence {
                info,
                content,
                indent,
            } => self.fence(info, content, indent),
            Block::Hint(span) => self.plan.hints.push(span),
            Block::UnclosedFence(span) => self.plan.flaws.push(Flaw::UnclosedFence(span)),
            Block::UnclosedComment(span) => self.plan.flaws.push(Flaw::UnclosedComment(span)),
        }
    }

    fn finish(mut self) -> Plan {
        let end = self.source.text().len();
        self.close_step(end);
        self.close_overview(end);
        self.plan
    }

    fn heading(&mut self, level: u8, span: &Span, text: Span) {
        self.label = None;
        self.headings.retain(|open| open.level < level);
        let mut class = if level >= 2 {
            classify(self.source.slice(&text))
        } else {
            Heading::Other
        };
        if class == Heading::Completion(None) && self.step_level.is_some_and(|open| level > open) {
            // Deeper than the step: a part of it.
            class = Heading::Other;
        }
        if self.step_level.is_some_and(|open| level <= open) || !matches!(class, Heading::Other) {
            self.close_step(span.start);
        }
        if self.phase_level.is_some_and(|open| level <= open) {
            self.phase_level = None;
        }
        if self.completion.is_some_and(|(_, open)| level <= open) {
            self.completion = None;
        }
        if level == 1 && self.plan.header.title.is_none() && !self.body {
            self.plan.header.title = Some(text.clone());
        }
        if level >= 2 {
            self.body = true;
            if self.overview_start.is_none() && self.plan.phases.is_empty() && matches!(class, Heading::Other)
            {
                self.overview_start = Some(span.start);
            }
        }
        if class == Heading::Other && level >= 2 && looks_like_step(self.source.slice(&text)) {
            self.plan.flaws.push(Flaw::NearStep(span.clone()));
        }
        match class {
            Heading::Phase(number, title) => {
                self.close_overview(span.start);
                self.phase_level = Some(level);
                self.open_phase(number, text.start + title..text.end, span.clone());
            }
            Heading::Step(id, title) => {
                self.close_overview(span.start);
                self.open_step(id, level, text.start + title..text.end, span.clone());
            }
            Heading::Completion(number) => self.open_completion(number, level),
            Heading::Other => {}
        }
        if level >= 2 {
            self.headings.push(Open { level, text });
        }
    }

    fn open_phase(&mut self, number: Number, title: Span, heading: Span) {
        if let Some(before) = self.plan.phases.last_mut() {
            before.steps.shrink_to_fit();
        }
        self.at = self.plan.phases.len();
        self.numbers.entry(number).or_insert(self.at);
        self.plan.phases.push(Phase {
            number,
            title,
            heading,
            goal: None,
            dependencies: Vec::new(),
            says_dependencies: false,
            completion: Vec::new(),
            steps: Vec::new(),
        });
    }

    fn open_step(&mut self, id: Number, level: u8, title: Span, heading: Span) {
        if self.phase_level.is_none() {
            // No phase's heading holds it, so its own number says which phase it is of.
            match id.prefixes().find_map(|number| self.numbers.get(&number)) {
                Some(known) => self.at = *known,
                None => self.open_phase(id.first(), title.start..title.start, heading.clone()),
            }
        }
        self.step_level = Some(level);
        let step = Step {
            id,
            title,
            span: heading.clone(),
            heading,
            goal: None,
            files: Vec::new(),
            prompt: None,
            tasks: Vec::new(),
            criteria: Vec::new(),
            other: Vec::new(),
            dependencies: Vec::new(),
            checks: Vec::new(),
            rollback: Vec::new(),
        };
        self.plan.phases[self.at].steps.push(step);
    }

    fn open_completion(&mut self, number: Option<Number>, level: u8) {
        let phases = &self.plan.phases;
        let index = match number {
            Some(number) => phases.iter().rposition(|phase| phase.number == number),
            None => self.phase_level.map(|_| self.at),
        };
        self.completion = index.map(|index| (index, level));
    }

    fn close_step(&mut self, end: usize) {
        let source = self.source;
        if let Some(step) = self.step() {
            let text = &source.text()[step.span.start..end];
            step.span.end = step.span.start + text.trim_end().len();
        }
        self.step_level = None;
    }

    fn close_overview(&mut self, end: usize) {
        if self.plan.overview.is_empty()
            && let Some(start) = self.overview_start
        {
            let text = &self.source.text()[start..end];
            let text = text.trim_end().trim_end_matches("---").trim_end();
            self.plan.overview = start..start + text.len();
        }
    }

    fn step(&mut self) -> Option<&mut Step> {
        self.step_level?;
        self.plan.phases.get_mut(self.at)?.steps.last_mut()
    }

    /// The phase that is open, outside its steps.
    fn phase(&mut self) -> Option<&mut Phase> {
        if self.step_level.is_some() {
            return None;
        }
        self.phase_level?;
        self.plan.phases.get_mut(self.at)
    }

    fn paragraph(&mut self, span: &Span, inlines: &[Inline]) {
        for segment in segments(self.source, span, inlines) {
            match segment.label {
                Some(name) => self.labelled(name, &segment.content, inlines),
                None => self.unlabelled(&segment.content, inlines),
            }
        }
    }

    fn labelled(&mut self, name: &str, content: &Span, inlines: &[Inline]) {
        if !self.body {
            return self.plan.header.set(self.source, name, content, inlines);
        }
        let label = Label::of(name);
        self.label = Some(label);
        self.listed = false;
        if matches!(label, Label::Dependencies)
            && let Some(phase) = self.phase()
        {
            phase.says_dependencies = true;
        }
        if label == Label::Completion && self.step_level.is_none() && self.phase_level.is_some() {
            self.completion = Some((self.at, u8::MAX));
        }
        if !content.is_empty() {
            self.words(content, inlines);
        }
    }

    fn unlabelled(&mut self, span: &Span, inlines: &[Inline]) {
        if self.body && !span.is_empty() {
            self.words(span, inlines);
        }
    }

    /// Words under the current label, on its line or in a paragraph of their own.
    fn words(&mut self, span: &Span, inlines: &[Inline]) {
        let Some(label) = self.label else { return };
        let code = whole_code(self.source, span, inlines);
        let quoted = code
            .clone()
            .map_or_else(|| Quoted::Plain(span.clone()), Quoted::Code);
        // What follows a list is prose about it.
        let listed = self.listed;
        match label {
            Label::Goal => {
                let goal = match self.step_level {
                    Some(_) => self.step().map(|step| &mut step.goal),
                    None => self.phase().map(|phase| &mut phase.goal),
                };
                if let Some(goal) = goal {
                    goal.get_or_insert_with(|| span.clone());
                }
            }
            Label::Prompt => {
                if let Some(step) = self.step() {
                    step.prompt.get_or_insert(quoted);
                }
            }
            Label::FinalPrompt => {
                self.plan.final_prompt.get_or_insert(quoted);
            }
            Label::Dependencies if !listed => self.dependency(span),
            Label::Check => {
                let language = span.start..span.start;
                // Below a check that is there already, code is only talked about.
                let first = self.step().filter(|step| step.checks.is_empty());
                if let (Some(step), Some(_)) = (first, code) {
                    put(
                        &mut step.checks,
                        CheckBlock {
                            language,
                            script: quoted,
                        },
                    );
                }
            }
            Label::Rollback if !listed => {
                if let Some(step) = self.step() {
                    put(&mut step.rollback, span.clone());
                }
            }
            Label::Files if !listed => {
                let code = first_code(span, inlines);
                self.file(span.clone(), code);
            }
            _ => {}
        }
    }

    fn item(&mut self, checkbox: Option<(usize, bool)>, text: Span, code: Option<Span>) {
        self.listed = true;
        if let Some((offset, done)) = checkbox {
            self.checkbox(Checkbox {
                text: text.clone(),
                done,
                offset,
            });
        }
        // An entry may be written as a box: it is waited for all the same.
        match self.label {
            Some(Label::Dependencies) => self.dependency(&text),
            Some(Label::Files) => self.file(text, code),
            Some(Label::Rollback) if checkbox.is_none() => {
                if let Some(step) = self.step() {
                    put(&mut step.rollback, text);
                }
            }
            _ => {}
        }
    }

    fn checkbox(&mut self, checkbox: Checkbox) {
        let label = self.label;
        if let Some(step) = self.step() {
            let list = match label {
                Some(Label::Tasks) => &mut step.tasks,
                Some(Label::Criteria) => &mut step.criteria,
                _ => &mut step.other,
            };
            return list.push(checkbox);
        }
        let labelled =
            label == Some(Label::Completion) || self.completion.is_some_and(|(_, level)| level < u8::MAX);
        if let Some((index, _)) = self.completion.filter(|_| labelled) {
            return self.plan.phases[index].completion.push(checkbox);
        }
        let same = |list: &Checklist| {
            list.heading.len() == self.headings.len()
                && list.heading.last().map(|span| span.start)
                    == self.headings.last().map(|open| open.text.start)
        };
        match self.plan.checklists.last_mut().filter(|list| same(list)) {
            Some(list) => list.boxes.push(checkbox),
            None => {
                let heading = self.headings.iter().map(|open| open.text.clone()).collect();
                self.plan.checklists.push(Checklist {
                    heading,
                    boxes: vec![checkbox],
                });
            }
        }
    }

    fn fence(&mut self, info: Span, content: Span, indent: usize) {
        let fence = FenceText {
            span: content,
            indent,
        };
        let language_length = self
            .source
            .slice(&info)
            .split_whitespace()
            .next()
            .map_or(0, str::len);
        let language = info.start..info.start + language_length;
        match self.label {
            Some(Label::Prompt) => {
                if let Some(step) = self.step() {
                    step.prompt.get_or_insert(Quoted::Fence(fence));
                }
            }
            Some(Label::FinalPrompt) => {
                self.plan.final_prompt.get_or_insert(Quoted::Fence(fence));
            }
            Some(Label::Check) => {
                if let Some(step) = self.step() {
                    put(
                        &mut step.checks,
                        CheckBlock {
                            language,
                            script: Quoted::Fence(fence),
                        },
                    );
                }
            }
            _ => {}
        }
    }

    fn dependency(&mut self, text: &Span) {
        let Some(dependency) = entries::dependency(self.source, text) else {
            return;
        };
        if let Some(step) = self.step() {
            put(&mut step.dependencies, dependency);
        } else if let Some(phase) = self.phase() {
            put(&mut phase.dependencies, dependency);
        }
    }

    fn file(&mut self, text: Span, code: Option<Span>) {
        let Some(entry) = entries::file(self.source, text, code) else {
            return;
        };
        if let Some(step) = self.step() {
            put(&mut step.files, entry);
        }
    }
}

/// Adds to a list that mostly stays at one entry: room for four, as a vector makes at first, would double the memory of a
/// large plan.
fn put<T>(list: &mut Vec<T>, entry: T) {
    if list.is_empty() {
        list.reserve_exact(1);
    }
    list.push(entry);
}

#[cfg(test)]
#[path = "read_tests.rs"]
mod tests;
