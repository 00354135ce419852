//! Clients from the registries, installed once for each list of versions.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use sha2::{Digest, Sha256};

use super::bounded;

/// How long a step of an installation may take: a registry that says nothing does not hold up the other tests.
const PATIENCE: Duration = Duration::from_secs(120);
/// The oldest Node whose test runner has what the suite asks of it.
const OLDEST_NODE: u32 = 20;

/// Why clients cannot be had here.
pub(crate) struct Missing(pub(crate) String);

/// A Python that has what `requirements` lists.
pub(crate) fn python(requirements: &Path) -> Result<PathBuf, Missing> {
    let version = output(Command::new("python3").arg("--version"))?;
    let folder = Folder::of("python", &[version.as_bytes(), &fs::read(requirements).unwrap()]);
    folder.filled(|folder| {
        output(Command::new("python3").args(["-m", "venv"]).arg(folder))?;
        // Of all that may go wrong without a network, the quick way.
        let pip = [
            "-m",
            "pip",
            "--disable-pip-version-check",
            "--retries=1",
            "--timeout=20",
        ];
        let mut install = Command::new(folder.join("bin/python"));
        install.args(pip).args(["install", "--quiet", "--requirement"]);
        output(install.arg(requirements)).map(drop)
    })?;
    Ok(folder.path.join("bin/python"))
}

/// A folder with the suite of `source` and the modules that its `package-lock.json` lists.
pub(crate) fn node(source: &Path) -> Result<PathBuf, Missing> {
    let version = output(Command::new("node").arg("--version"))?;
    let major = version.trim_start_matches('v').split('.').next();
    if major.and_then(|major| major.parse().ok()) < Some(OLDEST_NODE) {
        let version = version.trim();
        return Err(Missing(format!(
            "`node` is {version}, and {OLDEST_NODE} or later is needed"
        )));
    }
    let lock = fs::read(source.join("package-lock.json")).unwrap();
    let folder = Folder::of("node", &[version.as_bytes(), &lock]);
    folder.filled(|folder| {
        fs::create_dir_all(folder).unwrap();
        for file in ["package.json", "package-lock.json"] {
            fs::copy(source.join(file), folder.join(file)).unwrap();
        }
        let quiet = [
            "--no-audit",
            "--no-fund",
            "--fetch-retries=1",
            "--fetch-timeout=20000",
        ];
        let mut install = Command::new("npm");
        install.arg("ci").args(quiet).current_dir(folder);
        output(&mut install).map(drop)
    })?;
    // A module is looked for beside the file that imports it.
    for entry in fs::read_dir(source).unwrap() {
        let file = entry.unwrap().path();
        if file.extension().is_some_and(|extension| extension == "mjs") {
            fs::copy(&file, folder.path.join(file.file_name().unwrap())).unwrap();
        }
    }
    Ok(folder.path)
}

/// A folder below `target` that is filled once.
struct Folder {
    path: PathBuf,
}

impl Folder {
    fn of(name: &str, contents: &[&[u8]]) -> Self {
        let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
        let mut digest = Sha256::new();
        // What is installed knows where it is: a folder that was moved needs another.
        digest.update(target.as_os_str().as_encoded_bytes());
        for content in contents {
            digest.update(content);
        }
        let digest: String = digest.finalize()[..8]
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        Self {
            path: target.join("clients").join(format!("{name}-{digest}")),
        }
    }

    /// Fills it unless that was done before; half of it, from a run that was stopped, does not count.
    fn filled(&self, fill: impl FnOnce(&Path) -> Result<(), Missing>) -> Result<(), Missing> {
        fs::create_dir_all(self.path.parent().unwrap()).unwrap();
        let lock = fs::File::create(self.path.with_extension("lock")).unwrap();
        lock.lock().unwrap();
        let complete = self.path.with_extension("complete");
        if complete.exists() && self.path.exists() {
            return Ok(());
        }
        if self.path.exists() {
            fs::remove_dir_all(&self.path).unwrap();
        }
        fill(&self.path)?;
        fs::write(complete, "").unwrap();
        Ok(())
    }
}

/// What a command says on stdout; the line on stderr that says most where it fails.
fn output(command: &mut Command) -> Result<String, Missing> {
    let program = Path::new(command.get_program()).file_name().unwrap();
    let program = program.to_string_lossy().into_owned();
    let output = bounded::output(command, PATIENCE)
        .map_err(|error| Missing(format!("`{program}` does not run: {error}")))?;
    let Some(output) = output else {
        let seconds = PATIENCE.as_secs();
        return Err(Missing(format!("`{program}` was given up after {seconds} s")));
    };
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let errors = String::from_utf8_lossy(&output.stderr);
    let mut lines = errors.lines().filter(|line| !line.trim().is_empty());
    let telling = lines.clone().find(|line| line.to_lowercase().contains("error"));
    let line = telling.or(lines.next_back()).unwrap_or("it says nothing");
    Err(Missing(format!("`{program}` fails: {}", line.trim())))
}
