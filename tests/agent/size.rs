//! The size of what an agent is given is that of its own words, also where a person edits it.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use super::fixture::{GOOD, configure, write_agent};
use super::support::project::Project;
use super::support::pty::{DOWN, ENTER};

/// A small context.
fn small() -> Project {
    let project = Project::small();
    project.write("stepgate.toml", "[prompt]\ntemplates = \"words\"\n");
    let path = write_agent(&project, &format!("touch \"$HOME/ran\"\n{GOOD}"));
    configure(
        &project,
        &format!("command = [\"{}\"]\ncontext_tokens = 2000\n", path.display()),
    );
    project
}

#[test]
fn its_own_role_counts() {
    let project = small();
    project.write("words/agent.md", "You work in the tree. ".repeat(1000));
    let ran = project.run(&["prompt", "plan.md", "1.1"]);
    assert_eq!(ran.code, 8, "{}", ran.err);
    let ran = project.run(&["run", "plan.md", "--unattended"]);
    assert_eq!(ran.code, 8, "{}", ran.err);
    assert!(
        ran.err.contains("the prompt of step 1.1 does not fit"),
        "{}",
        ran.err
    );
    assert!(!project.home().join("ran").exists());
    // And a model's does not.
    let project = small();
    project.write("words/agent.md", "You work in the tree.\n");
    project.write("words/system.md", "You are a model. ".repeat(1000));
    let ran = project.run(&["run", "plan.md", "--unattended"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
}

#[test]
fn an_edited_prompt_that_does_not_fit_comes_back() {
    let mut project = small();
    project.write("words/agent.md", "You work in the tree.\n");
    let editor = project.home().join("editor");
    fs::write(&editor, "#!/bin/sh\nyes 'more and more' | head -n 2000 >\"$1\"\n").unwrap();
    fs::set_permissions(&editor, fs::Permissions::from_mode(0o755)).unwrap();
    project.set("EDITOR", editor.to_str().unwrap());
    let mut pty = project.terminal(&["run", "plan.md"]);
    pty.wait_for("run this program? ›");
    pty.keys(&format!("{DOWN}{DOWN}{ENTER}"));
    pty.wait_for("the prompt of step 1.1 does not fit");
    pty.answer("run this program? ›", 4);
    assert_eq!(pty.end(), 4, "{}", pty.text());
    assert!(!project.home().join("ran").exists());
}
