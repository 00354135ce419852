//! What an agent did is rolled back, also where nobody said that it stays: the tree is as it was.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};

use super::fixture::with_agent;
use super::support::project::Project;
use super::support::pty::{DOWN, ENTER};
use super::support::repository::{commit_all, git};
use super::support::tree::tree;

const RUN: &str = "run this program? ›";
const KEEP: &str = "keep what the agent did? ›";
const CHECK: &str = "run this check? ›";
const ROLL_BACK: [&str; 4] = ["rollback", "plan.md", "1.1", "--unattended"];
const RUN_UNASKED: [&str; 3] = ["run", "plan.md", "--unattended"];

/// An agent that changes whatever can be changed.
const BUSY: &str = r#"cat >/dev/null
echo one >one.txt
echo more >>tracked.txt
chmod 755 tracked.txt
rm gone.txt
echo more >>ignored.log
mkdir -p new/deep; echo x >new/deep/file
rm -r folder; echo 'no folder' >folder
rm file; mkdir -p file/in; echo y >file/in/it
rm -r leads; mkdir leads; echo z >leads/here
echo odd >>'co:lon'; echo odd >'~tilde'; echo odd >'back\slash'; echo odd >"new
line""#;

/// A repository with files of all kinds, and an agent.
fn project(script: &str) -> Project {
    let mut project = with_agent(script);
    // A long difference is printed, and waits for no key.
    project.set("PAGER", "cat");
    project.write(".gitignore", "*.log\n*.big\n");
    for (path, text) in [
        ("tracked.txt", "a\r\nb"),
        ("gone.txt", "gone\n"),
        ("folder/a", "a\n"),
        ("folder/deep/b", "b\n"),
        ("file", "a file\n"),
        ("co:lon", "colon\n"),
        ("ignored.log", "ignored\n"),
    ] {
        project.write(path, text);
    }
    fs::set_permissions(project.root().join("folder/a"), fs::Permissions::from_mode(0o750)).unwrap();
    symlink("folder", project.root().join("leads")).unwrap();
    commit_all(&project);
    project
}

type Tree = BTreeMap<String, (u32, String)>;

/// The tree without the plan, of which the header moves on with the ticks.
fn rest(project: &Project) -> Tree {
    let mut rest = tree(&project.root());
    rest.remove("plan.md");
    rest
}

/// Rolls the step back without a question, and compares.
fn assert_rolled_back(project: &Project, before: &Tree, when: &str) {
    let ran = project.run(&ROLL_BACK);
    assert_eq!(ran.code, 0, "{when}: {}", ran.err);
    assert_eq!(&rest(project), before, "{when}: {}", ran.err);
    assert!(!project.read("plan.md").contains("[x]"), "{when}");
    let again = project.run(&ROLL_BACK);
    assert_eq!(
        (again.code, &rest(project)),
        (0, before),
        "{when}, again: {}",
        again.err
    );
}

/// Kills a session at each point of an agent's step, with this answer to what becomes of its work.
fn killed_everywhere(kept: &str, least: usize) {
    let first = format!("{DOWN}{ENTER}");
    let quit = "\u{1b}";
    for at in 1.. {
        let project = project(BUSY);
        let before = rest(&project);
        let rules = [
            (RUN, first.as_str()),
            (KEEP, kept),
            (CHECK, &first),
            (
                "which criteria did you verify? (space ticks, a ticks all, enter goes on) ›",
                "a\r",
            ),
            (
                "which tasks are complete? (space ticks, a ticks all, enter goes on) ›",
                "a\r",
            ),
            ("is step 1.1 done? ›", &first),
            ("what now? ›", quit),
        ];
        let at_point = at.to_string();
        let args = ["run", "plan.md", "--until", "1.1"];
        let mut pty = project.terminal_with(&args, Some(("STEPGATE_CRASH_AT", &at_point)));
        // Once everything is put back, the prompt is offered again: that is the end of this test.
        let mut rules = rules.to_vec();
        if kept != first {
            rules.retain(|(question, _)| *question != RUN);
            pty.answer_unless_it_ends(RUN, &first);
            rules.push((RUN, quit));
        }
        pty.drive(&rules);
        let code = pty.end();
        if kept != first && at % 2 == 0 {
            // The next session shows what is left of the agent's work, and nothing of ours that lies beside it.
            let keep = [
                (KEEP, first.as_str()),
                (RUN, quit),
                (CHECK, quit),
                ("then come back ›", quit),
            ];
            let mut pty = project.terminal(&args);
            pty.drive(&keep);
            pty.end();
            let ours = rest(&project)
                .into_keys()
                .find(|path| path.contains(".stepgate-"));
            assert_eq!(ours, None, "after a kill at point {at}");
        }
        assert_rolled_back(&project, &before, &format!("after a kill at point {at}"));
        if code == 0 || code == 4 {
            assert!(at > least, "only {at} points");
            return;
        }
    }
}

