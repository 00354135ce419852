//! `run --commit` and the boxes outside of steps: what is ticked there is committed too, the plan alone.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "what helps a test may fail like a test"
)]

mod support;

use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use support::project::{Project, SMALL, reply_with};
use support::repository::{commit_all, git, without_git};

const ARGS: [&str; 5] = ["run", "plan.md", "--unattended", "--attest", "--commit"];

/// The small plan in two phases, with a list for each moment.
fn listed() -> Project {
    let before = "## Pre-Implementation Checklist\n- [ ] Read it\n\n## Phase 1: Only\n";
    let between =
        "### Phase 1 Completion Criteria\n- [ ] One works\n\n## Phase 2: Other\n\n#### Step 2.1: Second\n";
    let after = "\n### Phase 2 Completion Criteria\n- [ ] Two works\n\n## Milestones\n- [ ] Phase 1 is shown\n- [ ] Phase 2 is shown\n\n## Documentation\n- [ ] It is told\n";
    let plan = SMALL
        .replace("## Phase 1: Only\n", before)
        .replace("#### Step 1.2: Second\n", between)
        .replace("Step 1.2", "Step 2.1");
    let project = Project::new();
    project.write("plan.md", format!("{plan}{after}"));
    project.mock(&[
        ("1.1", &reply_with("one.txt", "one")),
        ("2.1", &reply_with("two.txt", "two")),
    ]);
    commit_all(&project);
    project
}

/// The last part of the small plan alone: one step, its phase, and a list at the end.
fn short() -> Project {
    let (plan, _) = SMALL.split_once("#### Step 1.2").unwrap();
    let project = Project::new();
    let after = "### Phase 1 Completion Criteria\n- [ ] One works\n\n## Documentation\n- [ ] It is told\n";
    project.write("plan.md", format!("{plan}{after}"));
    project.mock(&[("1.1", &reply_with("one.txt", "one"))]);
    commit_all(&project);
    project
}

fn subjects(project: &Project) -> Vec<String> {
    let log = git(project, &["log", "--format=%s"]);
    log.lines().map(str::to_owned).collect()
}

#[test]
fn what_is_ticked_outside_of_steps_is_committed_before_the_next_step_and_at_the_end() {
    if without_git("what_is_ticked_outside_of_steps_is_committed_before_the_next_step_and_at_the_end") {
        return;
    }
    let project = listed();
    project.write("loose.txt", "loose\n");
    let ran = project.run(&[&ARGS[..], &["--json"]].concat());
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert_eq!(
        subjects(&project),
        [
            "EP-0007: phase 2 completion criteria, Milestones, Documentation",
            "EP-0007 2.1: Second",
            "EP-0007: phase 1 completion criteria, Milestones",
            "EP-0007 1.1: First",
            "EP-0007: Pre-Implementation Checklist",
            "begin",
        ]
    );
    assert!(!project.read("plan.md").contains("- [ ]"));
    assert_eq!(git(&project, &["status", "--porcelain"]), "?? loose.txt\n");
    for commit in ["HEAD", "HEAD~2", "HEAD~4"] {
        let files = git(&project, &["show", "--format=", "--name-status", commit]);
        assert_eq!(files, "M\tplan.md\n", "{commit}");
    }
    let user = "; unattended, vouched for by tester";
    let expected = format!(
        "EP-0007: phase 1 completion criteria, Milestones\n\nStepgate-Plan: EP-0007\nStepgate-List: Phase 1: Only › Completion Criteria{user}\nStepgate-List: Milestones{user}\n\n"
    );
    assert_eq!(git(&project, &["log", "-1", "--format=%B", "HEAD~2"]), expected);
    let told = ran
        .out
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap());
    let told: Vec<Value> = told
        .filter(|event| event["event"] == "plan-committed")
        .map(|event| event["lists"].clone())
        .collect();
    assert_eq!(
        told,
        [
            json!(["Pre-Implementation Checklist"]),
            json!(["phase 1 completion criteria", "Milestones"]),
            json!(["phase 2 completion criteria", "Milestones", "Documentation"]),
        ]
    );
    assert!(ran.err.contains("the plan committed: "), "{}", ran.err);
    // The steps' own evidence is of their own commits.
    let evidence = project.run(&["log", "plan.md", "1.1", "--why", "--json"]).out;
    let evidence: Value = serde_json::from_str(&evidence).unwrap();
    let commit = git(&project, &["rev-parse", "HEAD~3"]);
    assert_eq!(evidence["steps"][0]["commit"], commit.trim());
}

