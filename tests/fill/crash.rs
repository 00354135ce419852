use super::support::contents::{obstruct, of_state};
use super::support::project::Project;
use super::support::pty::{DOWN, ENTER};
use super::support::walk::over_http;
use super::support::wire_server::{Act, WireServer, delta, gate, reply, stream_head};
use super::{FILLED_IN, LAID_OUT};

/// The first section alone: every point of its way is a point of every other's.
const HINT: &str = "<!-- AI: Say in two sentences what it is for. -->";
const ANSWER: &str = "## Summary\n\nIt boils water. It stops by itself.";

/// One session that ends by itself or is killed at a point; whether it was killed, and how many sends were agreed to.
fn session(project: &Project, crash_at: Option<usize>) -> (bool, usize) {
    let yes = format!("{DOWN}{ENTER}");
    let crash = crash_at.map(|at| at.to_string());
    let mut pty = project.terminal_with(
        &["fill", "doc.md", "--section", "Summary"],
        crash.as_deref().map(|at| ("STEPGATE_CRASH_AT", at)),
    );
    let asked = pty.drive(&[
        ("send this prompt? ›", &yes),
        ("send it again? ›", &yes),
        ("save this? ›", &yes),
    ]);
    let code = pty.end();
    assert!(code == 0 || crash_at.is_some(), "exit {code}:\n{}", pty.text());
    (code != 0, asked[0])
}

#[test]
fn every_point_survives_a_kill() {
    let expected = LAID_OUT.replace(HINT, "\nIt boils water. It stops by itself.");
    assert_ne!(expected, FILLED_IN);
    let mut at = 1;
    loop {
        let project = Project::new();
        project.write("doc.md", LAID_OUT);
        let server = WireServer::start((0..8).map(|_| reply(ANSWER)));
        over_http(&project, &server);
        let (killed, mut consents) = session(&project, Some(at));
        let half_way = project.read("doc.md");
        assert!(
            half_way == LAID_OUT || half_way == expected,
            "at point {at}: {half_way}"
        );
        if killed {
            let (_, more) = session(&project, Some(1 + at % 5));
            let (_, last) = session(&project, None);
            consents += more + last;
        }
        assert_eq!(project.read("doc.md"), expected, "after a kill at point {at}");
        assert!(
            server.requests().len() <= consents,
            "{} requests at point {at}",
            server.requests().len()
        );
        let mut names: Vec<String> = std::fs::read_dir(project.root())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        assert_eq!(names, ["doc.md", "stepgate.toml"], "after a kill at point {at}");
        if !killed {
            assert_eq!((consents, server.requests().len()), (1, 1));
            break;
        }
        at += 1;
    }
    assert!(at > 15, "only {at} points");
}

#[test]
fn an_answer_that_came_is_not_asked_for_again() {
    let project = Project::new();
    project.write("doc.md", LAID_OUT);
    let server = WireServer::start([reply(ANSWER), reply("never asked for")]);
    over_http(&project, &server);
    let mut pty = project.terminal(&["fill", "doc.md", "--section", "Summary"]);
    pty.answer("send this prompt? ›", 0);
    pty.wait_for("save this? ›");
    pty.kill();
    assert_eq!(project.read("doc.md"), LAID_OUT);
    let (_, consents) = session(&project, None);
    assert_eq!((consents, server.requests().len()), (0, 1));
    assert_eq!(
        project.read("doc.md"),
        LAID_OUT.replace(HINT, "\nIt boils water. It stops by itself.")
    );
}

#[test]
fn a_request_whose_answer_is_lost_is_not_sent_again_unasked() {
    let project = Project::new();
    project.write("doc.md", LAID_OUT);
    let (_open, wait) = gate();
    let (told, telling) = gate();
    let half = vec![stream_head(), delta("## Summ"), Act::Tell(told), Act::Wait(wait)];
    let server = WireServer::start([half, reply(ANSWER)]);
    over_http(&project, &server);
    let mut pty = project.terminal(&["fill", "doc.md", "--section", "Summary"]);
    pty.answer("send this prompt? ›", 0);
    telling.recv().unwrap();
    pty.wait_for("## Summ");
    pty.kill();
    let ran = project.run(&["fill", "doc.md", "--section", "Summary", "--unattended"]);
    assert_eq!(ran.code, 5, "{}", ran.err);
    assert!(ran.err.contains("it may have been billed"), "{}", ran.err);
    let mut pty = project.terminal(&["fill", "doc.md", "--section", "Summary"]);
    pty.wait_for("a request may have been billed");
    pty.wait_for("what came of the answer is in");
    pty.answer("send it again? ›", 1);
    pty.wait_for("left as it is: Summary");
    assert_eq!(pty.end(), 0, "{}", pty.text());
    assert_eq!(server.requests().len(), 1);
    assert_eq!(project.read("doc.md"), LAID_OUT);
    assert_eq!(session(&project, None), (false, 1));
    assert_eq!(server.requests().len(), 2);
}

#[test]
fn an_answer_that_cannot_be_kept_stays_where_the_message_says() {
    let project = Project::new();
    project.write("doc.md", LAID_OUT);
    let server = WireServer::start([reply(ANSWER), reply(ANSWER)]);
    over_http(&project, &server);
    let mut pty = project.terminal(&["fill", "doc.md", "--section", "Summary"]);
    pty.wait_for("send this prompt? ›");
    let obstacle = obstruct(&project, ANSWER);
    pty.keys(&format!("{DOWN}{ENTER}"));
    assert_eq!(pty.end(), 9, "{}", pty.text());
    let rescued = of_state(&project, "partial-fill.md");
    let told = format!("the whole reply is in `{}`", rescued.display());
    assert!(pty.text().contains(&told), "{}", pty.text());
    assert_eq!(std::fs::read_to_string(&rescued).unwrap(), ANSWER);
    std::fs::remove_dir(obstacle).unwrap();
    let mut pty = project.terminal(&["fill", "doc.md", "--section", "Summary"]);
    pty.wait_for(&format!("what came of the answer is in {}", rescued.display()));
    pty.answer("send it again? ›", 1);
    assert_eq!((pty.end(), server.requests().len()), (0, 1), "{}", pty.text());
    assert_eq!(project.read("doc.md"), LAID_OUT);
}
