//! A rollback that was refused is over, and one of a step that the plan or the configuration no longer knows is not.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "what helps a test may fail like a test"
)]

mod support;

use support::project::Project;
use support::pty::{DOWN, ENTER};
use support::tree::tree;
use support::walk::small_mock;

const ROLLBACK: [&str; 4] = ["rollback", "plan.md", "1.1", "--unattended"];

/// The small plan, worked on until a step is done.
fn done_until(step: &str, project: Project) -> Project {
    let ran = project.run(&["run", "plan.md", "--unattended", "--attest", "--until", step]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    project
}

fn journal(project: &Project) -> String {
    project.run(&["log", "plan.md", "--json"]).out
}

#[test]
fn a_rollback_that_is_refused_is_not_done_later() {
    let project = done_until("1.1", small_mock());
    let before = tree(&project.root());
    let mut pty = project.terminal(&["rollback", "plan.md", "1.1"]);
    pty.wait_for("roll back step 1.1? ›");
    project.write("one.txt", "mine, made while it was asked\n");
    pty.keys(&format!("{DOWN}{ENTER}"));
    assert_eq!(pty.end(), 11, "{}", pty.text());
    assert_eq!(project.read("one.txt"), "mine, made while it was asked\n");
    assert!(
        !journal(&project).contains("rollback-intent"),
        "what somebody changed meanwhile is not announced: {}",
        journal(&project)
    );
    project.write("one.txt", "one\n");
    assert_eq!(tree(&project.root()), before);
    let ran = project.run(&["run", "plan.md", "--unattended", "--until", "1.1"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(!ran.err.contains("rollback"), "{}", ran.err);
    assert_eq!(tree(&project.root()), before);
}

#[test]
fn a_rollback_that_the_disk_refused_is_not_done_later() {
    let project = Project::small();
    let long = "before\n".repeat(300_000);
    project.write("one.txt", &long);
    project.mock(&[("1.1", "```text path=one.txt\none\n```\n")]);
    let project = done_until("1.1", project);
    let before = tree(&project.root());
    // The system refuses to let a file grow past a MiB, as a full disk would.
    let command = project.command(&ROLLBACK);
    let mut shell = std::process::Command::new("bash");
    shell
        .current_dir(project.root())
        .env_clear()
        .args(["-c", "trap '' XFSZ; ulimit -f 1024; exec \"$0\" \"$@\""]);
    shell.arg(command.get_program()).args(command.get_args());
    shell.envs(
        command
            .get_envs()
            .filter_map(|(name, value)| Some((name, value?))),
    );
    let output = shell.output().unwrap();
    assert_eq!(output.status.code(), Some(9), "{output:?}");
    assert_eq!(tree(&project.root()), before);
    let log = project.run(&["log", "plan.md", "1.1"]).out;
    assert!(log.contains("nothing was put back: "), "{log}");
    let ran = project.run(&["run", "plan.md", "--unattended", "--until", "1.1"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert_eq!(tree(&project.root()), before);
    let ran = project.run(&ROLLBACK);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert_eq!(project.read("one.txt"), long);
}

#[test]
fn a_no_ends_a_rollback_that_was_cut_off_before_its_first_file() {
    let mut seen = 0;
    for at in 1.. {
        let project = done_until("1.1", small_mock());
        let mut killed = project.command(&ROLLBACK);
        killed.env("STEPGATE_CRASH_AT", at.to_string());
        if killed.output().unwrap().status.code().is_some() {
            break;
        }
        if !journal(&project).contains("rollback-intent") || !project.root().join("one.txt").exists() {
            continue;
        }
        seen += 1;
        project.write("one.txt", "mine\n");
        let mut pty = project.terminal(&["rollback", "plan.md", "1.1"]);
        pty.answer("one.txt: put it back all the same? ›", 0);
        pty.answer("roll back step 1.1? ›", 2);
        assert_eq!(pty.end(), 4, "{}", pty.text());
        project.write("one.txt", "one\n");
        let ran = project.run(&["run", "plan.md", "--unattended", "--until", "1.1"]);
        assert!(
            ran.code == 0 && !ran.err.contains("rollback"),
            "after a kill at point {at}: {}",
            ran.err
        );
        assert_eq!(project.read("one.txt"), "one\n");
        assert_eq!(project.read("plan.md").matches("[x]").count(), 2);
    }
    assert!(seen > 0, "no kill came between");
}
