use std::collections::BTreeSet;
use std::path::Path;

use rustix::fs::FileType;

use super::git::NOT_RUN;
use super::{Git, GitIndex, RelativePath, Root};
use crate::words::{Exit, Failure};

/// What git leaves in its folder while something is going on that ends in a commit of its own.
const UNDER_WAY: [(&str, &str); 7] = [
    ("MERGE_HEAD", "a merge"),
    ("CHERRY_PICK_HEAD", "a cherry-pick"),
    ("REVERT_HEAD", "a revert"),
    ("rebase-merge", "a rebase"),
    ("rebase-apply", "a rebase"),
    ("sequencer", "a row of cherry-picks or reverts"),
    ("BISECT_LOG", "a bisect"),
];

/// Makes commits of some files of the work tree, whatever else is changed or staged there.
#[derive(Debug)]
pub struct Checkpoint<'a> {
    git: Git,
    root: &'a Root,
    scratch: &'a Path,
}

/// What became of an attempt to commit some files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// The commit; `None` where the files are as in the head.
    pub made: Option<MadeCommit>,
    /// Files that are there and are in no commit of this repository.
    pub left_out: Vec<LeftOut>,
    /// Whether git took any of the files.
    pub taken: bool,
}

/// A file that a commit was to hold and does not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftOut {
    /// From the root.
    pub path: RelativePath,
    /// Why, in words that end a sentence about it.
    pub why: &'static str,
}

/// A commit that was made and is on no branch yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MadeCommit {
    /// Its name.
    pub commit: String,
    /// What it follows on; `None` for the first one of a branch.
    pub parent: Option<String>,
    /// Paths from the top of the work tree.
    pub files: Vec<String>,
    /// What the index is to hold of these files, as `git update-index --index-info` takes it.
    entries: Vec<u8>,
}

impl<'a> Checkpoint<'a> {
    /// In the repository that the root is in. Fails with exit 6 where it is in none.
    pub fn open(root: &'a Root, scratch: &'a Path) -> Result<Self, Failure> {
        let git = Git::find(root.path()).map_err(|why| {
            let text = format!("`--commit` needs a git repository: {why}");
            Failure::new(Exit::Configuration, "no-git", text)
                .help("run `git init` in the root, or run without `--commit`")
        })?;
        Ok(Self { git, root, scratch })
    }

    /// Fails where a commit cannot be made now: exit 6 while a merge and the like is under way and where nobody says
    /// whose commits they are, exit 9 while another git holds the index.
    pub fn ready(&self) -> Result<(), Failure> {
        for (name, what) in UNDER_WAY {
            if self.git.own_path(name).is_some_and(|path| path.exists()) {
                let text = format!("{what} is under way, and a commit of a step would become part of it");
                return Err(Failure::new(Exit::Configuration, "git-busy", text)
                    .help(format!("end {what} first, or run without `--commit`")));
            }
        }
        for who in ["GIT_AUTHOR_IDENT", "GIT_COMMITTER_IDENT"] {
            if let Err(failure) = self.git.ask(&["-c", "user.useConfigOnly=true", "var", who]) {
                if failure.diagnostics.iter().any(|said| said.rule == NOT_RUN) {
                    return Err(failure);
                }
                let said = failure.diagnostics.first().map(|said| said.message.clone());
                let text = "git does not know whose commits they would be";
                return Err(Failure::new(Exit::Configuration, "no-identity", text)
                    .found(said.unwrap_or_default())
                    .help("`git config user.name NAME` and `git config user.email ADDRESS` say it"));
            }
        }
        if let Some(lock) = self.git.own_path("index.lock").filter(|path| path.exists()) {
            let text = format!(
                "another git works in the repository: `{}` is there",
                lock.display()
            );
            return Err(Failure::new(Exit::LocalIo, "git-locked", text)
                .help("wait for it to end; where none runs any more, remove the file"));
        }
        Ok(())
    }

    /// Whether the head is on no branch.
    pub fn is_detached(&self) -> bool {
        self.git.look(&["symbolic-ref", "--quiet", "HEAD"]).is_none()
    }

    /// Whether git ignores a file that it does not hold already.
    pub fn ignores(&self, path: &RelativePath) -> bool {
        self.git
            .look(&[
                "--no-literal-pathspecs",
                "check-ignore",
                "--quiet",
                "--",
                &self.git.path_of(path.as_str()),
            ])
            .is_some()
    }

