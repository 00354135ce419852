//! What the author of a plan was to replace: `[Text]` that is no link, no box and no footnote, and the names, dates and
//! paths of the template.

use std::collections::HashSet;

use pulldown_cmark::{CodeBlockKind, Event, LinkType, Parser, Tag, TagEnd};

use super::blocks::OPTIONS;
use super::fence::Fence;
use super::windows::{self, Part};
use super::{Plan, Quoted};
use crate::words::{Source, Span};

/// Bytes of a text in brackets at most: what is longer is prose.
const LONGEST: usize = 200;

/// Languages of fences in which brackets are looked at: those of the template. In any other language they mean something.
const LANGUAGES: &[&str] = &["", "bash", "sh", "shell", "zsh"];

/// What kind of placeholder it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    /// `[Text]`.
    Text,
    /// `EP-XXXX`.
    Name,
    /// `YYYY-MM-DD`.
    Date,
    /// `path/to/file`.
    Path,
    /// `Draft | Review | Approved`.
    Choice,
}

/// A placeholder and where it stands.
pub(crate) type Placeholder = (Span, Kind);

/// Every placeholder of a plan, in the order of the file, none within another.
pub(crate) fn find(plan: &Plan, source: &Source) -> Vec<Placeholder> {
    let mut found = in_fields(plan, source);
    let prompts = prompts(plan);
    let steps: Vec<Span> = plan.steps().map(|(_, step)| step.span.clone()).collect();
    let known = Known {
        prompts: &prompts,
        steps: &steps,
    };
    let mut defined = HashSet::new();
    let from = found.len();
    let read = |window: &str, base: usize| Scan::window(window, base, known);
    windows::read(source.text(), read, |(placeholders, definitions)| {
        found.extend(placeholders);
        defined.extend(definitions);
    });
    if !defined.is_empty() {
        // A definition may stand in another window than the link.
        let text = found.split_off(from);
        found.extend(
            text.into_iter()
                .filter(|(span, kind)| *kind != Kind::Text || !is_link(source, span, &defined)),
        );
    }
    found.sort_by_key(|(span, kind)| (span.start, std::cmp::Reverse(span.end), *kind));
    let mut end = 0;
    found.retain(|(span, _)| {
        let outside = span.start >= end;
        end = end.max(span.end);
        outside
    });
    found
}

/// Placeholders that only their field tells from text.
fn in_fields(plan: &Plan, source: &Source) -> Vec<Placeholder> {
    let mut found = Vec::new();
    let header = &plan.header;
    let mut look = |span: Option<&Span>, kind: Kind, sign: &str| {
        found.extend(
            span.filter(|span| source.slice(span).contains(sign))
                .map(|span| (span.clone(), kind)),
        );
    };
    look(header.status.as_ref(), Kind::Choice, " | ");
    look(header.phase.as_ref(), Kind::Choice, " | ");
    for date in [&header.created, &header.updated] {
        look(date.as_ref(), Kind::Date, "YYYY");
    }
    for link in [&header.requirements, &header.design] {
        look(link.as_ref().map(|link| &link.span), Kind::Path, "path/to/");
    }
    for (_, step) in plan.steps() {
        for file in &step.files {
            look(Some(&file.path), Kind::Path, "path/to/");
        }
    }
    found
}

/// Where prompts begin: a bracket in one of them is meant for a person, be it in code or not.
fn prompts(plan: &Plan) -> Vec<usize> {
    let prompts = plan
        .steps()
        .filter_map(|(_, step)| step.prompt.as_ref())
        .chain(&plan.final_prompt);
    let mut starts: Vec<usize> = prompts.map(|prompt: &Quoted| prompt.span().start).collect();
    starts.sort_unstable();
    starts
}

fn is_link(source: &Source, span: &Span, defined: &HashSet<String>) -> bool {
    let after = &source.text()[span.end..];
    // Of `[text][label]` the label says where it leads.
    let label = match after.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((label, _)) if !label.is_empty() => label,
        _ => &source.text()[span.start + 1..span.end - 1],
    };
    defined.contains(&normal(label))
}

/// A label as CommonMark compares it: letters of either case, runs of white space as one space.
fn normal(label: &str) -> String {
    label
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
        .to_lowercase()
}

/// Where brackets stand, by which it is told what they may mean.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ground {
    /// Words for a person: a bracket that begins a word means only one thing.
    Prose,
    /// Code, where a single word in brackets may be an index, a table or an option.
    Code,
}

