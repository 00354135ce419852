use crate::support::project::{Project, reply_with};
use crate::support::pty::{CTRL_C, DOWN, ENTER};
use crate::support::walk::{confirm_step, over_http};
use crate::support::wire_server::{Script, WireServer, reply, response};

const WAIT: &str = "request 2 follows in 30 s (enter: now; q or escape: leave)";

fn busy() -> Script {
    response(
        429,
        &[("retry-after", "30"), ("content-type", "application/json")],
        "{}",
    )
}

fn project(scripts: Vec<Script>) -> (Project, WireServer) {
    let project = Project::small();
    let server = WireServer::start(scripts);
    over_http(&project, &server);
    (project, server)
}

#[test]
fn a_key_leaves_the_wait_and_the_session_goes_on_later() {
    for key in ["q", "\x1b"] {
        let (project, server) = project(vec![busy(), reply(&reply_with("one.txt", "one"))]);
        let mut pty = project.terminal(&["run", "plan.md", "--until", "1.1"]);
        let before = pty.modes();
        pty.answer("send the prompt? ›", 0);
        pty.wait_for(WAIT);
        // Another key is none.
        pty.keys("x");
        pty.keys(key);
        assert_eq!(pty.end(), 4, "{}", pty.text());
        assert_eq!(pty.modes(), before, "the terminal is as it was");
        assert_eq!(server.requests().len(), 1);
        // Nothing is open: the prompt is offered anew.
        let mut pty = project.terminal(&["run", "plan.md", "--until", "1.1"]);
        pty.answer("send the prompt? ›", 0);
        pty.answer("write these files? ›", 0);
        pty.answer("run this check? ›", 0);
        confirm_step(&mut pty, "1.1");
        assert_eq!(pty.end(), 0, "{}", pty.text());
        assert!(!pty.text().contains("may have been billed"), "{}", pty.text());
        assert_eq!(server.requests().len(), 2);
    }
}

#[test]
fn enter_tries_now_and_what_is_typed_with_it_answers_nothing() {
    let (project, server) = project(vec![busy(), reply(&reply_with("one.txt", "one"))]);
    let mut pty = project.terminal(&["run", "plan.md", "--until", "1.1"]);
    let before = pty.modes();
    pty.answer("send the prompt? ›", 0);
    pty.wait_for(WAIT);
    pty.keys(&format!("{ENTER}{DOWN}{ENTER}"));
    pty.wait_for("reply complete");
    // It is asked, and answered only now: with the last answer, which leaves.
    pty.answer("write these files? ›", 5);
    assert_eq!(pty.end(), 4, "{}", pty.text());
    assert_eq!(pty.modes(), before, "the terminal is as it was");
    assert_eq!(server.requests().len(), 2);
    assert!(!project.root().join("one.txt").exists());
    // The line of the countdown is gone.
    assert!(
        !pty.screen()
            .0
            .iter()
            .any(|line| line.contains("follows in 30 s (")),
        "{:?}",
        pty.screen()
    );
}

#[test]
fn ctrl_c_ends_the_wait_and_puts_the_terminal_back() {
    let (project, server) = project(vec![busy()]);
    let mut pty = project.terminal(&["run", "plan.md"]);
    let before = pty.modes();
    pty.answer("send the prompt? ›", 0);
    pty.wait_for(WAIT);
    pty.keys(CTRL_C);
    assert_eq!(pty.end(), 130, "{}", pty.text());
    assert_eq!(pty.modes(), before, "the terminal is as it was");
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn without_a_terminal_the_wait_is_a_line() {
    let busy = response(
        429,
        &[("retry-after", "0"), ("content-type", "application/json")],
        "{}",
    );
    let (project, server) = project(vec![busy, reply(&reply_with("one.txt", "one"))]);
    let ran = project.run(&["run", "plan.md", "--until", "1.1", "--unattended"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let told: Vec<&str> = ran
        .err
        .lines()
        .filter(|line| line.contains("follows in"))
        .collect();
    assert_eq!(told.len(), 1, "{}", ran.err);
    assert!(told[0].ends_with("; request 2 follows in 0.5 s"), "{told:?}");
    assert!(!ran.err.contains(['\r', '\x1b']), "{}", ran.err);
    assert_eq!(server.requests().len(), 2);
}

#[test]
fn a_quota_is_not_waited_for() {
    let body = r#"{"error":{"code":"insufficient_quota","message":"You exceeded your current quota"}}"#;
    let quota = response(
        429,
        &[("retry-after", "1"), ("content-type", "application/json")],
        body,
    );
    let (project, server) = project(vec![quota]);
    let ran = project.run(&["run", "plan.md", "--unattended"]);
    assert_eq!(ran.code, 6, "{}", ran.err);
    assert!(
        ran.err.contains("says that money or quota is used up"),
        "{}",
        ran.err
    );
    assert!(!ran.err.contains("follows in"), "{}", ran.err);
    assert_eq!(server.requests().len(), 1);
}
