//! A commit for each finished step: its files and the plan's ticks, and nothing else that lies about.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "what helps a test may fail like a test"
)]

mod support;

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use serde_json::Value;
use support::project::{Project, SMALL, reply_with};
use support::pty::{DOWN, ENTER};
use support::repository::{
    COMMITTING, commit_all, files_of, git, name_user, run_committing, subjects, without_git,
};
use support::walk::small_mock;

fn committing() -> Project {
    let project = small_mock();
    commit_all(&project);
    project
}

/// That nothing was sent, and why.
fn refused(project: &Project, code: i32, why: &str) {
    let ran = project.run(&COMMITTING);
    assert_eq!(ran.code, code, "{}", ran.err);
    assert!(ran.err.contains(why), "`{why}` is not in:\n{}", ran.err);
    assert!(!project.run(&["log", "plan.md"]).out.contains("sent to"));
    assert!(project.read("plan.md").contains("[ ] Write one"));
}

#[test]
fn a_commit_a_step_with_its_files_and_nothing_else() {
    if without_git("a_commit_a_step_with_its_files_and_nothing_else") {
        return;
    }
    let project = small_mock();
    project.write("other.txt", "as it was\n");
    commit_all(&project);
    project.write("staged.txt", "staged\n");
    git(&project, &["add", "staged.txt"]);
    project.write("loose.txt", "loose\n");
    project.write("other.txt", "changed\n");
    run_committing(&project);
    assert_eq!(
        subjects(&project),
        ["EP-0007 1.2: Second", "EP-0007 1.1: First", "begin"]
    );
    assert_eq!(files_of(&project, "HEAD"), "M\tplan.md\nA\ttwo.txt\n");
    assert_eq!(files_of(&project, "HEAD~1"), "A\tone.txt\nM\tplan.md\n");
    // What was staged is staged, what was changed is changed, what was not known is not known.
    let status = git(&project, &["status", "--porcelain"]);
    assert_eq!(status, " M other.txt\nA  staged.txt\n?? loose.txt\n");
    assert!(git(&project, &["show", "HEAD~1:plan.md"]).contains("[x] Write one"));
    assert!(git(&project, &["show", "HEAD~1:plan.md"]).contains("[ ] Write two"));
    let author = git(&project, &["log", "-1", "--format=%an <%ae> %cn <%ce>"]);
    assert_eq!(author, "Tester <tester@localhost> Tester <tester@localhost>\n");
}

#[test]
fn the_message_names_the_step_and_the_evidence() {
    if without_git("the_message_names_the_step_and_the_evidence") {
        return;
    }
    let project = committing();
    run_committing(&project);
    let evidence = project.run(&["log", "plan.md", "1.2", "--why", "--json"]).out;
    let evidence: Value = serde_json::from_str(&evidence).unwrap();
    let step = &evidence["steps"][0];
    let tree = step["check"]["tree"]["hash"].as_str().unwrap();
    let expected = format!(
        "EP-0007 1.2: Second\n\nStepgate-Step: EP-0007 1.2\nStepgate-Check: passed; unattended\nStepgate-Tree: git-tree {tree}\n\n"
    );
    assert_eq!(git(&project, &["log", "-1", "--format=%B"]), expected);
    let trailer = git(
        &project,
        &[
            "log",
            "--format=%(trailers:key=Stepgate-Step,valueonly,separator=)",
        ],
    );
    assert_eq!(trailer, "EP-0007 1.2\nEP-0007 1.1\n\n");
    let head = git(&project, &["rev-parse", "HEAD"]);
    assert_eq!(step["commit"].as_str().unwrap(), head.trim());
}

#[test]
fn events_and_words_tell_of_the_commit() {
    if without_git("events_and_words_tell_of_the_commit") {
        return;
    }
    let project = committing();
    let ran = project.run(&[&COMMITTING[..], &["--json", "--until", "1.1"]].concat());
    assert!(ran.err.contains("step 1.1 committed: "), "{}", ran.err);
    let told = ran
        .out
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap());
    let told: Vec<Value> = told.filter(|event| event["event"] == "committed").collect();
    assert_eq!(told.len(), 1);
    assert_eq!(told[0]["files"], serde_json::json!(["one.txt", "plan.md"]));
    assert_eq!(
        told[0]["commit"].as_str().unwrap(),
        git(&project, &["rev-parse", "HEAD"]).trim()
    );
}

#[test]
fn files_that_go_and_move_are_in_it() {
    if without_git("files_that_go_and_move_are_in_it") {
        return;
    }
    let (plan, _) = SMALL.split_once("#### Step 1.2").unwrap();
    let project = Project::new();
    project.write("plan.md", plan);
    let reply = "Kinds.\n\n```text rename=from.sh to=moved/to.sh\n```\n\n```text delete=old/gone.txt\n```\n\n```text path=one.txt\none\n```\n";
    project.mock(&[("1.1", reply)]);
    project.write("from.sh", "#!/bin/sh\n");
    project.write("old/gone.txt", "gone\n");
    let mode = fs::Permissions::from_mode(0o755);
    fs::set_permissions(project.root().join("from.sh"), mode).unwrap();
    commit_all(&project);
    run_committing(&project);
    let expected = "D\tfrom.sh\nA\tmoved/to.sh\nD\told/gone.txt\nA\tone.txt\nM\tplan.md\n";
    assert_eq!(files_of(&project, "HEAD"), expected);
    assert!(git(&project, &["ls-tree", "HEAD", "moved/to.sh"]).starts_with("100755"));
    assert_eq!(git(&project, &["status", "--porcelain"]), "");
}

