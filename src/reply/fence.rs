use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};

use crate::words::Span;

/// A fenced block of a reply.
pub(super) struct Fence {
    /// The info string, without blanks around it.
    pub(super) info: String,
    /// What stands between the fences, with line feeds as line ends.
    pub(super) content: String,
    /// All of its bytes in the reply.
    pub(super) span: Span,
    /// Whether it has a closing fence.
    pub(super) closed: bool,
}

/// The fenced blocks of a reply.
pub(super) struct Fences {
    /// Every one that is not in a block quote.
    pub(super) fences: Vec<Fence>,
    /// What is read, or meant to be shown only: these and all others, block quotes and HTML comments, in the order of the
    /// reply. Some are inside of others.
    pub(super) covered: Vec<Span>,
}

/// Finds the fenced blocks of a reply.
pub(super) fn fences(reply: &str) -> Fences {
    let mut fences = Vec::new();
    let mut covered = Vec::new();
    let mut quotes = 0_usize;
    let mut open: Option<Fence> = None;
    for (event, span) in Parser::new_ext(reply, Options::empty()).into_offset_iter() {
        let comment = || reply[span.clone()].trim_start().starts_with("<!--");
        match &event {
            Event::Start(Tag::BlockQuote(_) | Tag::CodeBlock(CodeBlockKind::Fenced(_))) => {
                covered.push(span.clone());
            }
            Event::Start(Tag::HtmlBlock) | Event::InlineHtml(_) if comment() => covered.push(span.clone()),
            _ => {}
        }
        match event {
            Event::Start(Tag::BlockQuote(_)) => quotes += 1,
            Event::End(TagEnd::BlockQuote(_)) => quotes = quotes.saturating_sub(1),
            Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(info))) if quotes == 0 => {
                open = Some(Fence {
                    info: info.trim().to_owned(),
                    content: String::new(),
                    span,
                    closed: false,
                });
            }
            Event::Text(text) => {
                if let Some(fence) = &mut open {
                    fence.content.push_str(&text);
                }
            }
            Event::End(TagEnd::CodeBlock) => {
                if let Some(mut fence) = open.take() {
                    if fence.content.contains('\r') {
                        fence.content = fence.content.replace("\r\n", "\n");
                    }
                    fence.closed = is_closed(&reply[fence.span.clone()], &fence.content);
                    fences.push(fence);
                }
            }
            _ => {}
        }
    }
    Fences { fences, covered }
}

/// Tells whether a block ends with a closing fence. The parser ends an unclosed one silently at the end of the text or
/// of the list item; a closed one has exactly two lines more than its content, the last of them a fence.
fn is_closed(block: &str, content: &str) -> bool {
    let mut lines = block.lines();
    let Some(opening) = lines.next() else {
        return false;
    };
    let Some(last) = lines.next_back() else {
        return false;
    };
    let between = lines.count();
    let last = last.trim();
    let mark = if last.starts_with('~') { '~' } else { '`' };
    let length = opening
        .chars()
        .skip_while(|c| *c != mark)
        .take_while(|c| *c == mark)
        .count();
    last.len() >= length.max(3) && last.chars().all(|c| c == mark) && between == content.lines().count()
}
