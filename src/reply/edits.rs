use std::cell::{Cell, OnceCell};
use std::collections::HashMap;

use super::block::{self, BadBlock};
use super::edit::{Edit, FileEdit, What};
use super::fence::{Fence, Fences, fences};
use super::info::{self, Info};
use super::unread::unread;
use crate::words::{Diagnostic, Exit, Failure, Place, Source, Span, printable_line};

/// What a reply holds: its edits, and what is wrong with those that cannot be understood.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Edits {
    /// Those that can be understood, in the order of the reply.
    pub edits: Vec<Edit>,
    /// Why others cannot. With any, no edit of the reply is used.
    pub problems: Vec<Diagnostic>,
}

/// Reads the edits of a reply: every fenced block, not inside a block quote or an HTML comment, whose info string names
/// a path.
///
/// `LANG path=PATH` holds a whole file, `LANG edit=PATH` search/replace blocks for one, `delete=PATH` and
/// `rename=OLD to=NEW` hold nothing. One shape for all four, so that a model has one habit to learn, Markdown shows each
/// of them, and what is no edit cannot be taken for one; the verb is the key, for a word that is left out or wrong then
/// gives another key and never another path. A path with blanks is in double quotes.
///
/// A block inside a list item counts, with the item's indentation taken off as CommonMark does. It is a problem when a
/// fence is not closed (the reply was cut, or a fence inside a file's content ended it early), when two blocks are for
/// one path (but for several `edit=`, also of a file that is renamed: by its old path before that, by its new one after
/// it), when blocks are not whole, when an info string contradicts itself, and when a line looks like a block's first and
/// Markdown takes it for text.
pub fn edits(reply: &str) -> Edits {
    let text = Reply {
        text: reply,
        source: OnceCell::new(),
        counted: Cell::new((0, 1)),
    };
    let mut read = Edits::default();
    let mut seen: HashMap<String, (Span, Standing)> = HashMap::new();
    let Fences { fences, covered } = fences(reply);
    for fence in fences {
        match text.edit(fence) {
            Ok(None) => {}
            Ok(Some(edit)) => {
                let opening = first_line(reply, &edit.span);
                for (path, may_follow, standing) in claims(&edit) {
                    match seen.get_mut(path) {
                        // A file that was moved here is not moved on.
                        Some((_, Standing::MovedHere)) if may_follow.contains(&Standing::MovedHere) => {}
                        Some((_, before)) if may_follow.contains(before) => *before = standing,
                        Some((first, _)) => read.problems.push(text.twice(path, first, &opening)),
                        None => {
                            seen.insert(path.clone(), (opening.clone(), standing));
                        }
                    }
                }
                read.edits.push(edit);
            }
            Err(problem) => read.problems.push(*problem),
        }
    }
    let unread = unread(reply, &covered);
    read.problems.extend(unread.iter().map(|line| text.unread(line)));
    read
}

/// What the blocks so far have made of a path.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Standing {
    /// Places of it are others.
    Changed,
    /// A file was moved here.
    MovedHere,
    /// Nothing more can be said of it.
    Settled,
}

/// The paths that an edit is about, after what each may follow, and what becomes of it.
fn claims(edit: &Edit) -> Vec<(&String, &'static [Standing], Standing)> {
    use Standing::{Changed, MovedHere, Settled};
    let path = &edit.path;
    match &edit.what {
        // A file that was moved here is changed where it is now.
        What::Blocks(_) => vec![(path, &[Changed, MovedHere], Changed)],
        What::Rename(to) => vec![(to, &[], MovedHere), (path, &[Changed], Settled)],
        What::Whole(_) | What::Delete => vec![(path, &[], Settled)],
    }
}

/// The whole files of a reply, for those that have no tree to change. Fails with exit 8 where [`edits`] finds a problem.
pub fn file_edits(reply: &str) -> Result<Vec<FileEdit>, Failure> {
    let Edits { edits, problems } = edits(reply);
    if !problems.is_empty() {
        return Err(Failure {
            exit: Exit::ReplyUnusable,
            diagnostics: problems,
        });
    }
    let whole = edits.into_iter().filter_map(|edit| match edit.what {
        What::Whole(content) => Some(FileEdit {
            path: edit.path,
            content,
            span: edit.span,
        }),
        What::Blocks(_) | What::Delete | What::Rename(_) => None,
    });
    Ok(whole.collect())
}

/// A reply and its lines, which are counted when the first problem wants a place.
struct Reply<'a> {
    text: &'a str,
    source: OnceCell<Option<Source>>,
    /// An offset, and the line that it is in.
    counted: Cell<(usize, usize)>,
}

