//! A project that can be brought back to where it was, and a model that counts what it is asked.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::kernel::{self, Ended, Orders};
use super::support::project::{Project, SMALL};
use super::support::pty::{DOWN, ENTER};
use super::support::repository::commit_all;
use super::support::tree::tree;
use super::support::walk::asked;
use super::support::wire_server::{WireServer, reply};

/// Edits of every kind; what goes and moves comes first, so that it has to come back where a later one fails.
const FIRST: &str = "All kinds.\n\n```text rename=from.sh to=moved/to.sh\n```\n\n```text delete=old/gone.txt\n```\n\n\
```text edit=lines.txt\n<<<<<<< SEARCH\nb\n=======\nB\n>>>>>>> REPLACE\n```\n\n\
```text path=new/deep/other.txt\nother\n```\n\n```text path=one.txt\none\n```\n";

const SECOND: &str = "Two.\n\n```text path=lines.txt\nall new\n```\n\n```text path=two.txt\ntwo\n```\n";

/// A whole tree: bits and bytes by path.
pub(crate) type Tree = BTreeMap<String, (u32, String)>;

/// A plan of two steps, over a network to a model.
pub(crate) struct Site {
    pub(crate) project: Project,
    server: WireServer,
    /// A copy of all, to be brought back.
    saved: tempfile::TempDir,
    /// Requests of before.
    requests: usize,
}

impl Site {
    pub(crate) fn new() -> Self {
        let above = above();
        let mut project = Project::new_in(&above);
        project.write("plan.md", plan());
        project.write("lines.txt", "a\r\nb");
        project.write("old/gone.txt", "gone\n");
        project.write("from.sh", "#!/bin/sh\n");
        mode(&project.root().join("from.sh"), 0o750);
        mode(&project.root().join("old/gone.txt"), 0o604);
        // Nothing may be left there.
        std::fs::create_dir(project.folder().join("temporary")).unwrap();
        let temporary = project.folder().join("temporary").display().to_string();
        project.set("TMPDIR", &temporary);
        let server = WireServer::answering(|request| {
            let second = asked(request).contains("Implement Step 1.2 of EP-0007");
            reply(if second { SECOND } else { FIRST })
        });
        super::support::walk::over_http(&project, &server);
        let site = Self {
            project,
            server,
            saved: tempfile::tempdir_in(above).unwrap(),
            requests: 0,
        };
        site.save();
        site
    }

    /// The same in a repository in which all of it is committed.
    pub(crate) fn in_git() -> Self {
        let site = Self::new();
        commit_all(&site.project);
        site.save();
        site
    }

    /// Runs the whole session, and takes what it left for where it begins.
    pub(crate) fn done() -> Self {
        let mut site = Self::new();
        let ran = site.project.run(RUN);
        assert_eq!(ran.code, 0, "{}", ran.err);
        site.save();
        site.begin();
        site
    }

    fn save(&self) {
        copy(&self.project.folder(), self.saved.path());
    }

    /// Brings everything back, and forgets what was asked so far.
    pub(crate) fn begin(&mut self) {
        copy(self.saved.path(), &self.project.folder());
        self.requests = self.server.requests().len();
    }

    /// How often the model was asked since.
    pub(crate) fn requests(&self) -> usize {
        self.server.requests().len() - self.requests
    }

    /// Runs a command while calls of it fail.
    pub(crate) fn strike(&self, args: &[&str], orders: &Orders<'_>) -> Ended {
        kernel::run(&self.project.command(args), orders).unwrap()
    }

