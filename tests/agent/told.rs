//! What is told of an agent's work later: as evidence, to a colleague, to the next attempt.

use std::fs;

use super::fixture::{GOOD, left, with_agent, write_agent};
use super::support::project::Project;
use super::support::pty::{DOWN, ENTER, Pty};
use super::support::repository::commit_all;
use serde_json::{Value, json};

const RUN: &str = "run this program? ›";
const KEEP: &str = "keep what the agent did? ›";
const CHECK: &str = "run this check? ›";
const NOW: &str = "the check did not pass; what now? ›";
const ESCALATE: usize = 2;

/// An agent that changes two files and never does what is asked.
const WRONG: &str = r#"cat >"$HOME/given"
echo A >>a; echo B >>b; echo "I did my best""#;

fn wrong() -> Project {
    let mut project = with_agent(WRONG);
    project.set("PAGER", "cat");
    project.write("a", "a\n");
    project.write("b", "b\n");
    project
}

/// A session in which what the agent did to `b` was put back, what it did to `a` failed, and the agent ran once more.
fn retried(project: &Project) -> Pty {
    let mut pty = project.terminal(&["run", "plan.md"]);
    pty.answer(RUN, 0);
    pty.answer(KEEP, 2);
    pty.wait_for("put which back? (space ticks, a ticks all, enter goes on) ›");
    pty.keys(&format!("{DOWN} {ENTER}"));
    pty.wait_for("1 file is as before");
    pty.answer(KEEP, 0);
    pty.answer(CHECK, 0);
    pty.answer(NOW, 0);
    pty.wait_for("a note for the model (may be empty)");
    pty.keys(ENTER);
    pty.answer(RUN, 0);
    pty
}

