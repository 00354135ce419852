use std::fs::File;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use super::index::Index;
use crate::crash;
use crate::state::{Blobs, Holder, Journal, MoveKind, Movement, Record, StateDir, hold_repository};
use crate::tree::{self, Change, Links, Planned, Recovery, RelativePath, Root};
use crate::words::{Digest, Exit, Failure};

/// Changes to several documents of a repository that happen together or not at all.
#[derive(Debug, Clone)]
pub struct Shift {
    /// Why.
    pub kind: MoveKind,
    /// Where the plan is and where it will be, from the root.
    pub plan: Option<(String, String)>,
    /// What becomes of which file.
    pub changes: Vec<Change>,
    /// Files that get another path, for git's index.
    pub moves: Vec<(String, String)>,
}

/// What became of a change that a crash cut off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Settled {
    /// There was none.
    Nothing,
    /// It is complete now.
    Completed(MoveKind, Option<(String, String)>),
    /// Everything is as it was before.
    PutBack(MoveKind),
}

/// Changes the documents of one repository, on record, all or none. Held by one process at a time.
pub struct Mover {
    root: Root,
    state: StateDir,
    journal: Journal,
    blobs: Blobs,
    session: String,
    _held: File,
}

/// An intent, as the journal has it.
#[derive(Clone)]
struct Intent {
    kind: MoveKind,
    plan: Option<(String, String)>,
    files: Vec<Planned>,
    tracked: Vec<(String, String)>,
}

impl Mover {
    /// The mover of a repository; the folder of the state is never written to by a change.
    pub fn open(state: &StateDir, state_path: &Path, root: &Path, holder: &Holder) -> Result<Self, Failure> {
        let root = Root::open(root, &[state_path.to_path_buf()])?;
        let folder = state.of_repository(root.path())?;
        let held = hold_repository(&folder, root.path(), holder)?;
        let session = Digest::of(folder.as_os_str().as_encoded_bytes())
            .short()
            .to_owned();
        Ok(Self {
            journal: Journal::open(&folder)?,
            blobs: Blobs::open(folder.join("blobs"))?,
            state: state.clone(),
            root,
            session,
            _held: held,
        })
    }

    /// The root that a change was cut off in which a path stands, or stood; `None` where none was.
    pub fn interrupted(state: &StateDir, path: &Path) -> Result<Option<PathBuf>, Failure> {
        for root in path.ancestors() {
            if let Some(folder) = state.existing_repository(root)
                && folder.join("journal").is_file()
                && pending(Journal::read(&folder)?.iter().map(|entry| &entry.record)).is_some()
            {
                return Ok(Some(root.to_path_buf()));
            }
        }
        Ok(None)
    }

    /// Where a plan went that stood at a path once, by the record of its repository.
    pub fn whereabouts(state: &StateDir, path: &Path) -> Result<Option<PathBuf>, Failure> {
        for root in path.ancestors().skip(1) {
            let Some(folder) = state.existing_repository(root) else {
                continue;
            };
            let mut now = path
                .strip_prefix(root)
                .ok()
                .and_then(Path::to_str)
                .map(str::to_owned);
            let entries = Journal::read(&folder)?;
            for entry in &entries {
                if let Record::Move(Movement::Done {
                    plan: Some((from, to)),
                    ..
                }) = &entry.record
                    && now.as_ref() == Some(from)
                {
                    now = Some(to.clone());
                }
            }
            if let Some(now) = now.map(|now| root.join(now)).filter(|now| now.is_file()) {
                return Ok(Some(now));
            }
        }
        Ok(None)
    }

    /// The root.
    pub fn root(&self) -> &Root {
        &self.root
    }

    /// Completes a change that a crash cut off, or puts everything back; by the hashes of the files it is told which.
    ///
    /// Fails with exit 11, and touches nothing, when somebody else changed one of the files since. `forget` leaves the
    /// files as they are and drops the intent.
    pub fn settle(&mut self, forget: bool) -> Result<Settled, Failure> {
        let Some(intent) = pending(self.journal.entries().iter().map(|entry| &entry.record)) else {
            return Ok(Settled::Nothing);
        };
        if forget {
            let why = "a person dropped it; files are as they were found".to_owned();
            self.journal.add(Record::Move(Movement::Not { why }))?;
            return Ok(Settled::Nothing);
        }
        match tree::recover(&self.root, &self.blobs, &intent.files, &self.session)? {
            Recovery::AllWritten => {
                self.conclude(&intent)?;
                Ok(Settled::Completed(intent.kind, intent.plan))
            }
            Recovery::NothingWritten | Recovery::RolledBack => {
                let why = "the process ended before all files were written".to_owned();
                self.journal.add(Record::Move(Movement::Not { why }))?;
                Ok(Settled::PutBack(intent.kind))
            }
            Recovery::Foreign(paths) => {
                let paths: Vec<&str> = paths.iter().map(RelativePath::as_str).collect();
                let text = format!(
                    "somebody else changed `{}` while documents were being moved",
                    paths.join("`, `")
                );
                Err(Failure::new(Exit::Changed, "tree-changed", text)
                    .help("no file was touched; put them in order, and run again")
                    .help("`stepgate finish PLAN --forget` drops what was being moved and leaves all files as they are"))
            }
        }
    }

