use std::fs;
use std::io::Write as _;
use std::path::Path;

use crate::cli::World;
use crate::words::Failure;

/// The word that the server can be reached. The file goes away with it.
pub(super) struct Ready<'a> {
    file: Option<&'a Path>,
}

impl<'a> Ready<'a> {
    /// Prints a line that tells the address, and writes it into the file. Fails with exit code 9 when it cannot.
    pub(super) fn tell(url: &str, file: Option<&'a Path>, world: &World) -> Result<Self, Failure> {
        let line = format!(
            "{}\n",
            serde_json::json!({"schema": "stepgate.mock/1", "url": url})
        );
        if let Some(path) = file {
            // One that a killed server left would lead astray. What is no file is not ours to remove.
            if fs::symlink_metadata(path).is_ok_and(|there| !there.is_file()) {
                let there = std::io::Error::other("it is there, and is no file");
                return Err(Failure::io("write", path, &there));
            }
            let _ = fs::remove_file(path);
            // In one act: whoever waits for the file finds all of it.
            let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
            let folder = folder.unwrap_or(Path::new("."));
            let failed = |error: std::io::Error| Failure::io("write", path, &error);
            // Who waits for it may be another user, in a container say.
            let readable = std::os::unix::fs::PermissionsExt::from_mode(0o644);
            let mut written = tempfile::Builder::new()
                .permissions(readable)
                .tempfile_in(folder)
                .map_err(failed)?;
            written.write_all(line.as_bytes()).map_err(failed)?;
            written.persist(path).map_err(|error| failed(error.error))?;
        }
        world.print(&line)?;
        Ok(Self { file })
    }
}

impl Drop for Ready<'_> {
    fn drop(&mut self) {
        if let Some(path) = self.file {
            let _ = fs::remove_file(path);
        }
    }
}