#[test]
fn evidence_names_the_agent() {
    let project = with_agent(GOOD);
    commit_all(&project);
    let ran = project.run(&["run", "plan.md", "--unattended", "--commit"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let ran = project.run(&["log", "plan.md", "1.1", "--why", "--json"]);
    let document: Value = serde_json::from_str(&ran.out).unwrap();
    let step = &document["steps"][0];
    let text = |value: &Value| {
        let digest = value.as_str().unwrap().to_owned();
        project.run(&["log", "plan.md", "--text", &digest]).out
    };
    let program = project.home().join("agent").display().to_string();
    let agent = &step["agent"];
    assert_eq!(
        json!([
            step["endpoint"],
            step["model"],
            step["reply"],
            agent["command"],
            agent["exit"],
            agent["outcome"]
        ]),
        json!(["helper", null, null, [program], 0, "ended with exit code 0"])
    );
    assert!(step["sent"].is_string());
    assert!(text(&step["prompt"]).contains("Implement Step 1.1 of EP-0007"));
    assert_eq!(text(&agent["output"]), "done as asked\n");
    assert!(text(&agent["diff"]).contains("+++ b/one.txt\n@@ -0,0 +1 @@\n+one\n"));
    let said = project.run(&["log", "plan.md", "1.1", "--why"]).out;
    let prompt = &step["prompt"].as_str().unwrap()[..12];
    for line in [
        &format!("  agent   prompt {prompt} given to helper at "),
        "/agent\n",
        "          ended with exit code 0; printed ",
        "; difference ",
        "  files   one.txt\n",
    ] {
        assert!(said.contains(line), "no `{line}` in\n{said}");
    }
    assert!(!said.contains("by hand"), "{said}");
}

#[test]
fn a_retry_is_told_what_stayed_and_what_was_put_back() {
    let project = wrong();
    let mut pty = retried(&project);
    pty.answer(KEEP, 4);
    assert_eq!(pty.end(), 4, "{}", pty.text());
    let given = left(&project, "given");
    let (_, told) = given.split_once("# An earlier attempt failed").unwrap();
    for text in [
        "+++ b/a\n@@ -1 +1,2 @@\n a\n+A\n",
        "was put back by the person, as not wanted:\n\n- `b`\n",
    ] {
        assert!(told.contains(text), "no `{text}` in\n{told}");
    }
    assert!(!told.contains("b/b"), "{told}");
}

#[test]
fn a_colleague_is_told_what_each_agent_did() {
    let project = wrong();
    let mut pty = retried(&project);
    pty.answer(KEEP, 0);
    pty.answer(CHECK, 0);
    pty.answer(NOW, ESCALATE);
    pty.wait_for("why, and for whom?");
    pty.keys(&format!("for the owner of b{ENTER}"));
    assert_eq!(pty.end(), 4, "{}", pty.text());
    let folder = fs::read_dir(project.state())
        .unwrap()
        .map(|entry| entry.unwrap().path().join("escalations"))
        .find(|folder| folder.exists())
        .unwrap();
    let text = fs::read_to_string(folder.join("step-1.1-attempt-2.md")).unwrap();
    let mut rest = text.as_str();
    for part in [
        "### Attempt 1",
        "The agent helper was started on prompt `",
        "/agent`.",
        "The agent ended with exit code 0. It printed:",
        "I did my best",
        "What it had done to these files was put back: `b`.",
        "What it changed was kept:",
        "+++ b/a",
        "+A",
        "The check: failed with exit code ",
        "### Attempt 2",
        "The agent helper was started on prompt `",
        "What it changed was kept:",
        "+++ b/b",
        "## How to take it up again",
    ] {
        let at = rest.find(part);
        assert!(at.is_some(), "`{part}` is not, or not in its place, in:\n{text}");
        rest = &rest[at.unwrap()..];
    }

    // Whoever takes it up is told of the failure, for what failed is still in the tree.
    let prompt = project.run(&["prompt", "plan.md", "1.1"]).out;
    for told in [
        "# An earlier attempt failed\n\nThis is attempt 3 at the step.",
        "its check did not pass (failed with exit code ",
        "+++ b/b",
        "It was given to somebody else: for the owner of b",
    ] {
        assert!(prompt.contains(told), "no `{told}` in\n{prompt}");
    }

    // An agent takes it up: it is escalated no longer.
    assert!(project.run(&["status", "plan.md"]).out.contains("! 1.1 First"));
    write_agent(&project, GOOD);
    let mut pty = project.terminal(&["run", "plan.md"]);
    pty.answer(RUN, 0);
    pty.answer(KEEP, 4);
    assert_eq!(pty.end(), 4, "{}", pty.text());
    let status = project.run(&["status", "plan.md"]).out;
    assert!(!status.contains("escalated"), "{status}");
}

#[test]
fn a_step_that_was_rolled_back_is_escalated_no_longer() {
    let project = wrong();
    let mut pty = project.terminal(&["run", "plan.md"]);
    pty.answer(RUN, 0);
    pty.answer(KEEP, 0);
    pty.answer(CHECK, 0);
    pty.answer(NOW, ESCALATE);
    pty.wait_for("why, and for whom?");
    pty.keys(&format!("too hard{ENTER}"));
    assert_eq!(pty.end(), 4, "{}", pty.text());
    assert!(
        project
            .run(&["status", "plan.md"])
            .out
            .contains("escalated: too hard")
    );
    let ran = project.run(&["rollback", "plan.md", "1.1", "--unattended"]);
    assert_eq!(
        (ran.code, project.read("a")),
        (0, "a\n".to_owned()),
        "{}",
        ran.err
    );
    let status = project.run(&["status", "--json"]).out;
    let status: Value = serde_json::from_str(&status).unwrap();
    assert_eq!(status["plans"][0]["escalated"], json!([]));
    // Of what was put back the next attempt is told nothing.
    let prompt = project.run(&["prompt", "plan.md", "1.1"]).out;
    assert!(!prompt.contains("An earlier attempt failed"), "{prompt}");
}
