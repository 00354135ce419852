//! Guided sessions: the real binary at a real terminal, with a server that it reaches over HTTP.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "what helps a test may fail like a test"
)]

mod support;

use std::fs;

use support::project::{Project, SMALL, reply_with, shared};
use support::pty::{DOWN, ENTER};
use support::walk::{asked, confirm_step, over_http, small_mock, today, walk_step};
use support::wire_server::{Act, WireServer, gate, reply, stream_head};

const EP: &str = "docs/enhancements/approved/EP-0003-alert-processing-history-implementation.md";

#[test]
fn a_person_walks_through_a_plan() {
    let project = small_mock();
    let mut pty = project.terminal(&["run", "plan.md"]);
    walk_step(&mut pty, "1.1");
    walk_step(&mut pty, "1.2");
    pty.wait_for("2 of 2 steps done, 4 of 4 boxes ticked");
    assert_eq!(pty.end(), 0, "{}", pty.text());
    let expected = SMALL
        .replace("- [ ]", "- [x]")
        .replace("**Status:** Approved", "**Status:** In Progress")
        .replace("**Updated:** 2025-01-01", &format!("**Updated:** {}", today()));
    assert_eq!(project.read("plan.md"), expected);
    assert_eq!(project.read("one.txt"), "one\n");
}

#[test]
fn the_real_plan_over_http_killed_and_gone_on_with() {
    let Some(plans) = shared("the_real_plan_over_http_killed_and_gone_on_with") else {
        return;
    };
    let project = Project::new();
    let folder = plans.join("docs/enhancements/approved");
    for entry in fs::read_dir(&folder).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        project.write(
            &format!("docs/enhancements/approved/{name}"),
            fs::read(entry.path()).unwrap(),
        );
    }
    let before = project.read(EP);
    let server = WireServer::start([reply("I would add the models."), reply("never asked for")]);
    over_http(&project, &server);

    let mut pty = project.terminal(&["run", EP]);
    // The list before the first step stays open, with a reason.
    pty.wait_for("which of these hold? (space ticks, a ticks all, enter goes on) ›");
    pty.keys(ENTER);
    pty.wait_for("why do the others stay open? (may be empty)");
    pty.keys(&format!("asked for{ENTER}"));
    // What stepgate cannot see is vouched for.
    pty.wait_for("SQLModel framework (includes SQLAlchemy core)");
    pty.answer("is all of this in place? ›", 0);
    pty.answer("send the prompt? ›", 0);
    pty.wait_for("I would add the models.");
    // A reply without files: the person does the work, and verifies by hand.
    pty.answer("make the changes in the tree, then come back ›", 0);
    pty.answer("run this check? ›", 3);
    confirm_step(&mut pty, "1.1");
    pty.wait_for("Step 1.2");
    pty.wait_for("is all of this in place? ›");
    pty.kill();

    // The twelve boxes of step 1.1, the status and the date: nothing else.
    let from = before.find("#### Step 1.1").unwrap();
    let to = before.find("#### Step 1.2").unwrap();
    let (head, tail) = before.split_at(from);
    let (step, tail) = tail.split_at(to - from);
    assert_eq!(step.matches("- [ ]").count(), 12);
    let head = head.replace("**Status:** Approved", "**Status:** In Progress");
    let head = head.replace("**Updated:** 2024-12-19", &format!("**Updated:** {}", today()));
    assert_eq!(
        project.read(EP),
        format!("{head}{}{tail}", step.replace("- [ ]", "- [x]"))
    );
    assert_eq!(server.requests().len(), 1);

    let mut pty = project.terminal(&["run", EP]);
    pty.wait_for("Step 1.2");
    pty.answer("is all of this in place? ›", 1);
    assert_eq!(pty.end(), 4);
    assert_eq!(server.requests().len(), 1, "nothing was sent twice");

    // What was sent: the documents, the overview, the step, and last its AI prompt line.
    let sent = asked(&server.requests()[0]);
    let expected = project.run(&["prompt", EP, "1.1", "--json"]);
    let printed: serde_json::Value = serde_json::from_str(&expected.out).unwrap();
    // The step's boxes have been ticked since.
    assert_eq!(
        printed["user"].as_str().unwrap().replace("- [x]", "- [ ]"),
        sent.replace("- [x]", "- [ ]")
    );
    assert!(
        sent.trim_end()
            .ends_with("audit trail fields using modern type hints.")
    );
}