impl Reply<'_> {
    fn edit(&self, fence: Fence) -> Result<Option<Edit>, Box<Diagnostic>> {
        let opening = first_line(self.text, &fence.span);
        if !fence.closed {
            let problem = Diagnostic::error("unclosed-fence", "a fenced block of the reply is not closed").help(
                "ask again: the reply was cut, or a fence inside a file's content needs a longer fence around it",
            );
            return Err(Box::new(self.at(problem, &opening)));
        }
        let (path, what) = match info::read(&fence.info) {
            Ok(None) => return Ok(None),
            Ok(Some(Info::Whole(path))) => (path, self.whole(fence.content, &opening)?),
            Ok(Some(Info::Edit(path))) => {
                let blocks = block::blocks(&fence.content, self.line(opening.start) + 1);
                let blocks = blocks.map_err(|bad| Box::new(self.bad_block(&path, &bad)))?;
                (path, What::Blocks(blocks))
            }
            Ok(Some(Info::Delete(path))) => (path, self.empty(&fence.content, What::Delete, &opening)?),
            Ok(Some(Info::Rename(path, to))) => {
                (path, self.empty(&fence.content, What::Rename(to), &opening)?)
            }
            Err(why) => {
                let problem = Diagnostic::error("bad-edit-path", why)
                    .found(format!("`{}`", printable_line(&fence.info)))
                    .help("ask again, or make this change by hand");
                return Err(Box::new(self.at(problem, &opening)));
            }
        };
        Ok(Some(Edit {
            path,
            what,
            span: fence.span,
        }))
    }

    fn whole(&self, content: String, opening: &Span) -> Result<What, Box<Diagnostic>> {
        if block::looks_like_blocks(&content) {
            let message = "a block that names a whole file with `path=` holds search/replace blocks";
            let problem =
                Diagnostic::error("bad-edit-block", message).help("ask again, for `edit=` in its place");
            return Err(Box::new(self.at(problem, opening)));
        }
        Ok(What::Whole(content))
    }

    fn empty(&self, content: &str, what: What, opening: &Span) -> Result<What, Box<Diagnostic>> {
        if content.trim().is_empty() {
            return Ok(what);
        }
        let message = "a block that deletes or renames a file has lines in it";
        let problem = Diagnostic::error("bad-edit-block", message)
            .help("ask again, for an empty block: nothing else can be meant");
        Err(Box::new(self.at(problem, opening)))
    }

    fn bad_block(&self, path: &str, bad: &BadBlock) -> Diagnostic {
        let message = format!(
            "the block of changes to `{}` cannot be read: {}",
            printable_line(path),
            bad.why
        );
        let mut problem =
            Diagnostic::error("bad-edit-block", message).help("ask again, or make this change by hand");
        if let Some(source) = self.source() {
            problem = problem.at(source.place(&source.line_span(bad.line)));
        }
        problem
    }

    fn twice(&self, path: &str, first: &Span, second: &Span) -> Diagnostic {
        let message = format!(
            "two blocks of the reply are for one path, `{}`",
            printable_line(path)
        );
        let problem = Diagnostic::error("edit-twice", message)
            .help("ask again for one block a file; only `edit=` may name a file several times");
        match (self.place(first), self.place(second)) {
            (Some(first), Some(second)) => problem
                .found(format!("blocks in line {} and line {}", first.line, second.line))
                .at(second)
                .related(first, "the first of the two"),
            _ => problem,
        }
    }

    fn unread(&self, line: &Span) -> Diagnostic {
        let message =
            "a line of the reply looks like the first of an edit, and Markdown does not take it for one";
        let problem = Diagnostic::error("unread-edit", message)
            .found(format!("`{}`", printable_line(&self.text[line.clone()])))
            .help("ask again: a block begins with at most three blanks, and with an empty line between it and HTML");
        self.at(problem, line)
    }

    fn at(&self, problem: Diagnostic, span: &Span) -> Diagnostic {
        match self.place(span) {
            Some(place) => problem.at(place),
            None => problem,
        }
    }

    fn place(&self, span: &Span) -> Option<Place> {
        Some(self.source()?.place(span))
    }

    /// The lines of the reply; a reply with a NUL or an endless line has no line worth showing.
    fn source(&self) -> Option<&Source> {
        self.source
            .get_or_init(|| Source::new("reply", self.text.into()).ok())
            .as_ref()
    }

    /// The line of an offset, from 1. Fences come in order, so that no line is counted twice.
    fn line(&self, offset: usize) -> usize {
        let (start, line) = self.counted.get();
        let between = self.text.as_bytes().get(start..offset).unwrap_or_default();
        let line = line + memchr::memchr_iter(b'\n', between).count();
        self.counted.set((offset, line));
        line
    }
}

fn first_line(reply: &str, span: &Span) -> Span {
    let text = &reply[span.clone()];
    let length = text.find('\n').unwrap_or(text.len());
    span.start..span.start + text[..length].trim_end().len()
}
