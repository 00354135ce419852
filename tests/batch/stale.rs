//! Replies that wait while the tree, the documents or the plan go on: what their prompts showed is no longer so.

use std::fs;

use crate::site::{KINDS, Site};
use crate::support::project::{Project, SMALL, reply_with};
use crate::support::pty::{DOWN, ENTER};

/// Two plans of one wave whose first steps name one file.
fn clash(kind: &'static str) -> Site {
    let rule = |plan: &str, text: &str| {
        let reply = reply_with("one.txt", text);
        let when = format!("Implement Step 1.1 of {plan}");
        format!(
            "[[rule]]\ndescription = \"answers {plan}\"\nwhen = {{ contains = \"{when}\" }}\n[[rule.reply]]\ntext = '''\n{reply}'''\n"
        )
    };
    let rules = rule("EP-0007", "one\nFROM PLAN SEVEN") + &rule("EP-0008", "one\nFROM PLAN EIGHT");
    let site = Site::of(kind, &format!("description = \"two plans, one file\"\n{rules}"));
    site.project.write("one.txt", "one\n");
    site.project
        .write("other/plan.md", SMALL.replace("EP-0007", "EP-0008"));
    site.submit();
    site.wait();
    assert_eq!(site.fetch(0)["batches"][0]["landed"]["replies"], 2);
    site.run(0, &["run", "plan.md", "--unattended", "--until", "1.1"]);
    site
}

#[test]
fn a_reply_whose_files_another_plan_changed_overwrites_nothing_unasked() {
    for kind in KINDS {
        let site = clash(kind);
        let ran = site.run(11, &["run", "other/plan.md", "--unattended", "--until", "1.1"]);
        for text in [
            "what the prompt of step 1.1 showed is no longer so",
            "+FROM PLAN SEVEN",
            "--stale-reply",
        ] {
            assert!(ran.err.contains(text), "{kind} {text}: {}", ran.err);
        }
        assert_eq!(site.project.read("one.txt"), "one\nFROM PLAN SEVEN\n");
        // The reply is still there, and the question too.
        site.run(11, &["run", "other/plan.md", "--unattended"]);
    }
}

#[test]
fn a_person_sees_what_changed_and_uses_the_reply_or_has_the_model_asked_again() {
    let site = clash("openai");
    let args = ["run", "other/plan.md", "--until", "1.1"];
    let mut pty = site.project.terminal(&args);
    pty.wait_for("+FROM PLAN SEVEN");
    pty.answer("use this reply all the same?", 0);
    pty.wait_for("write these files?");
    pty.leave();
    // What was agreed to in one session is asked again in the next.
    let mut pty = site.project.terminal(&args);
    pty.answer("use this reply all the same?", 1);
    pty.wait_for("send the prompt?");
    pty.keys(&format!("{DOWN}{ENTER}"));
    pty.wait_for("write these files?");
    pty.leave();
    assert_eq!(site.sent_alone(), 1);
    let log = site.run(0, &["log", "other/plan.md", "1.1"]).out;
    for text in [
        "the reply is used although its prompt would be another one now, said tester",
        "no reply that can be used: what its prompt showed is no longer so, and the model is to be asked again",
    ] {
        assert!(log.contains(text), "{text}: {log}");
    }
    // The new reply was made for the tree as it is.
    site.run(0, &["run", "other/plan.md", "--unattended", "--until", "1.1"]);
    assert_eq!(site.project.read("one.txt"), "one\nFROM PLAN EIGHT\n");
}

#[test]
fn it_can_be_said_beforehand_what_becomes_of_such_a_reply() {
    for (word, sent) in [("use", 0), ("again", 1)] {
        let site = clash("anthropic");
        let args = ["run", "other/plan.md", "--unattended", "--until", "1.1"];
        site.run(0, &[&args[..], &["--stale-reply", word]].concat());
        assert_eq!(site.sent_alone(), sent, "{word}");
        assert_eq!(site.project.read("one.txt"), "one\nFROM PLAN EIGHT\n");
    }
}

