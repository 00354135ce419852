use std::fs;
use std::process::Stdio;

use super::support::project::Project;
use super::support::repository::git;
use super::support::walk::today;
use super::{MOVED, PLAN, done, finished, tree};

/// Finishing without a question, killed at a point or not; whether it was killed.
fn finish(project: &Project, at: Option<usize>) -> bool {
    let mut command = project.command(&["finish", PLAN, "--unattended", "--attest", "--skip-prompt"]);
    if let Some(at) = at {
        command.env("STEPGATE_CRASH_AT", at.to_string());
    }
    let output = command.stdin(Stdio::null()).output().unwrap();
    let killed = output.status.code().is_none();
    assert!(
        killed || output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    killed
}

/// Temporary files of ours.
fn leftovers(project: &Project) -> Vec<String> {
    tree(project)
        .into_keys()
        .filter(|name| name.contains(".stepgate-"))
        .collect()
}

#[test]
fn finish_survives_a_kill_at_every_point() {
    let whole = done();
    let expected = finished(tree(&whole), &today());
    let mut at = 1;
    loop {
        let project = done();
        git(&project, &["init", "-q"]);
        git(&project, &["add", "-A"]);
        let killed = finish(&project, Some(at));
        if killed {
            // Once more in the recovery, then to the end. A plan that has moved is completed under its old name too.
            finish(&project, Some(1 + at % 7));
            finish(&project, None);
        }
        assert_eq!(tree(&project), expected, "after a kill at point {at}");
        assert_eq!(
            leftovers(&project),
            Vec::<String>::new(),
            "after a kill at point {at}"
        );
        let listed = git(
            &project,
            &[
                "ls-files",
                "docs/enhancements/approved",
                "docs/enhancements/implemented",
            ],
        );
        let moved = ["design", "implementation", "requirements"]
            .map(|kind| MOVED.replace("small-implementation", &format!("small-{kind}")) + "\n");
        assert_eq!(listed, moved.concat(), "after a kill at point {at}");
        let log = project.run(&["log", MOVED]);
        assert!(
            log.out.contains("ticked"),
            "the record went along, point {at}: {}",
            log.out
        );
        if !killed {
            break;
        }
        at += 1;
    }
    assert!(at > 40, "only {at} points were passed");
}

#[test]
fn run_completes_or_puts_back_what_finish_began() {
    let whole = done();
    let expected = finished(tree(&whole), &today());
    let (mut completed, mut put_back) = (0, 0);
    for at in (12..70).step_by(3) {
        let project = done();
        if !finish(&project, Some(at)) {
            break;
        }
        let before = tree(&project);
        let ran = project.run(&["run", PLAN, "--unattended", "--attest", "--endpoint", "manual"]);
        assert_eq!(ran.code, 0, "{}", ran.err);
        assert_eq!(leftovers(&project), Vec::<String>::new(), "point {at}");
        let now = tree(&project);
        if project.root().join(MOVED).exists() {
            completed += usize::from(ran.err.contains("complete now"));
            assert_eq!(now, expected, "point {at}");
        } else {
            put_back += usize::from(ran.err.contains("as it was before"));
            assert!(now.contains_key(PLAN) && before.len() >= now.len(), "point {at}");
        }
    }
    assert!(
        completed > 0 && put_back > 0,
        "{completed} completed, {put_back} put back"
    );
}

#[test]
fn what_somebody_else_changed_after_a_kill_is_not_touched() {
    let project = done();
    let mut at = 12;
    // The first point at which the plan is at both places or at the new one.
    while !project.root().join(MOVED).exists() {
        assert!(finish(&project, Some(at)));
        at += 1;
    }
    project.write(MOVED, "somebody else's");
    let before = tree(&project);
    let ran = project.run(&["finish", MOVED, "--unattended"]);
    assert_eq!(ran.code, 11, "{}", ran.err);
    assert_eq!(tree(&project), before);
}

#[test]
fn a_full_disk_leaves_everything_as_it_was() {
    let project = done();
    // A list that was ticked stays so; the move is what happens or not.
    project.write(PLAN, project.read(PLAN).replace("[ ]", "[x]"));
    let big = format!(
        "[p](enhancements/approved/EP-0007-small-design.md)\n{}",
        "x\n".repeat(40_000)
    );
    project.write("docs/z.md", &big);
    let before = tree(&project);
    let binary = env!("CARGO_BIN_EXE_stepgate");
    let mut failed = 0;
    for kilobytes in [2, 8, 24, 48, 64] {
        // The system lets no file grow past this, as a full disk would.
        let line = format!(
            "ulimit -f {kilobytes}; trap '' XFSZ; exec '{binary}' finish '{PLAN}' --unattended --attest --skip-prompt"
        );
        let command = project.command(&[]);
        let envs: Vec<_> = command
            .get_envs()
            .filter_map(|(name, value)| Some((name.to_owned(), value?.to_owned())))
            .collect();
        let output = std::process::Command::new("bash")
            .args(["-c", &line])
            .env_clear()
            .envs(envs)
            .current_dir(project.root())
            .stdin(Stdio::null())
            .output()
            .unwrap();
        assert_eq!(
            output.status.code(),
            Some(9),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        assert_eq!(tree(&project), before, "at {kilobytes} KiB");
        failed += 1;
    }
    assert_eq!(failed, 5);
    assert!(fs::metadata(project.root().join(PLAN)).is_ok());
    assert!(!finish(&project, None));
    assert!(project.root().join(MOVED).exists());
}