#[test]
fn after_a_kill_at_any_point_of_a_step_whose_work_is_kept() {
    killed_everywhere(&format!("{DOWN}{ENTER}"), 20);
}

#[test]
fn after_a_kill_at_any_point_of_a_step_whose_work_is_put_back() {
    killed_everywhere(&format!("{}{ENTER}", DOWN.repeat(4)), 20);
}

#[test]
fn work_that_nobody_kept_is_rolled_back() {
    // A person leaves at the question.
    let left = project(BUSY);
    let before = rest(&left);
    let mut pty = left.terminal(&["run", "plan.md"]);
    pty.answer(RUN, 0);
    pty.answer(KEEP, 4);
    assert_eq!(pty.end(), 4, "{}", pty.text());
    assert_ne!(rest(&left), before);
    assert_rolled_back(&left, &before, "left");

    // The agent fails, and nobody is asked.
    let failed = project(&format!("{BUSY}\nexit 3"));
    let before = rest(&failed);
    let ran = failed.run(&RUN_UNASKED);
    assert_eq!(ran.code, 12, "{}", ran.err);
    assert!(
        ran.err.contains("`stepgate rollback` puts it back, too"),
        "{}",
        ran.err
    );
    let ran = failed.run(&["rollback", "plan.md", "--last", "1", "--unattended"]);
    assert_eq!((ran.code, rest(&failed)), (0, before), "{}", ran.err);
    assert!(ran.err.contains("step 1.1 is rolled back: "), "{}", ran.err);
    let ran = failed.run(&["rollback", "plan.md", "--last", "1", "--unattended"]);
    assert!(
        ran.err.contains("no step was worked on that is not rolled back"),
        "{}",
        ran.err
    );

    // It made a link, which only a person may keep.
    let linked = project(&format!("{BUSY}\nrm -r new; ln -s /etc new"));
    let before = rest(&linked);
    assert_eq!(linked.run(&RUN_UNASKED).code, 5);
    assert_rolled_back(&linked, &before, "linked");
}

#[test]
fn a_second_attempt_that_nobody_kept_goes_with_the_first() {
    let project = project(
        "cat >/dev/null\nif [ -e one.txt ]; then echo two >two.txt; rm -r file; echo z >file; fi\n\
         echo no >>one.txt; rm -f gone.txt; [ -d file ] || [ -e two.txt ] || { rm file; mkdir file; echo y >file/it; }",
    );
    let before = rest(&project);
    let mut pty = project.terminal(&["run", "plan.md"]);
    pty.answer(RUN, 0);
    pty.answer(KEEP, 0);
    pty.answer(CHECK, 0);
    pty.answer("the check did not pass; what now? ›", 0);
    pty.wait_for("a note for the model (may be empty)");
    pty.keys(ENTER);
    pty.answer(RUN, 0);
    pty.answer(KEEP, 4);
    assert_eq!(pty.end(), 4, "{}", pty.text());
    assert!(project.root().join("two.txt").exists());
    assert_rolled_back(&project, &before, "two attempts");
}

#[test]
fn what_a_person_did_after_the_agent_ended_is_theirs() {
    let project = project(&format!("{BUSY}\nexit 3"));
    assert_eq!(project.run(&RUN_UNASKED).code, 12);
    project.write("tracked.txt", "mine\n");
    project.write("mine.txt", "mine\n");
    let after = rest(&project);
    let ran = project.run(&ROLL_BACK);
    assert_eq!((ran.code, rest(&project)), (11, after), "{}", ran.err);
    assert!(
        ran.err.contains("`tracked.txt`: somebody changed it since"),
        "{}",
        ran.err
    );
    let mut pty = project.terminal(&["rollback", "plan.md", "1.1"]);
    pty.wait_for("also touched since the step began");
    pty.wait_for("- mine.txt");
    pty.answer("tracked.txt: put it back all the same? ›", 0);
    pty.answer("roll back step 1.1? ›", 0);
    assert_eq!(pty.end(), 0, "{}", pty.text());
    assert_eq!(project.read("tracked.txt"), "mine\n");
    assert_eq!(project.read("mine.txt"), "mine\n");
    assert_eq!(project.read("folder/deep/b"), "b\n");
    assert_eq!(project.read("file"), "a file\n");
}

#[test]
fn a_file_that_became_a_folder_is_put_back_at_the_gate() {
    let project = project(BUSY);
    let before = rest(&project);
    let mut pty = project.terminal(&["run", "plan.md"]);
    pty.answer(RUN, 0);
    pty.answer(KEEP, 3);
    pty.wait_for(" files are as before");
    pty.answer(RUN, 4);
    assert_eq!(pty.end(), 4, "{}", pty.text());
    assert_eq!(rest(&project), before);
}