/// Text between two block boundaries.
#[derive(Default)]
struct Run {
    span: Option<Span>,
    /// Code spans.
    code: Vec<Span>,
    /// Links, images, HTML and code: brackets in them, or that are them, are none.
    apart: Vec<Span>,
}

/// What is known of the plan: where its prompts begin, and where its steps are, both in their order.
#[derive(Clone, Copy)]
struct Known<'a> {
    prompts: &'a [usize],
    steps: &'a [Span],
}

struct Scan<'a> {
    text: &'a str,
    base: usize,
    known: Known<'a>,
    run: Run,
    /// Quotes, lists and items that are open.
    depth: usize,
    in_block: bool,
    runs_on: bool,
    found: Vec<Placeholder>,
}

impl<'a> Scan<'a> {
    fn window(text: &'a str, base: usize, known: Known<'a>) -> Part<(Vec<Placeholder>, Vec<String>)> {
        let mut scan = Self {
            text,
            base,
            known,
            run: Run::default(),
            depth: 0,
            in_block: false,
            runs_on: false,
            found: Vec::new(),
        };
        let mut definitions = Vec::new();
        let mut events = Parser::new_ext(text, OPTIONS).into_offset_iter();
        for (label, definition) in events.reference_definitions().iter() {
            if leads_somewhere(&definition.dest) {
                definitions.push(normal(label));
            } else {
                scan.brackets(&definition.span, &[], Ground::Prose);
            }
        }
        for (event, range) in events.by_ref() {
            scan.event(event, range);
        }
        scan.flush();
        Part {
            value: (scan.found, definitions),
            runs_on: scan.runs_on,
        }
    }

    fn event(&mut self, event: Event<'_>, range: Span) {
        match event {
            Event::Text(_) | Event::SoftBreak | Event::HardBreak => self.grow(&range),
            Event::Code(_) => {
                self.grow(&range);
                self.run.code.push(range.clone());
                self.run.apart.push(range);
            }
            Event::InlineHtml(_) => {
                self.grow(&range);
                self.run.apart.push(range);
            }
            Event::Start(Tag::Emphasis | Tag::Strong | Tag::Strikethrough) => self.grow(&range),
            Event::Start(Tag::Link {
                link_type, dest_url, ..
            }) => {
                self.grow(&range);
                let direct = matches!(link_type, LinkType::Inline | LinkType::Autolink | LinkType::Email);
                if direct || leads_somewhere(&dest_url) {
                    self.run.apart.push(range);
                }
            }
            Event::Start(Tag::Image { .. }) => {
                self.grow(&range);
                self.run.apart.push(range);
            }
            Event::End(
                TagEnd::Emphasis | TagEnd::Strong | TagEnd::Strikethrough | TagEnd::Link | TagEnd::Image,
            )
            | Event::TaskListMarker(_) => {}
            Event::Start(tag) => self.start(&tag, &range),
            Event::End(tag) => {
                self.flush();
                match tag {
                    TagEnd::BlockQuote(_) | TagEnd::List(_) | TagEnd::Item => self.depth -= 1,
                    TagEnd::CodeBlock | TagEnd::HtmlBlock => self.in_block = false,
                    _ => {}
                }
            }
            _ => self.flush(),
        }
    }

    fn start(&mut self, tag: &Tag<'_>, range: &Span) {
        self.flush();
        let contained = self.depth > 0;
        self.runs_on = false;
        match tag {
            Tag::BlockQuote(_) | Tag::List(_) | Tag::Item => self.depth += 1,
            Tag::CodeBlock(kind) => {
                self.in_block = true;
                if matches!(kind, CodeBlockKind::Fenced(_)) {
                    let fence = Fence::of(self.text, range);
                    self.runs_on = !fence.closed && !contained;
                    self.fence(&fence);
                }
            }
            Tag::HtmlBlock => {
                self.in_block = true;
                self.runs_on = !contained;
            }
            _ => {}
        }
    }

    fn fence(&mut self, fence: &Fence) {
        let ground = self.ground(fence.content.start);
        let language = self.text[fence.info.clone()]
            .split_whitespace()
            .next()
            .unwrap_or_default();
        if ground == Ground::Prose || LANGUAGES.iter().any(|known| known.eq_ignore_ascii_case(language)) {
            if ground == Ground::Prose || self.is_of_step(fence.content.start) {
                self.brackets(&fence.content, &[], ground);
            }
            self.names(&fence.content);
        }
    }

