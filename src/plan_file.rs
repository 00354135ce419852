//! The plan on disk: the only writer of plans.
//!
//! A tick is written in place, one byte, after the line around it was compared. An edit that changes a length replaces the
//! file as a whole. The path is followed, not the inode: an editor may have replaced the file meanwhile.

use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::os::unix::fs::{FileExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use crate::crash;
use crate::plan::{Plan, Splice, Tick};
use crate::words::{Diagnostic, Exit, Failure, Source};

/// A plan past this size is refused.
const SIZE_LIMIT: u64 = 512 << 20;

/// A plan's file: the path as the user gave it, and where it leads.
#[derive(Debug, Clone)]
pub struct PlanFile {
    shown: String,
    real: PathBuf,
}

/// A plan as it stands on disk at one moment.
#[derive(Debug)]
pub struct Reading {
    /// The bytes.
    pub source: Source,
    /// What they say.
    pub plan: Plan,
}

impl Reading {
    /// Refuses a plan that cannot be run, with all that is wrong with it; exit 3.
    pub fn check(&self) -> Result<(), Failure> {
        let diagnostics = self.plan.verify(&self.source);
        if diagnostics.is_empty() {
            return Ok(());
        }
        Err(Failure {
            exit: Exit::Invalid,
            diagnostics,
        })
    }
}

impl PlanFile {
    /// Finds the file. A link is followed once, here.
    ///
    /// Fails with exit 3 when there is none, or when it is a folder, a pipe or a device; nothing is opened, so nothing
    /// blocks.
    pub fn find(path: &Path) -> Result<Self, Failure> {
        let shown = path.display().to_string();
        let real = path.canonicalize().map_err(|error| unreadable(&shown, &error))?;
        let file = Self { shown, real };
        file.check_kind()?;
        Ok(file)
    }

    /// The path as the user gave it.
    pub fn shown(&self) -> &str {
        &self.shown
    }

    /// Where it leads: absolute, without links.
    pub fn real(&self) -> &Path {
        &self.real
    }

    /// Reads the plan; whether it can be run is for [`Plan::verify`] to say.
    ///
    /// Fails with exit 3 for what is not text or over a limit, with 11 when the file is gone, with 9 when the disk fails.
    pub fn read(&self) -> Result<Reading, Failure> {
        let size = self.check_kind()?;
        let file = File::open(&self.real).map_err(|error| unreadable(&self.shown, &error))?;
        let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or(0) + 1);
        file.take(SIZE_LIMIT + 1)
            .read_to_end(&mut bytes)
            .map_err(|error| Failure::io("read", &self.real, &error))?;
        let source = Source::new(&self.shown, bytes).map_err(|diagnostic| Failure::from(*diagnostic))?;
        let plan = Plan::read(&source);
        Ok(Reading { source, plan })
    }

    /// Reads the plan and refuses one that cannot be run, with all that is wrong with it.
    pub fn read_valid(&self) -> Result<Reading, Failure> {
        let reading = self.read()?;
        reading.check()?;
        Ok(reading)
    }

    /// Makes sure that the plan can be written before anything is sent for it; exit 9 otherwise.
    pub fn check_writable(&self) -> Result<(), Failure> {
        let opened = OpenOptions::new().read(true).write(true).open(&self.real);
        opened.map(drop).map_err(|error| {
            Failure::io("write to", Path::new(&self.shown), &error)
                .help("stepgate ticks the boxes in this file: make it writable, then run again")
        })
    }

    /// Device and inode, by which two names of one file are known to be one.
    pub fn identity(&self) -> Result<(u64, u64), Failure> {
        let data = self.real.metadata().map_err(|error| gone(&self.shown, &error))?;
        Ok((data.dev(), data.ino()))
    }

    /// Writes ticks, one byte each, in place, and syncs. All lines are compared first.
    ///
    /// Fails with exit 11 when a line is no longer what it was: nothing is written then.
    pub fn tick(&self, ticks: &[Tick]) -> Result<(), Failure> {
        if ticks.is_empty() {
            return Ok(());
        }
        let file = self.open()?;
        for tick in ticks {
            self.compare(&file, tick.line_start, tick.line.as_bytes())?;
        }
        for tick in ticks {
            crash::point();
            file.write_all_at(&[tick.byte()], tick.offset as u64)
                .map_err(|error| self.write_failed(&error))?;
        }
        crash::point();
        file.sync_data().map_err(|error| self.write_failed(&error))
    }

    /// Replaces bytes of the header. What keeps its length is written in place; anything else replaces the file as a
    /// whole (temporary file, sync, rename), with its mode and owner. Where that cannot be, or where the file has several
    /// names, which a rename would part, it is rewritten in place.
    pub fn splice(&self, splice: &Splice) -> Result<(), Failure> {
        let file = self.open()?;
        self.compare(&file, splice.span.start, splice.from.as_bytes())?;
        crash::point();
        if splice.from.len() == splice.to.len() {
            file.write_all_at(splice.to.as_bytes(), splice.span.start as u64)
                .map_err(|error| self.write_failed(&error))?;
            return file.sync_data().map_err(|error| self.write_failed(&error));
        }
        let mut bytes = Vec::new();
        (&file)
            .read_to_end(&mut bytes)
            .map_err(|error| self.write_failed(&error))?;
        if bytes.get(splice.span.clone()) != Some(splice.from.as_bytes()) {
            return Err(self.changed(splice.span.start));
        }
        bytes.splice(splice.span.clone(), splice.to.bytes());
        let links = file
            .metadata()
            .map_err(|error| self.write_failed(&error))?
            .nlink();
        if links == 1 && self.replace(&bytes).is_ok() {
            return Ok(());
        }
        // Several names, or a folder that takes no new file (read-only, or the plan alone is mounted there).
        file.write_all_at(&bytes[splice.span.start..], splice.span.start as u64)
            .and_then(|()| file.set_len(bytes.len() as u64))
            .and_then(|()| file.sync_all())
            .map_err(|error| self.write_failed(&error))
    }

    /// Puts a whole new text in the place of the one that was read.
    ///
    /// Fails with exit 11 when a single byte is another than in `from`: nothing is written then. The file is replaced as
    /// by [`splice`](Self::splice), and in place only where it cannot be replaced.
    pub fn rewrite(&self, from: &str, to: &str) -> Result<(), Failure> {
        let file = self.open()?;
        let mut bytes = Vec::new();
        (&file)
            .read_to_end(&mut bytes)
            .map_err(|error| self.write_failed(&error))?;
        if bytes != from.as_bytes() {
            let text = format!("`{}` changed since it was shown", self.shown);
            return Err(Failure::new(Exit::Changed, "document-changed", text)
                .help("nothing was written; run again to see the difference to what stands there now"));
        }
        let links = file
            .metadata()
            .map_err(|error| self.write_failed(&error))?
            .nlink();
        if links == 1 && self.replace(to.as_bytes()).is_ok() {
            return Ok(());
        }
        file.write_all_at(to.as_bytes(), 0)
            .and_then(|()| file.set_len(to.len() as u64))
            .and_then(|()| file.sync_all())
            .map_err(|error| self.write_failed(&error))
    }

    /// Writes a new file beside the plan, with its mode and owner, and puts it in the plan's place.
    fn replace(&self, bytes: &[u8]) -> std::io::Result<()> {
        let folder = self.real.parent().unwrap_or(Path::new("/"));
        let mut new = tempfile::Builder::new()
            .prefix(&self.temporary())
            .tempfile_in(folder)?;
        let old = self.real.metadata()?;
        new.as_file().set_permissions(old.permissions())?;
        // Only the system's administrator can give files away; for everybody else the owner is the same.
        let _ = std::os::unix::fs::fchown(new.as_file(), Some(old.uid()), Some(old.gid()));
        new.write_all(bytes)?;
        new.as_file().sync_all()?;
        crash::point();
        new.persist(&self.real).map_err(|failed| failed.error)?;
        File::open(folder)?.sync_all()
    }

    /// Removes what a session that was killed left beside the plan while it replaced it. The plan must be locked: then
    /// there is no other session whose file it could be.
    pub fn sweep(&self) -> Result<(), Failure> {
        let folder = self.real.parent().unwrap_or(Path::new("/"));
        let prefix = self.temporary();
        let failed = |error: std::io::Error| Failure::io("look into", folder, &error);
        for entry in std::fs::read_dir(folder).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            if entry.file_name().to_string_lossy().starts_with(&prefix) {
                std::fs::remove_file(entry.path()).map_err(failed)?;
            }
        }
        Ok(())
    }

    /// How the names of temporary files begin that stand in for the plan.
    fn temporary(&self) -> String {
        format!(
            ".{}.stepgate-",
            self.real.file_name().unwrap_or_default().to_string_lossy()
        )
    }

    fn open(&self) -> Result<File, Failure> {
        OpenOptions::new()
            .read(true)
            .write(true)
            .custom_flags(rustix::fs::OFlags::NONBLOCK.bits() as i32)
            .open(&self.real)
            .map_err(|error| match error.kind() {
                std::io::ErrorKind::NotFound => gone(&self.shown, &error),
                _ => self.write_failed(&error),
            })
    }

    fn compare(&self, file: &File, start: usize, expected: &[u8]) -> Result<(), Failure> {
        let mut found = vec![0; expected.len()];
        match file.read_exact_at(&mut found, start as u64) {
            Ok(()) if found == expected => Ok(()),
            Ok(()) => Err(self.changed(start)),
            Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => Err(self.changed(start)),
            Err(error) => Err(self.write_failed(&error)),
        }
    }

    fn changed(&self, offset: usize) -> Failure {
        let text = format!(
            "`{}` changed while it was being ticked: the line at byte {offset} is another",
            self.shown
        );
        Failure::new(Exit::Changed, "plan-changed", text)
            .help("nothing was written; run again to go on with the plan as it stands")
    }

    fn write_failed(&self, error: &std::io::Error) -> Failure {
        Failure::io("write to", Path::new(&self.shown), error)
    }

    /// Refuses what is not a regular file of a size that can be read; returns its size.
    fn check_kind(&self) -> Result<u64, Failure> {
        let data = self.real.metadata().map_err(|error| gone(&self.shown, &error))?;
        let kind = data.file_type();
        if kind.is_dir() {
            let text = format!("`{}` is a folder, not a plan", self.shown);
            return Err(Failure::new(Exit::Invalid, "not-a-file", text).help(format!(
                "name a plan in it, or run `stepgate status {}`",
                self.shown
            )));
        }
        if !kind.is_file() {
            let text = format!("`{}` is not a regular file", self.shown);
            return Err(Failure::new(Exit::Invalid, "not-a-file", text).help("name a Markdown file"));
        }
        if data.len() > SIZE_LIMIT {
            let text = format!("`{}` is over the limit of {} MiB", self.shown, SIZE_LIMIT >> 20);
            return Err(Failure::from(
                Diagnostic::error("over-limit", text).found(format!("{} bytes", data.len())),
            ));
        }
        Ok(data.len())
    }
}

fn unreadable(shown: &str, error: &std::io::Error) -> Failure {
    if error.kind() == std::io::ErrorKind::NotFound {
        return Failure::new(Exit::Invalid, "not-found", format!("there is no file `{shown}`"))
            .help("name the plan's Markdown file");
    }
    Failure::io("read", Path::new(shown), error)
}

fn gone(shown: &str, error: &std::io::Error) -> Failure {
    if error.kind() == std::io::ErrorKind::NotFound {
        return Failure::new(
            Exit::Changed,
            "plan-gone",
            format!("`{shown}` is gone: it was moved or deleted"),
        )
        .help("it is not made anew; put it back, or run with its new path");
    }
    Failure::io("read", Path::new(shown), error)
}
