//! A check whose shell ends with 0 although a command of it did not: a person decides, and nobody else.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "what helps a test may fail like a test"
)]

mod support;

use std::fs;

use serde_json::Value;
use support::project::{Project, SMALL, reply_with};
use support::repository::{commit_all, git, without_git};
use support::walk::{confirm_step, walk_step};

const DOUBT: &str = "passed, but plan line 27 exited with 1";

/// A step whose check looks for a word that the reply does not have, and goes on.
fn project(check: &str) -> Project {
    let project = Project::new();
    project.write("plan.md", SMALL.replace("grep -q one one.txt", check));
    project.mock(&[
        ("1.1", &reply_with("one.txt", "one")),
        ("1.2", &reply_with("two.txt", "two")),
    ]);
    project
}

/// Two commands that the check may go past: a person confirmed that it went past the first.
const TWO: &str = "grep -q three one.txt && echo three\ngrep -q one one.txt && echo one\ntest -f one.txt";

fn confirmed() -> Project {
    let project = project(TWO);
    let mut pty = project.terminal(&["run", "plan.md", "--until", "1.1"]);
    walk_step(&mut pty, "1.1");
    assert_eq!(pty.end(), 0, "{}", pty.text());
    project
}

/// Takes from the journal what records did not have before doubts were known.
fn of_before_doubts(project: &Project) {
    let folders = fs::read_dir(project.state()).unwrap();
    let journals = folders.map(|folder| folder.unwrap().path().join("journal"));
    for journal in journals.filter(|path| path.exists()) {
        let older = |line: &str| {
            let mut entry: Value = serde_json::from_str(line.split_once(' ').unwrap().1).unwrap();
            if let Some(check) = entry.get_mut("check").and_then(Value::as_object_mut) {
                check.remove("doubts");
                check.insert("outcome".to_owned(), "passed".into());
                for command in check["commands"].as_array_mut().unwrap() {
                    command.as_object_mut().unwrap().remove("ran");
                }
            }
            let json = entry.to_string();
            format!("{:08x} {json}\n", crc32fast::hash(json.as_bytes()))
        };
        let lines: String = fs::read_to_string(&journal).unwrap().lines().map(older).collect();
        assert!(
            lines.contains("\"checked\"") && !lines.contains("doubts"),
            "{lines}"
        );
        fs::write(journal, lines).unwrap();
    }
}

