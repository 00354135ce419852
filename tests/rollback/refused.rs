//! A rollback that was refused is over, and one of a step that the plan or the configuration no longer knows is not.

use super::support::project::Project;
use super::support::pty::{DOWN, ENTER};
use super::support::tree::tree;
use super::support::walk::{confirm_step, small_mock};

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

#[test]
fn a_step_that_was_renumbered_is_rolled_back_by_its_record() {
    let renumbered = || {
        let project = done_until("1.2", small_mock());
        let plan = project.read("plan.md").replace("1.2", "1.3");
        project.write("plan.md", plan);
        project
    };
    let said = "step 1.2 is no longer in `plan.md`: what was written for it is put back, and no box is unticked; \
                where it has another number now, `stepgate untick plan.md STEP` unticks it";
    for args in [
        &["rollback", "plan.md", "1.2", "--unattended"][..],
        &["rollback", "plan.md", "--last=1", "--unattended"],
    ] {
        let project = renumbered();
        let plan = project.read("plan.md");
        let ran = project.run(args);
        assert_eq!(
            (ran.code, ran.err.as_str()),
            (
                0,
                format!("  note {said}\n  ✓ step 1.2 is rolled back: 1 file put back, 0 boxes unticked\n")
                    .as_str()
            )
        );
        assert_eq!(project.read("plan.md"), plan);
        assert!(!project.root().join("two.txt").exists());
        // Those before it are no longer in its way, once the boxes are as the work is.
        let ran = project.run(&["untick", "plan.md", "1.3"]);
        assert_eq!(ran.code, 0, "{}", ran.err);
        let ran = project.run(&["rollback", "plan.md", "1.1", "--unattended"]);
        assert_eq!(ran.code, 0, "{}", ran.err);
        assert!(!project.root().join("one.txt").exists() && !project.read("plan.md").contains("[x]"));
    }
    let project = renumbered();
    let mut pty = project.terminal(&["rollback", "plan.md", "1.2"]);
    pty.wait_for("step 1.2 is no longer in");
    pty.answer("roll back step 1.2? ›", 0);
    pty.wait_for("1 file put back, 0 boxes unticked");
    assert_eq!(pty.end(), 0, "{}", pty.text());
    // What neither the plan nor the record knows is no step.
    let ran = project.run(&["rollback", "plan.md", "1.4", "--unattended"]);
    assert_eq!(ran.code, 2, "{}", ran.err);
}

#[test]
fn a_rollback_of_a_renumbered_step_that_was_cut_off_is_finished() {
    let mut seen = 0;
    for at in 1.. {
        let project = done_until("1.2", small_mock());
        project.write("plan.md", project.read("plan.md").replace("1.2", "1.3"));
        let mut killed = project.command(&["rollback", "plan.md", "1.2", "--unattended"]);
        killed.env("STEPGATE_CRASH_AT", at.to_string());
        if killed.output().unwrap().status.code().is_some() {
            break;
        }
        let announced = journal(&project);
        seen += usize::from(announced.contains("rollback-intent") && !announced.contains("rolled-back"));
        for args in [
            &["rollback", "plan.md", "--last=1", "--unattended"][..],
            &["run", "plan.md", "--unattended"],
        ] {
            let ran = project.run(args);
            if args[0] == "run" || !announced.contains("rollback-intent") {
                assert_eq!(ran.code, 0, "{args:?} after a kill at point {at}: {}", ran.err);
            }
            assert!(
                !project.root().join("two.txt").exists(),
                "{args:?} at {at}: {}",
                ran.err
            );
        }
    }
    assert!(seen > 3, "{seen} kills came between");
}

#[test]
fn a_configuration_that_the_step_broke_is_no_reason_not_to_roll_it_back() {
    let project = Project::small();
    project.mock(&[(
        "1.1",
        "```text path=one.txt\none\n```\n\n```text path=stepgate.toml\nbroken = =\n```\n",
    )]);
    let before = tree(&project.root());
    let mut pty = project.terminal(&["run", "plan.md", "--until", "1.1"]);
    pty.answer("send the prompt? ›", 0);
    pty.answer("write these files? ›", 0);
    pty.answer("write it? ›", 0);
    pty.answer("run this check? ›", 0);
    confirm_step(&mut pty, "1.1");
    assert_eq!(pty.end(), 0, "{}", pty.text());
    let ran = project.run(&["run", "plan.md", "--unattended"]);
    assert_eq!(ran.code, 6, "{}", ran.err);
    let said = "what the repository says of itself is left aside: ROOT/stepgate.toml:1:10";
    for args in [&["log", "plan.md"][..], &["log", "plan.md", "1.1", "--why"]] {
        let ran = project.run(args);
        assert_eq!(ran.code, 0, "{}", ran.err);
        assert!(ran.err.contains(said) && !ran.out.is_empty(), "{}", ran.err);
    }
    let ran = project.run(&ROLLBACK);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(ran.err.contains(said), "{}", ran.err);
    let mut after = tree(&project.root());
    let plan = after.insert("plan.md".to_owned(), before["plan.md"].clone());
    assert!(!plan.unwrap().1.contains("[x]"));
    assert_eq!(after, before);
}

#[test]
fn where_one_of_several_steps_is_refused_those_before_it_are_named() {
    let project = done_until("1.2", small_mock());
    project.write("one.txt", "mine\n");
    let ran = project.run(&["rollback", "plan.md", "--last=2", "--unattended"]);
    assert_eq!(
        (ran.code, ran.err.as_str()),
        (
            11,
            "  ✓ step 1.2 is rolled back: 1 file put back, 2 boxes unticked\n\
             error[tree-changed]: step 1.1 cannot be rolled back unasked: `one.txt`: somebody changed it since\n\
             note: one file that is not as the step left it\n\
             help: no file of step 1.1 was touched; run at a terminal to decide file by file\n\
             help: step 1.2 was rolled back before it\n"
        )
    );
    assert_eq!(project.read("one.txt"), "mine\n");
    assert!(!project.root().join("two.txt").exists());
}
