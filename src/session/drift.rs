use serde::Serialize;

use super::file_change::FileChange;
use crate::state::Blobs;
use crate::tree::{self, Change, Git, Links, Survey, Witness, WitnessFile, WitnessKind};
use crate::words::Digest;

/// Other files that are named; one that knows a hundred knows where to look.
const OTHERS: usize = 100;

/// What became of the tree since the check of a step passed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Drift {
    /// When it passed, by the clock of the machine.
    pub since: String,
    /// What the tree was then, in words, and as its hash.
    pub tree: String,
    /// Files of the step that are other than they were.
    pub files: Vec<FileDrift>,
    /// Other files that are; `None` where it is not known: there is no git, or it has forgotten the tree.
    pub others: Option<Vec<String>>,
}

/// A file of a step that is other than it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FileDrift {
    /// From the root.
    pub path: String,
    /// What became of it.
    pub kind: FileChange,
    /// Lines that came.
    pub added: usize,
    /// Lines that went.
    pub removed: usize,
    /// The difference, a line each, safe to show; empty where its bytes then are not kept.
    pub diff: Vec<String>,
    /// Lines of the difference that are left out.
    pub more: usize,
}

/// Where to look.
#[derive(Clone, Copy)]
pub struct Ground<'a> {
    /// The tree, and how it is looked at.
    pub survey: Survey<'a>,
    /// What was kept of it.
    pub blobs: Option<&'a Blobs>,
    /// The plan, whose ticks are no news.
    pub plan: &'a std::path::Path,
    /// Lines of a file's difference that are told.
    pub lines: usize,
}

impl Drift {
    /// Compares the tree with what it was at `since`.
    pub fn between(witness: &Witness, since: &str, ground: &Ground<'_>) -> Self {
        Self {
            since: since.to_owned(),
            tree: witness.hash.clone(),
            files: witness
                .files
                .iter()
                .filter_map(|file| of_file(file, ground))
                .collect(),
            others: others(witness, ground),
        }
    }
}

fn of_file(file: &WitnessFile, ground: &Ground<'_>) -> Option<FileDrift> {
    let now = ground.survey.root.read(&file.path);
    // A link or a folder in its place is not the file that it was.
    let now = now.unwrap_or_default();
    let digest = now.as_ref().map(Digest::of);
    if digest == file.digest {
        return None;
    }
    let kind = match (&file.digest, &digest) {
        (None, _) => FileChange::New,
        (_, None) => FileChange::Deleted,
        _ => FileChange::Changed,
    };
    let mut drift = FileDrift {
        path: file.path.to_string(),
        kind,
        added: 0,
        removed: 0,
        diff: Vec::new(),
        more: 0,
    };
    let before = file.digest.as_ref().filter(|_| file.kept);
    let before = before.and_then(|digest| ground.blobs?.get(digest).ok());
    if file.digest.is_some() && before.is_none() {
        return Some(drift);
    }
    let change = Change {
        path: file.path.clone(),
        from: None,
        before,
        after: now,
        mode: None,
        after_mode: None,
        link: Links::default(),
        protection: None,
        declared: true,
    };
    let diff = tree::diff(&change);
    drift.added = diff.added;
    drift.removed = diff.removed;
    drift.more = diff.lines.len().saturating_sub(ground.lines);
    let lines = diff.lines.into_iter().take(ground.lines);
    drift.diff = lines.map(|line| line.text).collect();
    Some(drift)
}

/// Files that are other than they were, without those of the step.
fn others(witness: &Witness, ground: &Ground<'_>) -> Option<Vec<String>> {
    if witness.kind != WitnessKind::GitTree {
        return None;
    }
    let now = ground.survey.take(None).ok()?.tree;
    let git = Git::find(ground.survey.root.path()).ok()?;
    let names = git.feed(
        &[
            "diff-tree",
            "-r",
            "-z",
            "--name-only",
            "--no-renames",
            &witness.hash,
            &now,
        ],
        b"",
    );
    let names = names.ok()?;
    let names = names.split(|byte| *byte == 0).filter(|name| !name.is_empty());
    let names = names.map(|name| String::from_utf8_lossy(name).into_owned());
    let plan = ground.plan.strip_prefix(ground.survey.root.path()).ok();
    let own = |name: &String| {
        plan == Some(std::path::Path::new(name))
            || witness.files.iter().any(|file| file.path.as_str() == name)
    };
    Some(names.filter(|name| !own(name)).take(OTHERS).collect())
}
