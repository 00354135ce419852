//! Requests and results on disk, a line each: read and written one by one, never held together.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead, BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::mock::BatchOrder;

/// The requests of a batch, and how far they are answered.
#[derive(Debug)]
pub(super) struct Work {
    /// The requests, a line each.
    pub(super) input: PathBuf,
    /// How many there are.
    pub(super) total: usize,
    /// How many are done.
    pub(super) done: usize,
    offset: u64,
}

impl Work {
    /// Work that is not begun.
    pub(super) fn new(input: PathBuf, total: usize) -> Self {
        Self {
            input,
            total,
            done: 0,
            offset: 0,
        }
    }

    /// How many requests are done after this look, where so many looks come before the last.
    pub(super) fn goal(&self, look: u32, looks: u32) -> usize {
        let (look, looks) = (u64::from(look), u64::from(looks));
        let total = u64::try_from(self.total).unwrap_or(u64::MAX);
        let goal = total.saturating_mul(look) / (looks + 1);
        usize::try_from(goal).unwrap_or(self.total)
    }

    /// Does requests until `goal` of them are done, each once.
    ///
    /// # Errors
    ///
    /// Where a file cannot be read, or `each` cannot write one. What was done before stays done.
    pub(super) fn go_on(
        &mut self,
        goal: usize,
        each: &mut dyn FnMut(&[u8]) -> io::Result<()>,
    ) -> io::Result<()> {
        if self.done >= goal {
            return Ok(());
        }
        let mut file = File::open(&self.input)?;
        file.seek(SeekFrom::Start(self.offset))?;
        let mut file = BufReader::new(file);
        let mut line = Vec::new();
        while self.done < goal {
            line.clear();
            let read = file.read_until(b'\n', &mut line)?;
            if read == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            if !line.trim_ascii().is_empty() {
                each(line.trim_ascii())?;
                self.done += 1;
            }
            self.offset += u64::try_from(read).unwrap_or(u64::MAX);
        }
        Ok(())
    }
}

/// A file that results are written to; it comes into being with the first of them.
#[derive(Debug)]
pub(super) struct Sheet {
    path: PathBuf,
    file: Option<BufWriter<File>>,
}

impl Sheet {
    /// A sheet at this path, which goes on where it ended if it exists.
    pub(super) fn new(path: PathBuf) -> Self {
        Self { path, file: None }
    }

    /// Writes one line.
    ///
    /// # Errors
    ///
    /// Where the file cannot be written.
    pub(super) fn line(&mut self, line: &impl Serialize) -> io::Result<()> {
        let file = match &mut self.file {
            Some(file) => file,
            None => {
                let file = OpenOptions::new().append(true).create(true).open(&self.path)?;
                self.file.insert(BufWriter::new(file))
            }
        };
        serde_json::to_writer(&mut *file, line)?;
        file.write_all(b"\n")
    }

    /// Brings everything that was written to the disk's file.
    ///
    /// # Errors
    ///
    /// Where the file cannot be written.
    pub(super) fn close(&mut self) -> io::Result<()> {
        self.file.take().map_or(Ok(()), |mut file| file.flush())
    }
}

/// Brings the finished lines of a file into their order.
///
/// # Errors
///
/// Where a file cannot be read or written.
pub(super) fn put_in_order(path: &Path, order: BatchOrder) -> io::Result<()> {
    if order == BatchOrder::Given {
        return Ok(());
    }
    let mut ends = vec![0];
    let mut file = BufReader::new(File::open(path)?);
    let mut length = 0;
    loop {
        let read = file.skip_until(b'\n')?;
        if read == 0 {
            break;
        }
        length += u64::try_from(read).unwrap_or(u64::MAX);
        ends.push(length);
    }
    let reversed = path.with_extension("reversed");
    let mut to = BufWriter::new(File::create(&reversed)?);
    for pair in ends.windows(2).rev() {
        if let [start, end] = *pair {
            file.seek(SeekFrom::Start(start))?;
            io::copy(&mut file.by_ref().take(end - start), &mut to)?;
        }
    }
    to.flush()?;
    fs::rename(reversed, path)
}

/// Removes a file that may not be there.
pub(super) fn discard(path: &Path) {
    // The folder is a temporary one: what cannot be removed now goes with it.
    let _ = fs::remove_file(path);
}