#[test]
fn keys_typed_ahead_answer_nothing() {
    let project = Project::small();
    let (open, wait) = gate();
    let (told, telling) = gate();
    let mut script = vec![stream_head(), Act::Tell(told), Act::Wait(wait)];
    script.extend(reply(&reply_with("one.txt", "one")).into_iter().skip(1));
    let server = WireServer::start([script]);
    over_http(&project, &server);
    let mut pty = project.terminal(&["run", "plan.md"]);
    pty.answer("send the prompt? ›", 0);
    telling.recv().unwrap();
    // The person hammers on the keys that agree, while the reply is still to come.
    pty.keys(&format!("{DOWN}{ENTER}").repeat(20));
    pty.keys("y\ry\ry\r");
    open.send(()).unwrap();
    pty.wait_for("write these files? ›");
    pty.keys("\x1b");
    pty.wait_for("0 of 2 steps done");
    assert_eq!(pty.end(), 4);
    assert!(!project.root().join("one.txt").exists());
}

#[test]
fn enter_alone_agrees_to_nothing() {
    let project = small_mock();
    let mut pty = project.terminal(&["run", "plan.md"]);
    pty.wait_for("send the prompt? ›");
    pty.keys(&format!("{ENTER}{ENTER}{ENTER}"));
    pty.keys("\x1b");
    assert_eq!(pty.end(), 4);
    assert!(!pty.text().contains("sent to"), "{}", pty.text());
}

#[test]
fn a_failed_check_goes_back_to_the_model_with_its_output() {
    let project = Project::small();
    project.write(
        "plan.md",
        SMALL.replace(
            "grep -q one one.txt",
            "echo looking\ngrep -q one one.txt || { echo 'one is missing'; exit 3; }",
        ),
    );
    let server = WireServer::start([
        reply(&reply_with("one.txt", "none of it".replace("one", "o").as_str())),
        reply(&reply_with("one.txt", "one")),
    ]);
    over_http(&project, &server);
    let mut pty = project.terminal(&["run", "plan.md", "--until", "1.1"]);
    pty.answer("send the prompt? ›", 0);
    pty.answer("write these files? ›", 0);
    pty.answer("run this check? ›", 0);
    pty.wait_for("failed with exit code 3");
    pty.answer("the check did not pass; what now? ›", 0);
    pty.wait_for("a note for the model (may be empty)");
    pty.keys(&format!("mind the spelling{ENTER}"));
    walk_step(&mut pty, "1.1");
    assert_eq!(pty.end(), 0, "{}", pty.text());
    let second = asked(&server.requests()[1]);
    for part in [
        "This is attempt 2",
        "exit code 3",
        "one is missing",
        "mind the spelling",
        "echo looking",
    ] {
        assert!(second.contains(part), "`{part}` is not in:\n{second}");
    }
    assert!(second.trim_end().ends_with("make one"));
    let log = project.run(&["log", "plan.md", "1.1"]);
    assert!(log.out.contains("`echo looking` exit 0"), "{}", log.out);
    assert!(
        log.out
            .contains("sent back for another attempt: mind the spelling"),
        "{}",
        log.out
    );
}

#[test]
fn the_record_says_how_it_was_checked() {
    let two = SMALL.replace("grep -q one one.txt", "cd sub\ngrep -q one ../one.txt\nfalse");
    for (answer, says, passes) in [
        (1, "check passed (2 chosen commands)", true),
        (
            2,
            "check failed with exit code 1 (in the person's terminal)",
            false,
        ),
        (3, "check verified by hand (by hand)", true),
    ] {
        let project = small_mock();
        project.write("plan.md", &two);
        project.write("sub/keep", "");
        let mut pty = project.terminal(&["run", "plan.md", "--until", "1.1"]);
        pty.answer("send the prompt? ›", 0);
        pty.answer("write these files? ›", 0);
        pty.answer("run this check? ›", answer);
        if answer == 1 {
            pty.wait_for("run which? (space ticks, a ticks all, enter goes on) ›");
            pty.keys(&format!(" {DOWN} {ENTER}"));
        }
        if passes {
            confirm_step(&mut pty, "1.1");
            assert_eq!(pty.end(), 0, "{}", pty.text());
        } else {
            pty.answer("the check did not pass; what now? ›", 4);
            assert_eq!(pty.end(), 4);
        }
        let log = project.run(&["log", "plan.md", "1.1"]);
        assert!(log.out.contains(says), "`{says}` is not in:\n{}", log.out);
    }
}

