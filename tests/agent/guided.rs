//! At a terminal: a person sees which program runs, and decides what becomes of its work.

use super::fixture::{GOOD, configure, is_gone, is_ticked, is_untouched, left, with_agent};
use super::support::project::Project;
use super::support::pty::{CTRL_C, DOWN, ENTER};
use super::support::repository::commit_all;
use super::support::walk::confirm_step;

const RUN: &str = "run this program? ›";
const KEEP: &str = "keep what the agent did? ›";
const CHECK: &str = "run this check? ›";
const PROGRAM_QUIT: usize = 4;
const CHECK_QUIT: usize = 4;

#[test]
fn a_plan_is_carried_out() {
    let project = with_agent(GOOD);
    commit_all(&project);
    let mut pty = project.terminal(&["run", "plan.md"]);
    for step in ["1.1", "1.2"] {
        pty.wait_for("this program will run with your rights in ");
        pty.wait_for("stepgate cannot keep it from anything:");
        pty.wait_for("/home/agent");
        pty.wait_for("it gets the prompt on its standard input, and is ended after 1800 s");
        pty.answer(&format!("step {step}: {RUN}"), 0);
        pty.wait_for("│ done as asked");
        pty.wait_for("✓ the agent ended with exit code 0 in ");
        pty.wait_for("+1 −0");
        pty.wait_for("+++ b/");
        pty.answer(&format!("step {step}: {KEEP}"), 0);
        pty.answer(CHECK, 0);
        confirm_step(&mut pty, step);
    }
    assert_eq!(pty.end(), 0, "{}", pty.text());
    assert!(is_ticked(&project));
}

#[test]
fn nothing_runs_without_consent() {
    let project = with_agent(&format!("touch \"$HOME/ran\"\n{GOOD}"));
    let mut pty = project.terminal(&["run", "plan.md"]);
    pty.answer(RUN, PROGRAM_QUIT);
    assert_eq!(pty.end(), 4);
    // By hand, too, it is the person's step.
    let mut pty = project.terminal(&["run", "plan.md"]);
    pty.answer(RUN, 3);
    pty.answer("make the changes in the tree, then come back ›", 0);
    pty.answer(CHECK, CHECK_QUIT);
    assert_eq!(pty.end(), 4);
    assert!(is_untouched(&project) && !project.home().join("ran").exists());
}

#[test]
fn a_program_that_went_before_the_consent_is_not_run() {
    let project = with_agent(GOOD);
    let mut pty = project.terminal(&["run", "plan.md"]);
    pty.wait_for(RUN);
    std::fs::remove_file(project.home().join("agent")).unwrap();
    pty.keys(&format!("{DOWN}{ENTER}"));
    assert_eq!(pty.end(), 12, "{}", pty.text());
    assert!(is_untouched(&project));
}

/// An agent that does more than it was asked for.
fn busy() -> Project {
    let project = with_agent(&format!(
        "{GOOD}\necho mine >undeclared.txt; echo 'all: evil' >Makefile; rm old.txt; mkdir -p a/b; echo x >a/b/c"
    ));
    project.write("Makefile", "all:\n");
    project.write("old.txt", "old\n");
    project
}

#[test]
fn single_files_are_put_back() {
    let project = busy();
    let mut pty = project.terminal(&["run", "plan.md", "--until", "1.1"]);
    pty.answer(RUN, 0);
    pty.wait_for("undeclared.txt  +1 −0  new  not named by the step");
    pty.answer(KEEP, 2);
    pty.wait_for("put which back? (space ticks, a ticks all, enter goes on) ›");
    // In the order of the paths: Makefile, a/b/c, old.txt, one.txt, undeclared.txt.
    pty.keys(&format!("{} {ENTER}", DOWN.repeat(2)));
    pty.wait_for("1 file is as before");
    // What runs something is asked about by itself, and put back on its own.
    pty.answer(KEEP, 0);
    pty.answer("Makefile is a file of build: keep it? ›", 1);
    pty.answer(KEEP, 0);
    pty.answer(CHECK, 0);
    confirm_step(&mut pty, "1.1");
    assert_eq!(pty.end(), 0, "{}", pty.text());
    assert_eq!(project.read("Makefile"), "all:\n");
    assert_eq!(project.read("old.txt"), "old\n");
    assert_eq!(project.read("undeclared.txt"), "mine\n");
    assert_eq!(project.read("a/b/c"), "x\n");
    let log = project.run(&["log", "plan.md"]).out;
    assert!(log.contains("about to put back Makefile, said tester"), "{log}");
}

#[test]
fn everything_is_put_back_and_the_prompt_offered_again() {
    for git in [false, true] {
        let project = busy();
        if git {
            commit_all(&project);
        }
        let mut pty = project.terminal(&["run", "plan.md", "--until", "1.1"]);
        pty.answer(RUN, 0);
        pty.answer(KEEP, 3);
        pty.wait_for("5 files are as before");
        pty.answer(RUN, PROGRAM_QUIT);
        assert_eq!(pty.end(), 4, "{}", pty.text());
        let mut names: Vec<String> = std::fs::read_dir(project.root())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|name| name != ".git")
            .collect();
        names.sort();
        assert_eq!(names, ["Makefile", "old.txt", "plan.md", "stepgate.toml"]);
        assert_eq!(project.read("Makefile"), "all:\n");
        assert!(is_untouched(&project));
    }
}

