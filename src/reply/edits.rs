use std::collections::HashMap;
use std::ops::Range;

use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};

use crate::words::{Diagnostic, Exit, Failure, Source, Span};

/// A whole file that a reply holds: its path as the model wrote it, and what the file shall be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileEdit {
    /// The path as written. Not yet known to be safe.
    pub path: String,
    /// The fence's content, with line feeds as its line ends.
    pub content: String,
    /// Bytes of the whole fenced block in the reply.
    pub span: Span,
}

/// The files of a reply: every fenced block, not inside a block quote or an HTML comment, whose info string is
/// `LANG path=PATH` or `path=PATH` (a path with spaces in double quotes), in the order of the reply.
///
/// A block inside a list item counts, with the item's indentation taken off as CommonMark does. Fails with exit 8 when a
/// fence is not closed (the reply was cut, or a fence inside a file's content ended it early), when two blocks name one
/// path, and when a path is empty or its quotes are odd: part of a reply is never used.
pub fn file_edits(reply: &str) -> Result<Vec<FileEdit>, Failure> {
    let mut edits: Vec<FileEdit> = Vec::new();
    let mut seen: HashMap<String, Span> = HashMap::new();
    for block in fences(reply) {
        if !block.closed {
            let opening = first_line(reply, &block.span);
            return Err(failure(
                reply,
                &opening,
                "unclosed-fence",
                "a fenced block of the reply is not closed",
            )
            .help(
                "ask again: the reply was cut, or a fence inside a file's content needs a longer fence around it",
            ));
        }
        let opening = first_line(reply, &block.span);
        let path = match path_of(&block.info) {
            Info::NoPath => continue,
            Info::Path(path) => path,
            Info::Bad(why) => {
                return Err(failure(reply, &opening, "bad-edit-path", why)
                    .found(format!("`{}`", block.info))
                    .help("ask again, or apply this file by hand"));
            }
        };
        if let Some(first) = seen.insert(path.clone(), opening.clone()) {
            return Err(twice(reply, &path, &first, &opening));
        }
        edits.push(FileEdit {
            path,
            content: block.content,
            span: block.span,
        });
    }
    Ok(edits)
}

struct Fence {
    info: String,
    content: String,
    span: Span,
    closed: bool,
}

/// Every fenced block that is not in a block quote.
fn fences(reply: &str) -> Vec<Fence> {
    let mut fences = Vec::new();
    let mut quotes = 0_usize;
    let mut open: Option<Fence> = None;
    for (event, span) in Parser::new_ext(reply, Options::empty()).into_offset_iter() {
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
    fences
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

enum Info {
    NoPath,
    Path(String),
    Bad(&'static str),
}

/// Reads the `path=` of an info string.
fn path_of(info: &str) -> Info {
    let mut found = None;
    let mut rest = info;
    while let Some(start) = rest.find(|c: char| !c.is_whitespace()) {
        rest = &rest[start..];
        let Some(value) = rest.strip_prefix("path=") else {
            rest = &rest[rest.find(char::is_whitespace).unwrap_or(rest.len())..];
            continue;
        };
        let (path, after) = if let Some(quoted) = value.strip_prefix('"') {
            let Some(end) = quoted.find('"') else {
                return Info::Bad("the path of a block in the reply has an opening quote and no closing one");
            };
            (&quoted[..end], &quoted[end + 1..])
        } else {
            value.split_at(value.find(char::is_whitespace).unwrap_or(value.len()))
        };
        if !after.is_empty() && !after.starts_with(char::is_whitespace) {
            return Info::Bad("text stands right behind the quoted path of a block in the reply");
        }
        if path.trim().is_empty() {
            return Info::Bad("a block of the reply names an empty path");
        }
        if found.replace(path.to_owned()).is_some() {
            return Info::Bad("a block of the reply names two paths");
        }
        rest = after;
    }
    found.map_or(Info::NoPath, Info::Path)
}

fn first_line(reply: &str, span: &Span) -> Span {
    let text = &reply[span.clone()];
    let length = text.find('\n').unwrap_or(text.len());
    span.start..span.start + text[..length].trim_end().len()
}

fn failure(reply: &str, at: &Range<usize>, rule: &'static str, message: &str) -> Failure {
    let failure = Failure::new(Exit::ReplyUnusable, rule, message);
    match Source::new("reply", reply.into()) {
        Ok(source) => failure.at(source.place(at)),
        // A reply with a NUL or an endless line has no line worth showing.
        Err(_) => failure,
    }
}

fn twice(reply: &str, path: &str, first: &Span, second: &Span) -> Failure {
    let message = format!("two blocks of the reply are for one path, `{path}`");
    let mut diagnostic = Diagnostic::error("edit-twice", message).help("ask again for one block a file");
    if let Ok(source) = Source::new("reply", reply.into()) {
        let (first, second) = (source.place(first), source.place(second));
        diagnostic = diagnostic
            .found(format!("blocks in line {} and line {}", first.line, second.line))
            .at(second)
            .related(first, "the first of the two");
    }
    Failure {
        exit: Exit::ReplyUnusable,
        diagnostics: vec![diagnostic],
    }
}
