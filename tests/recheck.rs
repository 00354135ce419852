//! Finished steps, checked once more: what no longer holds is named, with what changed since, and unticked where asked.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "what helps a test may fail like a test"
)]

mod support;

use serde_json::Value;
use support::project::{Project, SMALL, reply_with};
use support::pty::{DOWN, ENTER};
use support::repository::{commit_all, without_git};
use support::walk::{small_mock, walk_step};

/// Both steps are done, unattended.
fn done() -> Project {
    let project = small_mock();
    let ran = project.run(&["run", "plan.md", "--unattended"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    project
}

/// The first step is done, and then somebody broke it.
fn broken() -> Project {
    let project = small_mock();
    let ran = project.run(&["run", "plan.md", "--unattended", "--until", "1.1"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    project.write("one.txt", "broken\nmore\n");
    project
}

fn events(out: &str, name: &str) -> Vec<Value> {
    let lines = out
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap());
    lines.filter(|event| event["event"] == name).collect()
}

#[test]
fn nothing_done_is_said() {
    let project = small_mock();
    let ran = project.run(&["check", "plan.md", "--done", "--unattended"]);
    assert_eq!(
        (ran.code, ran.out.as_str(), ran.err.as_str()),
        (
            0,
            "",
            "no step of `plan.md` is done: there is nothing to check again\n"
        )
    );
}

#[test]
fn what_holds_holds() {
    let project = done();
    let before = project.read("plan.md");
    let ran = project.run(&["check", "plan.md", "--done", "--unattended", "--untick"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(ran.err.contains("step 1.1 still holds") && ran.err.contains("step 1.2 still holds"));
    assert_eq!(project.read("plan.md"), before);
}

#[test]
fn what_no_longer_holds_is_named_with_what_changed() {
    let project = done();
    project.write("one.txt", "broken\nmore\n");
    let ran = project.run(&["check", "plan.md", "--done", "--unattended"]);
    assert_eq!(ran.code, 4, "{}", ran.err);
    for part in [
        "step 1.1 no longer holds",
        "1 file of the step changed since it passed at ",
        "± one.txt  +2 −1",
        "      -one\n      +broken\n      +more\n",
        "whether other files changed is not known",
        "step 1.2 still holds",
        "error[no-longer-holds]: 1 of 2 finished steps no longer hold: step 1.1",
        "`stepgate check plan.md --done --untick` unticks them",
    ] {
        assert!(ran.err.contains(part), "`{part}` is not in:\n{}", ran.err);
    }
    assert!(
        !project.read("plan.md").contains("[ ]"),
        "nothing is unticked unasked"
    );
    let ran = project.run(&["check", "plan.md", "--done", "--unattended", "--json"]);
    let told = events(&ran.out, "rechecked");
    assert_eq!(told.len(), 2);
    let drift = &told[0]["drift"];
    assert_eq!(
        (&told[0]["step"], &told[0]["holds"], &drift["files"][0]["path"]),
        (&"1.1".into(), &false.into(), &"one.txt".into())
    );
    assert_eq!(drift["files"][0]["kind"], "changed");
    assert_eq!(drift["others"], Value::Null);
    assert_eq!(told[1]["drift"], Value::Null);
}

#[test]
fn a_file_that_is_gone_is_shown_whole() {
    let project = done();
    std::fs::remove_file(project.root().join("one.txt")).unwrap();
    let ran = project.run(&["check", "plan.md", "--done", "--unattended"]);
    assert!(ran.err.contains("± one.txt  +0 −1  is gone\n"), "{}", ran.err);
}

#[test]
fn git_tells_of_other_files() {
    if without_git("git_tells_of_other_files") {
        return;
    }
    let plan = SMALL.replace(
        "grep -q one one.txt",
        "grep -q one one.txt && test ! -e other/off",
    );
    let project = small_mock();
    project.write("plan.md", plan);
    commit_all(&project);
    let ran = project.run(&["run", "plan.md", "--unattended"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    project.write("other/off", "");
    let ran = project.run(&["check", "plan.md", "--done", "--unattended"]);
    assert_eq!(ran.code, 4, "{}", ran.err);
    let expected = "    none of the step's files changed since it passed at ";
    assert!(ran.err.contains(expected), "{}", ran.err);
    // What the next step made is other than it was, too; the plan's ticks are no news.
    let expected = "    2 other files changed:\n      other/off\n      two.txt\n";
    assert!(ran.err.contains(expected), "{}", ran.err);
}

#[test]
fn a_long_difference_is_cut_and_shown_in_full_with_a_flag() {
    let project = done();
    let long: String = (0..200).map(|n| format!("line {n}\n")).collect();
    project.write("one.txt", long);
    let ran = project.run(&["check", "plan.md", "--done", "--unattended"]);
    assert!(
        ran.err.contains("… 164 lines more; `--full` shows them"),
        "{}",
        ran.err
    );
    assert!(!ran.err.contains("+line 199"));
    let ran = project.run(&["check", "plan.md", "--done", "--unattended", "--full"]);
    assert!(ran.err.contains("+line 199") && !ran.err.contains("lines more"));
}

#[test]
fn unticked_unattended_and_done_anew_with_the_failure_in_the_prompt() {
    let project = done();
    let whole = project.read("plan.md");
    project.write("one.txt", "broken\n");
    let ran = project.run(&["check", "plan.md", "--done", "--unattended", "--untick"]);
    assert_eq!(ran.code, 4, "{}", ran.err);
    assert!(ran.err.contains("2 boxes unticked: step 1.1"), "{}", ran.err);
    assert!(
        ran.err
            .contains("they are unticked: `stepgate run plan.md` does them anew")
    );
    let expected = whole
        .replace("[x] Write one", "[ ] Write one")
        .replace("[x] One is", "[ ] One is");
    assert_eq!(project.read("plan.md"), expected);
    let log = project.run(&["log", "plan.md", "1.1"]).out;
    for part in [
        "checked again: it no longer holds: failed with exit code 1",
        "2 boxes unticked, said nobody (unattended): Write one; One is there",
    ] {
        assert!(log.contains(part), "`{part}` is not in:\n{log}");
    }
    let prompt = project.run(&["prompt", "plan.md", "1.1"]).out;
    assert!(prompt.contains("since then it no longer does"), "{prompt}");
    let ran = project.run(&["run", "plan.md", "--unattended"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert_eq!(project.read("plan.md"), whole);
}

#[test]
fn how_it_went_is_on_record_without_unticking() {
    let project = done();
    project.write("one.txt", "broken\n");
    let rechecked = |step: &str| {
        let ran = project.run(&["log", "plan.md", step, "--why", "--json"]);
        let document: Value = serde_json::from_str(&ran.out).unwrap();
        let mut rechecked = document["steps"][0]["rechecked"].clone();
        let at = rechecked.as_object_mut().and_then(|fields| fields.remove("at"));
        assert!(at.is_some() != rechecked.is_null(), "{rechecked}");
        rechecked
    };
    assert_eq!([rechecked("1.1"), rechecked("1.2")], [Value::Null, Value::Null]);
    let ran = project.run(&["check", "plan.md", "--done", "--unattended"]);
    assert_eq!(ran.code, 4, "{}", ran.err);
    let said = serde_json::json!({"passed": false, "outcome": "failed with exit code 1 (plan line 27)"});
    let holds = serde_json::json!({"passed": true, "outcome": "passed"});
    assert_eq!([rechecked("1.1"), rechecked("1.2")], [said, holds]);
    // Unticked by hand later, the next attempt is told all the same.
    let ran = project.run(&["untick", "plan.md", "1.1"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let prompt = project.run(&["prompt", "plan.md", "1.1"]).out;
    assert!(prompt.contains("since then it no longer does"), "{prompt}");
}

#[test]
fn who_only_looks_waits_for_nobody() {
    let project = done();
    let mut pty = project.terminal(&["check", "plan.md", "--done", "--untick"]);
    pty.wait_for("run these 2 checks again? ›");
    let ran = project.run(&["check", "plan.md", "--done", "--unattended"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(ran.err.contains("how it went is not on record: "), "{}", ran.err);
    pty.keys(&format!("{}{ENTER}", DOWN.repeat(2)));
    assert_eq!(pty.end(), 4, "{}", pty.text());
}

#[test]
fn unticked_at_a_terminal_only_where_a_person_says_so() {
    let project = done();
    let whole = project.read("plan.md");
    project.write("one.txt", "broken\n");
    let mut pty = project.terminal(&["check", "plan.md", "--done", "--untick"]);
    pty.wait_for("grep -q one one.txt");
    pty.wait_for("grep -q two two.txt");
    pty.answer("run these 2 checks again? ›", 0);
    pty.wait_for("step 1.1 no longer holds: failed with exit code 1");
    pty.answer("untick it? ›", 0);
    assert_eq!(pty.end(), 4, "{}", pty.text());
    assert_eq!(project.read("plan.md"), whole);
    let mut pty = project.terminal(&["check", "plan.md", "--done", "--untick"]);
    pty.answer("run these 2 checks again? ›", 0);
    pty.answer("untick it? ›", 1);
    assert_eq!(pty.end(), 4, "{}", pty.text());
    assert_ne!(project.read("plan.md"), whole);
    let mut pty = project.terminal(&["check", "plan.md", "--done"]);
    pty.answer("run this check again? ›", 1);
    assert_eq!(pty.end(), 4, "{}", pty.text());
    assert!(!pty.text().contains("still holds"), "nothing ran");
}

#[test]
fn without_a_record_it_is_said_that_nothing_is_known() {
    let project = Project::new();
    project.write("plan.md", SMALL.replace("[ ]", "[x]"));
    let ran = project.run(&["check", "plan.md", "--done", "--unattended"]);
    assert_eq!(ran.code, 4);
    let expected = "no check of it that passed is on record";
    assert!(ran.err.contains(expected), "{}", ran.err);
}

#[test]
fn regress_stops_before_the_next_prompt() {
    let project = broken();
    let ran = project.run(&["run", "plan.md", "--unattended", "--regress"]);
    assert_eq!(ran.code, 4, "{}", ran.err);
    let expected = "step 1.2 stands on what no longer holds: step 1.1";
    assert!(
        ran.err.contains(expected) && ran.err.contains("+broken"),
        "{}",
        ran.err
    );
    let expected = "nothing was sent; `stepgate check plan.md --done` tells";
    assert!(ran.err.contains(expected), "{}", ran.err);
    assert_eq!(
        project.run(&["log", "plan.md", "1.2"]).out,
        "",
        "nothing was sent"
    );
    assert!(project.read("plan.md").contains("[x] Write one"));
}

#[test]
fn regress_at_a_terminal_quits_unticks_or_goes_on() {
    let project = broken();
    let args = ["run", "plan.md", "--regress", "--until", "1.2"];
    let mut pty = project.terminal(&args);
    pty.answer("before step 1.2: run this check again? ›", 0);
    pty.answer("step 1.2 stands on what no longer holds; what now? ›", 2);
    assert_eq!(pty.end(), 4, "{}", pty.text());
    assert_eq!(project.run(&["log", "plan.md", "1.2"]).out, "");

    let mut pty = project.terminal(&args);
    pty.answer("before step 1.2: run this check again? ›", 0);
    pty.answer("step 1.2 stands on what no longer holds; what now? ›", 1);
    // It comes next, and then the step that waited for it: its check was agreed to in this session.
    walk_step(&mut pty, "1.1");
    pty.wait_for("step 1.1 still holds");
    walk_step(&mut pty, "1.2");
    assert_eq!(pty.end(), 0, "{}", pty.text());
    assert_eq!(
        pty.text()
            .matches("run this check again? · run all of it")
            .count(),
        1
    );
    assert!(!project.read("plan.md").contains("[ ]"));

    let project = broken();
    let mut pty = project.terminal(&args);
    pty.answer("before step 1.2: run this check again? ›", 0);
    pty.answer("step 1.2 stands on what no longer holds; what now? ›", 0);
    walk_step(&mut pty, "1.2");
    assert_eq!(pty.end(), 0, "{}", pty.text());
    let log = project.run(&["log", "plan.md"]).out;
    assert!(
        log.contains("tester goes on although step 1.1 no longer holds"),
        "{log}"
    );
}

#[test]
fn regress_runs_nothing_that_was_refused() {
    let project = broken();
    let mut pty = project.terminal(&["run", "plan.md", "--regress"]);
    pty.wait_for("before step 1.2: run this check again? ›");
    pty.keys(&format!("{}{ENTER}", DOWN.repeat(2)));
    assert_eq!(pty.end(), 4, "{}", pty.text());
    assert!(!pty.text().contains("no longer holds"));
}

/// Three phases: the last one says nothing of dependencies, so it waits for the one before it.
fn phased() -> Project {
    let plan = SMALL.replace(
        "#### Step 1.2: Second",
        "## Phase 2: Later\n\n#### Step 2.1: Second",
    );
    let plan = plan.replace("Step 1.2 of", "Step 2.1 of");
    let third = "\n## Phase 3: Last\n\n#### Step 3.1: Third\n\n**AI Prompt:** `Implement Step 3.1`\n\n**Tasks:**\n- [ ] Look\n\n\
**Success Check:**\n```bash\ntrue\n```\n\n#### Step 3.2: Fourth\n\n**AI Prompt:** `Implement Step 3.2`\n\n**Tasks:**\n- [ ] Look again\n\n\
**Dependencies:**\n- None\n\n**Success Check:**\n```bash\ntrue\n```\n";
    let project = Project::new();
    project.write("plan.md", format!("{plan}{third}"));
    project.mock(&[
        ("1.1", &reply_with("one.txt", "one")),
        ("2.1", &reply_with("two.txt", "two")),
        ("3.1", "Nothing to do.\n"),
        ("3.2", "Nothing to do.\n"),
    ]);
    project
}

#[test]
fn regress_follows_steps_and_phases() {
    let project = phased();
    let ran = project.run(&["run", "plan.md", "--unattended", "--regress", "--json"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let order: Vec<String> = ran
        .out
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap())
        .filter_map(|event| match event["event"].as_str()? {
            "rechecked" => Some(format!("again {}", event["step"].as_str()?)),
            "step" => Some(format!("step {}", event["step"].as_str()?)),
            _ => None,
        })
        .collect();
    let expected = [
        "step 1.1",
        "again 1.1",
        "step 2.1",
        "again 1.1",
        "again 2.1",
        "step 3.1",
        "again 1.1",
        "again 2.1",
        "step 3.2",
    ];
    assert_eq!(order, expected);
}

#[test]
fn regress_leaves_alone_what_held_on_this_very_tree() {
    if without_git("regress_leaves_alone_what_held_on_this_very_tree") {
        return;
    }
    let project = phased();
    commit_all(&project);
    let ran = project.run(&["run", "plan.md", "--unattended", "--regress", "--json"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    // Step 3.1 changes nothing but its tick, so before step 3.2 nothing runs once more.
    let again = events(&ran.out, "rechecked");
    let again: Vec<&str> = again
        .iter()
        .map(|event| event["step"].as_str().unwrap())
        .collect();
    assert_eq!(again, ["1.1", "1.1", "2.1"]);
}
