//! Links to documents that move, in them and in whatever points at them.

use percent_encoding::{AsciiSet, CONTROLS, percent_decode_str, utf8_percent_encode};
use pulldown_cmark::{Event, LinkType, Options, Parser, Tag, TagEnd};

use super::Edit;
use super::path::{folder_of, join, last, relative, resolve};
use crate::words::Span;

/// What no target of a link can hold as it is.
const URL: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'<')
    .add(b'>')
    .add(b'(')
    .add(b')')
    .add(b'%')
    .add(b'#')
    .add(b'?');

/// A Markdown file among documents that move; all paths are from the root.
pub struct Place<'a> {
    /// Where the file stands.
    pub before: &'a str,
    /// Where it will stand: the same, where it does not move itself.
    pub after: &'a str,
    /// What moves, from where to where.
    pub moves: &'a [(String, String)],
    /// Whether there is a file or a folder at a path, before the move.
    pub exists: &'a dyn Fn(&str) -> bool,
}

/// The edits that keep every link of a file whole: targets of links and of images, definitions of references, and paths
/// from the root in code spans and in running text. What stands in fences and comments is left alone, and so is a link
/// that leads nowhere already.
pub fn repair(text: &str, place: &Place<'_>) -> Vec<Edit> {
    let mut edits = Vec::new();
    let mut words: Vec<Span> = Vec::new();
    let mut fenced = false;
    let parser = Parser::new_ext(text, options());
    for (_, definition) in parser.reference_definitions().iter() {
        let behind = text[definition.span.clone()].find("]:").map_or(0, |at| at + 2);
        let span = definition.span.start + behind..definition.span.end;
        edits.extend(place.target(text, &span, &definition.dest));
    }
    for (event, range) in parser.into_offset_iter() {
        match event {
            Event::Start(Tag::CodeBlock(_)) => fenced = true,
            Event::End(TagEnd::CodeBlock) => fenced = false,
            Event::Start(
                Tag::Link {
                    link_type: LinkType::Inline,
                    dest_url,
                    ..
                }
                | Tag::Image {
                    link_type: LinkType::Inline,
                    dest_url,
                    ..
                },
            ) => {
                let behind = text[range.clone()].rfind("](").map_or(0, |at| at + 2);
                edits.extend(place.target(text, &(range.start + behind..range.end), &dest_url));
            }
            Event::Text(_) if !fenced => match words.last_mut() {
                // A text is told in pieces, cut where a mark might have been.
                Some(before) if before.end == range.start => before.end = range.end,
                _ => words.push(range),
            },
            Event::Code(_) => words.push(range),
            _ => {}
        }
    }
    for span in words {
        place.paths(text, &span, &mut edits);
    }
    edits
}

/// The target of a link from a folder to a path, percent-encoded.
pub fn way(folder: &str, path: &str) -> String {
    utf8_percent_encode(&relative(folder, path), URL).to_string()
}

pub(super) fn options() -> Options {
    Options::ENABLE_TASKLISTS | Options::ENABLE_TABLES
}

impl Place<'_> {
    /// Where a path will be.
    fn moved<'a>(&'a self, path: &'a str) -> &'a str {
        let found = self.moves.iter().find(|(before, _)| before == path);
        found.map_or(path, |(_, after)| after)
    }

    /// The edit for one target, which stands somewhere in `span`.
    fn target(&self, text: &str, span: &Span, target: &str) -> Option<Edit> {
        let end = target.find(['#', '?']).unwrap_or(target.len());
        let (path, behind) = target.split_at(end);
        if path.is_empty() || is_address(path) {
            return None;
        }
        let decoded = percent_decode_str(path).decode_utf8().ok()?;
        let from_root = decoded.strip_prefix('/');
        let found = match from_root {
            Some(rest) => resolve("", rest)?,
            None => resolve(folder_of(self.before), &decoded)?,
        };
        let wanted = self.moved(&found);
        let now = match from_root {
            Some(_) => Some(found.clone()),
            None => resolve(folder_of(self.after), &decoded),
        };
        if now.as_deref() == Some(wanted) || !(self.exists)(&found) {
            return None;
        }
        let new = match from_root {
            Some(_) => format!("/{wanted}"),
            None => relative(folder_of(self.after), wanted),
        };
        // As it is written there, or not at all: a target in escapes and entities is a person's to mend.
        let start = span.start + text[span.clone()].find(target)?;
        let angled = text[..start].ends_with('<');
        let new = if angled {
            new
        } else {
            utf8_percent_encode(&new, URL).to_string()
        };
        Some(Edit {
            span: start..start + target.len(),
            text: format!("{new}{behind}"),
        })
    }

    /// Paths from the root that stand in words or in a code span, whole.
    fn paths(&self, text: &str, span: &Span, edits: &mut Vec<Edit>) {
        let words = &text[span.clone()];
        for (before, after) in self.moves {
            // A bare name says the same wherever the file stands.
            if !before.contains('/') {
                continue;
            }
            for (at, _) in words.match_indices(before.as_str()) {
                let ahead = words[..at].trim_end_matches("./");
                let cut = ahead.ends_with(|c: char| c.is_alphanumeric() || "_-./~".contains(c));
                let behind = &words[at + before.len()..];
                let goes_on = behind.starts_with(|c: char| c.is_alphanumeric() || "_-/".contains(c));
                if !cut && !goes_on {
                    edits.push(Edit {
                        span: span.start + at..span.start + at + before.len(),
                        text: after.clone(),
                    });
                }
            }
        }
        // A code span may name a path from the folder of its file.
        let inner = words.trim_matches('`').trim();
        let code = words.starts_with('`')
            && inner.contains('/')
            && (inner.starts_with("./") || inner.starts_with("../"));
        if code && let Some(found) = resolve(folder_of(self.before), inner) {
            let wanted = self.moved(&found);
            let same = resolve(folder_of(self.after), inner).as_deref() == Some(wanted);
            let known = wanted != found || (self.before != self.after && (self.exists)(&found));
            if !same
                && known
                && let Some(at) = words.find(inner)
            {
                let way = relative(folder_of(self.after), wanted);
                let way = if way.starts_with("../") {
                    way
                } else {
                    join(".", &way)
                };
                edits.push(Edit {
                    span: span.start + at..span.start + at + inner.len(),
                    text: way,
                });
            }
        }
    }
}

/// Whether a target is an address, which has a scheme, and no path.
fn is_address(target: &str) -> bool {
    let scheme = last(target.split_once(':').map_or("", |(scheme, _)| scheme));
    target.starts_with("//")
        || (scheme.len() > 1
            && scheme
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c)))
}
