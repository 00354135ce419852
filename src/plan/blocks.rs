//! The block structure of a Markdown file, as far as the format of plans asks for it: CommonMark with task lists, read by
//! pulldown-cmark, window by window.

use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};

use super::fence::Fence;
use super::windows::{self, Part};
use crate::words::Span;

/// A block, or an item of a list. Blocks in a block quote are left out, but for what a fence or comment swallows.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Block {
    /// A heading outside any container.
    Heading { level: u8, span: Span, text: Span },
    /// A paragraph outside any container.
    Paragraph { span: Span, inlines: InlineRange },
    /// An item of a list: the box that it begins with, and its own text.
    Item {
        checkbox: Option<(usize, bool)>,
        text: Span,
        code: Option<Span>,
    },
    /// A fence, perhaps in a list.
    Fence {
        info: Span,
        content: Span,
        indent: usize,
    },
    /// An HTML comment that begins `<!-- AI:`.
    Hint(Span),
    /// A fence without its closing line: its opening line.
    UnclosedFence(Span),
    /// An HTML comment without its end: its first line.
    UnclosedComment(Span),
}

/// Which inlines of its window matter in a paragraph. They are kept together: a vector for each paragraph would cost more
/// than reading it.
pub(crate) type InlineRange = std::ops::Range<usize>;

/// What a window holds.
#[derive(Debug, Default)]
pub(crate) struct Blocks {
    blocks: Vec<Block>,
    inlines: Vec<Inline>,
}

impl Blocks {
    /// Calls `visit` with every block, and with the inlines that matter where it is a paragraph.
    pub(crate) fn for_each(self, mut visit: impl FnMut(Block, &[Inline])) {
        for block in self.blocks {
            let inlines = match &block {
                Block::Paragraph { inlines, .. } => inlines.clone(),
                _ => 0..0,
            };
            visit(block, &self.inlines[inlines]);
        }
    }
}

/// An inline of a paragraph.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Inline {
    /// Bold text with its marks.
    Strong(Span),
    /// A code span with its backticks.
    Code(Span),
    /// A link with its target.
    Link(Span, String),
    /// The byte after a line end.
    LineStart(usize),
}

/// What the reader of plans knows of Markdown beyond CommonMark.
pub(crate) const OPTIONS: Options = Options::ENABLE_TASKLISTS;

/// Calls `visit` with every block of `text`, in order, and with the inlines that matter where it is a paragraph.
pub(crate) fn for_each_block(text: &str, mut visit: impl FnMut(Block, &[Inline])) {
    windows::read(text, read_window, |blocks| blocks.for_each(&mut visit));
}

/// Reads one window.
pub(super) fn read_window(window: &str, base: usize) -> Part<Blocks> {
    let mut reader = Window {
        text: window,
        base,
        read: Blocks::default(),
        items: Vec::new(),
        quotes: 0,
        mode: Mode::Idle,
        runs_on: false,
    };
    for (event, range) in Parser::new_ext(window, OPTIONS).into_offset_iter() {
        reader.event(event, range);
    }
    Part {
        value: reader.read,
        runs_on: reader.runs_on,
    }
}

/// What the inlines that come belong to.
enum Mode {
    Idle,
    Heading {
        level: u8,
        span: Span,
        text: Option<Span>,
    },
    /// With the first of its inlines.
    Paragraph {
        span: Span,
        first: usize,
    },
    Code,
}

/// An item whose text may still grow.
#[derive(Default)]
struct OpenItem {
    start: usize,
    checkbox: Option<(usize, bool)>,
    text: Option<Span>,
    code: Option<Span>,
    told: bool,
}

struct Window<'a> {
    text: &'a str,
    base: usize,
    read: Blocks,
    items: Vec<OpenItem>,
    quotes: usize,
    mode: Mode,
    runs_on: bool,
}

