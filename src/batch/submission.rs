use std::fs::{self, File};
use std::path::{Path, PathBuf};

use super::dock::Dock;
use super::staging::manifest;
use super::whereabouts::moved;
use super::{Kept, Part, PartStage, Staging};
use crate::export::{Manifest, PlanEntry, StepEntry};
use crate::state::{BatchRecord, Landed, Ledger, Line as _, Log, Logged, MadeAt};
use crate::words::{Digest, Exit, Failure, printable_line};

/// What a person agreed to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Agreement {
    /// The endpoint's name.
    pub endpoint: String,
    /// Its base URL, without a query.
    pub url: String,
    /// The model of all requests.
    pub model: String,
    /// The digest of what was shown.
    pub manifest: Digest,
    /// Who agreed.
    pub by: String,
}

/// Requests that were submitted together, or are about to be.
#[derive(Debug)]
pub struct Submission {
    /// What it is known by.
    pub mark: String,
    /// What was agreed to.
    pub agreement: Agreement,
    /// When, by the clock of the machine.
    pub at: String,
    /// Its batches.
    pub parts: Vec<Part>,
    pub(super) folder: PathBuf,
    pub(super) manifest: Manifest,
    /// When its prompts were made; known only to the command that submits them, which puts it on record of each plan.
    pub(super) made_at: Option<MadeAt>,
    /// None where it is only looked at.
    hold: Option<Hold>,
}

/// What makes a submission ours to go on with, as long as it lasts.
#[derive(Debug)]
struct Hold {
    ledger: Ledger,
    _lock: File,
}

impl Submission {
    /// Puts on record that a person agreed to what is staged.
    ///
    /// Fails with exit 11 when it is no longer what was shown.
    pub fn agree(mut staging: Staging, agreement: Agreement) -> Result<Self, Failure> {
        let (manifest, digest) = staging.manifest()?;
        if digest != agreement.manifest {
            let text = "what is to be submitted is no longer what was shown";
            return Err(Failure::new(Exit::Changed, "changed-export", text).help("submit again"));
        }
        manifest.check(&staging.export())?;
        let mut ledger = Log::open(&staging.folder)?;
        staging.agreed = true;
        ledger.add(BatchRecord::Intent {
            mark: staging.mark.clone(),
            endpoint: agreement.endpoint.clone(),
            url: agreement.url.clone(),
            model: agreement.model.clone(),
            manifest: digest,
            by: agreement.by,
        })?;
        let (folder, lock) = (staging.folder.clone(), staging.lock.try_clone());
        let lock = lock.map_err(|error| Failure::io("lock", &folder, &error))?;
        let entries = ledger.entries().to_vec();
        let hold = Hold { ledger, _lock: lock };
        let opened = Self::fold(folder, &entries, Some(manifest), Some(hold))?;
        let made_at = Some(staging.begun.clone());
        let opened = opened.map(|submission| Self {
            made_at,
            ..submission
        });
        opened.ok_or_else(|| Failure::new(Exit::LocalIo, "ledger", "a submission cannot be read back"))
    }

    /// Opens a submission, which is locked; `None` for one of which nothing was agreed.
    pub(super) fn open(folder: PathBuf, lock: File) -> Result<Option<Self>, Failure> {
        let ledger: Ledger = Log::open(&folder)?;
        let entries = ledger.entries().to_vec();
        let hold = Hold { ledger, _lock: lock };
        Self::fold(folder, &entries, None, Some(hold))
    }

    /// Reads a submission as its record stands now, whoever is at work on it; `None` for one of which nothing was agreed.
    /// Nothing can be put on record of it.
    pub(super) fn seen(folder: PathBuf) -> Result<Option<Self>, Failure> {
        let entries = Ledger::read(&folder)?;
        Self::fold(folder, &entries, None, None)
    }

    fn fold(
        folder: PathBuf,
        entries: &[Logged<BatchRecord>],
        known: Option<Manifest>,
        hold: Option<Hold>,
    ) -> Result<Option<Self>, Failure> {
        let Some(first) = entries.first() else {
            return Ok(None);
        };
        let BatchRecord::Intent {
            mark,
            endpoint,
            url,
            model,
            manifest: digest,
            by,
        } = first.record.clone()
        else {
            return Err(damaged(&folder));
        };
        let manifest = match known {
            Some(manifest) => manifest,
            None => {
                let (manifest, found) = manifest(&folder)?;
                if found != digest {
                    return Err(damaged(&folder));
                }
                manifest
            }
        };
        let mut submission = Self {
            agreement: Agreement {
                endpoint,
                url,
                model,
                manifest: digest,
                by,
            },
            mark,
            at: first.at.clone(),
            parts: parts(&manifest),
            folder,
            manifest,
            made_at: None,
            hold,
        };
        for entry in &entries[1..] {
            submission.take(&entry.record, &entry.at);
        }
        Ok(Some(submission))
    }

