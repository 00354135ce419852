use super::support::project::{Project, SMALL};
use super::support::walk::{asked, over_http};
use super::support::wire_server::{WireServer, reply};

/// A plan whose steps are only laid out, with a section behind them.
fn laid_out() -> String {
    let (head, _) = SMALL.split_once("## Phase 1").unwrap();
    let head = head.replace("Approved", "Draft");
    format!(
        "{head}## Phase 1: [Name]\n\n#### Step 1.1: [Name]\n**Goal:** [What for]\n\n**Tasks:**\n- [ ] [A task]\n\n---\n\n## Notes\n\nKept.\n"
    )
}

/// The steps of the small plan.
fn good() -> String {
    let (_, steps) = SMALL.split_once("## Phase 1").unwrap();
    format!("## Phase 1{}", steps.trim_end())
}

/// The same with checks that prove nothing, the nth of its kind.
fn bad(nth: usize) -> String {
    good().replace(
        "grep -q two two.txt",
        &format!("grep -q two{nth} two.txt || true"),
    )
}

fn filled(steps: &str) -> String {
    let plan = laid_out();
    let (head, rest) = plan.split_once("## Phase 1").unwrap();
    let (_, tail) = rest.split_once("\n\n---").unwrap();
    format!("{head}{steps}\n\n---{tail}")
}

fn project(answers: &[String]) -> (Project, WireServer) {
    let project = Project::new();
    project.write("plan.md", laid_out());
    let server = WireServer::start(answers.iter().map(|answer| reply(answer)));
    over_http(&project, &server);
    (project, server)
}

const SEND: &str = "send this prompt? ›";

#[test]
fn a_bad_plan_three_times_is_shown_and_not_saved_without_consent() {
    let (project, server) = project(&[bad(1), bad(2), bad(3), good()]);
    let mut pty = project.terminal(&["fill", "plan.md", "--steps"]);
    pty.wait_for("phases and steps");
    // One consent for all three, and it says so.
    pty.answer(SEND, 0);
    for round in 1..3 {
        pty.wait_for("check-masked");
        pty.wait_for(&format!(
            "answer {round} of at most 3 has 1 finding, which go back to the model"
        ));
    }
    pty.wait_for("+grep -q two3 two.txt || true");
    pty.wait_for("check-masked");
    assert!(pty.text().contains("up to 3 requests"), "{}", pty.text());
    pty.answer("save this, with 1 finding after 3 answers? ›", 4);
    assert_eq!(pty.end(), 4, "{}", pty.text());
    assert_eq!(project.read("plan.md"), laid_out());
    assert_eq!(server.requests().len(), 3);
    let second = asked(&server.requests()[1]);
    assert!(second.contains("grep -q two1 two.txt || true"), "{second}");
    assert!(second.contains("What is wrong with it:"), "{second}");
    assert!(!second.contains("two2"), "{second}");

    // The answer that came is there, and nothing is sent for it once more.
    let mut pty = project.terminal(&["fill", "plan.md", "--steps"]);
    pty.wait_for("as stored; nothing was sent");
    pty.answer("save this, with 1 finding after 3 answers? ›", 2);
    pty.wait_for("a note for the model (may be empty)");
    pty.keys("no mask\r");
    pty.answer(SEND, 0);
    pty.answer("save this? ›", 0);
    assert_eq!(pty.end(), 0, "{}", pty.text());
    assert_eq!(project.read("plan.md"), filled(&good()));
    assert_eq!(server.requests().len(), 4);
    assert!(asked(&server.requests()[3]).contains("who read it: no mask"));
}

#[test]
fn a_person_may_save_it_all_the_same() {
    let (project, server) = project(&[bad(1), bad(2), bad(3)]);
    let mut pty = project.terminal(&["fill", "plan.md", "--steps"]);
    pty.answer(SEND, 0);
    pty.answer("save this, with 1 finding after 3 answers? ›", 0);
    assert_eq!(pty.end(), 0, "{}", pty.text());
    assert_eq!(project.read("plan.md"), filled(&bad(3)));
    assert_eq!(server.requests().len(), 3);
}

#[test]
fn nobody_asked_a_bad_plan_is_not_saved() {
    let (project, server) = project(&[bad(1), bad(2), bad(3)]);
    let ran = project.run(&["fill", "plan.md", "--steps", "--unattended"]);
    assert_eq!(ran.code, 8, "{}", ran.err);
    assert!(ran.err.contains("nothing was saved"), "{}", ran.err);
    assert_eq!(project.read("plan.md"), laid_out());
    assert_eq!(server.requests().len(), 3);
}

#[test]
fn a_plan_that_is_mended_in_the_second_round_is_one_that_runs() {
    let (project, server) = project(&[bad(1), good()]);
    let ran = project.run(&["fill", "plan.md", "--steps", "--unattended"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert_eq!(project.read("plan.md"), filled(&good()));
    assert_eq!(server.requests().len(), 2);
    assert_eq!(project.run(&["show", "plan.md", "1.2"]).code, 0);
    let ran = project.run(&["fill", "plan.md", "--steps"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(
        ran.err
            .contains("nothing to fill in: the phases and steps of plan.md"),
        "{}",
        ran.err
    );
}

#[test]
fn steps_with_work_behind_them_are_not_written_over() {
    let (project, server) = project(&[good()]);
    let ticked = laid_out().replace("- [ ] [A task]", "- [x] [A task]");
    project.write("plan.md", &ticked);
    let ran = project.run(&["fill", "plan.md", "--steps", "--unattended"]);
    assert_eq!(ran.code, 5, "{}", ran.err);
    assert!(ran.err.contains("a box of the steps is ticked"), "{}", ran.err);
    assert_eq!(project.read("plan.md"), ticked);
    assert_eq!(server.requests().len(), 0);
}
