//! What was said holds for what it was said of, and no longer than the session in which it was said.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "what helps a test may fail like a test"
)]

mod support;

use support::project::{Project, SMALL, reply_with};
use support::pty::{DOWN, ENTER, Pty};

const CRITERIA: &str = "which criteria did you verify? (space ticks, a ticks all, enter goes on) ›";
const TASKS: &str = "which tasks are complete? (space ticks, a ticks all, enter goes on) ›";
const HOLD: &str = "which of these hold? (space ticks, a ticks all, enter goes on) ›";

fn mocked(plan: &str) -> Project {
    let project = Project::new();
    project.write("plan.md", plan);
    project.mock(&[
        ("1.1", &reply_with("one.txt", "one")),
        ("1.2", &reply_with("two.txt", "two")),
    ]);
    project
}

fn to_the_criteria(pty: &mut Pty) {
    pty.answer("send the prompt? ›", 0);
    pty.answer("write these files? ›", 0);
    pty.answer("run this check? ›", 0);
    pty.tick_all(CRITERIA);
    pty.tick_all(TASKS);
}

/// Agrees to everything with step 1.1, and is killed at a point of the plan's life.
fn killed_at(project: &Project, at: usize) -> bool {
    let mut pty = project.terminal_with(
        &["run", "plan.md", "--until", "1.1"],
        Some(("STEPGATE_CRASH_AT", &at.to_string())),
    );
    let first = format!("{DOWN}{ENTER}");
    let rules = [
        ("send the prompt? ›", first.as_str()),
        ("write these files? ›", &first),
        ("run this check? ›", &first),
        (CRITERIA, "a\r"),
        (TASKS, "a\r"),
        ("is step 1.1 done? ›", &first),
    ];
    pty.drive(&rules);
    pty.end() != 0
}

#[test]
fn what_a_person_unticked_after_a_crash_is_not_ticked_again() {
    let mut at = 1;
    loop {
        let project = mocked(SMALL);
        if !killed_at(&project, at) {
            break;
        }
        // A tick that was announced is finished by the next session: it is let do so, and then taken back.
        let mut pty = project.terminal(&["run", "plan.md", "--step", "1.2"]);
        let leave = format!("{}{ENTER}", DOWN.repeat(5));
        pty.drive(&[("send the prompt? ›", leave.as_str())]);
        pty.end();
        assert_eq!(project.run(&["untick", "plan.md", "1.1"]).code, 0);
        let mut pty = project.terminal(&["run", "plan.md", "--step", "1.1"]);
        let quit = |n: usize| format!("{}{ENTER}", DOWN.repeat(n));
        let asked = pty.drive(&[
            ("send the prompt? ›", quit(5).as_str()),
            ("send it again? ›", quit(3).as_str()),
            ("write these files? ›", quit(6).as_str()),
            ("run this check? ›", quit(5).as_str()),
            ("does that still hold? ›", quit(3).as_str()),
        ]);
        assert_eq!(pty.end(), 4, "after a kill at {at}: {}", pty.text());
        assert_eq!(
            asked.iter().sum::<usize>(),
            1,
            "after a kill at {at}: {}",
            pty.text()
        );
        assert!(
            project.read("plan.md").contains("- [ ] Write one"),
            "after a kill at {at}"
        );
        at += 1;
    }
    assert!(at > 20, "only {at} points");
}

#[test]
fn a_step_edited_when_it_was_confirmed_is_checked_anew() {
    let project = mocked(SMALL);
    let mut pty = project.terminal(&["run", "plan.md"]);
    to_the_criteria(&mut pty);
    pty.wait_for("is step 1.1 done? ›");
    project.write(
        "plan.md",
        SMALL.replace("grep -q one one.txt", "grep -q one one.txt\nfalse"),
    );
    pty.keys(&format!("{DOWN}{ENTER}"));
    pty.answer("go on with the step as it is now? ›", 0);
    pty.answer("run this check? ›", 4);
    assert_eq!(pty.end(), 4);
    let mut pty = project.terminal(&["run", "plan.md"]);
    pty.answer("run this check? ›", 0);
    pty.wait_for("failed with exit code 1");
    pty.answer("the check did not pass; what now? ›", 4);
    assert_eq!(pty.end(), 4);
    assert!(project.read("plan.md").contains("- [ ] Write one"));
}

