use crate::words::Span;

/// A fenced code block as it stands in a text: all spans are bytes of that text.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Fence {
    /// The opening line from its first mark on.
    pub(crate) opening: Span,
    /// What follows the marks.
    pub(crate) info: Span,
    /// The lines between, with their ends.
    pub(crate) content: Span,
    /// Whether there is a closing line: without one, the block ends where its container does.
    pub(crate) closed: bool,
}

impl Fence {
    /// Takes a block that begins with a fence apart.
    pub(crate) fn of(text: &str, block: &Span) -> Self {
        let whole = text[block.clone()].trim_end_matches(['\n', '\r']);
        let (opening, rest) = whole
            .split_once('\n')
            .map_or((whole, None), |(a, b)| (a, Some(b)));
        let opening = opening.trim_end_matches('\r');
        let mark = opening.as_bytes().first().copied().unwrap_or(b'`');
        let marks = opening.bytes().take_while(|byte| *byte == mark).count();
        let last = rest.map_or("", |rest| rest.rsplit('\n').next().unwrap_or(rest));
        let tail = last.trim_start_matches(['>', ' ', '\t']).trim_end();
        let closed = !tail.is_empty() && tail.len() >= marks && tail.bytes().all(|byte| byte == mark);
        let opening_end = block.start + opening.len();
        let info = &text[block.start + marks..opening_end];
        let info_start = block.start + marks + (info.len() - info.trim_start().len());
        let start = opening_end + line_end(&text[opening_end..]);
        let end = if closed {
            block.start + whole.len() - last.len()
        } else {
            block.end
        };
        Self {
            opening: block.start..opening_end,
            info: info_start..info_start + info.trim().len(),
            content: start..end.max(start),
            closed,
        }
    }
}

fn line_end(rest: &str) -> usize {
    if rest.starts_with("\r\n") {
        2
    } else {
        usize::from(rest.starts_with('\n'))
    }
}