#[test]
fn an_unborn_branch_a_detached_head_and_a_root_below_the_top_are_fine() {
    if without_git("an_unborn_branch_a_detached_head_and_a_root_below_the_top_are_fine") {
        return;
    }
    let project = small_mock();
    name_user(&project);
    git(&project, &["init", "--quiet"]);
    run_committing(&project);
    assert_eq!(subjects(&project), ["EP-0007 1.2: Second", "EP-0007 1.1: First"]);
    assert_eq!(files_of(&project, "HEAD~1"), "A\tone.txt\nA\tplan.md\n");
    assert_eq!(git(&project, &["status", "--porcelain"]), "?? stepgate.toml\n");

    let project = committing();
    git(&project, &["checkout", "--quiet", "--detach"]);
    let ran = project.run(&COMMITTING);
    assert_eq!(ran.code, 0);
    assert!(ran.err.contains("the head is on no branch"), "{}", ran.err);
    assert_eq!(subjects(&project).len(), 3);
    assert_eq!(git(&project, &["log", "--format=%s", "main"]), "begin\n");

    let project = small_mock();
    let inner = "deep/er";
    for path in ["plan.md", "stepgate.toml"] {
        project.write(&format!("{inner}/{path}"), project.read(path));
        fs::remove_file(project.root().join(path)).unwrap();
    }
    project.write("one.txt", "not this one\n");
    commit_all(&project);
    project.write("one.txt", "nor its change\n");
    let plan = format!("{inner}/plan.md");
    let ran = project.run(&["run", &plan, "--unattended", "--commit", "--until", "1.1"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert_eq!(
        files_of(&project, "HEAD"),
        "A\tdeep/er/one.txt\nM\tdeep/er/plan.md\n"
    );
    assert_eq!(git(&project, &["status", "--porcelain"]), " M one.txt\n");
    // The evidence is of the root, not of all that is around it.
    let trailer = git(
        &project,
        &[
            "log",
            "-1",
            "--format=%(trailers:key=Stepgate-Tree,valueonly,separator=)",
        ],
    );
    let tree = trailer.trim().strip_prefix("git-tree ").unwrap();
    let names = git(&project, &["ls-tree", "-r", "--name-only", tree]);
    assert_eq!(names, "one.txt\nplan.md\nstepgate.toml\n");
}

#[test]
fn what_cannot_be_committed_is_refused_before_anything_is_sent() {
    if without_git("what_cannot_be_committed_is_refused_before_anything_is_sent") {
        return;
    }
    let project = small_mock();
    refused(&project, 6, "`--commit` needs a git repository: ");

    let project = committing();
    fs::write(project.home().join(".gitconfig"), "").unwrap();
    refused(&project, 6, "git does not know whose commits they would be");

    let project = committing();
    git(&project, &["checkout", "--quiet", "-b", "side"]);
    project.write("a", "side\n");
    git(&project, &["add", "a"]);
    git(&project, &["commit", "--quiet", "-m", "side"]);
    git(&project, &["checkout", "--quiet", "main"]);
    git(&project, &["merge", "--quiet", "--no-commit", "--no-ff", "side"]);
    refused(&project, 6, "a merge is under way");

    let project = committing();
    project.write(".git/index.lock", "");
    refused(&project, 9, "another git works in the repository");
}

#[test]
fn the_repository_cannot_turn_it_on_and_its_hooks_do_not_run() {
    if without_git("the_repository_cannot_turn_it_on_and_its_hooks_do_not_run") {
        return;
    }
    let project = committing();
    project.write("stepgate.toml", "[run]\ncommit = true\n");
    assert_eq!(project.run(&["run", "plan.md", "--unattended"]).code, 6);

    let project = committing();
    let hooks = [
        "pre-commit",
        "commit-msg",
        "post-commit",
        "reference-transaction",
        "post-index-change",
    ];
    for hook in hooks {
        let path = format!(".git/hooks/{hook}");
        project.write(&path, "#!/bin/sh\ntouch \"$HOME/hook-ran\"\nexit 1\n");
        let mode = fs::Permissions::from_mode(0o755);
        fs::set_permissions(project.root().join(path), mode).unwrap();
    }
    run_committing(&project);
    assert_eq!(subjects(&project).len(), 3);
    assert!(!project.home().join("hook-ran").exists());
}

#[test]
fn what_git_ignores_is_in_no_commit() {
    if without_git("what_git_ignores_is_in_no_commit") {
        return;
    }
    let project = small_mock();
    project.write(".gitignore", "one.txt\n");
    commit_all(&project);
    run_committing(&project);
    assert_eq!(files_of(&project, "HEAD~1"), "M\tplan.md\n");

    let project = small_mock();
    project.write(".gitignore", "/plan.md\none.txt\n");
    commit_all(&project);
    let ran = project.run(&[&COMMITTING[..], &["--until", "1.1"]].concat());
    assert_eq!(ran.code, 0);
    for part in [
        "git ignores the plan: its ticks will be in no commit",
        "step 1.1 is not committed: git takes none of its files",
    ] {
        assert!(ran.err.contains(part), "`{part}` is not in:\n{}", ran.err);
    }
    assert_eq!(subjects(&project), ["begin"]);
}

#[test]
fn without_the_flag_there_is_no_commit() {
    if without_git("without_the_flag_there_is_no_commit") {
        return;
    }
    let project = committing();
    assert_eq!(project.run(&["run", "plan.md", "--unattended"]).code, 0);
    assert_eq!(subjects(&project), ["begin"]);
}

/// One session of one step at a terminal, which agrees to everything; whether it was killed.
fn session(project: &Project, crash_at: Option<usize>, commit: bool) -> bool {
    let first = format!("{DOWN}{ENTER}");
    let all = format!("a{ENTER}");
    let questions = [
        "send the prompt? ›",
        "send it again? ›",
        "write these files? ›",
        "run this check? ›",
        "does that still hold? ›",
        "make the changes in the tree, then come back ›",
        "is step 1.1 done? ›",
    ];
    let picks = [
        "which criteria did you verify? (space ticks, a ticks all, enter goes on) ›",
        "which tasks are complete? (space ticks, a ticks all, enter goes on) ›",
    ];
    let mut rules: Vec<(&str, &str)> = questions.map(|question| (question, first.as_str())).to_vec();
    rules.extend(picks.map(|question| (question, all.as_str())));
    let crash = crash_at.map(|at| at.to_string());
    let args = ["run", "plan.md", "--commit"];
    let args = if commit { &args[..] } else { &args[..2] };
    let mut pty = project.terminal_with(args, crash.as_deref().map(|at| ("STEPGATE_CRASH_AT", at)));
    pty.drive(&rules);
    let code = pty.end();
    assert!(code == 0 || crash_at.is_some(), "exit {code}:\n{}", pty.text());
    code != 0
}

#[test]
fn killed_anywhere_there_is_one_commit_in_the_end() {
    if without_git("killed_anywhere_there_is_one_commit_in_the_end") {
        return;
    }
    let (plan, _) = SMALL.split_once("#### Step 1.2").unwrap();
    let fresh = || {
        let project = Project::new();
        project.write("plan.md", plan);
        project.mock(&[("1.1", &reply_with("one.txt", "one"))]);
        commit_all(&project);
        project.write("loose", "");
        project.write("staged", "");
        git(&project, &["add", "staged"]);
        project
    };
    let state = |project: &Project| {
        let head = git(project, &["ls-tree", "-r", "HEAD"]);
        (subjects(project), head, git(project, &["status", "--porcelain"]))
    };
    let whole = fresh();
    assert!(!session(&whole, None, true));
    let expected = state(&whole);
    assert_eq!(expected.0, ["EP-0007 1.1: First", "begin"]);
    assert_eq!(expected.2, "A  staged\n?? loose\n");
    // The points before the commit is announced are those of every session: tests/crash.rs goes through them.
    let mut at = first_point(&fresh);
    let mut killed = 0;
    loop {
        let project = fresh();
        if !session(&project, Some(at), true) {
            break;
        }
        killed += 1;
        // Once more in what makes up for it, then a session that is let run: it was announced, so the flag is not needed.
        session(&project, Some(1 + at % 7), false);
        session(&project, None, false);
        assert_eq!(state(&project), expected, "after a kill at point {at}");
        let head = git(&project, &["rev-parse", "HEAD"]);
        let known = format!(
            "\"what\":\"committed\",\"step\":\"1.1\",\"commit\":\"{}\"",
            head.trim()
        );
        assert!(journal(&project).contains(&known), "after a kill at point {at}");
        assert!(left_over(&project).is_empty(), "after a kill at point {at}");
        at += 1;
    }
    assert!(killed > 12, "only {killed} points");
}

/// The first point at which a session that is killed has announced its commit.
fn first_point(fresh: &dyn Fn() -> Project) -> usize {
    (1..)
        .find(|at| {
            let project = fresh();
            session(&project, Some(*at), true);
            journal(&project).contains("\"what\":\"commit-intent\"")
        })
        .unwrap()
}

fn journal(project: &Project) -> String {
    let folders = fs::read_dir(project.state()).into_iter().flatten().flatten();
    let journals = folders.map(|folder| folder.path().join("journal"));
    journals
        .filter_map(|path| fs::read_to_string(path).ok())
        .collect()
}

/// Temporary indexes that nobody swept.
fn left_over(project: &Project) -> Vec<String> {
    let folders = fs::read_dir(project.state()).unwrap().flatten();
    let names = folders.flat_map(|folder| fs::read_dir(folder.path()).unwrap().flatten());
    let names = names.map(|entry| entry.file_name().to_string_lossy().into_owned());
    names.filter(|name| name.starts_with("check-")).collect()
}