#[test]
fn a_step_that_was_answered_before_the_one_that_it_waits_for_is_asked_about() {
    let site = Site::new("openai");
    let plan = SMALL.replace(
        "**Goal:** Make two\n",
        "**Goal:** Make two\n**Files to Create/Modify:**\n- `one.txt` (modify)\n",
    );
    site.project.write("plan.md", plan);
    site.json(0, &["batch", "submit", ".", "--open", "--yes", "--json"]);
    site.wait();
    site.fetch(0);
    let ran = site.run(11, &["run", "plan.md", "--unattended"]);
    assert!(ran.err.contains("the prompt of step 1.2"), "{}", ran.err);
    assert!(site.project.read("plan.md").contains("- [x] Write one"));
    assert!(!site.project.root().join("two.txt").exists());
}

/// A plan that rests on a document and has an overview with a box.
const OVERVIEW: &str = "**Updated:** 2025-01-01\n**Requirements Document:** `needs.md`\n\n## Pre-Implementation\n\nAll in Rust.\n\n- [ ] The tree is clean\n";

fn with_overview() -> Site {
    let site = Site::new("openai");
    site.project.write("needs.md", "# Needs\n\nIt is fast.\n");
    let plan = SMALL.replace("**Updated:** 2025-01-01\n", OVERVIEW);
    site.project.write("plan.md", plan);
    site.submit();
    site.wait();
    site.fetch(0);
    site
}

#[test]
fn documents_and_the_overview_count() {
    let changes = [
        ("needs.md", "It is fast.", "It is slow."),
        ("plan.md", "All in Rust.", "All in C."),
    ];
    for (path, old, new) in changes {
        let site = with_overview();
        let text = site.project.read(path).replace(old, new);
        site.project.write(path, text);
        let ran = site.run(
            11,
            &["run", "plan.md", "--unattended", "--attest", "--until", "1.1"],
        );
        assert!(ran.err.contains(&format!("+{new}")), "{}", ran.err);
        assert!(!site.project.root().join("one.txt").exists());
    }
}

#[test]
fn a_box_that_was_ticked_meanwhile_is_no_change() {
    let site = with_overview();
    // The list before the first step is ticked on the way to the reply.
    site.run(
        0,
        &["run", "plan.md", "--unattended", "--attest", "--until", "1.1"],
    );
    let plan = site.project.read("plan.md");
    assert!(plan.contains("- [x] The tree is clean"), "{plan}");
    assert_eq!(site.sent_alone(), 0);
}

