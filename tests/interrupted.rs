//! Sessions that are left, killed, signalled, or squeezed into a corner.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "what helps a test may fail like a test"
)]

mod support;

use std::fs;

use support::project::{Project, SMALL, reply_with};
use support::pty::CTRL_C;
use support::walk::{confirm_step, over_http, small_mock, walk_step};
use support::wire_server::{Act, WireServer, delta, gate, reply, stream_head};

/// What whoever leaves is told.
const GOES_ON: &str = "left; `stepgate run plan.md` goes on here";

#[test]
fn ctrl_c_leaves_at_every_question_and_restores_the_terminal() {
    let questions = [
        ("send the prompt? ›", 0),
        ("write these files? ›", 0),
        ("run this check? ›", 0),
        (
            "which criteria did you verify? (space ticks, a ticks all, enter goes on) ›",
            9,
        ),
    ];
    for stop in 0..questions.len() {
        let project = small_mock();
        let mut pty = project.terminal(&["run", "plan.md"]);
        for (question, nth) in &questions[..stop] {
            pty.answer(question, *nth);
        }
        pty.wait_for(questions[stop].0);
        pty.keys(CTRL_C);
        assert_eq!(pty.end(), 130, "at {}: {}", questions[stop].0, pty.text());
        assert_eq!(pty.text().matches(GOES_ON).count(), 1, "{}", pty.text());
        assert!(
            !pty.screen().1,
            "the cursor is hidden after {}",
            questions[stop].0
        );
        assert_eq!(project.read("plan.md"), SMALL);
    }
}

#[test]
fn ctrl_c_during_a_request_leaves_it_open() {
    let project = Project::small();
    let (told, telling) = gate();
    let (closed, closing) = gate();
    let server = WireServer::start([vec![
        stream_head(),
        delta("Half of it"),
        Act::Tell(told),
        Act::UntilClosed(closed),
    ]]);
    over_http(&project, &server);
    let mut pty = project.terminal(&["run", "plan.md"]);
    pty.answer("send the prompt? ›", 0);
    telling.recv().unwrap();
    pty.wait_for("Half of it");
    pty.keys(CTRL_C);
    closing.recv().unwrap();
    assert_eq!(pty.end(), 130, "{}", pty.text());
    assert_eq!(pty.text().matches(GOES_ON).count(), 1, "{}", pty.text());
    // The next session says that it may have been billed, and asks.
    let mut pty = project.terminal(&["run", "plan.md"]);
    pty.wait_for("a request may have been billed");
    pty.wait_for("what came of the answer is in ");
    pty.answer("send it again? ›", 2);
    assert_eq!(pty.end(), 4);
    assert_eq!(server.requests().len(), 1);
    assert_eq!(partial(&project), "Half of it");
}

#[test]
fn killed_during_a_reply_it_asks_and_keeps_what_came() {
    let project = Project::small();
    let (told, telling) = gate();
    let (_open, wait) = gate();
    let half = "Half of it.\n".repeat(1000);
    let server = WireServer::start([
        vec![stream_head(), delta(&half), Act::Tell(told), Act::Wait(wait)],
        reply(&reply_with("one.txt", "one")),
    ]);
    over_http(&project, &server);
    let mut pty = project.terminal(&["run", "plan.md", "--until", "1.1"]);
    pty.answer("send the prompt? ›", 0);
    telling.recv().unwrap();
    pty.wait_for("Half of it.");
    pty.kill();
    assert_eq!(partial(&project), half);
    let mut pty = project.terminal(&["run", "plan.md", "--until", "1.1"]);
    pty.wait_for("a request may have been billed");
    pty.answer("send it again? ›", 0);
    walk_step(&mut pty, "1.1");
    assert_eq!(pty.end(), 0, "{}", pty.text());
    assert_eq!(server.requests().len(), 2);
}

/// What is kept of a reply that did not come whole.
fn partial(project: &Project) -> String {
    let walk = ignore::WalkBuilder::new(project.state()).build();
    let mut files = walk.map(|entry| entry.unwrap().into_path());
    fs::read_to_string(files.find(|path| path.ends_with("partial-1.1.md")).unwrap()).unwrap()
}