    /// Carries a change out, all or nothing.
    ///
    /// Fails with exit 9 for a file that is read-only and when the disk says no, with 11 when a file is not what it was;
    /// everything is as it was then.
    pub fn carry_out(&mut self, shift: &Shift) -> Result<(), Failure> {
        for change in &shift.changes {
            self.check_writable(change.from.as_ref().unwrap_or(&change.path))?;
        }
        let index = Index::of(self.root.path());
        let tracked = index.map_or(Ok(Vec::new()), |index| index.tracked(&shift.moves))?;
        let files = tree::prepare(&self.root, &self.blobs, &shift.changes).map_err(ours)?;
        let intent = Intent {
            kind: shift.kind,
            plan: shift.plan.clone(),
            files,
            tracked,
        };
        self.announce(&intent)?;
        if let Err(failure) = tree::apply(&self.root, &shift.changes, &self.session) {
            let failure = ours(failure);
            self.journal.add(Record::Move(Movement::Not {
                why: failure.to_string(),
            }))?;
            return Err(failure.help("nothing was changed"));
        }
        let Err(failure) = self.conclude(&intent) else {
            return Ok(());
        };
        // Git, the state folder or the journal said no: everything goes back, the files last, so that whoever comes after
        // a crash in here finds them all written and completes it.
        self.take_back(&intent)?;
        let back = self.reversed(&intent.files)?;
        tree::apply(&self.root, &back, &self.session).map_err(ours)?;
        self.forget_folders(&intent.files);
        self.journal.add(Record::Move(Movement::Not {
            why: failure.to_string(),
        }))?;
        Err(failure.help("nothing was changed"))
    }

    /// The change that takes back how a plan was finished last, by where the plan stands now; nothing is done yet.
    ///
    /// Fails with exit 2 where it was not finished here, with 11 when a file was changed since.
    pub fn undo_of(&self, plan: &str) -> Result<Shift, Failure> {
        let mut done: Vec<Intent> = Vec::new();
        let mut open = None;
        for entry in self.journal.entries() {
            match &entry.record {
                Record::Move(Movement::Done { .. }) => match open.take() {
                    Some(Intent {
                        kind: MoveKind::Undo, ..
                    }) => {
                        done.pop();
                    }
                    Some(intent) => done.push(intent),
                    None => {}
                },
                Record::Move(Movement::Not { .. }) => open = None,
                record => open = Intent::of(record).or(open),
            }
        }
        let about = |intent: &&Intent| intent.plan.as_ref().is_some_and(|(_, to)| to == plan);
        let last = done
            .iter()
            .rev()
            .find(about)
            .filter(|intent| intent.kind == MoveKind::Finish);
        let Some(intent) = last else {
            let text = format!("`{plan}` was not finished by stepgate here, so there is nothing to undo");
            return Err(Failure::new(Exit::Usage, "not-finished", text)
                .help("name the plan where it stands now, in the folder of what is implemented"));
        };
        // Only the last change can be taken back by its bytes.
        let changes = self.reversed(&intent.files)?;
        let turned = |(from, to): &(String, String)| (to.clone(), from.clone());
        Ok(Shift {
            kind: MoveKind::Undo,
            plan: intent.plan.as_ref().map(turned),
            changes,
            moves: intent.tracked.iter().map(turned).collect(),
        })
    }

    /// Carries out what [`undo_of`](Self::undo_of) said, and removes folders that were made and hold nothing now.
    pub fn undo(&mut self, shift: &Shift) -> Result<(), Failure> {
        self.carry_out(shift)?;
        for change in shift.changes.iter().filter(|change| change.after.is_none()) {
            let folder = crate::proposal::folder_of(change.path.as_str());
            if crate::proposal::Stage::of_folder(crate::proposal::last(folder)).is_some() {
                // One that is not empty is somebody's.
                let _ = std::fs::remove_dir(self.root.path().join(folder));
            }
        }
        Ok(())
    }

    fn announce(&mut self, intent: &Intent) -> Result<(), Failure> {
        self.journal.add(Record::Move(Movement::Intent {
            kind: intent.kind,
            plan: intent.plan.clone(),
            files: intent.files.clone(),
            tracked: intent.tracked.clone(),
        }))
    }