    /// Whether a fence at a byte of the window is one that a step's author was to fill in: elsewhere in a plan, a fence
    /// shows something to people, such as how steps are asked for.
    fn is_of_step(&self, at: usize) -> bool {
        let at = self.base + at;
        let after = self.known.steps.partition_point(|step| step.start <= at);
        let step = after.checked_sub(1).and_then(|index| self.known.steps.get(index));
        self.known.steps.is_empty() || step.is_some_and(|step| at < step.end)
    }

    /// Whether code at a byte of the window is a prompt.
    fn ground(&self, at: usize) -> Ground {
        match self.known.prompts.binary_search(&(self.base + at)) {
            Ok(_) => Ground::Prose,
            Err(_) => Ground::Code,
        }
    }

    fn grow(&mut self, range: &Span) {
        if self.in_block {
            return;
        }
        match &mut self.run.span {
            Some(span) => span.end = span.end.max(range.end),
            None => self.run.span = Some(range.clone()),
        }
    }

    /// Looks at the text since the last block boundary.
    fn flush(&mut self) {
        let Some(span) = self.run.span.take() else {
            return;
        };
        let (code, apart) = (
            std::mem::take(&mut self.run.code),
            std::mem::take(&mut self.run.apart),
        );
        self.brackets(&span, &apart, Ground::Prose);
        for code in code {
            self.brackets(&code, &[], self.ground(code.start));
        }
        self.names(&span);
    }

    /// Notes what stands in brackets in a span, but for what `apart` covers.
    fn brackets(&mut self, span: &Span, apart: &[Span], ground: Ground) {
        let bytes = self.text.as_bytes();
        let mut apart = apart.iter().peekable();
        let mut at = span.start;
        while let Some(open) = memchr::memchr(b'[', &bytes[at..span.end]).map(|found| at + found) {
            while apart.next_if(|covered| covered.end <= open).is_some() {}
            if let Some(covered) = apart.peek().filter(|covered| covered.start <= open) {
                at = covered.end;
                continue;
            }
            let Some(close) =
                memchr::memchr2(b'[', b']', &bytes[open + 1..span.end]).map(|found| open + 1 + found)
            else {
                return;
            };
            if bytes[close] == b'[' {
                at = close;
                continue;
            }
            at = close + 1;
            if self.is_placeholder(open, close, ground) {
                self.found.push((self.base + open..self.base + at, Kind::Text));
            }
        }
    }

    fn is_placeholder(&self, open: usize, close: usize, ground: Ground) -> bool {
        let inner = &self.text[open + 1..close];
        let before = self.text[..open].chars().next_back();
        let after = self.text[close + 1..].chars().next();
        // `list[index]`, `[text][label]`, an escaped bracket, an image or a link that is none.
        let part_of_word =
            before.is_some_and(|c| c.is_alphanumeric() || "_])\\!$".contains(c)) || after == Some('(');
        let words = inner.len() <= LONGEST
            && inner.starts_with(char::is_alphanumeric)
            && inner.chars().any(char::is_alphabetic)
            && !inner.eq_ignore_ascii_case("x");
        let prose = |c: char| c.is_alphanumeric() || c.is_whitespace() || "_-/.,:;'’\"&()?!%+".contains(c);
        let plain = match ground {
            Ground::Prose => true,
            Ground::Code => {
                let quantified = after.is_some_and(|c| "*+?{^$".contains(c));
                inner.contains(' ') && !inner.contains('\n') && inner.chars().all(prose) && !quantified
            }
        };
        words && plain && !part_of_word && !inner.ends_with(' ')
    }

    /// Notes names such as `EP-XXXX`.
    fn names(&mut self, span: &Span) {
        let bytes = &self.text.as_bytes()[span.clone()];
        for at in memchr::memmem::find_iter(bytes, "-XXX") {
            let letters = bytes[..at]
                .iter()
                .rev()
                .take_while(|byte| byte.is_ascii_alphanumeric())
                .count();
            let marks = bytes[at + 1..].iter().take_while(|byte| **byte == b'X').count();
            let end = at + 1 + marks;
            if letters > 0 && bytes.get(end).is_none_or(|byte| !byte.is_ascii_alphanumeric()) {
                let start = self.base + span.start;
                self.found.push((start + at - letters..start + end, Kind::Name));
            }
        }
    }
}

/// Whether a link's target is one. `[Resource 1]: [Description]` and `[Metric 1]: Latency` define links by the letter of
/// CommonMark, and are placeholders to anybody else.
fn leads_somewhere(target: &str) -> bool {
    !target.starts_with('[') && target.contains(['/', '.', '#', ':', '@', '?'])
}

#[cfg(test)]
mod tests;