    /// Runs the session to its end with nobody to ask, and with somebody who agrees to everything where it takes a person; how often
    /// that one agreed to send a prompt again, or why it came to no end.
    pub(crate) fn go_on(&self, args: &[&str]) -> Result<usize, String> {
        let ran = self.project.run(args);
        let lost = ran.code == 5 && ran.err.contains("it may have been billed");
        if ran.code == 0 {
            return Ok(0);
        }
        if !lost {
            return Err(format!("the next session ended with {}: {}", ran.code, ran.err));
        }
        self.paid_for()?;
        let nth = |n: usize| format!("{}{ENTER}", DOWN.repeat(n + 1));
        let all = format!("a{ENTER}");
        let yes = nth(0);
        let rules = [
            ("send it again? ›", yes.as_str()),
            ("send the prompt? ›", &yes),
            ("write these files? ›", &yes),
            ("run this check? ›", &yes),
            ("does that still hold? ›", &yes),
            (
                "did you verify? (space ticks, a ticks all, enter goes on) ›",
                &all,
            ),
            ("are complete? (space ticks, a ticks all, enter goes on) ›", &all),
            ("of these hold? (space ticks, a ticks all, enter goes on) ›", &all),
            ("is step 1.1 done? ›", &yes),
            ("is step 1.2 done? ›", &yes),
        ];
        let mut pty = self.project.terminal(&["run", "plan.md"]);
        let again = pty.drive(&rules)[0];
        match pty.end() {
            0 => Ok(again),
            code => Err(format!("the next session ended with {code}: {}", pty.text())),
        }
    }

    /// A reply that came and is on no record is in a file, whole: nobody asks for it again for want of it.
    fn paid_for(&self) -> Result<(), String> {
        let state = tree(&self.project.state());
        let text = |end: &str| {
            let mut files = state.iter().filter(|(path, _)| path.ends_with(end));
            files.next().map_or("", |(_, (_, text))| text.as_str())
        };
        if text("/journal").matches("\\\"what\\\":\\\"reply\\\"").count() == self.requests() {
            return Err("it is said that it may have been billed, and nothing was sent".to_owned());
        }
        let kept = [text("/partial-1.1.md"), text("/partial-1.2.md")].map(|text| text.replace("\\n", "\n"));
        if !kept.contains(&FIRST.to_owned()) && !kept.contains(&SECOND.to_owned()) {
            return Err(format!("the reply is nowhere: {kept:?}"));
        }
        Ok(())
    }

    /// The tree.
    pub(crate) fn tree(&self) -> Tree {
        tree(&self.project.root())
    }

    /// Files in the state that no session of this kind leaves when it comes to its end, and what is in the folder for temporary ones.
    pub(crate) fn leftovers(&self) -> Vec<String> {
        let mut left: Vec<String> = tree(&self.project.folder().join("temporary"))
            .into_keys()
            .collect();
        for (path, (bits, _)) in tree(&self.project.state()) {
            let folder = bits & 0o170_000 == 0o040_000;
            let name = path.rsplit('/').next().unwrap();
            let above = path.rsplit('/').nth(1).unwrap_or_default();
            let known = match above {
                "blobs" => name.len() == 64,
                "locks" => true,
                _ => folder || matches!(name, "journal" | "lock"),
            };
            // What git needs for snapshots stays.
            if !known && !path.contains("/git/") {
                left.push(path);
            }
        }
        left
    }
}

/// The session.
pub(crate) const RUN: &[&str] = &["run", "plan.md", "--unattended", "--attest"];

/// Two steps, and boxes outside of them.
fn plan() -> String {
    let outside =
        "\n### Phase 1 Completion Criteria\n- [ ] Both are there\n\n## Checklist\n\n### After\n- [ ] Told\n";
    format!("{SMALL}{outside}")
}

/// A folder in memory where there is one: it is not the disk that is looked at.
fn above() -> PathBuf {
    let memory = PathBuf::from("/dev/shm");
    match tempfile::tempdir_in(&memory) {
        Ok(_) => memory,
        Err(_) => std::env::temp_dir(),
    }
}

fn mode(path: &Path, bits: u32) {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(bits)).unwrap();
}

/// Makes one folder hold what another holds, and nothing else.
fn copy(from: &Path, to: &Path) {
    for entry in std::fs::read_dir(to).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            std::fs::remove_dir_all(path).unwrap();
        } else {
            std::fs::remove_file(path).unwrap();
        }
    }
    let copied = Command::new("cp")
        .arg("-a")
        .arg(from.join("."))
        .arg(to)
        .status()
        .unwrap();
    assert!(copied.success());
}