    /// What follows the files: git's index, the plan's own record, the word that all is done. Each can be done again.
    fn conclude(&mut self, intent: &Intent) -> Result<(), Failure> {
        crash::point();
        if !intent.tracked.is_empty()
            && let Some(index) = Index::of(self.root.path())
        {
            index.rename(&intent.tracked)?;
        }
        crash::point();
        if let Some((from, to)) = &intent.plan {
            let whole = |path: &str| self.root.path().join(path);
            self.state.follow(&whole(from), &whole(to))?;
        }
        crash::point();
        self.journal.add(Record::Move(Movement::Done {
            kind: intent.kind,
            plan: intent.plan.clone(),
        }))
    }

    /// What [`conclude`](Self::conclude) did, undone.
    fn take_back(&self, intent: &Intent) -> Result<(), Failure> {
        if let Some((from, to)) = &intent.plan {
            let whole = |path: &str| self.root.path().join(path);
            self.state.follow(&whole(to), &whole(from))?;
        }
        match Index::of(self.root.path()) {
            Some(index) if !intent.tracked.is_empty() => {
                let turned: Vec<_> = intent
                    .tracked
                    .iter()
                    .map(|(from, to)| (to.clone(), from.clone()))
                    .collect();
                index.rename(&turned)
            }
            _ => Ok(()),
        }
    }

    /// The changes that bring files back to what they were, the last first.
    fn reversed(&self, files: &[Planned]) -> Result<Vec<Change>, Failure> {
        let mut changes = Vec::new();
        for planned in files.iter().rev() {
            let now = self.root.read(&planned.path).map_err(ours)?;
            if now.as_ref().map(Digest::of) != planned.after {
                let text = format!("`{}` was changed since", planned.path);
                return Err(Failure::new(Exit::Changed, "tree-changed", text).help(
                    "it would be lost: put it back to what it was, or undo by hand; nothing was changed",
                ));
            }
            let before = planned.before.as_ref().map(|digest| self.blobs.get(digest));
            // The bits that it has now are compared once more; those that it had are what it gets.
            let mode = self.root.path().join(planned.path.as_str()).symlink_metadata();
            let mode = mode.ok().map(|data| data.permissions().mode() & 0o777);
            changes.push(Change {
                path: planned.path.clone(),
                from: None,
                after_mode: planned.mode,
                link: Links::default(),
                before: now,
                after: before.transpose()?,
                mode,
                protection: None,
                declared: true,
            });
        }
        Ok(changes)
    }

    fn forget_folders(&self, files: &[Planned]) {
        for folder in files.iter().flat_map(|planned| planned.folders.iter().rev()) {
            let _ = std::fs::remove_dir(self.root.path().join(folder.as_str()));
        }
    }

    /// A file is replaced by another of its name, which a read-only one would not hinder: its owner is asked by its mode.
    fn check_writable(&self, path: &RelativePath) -> Result<(), Failure> {
        let whole = self.root.path().join(path.as_str());
        let Ok(data) = whole.symlink_metadata() else {
            return Ok(());
        };
        let denied = rustix::fs::access(&whole, rustix::fs::Access::WRITE_OK).is_err();
        if data.permissions().readonly() || (data.is_file() && denied) {
            let text = format!("`{path}` is read-only");
            return Err(Failure::new(Exit::LocalIo, "read-only", text)
                .help("make it writable, then run again; nothing was changed"));
        }
        Ok(())
    }
}

impl Intent {
    fn of(record: &Record) -> Option<Self> {
        match record {
            Record::Move(Movement::Intent {
                kind,
                plan,
                files,
                tracked,
            }) => Some(Self {
                kind: *kind,
                plan: plan.clone(),
                files: files.clone(),
                tracked: tracked.clone(),
            }),
            _ => None,
        }
    }
}

/// The intent that has no end on record.
fn pending<'a>(records: impl DoubleEndedIterator<Item = &'a Record>) -> Option<Intent> {
    records.rev().find_map(|record| match record {
        Record::Move(Movement::Done { .. } | Movement::Not { .. }) => Some(None),
        record => Intent::of(record).map(Some),
    })?
}

/// No reply named these paths: the words are others.
fn ours(failure: Failure) -> Failure {
    if failure.exit != Exit::ReplyUnusable {
        return failure;
    }
    let found = failure.diagnostics.first();
    let mut told = Failure::new(
        Exit::Invalid,
        "unsafe-path",
        "a document stands where it cannot be written: documents are regular files, reached without links",
    );
    if let Some(path) = found.and_then(|diagnostic| diagnostic.found.clone()) {
        told = told.found(path);
    }
    told
}