#[test]
fn ctrl_c_during_a_check_is_neither_passed_nor_failed() {
    let project = small_mock();
    project.write(
        "plan.md",
        SMALL.replace("grep -q one one.txt", "echo begun\nsleep 600"),
    );
    let mut pty = project.terminal(&["run", "plan.md"]);
    pty.answer("send the prompt? ›", 0);
    pty.answer("write these files? ›", 0);
    pty.answer("run this check? ›", 0);
    pty.wait_for("begun");
    pty.keys(CTRL_C);
    assert_eq!(pty.end(), 130, "{}", pty.text());
    assert_eq!(pty.text().matches(GOES_ON).count(), 1, "{}", pty.text());
    let mut pty = project.terminal(&["run", "plan.md"]);
    pty.wait_for("whether it passed is not known");
    pty.answer("run this check? ›", 4);
    assert_eq!(pty.end(), 4);
}

#[test]
fn signals_end_a_session_at_a_question() {
    for (signal, code) in [("TERM", 143), ("HUP", 129)] {
        let project = small_mock();
        let mut pty = project.terminal(&["run", "plan.md"]);
        pty.wait_for("send the prompt? ›");
        let pid = pty.pid().to_string();
        let killed = std::process::Command::new("kill")
            .args([&format!("-{signal}"), &pid])
            .status()
            .unwrap();
        assert!(killed.success());
        assert_eq!(pty.end(), code, "{}", pty.text());
    }
}

#[test]
fn one_session_a_plan() {
    let project = small_mock();
    let root = project.root();
    std::os::unix::fs::symlink(root.join("plan.md"), root.join("link.md")).unwrap();
    fs::hard_link(root.join("plan.md"), root.join("hard.md")).unwrap();
    let mut pty = project.terminal(&["run", "plan.md"]);
    pty.wait_for("send the prompt? ›");
    for name in ["plan.md", "link.md", "hard.md"] {
        let other = project.run(&["run", name, "--unattended"]);
        assert_eq!(other.code, 10, "{name}: {}", other.err);
        assert!(
            other.err.contains(&format!("process {}", pty.pid())),
            "{}",
            other.err
        );
    }
    pty.kill();
    // The holder is gone, and so is its hold.
    let other = project.run(&["run", "link.md", "--unattended"]);
    assert_eq!(other.code, 0, "{}", other.err);
    assert!(root.join("link.md").symlink_metadata().unwrap().is_symlink());
    assert_eq!(
        fs::read(root.join("plan.md")).unwrap(),
        fs::read(root.join("hard.md")).unwrap()
    );
}

#[test]
fn tiny_terminals_do_no_harm() {
    for (size, first, all) in [
        ((1, 1), "1\r", "a\r"),
        ((2, 8), "1\r", "a\r"),
        ((24, 20), "\x1b[B\r", "a\r"),
    ] {
        let project = small_mock();
        let mut pty = project.terminal_of(&["run", "plan.md", "--until", "1.1"], size);
        for (question, keys) in [
            ("send the prompt?", first),
            ("write these files?", first),
            ("run this check?", first),
            ("did you verify?", all),
            ("are complete?", all),
            ("is step 1.1 done?", first),
        ] {
            pty.wait_for(question);
            pty.keys(keys);
        }
        assert_eq!(pty.end(), 0, "{size:?}: {}", pty.text());
        assert!(project.read("plan.md").contains("- [x] Write one"));
    }
}

#[test]
fn killed_during_a_check_it_is_asked_again() {
    let project = small_mock();
    project.write(
        "plan.md",
        SMALL.replace("grep -q one one.txt", "test -e go || { echo begun; sleep 600; }"),
    );
    let mut pty = project.terminal(&["run", "plan.md"]);
    pty.answer("send the prompt? ›", 0);
    pty.answer("write these files? ›", 0);
    pty.answer("run this check? ›", 0);
    pty.wait_for("begun");
    pty.kill();
    project.write("go", "");
    let mut pty = project.terminal(&["run", "plan.md", "--until", "1.1"]);
    pty.wait_for("whether it passed is not known");
    pty.answer("run this check? ›", 0);
    confirm_step(&mut pty, "1.1");
    assert_eq!(pty.end(), 0);
}