#[test]
fn escalating_ends_with_4_and_is_on_record() {
    let project = small_mock();
    project.write("plan.md", SMALL.replace("grep -q one one.txt", "false"));
    let mut pty = project.terminal(&["run", "plan.md"]);
    pty.answer("send the prompt? ›", 0);
    pty.answer("write these files? ›", 0);
    pty.answer("run this check? ›", 0);
    pty.answer("the check did not pass; what now? ›", 2);
    pty.wait_for("why, and for whom?");
    pty.keys(&format!("the disk team knows{ENTER}"));
    assert_eq!(pty.end(), 4);
    let log = project.run(&["log", "plan.md"]);
    assert!(
        log.out
            .contains("escalated by tester: the disk team knows; to hand over: /"),
        "{}",
        log.out
    );
    assert!(project.read("plan.md").contains("- [ ] Write one"));
    // The next session takes the step up again.
    let mut pty = project.terminal(&["run", "plan.md"]);
    pty.wait_for("it was escalated: the disk team knows");
    pty.answer("send the prompt? ›", 4);
    assert_eq!(pty.end(), 4);
}

#[test]
fn a_plan_edited_while_paused() {
    // Elsewhere: the edit is kept, and the session goes on.
    let project = small_mock();
    let mut pty = project.terminal(&["run", "plan.md", "--until", "1.1"]);
    pty.answer("send the prompt? ›", 0);
    pty.wait_for("write these files? ›");
    project.write(
        "plan.md",
        SMALL.replace("Make two", "Make two of them\n\nReally."),
    );
    pty.keys(&format!("{DOWN}{ENTER}"));
    pty.answer("run this check? ›", 0);
    confirm_step(&mut pty, "1.1");
    assert_eq!(pty.end(), 0);
    let plan = project.read("plan.md");
    assert!(
        plan.contains("Make two of them\n\nReally.") && plan.contains("- [x] Write one"),
        "{plan}"
    );

    // In this step: the difference is shown and asked about.
    let project = small_mock();
    let mut pty = project.terminal(&["run", "plan.md", "--until", "1.1"]);
    pty.answer("send the prompt? ›", 0);
    pty.wait_for("write these files? ›");
    project.write("plan.md", SMALL.replace("Write one", "Write one well"));
    pty.keys(&format!("{DOWN}{ENTER}"));
    pty.wait_for("-- [ ] Write one");
    pty.wait_for("+- [ ] Write one well");
    pty.answer("go on with the step as it is now? ›", 0);
    pty.answer("run this check? ›", 0);
    confirm_step(&mut pty, "1.1");
    assert_eq!(pty.end(), 0);
    assert!(project.read("plan.md").contains("- [x] Write one well"));

    // The check changed after it was shown: consent does not carry over.
    let project = small_mock();
    let mut pty = project.terminal(&["run", "plan.md", "--until", "1.1"]);
    pty.answer("send the prompt? ›", 0);
    pty.answer("write these files? ›", 0);
    pty.wait_for("run this check? ›");
    project.write("plan.md", SMALL.replace("grep -q one one.txt", "touch pwned"));
    pty.keys(&format!("{DOWN}{ENTER}"));
    assert_eq!(pty.end(), 11, "{}", pty.text());
    assert!(!project.root().join("pwned").exists());

    // The step is gone, or the whole plan: nothing is made anew.
    for gone in [
        Some(
            SMALL
                .replace("Step 1.1: First", "Step 1.7: First")
                .replace("Step 1.1 must", "Step 1.7 must"),
        ),
        None,
    ] {
        let project = small_mock();
        let mut pty = project.terminal(&["run", "plan.md"]);
        pty.answer("send the prompt? ›", 0);
        pty.wait_for("write these files? ›");
        match &gone {
            Some(text) => project.write("plan.md", text),
            None => fs::remove_file(project.root().join("plan.md")).unwrap(),
        }
        pty.keys(&format!("{DOWN}{ENTER}"));
        assert_eq!(pty.end(), 11, "{}", pty.text());
        assert_eq!(project.root().join("plan.md").exists(), gone.is_some());
    }
}

#[test]
fn a_person_ticks_or_unticks_meanwhile() {
    let project = small_mock();
    let mut pty = project.terminal(&["run", "plan.md", "--until", "1.1"]);
    pty.answer("send the prompt? ›", 0);
    pty.answer("write these files? ›", 0);
    pty.wait_for("run this check? ›");
    project.write("plan.md", SMALL.replace("- [ ] Write one", "- [X] Write one"));
    pty.keys(&format!("{DOWN}{ENTER}"));
    pty.tick_all("which criteria did you verify? (space ticks, a ticks all, enter goes on) ›");
    pty.answer("is step 1.1 done? ›", 0);
    assert_eq!(pty.end(), 0, "{}", pty.text());
    let plan = project.read("plan.md");
    assert!(
        plan.contains("- [X] Write one") && plan.contains("- [x] One is there"),
        "{plan}"
    );
    // Unticked by hand in the file: the plan wins, and the step is open again.
    project.write("plan.md", plan.replace("- [X] Write one", "- [ ] Write one"));
    let mut pty = project.terminal(&["run", "plan.md"]);
    pty.wait_for("Step 1.1");
    pty.answer("send the prompt? ›", 4);
    assert_eq!(pty.end(), 4);
}