    /// Makes a commit of these files as they are in the tree, on top of the head, which stays where it is. Files that git
    /// cannot hold, or ignores, are left out.
    pub fn make(&self, files: &[RelativePath], message: &str) -> Result<Attempt, Failure> {
        let parent = self
            .git
            .look(&["rev-parse", "--verify", "--quiet", "HEAD^{commit}"]);
        let index = GitIndex::new(self.scratch)?;
        if let Some(parent) = &parent {
            self.git.feed_with(&index, &["read-tree", parent], b"")?;
        }
        let (paths, mut left_out) = self.sort_out(&index, parent.as_deref(), files)?;
        let taken = !paths.is_empty();
        if taken {
            let mut args = vec!["add".to_owned(), "--all".to_owned(), "--".to_owned()];
            args.extend(paths.iter().map(|file| self.git.path_of(file.as_str())));
            let args: Vec<&str> = args.iter().map(String::as_str).collect();
            self.git.feed_with(&index, &args, b"")?;
            let known = self.known(&index, &paths)?;
            let lost = paths
                .into_iter()
                .filter(|file| self.is_there(file) && !known.contains(&self.git.path_of(file.as_str())));
            left_out.extend(lost.map(|path| LeftOut {
                path,
                why: "git did not take it",
            }));
        }
        let tree = text(&self.git.feed_with(&index, &["write-tree"], b"")?);
        let before = match &parent {
            Some(parent) => self.git.ask(&["rev-parse", &format!("{parent}^{{tree}}")])?,
            None => text(&self.git.feed(&["mktree"], b"")?),
        };
        if tree == before {
            return Ok(Attempt {
                made: None,
                left_out,
                taken,
            });
        }
        let mut args = vec!["-c", "i18n.commitEncoding=UTF-8", "commit-tree", &tree];
        if let Some(parent) = &parent {
            args.extend(["-p", parent]);
        }
        let commit = text(&self.git.feed(&args, message.as_bytes())?);
        let made = Some(self.of(commit, parent)?);
        Ok(Attempt {
            made,
            left_out,
            taken,
        })
    }

    /// A commit that is there, with what it changed.
    fn of(&self, commit: String, parent: Option<String>) -> Result<MadeCommit, Failure> {
        let args = [
            "diff-tree",
            "--root",
            "-r",
            "-z",
            "--raw",
            "--no-renames",
            "--no-commit-id",
            &commit,
        ];
        let raw = self.git.feed(&args, b"")?;
        let mut fields = raw.split(|byte| *byte == 0);
        let mut made = MadeCommit {
            commit,
            parent,
            files: Vec::new(),
            entries: Vec::new(),
        };
        while let (Some(what), Some(path)) = (fields.next(), fields.next()) {
            let what = String::from_utf8_lossy(what);
            let mut what = what.split(' ').skip(1);
            let (mode, _, object) = (what.next(), what.next(), what.next());
            let (Some(mode), Some(object)) = (mode, object) else {
                break;
            };
            // One that is gone has the mode 000000 and no object, which is how it leaves the index.
            made.entries
                .extend_from_slice(format!("{mode} {object}\t").as_bytes());
            made.entries.extend_from_slice(path);
            made.entries.push(0);
            made.files.push(String::from_utf8_lossy(path).into_owned());
        }
        Ok(made)
    }

    /// Makes a commit the head. The index comes first: where this is cut off, the files are staged and nothing else.
    ///
    /// Fails with exit 9 when the head moved meanwhile, or another git holds the index.
    pub fn take(&self, made: &MadeCommit, why: &str, between: &mut dyn FnMut()) -> Result<(), Failure> {
        self.git
            .feed(&["update-index", "-z", "--index-info"], &made.entries)?;
        between();
        let before = made.parent.as_deref().unwrap_or_default();
        self.git
            .ask(&["update-ref", "-m", why, "HEAD", &made.commit, before])?;
        Ok(())
    }

    /// Whether a commit is the head or beneath it.
    pub fn holds(&self, commit: &str) -> bool {
        self.git
            .look(&["merge-base", "--is-ancestor", commit, "HEAD"])
            .is_some()
    }

