use super::support::project::reply_with;
use super::support::pty::ENTER;
use super::support::repository::{commit_all, git};
use super::support::walk::{asked, over_http, today};
use super::support::wire_server::{WireServer, reply};
use super::{MOVED, PLAN, done, finished, tree};

const ATTEST: [&str; 5] = ["finish", PLAN, "--unattended", "--attest", "--skip-prompt"];

#[test]
fn a_person_closes_a_proposal() {
    let project = done();
    let server = WireServer::start([reply(&reply_with("never.txt", "All is well."))]);
    over_http(&project, &server);
    let before = tree(&project);
    let mut pty = project.terminal(&["finish", PLAN]);
    pty.tick_all("which of these hold? (space ticks, a ticks all, enter goes on) ›");
    pty.answer("the final prompt: send the prompt? ›", 0);
    pty.wait_for("All is well.");
    pty.answer("write these files? ›", 0);
    assert_eq!(pty.end(), 0, "{}", pty.text());
    assert_eq!(tree(&project), finished(before, &today()));
    let sent = asked(&server.requests()[0]);
    assert!(
        sent.contains("- Step 1.1, First: ticked without a check on record\n"),
        "{sent}"
    );
    assert!(sent.ends_with("Review EP-0007\n"), "{sent}");
    // The record went along.
    let log = project.run(&["log", MOVED]).out;
    assert!(log.contains("moved from") && log.contains("ticked"), "{log}");
}

#[test]
fn a_person_may_skip_the_prompt_and_leave() {
    let project = done();
    project.mock(&[("9.9", "never")]);
    let mut pty = project.terminal(&["finish", PLAN]);
    pty.wait_for("which of these hold? (space ticks, a ticks all, enter goes on) ›");
    pty.keys(ENTER);
    pty.wait_for("why do the others stay open? (may be empty)");
    pty.keys(&format!("later{ENTER}"));
    pty.answer("the final prompt: send the prompt? ›", 3);
    let before = tree(&project);
    pty.answer("write these files? ›", 5);
    assert_eq!(pty.end(), 4, "{}", pty.text());
    assert_eq!(tree(&project), before);
    assert!(pty.text().contains("nothing was moved"), "{}", pty.text());
}

#[test]
fn nobody_is_asked_and_everything_can_be_taken_back() {
    let project = done();
    let before = tree(&project);
    let ran = project.run(&["finish", PLAN]);
    assert_eq!(ran.code, 5, "{}", ran.err);
    let ran = project.run(&["finish", PLAN, "--unattended"]);
    assert_eq!(ran.code, 5, "{}", ran.err);
    assert_eq!(tree(&project), before);
    let dry = project.run(&["finish", PLAN, "--dry-run"]);
    assert_eq!(dry.code, 0, "{}", dry.err);
    assert!(
        dry.out
            .contains(&format!("rename from {PLAN}\nrename to {MOVED}\n")),
        "{}",
        dry.out
    );
    assert!(
        dry.out.contains("-See [the plan](enhancements/approved/")
            && dry.out.contains("+**Status:** Completed")
    );
    assert_eq!(tree(&project), before);

    let ran = project.run(&ATTEST);
    assert_eq!((ran.code, ran.out), (0, format!("{MOVED}\n")), "{}", ran.err);
    let after = finished(before.clone(), &today());
    assert_eq!(tree(&project), after);
    let ran = project.run(&["finish", MOVED, "--unattended"]);
    assert!(
        ran.code == 0 && ran.err.contains("is finished already"),
        "{}",
        ran.err
    );

    // What was changed since is not lost.
    project.write("docs/t.md", "mine");
    let ran = project.run(&["finish", MOVED, "--undo"]);
    assert_eq!(ran.code, 11, "{}", ran.err);
    project.write("docs/t.md", &after["docs/t.md"]);
    let ran = project.run(&["finish", MOVED, "--undo"]);
    assert_eq!((ran.code, ran.out), (0, format!("{PLAN}\n")), "{}", ran.err);
    let mut undone = before;
    // The list was ticked before the move, and holds.
    let plan = undone.get_mut(PLAN).unwrap();
    *plan = plan
        .replace("- [ ] Told", "- [x] Told")
        .replace("Status:** Approved", "Status:** In Progress")
        .replace("Updated:** 2025-01-01", &format!("Updated:** {}", today()));
    assert_eq!(tree(&project), undone);
    assert!(!project.root().join("docs/enhancements/implemented").exists());
    assert_eq!(project.run(&["finish", PLAN, "--undo"]).code, 2);
    assert_eq!(project.run(&ATTEST).code, 0);
    assert_eq!(tree(&project), after);
}

#[test]
fn what_git_tracks_moves_in_its_index_and_what_is_staged_stays() {
    let project = done();
    commit_all(&project);
    project.write("mine.txt", "staged\n");
    git(&project, &["add", "mine.txt"]);
    git(
        &project,
        &[
            "rm",
            "-q",
            "--cached",
            "docs/enhancements/approved/EP-0007-small-design.md",
        ],
    );
    let ran = project.run(&ATTEST);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let status = git(&project, &["status", "--porcelain", "--no-renames"]);
    let expected = "D  docs/enhancements/approved/EP-0007-small-design.md\n\
D  docs/enhancements/approved/EP-0007-small-implementation.md\n\
D  docs/enhancements/approved/EP-0007-small-requirements.md\n\
\x20M docs/enhancements/README.md\n\
AM docs/enhancements/implemented/EP-0007-small-implementation.md\n\
A  docs/enhancements/implemented/EP-0007-small-requirements.md\n\
\x20M docs/t.md\nA  mine.txt\n\
?? docs/enhancements/implemented/EP-0007-small-design.md\n";
    let sorted = |text: &str| {
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        lines.sort();
        lines
    };
    assert_eq!(sorted(&status), sorted(expected));
    let ran = project.run(&["finish", MOVED, "--undo"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let status = git(
        &project,
        &[
            "status",
            "--porcelain",
            "--no-renames",
            "--",
            "docs/enhancements/implemented",
            "mine.txt",
        ],
    );
    assert_eq!(status, "A  mine.txt\n");
}

#[test]
fn checks_are_run_again_where_that_is_asked() {
    let project = done();
    let again = [
        "finish",
        PLAN,
        "--unattended",
        "--attest",
        "--skip-prompt",
        "--recheck",
    ];
    let before = tree(&project);
    let ran = project.run(&again);
    assert_eq!(ran.code, 4, "{}", ran.err);
    assert!(
        ran.err.contains("checks that passed once no longer do: step 1.1"),
        "{}",
        ran.err
    );
    assert_eq!(tree(&project), before);
    project.write("one.txt", "one\n");
    project.write("two.txt", "two\n");
    let ran = project.run(&again);
    assert_eq!(ran.code, 0, "{}", ran.err);
}