#[test]
fn a_key_is_seen_by_the_server_alone() {
    const KEY: &str = "sk-marker-0123456789abcdef";
    let mut project = Project::small();
    project.set("WIRE_KEY", KEY);
    project.write(
        "plan.md",
        SMALL.replace("grep -q one one.txt", "env\ngrep -q one one.txt"),
    );
    // The server says the key back, as a careless proxy may.
    let said = format!("Your key is {KEY}.\n\n{}", reply_with("one.txt", "one"));
    let server = WireServer::start([reply(&said)]);
    project.configure(&format!(
        "default = \"wire\"\n[endpoint.wire]\nkind = \"openai\"\nurl = \"{}\"\nmodel = \"m\"\nkey_env = \"WIRE_KEY\"\n",
        server.url()
    ));
    let mut pty = project.terminal(&["run", "plan.md", "--until", "1.1"]);
    walk_step(&mut pty, "1.1");
    assert_eq!(pty.end(), 0);
    assert_eq!(
        server.requests()[0].header("authorization"),
        Some(format!("Bearer {KEY}").as_str())
    );
    assert!(pty.text().contains("HOME="), "the check showed its environment");
    assert!(!pty.text().contains(KEY), "{}", pty.text());
    let log = project.run(&["log", "plan.md", "--json"]);
    assert!(!log.out.contains(KEY));
    for entry in ignore::WalkBuilder::new(project.home())
        .standard_filters(false)
        .build()
    {
        let path = entry.unwrap().into_path();
        if path.is_file() {
            let bytes = fs::read(&path).unwrap();
            assert!(
                !String::from_utf8_lossy(&bytes).contains(KEY),
                "{}",
                path.display()
            );
        }
    }
}

#[test]
fn a_phase_waits_for_the_criteria_of_the_one_before() {
    let project = Project::new();
    let plan = SMALL.replace(
        "#### Step 1.2: Second",
        "### Phase 1 Completion Criteria\n- [ ] Agreed\n- [ ] Signed\n\n## Phase 2: Later\n\n#### Step 2.1: Second",
    );
    project.write(
        "plan.md",
        plan.replace("Step 1.2 of", "Step 2.1 of")
            .replace("- Step 1.1 must be complete", "- None"),
    );
    project.mock(&[
        ("1.1", &reply_with("one.txt", "one")),
        ("2.1", &reply_with("two.txt", "two")),
    ]);
    let mut pty = project.terminal(&["run", "plan.md"]);
    walk_step(&mut pty, "1.1");
    pty.wait_for("which of these hold? (space ticks, a ticks all, enter goes on) ›");
    pty.keys(&format!(" {ENTER}"));
    pty.wait_for("why do the others stay open? (may be empty)");
    pty.keys(&format!("the captain is ashore{ENTER}"));
    pty.wait_for("no step can run: step 2.1 waits for phase 1");
    assert_eq!(pty.end(), 5, "{}", pty.text());
    assert!(project.read("plan.md").contains("- [x] Agreed\n- [ ] Signed"));
    // Asked again, all of it holds, and the next phase opens.
    let mut pty = project.terminal(&["run", "plan.md"]);
    pty.tick_all("which of these hold? (space ticks, a ticks all, enter goes on) ›");
    walk_step(&mut pty, "2.1");
    assert_eq!(pty.end(), 0, "{}", pty.text());
    assert!(!project.read("plan.md").contains("[ ]"));
}

#[test]
fn by_hand_with_a_tool_of_ones_own() {
    let project = Project::small();
    let printed = project.run(&["prompt", "plan.md", "1.1"]).out;
    let mut pty = project.terminal(&["run", "plan.md", "--until", "1.1"]);
    pty.answer("send the prompt? ›", 0);
    pty.wait_for("make one");
    pty.wait_for("copied to the clipboard");
    pty.wait_for("make the changes in the tree, then come back ›");
    project.write("one.txt", "one\n");
    pty.keys(&format!("{DOWN}{ENTER}"));
    pty.answer("run this check? ›", 0);
    confirm_step(&mut pty, "1.1");
    assert_eq!(pty.end(), 0, "{}", pty.text());
    // What was copied is what `prompt` prints.
    let bytes = pty.bytes();
    let text = String::from_utf8_lossy(&bytes);
    let coded = text
        .split("\u{1b}]52;c;")
        .nth(1)
        .unwrap()
        .split('\u{7}')
        .next()
        .unwrap()
        .to_owned();
    let copied = base64::Engine::decode(&base64::engine::general_purpose::STANDARD, coded).unwrap();
    assert_eq!(String::from_utf8(copied).unwrap(), printed);
}
