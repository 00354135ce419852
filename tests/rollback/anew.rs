//! Steps that wrote over each other's files, and steps that were unticked and done anew.

use super::support::project::{Project, SMALL};
use super::support::tree::tree;

/// Both steps write `one.txt`, and neither waits for the other; both are done.
fn both_write_one_file() -> Project {
    let project = Project::small();
    project.write("plan.md", SMALL.replace("- Step 1.1 must be complete", "- None"));
    project.write("one.txt", "before\n");
    project.mock(&[
        ("1.1", "```text path=one.txt\none\n```\n"),
        (
            "1.2",
            "```text path=one.txt\none more\n```\n```text path=two.txt\ntwo\n```\n",
        ),
    ]);
    run_all(&project);
    project
}

fn run_all(project: &Project) {
    let ran = project.run(&["run", "plan.md", "--unattended", "--attest"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
}

fn roll_back(project: &Project, wanted: &[&str]) -> (i32, String) {
    let ran = project.run(&[&["rollback", "plan.md", "--unattended"], wanted].concat());
    (ran.code, ran.err)
}

const ANEW: &str = "was done anew after others had changed `one.txt`: that goes back to what they made of it";

#[test]
fn steps_that_were_unticked_and_done_anew_are_rolled_back_one_by_one() {
    let project = both_write_one_file();
    for step in ["1.2", "1.1"] {
        assert_eq!(project.run(&["untick", "plan.md", step]).code, 0);
    }
    run_all(&project);
    let done = tree(&project.root());
    let (code, err) = roll_back(&project, &["1.1"]);
    assert_eq!(code, 5, "{err}");
    assert!(
        err.contains("step 1.2 wrote `one.txt` since") && err.contains("--last 2`"),
        "{err}"
    );
    assert_eq!(tree(&project.root()), done);
    let (code, err) = roll_back(&project, &["--last", "1"]);
    assert_eq!((code, project.read("one.txt").as_str()), (0, "one\n"), "{err}");
    assert!(err.contains(&format!("step 1.2 {ANEW}")), "{err}");
    let (code, err) = roll_back(&project, &["1.1"]);
    assert_eq!(
        (code, project.read("one.txt").as_str()),
        (0, "one more\n"),
        "{err}"
    );
    assert!(err.contains(&format!("step 1.1 {ANEW}")), "{err}");
    assert!(!project.read("plan.md").contains("[x]") && !project.root().join("two.txt").exists());
    // And the first round after it, down to the beginning.
    let (code, err) = roll_back(&project, &["--last", "2"]);
    assert_eq!((code, project.read("one.txt").as_str()), (0, "before\n"), "{err}");
    assert!(!err.contains(ANEW), "{err}");
    let (code, err) = roll_back(&project, &["--last", "2"]);
    assert!(
        code == 0 && err.contains("no step was worked on that is not rolled back"),
        "{err}"
    );
}

#[test]
fn what_a_person_made_of_a_step_that_was_done_stays_when_it_is_done_anew_and_rolled_back() {
    let project = both_write_one_file();
    assert_eq!(roll_back(&project, &["1.2"]).0, 0);
    assert_eq!(project.run(&["untick", "plan.md", "1.1"]).code, 0);
    project.write("one.txt", "mine\n");
    run_all(&project);
    assert_eq!(roll_back(&project, &["1.2"]).0, 0);
    let (code, err) = roll_back(&project, &["1.1"]);
    assert_eq!((code, project.read("one.txt").as_str()), (0, "mine\n"), "{err}");
    assert!(err.contains(&format!("step 1.1 {ANEW}")), "{err}");
}

#[test]
fn a_step_that_was_done_twice_with_nobody_between_goes_back_to_its_first_beginning() {
    let project = both_write_one_file();
    assert_eq!(roll_back(&project, &["1.2"]).0, 0);
    assert_eq!(project.run(&["untick", "plan.md", "1.1"]).code, 0);
    run_all(&project);
    assert_eq!(roll_back(&project, &["1.2"]).0, 0);
    let (code, err) = roll_back(&project, &["1.1"]);
    assert_eq!((code, project.read("one.txt").as_str()), (0, "before\n"), "{err}");
    assert!(!err.contains(ANEW), "{err}");
}

#[test]
fn what_nobody_else_changed_goes_back_to_the_first_beginning() {
    let project = Project::small();
    project.write("one.txt", "before\n");
    project.mock(&[(
        "1.1",
        "```text path=one.txt\none\n```\n```text path=deep/two.txt\ntwo\n```\n",
    )]);
    let run = |project: &Project| {
        let ran = project.run(&["run", "plan.md", "--unattended", "--attest", "--until", "1.1"]);
        assert_eq!(ran.code, 0, "{}", ran.err);
    };
    run(&project);
    assert_eq!(project.run(&["untick", "plan.md", "1.1"]).code, 0);
    project.write("one.txt", "mine\n");
    run(&project);
    let (code, err) = roll_back(&project, &["1.1"]);
    assert_eq!((code, project.read("one.txt").as_str()), (0, "mine\n"), "{err}");
    assert!(
        err.contains(&format!("step 1.1 {ANEW}")) && !project.root().join("deep").exists(),
        "{err}"
    );
    // What it wrote before that was changed by a person, who is asked.
    let (code, err) = roll_back(&project, &["1.1"]);
    assert_eq!((code, project.read("one.txt").as_str()), (11, "mine\n"), "{err}");
}

#[test]
fn steps_that_cannot_go_one_by_one_are_sent_to_go_together() {
    let project = Project::small();
    project.write("one.txt", "before\n");
    project.mock(&[
        ("1.1", "```text path=one.txt\none\n```\n"),
        (
            "1.2",
            "```text path=one.txt\none more\n```\n```text path=two.txt\ntwo\n```\n",
        ),
    ]);
    run_all(&project);
    assert_eq!(project.run(&["untick", "plan.md", "1.1"]).code, 0);
    // 1.2 depends on 1.1, and 1.1 is done anew after it.
    run_all(&project);
    for (step, said) in [
        ("1.1", "step 1.2 is done and depends on it"),
        ("1.2", "step 1.1 wrote `one.txt` since"),
    ] {
        let (code, err) = roll_back(&project, &[step]);
        assert_eq!(code, 5, "{err}");
        assert!(
            err.contains(said) && err.contains("`stepgate rollback plan.md --last 2`"),
            "{err}"
        );
        assert!(!err.contains("first"), "{err}");
    }
    for expected in ["one\n", "before\n"] {
        let (code, err) = roll_back(&project, &["--last", "2"]);
        assert_eq!((code, project.read("one.txt").as_str()), (0, expected), "{err}");
    }
}