#[test]
fn a_box_unticked_while_the_step_is_confirmed_is_asked_again() {
    let project = mocked(&SMALL.replace("- [ ] Write one", "- [x] Think\n- [ ] Write one"));
    let mut pty = project.terminal(&["run", "plan.md", "--until", "1.1"]);
    pty.answer("send the prompt? ›", 0);
    pty.answer("write these files? ›", 0);
    pty.answer("run this check? ›", 0);
    pty.wait_for(CRITERIA);
    project.write(
        "plan.md",
        SMALL.replace("- [ ] Write one", "- [ ] Think\n- [ ] Write one"),
    );
    pty.keys(&format!("a{ENTER}"));
    pty.tick_all(TASKS);
    pty.answer("is step 1.1 done? ›", 0);
    pty.wait_for("one of its boxes was unticked meanwhile");
    pty.answer("run this check? ›", 0);
    pty.tick_all(TASKS);
    pty.answer("is step 1.1 done? ›", 0);
    assert_eq!(pty.end(), 0, "{}", pty.text());
}

#[test]
fn every_box_has_its_moment() {
    let plan = SMALL
        .replace(
            "**Rollback Plan:**\n- Remove one.txt",
            "**Manual Sign-off:**\n- [ ] Somebody looked\n\n**Rollback Plan:**\n- Remove one.txt",
        )
        .replace(
            "#### Step 1.2: Second",
            "## Phase 2: Later\n\n#### Step 2.1: Second",
        )
        .replace("Step 1.2 of", "Step 2.1 of");
    let lists = "\n## Lists\n\n### Pre-Implementation\n- [ ] Read\n\n### Before the first step\n- [ ] Agreed\n\n### Milestones\n- [ ] Phase 1 stands\n- [ ] Phase 2 stands\n\n### Notes\n- [ ] First\n\n### Notes\n- [ ] Second\n";
    let project = Project::new();
    project.write("plan.md", format!("{plan}{lists}"));
    project.mock(&[
        ("1.1", &reply_with("one.txt", "one")),
        ("2.1", &reply_with("two.txt", "two")),
    ]);
    let mut pty = project.terminal(&["run", "plan.md"]);
    pty.wait_for("Pre-Implementation");
    pty.tick_all(HOLD);
    pty.wait_for("Before the first step");
    pty.tick_all(HOLD);
    to_the_criteria(&mut pty);
    // A box under a label of its own may stay open; it is on record, and asked for at the end.
    pty.wait_for(HOLD);
    pty.keys(ENTER);
    pty.answer("is step 1.1 done? ›", 0);
    pty.wait_for("1 left open in step 1.1");
    pty.wait_for("Phase 1 stands");
    pty.keys(&format!("a{ENTER}"));
    to_the_criteria(&mut pty);
    pty.answer("is step 2.1 done? ›", 0);
    pty.wait_for("Phase 2 stands");
    pty.keys(&format!("a{ENTER}"));
    for _ in ["First", "Second", "Somebody looked"] {
        pty.tick_all(HOLD);
    }
    pty.wait_for("2 of 2 steps done, 11 of 11 boxes ticked");
    assert_eq!(pty.end(), 0, "{}", pty.text());
    assert!(!project.read("plan.md").contains("[ ]"));
}

#[test]
fn unattended_nothing_is_ticked_that_no_check_stands_behind() {
    let plan = SMALL.replace(
        "**Rollback Plan:**\n- Remove one.txt",
        "**Manual Sign-off:**\n- [ ] Somebody looked\n\n**Rollback Plan:**\n- Remove one.txt",
    );
    let project = mocked(&format!("{plan}\n## Key Milestones\n- [ ] Phase 1 stands\n"));
    let ran = project.run(&["run", "plan.md", "--unattended"]);
    assert_eq!(ran.code, 5, "{}", ran.err);
    assert!(ran.err.contains("2 boxes"), "{}", ran.err);
    let after = project.read("plan.md");
    assert!(
        after.contains("- [ ] Somebody looked") && after.contains("- [ ] Phase 1 stands"),
        "{after}"
    );
    assert_eq!(
        project.run(&["run", "plan.md", "--unattended", "--attest"]).code,
        0
    );
    assert!(!project.read("plan.md").contains("[ ]"));
}

#[test]
fn until_a_step_that_is_done_does_nothing() {
    let project = mocked(SMALL);
    for _ in 0..2 {
        assert_eq!(
            project
                .run(&["run", "plan.md", "--unattended", "--until", "1.1"])
                .code,
            0
        );
        assert!(project.read("plan.md").contains("- [ ] Write two"));
    }
}

