//! A check whose shell ends with 0 although a command of it did not: a person decides, and nobody else.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "what helps a test may fail like a test"
)]

mod support;

use support::project::{Project, SMALL, reply_with};
use support::repository::{commit_all, git, without_git};
use support::walk::walk_step;

const DOUBT: &str = "passed, but plan line 27 exited with 1";

/// A step whose check looks for a word that the reply does not have, and goes on.
fn project(check: &str) -> Project {
    let project = Project::new();
    project.write("plan.md", SMALL.replace("grep -q one one.txt", check));
    project.mock(&[("1.1", &reply_with("one.txt", "one"))]);
    project
}

#[test]
fn nothing_is_ticked_unattended() {
    for check in [
        "grep -q three one.txt && echo 'three is there'\ntest -f one.txt",
        "[ -d one.txt ] && echo 'a folder'\ntest -f one.txt",
        "! grep -q one one.txt\ntest -f one.txt",
        "cd none 2>/dev/null && sh test.sh\ntest -f one.txt",
    ] {
        let project = project(check);
        let before = project.read("plan.md");
        for _ in 0..2 {
            // Neither at once nor when it goes on later, from the check's result that is on record.
            let ran = project.run(&["run", "plan.md", "--unattended", "--attest", "--until", "1.1"]);
            assert_eq!(ran.code, 5, "{}", ran.err);
            let said = "error[check-in-doubt]: whether the check of step 1.1 passed is in doubt: \
                        its shell ended with 0, but plan line 27 exited with 1\n";
            assert!(ran.err.contains(said), "{}", ran.err);
            assert!(
                ran.err.contains(", but plan line 27 exited with 1\n"),
                "{}",
                ran.err
            );
            assert_eq!(project.read("plan.md"), before);
        }
        let ran = project.run(&["check", "plan.md", "1.1", "--unattended"]);
        assert_eq!(ran.code, 5, "{}", ran.err);
    }
}

#[test]
fn what_is_handled_on_purpose_passes() {
    let check = "if grep -q three one.txt; then exit 1; fi\n\
                 grep -q three one.txt || echo none\n\
                 grep -q three one.txt && exit 1\n\
                 [ -f none ] && rm none\n\
                 while grep -q three one.txt; do sleep 1; done\n\
                 set +e\ngrep -q three one.txt\ncode=$?\nset -e\ntest $code -eq 1\n\
                 test -f one.txt && echo ok";
    let project = project(check);
    let ran = project.run(&["run", "plan.md", "--unattended", "--until", "1.1"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(ran.err.contains("✓ check passed"), "{}", ran.err);
}

#[test]
fn a_person_may_look_and_decide_on_record() {
    if without_git("a_person_may_look_and_decide_on_record") {
        return;
    }
    let project = project("grep -q three one.txt && echo 'three is there'\ntest -f one.txt");
    commit_all(&project);
    let mut pty = project.terminal(&["run", "plan.md", "--until", "1.1", "--commit"]);
    walk_step(&mut pty, "1.1");
    assert_eq!(pty.end(), 0, "{}", pty.text());
    let text = pty.text();
    assert!(
        text.contains("line 1: where the command before `&&` fails, the check goes on and can end with 0"),
        "{text}"
    );
    assert!(
        text.contains("! check passed in ") && text.contains(", but plan line 27 exited with 1"),
        "{text}"
    );
    let why = project.run(&["log", "plan.md", "1.1", "--why"]).out;
    assert!(why.contains(&format!("check   {DOUBT} at ")), "{why}");
    assert!(why.contains("tester confirmed it"), "{why}");
    let message = git(&project, &["log", "-1", "--format=%B"]);
    let trailer = format!("Stepgate-Check: {DOUBT}; confirmed by tester\n");
    assert!(message.contains(&trailer), "{message}");

    let ran = project.run(&["check", "plan.md", "--done", "--unattended"]);
    assert_eq!(ran.code, 4, "{}", ran.err);
    assert!(ran.err.contains("✗ step 1.1 no longer holds"), "{}", ran.err);
    let log = project.run(&["log", "plan.md", "1.1"]).out;
    let last = log.lines().last().unwrap();
    assert!(
        last.ends_with(&format!("checked again: it no longer holds: {DOUBT}")),
        "{log}"
    );
}
