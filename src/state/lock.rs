use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use super::StateDir;
use crate::plan_file::PlanFile;
use crate::words::{Exit, Failure};

/// The hold that one session has on a plan, until it is dropped or the process ends.
///
/// Two files are locked: one named by the plan's device and inode, so that links and other folders lead to the same one,
/// and one in the plan's state folder, for an editor that saves by renaming gives the plan another inode. The files are
/// never deleted: a lock on a deleted file would hold nothing.
#[derive(Debug)]
pub struct Lock {
    _held: [File; 2],
}

/// Who holds a lock, for the one who waits.
#[derive(Debug, Clone)]
pub struct Holder {
    /// Process id.
    pub pid: u32,
    /// Host name.
    pub host: String,
    /// When it began, as a date and time.
    pub since: String,
}

impl Lock {
    /// Takes the plan for one session.
    ///
    /// Fails with exit 10, naming who holds it, when another session does; with 9 when files cannot be locked here.
    pub fn take(state: &StateDir, plan: &PlanFile, holder: &Holder) -> Result<Self, Failure> {
        let (device, inode) = plan.identity()?;
        let by_file = state.locks()?.join(format!("{device}-{inode}"));
        let by_path = state.of_plan(plan)?.join("lock");
        Ok(Self {
            _held: [
                hold(&by_file, plan.shown(), holder)?,
                hold(&by_path, plan.shown(), holder)?,
            ],
        })
    }
}

/// Whether no session holds a plan now. Fails as [`Lock::take`] does; nothing is made and nothing stays locked.
pub fn probe(state: &StateDir, plan: &PlanFile) -> Result<(), Failure> {
    let (device, inode) = plan.identity()?;
    let by_file = state
        .existing_locks()
        .map(|locks| locks.join(format!("{device}-{inode}")));
    let by_path = state.existing(plan).map(|folder| folder.join("lock"));
    for path in [by_file, by_path].into_iter().flatten() {
        match File::open(&path) {
            // Two that only ask are not in each other's way.
            Ok(file) => held(file.try_lock_shared(), file, &path, plan.shown()).map(drop)?,
            // Nobody ever held it.
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(Failure::io("open the lock", &path, &error)),
        }
    }
    Ok(())
}

/// Takes the documents of a repository for one change to several of them, until the file is dropped. Fails as
/// [`Lock::take`] does.
pub fn hold_repository(folder: &Path, root: &Path, holder: &Holder) -> Result<File, Failure> {
    let shown = format!("the documents of {}", root.display());
    hold(&folder.join("lock"), &shown, holder)
}

fn hold(path: &Path, shown: &str, holder: &Holder) -> Result<File, Failure> {
    let file = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(path)
        .map_err(|error| {
            Failure::io("open the lock", path, &error).help("name a folder with `--state-dir DIR`")
        })?;
    let mut file = held(file.try_lock(), file, path, shown)?;
    let text = format!(
        "process {} on {} since {}\n",
        holder.pid, holder.host, holder.since
    );
    file.set_len(0)
        .and_then(|()| file.rewind())
        .and_then(|()| file.write_all(text.as_bytes()))
        .map_err(|error| Failure::io("write", path, &error))?;
    Ok(file)
}

/// The file, if it is locked now; else why not.
fn held(locked: Result<(), TryLockError>, file: File, path: &Path, shown: &str) -> Result<File, Failure> {
    match locked {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => {
            let mut who = String::new();
            // What the holder wrote is only told, never relied on.
            let _ = file.take(400).read_to_string(&mut who);
            let who = crate::words::printable_line(who.trim()).into_owned();
            let text = format!("another session holds `{shown}`: {who}");
            Err(Failure::new(Exit::Held, "plan-held", text).help("end that session, then run again"))
        }
        Err(TryLockError::Error(error)) => Err(Failure::io("lock", path, &error)
            .help("locking is not available there: name a local folder with `--state-dir DIR`")),
    }
}
