use std::collections::HashMap;

use super::claims::Claims;
use super::folders::Folders;
use super::mismatch;
use super::root::{SIZE_LIMIT, refused};
use super::{Change, Links, RelativePath, Root, protected_in};
use crate::reply::{Block, Edit, Text, What};
use crate::words::{Diagnostic, Exit, Failure};

/// Blocks that one file may have.
const BLOCKS_LIMIT: usize = 1_000;

const BOM: &[u8] = b"\xef\xbb\xbf";

/// What the edits of a reply would change, in the order of the reply. Files that would stay as they are are left out.
///
/// `declared` are the files and folders (with a `/` at the end) that the step names. Fails with exit 8, and every problem
/// of the edits told, when a path is [not admitted](Root::admit), when two of them cannot both be on every file system,
/// when a file to be changed, deleted or renamed is not there or its new path is taken, and when what a block looks for is
/// not in its file just once. Writes nothing.
pub fn preview(root: &Root, edits: &[Edit], declared: &[String]) -> Result<Vec<Change>, Failure> {
    let mut view = View {
        folders: Folders::new(root),
        declared,
        problems: Vec::new(),
    };
    let wishes = view.wishes(edits)?;
    let mut changes = Vec::new();
    for wish in &wishes {
        if let Some(change) = view.told(|view| view.change(wish))?.flatten() {
            changes.push(change);
        }
    }
    if view.problems.is_empty() {
        return Ok(changes);
    }
    Err(Failure {
        exit: Exit::ReplyUnusable,
        diagnostics: view.problems,
    })
}

/// What is asked for one file, the blocks of all its fences together.
struct Wish<'a> {
    path: RelativePath,
    what: Wanted<'a>,
}

enum Wanted<'a> {
    Whole(&'a str),
    Blocks(Vec<&'a Block>),
    Delete,
    Rename(RelativePath, Vec<&'a Block>),
}

impl Wish<'_> {
    /// A file that is changed also moves.
    fn move_to(&mut self, to: RelativePath) {
        if let Wanted::Blocks(blocks) = &mut self.what {
            self.what = Wanted::Rename(to, std::mem::take(blocks));
        }
    }
}

struct View<'a> {
    folders: Folders<'a>,
    declared: &'a [String],
    problems: Vec<Diagnostic>,
}

