//! Guided sessions where something is off: small screens, editors that fail, texts that change under one's hands.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "what helps a test may fail like a test"
)]

mod support;

use support::project::{Project, SMALL, reply_with};
use support::pty::{CTRL_C, DOWN, ENTER};

fn small_mock() -> Project {
    let project = Project::small();
    project.mock(&[
        ("1.1", &reply_with("one.txt", "one")),
        ("1.2", &reply_with("two.txt", "two")),
    ]);
    project
}

#[test]
fn a_check_that_was_not_begun_was_not_cut_off() {
    let project = small_mock();
    let mut pty = project.terminal(&["run", "plan.md"]);
    pty.answer("send the prompt? ›", 0);
    pty.answer("write these files? ›", 0);
    pty.wait_for("run this check? ›");
    project.write("plan.md", SMALL.replace("grep -q one one.txt", "touch pwned"));
    pty.keys(&format!("{DOWN}{ENTER}"));
    pty.wait_for("nothing was run");
    assert_eq!(pty.end(), 11, "{}", pty.text());
    let log = project.run(&["log", "plan.md", "1.1"]);
    assert!(!log.out.contains("begins"), "{}", log.out);
    let mut pty = project.terminal(&["run", "plan.md"]);
    pty.answer("go on with the step as it is now? ›", 0);
    pty.wait_for("run this check? ›");
    pty.keys("\x1b");
    assert_eq!(pty.end(), 4);
    assert!(
        !pty.text().contains("whether it passed is not known"),
        "{}",
        pty.text()
    );
}

#[test]
fn a_path_is_shown_as_a_word_of_a_command() {
    let project = small_mock();
    let name = "my \u{1b}[2Jplan.md";
    project.write(name, SMALL);
    let mut pty = project.terminal(&["run", name]);
    pty.wait_for("send the prompt? ›");
    pty.keys("\x1b");
    pty.wait_for(r"left; `stepgate run $'my \x1b[2Jplan.md'` goes on here");
    assert_eq!(pty.end(), 4);
    assert!(!String::from_utf8_lossy(&pty.bytes()).contains("\u{1b}[2J"));
}

