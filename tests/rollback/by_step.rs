//! What a step changed is put back: at the gate, and by the command.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;

use super::support::project::{Project, SMALL};
use super::support::pty::{DOWN, ENTER};
use super::support::tree::{git, repository, tree};
use super::support::walk::{confirm_step, over_http, small_mock, walk_step};
use super::support::wire_server::{WireServer, reply};

/// Edits of every kind: of a tracked file with line ends of its own, an untracked one, an ignored one; a new one in new
/// folders, one that goes, one that moves.
const KINDS: &str = "All kinds.\n\n```text path=tracked.txt\nother\n```\n\n\
```text path=untracked.txt\nother\n```\n\n```text path=ignored.log\nother\n```\n\n\
```text path=new/deep/one.txt\nnone\n```\n\n```text delete=gone.sh\n```\n\n\
```text rename=from.sh to=moved/to.sh\n```\n";

/// The second attempt goes on from the first.
const MORE: &str = "More.\n\n```text path=new/deep/one.txt\nstill none\n```\n\n\
```text path=new/two.txt\ntwo\n```\n\n```text delete=moved/to.sh\n```\n";

fn bits(project: &Project, path: &str, mode: u32) {
    fs::set_permissions(project.root().join(path), fs::Permissions::from_mode(mode)).unwrap();
}

/// A repository with everything in it that a rollback might hurt.
fn repository_of(plan: &str) -> Project {
    let project = Project::new();
    let root = project.root();
    project.write("plan.md", plan);
    project.write(".gitignore", "*.log\nbuild/\n");
    project.write(".gitattributes", "*.txt text eol=crlf\n*.sh filter=upper\n");
    project.write("tracked.txt", "a\r\nb\r\n");
    project.write("gone.sh", "#!/bin/sh\n");
    project.write("from.sh", "#!/bin/sh\n");
    bits(&project, "gone.sh", 0o750);
    bits(&project, "from.sh", 0o711);
    git(&root, &["init", "-q", "-b", "trunk"]);
    git(&root, &["config", "filter.upper.clean", "tr a-z A-Z"]);
    git(&root, &["add", "."]);
    git(&root, &["commit", "-q", "-m", "first"]);
    git(&root, &["tag", "v1"]);
    project.write("tracked.txt", "stashed\r\n");
    git(&root, &["stash", "-q"]);
    project.write("staged.txt", "staged\n");
    git(&root, &["add", "staged.txt"]);
    project.write("staged.txt", "and changed\n");
    project.write("untracked.txt", "mixed\r\nends\n");
    project.write("ignored.log", "ignored");
    project.write("build/out", "built");
    bits(&project, "untracked.txt", 0o640);
    bits(&project, "ignored.log", 0o600);
    symlink("tracked.txt", root.join("link")).unwrap();
    project
}

#[test]
fn apply_fail_retry_roll_back_and_apply_again() {
    let (plan, _) = SMALL.split_once("#### Step 1.2").unwrap();
    let plan = plan.replace(
        "grep -q one one.txt",
        "touch build/made\ngrep -q ^one new/deep/one.txt",
    );
    let mut project = repository_of(&plan);
    // What is viewed in the pager is on the screen of this test.
    project.set("PAGER", "cat");
    let server = WireServer::start([
        reply(KINDS),
        reply(MORE),
        reply(&KINDS.replace("\nnone\n", "\none\n")),
    ]);
    over_http(&project, &server);
    let (mut before, user) = (tree(&project.root()), repository(&project.root()));
    let mut pty = project.terminal(&["run", "plan.md"]);
    pty.answer("send the prompt? ›", 0);
    pty.wait_for("+++ b/new/deep/one.txt");
    pty.answer("write these files? ›", 3);
    pty.wait_for("+++ b/new/deep/one.txt");
    pty.answer("write these files? ›", 0);
    pty.answer("run this check? ›", 0);
    pty.answer("the check did not pass; what now? ›", 0);
    pty.wait_for("a note for the model (may be empty)");
    pty.keys(ENTER);
    pty.answer("send the prompt? ›", 0);
    pty.answer("write these files? ›", 0);
    pty.answer("run this check? ›", 0);
    pty.answer("the check did not pass; what now? ›", 3);
    pty.wait_for("- Remove one.txt");
    pty.wait_for("delete new/two.txt");
    pty.wait_for("also touched since the step began");
    pty.wait_for("- build/made");
    pty.answer("roll back step 1.1? ›", 0);
    pty.wait_for("step 1.1 is rolled back: 7 files put back, 0 boxes unticked");
    pty.wait_for("send the prompt? ›");
    // What the check made stays.
    let made = tree(&project.root()).remove("build/made").unwrap();
    before.insert("build/made".to_owned(), made);
    assert_eq!(tree(&project.root()), before);
    assert_eq!(repository(&project.root()), user);
    pty.keys(&format!("{DOWN}{ENTER}"));
    pty.answer("write these files? ›", 0);
    pty.answer("run this check? ›", 0);
    confirm_step(&mut pty, "1.1");
    assert_eq!(pty.end(), 0, "{}", pty.text());
    assert_eq!(project.read("new/deep/one.txt"), "one\n");
    assert_eq!(repository(&project.root()), user);
    let refs = git(
        &project.root(),
        &["for-each-ref", "--format=%(refname)", "refs/stepgate"],
    );
    assert!(
        refs.ends_with("/1.1/2\n") && refs.lines().count() == 1,
        "the last snapshot of the step stays: {refs}"
    );
    // And once more by the command, after the step was done.
    let done = tree(&project.root());
    let ran = project.run(&["rollback", "plan.md", "1.1", "--unattended"]);
    assert_eq!(
        (ran.code, ran.err.as_str()),
        (
            0,
            "  ✓ step 1.1 is rolled back: 7 files put back, 2 boxes unticked\n"
        )
    );
    let mut after = tree(&project.root());
    let plan_now = after.insert("plan.md".to_owned(), before["plan.md"].clone());
    assert!(!plan_now.unwrap().1.contains("[x]"));
    assert_eq!(after, before);
    assert_ne!(after, done);
    assert_eq!(repository(&project.root()), user);
}

