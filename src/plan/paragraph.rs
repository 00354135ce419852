use super::blocks::Inline;
use crate::words::{Source, Span};

/// A part of a paragraph: what a label introduces, up to the next label.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Segment<'a> {
    /// The label's name without its colon; `None` for words before any label.
    pub(super) label: Option<&'a str>,
    /// What stands behind the label, without white space and marks of hard breaks at its ends. May be empty.
    pub(super) content: Span,
}

/// Cuts a paragraph at its labels: bold words that begin a line and that a colon ends or follows.
pub(super) fn segments<'a>(source: &'a Source, span: &Span, inlines: &[Inline]) -> Vec<Segment<'a>> {
    let mut segments = Vec::new();
    let mut label = None;
    let mut start = span.start;
    let mut line_start = span.start;
    for inline in inlines {
        match inline {
            Inline::LineStart(after) => line_start = *after,
            Inline::Strong(strong) => {
                let Some((name, end)) = label_at(source, strong, line_start) else {
                    continue;
                };
                if label.is_some() || strong.start > span.start {
                    segments.push(Segment {
                        label,
                        content: trimmed(source, start..strong.start),
                    });
                }
                label = Some(name);
                start = end;
            }
            Inline::Code(_) | Inline::Link(..) => {}
        }
    }
    segments.push(Segment {
        label,
        content: trimmed(source, start..span.end),
    });
    segments
}

/// The name of the label that a bold text is, and where its content starts.
fn label_at<'a>(source: &'a Source, strong: &Span, line_start: usize) -> Option<(&'a str, usize)> {
    let text = source.text();
    if !text[line_start.min(strong.start)..strong.start].trim().is_empty() {
        return None;
    }
    let inner = text[strong.clone()].trim_matches(['*', '_']).trim();
    if let Some(name) = inner.strip_suffix(':') {
        return Some((name.trim_end(), strong.end));
    }
    text[strong.end..]
        .starts_with(':')
        .then_some((inner, strong.end + 1))
}

fn trimmed(source: &Source, span: Span) -> Span {
    let text = source.slice(&span);
    let start = span.start + (text.len() - text.trim_start().len());
    let kept = text.trim().trim_end_matches('\\').trim_end();
    start..start + kept.len()
}

/// The first code span of a stretch.
pub(super) fn first_code(span: &Span, inlines: &[Inline]) -> Option<Span> {
    inlines.iter().find_map(|inline| match inline {
        Inline::Code(code) if code.start >= span.start && code.end <= span.end => Some(code.clone()),
        _ => None,
    })
}

/// The code span that a stretch consists of, but for punctuation and a remark in parentheses behind it; `None` where
/// code only occurs among words.
pub(super) fn whole_code(source: &Source, span: &Span, inlines: &[Inline]) -> Option<Span> {
    let code = first_code(span, inlines).filter(|code| code.start == span.start)?;
    let rest = source.text()[code.end..span.end].trim_matches(['.', ',', ';', ' ']);
    (rest.is_empty() || (rest.starts_with('(') && rest.ends_with(')'))).then_some(code)
}
