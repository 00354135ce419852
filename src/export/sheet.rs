use std::fs::File;
use std::io::{self, IoSlice, Write};

use super::manifest::FileEntry;
use crate::words::Hasher;

/// A file that is being written.
pub(super) struct Sheet {
    pub(super) path: String,
    /// How long it is.
    pub(super) bytes: u64,
    file: Option<File>,
    hasher: Hasher,
}

impl Sheet {
    pub(super) fn new(path: &str, file: Option<File>) -> Self {
        Self {
            path: path.to_owned(),
            bytes: 0,
            file,
            hasher: Hasher::default(),
        }
    }

    /// Writes and hashes what comes next.
    pub(super) fn add(&mut self, parts: &[&[u8]]) -> io::Result<()> {
        let Some(file) = &mut self.file else {
            return Ok(());
        };
        parts.iter().for_each(|part| self.hasher.add(part));
        write_all(file, parts)
    }

    pub(super) fn entry(self) -> FileEntry {
        FileEntry {
            path: self.path,
            bytes: self.bytes,
            sha256: self.hasher.digest(),
        }
    }
}

/// Writes several parts, in one call where the system takes them all.
pub(super) fn write_all(out: &mut (impl Write + ?Sized), parts: &[&[u8]]) -> io::Result<()> {
    let mut slices: Vec<IoSlice<'_>> = parts
        .iter()
        .filter(|part| !part.is_empty())
        .map(|part| IoSlice::new(part))
        .collect();
    let mut left = slices.as_mut_slice();
    while !left.is_empty() {
        match out.write_vectored(left) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(written) => IoSlice::advance_slices(&mut left, written),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Takes three bytes at a time.
    struct Slow(Vec<u8>);

    impl Write for Slow {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let some = bytes.len().min(3);
            self.0.extend(&bytes[..some]);
            Ok(some)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn everything_is_written_however_little_is_taken() {
        let mut slow = Slow(Vec::new());
        write_all(&mut slow, &[b"", b"one two", b"", b"!", b"three"]).unwrap();
        assert_eq!(slow.0, b"one two!three");
        write_all(&mut slow, &[]).unwrap();
    }
}
