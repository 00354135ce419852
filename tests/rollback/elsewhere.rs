//! What was done beneath one root is not undone, and not gone on with, beneath another.

use super::support::project::{Project, SMALL};
use super::support::tree::tree;

const RUN: [&str; 4] = ["run", "sub/plan.md", "--unattended", "--attest"];
const ROLLBACK: [&str; 4] = ["rollback", "sub/plan.md", "1.1", "--unattended"];

/// A plan of one step, in a folder beneath the marked root; a file of the root is what the step makes of that of the folder.
fn below() -> Project {
    let (plan, _) = SMALL.split_once("#### Step 1.2").unwrap();
    let project = Project::new();
    project.write("sub/plan.md", plan.replace("grep -q one one.txt", "true"));
    project.write("one.txt", "one\n");
    project.write("two.txt", "two\n");
    project.mock(&[(
        "1.1",
        "```text path=one.txt\none\n```\n\n```text path=two.txt\ntwo\n```\n\n```text path=deep/three.txt\nthree\n```\n",
    )]);
    project
}

/// With a root that is said.
fn beneath<'a>(args: &[&'a str], root: &'a str) -> Vec<&'a str> {
    [args, &["--root", root]].concat()
}

#[test]
fn a_rollback_beneath_another_root_is_refused_and_named() {
    let project = below();
    let before = tree(&project.root());
    let ran = project.run(&beneath(&RUN, "sub"));
    assert_eq!(ran.code, 0, "{}", ran.err);
    let done = tree(&project.root());
    for args in [
        &ROLLBACK[..],
        &["rollback", "sub/plan.md", "--last=1", "--unattended"],
    ] {
        let ran = project.run(args);
        assert_eq!(
            (ran.code, ran.err.as_str()),
            (
                11,
                "error[other-root]: the files of step 1.1 are beneath `ROOT/sub`, and the root is `ROOT` now\n\
                 help: no file was touched; say which root is meant: `--root ROOT/sub`\n\
                 help: where that is no root any more, `stepgate run sub/plan.md --forget-session` puts the record aside\n"
            )
        );
        assert_eq!(tree(&project.root()), done);
    }
    let ran = project.run(&beneath(&ROLLBACK, "sub"));
    assert_eq!(ran.code, 0, "{}", ran.err);
    let mut after = tree(&project.root());
    let mut expected = before;
    // The header moved on when the step was ticked.
    let plan = after.remove("sub/plan.md").unwrap();
    assert!(expected.remove("sub/plan.md").is_some() && !format!("{plan:?}").contains("[x]"));
    assert_eq!(after, expected);
    // What is rolled back holds nobody to its root.
    let ran = project.run(&RUN);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert_eq!(project.read("deep/three.txt"), "three\n");
}

#[test]
fn a_root_that_is_marked_later_is_another_one() {
    let project = below();
    let ran = project.run(&RUN);
    assert_eq!(ran.code, 0, "{}", ran.err);
    project.write("sub/stepgate.toml", "");
    let before = tree(&project.root());
    let ran = project.run(&ROLLBACK);
    assert_eq!(ran.code, 11, "{}", ran.err);
    assert!(ran.err.contains("`--root ROOT`"), "{}", ran.err);
    assert_eq!(tree(&project.root()), before);
    let ran = project.run(&beneath(&ROLLBACK, "."));
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(!project.root().join("deep").exists() && project.root().join("one.txt").exists());
}

/// Whether files of ours lie beside those that were being written.
fn beside(project: &Project) -> bool {
    let mut names = tree(&project.root()).into_keys();
    names.any(|name| name.contains("/.stepgate-"))
}

/// Kills a command at each point until it leaves files of ours, and the step's file is there or is not.
fn cut_off(args: &[&str], prepare: &dyn Fn(&Project), there: bool) -> Project {
    for at in 1..200 {
        let project = below();
        prepare(&project);
        let mut killed = project.command(&beneath(args, "sub"));
        killed.env("STEPGATE_CRASH_AT", at.to_string());
        killed.output().unwrap();
        if beside(&project) && project.root().join("sub/one.txt").exists() == there {
            return project;
        }
    }
    panic!("nothing was cut off");
}

/// Nothing goes on with it beneath another root, and a session beneath its own does.
fn goes_on_beneath_its_own_root_only(project: &Project) {
    let before = tree(&project.root());
    for args in [&RUN[..], &ROLLBACK] {
        let ran = project.run(args);
        assert_eq!(ran.code, 11, "{args:?}: {}", ran.err);
        assert!(ran.err.contains("`--root ROOT/sub`"), "{}", ran.err);
        assert_eq!(tree(&project.root()), before, "{args:?}");
    }
    let ran = project.run(&beneath(&RUN, "sub"));
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(!beside(project));
    assert_eq!(project.read("sub/deep/three.txt"), "three\n");
}

#[test]
fn files_that_were_being_written_are_gone_on_with_beneath_their_own_root_only() {
    goes_on_beneath_its_own_root_only(&cut_off(&RUN, &|_| {}, true));
}

#[test]
fn a_rollback_that_was_cut_off_is_gone_on_with_beneath_its_own_root_only() {
    let done = |project: &Project| {
        let ran = project.run(&beneath(&RUN, "sub"));
        assert_eq!(ran.code, 0, "{}", ran.err);
    };
    goes_on_beneath_its_own_root_only(&cut_off(&ROLLBACK, &done, false));
}