#[test]
fn a_reply_of_an_earlier_session_is_asked_about_as_well() {
    let project = Project::small();
    project.write("one.txt", "before\n");
    project.mock(&[("1.1", &reply_with("one.txt", "one"))]);
    let mut pty = project.terminal(&["run", "plan.md", "--until", "1.1"]);
    pty.wait_for("send the prompt?");
    pty.keys(&format!("{DOWN}{ENTER}"));
    pty.wait_for("write these files?");
    pty.leave();
    project.write("one.txt", "of somebody else\n");
    let ran = project.run(&["run", "plan.md", "--unattended", "--until", "1.1"]);
    assert_eq!(ran.code, 11, "{}", ran.err);
    assert!(ran.err.contains("+of somebody else"), "{}", ran.err);
    assert_eq!(project.read("one.txt"), "of somebody else\n");
    // As it was, it is used without a question.
    project.write("one.txt", "before\n");
    let ran = project.run(&["run", "plan.md", "--unattended", "--until", "1.1"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert_eq!(project.read("one.txt"), "one\n");
}

#[test]
fn a_reply_to_an_edited_prompt_is_compared_with_the_prompt_before_the_edit() {
    let mut project = Project::small();
    project.mock(&[("1.1", &reply_with("one.txt", "one"))]);
    let editor = project.program("edit", "echo 'and be quick' >> \"$1\"");
    project.set("VISUAL", &editor);
    let mut pty = project.terminal(&["run", "plan.md", "--until", "1.1"]);
    pty.answer("send the prompt?", 1);
    pty.wait_for("write these files?");
    pty.leave();
    let ran = project.run(&["run", "plan.md", "--unattended", "--until", "1.1"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
}

#[test]
fn a_prompt_that_cannot_be_made_any_more_is_no_proof() {
    let site = with_overview();
    fs::remove_file(site.project.root().join("needs.md")).unwrap();
    let ran = site.run(
        11,
        &["run", "plan.md", "--unattended", "--attest", "--until", "1.1"],
    );
    assert!(
        ran.err.contains("cannot read the requirements document"),
        "{}",
        ran.err
    );
}

#[test]
fn a_file_that_the_prompt_did_not_show_and_that_was_changed_since_is_asked_about() {
    let project = Project::small();
    project.mock(&[("1.1", &reply_with("other.txt", "one"))]);
    project.write("other.txt", "before\n");
    let mut pty = project.terminal(&["run", "plan.md", "--until", "1.1"]);
    pty.wait_for("send the prompt?");
    pty.keys(&format!("{DOWN}{ENTER}"));
    pty.wait_for("write these files?");
    pty.leave();
    let file = fs::File::options()
        .write(true)
        .open(project.root().join("other.txt"))
        .unwrap();
    let later = std::time::SystemTime::now() + std::time::Duration::from_secs(60);
    file.set_modified(later).unwrap();
    let ran = project.run(&["run", "plan.md", "--unattended", "--until", "1.1"]);
    assert_eq!(ran.code, 11, "{}", ran.err);
    assert!(
        ran.err.contains("+other.txt was changed since then"),
        "{}",
        ran.err
    );
    assert_eq!(project.read("other.txt"), "before\n");
}

#[test]
fn what_becomes_of_a_reply_to_a_step_that_was_edited_can_be_said_beforehand() {
    for (word, sent) in [("use", 0), ("again", 1)] {
        let site = Site::new("openai");
        site.submit();
        site.wait();
        site.fetch(0);
        let changed = SMALL.replace("make one`", "make one, please`");
        site.project.write("plan.md", changed);
        let args = ["run", "plan.md", "--unattended", "--until", "1.1"];
        let ran = site.run(11, &args);
        assert!(ran.err.contains("step 1.1 was edited"), "{}", ran.err);
        assert!(
            ran.err.contains("`--stale-reply use` goes on with"),
            "{}",
            ran.err
        );
        site.run(0, &[&args[..], &["--stale-reply", word]].concat());
        assert_eq!(site.sent_alone(), sent, "{word}");
        assert_eq!(site.project.read("one.txt"), "one\n");
    }
}

#[test]
fn a_step_that_was_edited_after_its_files_were_written_is_for_a_person() {
    let project = Project::small();
    project.mock(&[("1.1", &reply_with("one.txt", "two"))]);
    let args = ["run", "plan.md", "--unattended", "--attempts", "1"];
    assert_eq!(project.run(&args).code, 4);
    project.write("plan.md", SMALL.replace("make one`", "make one, please`"));
    let ran = project.run(&[&args[..], &["--stale-reply", "use"]].concat());
    assert_eq!(ran.code, 11, "{}", ran.err);
    assert!(!ran.err.contains("`--stale-reply use` goes on"), "{}", ran.err);
}

#[test]
fn a_step_that_is_edited_while_a_batch_has_it_waits_for_that_first() {
    for kind in KINDS {
        let site = Site::new(kind);
        site.submit();
        site.project
            .write("plan.md", SMALL.replace("Write one", "Write one, please"));
        for more in [
            &[][..],
            &["--step", "1.1"],
            &["--step", "1.1", "--stale-reply", "use"],
        ] {
            let ran = site.run(5, &[&["run", "plan.md", "--unattended"], more].concat());
            assert!(ran.err.contains("waits for batch"), "{kind}: {}", ran.err);
        }
        // Then it is asked about.
        site.wait();
        site.fetch(0);
        let ran = site.run(11, &["run", "plan.md", "--unattended", "--step", "1.1"]);
        assert!(ran.err.contains("step 1.1 was edited"), "{kind}: {}", ran.err);
    }
}