#[test]
fn a_check_alone_says_the_same_as_a_session() {
    let project = small_mock();
    let check = "echo begun\ngrep -q one one.txt\n```\n```bash\ntrue";
    project.write("plan.md", SMALL.replace("grep -q one one.txt", check));
    let ran = project.run(&["run", "plan.md", "--unattended", "--until", "1.1"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    // The records of the journal name their kind `what`, the events of a check `event`.
    let told = |out: &str, kind: &str| {
        let line = out
            .lines()
            .find(|line| line.contains(&format!("\"{kind}\":\"checked\"")));
        let line: serde_json::Value = serde_json::from_str(line.unwrap()).unwrap();
        let check = line.get("check").or_else(|| line["record"].get("check")).unwrap();
        (check["script"].clone(), check["how"].clone())
    };
    let log = project.run(&["log", "plan.md", "--json"]);
    let alone = project.run(&["check", "plan.md", "1.1", "--unattended", "--json"]);
    assert_eq!(told(&alone.out, "event"), told(&log.out, "what"));
    let mut pty = project.terminal(&["check", "plan.md", "1.1", "--json"]);
    pty.answer("run this check? ›", 1);
    pty.wait_for("run which? (space ticks, a ticks all, enter goes on) ›");
    pty.keys(&format!("{DOWN} {ENTER}"));
    pty.wait_for("\"how\":{\"chosen\":[2]}");
    assert_eq!(pty.end(), 0);
}

#[test]
fn a_check_alone_is_not_said_by_hand() {
    let project = small_mock();
    let mut pty = project.terminal(&["check", "plan.md", "1.1"]);
    // Where it is offered, this answer passes.
    pty.answer("run this check? ›", 3);
    assert_eq!(pty.end(), 4, "{}", pty.text());
    assert!(!pty.text().contains("by hand"), "{}", pty.text());
}

#[test]
fn an_illustration_is_shown_and_not_run() {
    let project = small_mock();
    let check = "grep -q one one.txt\n```\nIt is like this:\n```text\none > pwned";
    project.write("plan.md", SMALL.replace("grep -q one one.txt", check));
    let mut pty = project.terminal(&["run", "plan.md", "--until", "1.1"]);
    pty.answer("send the prompt? ›", 0);
    pty.answer("write these files? ›", 0);
    pty.wait_for("a `text` block is not run");
    pty.answer("run this check? ›", 0);
    pty.wait_for("check passed (not run: the `text` block at plan line ");
    pty.wait_for("which criteria did you verify?");
    pty.keys(CTRL_C);
    assert_eq!(pty.end(), 130);
    assert!(!project.root().join("pwned").exists());
}

#[test]
fn ctrl_c_leaves_no_temporary_folder_behind() {
    let mut project = small_mock();
    project.write("temporary/.keep", "");
    let temporary = project.root().join("temporary");
    project.set("TMPDIR", temporary.to_str().unwrap());
    for (args, question) in [
        (&["demo"][..], "enter goes on) ›"),
        (&["check", "plan.md", "1.1"], "run this check? ›"),
    ] {
        let mut pty = project.terminal(args);
        pty.wait_for(question);
        let left = std::fs::read_dir(&temporary).unwrap().count();
        assert_eq!(left, 2, "{args:?} has a folder while it asks");
        assert_eq!(pty.leave(), 130, "{question}: {}", pty.text());
        let left: Vec<_> = std::fs::read_dir(&temporary)
            .unwrap()
            .map(|entry| entry.unwrap().file_name())
            .collect();
        assert_eq!(left, [".keep"], "{args:?}");
    }
}

#[test]
fn the_item_that_is_ticked_is_on_the_screen() {
    let project = small_mock();
    let criteria: String = (1..=20)
        .map(|n| format!("- [ ] criterion {n:02} {}end{n:02}\n", "some words ".repeat(7)))
        .collect();
    project.write("plan.md", SMALL.replace("- [ ] One is there\n", &criteria));
    let mut pty = project.terminal_of(&["run", "plan.md", "--until", "1.1"], (24, 80));
    pty.answer("send the prompt? ›", 0);
    pty.answer("write these files? ›", 0);
    pty.answer("run this check? ›", 0);
    pty.wait_for("which criteria did you verify?");
    for n in 1..=20 {
        pty.keys(if n == 1 { " " } else { "\x1b[B " });
        let line = format!("✔ criterion {n:02} ");
        pty.wait_for(&line);
        // Each takes two rows, so ten of them fit beneath two rows of question: the list is drawn when the last is.
        pty.wait_for(if n <= 10 { "end10" } else { "end20" });
        let (screen, _) = pty.screen();
        let count = |start: &str| screen.iter().filter(|row| row.starts_with(start)).count();
        let shown = screen.join("\n");
        assert_eq!((count(&line), count("? which criteria")), (1, 1), "{n}:\n{shown}");
        assert!(shown.contains(&format!("end{n:02}")), "{n}:\n{shown}");
    }
    pty.keys(ENTER);
    pty.tick_all("which tasks are complete? (space ticks, a ticks all, enter goes on) ›");
    pty.answer("is step 1.1 done? ›", 0);
    assert_eq!(pty.end(), 0, "{}", pty.text());
    assert_eq!(project.read("plan.md").matches("- [x] criterion").count(), 20);
}

#[test]
fn a_menu_without_room_is_asked_by_number() {
    let project = small_mock();
    let long = "some words ".repeat(40);
    project.write(
        "plan.md",
        SMALL.replace("One is there", &format!("One is there {long}")),
    );
    // Five answers or more, the question and the cursor take seven rows.
    let mut pty = project.terminal_of(&["run", "plan.md", "--until", "1.1"], (6, 60));
    pty.wait_for("send the prompt? (a number)");
    pty.keys(&format!("1{ENTER}"));
    pty.wait_for("write these files? (a number)");
    pty.keys(&format!("1{ENTER}"));
    pty.wait_for("run this check? (a number)");
    pty.keys(&format!("1{ENTER}"));
    // One criterion that is higher than the screen.
    pty.wait_for("verify? (numbers, `a` for all, nothing for none)");
    pty.keys(&format!("1{ENTER}"));
    pty.tick_all("which tasks are complete?");
    pty.wait_for("is step 1.1 done? (a number)");
    pty.keys(&format!("1{ENTER}"));
    assert_eq!(pty.end(), 0, "{}", pty.text());
    assert!(project.read("plan.md").contains("- [x] One is there"));
}

#[test]
fn an_editor_that_fails_sends_nothing_and_ends_nothing() {
    for (visual, editor, said) in [
        (
            "",
            "/nonexistent/ed",
            "the editor `/nonexistent/ed`: there is no such program",
        ),
        (
            "/nonexistent/vis",
            "true",
            "the editor `/nonexistent/vis`: there is no such program",
        ),
        (" ", "false", "the editor `false`: failed with exit code 1"),
    ] {
        let mut project = small_mock();
        project.set("VISUAL", visual);
        project.set("EDITOR", editor);
        let mut pty = project.terminal(&["run", "plan.md"]);
        pty.answer("send the prompt? ›", 1);
        pty.wait_for(said);
        pty.answer("send the prompt? ›", 4);
        assert_eq!(pty.end(), 4, "{}", pty.text());
        assert!(!pty.text().contains("sent to"), "{}", pty.text());
    }
}

/// What it asks on a terminal that only prints and takes lines, in order, with what is typed.
const PLAINLY: [(&str, &str); 6] = [
    ("send the prompt? (a number; Ctrl-D leaves): ", "1"),
    ("write these files? (a number; Ctrl-D leaves): ", "1"),
    ("run this check? (a number; Ctrl-D leaves): ", "1"),
    (
        "which criteria did you verify? (numbers, `a` for all, nothing for none; Ctrl-D leaves): ",
        "a",
    ),
    (
        "which tasks are complete? (numbers, `a` for all, nothing for none; Ctrl-D leaves): ",
        "1",
    ),
    ("is step 1.1 done? (a number; Ctrl-D leaves): ", "1"),
];

#[test]
fn a_terminal_that_only_prints_is_asked_by_numbers_and_gets_no_control_characters() {
    let mut project = small_mock();
    project.set("TERM", "dumb");
    let mut pty = project.terminal_with_echo(&["run", "plan.md", "--until", "1.1"]);
    for (question, answer) in PLAINLY {
        pty.wait_for(question);
        pty.keys(&format!("{answer}{ENTER}"));
    }
    assert_eq!(pty.end(), 0, "{}", pty.text());
    let controls = |byte: &u8| byte.is_ascii_control() && !b"\r\n".contains(byte);
    assert!(!pty.bytes().iter().any(controls), "{:?}", pty.text());
    let mut pty = project.terminal_with_echo(&["run", "plan.md"]);
    pty.wait_for("send the prompt? (a number; Ctrl-D leaves): ");
    pty.keys(CTRL_C);
    assert_eq!(pty.end(), 130, "{}", pty.text());
    assert!(!pty.bytes().iter().any(controls), "{:?}", pty.text());
    // What is no text is no answer, and the end of what is typed leaves.
    let mut pty = project.terminal_with_echo(&["run", "plan.md"]);
    pty.wait_for("send the prompt? (a number; Ctrl-D leaves): ");
    pty.keys(&format!("3\u{fffd}{ENTER}"));
    pty.wait_for("send the prompt? (a number; Ctrl-D leaves): ");
    pty.keys("\x04");
    pty.wait_for("left; `stepgate run plan.md` goes on here");
    assert_eq!(pty.end(), 4, "{}", pty.text());
}

#[test]
fn status_keeps_to_the_width_of_the_terminal() {
    let mut project = small_mock();
    project.set("NO_COLOR", "1");
    let name = "A step whose name is longer than the column that it would stand in on a narrow screen";
    let plan = SMALL.replace("#### Step 1.2: ", &format!("#### Step 1.2: {name}, "));
    project.write(
        "docs/enhancements/approved/EP-0007-small-implementation.md",
        &plan,
    );
    let shown = |path: &str, columns: u16| {
        let mut pty = project.terminal_of(&["status", path], (24, columns));
        assert_eq!(pty.end(), 0, "{}", pty.text());
        let lines = pty
            .text()
            .lines()
            .map(|line| line.trim_end().to_owned())
            .collect::<Vec<_>>();
        lines.join("\n")
    };
    let plan = "docs/enhancements/approved/EP-0007-small-implementation.md";
    for columns in [60, 80, 110] {
        for path in ["docs", plan] {
            let text = shown(path, columns);
            let wide = text.lines().filter(|line| !line.contains("docs/"));
            let widest = wide.map(|line| line.chars().count()).max().unwrap();
            assert!(widest <= columns.into(), "{columns}: {text}");
        }
    }
    let rows = "\
├─ ▶ 1.1 First                            ░░░░░░░░░░     0/2  ready
└─ · 1.2 A step whose name is longer      ░░░░░░░░░░     0/2  waits for step 1.1
       than the column that it would
       stand in on a narrow screen,
       Second
";
    assert!(shown(plan, 80).contains(rows), "{}", shown(plan, 80));
    let list = "\
docs/enhancements/approved/
  EP-0007-small-implementation.md
    EP-0007  Approved  ░░░░░░░░░░  0/4 boxes  0/2 steps  next: step 1.1";
    assert_eq!(shown("docs", 80), list);
}
