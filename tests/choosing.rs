//! What a person does with the files of a reply: looks at them, chooses, edits, and only then agrees.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "what helps a test may fail like a test"
)]

mod support;

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};

use support::project::{Project, SMALL, reply_with};
use support::pty::{DOWN, ENTER, Pty};
use support::walk::{confirm_step, over_http};
use support::wire_server::{WireServer, reply};

const QUESTION: &str = "write these files? ›";
const WHY: &str = "why not the others? (the model is told; may be empty)";

/// A project whose step 1.1 is answered so, and that is at the question of the files.
fn at_the_files(project: &Project, text: &str) -> Pty {
    project.mock(&[("1.1", text)]);
    let mut pty = project.terminal(&["run", "plan.md", "--until", "1.1"]);
    pty.answer("send the prompt? ›", 0);
    pty
}

fn long() -> String {
    let lines: Vec<String> = (1..=60).map(|line| format!("one {line}")).collect();
    reply_with("one.txt", &lines.join("\n"))
}

#[test]
fn a_long_difference_goes_to_the_pager() {
    let mut project = Project::small();
    // It leaves the terminal in a mode of its own, as one that was killed does.
    let pager = project.program(
        "pager",
        "stty -g <&2 >>$HOME/modes; cat >>$HOME/paged; stty raw <&2; echo paged",
    );
    project.set("PAGER", &format!("'{pager}' --option"));
    let mut pty = at_the_files(&project, &long());
    pty.wait_for("paged");
    pty.wait_for("--option`: 63 lines");
    pty.answer(QUESTION, 3);
    pty.wait_for("--option`: 63 lines");
    pty.answer(QUESTION, 0);
    pty.answer("run this check? ›", 0);
    confirm_step(&mut pty, "1.1");
    assert_eq!(pty.end(), 0, "{}", pty.text());
    let paged = fs::read_to_string(project.home().join("paged")).unwrap();
    assert_eq!(paged.matches("+one 33").count(), 2, "{paged}");
    let text = pty.text();
    assert!(text.contains("│ one 33") && !text.contains("+one 33"), "{text}");
    let modes = fs::read_to_string(project.home().join("modes")).unwrap();
    let modes: Vec<&str> = modes.lines().collect();
    assert_eq!(modes.len(), 2);
    assert_eq!(modes[0], modes[1], "the terminal was put back");
}

#[test]
fn a_pager_that_is_missing_or_fails_is_none() {
    for (pager, said) in [
        (
            "/nonexistent/more",
            "the pager `/nonexistent/more`: there is no such program",
        ),
        ("exit 3;", "the pager `exit 3;`: failed with exit code 3"),
        (" ", ""),
    ] {
        let mut project = Project::small();
        project.set("PAGER", pager);
        let mut pty = at_the_files(&project, &long());
        pty.wait_for("+one 60");
        assert!(pty.text().contains(said), "{}", pty.text());
        pty.answer(QUESTION, 5);
        assert_eq!(pty.end(), 4, "{}", pty.text());
    }
}

#[test]
fn without_less_a_long_difference_is_printed() {
    let mut project = Project::small();
    let tools = project.home().join("tools");
    fs::create_dir(&tools).unwrap();
    for tool in ["sh", "bash", "grep", "git"] {
        let path = std::env::var("PATH").unwrap();
        let found = std::env::split_paths(&path)
            .map(|folder| folder.join(tool))
            .find(|path| path.exists());
        if let Some(found) = found {
            symlink(found, tools.join(tool)).unwrap();
        }
    }
    project.set("PATH", &tools.display().to_string());
    let mut pty = at_the_files(&project, &long());
    pty.wait_for("the pager `less -R`: there is no such program");
    pty.wait_for("+one 60");
    pty.answer(QUESTION, 0);
    pty.wait_for("wrote 1 file");
    pty.answer("run this check? ›", 4);
    assert_eq!(pty.end(), 4, "{}", pty.text());
}

