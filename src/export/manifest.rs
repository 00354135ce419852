use std::fs::File;
use std::io::{BufReader, Read as _};
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

use super::CustomId;
use crate::words::{Digest, Exit, Failure, Hasher};

/// The name of the manifest in an export. A folder that holds one is no place to look for plans.
pub const MANIFEST: &str = "manifest.json";

/// What [`Manifest::schema`] says.
pub(super) const SCHEMA: &str = "stepgate.export-manifest/1";

/// What an export holds: which step of which plan every id is, and the hash of every file. Written last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// `stepgate.export-manifest/1`.
    pub schema: String,
    /// The [format](super::Format)'s word.
    pub format: String,
    /// The endpoint that the bodies are for; none where there are no bodies.
    #[serde(default)]
    pub endpoint: Option<String>,
    /// What the bodies speak, in the configuration's word.
    #[serde(default)]
    pub dialect: Option<String>,
    /// The model of every request.
    #[serde(default)]
    pub model: Option<String>,
    /// The path that a request would go to, such as `/v1/chat/completions`.
    #[serde(default)]
    pub url: Option<String>,
    /// The plans that were exported.
    pub plans: Vec<PlanEntry>,
    /// The plans that were not.
    pub failed: Vec<FailedPlan>,
    /// Every file but the manifest.
    pub files: Vec<FileEntry>,
    /// All of it together.
    pub totals: Totals,
}

/// A plan in an export.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanEntry {
    /// The first half of its ids.
    pub id: String,
    /// Its title.
    pub title: String,
    /// Its path from the root of its repository.
    pub path: String,
    /// Where it stood when it was submitted: absolute, without links. Empty in an export, which is the same in every
    /// checkout, and names no place on anybody's machine.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub real: String,
    /// Its requests.
    pub steps: Vec<StepEntry>,
}

/// A request in an export.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepEntry {
    /// Its id.
    pub id: CustomId,
    /// The step, such as `1.2`.
    pub step: String,
    /// Number of the attempt that it is, from 1.
    pub attempt: u32,
    /// The file of the export that holds it.
    pub file: String,
    /// The digest of the prompt's text.
    pub prompt: Digest,
    /// The digest of the step's own text with all boxes open: as long as it holds, the step is what was exported.
    pub text: Digest,
    /// Tokens, estimated.
    pub tokens: u64,
}

/// A plan that could not be exported.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FailedPlan {
    /// Its path as it was given or found.
    pub path: String,
    /// What `stepgate` would have ended with for this plan alone.
    pub exit: u8,
    /// Why.
    pub why: String,
}

/// A file of an export.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileEntry {
    /// Its path in the export.
    pub path: String,
    /// Its size.
    pub bytes: u64,
    /// Of its bytes.
    pub sha256: Digest,
}

/// How much an export is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Totals {
    /// Plans with at least one prompt.
    pub plans: usize,
    /// Prompts.
    pub prompts: usize,
    /// Files, without the manifest.
    pub files: usize,
    /// Bytes of these files.
    pub bytes: u64,
    /// Tokens of the prompts, estimated.
    pub tokens: u64,
}

impl Manifest {
    /// Reads the manifest of an export.
    ///
    /// Fails with exit 9 where there is none that can be read, and with 3 for one of another kind.
    pub fn read(folder: &Path) -> Result<Self, Failure> {
        let path = folder.join(MANIFEST);
        let file = File::open(&path).map_err(|error| Failure::io("read", &path, &error))?;
        let manifest: Result<Self, _> = serde_json::from_reader(BufReader::new(file));
        manifest
            .map_err(|error| error.to_string())
            .and_then(|manifest| match manifest.schema.as_str() {
                SCHEMA => Ok(manifest),
                other => Err(format!("its schema is `{other}`, and `{SCHEMA}` is known")),
            })
            .map_err(|why| {
                let text = format!("`{}` is no manifest of an export: {why}", path.display());
                Failure::new(Exit::Invalid, "manifest", text)
            })
    }

    /// Compares every file of the export with the manifest.
    ///
    /// Fails with exit 9 for one that cannot be read, and with 11 for one that is no longer what was written.
    pub fn check(&self, folder: &Path) -> Result<(), Failure> {
        for entry in &self.files {
            let path = folder.join(&entry.path);
            let failed = |error: std::io::Error| Failure::io("read", &path, &error);
            let mut file = File::open(&path).map_err(failed)?;
            let (mut hasher, mut bytes) = (Hasher::default(), 0);
            let mut buffer = vec![0; 1 << 18];
            loop {
                let read = file.read(&mut buffer).map_err(failed)?;
                if read == 0 {
                    break;
                }
                hasher.add(&buffer[..read]);
                bytes += read as u64;
            }
            if bytes != entry.bytes || hasher.digest() != entry.sha256 {
                let text = format!("`{}` was changed since it was exported", path.display());
                return Err(Failure::new(Exit::Changed, "changed-export", text)
                    .help("export again, into another folder"));
            }
        }
        Ok(())
    }

    /// Dates an export in a folder: its prompts were made from this moment on. The bytes of an export tell no time, so that
    /// the same plans give the same bytes; the manifest's own time does. Its second is the one in which they were begun, and
    /// its nanoseconds are a sign that is made of the manifest itself: no copy has them that did not keep times.
    pub fn date(folder: &Path, began: SystemTime) -> std::io::Result<()> {
        let path = folder.join(MANIFEST);
        let since = began.duration_since(UNIX_EPOCH).unwrap_or_default();
        let sign = sign(&Digest::of(std::fs::read(&path)?));
        let file = File::options().write(true).open(path)?;
        file.set_modified(UNIX_EPOCH + Duration::new(since.as_secs(), sign))
    }

    /// The moment from which on the prompts of an export were made, whose manifest has this digest; `None` where its files do
    /// not tell.
    pub fn dated(&self, folder: &Path, digest: &Digest) -> Option<SystemTime> {
        let modified = |path: &str| folder.join(path).metadata().and_then(|data| data.modified());
        let since = modified(MANIFEST).ok()?.duration_since(UNIX_EPOCH).ok()?;
        let made = UNIX_EPOCH + Duration::from_secs(since.as_secs());
        let later = |entry: &FileEntry| modified(&entry.path).is_ok_and(|written| written >= made);
        (since.subsec_nanos() == sign(digest) && self.files.iter().all(later)).then_some(made)
    }

    /// The request of an id, with its plan.
    pub fn find(&self, id: &str) -> Option<(&PlanEntry, &StepEntry)> {
        self.plans.iter().find_map(|plan| {
            let step = plan.steps.iter().find(|step| step.id.as_str() == id)?;
            Some((plan, step))
        })
    }
}

/// The nanoseconds by which a manifest of this digest shows that its time was [set](Manifest::date), and not come by: never
/// 0, which is what is left where times are kept in whole seconds.
fn sign(digest: &Digest) -> u32 {
    const SECOND: u32 = 1_000_000_000;
    digest.as_str().bytes().fold(0, |sign, digit| {
        let next = (u64::from(sign) * 256 + u64::from(digit)) % u64::from(SECOND - 1);
        u32::try_from(next).unwrap_or_default()
    }) + 1
}
