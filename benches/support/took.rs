//! What a program takes: it is run by a process of its own, so that what is measured is that one alone.

use std::env;
use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use nix::sys::resource::{UsageWho, getrusage};

use super::median::median;

/// Makes this program run another one once and tell what it took: what it waits for is then that one alone.
const ONCE: &str = "--once";

/// What running a program once took.
#[derive(Clone, Copy)]
pub(crate) struct Took {
    pub(crate) milliseconds: f64,
    pub(crate) mebibytes: f64,
}

impl Took {
    /// What several runs took in the median.
    pub(crate) fn median(runs: &[Self]) -> Self {
        Self {
            milliseconds: median(runs.iter().map(|run| run.milliseconds).collect()),
            mebibytes: median(runs.iter().map(|run| run.mebibytes).collect()),
        }
    }

    /// Runs a program in a folder, with nothing of the environment but the PATH, and `home` in the folder.
    pub(crate) fn of(folder: &Path, command: &[impl AsRef<OsStr>]) -> Self {
        let output = Command::new(env::current_exe().unwrap())
            .arg(ONCE)
            .args(command)
            .current_dir(folder)
            .env_clear()
            .env("PATH", env::var_os("PATH").unwrap_or_default())
            .env("HOME", folder.join("home"))
            .output()
            .unwrap();
        let said = String::from_utf8(output.stdout).unwrap();
        let words: Vec<&OsStr> = command.iter().map(AsRef::as_ref).collect();
        assert!(
            output.status.success(),
            "{words:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        let (milliseconds, mebibytes) = said.trim().split_once(' ').unwrap();
        Self {
            milliseconds: milliseconds.parse().unwrap(),
            mebibytes: mebibytes.parse().unwrap(),
        }
    }
}

/// Runs the program that [`Took::of`] wants measured, where this process is the one that it started; whether it is.
pub(crate) fn was_once() -> bool {
    let mut args = env::args_os().skip(1);
    let once = args.next().is_some_and(|first| first == ONCE);
    if once {
        measure(&args.collect::<Vec<_>>());
    }
    once
}

/// Runs a program, and prints how many milliseconds and MiB it took.
fn measure(command: &[OsString]) {
    let mut run = Command::new(&command[0]);
    let sink = env::temp_dir().join(format!("stepgate-bench-{}", std::process::id()));
    // A file and not /dev/null: some programs do less where nothing is read.
    let file = File::create(&sink).unwrap();
    run.args(&command[1..])
        .stdin(Stdio::null())
        .stdout(file.try_clone().unwrap())
        .stderr(file);
    let begun = Instant::now();
    let status = run.status().unwrap();
    let milliseconds = begun.elapsed().as_secs_f64() * 1e3;
    let said = if status.success() {
        Vec::new()
    } else {
        fs::read(&sink).unwrap_or_default()
    };
    let _ = fs::remove_file(&sink);
    assert!(
        status.success(),
        "{command:?}: {status}\n{}",
        String::from_utf8_lossy(&said)
    );
    let kibibytes = getrusage(UsageWho::RUSAGE_CHILDREN).unwrap().max_rss();
    #[expect(clippy::cast_precision_loss, reason = "a figure to look at")]
    let mebibytes = kibibytes as f64 / 1024.0;
    println!("{milliseconds} {mebibytes}");
}