#[test]
fn what_was_not_chosen_is_on_record_and_told_to_the_model() {
    let project = Project::small();
    project.write("gone.txt", "gone\n");
    let all = format!(
        "{}{}\n```delete=gone.txt\n```\n",
        reply_with("one.txt", "none"),
        reply_with("two.txt", "two")
    );
    project.write("plan.md", SMALL.replace("grep -q one one.txt", "false"));
    let server = WireServer::start([reply(&all)]);
    over_http(&project, &server);
    let mut pty = project.terminal(&["run", "plan.md", "--until", "1.1"]);
    pty.answer("send the prompt? ›", 0);
    pty.answer(QUESTION, 1);
    pty.wait_for("write which? (space ticks, a ticks all, enter goes on) ›");
    // None of them is no answer.
    pty.keys(ENTER);
    pty.wait_for("none was chosen");
    pty.answer(QUESTION, 1);
    pty.wait_for("gone.txt (deleted, +0 -1)");
    pty.keys(&format!("{DOWN} {ENTER}"));
    pty.wait_for("write which? · 1 of 3");
    pty.wait_for(WHY);
    pty.keys(&format!("one thing at a time{ENTER}"));
    pty.wait_for("not written: one.txt, gone.txt: one thing at a time");
    pty.wait_for("wrote, deleted or renamed 1 file");
    pty.answer("run this check? ›", 0);
    pty.answer("the check did not pass; what now? ›", 0);
    pty.wait_for("a note for the model");
    pty.keys(ENTER);
    pty.answer("send the prompt? ›", 4);
    assert_eq!(pty.end(), 4, "{}", pty.text());
    assert!(!project.root().join("one.txt").exists());
    assert_eq!(
        (project.read("two.txt"), project.read("gone.txt")),
        ("two\n".to_owned(), "gone\n".to_owned())
    );
    let log = project.run(&["log", "plan.md", "1.1"]).out;
    assert!(
        log.contains("about to write two.txt; not chosen: one.txt, gone.txt (one thing at a time)"),
        "{log}"
    );
    let next = project.run(&["prompt", "plan.md", "1.1"]).out;
    for part in [
        "the person did not choose them, and says why: one thing at a time",
        "- `one.txt`\n- `gone.txt`\n",
        "+++ b/two.txt",
    ] {
        assert!(next.contains(part), "`{part}` is not in:\n{next}");
    }
    assert!(!next.contains("+++ b/one.txt"), "{next}");
}

#[test]
fn what_was_edited_is_shown_again_before_it_is_written() {
    let mut project = Project::small();
    let editor = project.program(
        "editor",
        "stat -c '%a' \"$2\" \"${2%/*}\" >$HOME/edited; echo \"$1 $2\" >>$HOME/edited; sed -i 's/one/one, edited/' \"$2\"",
    );
    project.set("EDITOR", &format!("'{editor}' --wait"));
    let mut pty = at_the_files(&project, &reply_with("dir/one.txt", "one"));
    pty.wait_for("+one");
    pty.answer(QUESTION, 2);
    pty.wait_for("edited by you");
    pty.wait_for("+one, edited");
    pty.wait_for(QUESTION);
    assert!(
        !project.root().join("dir").exists(),
        "nothing is written without a second look"
    );
    let edited = fs::read_to_string(project.home().join("edited")).unwrap();
    let lines: Vec<&str> = edited.lines().collect();
    assert_eq!(lines[..2], ["600", "700"]);
    let copy = lines[2].strip_prefix("--wait ").unwrap();
    assert!(
        copy.ends_with("/one.txt") && !copy.starts_with(project.root().to_str().unwrap()),
        "{copy}"
    );
    assert!(!std::path::Path::new(copy).exists());
    // The work is not lost with the session; the consent is asked for all the same.
    pty.kill();
    let mut pty = project.terminal(&["run", "plan.md", "--until", "1.1"]);
    pty.wait_for("edited by you");
    pty.wait_for("+one, edited");
    pty.answer(QUESTION, 0);
    pty.wait_for("wrote 1 file");
    assert_eq!(project.read("dir/one.txt"), "one, edited\n");
    pty.answer("run this check? ›", 4);
    assert_eq!(pty.end(), 4, "{}", pty.text());
    let log = project.run(&["log", "plan.md", "1.1"]).out;
    assert!(
        log.contains("what the reply makes of dir/one.txt was edited, now "),
        "{log}"
    );
}

