//! A step that is given to somebody else.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "what helps a test may fail like a test"
)]

mod support;

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use support::project::{Project, SMALL, reply_with};
use support::pty::ENTER;
use support::wire_server::{WireServer, reply};

#[test]
fn an_escalation_is_a_file_and_a_line_of_status() {
    let mut project = Project::small();
    project.write(
        "plan.md",
        SMALL.replace("grep -q one one.txt", "echo 'the disk is full'\nfalse"),
    );
    let server = WireServer::start([
        reply(&format!(
            "I believe in SECRET-KEY-1234 and ```.\n\n{}",
            reply_with("one.txt", "none")
        )),
        reply("I give up.\n"),
    ]);
    project.configure(&format!(
        "default = \"wire\"\n[endpoint.wire]\nkind = \"openai\"\nurl = \"{}\"\nmodel = \"m\"\nkey_env = \"WIRE_KEY\"\n",
        server.url()
    ));
    project.set("WIRE_KEY", "SECRET-KEY-1234");
    let mut pty = project.terminal(&["run", "plan.md"]);
    pty.answer("send the prompt? ›", 0);
    pty.answer("write these files? ›", 0);
    pty.answer("run this check? ›", 0);
    pty.answer("the check did not pass; what now? ›", 0);
    pty.wait_for("a note for the model");
    pty.keys(&format!("free some space{ENTER}"));
    pty.answer("send the prompt? ›", 0);
    pty.answer("make the changes in the tree, then come back ›", 0);
    pty.answer("run this check? ›", 0);
    pty.answer("the check did not pass; what now? ›", 2);
    pty.wait_for("why, and for whom?");
    pty.keys(&format!("the disk team owns SECRET-KEY-1234{ENTER}"));
    pty.wait_for("to hand over: ");
    assert_eq!(pty.end(), 4);

    let folder = fs::read_dir(project.state())
        .unwrap()
        .map(|entry| entry.unwrap().path().join("escalations"))
        .find(|folder| folder.exists())
        .unwrap();
    let path = folder.join("step-1.1-attempt-2.md");
    assert!(
        pty.text()
            .contains(&format!("to hand over: {}\n", path.display())),
        "{}",
        pty.text()
    );
    let mode = |path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&path), mode(&folder)), (0o600, 0o700));
    let text = fs::read_to_string(&path).unwrap();
    assert!(!text.contains("SECRET-KEY"), "{text}");
    let mut rest = text.as_str();
    for part in [
        "# Step 1.1 was escalated: First",
        "- Plan: EP-0007: Small - Implementation Plan",
        "- By: tester, at ",
        "## Why",
        "the disk team owns ",
        "## The step, as the plan has it",
        "**Goal:** Make one",
        "## What was tried",
        "### Attempt 1",
        "was sent to wire (m)",
        "Besides its files it says:",
        "I believe in ",
        "Files were written:",
        "+++ b/one.txt",
        "+none",
        "The check: failed with exit code 1",
        "- line 2: exit 1: `false`",
        "It printed:",
        "the disk is full",
        "It was sent back with a note:",
        "free some space",
        "### Attempt 2",
        "I give up.",
        "No files were written: the reply changes no files.",
        "## How to take it up again",
        "`stepgate run plan.md --step 1.1` takes it up again",
    ] {
        let at = rest.find(part);
        assert!(at.is_some(), "`{part}` is not, or not in its place, in:\n{text}");
        rest = &rest[at.unwrap()..];
    }

    let status = project.run(&["status", "plan.md"]).out;
    let line = status.lines().find(|line| line.contains("1.1 First")).unwrap();
    assert!(
        line.contains("escalated: the disk team owns ") && line.ends_with(", by tester)"),
        "{status}"
    );
    assert!(!status.contains("SECRET-KEY"), "{status}");
    let status = project.run(&["status"]).out;
    assert!(
        status.contains("step 1.1 escalated: the disk team owns"),
        "{status}"
    );
    let status: serde_json::Value = serde_json::from_str(&project.run(&["status", "--json"]).out).unwrap();
    let escalated = &status["plans"][0]["escalated"][0];
    assert_eq!(
        (&escalated["step"], &escalated["by"], &escalated["file"]),
        (
            &"1.1".into(),
            &"tester".into(),
            &path.display().to_string().into()
        )
    );

    // Taken up again, it is escalated no longer.
    let mut pty = project.terminal(&["run", "plan.md", "--step", "1.1"]);
    pty.wait_for("it was escalated: the disk team owns");
    pty.answer("send the prompt? ›", 3);
    pty.answer("make the changes in the tree, then come back ›", 0);
    pty.answer("run this check? ›", 4);
    assert_eq!(pty.end(), 4);
    assert!(!project.run(&["status", "plan.md"]).out.contains("escalated"));
}