/// Both steps of the small plan, done.
fn done() -> Project {
    let project = small_mock();
    let ran = project.run(&["run", "plan.md", "--unattended", "--attest"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    project
}

#[test]
fn what_depends_on_a_step_goes_first_or_too() {
    let project = done();
    let ran = project.run(&["rollback", "plan.md", "1.1", "--unattended"]);
    assert_eq!(ran.code, 5);
    assert!(
        ran.err
            .contains("step 1.1 cannot be rolled back alone: step 1.2 is done and depends on it"),
        "{}",
        ran.err
    );
    assert!(project.root().join("one.txt").exists());
    let ran = project.run(&["rollback", "plan.md", "--last", "2", "--unattended"]);
    assert_eq!(
        (ran.code, ran.err.as_str()),
        (
            0,
            "  ✓ step 1.2 is rolled back: 1 file put back, 2 boxes unticked\n  \
             ✓ step 1.1 is rolled back: 1 file put back, 2 boxes unticked\n"
        )
    );
    assert!(!project.root().join("one.txt").exists() && !project.root().join("two.txt").exists());
    assert!(!project.read("plan.md").contains("[x]"));
    // Twice is once.
    let ran = project.run(&["rollback", "plan.md", "--last", "1", "--unattended"]);
    assert_eq!(ran.code, 0);
    assert!(
        ran.err.contains("no step was worked on that is not rolled back"),
        "{}",
        ran.err
    );
    let ran = project.run(&["rollback", "plan.md", "1.1", "--unattended"]);
    assert!(
        ran.code == 0 && ran.err.contains("there is nothing to put back"),
        "{}",
        ran.err
    );
    // The step is a fresh one, and runs again.
    let mut pty = project.terminal(&["run", "plan.md", "--until", "1.1"]);
    walk_step(&mut pty, "1.1");
    assert_eq!(pty.end(), 0);
    assert_eq!(project.read("one.txt"), "one\n");
}

#[test]
fn what_a_person_changed_since_is_kept_unless_they_say_otherwise() {
    let project = done();
    project.write("two.txt", "mine\n");
    let before = tree(&project.root());
    let ran = project.run(&["rollback", "plan.md", "1.2", "--unattended"]);
    assert_eq!(ran.code, 11);
    assert!(
        ran.err.contains("`two.txt`: somebody changed it since"),
        "{}",
        ran.err
    );
    assert_eq!(tree(&project.root()), before);

    let ran = project.run(&["rollback", "plan.md", "1.2"]);
    assert_eq!(ran.code, 5);
    assert!(ran.err.contains("there is no terminal"), "{}", ran.err);
    assert_eq!(tree(&project.root()), before);

    // No is no.
    let mut pty = project.terminal(&["rollback", "plan.md", "1.2"]);
    pty.answer("put it back all the same? ›", 1);
    pty.answer("roll back step 1.2? ›", 2);
    assert_eq!(pty.end(), 4);
    assert_eq!(tree(&project.root()), before);

    // Mine stays, and the boxes go.
    let mut pty = project.terminal(&["rollback", "plan.md", "1.2"]);
    pty.wait_for("Remove two.txt");
    pty.wait_for("-mine");
    pty.answer("put it back all the same? ›", 0);
    pty.answer("roll back step 1.2? ›", 0);
    pty.wait_for("step 1.2 is rolled back: 0 files put back, 2 boxes unticked");
    assert_eq!(pty.end(), 0);
    assert!(
        !pty.text().contains("- plan.md"),
        "stepgate ticked it itself: {}",
        pty.text()
    );
    assert_eq!(project.read("two.txt"), "mine\n");
    assert_eq!(project.read("plan.md").matches("[x]").count(), 2);
    let log = project.run(&["log", "plan.md", "1.2"]);
    assert!(
        log.out.contains("about to put back no file") && log.out.contains("rolled back"),
        "{}",
        log.out
    );

    // The other one goes all the same.
    project.write("one.txt", "mine\n");
    let mut pty = project.terminal(&["rollback", "plan.md", "1.1"]);
    pty.answer("put it back all the same? ›", 1);
    pty.answer("roll back step 1.1? ›", 0);
    pty.wait_for("step 1.1 is rolled back: 1 file put back, 2 boxes unticked");
    assert_eq!(pty.end(), 0);
    assert!(!project.root().join("one.txt").exists());
}

#[test]
fn a_file_that_is_already_as_before_and_a_folder_that_somebody_uses_are_left() {
    let project = Project::small();
    project.mock(&[(
        "1.1",
        "```text path=one.txt\none\n```\n```text path=made/a\na\n```\n```text path=gone/b\nb\n```\n",
    )]);
    let ran = project.run(&["run", "plan.md", "--unattended", "--attest", "--until", "1.1"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    project.write("made/mine", "mine\n");
    fs::remove_file(project.root().join("one.txt")).unwrap();
    bits(&project, "made/mine", 0o604);
    let ran = project.run(&["rollback", "plan.md", "1.1", "--unattended"]);
    assert_eq!(
        (ran.code, ran.err.as_str()),
        (
            0,
            "  ✓ step 1.1 is rolled back: 2 files put back, 2 boxes unticked\n"
        )
    );
    let names: Vec<String> = tree(&project.root()).into_keys().collect();
    assert_eq!(names, ["made", "made/mine", "plan.md", "stepgate.toml"]);
}

/// The first step of the small plan, done in a tree where its file was there before.
fn changed() -> Project {
    let project = Project::small();
    project.write("dir/one.txt", "before\n");
    project.write("plan.md", SMALL.replace("one.txt", "dir/one.txt"));
    project.mock(&[("1.1", "```text path=dir/one.txt\none\n```\n")]);
    let ran = project.run(&["run", "plan.md", "--unattended", "--attest", "--until", "1.1"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    project
}

/// Deletes what stepgate kept of all texts.
fn delete_blobs(folder: &Path) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && path.ends_with("blobs") {
            fs::remove_dir_all(&path).unwrap();
        } else if path.is_dir() {
            delete_blobs(&path);
        }
    }
}

#[test]
fn what_cannot_be_put_back_is_named_and_ends_with_another_code_as_often_as_it_is_tried() {
    let project = changed();
    delete_blobs(&project.home().join(".local"));
    for _ in 0..2 {
        let before = tree(&project.root());
        let ran = project.run(&["rollback", "plan.md", "1.1", "--unattended"]);
        assert_eq!(ran.code, 9, "{}", ran.err);
        let said = "`dir/one.txt` stays: its bytes before are no longer kept";
        assert!(ran.err.contains(said), "{}", ran.err);
        assert!(
            ran.err
                .contains("the step's Rollback Plan says: Remove dir/one.txt"),
            "{}",
            ran.err
        );
        assert_eq!(tree(&project.root()), before);
    }
    // At a terminal the boxes go; the file is still the step's.
    for boxes in [2, 0] {
        let mut pty = project.terminal(&["rollback", "plan.md", "1.1"]);
        pty.wait_for("`dir/one.txt` stays: its bytes before are no longer kept");
        pty.answer("roll back step 1.1? ›", 0);
        pty.wait_for(&format!("0 files put back, {boxes} boxes unticked"));
        assert_eq!(pty.end(), 9, "{}", pty.text());
    }
    assert_eq!(project.read("dir/one.txt"), "one\n");

    let project = changed();
    fs::rename(project.root().join("dir"), project.root().join("other")).unwrap();
    symlink("other", project.root().join("dir")).unwrap();
    let before = tree(&project.root());
    for _ in 0..2 {
        let ran = project.run(&["rollback", "plan.md", "1.1", "--unattended"]);
        assert_eq!(ran.code, 11, "{}", ran.err);
        let said = "`dir/one.txt` is something else now, and stays";
        assert!(ran.err.contains(said), "{}", ran.err);
        assert_eq!(tree(&project.root()), before);
    }
}
