//! What goes out and what is left out; steps that were changed meanwhile.

use serde_json::json;

use crate::site::{KINDS, Site};
use crate::support::project::SMALL;
use crate::support::pty::{DOWN, ENTER};

#[test]
fn a_step_that_was_changed_is_told_and_its_reply_is_not_used_unasked() {
    for kind in KINDS {
        let site = Site::new(kind);
        site.submit();
        site.wait();
        let changed = SMALL.replace("- [ ] Write one", "- [ ] Write one, better");
        site.project.write("plan.md", &changed);
        let home = site.fetch(0);
        let note = home["batches"][0]["notes"][0].as_str().unwrap();
        assert!(
            note.starts_with("step 1.1 of `plan.md` was changed since its prompt was sent"),
            "{note}"
        );
        let ran = site.run(11, &["run", "plan.md", "--unattended"]);
        assert!(ran.err.contains("step 1.1 was edited"), "{}", ran.err);
        assert_eq!(site.project.read("plan.md"), changed);
        // A person sees the difference and goes on.
        let mut pty = site.project.terminal(&["run", "plan.md", "--until", "1.1"]);
        pty.wait_for("go on with the step as it is now?");
        assert!(pty.text().contains("+- [ ] Write one, better"), "{}", pty.text());
        pty.keys(&format!("{DOWN}{ENTER}"));
        // The step as it is now, and a reply to the step as it was: what becomes of it is another question.
        pty.answer("use this reply all the same?", 0);
        pty.wait_for("write these files?");
        pty.leave();
        assert_eq!(site.sent_alone(), 0, "{kind}");
    }
}

#[test]
fn a_step_that_was_changed_before_it_goes_out_is_not_submitted() {
    let site = Site::new("openai");
    let mut pty = site.project.terminal(&["batch", "submit", "."]);
    pty.wait_for("submit these prompts?");
    site.project
        .write("plan.md", SMALL.replace("Make one", "Make one well"));
    pty.keys(&format!("{DOWN}{ENTER}"));
    assert_eq!(pty.end(), 11, "{}", pty.text());
    assert!(pty.text().contains("no longer what was shown"), "{}", pty.text());
    assert_eq!((site.batches().len(), site.asked("POST", "/v1/files")), (0, 0));
    assert_eq!(site.submit()["requests"], 1);
}

#[test]
fn plans_that_may_not_be_run_are_left_out_with_a_word() {
    let site = Site::new("openai");
    site.project.write(
        "draft.md",
        SMALL.replace("EP-0007", "EP-0009").replace("Approved", "Draft"),
    );
    site.project.write(
        "outside.md",
        SMALL
            .replace("EP-0007", "EP-0010")
            .replace("- None", "- The new server has been bought"),
    );
    site.project.write(
        "broken.md",
        SMALL
            .replace("EP-0007", "EP-0011")
            .replace("Step 1.2: Second", "Step 1.1: Second"),
    );
    let submitted = site.json(3, &["batch", "submit", ".", "--yes", "--json"]);
    assert_eq!(submitted["requests"], 1);
    let left: Vec<_> = submitted["left_out"].as_array().unwrap().clone();
    assert_eq!(
        left,
        [
            json!({"plan": "draft.md", "step": null, "why": "neither Approved nor In Progress"}),
            json!({"plan": "outside.md", "step": "1.1", "why": "dependent on what only a person can see"}),
        ]
    );
    // Whoever says so beforehand vouches for it, on record.
    let submitted = site.json(
        0,
        &["batch", "submit", "outside.md", "--yes", "--attest", "--json"],
    );
    assert_eq!(submitted["requests"], 1);
    let log = site.run(0, &["log", "outside.md"]).out;
    assert!(
        log.contains("tester, beforehand (unattended) vouches for: The new server has been bought"),
        "{log}"
    );
}

#[test]
fn a_plan_that_a_session_holds_is_left_alone() {
    let site = Site::new("openai");
    site.second_plan();
    let mut pty = site.project.terminal(&["run", "plan.md"]);
    pty.wait_for("send the prompt?");
    let submitted = site.submit();
    assert_eq!(submitted["requests"], 1);
    assert_eq!(
        submitted["left_out"],
        json!([{"plan": "plan.md", "step": null, "why": "held by a session"}])
    );
    pty.leave();
}

