//! A project that is a git repository, with a user who has a name.

use std::process::{Command, Stdio};

use super::project::Project;

/// Says by the test's name that it is skipped where there is no git.
pub(crate) fn without_git(test: &str) -> bool {
    let there = Command::new("git")
        .arg("--version")
        .stdout(Stdio::null())
        .status();
    let missing = !there.is_ok_and(|status| status.success());
    if missing {
        eprintln!("skipped: {test}: there is no git");
    }
    missing
}

/// Gives the user a name in their own configuration of git.
pub(crate) fn name_user(project: &Project) {
    std::fs::write(
        project.home().join(".gitconfig"),
        "[user]\n\tname = Tester\n\temail = tester@localhost\n[init]\n\tdefaultBranch = main\n",
    )
    .unwrap();
}

/// Makes the project a repository in which all of it is committed.
pub(crate) fn commit_all(project: &Project) {
    name_user(project);
    git(project, &["init", "--quiet"]);
    git(project, &["add", "--all"]);
    git(project, &["commit", "--quiet", "--message", "begin"]);
}

/// A session that asks nobody and makes a commit of each step.
pub(crate) const COMMITTING: [&str; 4] = ["run", "plan.md", "--unattended", "--commit"];

/// Runs all of the plan, committing; what it said.
pub(crate) fn run_committing(project: &Project) -> String {
    let ran = project.run(&COMMITTING);
    assert_eq!(ran.code, 0, "{}", ran.err);
    ran.err
}

/// Subjects of the commits, the last one first.
pub(crate) fn subjects(project: &Project) -> Vec<String> {
    let log = git(project, &["log", "--format=%s"]);
    log.lines().map(str::to_owned).collect()
}

/// What became of which file in a commit.
pub(crate) fn files_of(project: &Project, commit: &str) -> String {
    git(
        project,
        &["show", "--format=", "--name-status", "--no-renames", commit],
    )
}

/// Runs git in the root, as the user would; what it prints.
pub(crate) fn git(project: &Project, args: &[&str]) -> String {
    let output = Command::new("git")
        .args(args)
        .current_dir(project.root())
        .env_clear()
        .env("HOME", project.home())
        .env("PATH", std::env::var("PATH").unwrap_or_default())
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "git {args:?}: {said}");
    String::from_utf8(output.stdout).unwrap()
}
