//! `kill -9` while an agent works, and between any two acts around it: it is never started again unasked.

use std::fs;

use super::fixture::{GOOD, is_ticked, is_untouched, left, with_agent};
use super::support::project::{Project, SMALL};
use super::support::pty::{DOWN, ENTER};
use super::support::repository::commit_all;
use super::support::walk::confirm_step;

const RUN: &str = "run this program? ›";
const KEEP: &str = "keep what the agent did? ›";
const CHECK: &str = "run this check? ›";

/// Changes the tree, then waits to be told to end.
const SLOW: &str = r#"cat >/dev/null
echo run >>"$HOME/runs"
echo one >one.txt
echo $$ >"$HOME/own"
echo begun
while ! test -e "$HOME/go"; do sleep 0.02; done"#;

/// A session that is killed while the agent works; the agent is then let go to its end.
fn killed(script: &str) -> Project {
    let project = with_agent(script);
    commit_all(&project);
    let mut pty = project.terminal(&["run", "plan.md", "--until", "1.1"]);
    pty.answer(RUN, 0);
    pty.wait_for("│ begun");
    // Past the library of the terminal, which would ask it to end first.
    let pid = nix::unistd::Pid::from_raw(pty.pid().try_into().unwrap());
    nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGKILL).unwrap();
    pty.end();
    fs::write(project.home().join("go"), "").unwrap();
    assert!(super::fixture::is_gone(&project, "own"));
    project
}

#[test]
fn the_work_of_one_that_was_cut_off_is_kept() {
    let project = killed(SLOW);
    let ran = project.run(&["run", "plan.md", "--unattended"]);
    assert_eq!(ran.code, 5, "{}", ran.err);
    assert!(
        ran.err
            .contains("the agent `helper` was cut off while it worked on step 1.1"),
        "{}",
        ran.err
    );
    let mut pty = project.terminal(&["run", "plan.md", "--until", "1.1"]);
    pty.wait_for("resumed attempt 1: an agent was working on it");
    pty.wait_for("helper was started at ");
    pty.wait_for("+one");
    pty.answer(KEEP, 0);
    pty.answer(CHECK, 0);
    confirm_step(&mut pty, "1.1");
    assert_eq!(pty.end(), 0, "{}", pty.text());
    assert_eq!(left(&project, "runs"), "run\n");
}

#[test]
fn the_work_of_one_that_was_cut_off_is_put_back() {
    let project = killed(SLOW);
    let mut pty = project.terminal(&["run", "plan.md", "--until", "1.1"]);
    pty.answer(KEEP, 3);
    pty.wait_for("1 file is as before");
    // Only now can it be run again, and only on consent.
    pty.answer(RUN, 4);
    assert_eq!(pty.end(), 4, "{}", pty.text());
    assert!(!project.root().join("one.txt").exists());
    assert!(is_untouched(&project));
    assert_eq!(left(&project, "runs"), "run\n");
}

#[test]
fn a_plan_that_was_ticked_by_one_that_was_cut_off_is_not_believed() {
    let ticking = format!("sed -i 's/\\[ \\]/[x]/' plan.md\n{SLOW}");
    let project = killed(&ticking);
    let ran = project.run(&["run", "plan.md", "--unattended"]);
    assert_eq!(ran.code, 5, "{}", ran.err);
    assert!(ran.err.contains("the plan was changed since"), "{}", ran.err);
    let mut pty = project.terminal(&["run", "plan.md", "--until", "1.1"]);
    pty.wait_for("+- [x] Write one");
    pty.answer("what becomes of the plan? ›", 0);
    pty.wait_for("the plan is put back as it was before the agent ran");
    assert_eq!(project.read("plan.md"), SMALL);
    pty.answer(KEEP, 4);
    assert_eq!(pty.end(), 4, "{}", pty.text());
}

#[test]
fn a_kill_at_any_point_loses_nothing_and_runs_nothing_unasked() {
    let mut killed = 0;
    for at in 1.. {
        let project = with_agent(&format!("echo run >>\"$HOME/runs\"\n{GOOD}"));
        let first = format!("{DOWN}{ENTER}");
        let rules = [
            (RUN, first.as_str()),
            (KEEP, &first),
            (CHECK, &first),
            ("the check did not pass; what now? ›", &first),
            ("a note for the model (may be empty)", ENTER),
            ("does that still hold? ›", &first),
            ("make the changes in the tree, then come back ›", &first),
            (
                "which criteria did you verify? (space ticks, a ticks all, enter goes on) ›",
                "a\r",
            ),
            (
                "which tasks are complete? (space ticks, a ticks all, enter goes on) ›",
                "a\r",
            ),
            ("is step 1.1 done? ›", &first),
            ("is step 1.2 done? ›", &first),
        ];
        let at_point = at.to_string();
        let mut pty = project.terminal_with(&["run", "plan.md"], Some(("STEPGATE_CRASH_AT", &at_point)));
        let mut consents = pty.drive(&rules)[0];
        if pty.end() == 0 {
            assert!(is_ticked(&project));
            break;
        }
        killed += 1;
        let mut pty = project.terminal(&["run", "plan.md"]);
        consents += pty.drive(&rules)[0];
        assert_eq!(pty.end(), 0, "after a kill at {at}: {}", pty.text());
        assert!(is_ticked(&project), "after a kill at {at}");
        let runs = left(&project, "runs").lines().count();
        assert!(
            runs <= consents,
            "after a kill at {at}: {runs} runs, {consents} consents"
        );
        assert_eq!(
            (project.read("one.txt"), project.read("two.txt")),
            ("one\n".to_owned(), "two\n".to_owned())
        );
    }
    assert!(killed > 20, "only {killed} points");
}