#[test]
fn one_of_several_files_is_edited_and_the_others_stay() {
    let mut project = Project::small();
    let editor = project.program("editor", "printf 'mine\\n' >\"$1\"");
    project.set("VISUAL", &editor);
    let both = format!("{}{}", reply_with("one.txt", "one"), reply_with("two.txt", "two"));
    let mut pty = at_the_files(&project, &both);
    pty.answer(QUESTION, 2);
    pty.answer("open which? ›", 1);
    pty.wait_for("+mine");
    pty.answer(QUESTION, 0);
    pty.wait_for("wrote 2 files");
    assert_eq!(
        (project.read("one.txt"), project.read("two.txt")),
        ("one\n".to_owned(), "mine\n".to_owned())
    );
}

#[test]
fn an_editor_that_ends_badly_edits_nothing() {
    let mut project = Project::small();
    let editor = project.program("editor", "echo two >\"$1\"; exit 1");
    project.set("VISUAL", &editor);
    let mut pty = at_the_files(&project, &reply_with("one.txt", "one"));
    pty.answer(QUESTION, 2);
    pty.wait_for("failed with exit code 1");
    pty.answer(QUESTION, 0);
    pty.wait_for("wrote 1 file");
    assert_eq!(project.read("one.txt"), "one\n");
}

#[test]
fn a_control_file_is_asked_for_by_itself_and_may_be_left_out() {
    let project = Project::small();
    let both = format!(
        "{}{}",
        reply_with("Makefile", "all:"),
        reply_with("one.txt", "one")
    );
    let mut pty = at_the_files(&project, &both);
    pty.answer(QUESTION, 0);
    pty.answer("Makefile is build: write it? ›", 1);
    pty.wait_for(WHY);
    pty.keys(ENTER);
    pty.wait_for("not written: Makefile");
    pty.wait_for("wrote 1 file");
    assert!(!project.root().join("Makefile").exists());
    // One that is not chosen is not asked for.
    let project = Project::small();
    let mut pty = at_the_files(&project, &both);
    pty.answer(QUESTION, 1);
    pty.wait_for("write which?");
    pty.keys(&format!("{DOWN} {ENTER}"));
    pty.wait_for(WHY);
    pty.keys(ENTER);
    pty.wait_for("wrote 1 file");
    assert!(!pty.text().contains("is build"), "{}", pty.text());
    // A word against the control file may be one against all.
    let project = Project::small();
    let mut pty = at_the_files(&project, &both);
    pty.answer(QUESTION, 0);
    pty.answer("Makefile is build: write it? ›", 2);
    pty.wait_for("not written: Makefile, one.txt");
    pty.answer("make the changes in the tree, then come back ›", 1);
    assert_eq!(pty.end(), 4);
    assert!(!project.root().join("one.txt").exists());
}

#[test]
fn a_terminal_that_shrinks_under_a_menu_ends_nothing() {
    let project = Project::small();
    let mut pty = at_the_files(&project, &reply_with("one.txt", "one"));
    pty.wait_for(QUESTION);
    pty.resize(2, 60);
    pty.keys(DOWN);
    pty.wait_for("write these files? (a number)");
    pty.keys(&format!("1{ENTER}"));
    pty.wait_for("wrote 1 file");
    let mode = fs::metadata(project.root().join("one.txt"))
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o111, 0);
}

#[test]
fn a_file_that_is_no_text_stays_and_the_model_is_told_so() {
    let project = Project::small();
    project.write("one.txt", b"caf\xe9 one\n");
    let server = WireServer::start([reply(&reply_with("one.txt", "one"))]);
    over_http(&project, &server);
    let ran = project.run(&["run", "plan.md", "--unattended", "--until", "1.1"]);
    assert_eq!(ran.code, 8, "{}", ran.err);
    assert!(ran.err.contains("what is there is not UTF-8 text"), "{}", ran.err);
    let kept = fs::read(project.root().join("one.txt")).unwrap();
    assert_eq!(kept, b"caf\xe9 one\n");
    let sent = project.run(&["prompt", "plan.md", "1.1"]).out;
    let told = "is not shown here: it is not UTF-8 text, and a reply can only delete or rename it.";
    assert!(sent.contains(told), "{sent}");
}