#[test]
fn nothing_is_ticked_unattended() {
    for check in [
        "grep -q three one.txt && echo 'three is there'\ntest -f one.txt",
        "[ -d one.txt ] && echo 'a folder'\ntest -f one.txt",
        "! grep -q one one.txt\ntest -f one.txt",
        "cd none 2>/dev/null && sh test.sh\ntest -f one.txt",
        "grep -q three one.txt && X=1 sh test.sh\ntest -f one.txt",
        "grep -q three one.txt && exit 0\necho on",
        "grep -q three one.txt && echo ok\nf() { true; }\nf",
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
                 [ -n \"$NONE\" ] && echo none\n\
                 [ -f .env ] && set -a && . .env && set +a\n\
                 grep -q three one.txt && { echo found; exit 1; }\n\
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
}

#[test]
fn what_a_person_confirmed_in_doubt_still_holds() {
    let project = confirmed();
    let before = project.read("plan.md");
    let ran = project.run(&["check", "plan.md", "--done", "--untick", "--unattended"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let said = "  ✓ step 1.1 still holds, as it did when it was confirmed\n";
    assert!(ran.err.contains(said), "{}", ran.err);
    assert_eq!(project.read("plan.md"), before);
    let last = |project: &Project| {
        let log = project.run(&["log", "plan.md", "1.1"]).out;
        log.lines().last().unwrap().to_owned()
    };
    let said = format!("checked again: it still holds: {DOUBT}");
    assert!(last(&project).ends_with(&said), "{}", last(&project));
    let why = project.run(&["log", "plan.md", "1.1", "--why"]).out;
    assert!(why.contains("later   still held at "), "{why}");
    let ran = project.run(&["run", "plan.md", "--regress", "--unattended"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(!project.read("plan.md").contains("[ ]"));
}

#[test]
fn doubts_of_each_block_are_told_apart() {
    let project = project(
        "if test -f one.txt; then\n  exit 0\nfi\ntest -f none\n```\n\n```bash\n# one\n# two\n# three\n# four\n\
         # five\ngrep -q four one.txt && echo four\ntest -f one.txt",
    );
    let mut pty = project.terminal(&["run", "plan.md", "--until", "1.1"]);
    walk_step(&mut pty, "1.1");
    assert_eq!(pty.end(), 0, "{}", pty.text());
    assert!(
        pty.text()
            .contains("but plan line 30 was not run and plan line 39 exited with 1"),
        "{}",
        pty.text()
    );
    let ran = project.run(&["check", "plan.md", "--done", "--unattended"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
}

#[test]
fn a_doubt_that_is_new_unticks_nothing() {
    let project = confirmed();
    let before = project.read("plan.md");
    // The same command is gone past, and another one too.
    project.write("one.txt", "two\n");
    let ran = project.run(&["check", "plan.md", "--done", "--untick", "--unattended"]);
    assert_eq!(ran.code, 5, "{}", ran.err);
    for part in [
        "  ! step 1.1 is in doubt\n",
        "± one.txt",
        "error[check-in-doubt]: whether a finished step still holds is in doubt, for 1 of 1: step 1.1\n",
    ] {
        assert!(ran.err.contains(part), "`{part}` is not in:\n{}", ran.err);
    }
    assert!(!ran.err.contains("no longer hold"), "{}", ran.err);
    assert_eq!(project.read("plan.md"), before);
    let ran = project.run(&["check", "plan.md", "--done", "--unattended", "--json"]);
    let rechecked = ran
        .out
        .lines()
        .find(|line| line.contains("\"rechecked\""))
        .unwrap();
    let event: Value = serde_json::from_str(rechecked).unwrap();
    assert_eq!(
        (&event["holds"], &event["doubtful"]),
        (&false.into(), &true.into())
    );
    let why = project.run(&["log", "plan.md", "1.1", "--why"]).out;
    assert!(why.contains("later   in doubt at "), "{why}");
    let ran = project.run(&["run", "plan.md", "--regress", "--unattended"]);
    assert_eq!(ran.code, 5, "{}", ran.err);
    let said = "error[check-in-doubt]: step 1.2 stands on what is in doubt: step 1.1\n";
    assert!(ran.err.contains(said), "{}", ran.err);
    assert_eq!(project.read("plan.md"), before);
}

#[test]
fn who_goes_on_in_doubt_confirms_it() {
    let project = confirmed();
    project.write("one.txt", "two\n");
    let mut pty = project.terminal(&["run", "plan.md", "--regress", "--until", "1.2"]);
    pty.answer("before step 1.2: run this check again? ›", 0);
    pty.wait_for(
        "step 1.1 is in doubt: passed, but plan line 27 exited with 1 and plan line 28 exited with 1",
    );
    pty.answer("step 1.2 stands on what is in doubt; what now? ›", 0);
    walk_step(&mut pty, "1.2");
    assert_eq!(pty.end(), 0, "{}", pty.text());
    let log = project.run(&["log", "plan.md"]).out;
    assert!(
        log.contains("tester goes on although step 1.1 is in doubt"),
        "{log}"
    );
    let ran = project.run(&["check", "plan.md", "--done", "--unattended"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    // What is unticked is confirmed no longer.
    let ran = project.run(&["untick", "plan.md", "1.1"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let ran = project.run(&["tick", "plan.md", "1.1"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let ran = project.run(&["check", "plan.md", "--done", "--unattended"]);
    assert_eq!(ran.code, 5, "{}", ran.err);
}

#[test]
fn a_step_of_before_doubts_were_known_holds_as_it_did() {
    let project = confirmed();
    of_before_doubts(&project);
    let before = project.read("plan.md");
    let ran = project.run(&["check", "plan.md", "--done", "--untick", "--unattended"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert_eq!(project.read("plan.md"), before);
    let why = project.run(&["log", "plan.md", "1.1", "--why"]).out;
    let said = "check   passed, but line 1 of the check exited with 1 at ";
    assert!(why.contains(said), "{why}");
    project.write("one.txt", "two\n");
    let ran = project.run(&["check", "plan.md", "--done", "--untick", "--unattended"]);
    assert_eq!(ran.code, 5, "{}", ran.err);
    assert_eq!(project.read("plan.md"), before);
}

#[test]
fn a_result_of_before_doubts_were_known_is_in_doubt_by_its_commands() {
    for (check, doubt) in [
        (TWO, "line 1 of the check exited with 1"),
        (
            "if test -f one.txt; then\n  exit 0\nfi\ntest -f none",
            "line 4 of the check was not run",
        ),
    ] {
        let project = project(check);
        let ran = project.run(&["run", "plan.md", "--unattended", "--until", "1.1"]);
        assert_eq!(ran.code, 5, "{}", ran.err);
        of_before_doubts(&project);
        let mut pty = project.terminal(&["run", "plan.md", "--until", "1.1"]);
        pty.wait_for(&format!(": passed, but {doubt}"));
        pty.answer("does that still hold? ›", 0);
        confirm_step(&mut pty, "1.1");
        assert_eq!(pty.end(), 0, "{}", pty.text());
    }
}

#[test]
fn in_ones_own_terminal_commands_are_not_told_apart() {
    let project = project(TWO);
    let mut pty = project.terminal(&["run", "plan.md", "--until", "1.1"]);
    pty.answer("send the prompt? ›", 0);
    pty.answer("write these files? ›", 0);
    pty.answer("run this check? ›", 2);
    pty.wait_for("check passed (in your terminal: only how it ended is known, not each command)");
    confirm_step(&mut pty, "1.1");
    assert_eq!(pty.end(), 0, "{}", pty.text());
    let why = project.run(&["log", "plan.md", "1.1", "--why"]).out;
    assert!(
        why.contains("in the person's own terminal, where only how it ended is known"),
        "{why}"
    );
}