    /// Whether there is nothing to put on record of it: all of its batches are made or over, and its plans are where they were.
    pub fn is_settled(&self) -> bool {
        let made = |part: &Part| matches!(part.stage, PartStage::Made(_)) || part.stage.is_over();
        let there = |plan: &PlanEntry| Path::new(&plan.real).exists();
        self.parts.iter().all(made) && self.manifest.plans.iter().all(there)
    }

    /// Whether it is only looked at.
    pub fn is_only_seen(&self) -> bool {
        self.hold.is_none()
    }

    /// Puts something on record.
    pub(super) fn record(&mut self, record: BatchRecord) -> Result<(), Failure> {
        let Some(hold) = &mut self.hold else {
            return Err(held(&self.mark));
        };
        hold.ledger.add(record)?;
        if let Some(entry) = hold.ledger.entries().last().cloned() {
            self.take(&entry.record, &entry.at);
        }
        Ok(())
    }

    fn take(&mut self, record: &BatchRecord, at: &str) {
        self.keep(record);
        let (file, stage) = match record {
            // How far the plans' own records are, they say themselves.
            BatchRecord::Intent { .. }
            | BatchRecord::Claimed
            | BatchRecord::Delete { .. }
            | BatchRecord::Deleted { .. } => return,
            BatchRecord::Moved { plan, real, path } => {
                let mut plans = self.manifest.plans.iter_mut();
                if let Some(entry) = plans.find(|entry| entry.id == *plan) {
                    entry.real.clone_from(real);
                    entry.path.clone_from(path);
                }
                return;
            }
            BatchRecord::Uploaded { file, id } => (file, PartStage::Uploaded(id.clone())),
            BatchRecord::Create { file } => {
                let input = self.parts.iter().find(|part| part.file == *file);
                let input = input.and_then(|part| part.input.clone());
                let at = at.parse::<jiff::Timestamp>().unwrap_or_default().as_second();
                (file, PartStage::Asked { input, at })
            }
            BatchRecord::Created { file, id } => (file, PartStage::Made(id.clone())),
            BatchRecord::NotMade { file, why } => (file, PartStage::Void(why.clone())),
            BatchRecord::LetGo { file, by } => (
                file,
                PartStage::Void(format!("{by} gave up on its batch; it may have been billed")),
            ),
            BatchRecord::Freed { file } => (file, PartStage::Freed),
            BatchRecord::Home { file, landed } => (file, PartStage::Home(*landed)),
        };
        if let Some(part) = self.parts.iter_mut().find(|part| part.file == *file) {
            part.stage = stage;
        }
    }

    /// Takes what the engine has of a file.
    fn keep(&mut self, record: &BatchRecord) {
        let (BatchRecord::Uploaded { file, .. }
        | BatchRecord::Created { file, .. }
        | BatchRecord::Delete { file, .. }
        | BatchRecord::Deleted { file }) = record
        else {
            return;
        };
        let Some(part) = self.parts.iter_mut().find(|part| part.file == *file) else {
            return;
        };
        match record {
            BatchRecord::Uploaded { id, .. } => part.input = Some(id.clone()),
            BatchRecord::Created { id, .. } => part.batch = Some(id.clone()),
            BatchRecord::Delete { ids, .. } => part.kept = Kept::Going(ids.clone()),
            _ => part.kept = Kept::Deleted,
        }
    }

    /// Whether nothing is left to be done.
    pub fn is_over(&self) -> bool {
        self.parts.iter().all(|part| part.stage.is_over())
    }

    /// Plans and their steps in a file.
    pub(super) fn of_file(&self, file: &str) -> Vec<(&PlanEntry, Vec<&StepEntry>)> {
        let plans = self.manifest.plans.iter().map(|plan| {
            let steps: Vec<_> = plan.steps.iter().filter(|step| step.file == file).collect();
            (plan, steps)
        });
        plans.filter(|(_, steps)| !steps.is_empty()).collect()
    }

    /// How many plans there are.
    pub fn plans(&self) -> usize {
        self.manifest.plans.len()
    }

    /// Brings to an end what was cut off before any batch was asked for, and frees the steps of batches that are none.
    ///
    /// Consent does not survive a crash: what was agreed to and not asked for is not asked for any more. What is remembered
    /// of plans that were moved is taken along; which those are is told.
    pub fn settle(&mut self, dock: &Dock<'_>) -> Result<Vec<String>, Failure> {
        let moved = self.follow(dock, None);
        for index in 0..self.parts.len() {
            let part = &self.parts[index];
            if matches!(part.stage, PartStage::Waiting | PartStage::Uploaded(_)) {
                let (file, why) = (
                    part.file.clone(),
                    format!(
                        "{}its batch was cut off before it was made",
                        BatchRecord::NOT_SENT
                    ),
                );
                self.record(BatchRecord::NotMade { file, why })?;
            }
        }
        self.free(dock)?;
        moved
    }

