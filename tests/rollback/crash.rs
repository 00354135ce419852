//! `kill -9` between any two acts of a rollback, and of what goes on with it: the end is that of one that was not killed.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use super::support::project::{Project, SMALL};
use super::support::tree::tree;

const KINDS: &str = "```text rename=from.sh to=moved/to.sh\n```\n\n```text delete=old/gone.txt\n```\n\n\
```text path=lines.txt\nother\n```\n\n```text path=new/deep/one.txt\none\n```\n";

/// A step of which everything is done.
fn done() -> Project {
    let (plan, _) = SMALL.split_once("#### Step 1.2").unwrap();
    let project = Project::new();
    project.write(
        "plan.md",
        plan.replace("grep -q one one.txt", "cat new/deep/one.txt"),
    );
    project.write("lines.txt", "a\r\nb");
    project.write("old/gone.txt", "gone\n");
    project.write("from.sh", "#!/bin/sh\n");
    for (path, mode) in [("from.sh", 0o750), ("old/gone.txt", 0o604)] {
        fs::set_permissions(project.root().join(path), fs::Permissions::from_mode(mode)).unwrap();
    }
    project.mock(&[("1.1", KINDS)]);
    project
}

fn run(project: &Project) {
    let ran = project.run(&["run", "plan.md", "--unattended", "--attest"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
}

/// A rollback that is killed at a point, if it has so many; whether it was.
fn roll_back(project: &Project, crash_at: Option<usize>) -> bool {
    let mut command = project.command(&["rollback", "plan.md", "1.1", "--unattended"]);
    if let Some(at) = crash_at {
        command.env("STEPGATE_CRASH_AT", at.to_string());
    }
    let output = command.output().unwrap();
    if output.status.code().is_none() {
        return true;
    }
    assert!(output.status.success(), "{output:?}");
    false
}

#[test]
fn every_point_of_a_rollback_survives_a_kill() {
    let whole = done();
    let before = tree(&whole.root());
    run(&whole);
    assert!(!whole.read("plan.md").contains("[ ]"));
    assert!(!roll_back(&whole, None));
    let mut expected = before;
    // The header moved on when the step was ticked.
    let plan = tree(&whole.root())["plan.md"].clone();
    assert!(!whole.read("plan.md").contains("[x]"));
    expected.insert("plan.md".to_owned(), plan);
    assert_eq!(tree(&whole.root()), expected);

    for at in 1.. {
        let project = done();
        run(&project);
        let killed = roll_back(&project, Some(at));
        if killed {
            // Again in what goes on with it, at another point each time; then to its end, by one way or the other.
            roll_back(&project, Some(1 + (at * 7) % 23));
            roll_back(&project, Some(1 + at % 11));
            if at % 2 == 0 {
                assert!(!roll_back(&project, None));
            } else {
                // A session goes on with a rollback that was announced, and asks for the step anew.
                let ran = project.run(&["run", "plan.md", "--unattended", "--step", "1.1"]);
                assert_eq!(ran.code, 0, "{}", ran.err);
                assert!(!roll_back(&project, None));
            }
        }
        assert_eq!(tree(&project.root()), expected, "after a kill at point {at}");
        let journal = project.run(&["log", "plan.md", "--json"]).out;
        let intents = journal.matches("\"what\":\"rollback-intent\"").count();
        assert!(intents > 0 && journal.contains("\"what\":\"rolled-back\""));
        if !killed {
            assert!(at > 30, "only {at} points were passed");
            return;
        }
    }
}

#[test]
fn a_file_that_somebody_changed_while_the_rollback_was_cut_off_is_not_touched() {
    let mut seen = 0;
    for at in 8.. {
        let project = done();
        run(&project);
        if !roll_back(&project, Some(at)) {
            break;
        }
        let journal = project.run(&["log", "plan.md", "--json"]).out;
        let announced = journal.contains("\"what\":\"rollback-intent\"");
        if !announced || journal.contains("\"what\":\"rolled-back\"") {
            continue;
        }
        seen += 1;
        project.write("lines.txt", "mine\n");
        // Files of ours that lie beside may go.
        let theirs = || {
            let mut tree = tree(&project.root());
            tree.retain(|path, _| !path.contains(".stepgate-"));
            tree
        };
        let before = theirs();
        for args in [
            ["run", "plan.md", "--unattended"],
            ["rollback", "plan.md", "1.1"],
            ["rollback", "plan.md", "--last=1"],
        ] {
            let mut args = args.to_vec();
            if args[0] == "rollback" {
                args.push("--unattended");
            }
            let ran = project.run(&args);
            assert_eq!(ran.code, 11, "{args:?} after a kill at point {at}: {}", ran.err);
            assert_eq!(theirs(), before, "{args:?} after a kill at point {at}");
        }
        // At a terminal a person decides.
        let mut pty = project.terminal(&["rollback", "plan.md", "1.1"]);
        pty.answer("lines.txt: put it back all the same? ›", 0);
        pty.answer("roll back step 1.1? ›", 0);
        assert_eq!(pty.end(), 0, "{}", pty.text());
        assert_eq!(project.read("lines.txt"), "mine\n");
        assert_eq!(project.read("from.sh"), "#!/bin/sh\n");
        assert!(!project.root().join("new").exists() && !project.root().join("moved").exists());
    }
    assert!(seen > 10, "{seen} kills came between");
}