#[test]
fn one_that_fails_is_asked_again_with_its_failure() {
    let project = with_agent(
        r#"cat >"$HOME/given"
echo "half of it" >>notes.txt
if grep -q "An earlier attempt failed" "$HOME/given"; then echo one >one.txt; exit 0; fi
echo "the compiler is missing" >&2
exit 3"#,
    );
    let mut pty = project.terminal(&["run", "plan.md", "--until", "1.1"]);
    pty.answer(RUN, 0);
    pty.wait_for("✗ the agent failed with exit code 3 in ");
    pty.answer(KEEP, 4);
    pty.wait_for("a note for the model (may be empty)");
    pty.keys(&format!("use the other one{ENTER}"));
    pty.answer(RUN, 0);
    pty.answer(KEEP, 0);
    pty.answer(CHECK, 0);
    confirm_step(&mut pty, "1.1");
    assert_eq!(pty.end(), 0, "{}", pty.text());
    let given = left(&project, "given");
    for text in [
        "This is attempt 2 at the step. The one before did not pass: the agent that worked on it did not end well",
        "How it ended: failed with exit code 3",
        "the compiler is missing",
        "use the other one",
    ] {
        assert!(given.contains(text), "no `{text}` in\n{given}");
    }
    // What it left of its first try was kept.
    assert_eq!(project.read("notes.txt"), "half of it\nhalf of it\n");
}

#[test]
fn a_step_of_an_agent_is_rolled_back_like_any_other() {
    let project = busy();
    let mut pty = project.terminal(&["run", "plan.md", "--until", "1.1"]);
    pty.answer(RUN, 0);
    pty.answer(KEEP, 0);
    pty.answer("Makefile is a file of build: keep it? ›", 0);
    pty.answer(CHECK, 0);
    confirm_step(&mut pty, "1.1");
    assert_eq!(pty.end(), 0, "{}", pty.text());
    assert_eq!(project.read("Makefile"), "all: evil\n");
    let mut pty = project.terminal(&["rollback", "plan.md", "1.1"]);
    pty.answer("roll back step 1.1? ›", 0);
    assert_eq!(pty.end(), 0, "{}", pty.text());
    assert_eq!(project.read("Makefile"), "all:\n");
    assert_eq!(project.read("old.txt"), "old\n");
    let root = project.root();
    assert!(
        !["one.txt", "undeclared.txt", "a"]
            .iter()
            .any(|name| root.join(name).exists())
    );
    assert!(project.read("plan.md").contains("- [ ] Write one"));
}

#[test]
fn ctrl_c_ends_all_of_it() {
    let project = with_agent(
        r#"cat >/dev/null
echo half >one.txt
sleep 600 & echo $! >"$HOME/child"
echo $$ >"$HOME/own"
echo begun
wait"#,
    );
    let mut pty = project.terminal(&["run", "plan.md"]);
    pty.answer(RUN, 0);
    pty.wait_for("│ begun");
    pty.keys(CTRL_C);
    assert_eq!(pty.end(), 130, "{}", pty.text());
    assert!(is_gone(&project, "child") && is_gone(&project, "own"));
    assert!(is_untouched(&project));
    let mut pty = project.terminal(&["run", "plan.md"]);
    pty.wait_for("resumed attempt 1: an agent has worked on it");
    pty.wait_for("helper interrupted");
    pty.wait_for("+half");
    pty.answer(KEEP, 3);
    pty.answer(RUN, PROGRAM_QUIT);
    assert_eq!(pty.end(), 4);
    assert!(!project.root().join("one.txt").exists());
}

#[test]
fn a_tree_that_changes_while_it_is_asked_about_is_shown_anew() {
    let project = with_agent(GOOD);
    let mut pty = project.terminal(&["run", "plan.md", "--until", "1.1"]);
    pty.answer(RUN, 0);
    pty.wait_for(KEEP);
    project.write("late.txt", "late\n");
    pty.keys(&format!("{DOWN}{ENTER}"));
    pty.wait_for("the tree changed while it was asked about: it is shown anew");
    pty.wait_for("+late");
    pty.answer(KEEP, 4);
    assert_eq!(pty.end(), 4);
}

#[test]
fn words_of_the_command_are_shown_as_they_are() {
    let project = with_agent(GOOD);
    let path = project.home().join("agent").display().to_string();
    configure(
        &project,
        &format!("command = [\"{path}\", \"two words\", \"\", \"-\", \"\\u001b[2J\"]\n"),
    );
    let mut pty = project.terminal(&["run", "plan.md"]);
    pty.wait_for("agent 'two words' '' - '\\u{1b}[2J'");
    pty.answer(RUN, PROGRAM_QUIT);
    assert_eq!(pty.end(), 4);
}

#[test]
fn one_that_changes_nothing_leaves_it_to_the_person() {
    let project = with_agent("cat >/dev/null; echo nothing to do");
    let mut pty = project.terminal(&["run", "plan.md", "--until", "1.1"]);
    pty.answer(RUN, 0);
    pty.wait_for("the agent changed no files");
    project.write("one.txt", "one\n");
    pty.wait_for("make the changes in the tree, then come back ›");
    pty.keys(&format!("{DOWN}{ENTER}"));
    // What came meanwhile is asked about like the rest.
    pty.answer(KEEP, 0);
    pty.answer(CHECK, 0);
    confirm_step(&mut pty, "1.1");
    assert_eq!(pty.end(), 0, "{}", pty.text());
}
