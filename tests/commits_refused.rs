//! Commits of steps where git takes no part of the step, or nothing at all: that stops no plan, and is said.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "what helps a test may fail like a test"
)]

mod support;

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::process::{Command, Stdio};

use support::project::{Project, SMALL, reply_with};
use support::repository::{
    COMMITTING, commit_all, files_of, git, name_user, run_committing, subjects, without_git,
};
use support::walk::small_mock;

/// The small plan, with the first step's file at another place.
fn project_with(first: &str) -> Project {
    let project = Project::new();
    project.write("plan.md", SMALL.replace("one.txt", first));
    project.mock(&[
        ("1.1", &reply_with(first, "one")),
        ("1.2", &reply_with("two.txt", "two")),
    ]);
    project
}

fn says(said: &str, part: &str) {
    assert!(said.contains(part), "`{part}` is not in:\n{said}");
}

#[test]
fn a_file_in_a_repository_of_its_own_is_left_out_and_named() {
    if without_git("a_file_in_a_repository_of_its_own_is_left_out_and_named") {
        return;
    }
    // A nested repository with a commit, one without, a submodule, and a submodule that is not checked out.
    for kind in ["nested", "unborn", "submodule", "absent"] {
        let project = project_with("sub/one.txt");
        name_user(&project);
        git(&project, &["init", "--quiet"]);
        git(&project, &["init", "--quiet", "sub"]);
        if kind != "unborn" {
            project.write("sub/x", "x\n");
            git(&project, &["-C", "sub", "add", "x"]);
            git(&project, &["-C", "sub", "commit", "--quiet", "-m", "inner"]);
        }
        if matches!(kind, "submodule" | "absent") {
            git(&project, &["-c", "advice.addEmbeddedRepo=false", "add", "--all"]);
        } else {
            git(&project, &["add", "plan.md"]);
        }
        if kind == "absent" {
            fs::remove_dir_all(project.root().join("sub")).unwrap();
            fs::create_dir(project.root().join("sub")).unwrap();
        }
        git(&project, &["commit", "--quiet", "-m", "begin"]);
        let said = run_committing(&project);
        let left = "not in the commit of step 1.1: `sub/one.txt` (it is in a repository of its own, such as a submodule)";
        says(&said, left);
        assert_eq!(
            subjects(&project),
            ["EP-0007 1.2: Second", "EP-0007 1.1: First", "begin"],
            "{kind}"
        );
        assert_eq!(files_of(&project, "HEAD~1"), "M\tplan.md\n", "{kind}");
        assert_eq!(files_of(&project, "HEAD"), "M\tplan.md\nA\ttwo.txt\n", "{kind}");
    }
}

#[test]
fn what_git_ignores_is_named() {
    if without_git("what_git_ignores_is_named") {
        return;
    }
    let project = small_mock();
    project.write(".gitignore", "one.txt\n");
    commit_all(&project);
    says(
        &run_committing(&project),
        "not in the commit of step 1.1: `one.txt` (git ignores it)",
    );
    assert_eq!(files_of(&project, "HEAD~1"), "M\tplan.md\n");
}

#[test]
fn outside_of_a_sparse_checkout_a_file_is_committed() {
    if without_git("outside_of_a_sparse_checkout_a_file_is_committed") {
        return;
    }
    let project = project_with("d/one.txt");
    project.write("d/x", "x\n");
    project.write("e/x", "x\n");
    commit_all(&project);
    git(&project, &["sparse-checkout", "set", "e"]);
    assert!(!project.root().join("d/x").exists());
    run_committing(&project);
    assert_eq!(files_of(&project, "HEAD~1"), "A\td/one.txt\nM\tplan.md\n");
    assert_eq!(files_of(&project, "HEAD"), "M\tplan.md\nA\ttwo.txt\n");
}

