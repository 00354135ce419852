//! Which files the paths of a command line name, and how many of them are read at once.

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use ignore::{DirEntry, WalkBuilder};

use crate::export;
use crate::plan_file::{PlanFile, Reading};
use crate::words::{Exit, Failure, printable_line};

/// A file to look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Named {
    /// As it is to be shown.
    pub(crate) path: PathBuf,
    /// Whether the user named it, or it was found in a folder: then it need not be a plan.
    pub(crate) by_user: bool,
}

/// The files that `paths` name: a file itself, of a folder all Markdown files beneath it that `.gitignore` lets through,
/// ordered by path. Links in a folder are not followed.
///
/// A path that cannot be looked at is found too: reading it tells why. A folder that cannot be read is a failure of exit
/// 9, told beside the files that can.
pub(crate) fn find(paths: &[PathBuf]) -> (Vec<Named>, Vec<Failure>) {
    let mut files = Vec::new();
    let mut failures = Vec::new();
    for path in paths {
        if path.is_dir() {
            walk(path, &mut files, &mut failures);
        } else {
            files.push(Named {
                path: path.clone(),
                by_user: true,
            });
        }
    }
    (files, failures)
}

/// What is said where there is no plan in what was named.
pub(crate) fn none_in(paths: &[PathBuf]) -> String {
    let paths = paths
        .iter()
        .map(|path| format!("`{}`", printable_line(&path.to_string_lossy())))
        .collect::<Vec<_>>()
        .join(", ");
    format!("no plans in {paths}: a plan is a Markdown file with a heading such as `#### Step 1.1: Title`\n")
}

/// Some of what there is, by name.
pub(crate) fn some_of(names: &[&str]) -> String {
    const NAMED: usize = 3;
    let some: Vec<String> = names
        .iter()
        .take(NAMED)
        .map(|name| format!("`{}`", printable_line(name)))
        .collect();
    match names.len().saturating_sub(NAMED) {
        0 => some.join(", "),
        more => format!("{} and {more} more", some.join(", ")),
    }
}

/// What is said of templates of a folder; `None` where there are none.
pub(crate) fn left_out(templates: &[String]) -> Option<String> {
    let names: Vec<&str> = templates.iter().map(String::as_str).collect();
    (!names.is_empty()).then(|| format!("left out, a template: {}\n", some_of(&names)))
}

fn walk(folder: &Path, files: &mut Vec<Named>, failures: &mut Vec<Failure>) {
    let from = files.len();
    // The rules of the tree count, with a repository or without one; those of the user's own git settings do not.
    let walk = WalkBuilder::new(folder)
        .require_git(false)
        .git_global(false)
        .filter_entry(|entry| !is_folder(entry) || !is_export(entry.path()))
        .build();
    for entry in walk {
        match entry {
            Ok(entry) => {
                let is_file = entry.file_type().is_some_and(|kind| kind.is_file());
                let is_markdown = entry
                    .path()
                    .extension()
                    .is_some_and(|end| end.eq_ignore_ascii_case("md"));
                if is_file && is_markdown {
                    let path = entry.path();
                    let path = path.strip_prefix(".").unwrap_or(path).to_path_buf();
                    files.push(Named { path, by_user: false });
                }
            }
            Err(error) => {
                let text = format!("cannot look into `{}`: {error}", folder.display());
                failures.push(Failure::new(Exit::LocalIo, "local-io", text));
            }
        }
    }
    files[from..].sort_by(|a, b| a.path.cmp(&b.path));
}

/// Whether an entry may be a folder; the first one of a walk may be a link to one.
fn is_folder(entry: &DirEntry) -> bool {
    entry.file_type().is_none_or(|kind| !kind.is_file())
}

/// Whether a folder is an export: the prompts in it look like plans.
fn is_export(folder: &Path) -> bool {
    const BEGINNING: &[u8] = br#"{"schema":"stepgate.export-manifest/"#;
    let mut bytes = [0; BEGINNING.len()];
    let file = std::fs::File::open(folder.join(export::MANIFEST));
    let read = file.and_then(|mut file| file.read_exact(&mut bytes));
    read.is_ok() && bytes == BEGINNING
}

impl Named {
    /// Reads the file; `None` for a file of a folder that is no plan, for no step is in it.
    pub(crate) fn read(&self) -> Option<Result<Reading, Failure>> {
        self.open().map(|opened| opened.map(|(_, reading)| reading))
    }

