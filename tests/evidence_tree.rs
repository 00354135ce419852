//! The tree that a check passed on is the one on the disk, and what is no part of it does not get into the repository.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "what helps a test may fail like a test"
)]

mod support;

use serde_json::Value;
use support::project::{Project, SMALL, reply_with};
use support::repository::{commit_all, git, without_git};
use support::walk::small_mock;

/// The tree of the evidence of a step.
fn tree_of(project: &Project, step: &str, state: &[&str]) -> Value {
    let args = [state, &["log", "plan.md", step, "--why", "--json"]].concat();
    let document: Value = serde_json::from_str(&project.run(&args).out).unwrap();
    document["steps"][0]["check"]["tree"].clone()
}

fn names(project: &Project, tree: &Value) -> String {
    assert_eq!(tree["kind"], "git-tree", "{tree}");
    git(
        project,
        &["ls-tree", "-r", "--name-only", tree["hash"].as_str().unwrap()],
    )
}

/// A plan whose second step breaks the first one; the third one stands on both.
fn breaking() -> Project {
    let third = "\n#### Step 1.3: Third\n\n**AI Prompt:** `Implement Step 1.3`\n\n**Tasks:**\n- [ ] Look\n\n\
**Dependencies:**\n- Step 1.1 must be complete\n- Step 1.2 must be complete\n\n**Success Check:**\n```bash\ntrue\n```\n";
    let project = Project::new();
    let plan = SMALL.replace("two.txt", "one.txt");
    project.write("plan.md", format!("{plan}{third}"));
    project.mock(&[
        ("1.1", &reply_with("one.txt", "one")),
        ("1.2", &reply_with("one.txt", "two")),
        ("1.3", "Nothing to do.\n"),
    ]);
    project.write("one.txt", "as it was\n");
    project
}

#[test]
fn what_git_was_told_not_to_look_at_is_looked_at() {
    if without_git("what_git_was_told_not_to_look_at_is_looked_at") {
        return;
    }
    for bit in ["--assume-unchanged", "--skip-worktree"] {
        let project = breaking();
        commit_all(&project);
        git(&project, &["update-index", bit, "one.txt"]);
        let ran = project.run(&["run", "plan.md", "--unattended", "--regress"]);
        assert_eq!(ran.code, 4, "{bit}: {}", ran.err);
        let expected = "step 1.3 stands on what no longer holds: step 1.1";
        assert!(ran.err.contains(expected), "{bit}: {}", ran.err);
        let tree = tree_of(&project, "1.2", &[]);
        let held = git(
            &project,
            &["show", &format!("{}:one.txt", tree["hash"].as_str().unwrap())],
        );
        assert_eq!(held, "two\n", "{bit}");
    }
}

#[test]
fn a_filter_hides_no_change() {
    if without_git("a_filter_hides_no_change") {
        return;
    }
    let project = breaking();
    project.write(".gitattributes", "one.txt filter=same\n");
    commit_all(&project);
    git(&project, &["config", "filter.same.clean", "echo same"]);
    let ran = project.run(&["run", "plan.md", "--unattended", "--regress"]);
    assert_eq!(ran.code, 4, "{}", ran.err);
    let expected = "step 1.3 stands on what no longer holds: step 1.1";
    assert!(ran.err.contains(expected), "{}", ran.err);
}

#[test]
fn big_files_and_our_own_state_get_into_no_repository() {
    if without_git("big_files_and_our_own_state_get_into_no_repository") {
        return;
    }
    let project = small_mock();
    commit_all(&project);
    let file = std::fs::File::create(project.root().join("big.bin")).unwrap();
    file.set_len((16 << 20) + 1).unwrap();
    let state = ["--state-dir", ".sg"];
    let ran = project.run(&[&state[..], &["run", "plan.md", "--unattended"]].concat());
    assert_eq!(ran.code, 0, "{}", ran.err);
    let tree = tree_of(&project, "1.2", &state);
    assert_eq!(
        names(&project, &tree),
        "one.txt\nplan.md\nstepgate.toml\ntwo.txt\n"
    );
    let all = git(
        &project,
        &[
            "cat-file",
            "--batch-all-objects",
            "--batch-check=%(objectname) %(objectsize)",
        ],
    );
    let sizes = all.lines().filter_map(|line| line.split_once(' '));
    let biggest = sizes.map(|(_, size)| size.parse::<u64>().unwrap()).max();
    assert!(biggest.unwrap() < 1 << 16, "{biggest:?}");
    // Neither the prompt nor the journal is an object of the repository.
    let ours = std::fs::read_dir(project.root().join(".sg")).unwrap().flatten();
    let journals = ours.map(|folder| folder.path().join("journal"));
    let journal = journals.into_iter().find(|path| path.is_file()).unwrap();
    let object = git(
        &project,
        &["hash-object", "--no-filters", journal.to_str().unwrap()],
    );
    assert!(!all.contains(object.trim()));
}

#[test]
fn a_change_of_a_big_file_or_in_another_repository_counts() {
    if without_git("a_change_of_a_big_file_or_in_another_repository_counts") {
        return;
    }
    let project = breaking();
    git(&project, &["init", "--quiet", "nested"]);
    let plan = project.read("plan.md").replace("one.txt", "nested/one.txt");
    project.write("plan.md", plan);
    project.mock(&[
        ("1.1", &reply_with("nested/one.txt", "one")),
        ("1.2", &reply_with("nested/one.txt", "two")),
        ("1.3", "Nothing to do.\n"),
    ]);
    git(&project, &["init", "--quiet"]);
    // A nested repository without commits is one that `git add` refuses.
    let ran = project.run(&["run", "plan.md", "--unattended", "--regress"]);
    assert_eq!(ran.code, 4, "{}", ran.err);
    let expected = "step 1.3 stands on what no longer holds: step 1.1";
    assert!(ran.err.contains(expected), "{}", ran.err);
    let tree = tree_of(&project, "1.2", &[]);
    assert_eq!(names(&project, &tree), "one.txt\nplan.md\nstepgate.toml\n");
}

#[test]
fn why_git_cannot_tell_is_on_record() {
    let project = small_mock();
    let ran = project.run(&["run", "plan.md", "--unattended", "--until", "1.1"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let tree = tree_of(&project, "1.1", &[]);
    assert_eq!(tree["kind"], "files");
    if !without_git("why_git_cannot_tell_is_on_record") {
        assert_eq!(tree["why"], "it is in no git repository");
    }
}