impl Window<'_> {
    fn event(&mut self, event: Event<'_>, range: Span) {
        match event {
            Event::Text(_) => self.inline(&range),
            Event::SoftBreak | Event::HardBreak => {
                let after = self.base + range.end;
                if matches!(self.mode, Mode::Paragraph { .. }) {
                    self.read.inlines.push(Inline::LineStart(after));
                }
            }
            Event::Code(_) => {
                let span = self.absolute(&range);
                match self.mode {
                    Mode::Paragraph { .. } => self.read.inlines.push(Inline::Code(span)),
                    _ => {
                        if let Some(item) = self.items.last_mut().filter(|item| !item.told) {
                            item.code.get_or_insert(span);
                        }
                    }
                }
                self.inline(&range);
            }
            Event::TaskListMarker(done) if self.quotes == 0 => {
                if let Some(item) = self
                    .items
                    .last_mut()
                    .filter(|item| item.text.is_none() && !item.told)
                {
                    item.checkbox = Some((self.base + range.start + 1, done));
                }
            }
            Event::InlineHtml(_) => {
                self.hint(&range);
                self.inline(&range);
            }
            Event::Start(tag) => self.start(tag, range),
            Event::End(tag) => self.end(tag),
            _ => {}
        }
    }

    fn start(&mut self, tag: Tag<'_>, range: Span) {
        let contained = self.quotes > 0 || !self.items.is_empty();
        match tag {
            Tag::Heading { level, .. } => {
                self.runs_on = false;
                self.tell_item();
                if !contained {
                    let span = self.absolute(&range);
                    self.mode = Mode::Heading {
                        level: level as u8,
                        span,
                        text: None,
                    };
                }
            }
            Tag::Paragraph => {
                self.runs_on = false;
                if !contained {
                    let span = self.absolute(&range);
                    let first = self.read.inlines.len();
                    self.mode = Mode::Paragraph { span, first };
                } else if self.items.last().is_some_and(|item| item.text.is_some()) {
                    self.tell_item();
                }
            }
            Tag::BlockQuote(_) => {
                self.runs_on = false;
                self.tell_item();
                self.quotes += 1;
            }
            Tag::List(_) => {
                self.runs_on = false;
                self.tell_item();
            }
            Tag::Item => self.items.push(OpenItem {
                start: self.base + range.start,
                told: self.quotes > 0,
                ..OpenItem::default()
            }),
            Tag::CodeBlock(kind) => {
                self.tell_item();
                self.runs_on = false;
                if matches!(kind, CodeBlockKind::Fenced(_)) {
                    self.fence(&range, contained);
                }
                self.mode = Mode::Code;
            }
            Tag::HtmlBlock => {
                self.tell_item();
                self.html(&range, contained);
                self.mode = Mode::Code;
            }
            Tag::Strong => {
                let span = self.absolute(&range);
                if matches!(self.mode, Mode::Paragraph { .. }) {
                    self.read.inlines.push(Inline::Strong(span));
                }
                self.inline(&range);
            }
            Tag::Link { dest_url, .. } => {
                let span = self.absolute(&range);
                if matches!(self.mode, Mode::Paragraph { .. }) {
                    self.read.inlines.push(Inline::Link(span, dest_url.into_string()));
                }
                self.inline(&range);
            }
            Tag::Emphasis | Tag::Strikethrough | Tag::Image { .. } => self.inline(&range),
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Heading(_) | TagEnd::Paragraph => match std::mem::replace(&mut self.mode, Mode::Idle) {
                Mode::Heading { level, span, text } => {
                    let text = text.unwrap_or(span.end..span.end);
                    self.read.blocks.push(Block::Heading { level, span, text });
                }
                Mode::Paragraph { span, first } => {
                    let inlines = first..self.read.inlines.len();
                    self.read.blocks.push(Block::Paragraph { span, inlines });
                }
                Mode::Idle | Mode::Code => {}
            },
            TagEnd::CodeBlock | TagEnd::HtmlBlock => self.mode = Mode::Idle,
            TagEnd::BlockQuote(_) => self.quotes = self.quotes.saturating_sub(1),
            TagEnd::Item => {
                self.tell_item();
                self.items.pop();
            }
            _ => {}
        }
    }

    /// Notes that an inline stands at `range`.
    fn inline(&mut self, range: &Span) {
        let text = match &mut self.mode {
            Mode::Heading { text, .. } => text,
            Mode::Idle => match self.items.last_mut() {
                Some(item) if !item.told => &mut item.text,
                _ => return,
            },
            Mode::Paragraph { .. } | Mode::Code => return,
        };
        let (start, end) = (self.base + range.start, self.base + range.end);
        match text {
            Some(span) => span.end = span.end.max(end),
            None => *text = Some(start..end),
        }
    }

    /// Hands out the innermost item: its own text is complete.
    fn tell_item(&mut self) {
        let Some(item) = self.items.last_mut().filter(|item| !item.told) else {
            return;
        };
        item.told = true;
        let (checkbox, code) = (item.checkbox, item.code.take());
        let fallback = checkbox.map_or(item.start, |(offset, _)| offset + 2);
        let span = item.text.clone().unwrap_or(fallback..fallback);
        let text = trimmed(self.text, self.base, span);
        self.read.blocks.push(Block::Item { checkbox, text, code });
    }

    fn fence(&mut self, range: &Span, contained: bool) {
        let fence = Fence::of(self.text, range);
        if !fence.closed {
            self.runs_on = !contained;
            self.read
                .blocks
                .push(Block::UnclosedFence(self.absolute(&fence.opening)));
        } else if self.quotes == 0 {
            let line_start = self.text[..range.start].rfind('\n').map_or(0, |at| at + 1);
            self.read.blocks.push(Block::Fence {
                info: self.absolute(&fence.info),
                content: self.absolute(&fence.content),
                indent: self.text[line_start..range.start].chars().count(),
            });
        }
    }

    fn html(&mut self, range: &Span, contained: bool) {
        // What ends the block may stand beyond the window.
        self.runs_on = !contained;
        let slice = &self.text[range.clone()];
        if slice.trim_start().starts_with("<!--") && !slice.contains("-->") {
            let first = slice.lines().next().unwrap_or_default().len();
            let span = self.absolute(&(range.start..range.start + first));
            self.read.blocks.push(Block::UnclosedComment(span));
        }
        let mut from = range.start;
        while let Some(at) = self.text[from..range.end].find("<!--") {
            let start = from + at;
            let end = self.text[start..range.end]
                .find("-->")
                .map_or(range.end, |length| start + length + 3);
            self.hint(&(start..end));
            from = end;
        }
    }

    fn hint(&mut self, range: &Span) {
        let comment = self.text[range.clone()].strip_prefix("<!--");
        if comment.is_some_and(|text| text.trim_start().starts_with("AI:")) {
            let span = self.absolute(range);
            self.read.blocks.push(Block::Hint(span));
        }
    }

    fn absolute(&self, range: &Span) -> Span {
        self.base + range.start..self.base + range.end
    }
}

/// A span of the file without white space at its ends; `base` is where `window` begins in the file.
fn trimmed(window: &str, base: usize, span: Span) -> Span {
    let text = &window[span.start - base..span.end - base];
    let start = span.start + (text.len() - text.trim_start().len());
    start..start + text.trim().len()
}