#[test]
fn a_reply_waits_until_its_plan_is_free() {
    let site = Site::new("openai");
    site.second_plan();
    let plan = SMALL.replace("- Step 1.1 must be complete", "- None");
    site.project.write("plan.md", plan);
    site.json(0, &["batch", "submit", ".", "--yes", "--json", "--step", "1.1"]);
    site.wait();
    let mut pty = site.project.terminal(&["run", "plan.md"]);
    pty.wait_for("send the prompt?");
    let home = site.fetch(10);
    assert_eq!(home["batches"][0]["landed"]["replies"], 1, "{home}");
    let ran = site.run(10, &["batch", "fetch"]);
    assert!(
        ran.err.contains("another session holds") && ran.err.contains("is home in part"),
        "{}",
        ran.err
    );
    pty.leave();
    let home = site.fetch(0);
    let landed = &home["batches"][0]["landed"];
    assert_eq!(
        (&landed["replies"], &landed["earlier"]),
        (&json!(1), &json!(1)),
        "{home}"
    );
    assert_eq!(site.json(0, &["batch", "status", "--json"])["batches"], json!([]));
}

#[test]
fn a_reply_that_no_step_waits_for_is_kept_and_told() {
    let site = Site::new("anthropic");
    site.submit();
    site.wait();
    // The record is put aside, and a person does the step meanwhile.
    site.run(5, &["run", "plan.md", "--unattended", "--forget-session"]);
    site.run(0, &["tick", "plan.md", "1.1"]);
    let home = site.fetch(0);
    assert_eq!(home["batches"][0]["landed"]["unasked"], 1, "{home}");
    let note = home["batches"][0]["notes"][0].as_str().unwrap();
    let (_, path) = note.split_once("which stays in `").unwrap();
    let kept = std::fs::read_to_string(path.trim_end_matches('`')).unwrap();
    assert!(kept.contains("EP-0007_1-1_"), "{kept}");
}

#[test]
fn a_plan_that_is_gone_does_not_hold_up_the_others() {
    let site = Site::new("openai");
    site.second_plan();
    let mark = site.submit()["mark"].as_str().unwrap().to_owned();
    site.wait();
    std::fs::remove_file(site.project.root().join("plan.md")).unwrap();
    let ran = site.run(3, &["batch", "fetch"]);
    assert!(
        ran.err.contains("is home in part: fetch again: 1 reply"),
        "{}",
        ran.err
    );
    site.run(0, &["run", "other/plan.md", "--unattended", "--until", "1.1"]);
    site.run(0, &["batch", "cancel", &mark, "--forget", "--yes"]);
    assert_eq!(site.json(0, &["batch", "status", "--json"])["batches"], json!([]));
}

#[test]
fn a_session_goes_on_with_a_step_that_waits_for_nothing() {
    let site = Site::new("openai");
    let plan = SMALL.replace("- Step 1.1 must be complete", "- None");
    site.project.write("plan.md", plan);
    site.json(0, &["batch", "submit", ".", "--yes", "--json", "--step", "1.1"]);
    let ran = site.run(5, &["run", "plan.md", "--unattended"]);
    assert!(ran.err.contains("step 1.2 comes first"), "{}", ran.err);
    assert!(ran.err.contains("step 1.1 waits for batch"), "{}", ran.err);
    assert!(site.project.read("plan.md").contains("- [x] Write two"));
    assert_eq!(site.sent_alone(), 1);
    site.wait();
    site.fetch(0);
    site.run(0, &["run", "plan.md", "--unattended", "--attest"]);
    assert_eq!(site.sent_alone(), 1);
}

#[test]
fn names_that_are_nowhere_are_refused() {
    let site = Site::new("openai");
    let ran = site.run(2, &["batch", "submit", ".", "--yes", "--step", "9.9"]);
    assert!(ran.err.contains("no plan has a step 9.9"), "{}", ran.err);
    site.run(2, &["batch", "fetch", "nobody"]);
    site.run(2, &["batch", "status", "nobody"]);
    let ran = site.run(0, &["batch", "status"]);
    assert_eq!((ran.out.as_str(), ran.err.as_str()), ("", "no batch is out\n"));
    assert_eq!(
        site.json(0, &["batch", "status", "--json"]),
        json!({"schema": "stepgate.batches/1", "batches": []})
    );
}
