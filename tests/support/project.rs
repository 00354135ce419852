//! A project in a folder of its own, with a home of its own: nothing of the machine reaches a test but its tools.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use super::pty::Pty;

/// A folder with a project in it, removed when it is dropped.
pub(crate) struct Project {
    folder: tempfile::TempDir,
    variables: Vec<(String, String)>,
}

/// A plan of two steps that needs no documents.
pub(crate) const SMALL: &str = "\
# EP-0007: Small - Implementation Plan

**Status:** Approved
**Created:** 2025-01-01
**Updated:** 2025-01-01

## Phase 1: Only

#### Step 1.1: First
**Goal:** Make one
**Files to Create/Modify:**
- `one.txt` (new)

**AI Prompt:** `Implement Step 1.1 of EP-0007: make one`

**Tasks:**
- [ ] Write one

**Dependencies:**
- None

**Validation Criteria:**
- [ ] One is there

**Success Check:**
```bash
grep -q one one.txt
```

**Rollback Plan:**
- Remove one.txt

#### Step 1.2: Second
**Goal:** Make two

**AI Prompt:** `Implement Step 1.2 of EP-0007: make two`

**Tasks:**
- [ ] Write two

**Dependencies:**
- Step 1.1 must be complete

**Validation Criteria:**
- [ ] Two is there

**Success Check:**
```bash
grep -q two two.txt
```

**Rollback Plan:**
- Remove two.txt
";

/// The shape of [`SMALL`]'s replies.
pub(crate) fn reply_with(path: &str, text: &str) -> String {
    format!("Done.\n\n```text path={path}\n{text}\n```\n")
}

impl Project {
    /// An empty project: a marked root and a home.
    pub(crate) fn new() -> Self {
        Self::new_in(&std::env::temp_dir())
    }

    /// The same in a folder of this one.
    pub(crate) fn new_in(above: &Path) -> Self {
        let folder = tempfile::Builder::new()
            .prefix("stepgate-test-")
            .tempdir_in(above)
            .unwrap();
        fs::create_dir_all(folder.path().join("home/.config/stepgate")).unwrap();
        fs::create_dir_all(folder.path().join("work")).unwrap();
        fs::write(
            folder.path().join("work/stepgate.toml"),
            "[check]\ntimeout = \"1m\"\n",
        )
        .unwrap();
        let home = folder.path().join("home").display().to_string();
        let path = std::env::var("PATH").unwrap_or_default();
        let variables = [
            ("HOME", home),
            ("PATH", path),
            ("USER", "tester".to_owned()),
            ("TZ", "UTC".to_owned()),
        ];
        let mut project = Self {
            folder,
            variables: variables.map(|(name, value)| (name.to_owned(), value)).to_vec(),
        };
        project.set("TERM", "xterm-256color");
        project
    }

    /// A project with [`SMALL`] as `plan.md`.
    pub(crate) fn small() -> Self {
        let project = Self::new();
        project.write("plan.md", SMALL);
        project
    }

    /// What holds all of it: the root and the home.
    pub(crate) fn folder(&self) -> PathBuf {
        self.folder.path().canonicalize().unwrap()
    }

    /// The root.
    pub(crate) fn root(&self) -> PathBuf {
        self.folder.path().join("work").canonicalize().unwrap()
    }

    /// The home.
    pub(crate) fn home(&self) -> PathBuf {
        self.folder.path().join("home")
    }

    /// Where the state of all plans stands.
    pub(crate) fn state(&self) -> PathBuf {
        self.home().join(".local/state/stepgate")
    }

    /// Sets a variable for every command.
    pub(crate) fn set(&mut self, name: &str, value: &str) {
        self.variables.retain(|(other, _)| other != name);
        self.variables.push((name.to_owned(), value.to_owned()));
    }

    /// Writes a program into the home; its path.
    pub(crate) fn program(&self, name: &str, script: &str) -> String {
        use std::os::unix::fs::PermissionsExt as _;
        let path = self.home().join(name);
        fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        path.display().to_string()
    }

    /// Writes a file beneath the root.
    pub(crate) fn write(&self, path: &str, text: impl AsRef<[u8]>) {
        let path = self.root().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// Reads a file beneath the root.
    pub(crate) fn read(&self, path: &str) -> String {
        fs::read_to_string(self.root().join(path)).unwrap()
    }

    /// Writes the configuration.
    pub(crate) fn configure(&self, text: &str) {
        fs::write(self.home().join(".config/stepgate/config.toml"), text).unwrap();
    }

    /// Configures the mock model with a scenario that answers these steps.
    pub(crate) fn mock(&self, replies: &[(&str, &str)]) {
        let mut scenario = "description = \"for a test\"\n".to_owned();
        for (step, reply) in replies {
            scenario.push_str(&format!(
                "[[rule]]\ndescription = \"answers {step}\"\nwhen = {{ step = \"{step}\" }}\n[[rule.reply]]\ntext = '''\n{reply}'''\n"
            ));
        }
        fs::write(self.home().join(".config/stepgate/test.toml"), scenario).unwrap();
        self.configure("default = \"test\"\n[endpoint.test]\nkind = \"mock\"\nscenario = \"test.toml\"\n");
    }

    /// A command that will run in the root, without a terminal.
    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_stepgate"));
        command
            .args(args)
            .current_dir(self.root())
            .env_clear()
            .stdin(Stdio::null());
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        command
    }

    /// Runs a command without a terminal.
    pub(crate) fn run(&self, args: &[&str]) -> Ran {
        Ran::of(&self.command(args).output().unwrap(), &self.root())
    }

    /// Starts a command at a terminal.
    pub(crate) fn terminal(&self, args: &[&str]) -> Pty {
        Pty::start(args, &self.root(), &self.variables, (40, 110))
    }

    /// Starts a command at a terminal that shows what is typed.
    pub(crate) fn terminal_with_echo(&self, args: &[&str]) -> Pty {
        Pty::start_as(args, &self.root(), &self.variables, (40, 110), true)
    }

    /// Starts a command at a terminal, with one variable more.
    pub(crate) fn terminal_with(&self, args: &[&str], more: Option<(&str, &str)>) -> Pty {
        let mut variables = self.variables.clone();
        variables.extend(more.map(|(name, value)| (name.to_owned(), value.to_owned())));
        Pty::start(args, &self.root(), &variables, (40, 110))
    }

    /// Starts a command at a terminal of another size.
    pub(crate) fn terminal_of(&self, args: &[&str], size: (u16, u16)) -> Pty {
        Pty::start(args, &self.root(), &self.variables, size)
    }
}

/// How a command ended.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Ran {
    fn of(output: &Output, root: &Path) -> Self {
        let root = root.display().to_string();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).replace(&root, "ROOT");
        Self {
            code: output.status.code().unwrap_or(-1),
            out: text(&output.stdout),
            err: text(&output.stderr),
        }
    }
}

/// The folder of real plans beside the repository, or `None`, said by the test's name.
pub(crate) fn shared(test: &str) -> Option<PathBuf> {
    let folder = std::env::var_os("STEPGATE_SHARED").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared"),
        PathBuf::from,
    );
    let plans = folder.join("plans");
    if plans.is_dir() {
        return Some(plans);
    }
    eprintln!("skipped: {test}: there are no plans in {}", plans.display());
    None
}
