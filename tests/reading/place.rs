//! A folder to stand in, and the program run in it with nothing of the surroundings.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use tempfile::TempDir;

/// A command that is not done by then hangs.
const PATIENCE: Duration = Duration::from_secs(240);

/// A folder of its own, and a home beside it.
pub(crate) struct Place {
    dir: TempDir,
}

/// What a command returned.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Place {
    pub(crate) fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join("home")).unwrap();
        std::fs::create_dir(dir.path().join("here")).unwrap();
        Self { dir }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join("here").join(name)
    }

    pub(crate) fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> &Self {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
        self
    }

    /// The command in this folder, with `PATH` and no other variable of the surroundings.
    pub(crate) fn command(&self, args: &[&str]) -> Command {
        self.bounded(Path::new(env!("CARGO_BIN_EXE_stepgate")), args)
    }

    /// Runs the command and waits for it. One that hangs is ended, and the test with it.
    pub(crate) fn run(&self, args: &[&str]) -> Ran {
        finish(&mut self.command(args))
    }

    /// Runs the command with little memory: it must not need more than a few times its input.
    pub(crate) fn run_in_memory(&self, mebibytes: usize, args: &[&str]) -> Ran {
        let script = format!("ulimit -v {}; exec \"$0\" \"$@\"", mebibytes << 10);
        let words: Vec<&str> = ["-c", &script, env!("CARGO_BIN_EXE_stepgate")]
            .into_iter()
            .chain(args.iter().copied())
            .collect();
        finish(&mut self.bounded(Path::new("/bin/sh"), &words))
    }

    fn bounded(&self, program: &Path, args: &[&str]) -> Command {
        let mut command = Command::new(program);
        command.args(args).env_clear().current_dir(self.path(""));
        command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command
            .env("HOME", self.dir.path().join("home"))
            .env("TZ", "UTC")
            .stdin(Stdio::null());
        command
    }
}

pub(crate) fn finish(command: &mut Command) -> Ran {
    let child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let pid = rustix::process::Pid::from_child(&child);
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || sender.send(child.wait_with_output()));
    match receiver.recv_timeout(PATIENCE) {
        Ok(output) => ran(output.unwrap()),
        Err(_) => {
            let _ = rustix::process::kill_process(pid, rustix::process::Signal::KILL);
            panic!("hangs: {command:?}");
        }
    }
}

pub(crate) fn ran(output: Output) -> Ran {
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Ran {
        code: output.status.code(),
        out: text(output.stdout),
        err: text(output.stderr),
    }
}

/// A JSON document that was printed.
pub(crate) fn json(ran: &Ran) -> serde_json::Value {
    serde_json::from_str(&ran.out).unwrap_or_else(|error| panic!("{error} in {ran:?}"))
}

/// A plan of two steps that can be run.
pub(crate) const PLAN: &str = "\
# EP-0007: A Clock - Implementation Plan

**Status:** Approved\\
**Requirements Document:** `docs/requirements.md`\\
**Design Document:** `docs/design.md`

## Phase 1: Hands

#### Step 1.1: The Hour Hand
**Goal:** It shows the hour

**Files:**
- `hour.txt` (new)

**AI Prompt:** `Make the hour hand.`

**Tasks:**
- [x] Cut it
- [ ] Fix it

**Validation Criteria:**
- [ ] It turns

**Dependencies:** None

**Success Check:**
```bash
test -f hour.txt
```

**Rollback Plan:**
- Take it off

#### Step 1.2: The Minute Hand
**Goal:** It shows the minute

**AI Prompt:** `Make the minute hand.`

**Tasks:**
- [ ] Cut it

**Validation Criteria:**
- [ ] It turns faster

**Dependencies:**
- Step 1.1 must be complete
- A second pair of hands

**Success Check:**
```bash
test -f minute.txt
```

**Rollback Plan:**
- Take it off

### Phase 1 Completion Criteria
- [ ] Both turn

## Completion Criteria

- [ ] It tells the time
";