    /// Whether one of the commits since `parent` bears this trailer: one of ours that was made anew by its owner.
    pub fn bears(&self, parent: Option<&str>, key: &str, value: &str) -> bool {
        let range = match parent {
            Some(parent) if self.holds(parent) => format!("{parent}..HEAD"),
            Some(_) => return false,
            None => "HEAD".to_owned(),
        };
        let format = format!("--format=%(trailers:key={key},valueonly)");
        let said = self.git.look(&["log", "--max-count=1000", &format, &range, "--"]);
        said.is_some_and(|said| said.lines().any(|line| line.trim() == value))
    }

    /// Those that git can take, which are there or in the head; and those that are there and that it cannot.
    fn sort_out(
        &self,
        index: &GitIndex,
        parent: Option<&str>,
        files: &[RelativePath],
    ) -> Result<(Vec<RelativePath>, Vec<LeftOut>), Failure> {
        let (mut paths, mut left_out) = (Vec::new(), Vec::new());
        let others = self.other_repositories(parent, files);
        let apart = |file: &RelativePath| file.folders().any(|folder| others.contains(folder));
        let (inner, files): (Vec<_>, Vec<_>) = files.iter().cloned().partition(apart);
        let known = self.known(index, &files)?;
        let mut input = Vec::new();
        for file in &files {
            input.extend_from_slice(self.git.path_of(file.as_str()).as_bytes());
            input.push(0);
        }
        // It ends with 1 where nothing is ignored. It takes each path for what it is, and knows no other way.
        let ignored = self.git.feed_with(
            index,
            &["--no-literal-pathspecs", "check-ignore", "-z", "--stdin"],
            &input,
        );
        let ignored = split(&ignored.unwrap_or_default());
        for path in inner.into_iter().filter(|path| self.is_there(path)) {
            let why = "it is in a repository of its own, such as a submodule";
            left_out.push(LeftOut { path, why });
        }
        for path in files {
            let name = self.git.path_of(path.as_str());
            let there = self.is_there(&path);
            if ignored.contains(&name) {
                let why = "git ignores it";
                left_out.extend(there.then_some(LeftOut { path, why }));
            } else if there || known.contains(&name) {
                paths.push(path);
            }
        }
        Ok((paths, left_out))
    }

    /// Folders above these files that are repositories of their own, from the root: git refuses all that is in them.
    fn other_repositories(&self, parent: Option<&str>, files: &[RelativePath]) -> BTreeSet<String> {
        let above: BTreeSet<&str> = files.iter().flat_map(RelativePath::folders).collect();
        let mut others = BTreeSet::new();
        for folder in &above {
            let mark = self.root.path().join(folder).join(".git");
            if mark.symlink_metadata().is_ok() {
                others.insert((*folder).to_owned());
            }
        }
        // A submodule that nobody checked out is known by its entry only.
        let Some(parent) = parent.filter(|_| !above.is_empty()) else {
            return others;
        };
        let names: Vec<String> = above.iter().map(|folder| self.git.path_of(folder)).collect();
        let mut args = vec!["ls-tree", "-z", "--full-tree", parent, "--"];
        args.extend(names.iter().map(String::as_str));
        for line in split(&self.git.feed(&args, b"").unwrap_or_default()) {
            let path = line
                .strip_prefix("160000 ")
                .and_then(|line| line.split_once('\t'));
            let path = path.and_then(|(_, path)| path.strip_prefix(self.git.prefix()));
            others.extend(path.map(str::to_owned));
        }
        others
    }

    /// Those that an index holds, from the top of the work tree.
    fn known(&self, index: &GitIndex, files: &[RelativePath]) -> Result<Vec<String>, Failure> {
        if files.is_empty() {
            return Ok(Vec::new());
        }
        let mut args = vec!["ls-files".to_owned(), "-z".to_owned(), "--".to_owned()];
        args.extend(files.iter().map(|file| self.git.path_of(file.as_str())));
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        Ok(split(&self.git.feed_with(index, &args, b"")?))
    }

    fn is_there(&self, file: &RelativePath) -> bool {
        let stat = self.root.stat(file).ok().flatten();
        stat.is_some_and(|found| FileType::from_raw_mode(found.st_mode) != FileType::Directory)
    }
}

/// What git printed, without the line end.
fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).trim().to_owned()
}

fn split(bytes: &[u8]) -> Vec<String> {
    let names = bytes.split(|byte| *byte == 0).filter(|name| !name.is_empty());
    names
        .map(|name| String::from_utf8_lossy(name).into_owned())
        .collect()
}