#[test]
fn the_sample_is_clean_after_a_session_that_commits() {
    if without_git("the_sample_is_clean_after_a_session_that_commits") {
        return;
    }
    let project = Project::new();
    for file in stepgate::assets::sample() {
        project.write(file.path, String::from_utf8(file.bytes.to_vec()).unwrap());
    }
    let scenario = Path::new(env!("CARGO_MANIFEST_DIR")).join("mocks/demo.toml");
    project.configure(&format!(
        "default = \"demo\"\n[endpoint.demo]\nkind = \"mock\"\nscenario = \"{}\"\n",
        scenario.display()
    ));
    commit_all(&project);
    let plan = stepgate::assets::SAMPLE_PLAN;
    let ran = project.run(&[
        "run",
        plan,
        "--unattended",
        "--attest",
        "--attempts",
        "3",
        "--commit",
    ]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(!project.read(plan).contains("- [ ]"));
    assert_eq!(git(&project, &["status", "--porcelain", "--", plan]), "");
}

#[test]
fn a_session_that_is_left_leaves_the_plan_clean() {
    if without_git("a_session_that_is_left_leaves_the_plan_clean") {
        return;
    }
    let project = listed();
    let mut pty = project.terminal(&["run", "plan.md", "--commit"]);
    pty.wait_for("Pre-Implementation Checklist");
    pty.tick_all("which of these hold? (space ticks, a ticks all, enter goes on) ›");
    pty.wait_for("send the prompt? ›");
    assert_eq!(
        subjects(&project),
        ["EP-0007: Pre-Implementation Checklist", "begin"]
    );
    pty.keys("\u{3}");
    assert_eq!(pty.end(), 130, "{}", pty.text());
    assert_eq!(git(&project, &["status", "--porcelain"]), "");
    let said = git(
        &project,
        &["log", "-1", "--format=%(trailers:key=Stepgate-List,valueonly)"],
    );
    assert!(said.trim().ends_with("; confirmed by tester"), "{said}");
}

#[test]
fn without_the_flag_there_is_no_commit_and_an_ignored_plan_is_in_none() {
    if without_git("without_the_flag_there_is_no_commit_and_an_ignored_plan_is_in_none") {
        return;
    }
    let project = listed();
    assert_eq!(project.run(&ARGS[..4]).code, 0);
    assert_eq!(subjects(&project), ["begin"]);

    let project = short();
    git(&project, &["rm", "--quiet", "--cached", "plan.md"]);
    project.write(".gitignore", "/plan.md\n");
    git(&project, &["add", ".gitignore"]);
    git(&project, &["commit", "--quiet", "--message", "ignored"]);
    let ran = project.run(&ARGS);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert_eq!(subjects(&project), ["EP-0007 1.1: First", "ignored", "begin"]);
}

#[test]
fn killed_anywhere_there_is_one_commit_in_the_end() {
    if without_git("killed_anywhere_there_is_one_commit_in_the_end") {
        return;
    }
    let state = |project: &Project| {
        let plan = git(project, &["show", "HEAD:plan.md"]);
        (subjects(project), plan, git(project, &["status", "--porcelain"]))
    };
    let whole = short();
    assert_eq!(session(&whole, None), Some(0));
    let expected = state(&whole);
    let lists = "EP-0007: phase 1 completion criteria, Documentation";
    assert_eq!(expected.0, [lists, "EP-0007 1.1: First", "begin"]);
    assert_eq!(expected.2, "");
    let last = 1 + points();
    let mut killed = 0;
    for at in (1..last).rev() {
        let project = short();
        assert_eq!(session(&project, Some(at)), None, "at point {at}");
        if !journal(&project).contains("\"commit-of-plan\"") {
            break;
        }
        killed += 1;
        // Once more in what makes up for it, then sessions that are let run.
        session(&project, Some(1 + at % 7));
        session(&project, None);
        let (mut subjects, plan, status) = state(&project);
        // What was ticked before and after the kill may be two commits.
        if subjects.len() == 4 {
            let two = ["EP-0007: Documentation", "EP-0007: phase 1 completion criteria"];
            assert_eq!(subjects[..2], two, "at point {at}");
            subjects.splice(..2, [lists.to_owned()]);
        }
        assert_eq!((subjects, plan, status), expected, "after a kill at point {at}");
    }
    assert!(killed > 12, "only {killed} points");
}

/// A session that commits, killed at a point where one is named; how it ended, unless it was killed.
fn session(project: &Project, at: Option<usize>) -> Option<i32> {
    let mut command = project.command(&ARGS);
    if let Some(at) = at {
        command.env("STEPGATE_CRASH_AT", at.to_string());
    }
    command.output().unwrap().status.code()
}

/// How many points a session passes.
fn points() -> usize {
    let is_killed = |at: usize| session(&short(), Some(at)).is_none();
    let (mut killed, mut whole) = (1, 4096);
    assert!(is_killed(killed) && !is_killed(whole));
    while whole - killed > 1 {
        let middle = usize::midpoint(killed, whole);
        match is_killed(middle) {
            true => killed = middle,
            false => whole = middle,
        }
    }
    killed
}

fn journal(project: &Project) -> String {
    let folders = fs::read_dir(project.state()).into_iter().flatten().flatten();
    let journals = folders.map(|folder| folder.path().join("journal"));
    journals
        .filter_map(|path| fs::read_to_string(path).ok())
        .collect()
}