#[test]
fn a_failure_of_an_earlier_session_is_looked_at_again() {
    let project = mocked(&SMALL.replace("grep -q one one.txt", "test -e fixed"));
    assert_eq!(
        project
            .run(&["run", "plan.md", "--unattended", "--until", "1.1"])
            .code,
        4
    );
    project.write("fixed", "");
    let ran = project.run(&["run", "plan.md", "--unattended", "--until", "1.1"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
}

#[test]
fn a_phase_without_steps_holds_nobody_up() {
    let plan = SMALL.replace(
        "## Phase 1: Only",
        "## Phase 0: Preparation\n\nRead the books.\n\n### Phase 0 Completion Criteria\n- [ ] Read\n\n## Phase 1: Only",
    );
    let project = mocked(&plan);
    let ran = project.run(&["run", "plan.md", "--unattended"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(!project.read("plan.md").contains("[ ]"));
}

#[test]
fn what_stands_beside_the_header_s_fields_is_kept() {
    let header = "**Updated:** 2025-01-01 (by Jane) <!-- soon -->\nAuthors: Jane, Bob\nReviewed-by: Carol";
    let project = mocked(&SMALL.replace("**Updated:** 2025-01-01", header));
    assert_eq!(project.run(&["tick", "plan.md", "1.1"]).code, 0);
    let after = project.read("plan.md");
    assert!(
        after.contains(" (by Jane) <!-- soon -->\nAuthors: Jane, Bob\nReviewed-by: Carol\n"),
        "{after}"
    );
    assert!(!after.contains("2025-01-01 (by Jane)"), "{after}");
    // A draft stays one, and what needs no byte moves no date.
    let project = mocked(&SMALL.replace("**Status:** Approved", "**Status:** Draft"));
    assert_eq!(project.run(&["untick", "plan.md", "1.1"]).code, 0);
    assert!(
        project
            .read("plan.md")
            .contains("**Status:** Draft\n**Created:** 2025-01-01\n**Updated:** 2025-01-01")
    );
}

#[test]
fn a_list_edited_while_it_is_asked_keeps_the_edit() {
    let project = mocked(&format!("{SMALL}\n## After\n- [ ] Told\n"));
    let mut pty = project.terminal(&["run", "plan.md"]);
    to_the_criteria(&mut pty);
    pty.answer("is step 1.1 done? ›", 0);
    to_the_criteria(&mut pty);
    pty.answer("is step 1.2 done? ›", 0);
    pty.wait_for(HOLD);
    let plan = project.read("plan.md");
    project.write("plan.md", plan.replace("- [ ] Told", "- [ ] Asked\n- [ ] Told"));
    pty.keys(&format!("a{ENTER}"));
    // The box that came meanwhile is asked for in its turn.
    pty.wait_for("Asked");
    pty.keys(&format!("a{ENTER}"));
    assert_eq!(pty.end(), 0, "{}", pty.text());
    assert!(!project.read("plan.md").contains("[ ]"));
}

#[test]
fn prompt_prints_what_comes_next_also_after_a_failure() {
    let project = mocked(&SMALL.replace("grep -q one one.txt", "echo not yet; false"));
    let mut pty = project.terminal(&["run", "plan.md"]);
    pty.answer("send the prompt? ›", 0);
    pty.answer("write these files? ›", 0);
    pty.answer("run this check? ›", 0);
    pty.answer("the check did not pass; what now? ›", 0);
    pty.wait_for("a note for the model (may be empty)");
    pty.keys(&format!("mind the gap{ENTER}"));
    pty.answer("send the prompt? ›", 4);
    assert_eq!(pty.end(), 4);
    let printed = project.run(&["prompt", "plan.md", "1.1"]).out;
    for part in ["This is attempt 2", "not yet", "mind the gap"] {
        assert!(printed.contains(part), "`{part}` is not in:\n{printed}");
    }
}

#[test]
fn a_file_that_gets_the_inode_of_the_replaced_plan_is_not_the_plan() {
    // The header's edit replaces the plan; small file systems give its inode to the next file that is made.
    for _ in 0..20 {
        let project = mocked(&format!(
            "{SMALL}\n## Lists\n\n### Pre-Implementation\n- [ ] Read\n"
        ));
        let ran = project.run(&["run", "plan.md", "--unattended", "--attest"]);
        assert_eq!(ran.code, 0, "{}", ran.err);
    }
}
