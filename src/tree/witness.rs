use serde::{Deserialize, Serialize};

use super::folders::Folders;
use super::unreached::Unreached;
use super::{RelativePath, Survey};
use crate::state::Blobs;
use crate::words::{Digest, Failure, printable_line};

/// A file past this size is known by its digest only.
const KEPT_FILE: usize = 1 << 20;

/// Bytes of all files of a step that are kept.
const KEPT_ALL: usize = 8 << 20;

/// Files of a step that are looked at.
const FILES: usize = 1_000;

/// What the tree was at one moment: what a check passed on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Witness {
    /// What the hash is of.
    pub kind: WitnessKind,
    /// An object of git, or a SHA-256.
    pub hash: String,
    /// The files of the step.
    pub files: Vec<WitnessFile>,
    /// Why git cannot tell of the root, where it cannot: words for a person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}

/// What the hash of a [`Witness`] is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WitnessKind {
    /// The root as a tree of git, with what is not committed and what git does not know yet; without what it ignores,
    /// repositories below the root and files past 16 MiB.
    GitTree,
    /// The step's files, by their paths and digests: there is no git to see the others.
    Files,
}

/// A file of a step at that moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct WitnessFile {
    /// From the root.
    pub path: RelativePath,
    /// Its bytes; `None` where it is not there.
    pub digest: Option<Digest>,
    /// Whether its bytes are kept as a blob.
    pub kept: bool,
}

impl Witness {
    /// Looks at the tree: the files of a step, and all of it where git can tell. The bytes of the files are kept, up to
    /// 1 MiB each and 8 MiB in all.
    pub fn take(survey: Survey<'_>, blobs: &Blobs, files: &[RelativePath]) -> Result<Self, Failure> {
        let mut room = KEPT_ALL;
        let (mut seen, mut kept) = (Vec::new(), Vec::new());
        let mut folders = Folders::new(survey.root);
        for path in files.iter().take(FILES) {
            let bytes = match folders.held(path) {
                Ok(Some(held)) if held.link => continue,
                Ok(held) => held.map(|held| held.bytes),
                // What is no file, too big or behind a link is not one of the step's files.
                Err(Unreached::Refused(_)) => continue,
                Err(Unreached::Failed(failure)) => return Err(failure),
            };
            let keep = bytes
                .as_ref()
                .is_some_and(|bytes| bytes.len() <= KEPT_FILE.min(room));
            let digest = bytes.as_ref().map(Digest::of);
            if let Some(bytes) = bytes.filter(|_| keep) {
                room -= bytes.len();
                kept.push(bytes);
            }
            seen.push(WitnessFile {
                path: path.clone(),
                digest,
                kept: keep,
            });
        }
        blobs.put_many(kept.iter().map(Vec::as_slice))?;
        Ok(match survey.take(None) {
            Ok(surveyed) => Self {
                kind: WitnessKind::GitTree,
                hash: surveyed.tree,
                files: seen,
                why: None,
            },
            Err(why) => Self {
                why: Some(why),
                kind: WitnessKind::Files,
                hash: digest_of(&seen),
                files: seen,
            },
        })
    }
}

impl std::fmt::Display for Witness {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let short = self.hash.get(..12).unwrap_or(&self.hash);
        match self.kind {
            WitnessKind::GitTree => write!(f, "git tree {short}"),
            WitnessKind::Files => write!(f, "the step's files {short}"),
        }?;
        match &self.why {
            Some(why) => write!(f, ", for git cannot tell of the rest: {}", printable_line(why)),
            None => Ok(()),
        }
    }
}

fn digest_of(files: &[WitnessFile]) -> String {
    let mut text = String::new();
    for file in files {
        let digest = file.digest.as_ref().map_or("gone", Digest::as_str);
        text.push_str(&format!("{}\0{digest}\n", file.path));
    }
    Digest::of(text).as_str().to_owned()
}