#[test]
fn a_doubt_about_line_ends_stops_nothing() {
    if without_git("a_doubt_about_line_ends_stops_nothing") {
        return;
    }
    let project = small_mock();
    commit_all(&project);
    git(&project, &["config", "core.autocrlf", "true"]);
    git(&project, &["config", "core.safecrlf", "true"]);
    run_committing(&project);
    assert_eq!(files_of(&project, "HEAD~1"), "A\tone.txt\nM\tplan.md\n");
    assert_eq!(files_of(&project, "HEAD"), "M\tplan.md\nA\ttwo.txt\n");
}

#[test]
fn a_commit_that_git_refuses_waits_and_stops_no_plan() {
    if without_git("a_commit_that_git_refuses_waits_and_stops_no_plan") {
        return;
    }
    let project = small_mock();
    project.write(".gitattributes", "one.txt filter=broken\n");
    commit_all(&project);
    git(&project, &["config", "filter.broken.clean", "false"]);
    git(&project, &["config", "filter.broken.required", "true"]);
    let said = run_committing(&project);
    says(
        &said,
        "step 1.1 is done and ticked, but its commit was not made: ",
    );
    says(&said, "external filter 'false' failed");
    assert_eq!(subjects(&project), ["EP-0007 1.2: Second", "begin"]);
    // It is still announced: each session says so, with or without the flag, until git takes it.
    let again = project.run(&["run", "plan.md", "--unattended"]);
    assert_eq!(again.code, 0, "{}", again.err);
    says(&again.err, "the commit of step 1.1 is still to be made: ");
    git(&project, &["config", "--unset", "filter.broken.clean"]);
    git(&project, &["config", "--unset", "filter.broken.required"]);
    let mended = run_committing(&project);
    says(&mended, "step 1.1 committed: ");
    assert_eq!(
        subjects(&project),
        ["EP-0007 1.1: First", "EP-0007 1.2: Second", "begin"]
    );
    assert_eq!(files_of(&project, "HEAD"), "A\tone.txt\n");
    let settled = run_committing(&project);
    assert!(!settled.contains("commit"), "{settled}");
}

#[test]
fn no_commit_is_made_in_the_middle_of_a_bisect() {
    if without_git("no_commit_is_made_in_the_middle_of_a_bisect") {
        return;
    }
    let project = small_mock();
    commit_all(&project);
    git(&project, &["bisect", "start"]);
    let ran = project.run(&COMMITTING);
    assert_eq!(ran.code, 6, "{}", ran.err);
    says(&ran.err, "a bisect is under way");
}

#[test]
fn a_folder_may_have_any_name() {
    if without_git("a_folder_may_have_any_name") {
        return;
    }
    // Not every file system takes bytes that are no UTF-8.
    for name in [&b"line\nfeed"[..], b"no-utf8-\xff"] {
        let project = small_mock();
        let inner = project.root().join(OsStr::from_bytes(name));
        if let Err(error) = fs::create_dir(&inner) {
            eprintln!(
                "skipped: a_folder_may_have_any_name: {}: {error}",
                inner.display()
            );
            continue;
        }
        name_user(&project);
        for file in ["plan.md", "stepgate.toml"] {
            fs::rename(project.root().join(file), inner.join(file)).unwrap();
        }
        let inside = |program: &str, args: &[&str]| {
            let mut command = Command::new(program);
            let variables = project.command(&[]);
            let variables = variables
                .get_envs()
                .filter_map(|(name, value)| Some((name, value?)));
            command.args(args).current_dir(&inner).env_clear().envs(variables);
            let output = command.stdin(Stdio::null()).output().unwrap();
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            assert!(output.status.success(), "{program} {args:?}: {said}");
            String::from_utf8_lossy(&output.stdout).into_owned()
        };
        inside("git", &["init", "--quiet"]);
        inside("git", &["add", "--all"]);
        inside("git", &["commit", "--quiet", "-m", "begin"]);
        inside(env!("CARGO_BIN_EXE_stepgate"), &COMMITTING);
        let log = inside("git", &["log", "--format=%s"]);
        assert_eq!(log, "EP-0007 1.2: Second\nEP-0007 1.1: First\nbegin\n");
    }
}