#[test]
fn one_side_of_a_swap_takes_the_other_along() {
    let project =
        project("cat >/dev/null\nrm file; mkdir file; echo y >file/it; rm -r folder; echo x >folder");
    let before = rest(&project);
    let mut pty = project.terminal(&["run", "plan.md"]);
    pty.answer(RUN, 0);
    pty.answer(KEEP, 2);
    pty.wait_for("put which back? (space ticks, a ticks all, enter goes on) ›");
    // In the order of the paths: file, file/it, folder, folder/a, folder/deep/b. The first, and the fourth.
    pty.keys(&format!(" {} {ENTER}", DOWN.repeat(3)));
    pty.wait_for("4 files are as before");
    pty.answer(KEEP, 4);
    assert_eq!(pty.end(), 4, "{}", pty.text());
    let mut left = rest(&project);
    assert_eq!(left.remove("folder/deep/b"), None);
    let mut expected = before;
    expected.remove("folder/deep/b");
    expected.remove("folder/deep");
    assert_eq!(left, expected);
}

#[test]
fn a_rollback_of_swaps_survives_a_kill_at_any_point() {
    for at in 1.. {
        let project = project(&format!("{BUSY}\nexit 3"));
        let before = rest(&project);
        assert_eq!(project.run(&RUN_UNASKED).code, 12);
        let mut command = project.command(&ROLL_BACK);
        command.env("STEPGATE_CRASH_AT", at.to_string());
        let output = command.output().unwrap();
        if output.status.code().is_none() {
            let mut again = project.command(&ROLL_BACK);
            again.env("STEPGATE_CRASH_AT", (1 + (at * 7) % 23).to_string());
            again.output().unwrap();
        }
        assert_rolled_back(&project, &before, &format!("after a kill at point {at}"));
        if output.status.code().is_some() {
            assert!(at > 30, "only {at} points");
            return;
        }
    }
}

#[test]
fn somebody_elses_file_in_a_folder_of_the_agent_stays() {
    let project = project("cat >/dev/null\nrm file; mkdir file; echo y >file/it\nexit 3");
    assert_eq!(project.run(&RUN_UNASKED).code, 12);
    project.write("file/mine", "mine\n");
    let after = rest(&project);
    let ran = project.run(&ROLL_BACK);
    assert_eq!((ran.code, rest(&project)), (11, after), "{}", ran.err);
    assert!(
        ran.err.contains("`file` is something else now, and stays"),
        "{}",
        ran.err
    );
}

#[test]
fn what_cannot_be_put_back_is_named_and_is_no_success() {
    let big = "dd if=/dev/zero of=a.big bs=1M count=17 2>/dev/null";
    let script = format!("cat >/dev/null; echo one >one.txt; {big}; mkfifo pipe; echo '~' >'~tilde'");
    let project = project(&script);
    let before = rest(&project);
    let ran = project.run(&["run", "plan.md", "--unattended", "--until", "1.1", "--commit"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let told = "not in the commit of step 1.1: `a.big` (it has more than 16 MiB), `pipe` (it is no file)";
    assert!(ran.err.contains(told), "{}", ran.err);
    let names = git(&project, &["show", "--format=", "--name-only", "HEAD"]);
    assert_eq!(names, "one.txt\nplan.md\n~tilde\n");
    let ran = project.run(&ROLL_BACK);
    assert_eq!(ran.code, 9, "{}", ran.err);
    for told in [
        "`a.big` stays as it is: it has more than 16 MiB",
        "`pipe` stays as it is: it is no file",
    ] {
        assert!(ran.err.contains(told), "{}", ran.err);
    }
    let mut after = tree_without_pipe(&project);
    assert!(after.remove("a.big").is_some());
    assert_eq!(after, before, "all the rest is put back");
}

/// As [`rest`], where a fifo would not be read to its end.
fn tree_without_pipe(project: &Project) -> Tree {
    fs::remove_file(project.root().join("pipe")).unwrap();
    rest(project)
}

#[test]
fn a_plan_that_was_ticked_by_one_that_was_cut_off_comes_first() {
    let script = "cat >/dev/null; sed -i 's/\\[ \\]/[x]/' plan.md; echo one >one.txt; kill -9 $PPID";
    let project = project(script);
    let before = rest(&project);
    let mut command = project.command(&RUN_UNASKED);
    assert_eq!(command.output().unwrap().status.code(), None);
    let ran = project.run(&ROLL_BACK);
    assert_eq!(ran.code, 5, "{}", ran.err);
    assert!(ran.err.contains("the plan was changed since"), "{}", ran.err);
    let mut pty = project.terminal(&["rollback", "plan.md", "1.1"]);
    pty.answer("what becomes of the plan? ›", 0);
    pty.wait_for("an agent was cut off: all that is other in the tree since it was started");
    pty.answer("roll back step 1.1? ›", 0);
    assert_eq!(pty.end(), 0, "{}", pty.text());
    assert_eq!(rest(&project), before);
    assert!(super::fixture::is_untouched(&project));
}