    /// Whether it is a template that was found in a folder.
    pub(crate) fn is_template(&self, reading: &Reading) -> bool {
        !self.by_user && reading.plan.is_template(&reading.source)
    }

    /// Whether there is something of this name in it, as far as it can be read.
    pub(crate) fn has(&self, name: export::Name) -> bool {
        let opened = self.open().and_then(Result::ok);
        opened.is_some_and(|(_, reading)| !self.is_template(&reading) && name.is_in(&reading.plan))
    }

    /// Like [`Named::read`], with the file itself.
    pub(crate) fn open(&self) -> Option<Result<(PlanFile, Reading), Failure>> {
        let read = PlanFile::find(&self.path).and_then(|file| file.read().map(|reading| (file, reading)));
        match read {
            Ok(opened) => (self.by_user || opened.1.plan.steps().next().is_some()).then_some(Ok(opened)),
            // What is no text in a folder is refused as a plan only if it looks like one.
            Err(failure) if failure.exit == Exit::Invalid && !self.by_user => {
                looks_like_plan(&self.path).then_some(Err(failure))
            }
            Err(failure) => Some(Err(failure)),
        }
    }
}

/// Whether a line of the file begins as the heading of a step does, as far as that can be told of bytes.
fn looks_like_plan(path: &Path) -> bool {
    const LIMIT: u64 = 64 << 20;
    let small = path
        .metadata()
        .is_ok_and(|data| data.is_file() && data.len() <= LIMIT);
    let bytes = if small {
        std::fs::read(path).unwrap_or_default()
    } else {
        Vec::new()
    };
    const SIGN: &str = "## Step ";
    memchr::memmem::find_iter(&bytes, SIGN).any(|at| {
        let number = bytes[at + SIGN.len()..]
            .iter()
            .take_while(|byte| byte.is_ascii_digit() || **byte == b'.');
        let marks = bytes[..at].iter().rev().take_while(|byte| **byte == b'#').count();
        let begins = bytes[..at - marks].last().is_none_or(|byte| *byte == b'\n');
        begins && number.count() >= "1.1".len()
    })
}

/// Does `work` on every item by as many threads as the machine has processors; the results are in the order of the items.
pub(crate) fn in_parallel<T: Sync, R: Send>(items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let threads = thread::available_parallelism()
        .map_or(1, usize::from)
        .min(items.len());
    let next = AtomicUsize::new(0);
    let some = || {
        let mut done = Vec::new();
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(item) = items.get(index) else {
                return done;
            };
            done.push((index, work(item)));
        }
    };
    let mut done: Vec<(usize, R)> = thread::scope(|scope| {
        let spawn = |_| thread::Builder::new().spawn_scoped(scope, some).ok();
        let others: Vec<_> = (1..threads).filter_map(spawn).collect();
        let mut done = some();
        for other in others {
            match other.join() {
                Ok(more) => done.extend(more),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        done
    });
    done.sort_by_key(|(index, _)| *index);
    done.into_iter().map(|(_, result)| result).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_the_order_of_the_items() {
        let items: Vec<usize> = (0..1_000).collect();
        assert_eq!(
            in_parallel(&items, |item| item * 2),
            items.iter().map(|item| item * 2).collect::<Vec<_>>()
        );
        assert_eq!(in_parallel(&[] as &[usize], |item| *item), Vec::<usize>::new());
    }

    #[test]
    fn finds_plans_as_git_sees_the_tree() {
        let folder = tempfile::tempdir().unwrap();
        let write = |path: &str| {
            let path = folder.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "").unwrap();
        };
        for path in [
            "b/z.md",
            "b.md",
            "a/x.MD",
            "a/x.txt",
            "out/skip.md",
            ".hidden/h.md",
        ] {
            write(path);
        }
        std::fs::write(folder.path().join(".gitignore"), "out/\n").unwrap();
        std::os::unix::fs::symlink(folder.path().join("b.md"), folder.path().join("link.md")).unwrap();
        std::os::unix::fs::symlink(folder.path(), folder.path().join("round")).unwrap();
        let (files, failures) = find(&[folder.path().to_path_buf(), "absent.md".into()]);
        let shown: Vec<_> = files
            .iter()
            .map(|file| {
                file.path
                    .strip_prefix(folder.path())
                    .unwrap_or(&file.path)
                    .display()
                    .to_string()
            })
            .collect();
        assert_eq!(shown, ["a/x.MD", "b/z.md", "b.md", "absent.md"]);
        assert_eq!(failures, []);
    }
}
