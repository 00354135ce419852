use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use super::support::repository::git;
use super::{PLAN, REGISTRY, TABLES, done, tree};

/// Finishing is refused with this exit and these words, and nothing is changed.
fn refused(wrong: impl Fn(&super::Project), code: i32, words: &str) {
    let project = done();
    wrong(&project);
    let before = tree(&project);
    let ran = project.run(&["finish", PLAN, "--unattended", "--attest", "--skip-prompt"]);
    assert_eq!(ran.code, code, "{}", ran.err);
    assert!(ran.err.contains(words), "{}", ran.err);
    assert_eq!(tree(&project), before, "{words}");
}

#[test]
fn a_registry_that_takes_no_row() {
    refused(
        |project| project.write(REGISTRY, "# None\n"),
        3,
        "has no table of proposals",
    );
    let unknown = TABLES.replace("Design Updated", "Owner");
    refused(
        |project| project.write(REGISTRY, &unknown),
        3,
        "has a column `Owner`",
    );
    let twice = TABLES.replace("EP-0009", "EP-0007");
    refused(
        |project| project.write(REGISTRY, &twice),
        3,
        "two rows for `EP-0007`",
    );
}

#[test]
fn a_column_that_only_a_person_knows_is_told() {
    let project = done();
    project.write(REGISTRY, TABLES.replace("Design Updated", "Owner"));
    let ran = project.run(&[
        "finish",
        PLAN,
        "--unattended",
        "--attest",
        "--skip-prompt",
        "--cell",
        "Owner=me",
    ]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(
        project.read(REGISTRY).contains("| me    |\r\n"),
        "{}",
        project.read(REGISTRY)
    );
}

#[test]
fn a_read_only_registry() {
    let project = done();
    let path = project.root().join(REGISTRY);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o444)).unwrap();
    let ran = project.run(&["finish", PLAN, "--unattended", "--attest", "--skip-prompt"]);
    assert_eq!(ran.code, 9, "{}", ran.err);
    assert!(ran.err.contains("is read-only"), "{}", ran.err);
    assert!(project.root().join(PLAN).exists());
    assert_eq!(project.read(REGISTRY), TABLES);
}

#[test]
fn documents_that_are_missing_in_the_way_or_of_one_number() {
    let gone = |project: &super::Project| {
        fs::remove_file(project.root().join(PLAN.replace("implementation", "design"))).unwrap()
    };
    refused(gone, 3, "cannot read the design document");
    refused(
        |project| project.write("docs/enhancements/implemented/EP-0007-small-design.md", "other"),
        3,
        "two proposals have the number 0007",
    );
    refused(
        |project| project.write("docs/enhancements/pending/EP-0007-other-implementation.md", "x"),
        3,
        "two proposals have the number 0007",
    );
    let project = done();
    project.write("docs/enhancements/pending/EP-0007-other-implementation.md", "x");
    let before = tree(&project);
    let ran = project.run(&["new", "next", "X"]);
    assert_eq!(ran.code, 3, "{}", ran.err);
    assert_eq!(tree(&project), before);
}

#[test]
fn a_step_that_is_open() {
    let open = |project: &super::Project| {
        project.write(
            PLAN,
            project
                .read(PLAN)
                .replacen("- [x] Write two", "- [ ] Write two", 1),
        )
    };
    refused(open, 4, "step 1.2 is not done");
}

#[test]
fn an_index_that_another_git_holds() {
    let project = done();
    git(&project, &["init", "-q"]);
    git(&project, &["add", "-A"]);
    project.write(".git/index.lock", "");
    let ran = project.run(&["finish", PLAN, "--unattended", "--attest", "--skip-prompt"]);
    assert_eq!(ran.code, 9, "{}", ran.err);
    assert!(ran.err.contains("git's index is locked"), "{}", ran.err);
    assert!(project.root().join(PLAN).exists());
}