impl View<'_> {
    /// Keeps what is wrong with the reply, so that the rest of it is looked at too; a failure of the disk ends it.
    fn told<T>(&mut self, make: impl FnOnce(&mut Self) -> Result<T, Failure>) -> Result<Option<T>, Failure> {
        match make(self) {
            Ok(made) => Ok(Some(made)),
            Err(failure) if failure.exit == Exit::ReplyUnusable => {
                self.problems.extend(failure.diagnostics);
                Ok(None)
            }
            Err(failure) => Err(failure),
        }
    }

    fn wishes<'e>(&mut self, edits: &'e [Edit]) -> Result<Vec<Wish<'e>>, Failure> {
        let mut wishes: Vec<Wish<'e>> = Vec::new();
        let mut claims = Claims::default();
        let mut changed: HashMap<RelativePath, usize> = HashMap::new();
        for edit in edits {
            let Some(path) = self.told(|view| view.folders.admit(&edit.path))? else {
                continue;
            };
            if let What::Blocks(more) = &edit.what
                && let Some(wish) = changed.get(&path).and_then(|index| wishes.get_mut(*index))
                && let Wanted::Blocks(blocks) | Wanted::Rename(_, blocks) = &mut wish.what
            {
                blocks.extend(more);
                continue;
            }
            let what = match &edit.what {
                What::Whole(content) => Wanted::Whole(content),
                What::Blocks(blocks) => Wanted::Blocks(blocks.iter().collect()),
                What::Delete => Wanted::Delete,
                What::Rename(to) => match self.told(|view| view.folders.admit(to))? {
                    Some(to) => Wanted::Rename(to, Vec::new()),
                    None => continue,
                },
            };
            // A file that was changed before it moves is claimed already, and from now on goes by its new path.
            let before = changed.get(&path).copied().filter(|index| {
                let changes = wishes
                    .get(*index)
                    .is_some_and(|wish| matches!(wish.what, Wanted::Blocks(_)));
                changes && matches!(what, Wanted::Rename(..))
            });
            let mut taken = if before.is_some() {
                Ok(())
            } else {
                claims.take(&path)
            };
            if let (Ok(()), Wanted::Rename(to, _)) = (&taken, &what) {
                taken = claims.take(to);
            }
            if let Err(problem) = taken {
                self.problems.push(*problem);
                continue;
            }
            let index = before.unwrap_or(wishes.len());
            if let Wanted::Rename(to, _) = &what {
                changed.remove(&path);
                changed.insert(to.clone(), index);
            } else if let Wanted::Blocks(_) = &what {
                changed.insert(path.clone(), index);
            }
            match (wishes.get_mut(index), what) {
                (Some(wish), Wanted::Rename(to, _)) => wish.move_to(to),
                (_, what) => wishes.push(Wish { path, what }),
            }
        }
        Ok(wishes)
    }

    fn change(&mut self, wish: &Wish<'_>) -> Result<Option<Change>, Failure> {
        let path = &wish.path;
        let held = self.folders.held(path)?;
        if held.as_ref().is_some_and(|held| held.link) {
            return Err(refused(path.as_str(), "it is a symbolic link"));
        }
        let (mode, before) = held.map(|held| (held.mode, held.bytes)).unzip();
        let (after, to) = match &wish.what {
            Wanted::Whole(_) if !before.as_deref().is_none_or(is_text) => {
                return Err(refused(
                    path.as_str(),
                    "what is there is not UTF-8 text, and a reply can give nothing else",
                ));
            }
            Wanted::Whole(content) => (Some(whole(before.as_deref(), content)), None),
            Wanted::Blocks(blocks) => {
                let Some(after) = self.changed(path, before.as_deref(), blocks)? else {
                    return Ok(None);
                };
                (Some(after), None)
            }
            Wanted::Delete => (None, None),
            Wanted::Rename(..) if before.is_none() => return Err(missing(path)),
            Wanted::Rename(to, blocks) if blocks.is_empty() => (before.clone(), Some(to)),
            Wanted::Rename(to, blocks) => {
                let Some(after) = self.changed(path, before.as_deref(), blocks)? else {
                    return Ok(None);
                };
                (Some(after), Some(to))
            }
        };
        if before.is_none() && matches!(wish.what, Wanted::Delete) {
            return Err(missing(path));
        }
        if let Some(to) = to
            && self.folders.root.stat(to)?.is_some()
        {
            let message = format!("the reply renames `{path}` to `{to}`, and that is there already");
            return Err(Failure::new(Exit::ReplyUnusable, "rename-target", message)
                .help("ask again, or make this change by hand"));
        }
        if after
            .as_ref()
            .is_some_and(|after| after.len() as u64 > SIZE_LIMIT)
        {
            return Err(refused(
                path.as_str(),
                "its new content is over the limit of 16 MiB",
            ));
        }
        if to.is_none() && before == after {
            return Ok(None);
        }
        // Replacing a file by rename does not ask whether it may be written. The user did ask, by its mode.
        if mode.is_some_and(|mode| mode & 0o200 == 0) {
            return Err(refused(path.as_str(), "it is read-only"));
        }
        let root = self.folders.root;
        let declares = |path| self.declared.iter().any(|declared| covers(declared, path));
        Ok(Some(Change {
            mode,
            after_mode: None,
            link: Links::default(),
            protection: protected_in(root, path).or_else(|| protected_in(root, to?)),
            declared: declares(path) && to.is_none_or(declares),
            path: to.unwrap_or(path).clone(),
            from: to.is_some().then(|| path.clone()),
            before,
            after,
        }))
    }

    /// A file with its blocks carried out; `None` where one of them cannot be, and the problems are told.
    fn changed(
        &mut self,
        path: &RelativePath,
        before: Option<&[u8]>,
        blocks: &[&Block],
    ) -> Result<Option<Vec<u8>>, Failure> {
        if blocks.len() > BLOCKS_LIMIT {
            let why = format!("it has {} changes, and the limit is {BLOCKS_LIMIT}", blocks.len());
            return Err(refused(path.as_str(), &why));
        }
        let begins = blocks.first().is_some_and(|block| block.search.is_empty());
        if before.is_none() && !begins {
            return Err(missing(path));
        }
        let Ok(text) = std::str::from_utf8(before.unwrap_or_default()) else {
            return Err(refused(
                path.as_str(),
                "its content is not UTF-8 text, so nothing can be looked for in it",
            ));
        };
        let mut text = Text::new(text);
        let mut fine = true;
        for (index, block) in blocks.iter().enumerate() {
            if let Err(why) = text.replace(block) {
                fine = false;
                self.problems
                    .push(mismatch::problem(path, (index + 1, block), &why));
            }
        }
        Ok(fine.then(|| String::from(text).into_bytes()))
    }
}

fn missing(path: &RelativePath) -> Failure {
    let message = format!("the reply changes a file that is not there: `{path}`");
    Failure::new(Exit::ReplyUnusable, "no-such-file", message)
        .help("ask again, or make this change by hand; a new file is given as a whole")
}

/// Whether these are the bytes of a text that a reply can give again. UTF-16 without a mark has zeros, if nothing else.
fn is_text(bytes: &[u8]) -> bool {
    memchr::memchr(0, bytes).is_none() && std::str::from_utf8(bytes).is_ok()
}

/// A file that is given as a whole, with the byte order mark and the line ends that it has now.
fn whole(before: Option<&[u8]>, content: &str) -> Vec<u8> {
    let before = before.unwrap_or_default();
    let mut after = content.as_bytes().to_vec();
    let mut ends = memchr::memchr_iter(b'\n', before).peekable();
    if ends.peek().is_some() && ends.all(|at| before[..at].ends_with(b"\r")) {
        after = content.replace('\n', "\r\n").into_bytes();
    }
    if before.starts_with(BOM) && !after.starts_with(BOM) {
        after.splice(0..0, BOM.iter().copied());
    }
    after
}

pub(super) fn covers(declared: &str, path: &RelativePath) -> bool {
    let declared = declared.strip_prefix("./").unwrap_or(declared);
    declared == path.as_str() || declared.ends_with('/') && path.as_str().starts_with(declared)
}