    /// Takes along what is remembered of plans that were moved since, or of the one of this id; says which, in words.
    ///
    /// Fails with the first that cannot be: all of them are tried.
    pub fn follow(&mut self, dock: &Dock<'_>, only: Option<&str>) -> Result<Vec<String>, Failure> {
        let mut notes = Vec::new();
        let mut failed = None;
        let open = self.parts.iter().filter(|part| !part.stage.is_over());
        let open: Vec<String> = open.map(|part| part.file.clone()).collect();
        let plans = self.manifest.plans.iter().filter(|plan| {
            only.is_none_or(|id| plan.id == id)
                && plan.steps.iter().any(|step| open.contains(&step.file))
                && !Path::new(&plan.real).exists()
        });
        for plan in plans.cloned().collect::<Vec<_>>() {
            let found = plan.root().map_or(Ok(None), |root| moved(&plan, &root));
            let followed = found.and_then(|file| match file {
                None => Ok(None),
                Some(file) => dock.follow(&plan, &file).map(|()| Some(file)),
            });
            match followed {
                // That it is gone is told where its replies are to be put.
                Ok(None) => {}
                Ok(Some(file)) => {
                    let real = file.real().to_string_lossy().into_owned();
                    let root = plan.real.strip_suffix(&plan.path).unwrap_or_default();
                    let path = real.strip_prefix(root).unwrap_or(&real).to_owned();
                    notes.push(format!(
                        "`{}` was moved to `{}`: what is on record of it went along",
                        printable_line(&plan.path),
                        printable_line(&path)
                    ));
                    let plan = plan.id;
                    self.record(BatchRecord::Moved { plan, real, path })?;
                }
                Err(failure) => failed = failed.or(Some(failure)),
            }
        }
        failed.map_or(Ok(notes), Err)
    }

    /// Gives up on a batch, whatever becomes of it.
    pub fn let_go(&mut self, index: usize, by: &str, dock: &Dock<'_>) -> Result<(), Failure> {
        let file = self.parts[index].file.clone();
        let by = by.to_owned();
        self.record(BatchRecord::LetGo { file, by })?;
        self.free(dock)
    }

    /// Frees the steps of batches that are none. A plan that cannot be written to now stays for another time.
    pub(super) fn free(&mut self, dock: &Dock<'_>) -> Result<(), Failure> {
        let mut failed = None;
        for index in 0..self.parts.len() {
            let part = &self.parts[index];
            let PartStage::Void(why) = part.stage.clone() else {
                continue;
            };
            let file = part.file.clone();
            let plans = self.of_file(&file).into_iter();
            // A plan that is gone has nothing that could be freed.
            let there = plans.filter(|(plan, _)| Path::new(&plan.real).exists());
            let freed = there.map(|(plan, steps)| {
                let mut berth = dock.moor(&plan.real)?;
                steps
                    .iter()
                    .try_for_each(|step| berth.free(step, &self.mark, &why))
            });
            // All of them are tried, whatever becomes of the first.
            let failures: Vec<Failure> = freed.filter_map(Result::err).collect();
            match failures.into_iter().next() {
                None => self.record(BatchRecord::Freed { file })?,
                Some(failure) => failed = failed.or(Some(failure)),
            }
        }
        self.tidy();
        failed.map_or(Ok(()), Err)
    }

    /// Puts on record that the results of a file are home.
    pub(super) fn home(&mut self, file: &str, landed: Landed) -> Result<(), Failure> {
        let file = file.to_owned();
        self.record(BatchRecord::Home { file, landed })?;
        self.tidy();
        Ok(())
    }

    /// Removes what nobody needs any more; the ledger and the manifest stay.
    fn tidy(&self) {
        if !self.is_over() {
            return;
        }
        // What cannot be removed takes room and does no harm.
        let _ = fs::remove_dir_all(super::staging::prompts(&self.folder));
        for file in &self.manifest.files {
            let _ = fs::remove_file(self.folder.join("export").join(&file.path));
        }
    }
}

fn parts(manifest: &Manifest) -> Vec<Part> {
    let count = |file: &str| {
        let steps = manifest.plans.iter().flat_map(|plan| &plan.steps);
        steps.filter(|step| step.file == file).count()
    };
    let files = manifest.files.iter().map(|file| Part {
        file: file.path.clone(),
        requests: count(&file.path),
        stage: PartStage::Waiting,
        input: None,
        batch: None,
        kept: Kept::Still,
    });
    files.collect()
}

/// That another command is at work on a submission.
pub fn held(mark: &str) -> Failure {
    let text = format!("another command is at work on batch {mark}");
    Failure::new(Exit::Held, "batch-held", text).help("wait until it has ended")
}

fn damaged(folder: &Path) -> Failure {
    let text = format!("the record of a batch in `{}` is damaged", folder.display());
    Failure::new(Exit::LocalIo, "ledger-damaged", text).help(BatchRecord::MEND)
}
