//! Nobody is asked: what an agent does is taken where it is ordinary, and its word is not.

use nix::sys::resource::{UsageWho, getrusage};

use super::fixture::{GOOD, configure, is_gone, is_ticked, is_untouched, left, with_agent};
use super::support::repository::commit_all;

const RUN: [&str; 3] = ["run", "plan.md", "--unattended"];

#[test]
fn a_plan_is_carried_out() {
    let project = with_agent(GOOD);
    let ran = project.run(&RUN);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(is_ticked(&project));
    assert!(ran.err.contains("│ done as asked"), "{}", ran.err);
    assert!(
        ran.err.contains("± two.txt  +1 −0  new  not named by the step"),
        "{}",
        ran.err
    );
    let log = project.run(&["log", "plan.md"]).out;
    for line in [
        "about to run the agent helper as [\"",
        "the agent ended with exit code 0 after ",
        "s; 1 file changed, difference ",
        "an agent wrote one.txt",
    ] {
        assert!(log.contains(line), "no `{line}` in\n{log}");
    }
}

#[test]
fn in_a_repository_of_git_too() {
    let project = with_agent(GOOD);
    commit_all(&project);
    let ran = project.run(&RUN);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(is_ticked(&project));
}

#[test]
fn one_that_is_not_there_changes_nothing() {
    let project = with_agent(GOOD);
    std::fs::write(project.home().join("plain"), "").unwrap();
    let plain = project.home().join("plain").display().to_string();
    for (command, told) in [
        ("no-such-agent", "`no-such-agent` is not in PATH"),
        ("agents/none", "/.config/stepgate/agents/none`"),
        (&plain, "is not an executable file"),
    ] {
        configure(&project, &format!("command = [\"{command}\"]\n"));
        let ran = project.run(&RUN);
        assert_eq!(ran.code, 12, "{}", ran.err);
        assert!(
            ran.err.contains("the agent of endpoint `helper` cannot be run: "),
            "{}",
            ran.err
        );
        assert!(ran.err.contains(told), "{}", ran.err);
        assert!(ran.err.contains("nothing was run or changed"), "{}", ran.err);
        assert!(is_untouched(&project) && !project.state().exists());
    }
    // A script without an interpreter is found only when it is started.
    let script = project.home().join("agent");
    std::fs::write(&script, "echo hello\n").unwrap();
    configure(&project, &format!("command = [\"{}\"]\n", script.display()));
    let ran = project.run(&RUN);
    assert_eq!(ran.code, 12, "{}", ran.err);
    assert!(ran.err.contains("cannot start the agent"), "{}", ran.err);
    assert!(is_untouched(&project));
}

#[test]
fn its_failure_is_ours() {
    let project = with_agent("cat >/dev/null; echo one >one.txt; echo cannot go on >&2; exit 3");
    let ran = project.run(&RUN);
    assert_eq!(ran.code, 12, "{}", ran.err);
    assert!(
        ran.err.contains("✗ the agent failed with exit code 3 in "),
        "{}",
        ran.err
    );
    assert!(ran.err.contains("± one.txt"), "{}", ran.err);
    assert!(
        ran.err.contains("the agent `helper` failed with exit code 3\n"),
        "{}",
        ran.err
    );
    assert!(ran.err.contains("it changed `one.txt`"), "{}", ran.err);
    assert!(is_untouched(&project));
    // It is not started again by itself.
    let ran = project.run(&RUN);
    assert_eq!(ran.code, 12, "{}", ran.err);
    assert!(!ran.err.contains("works on it"), "{}", ran.err);
}

#[test]
fn its_success_is_not_ours() {
    let project = with_agent("cat >/dev/null; echo one >other.txt; echo all is well");
    let ran = project.run(&RUN);
    assert_eq!(ran.code, 4, "{}", ran.err);
    assert!(
        ran.err
            .contains("the check of step 1.1 did not pass in 3 attempts"),
        "{}",
        ran.err
    );
    assert!(is_untouched(&project));
}

#[test]
fn a_retry_has_the_failure_of_the_check() {
    let project = with_agent(
        r#"cat >"$HOME/given"
if grep -q "An earlier attempt failed" "$HOME/given"; then echo one >one.txt; else echo bad >one.txt; fi"#,
    );
    let ran = project.run(&[
        "run",
        "plan.md",
        "--unattended",
        "--until",
        "1.1",
        "--attempts",
        "2",
    ]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(left(&project, "given").contains("grep -q one one.txt"));
}

#[test]
fn one_that_hangs_is_ended_with_all_that_it_started() {
    let project = with_agent(
        r#"cat >/dev/null
sleep 600 &
echo $! >"$HOME/child"
(trap '' TERM; echo $BASHPID >"$HOME/deaf"; while :; do sleep 1; done) &
echo $$ >"$HOME/own"
wait"#,
    );
    let path = project.home().join("agent");
    configure(
        &project,
        &format!("command = [\"{}\"]\ntimeout = \"1s\"\n", path.display()),
    );
    let ran = project.run(&RUN);
    assert_eq!(ran.code, 12, "{}", ran.err);
    assert!(ran.err.contains("the agent timed out after 1 s"), "{}", ran.err);
    for name in ["child", "deaf", "own"] {
        assert!(is_gone(&project, name), "{name}");
    }
    assert!(is_untouched(&project));
}

#[test]
fn what_it_leaves_running_ends_with_it() {
    let project = with_agent(&format!(
        "{GOOD}\nsleep 600 >/dev/null & echo $! >\"$HOME/child\""
    ));
    let ran = project.run(&["run", "plan.md", "--unattended", "--until", "1.1"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(
        ran.err
            .contains("the agent left processes behind; they were ended"),
        "{}",
        ran.err
    );
    assert!(is_gone(&project, "child"));
}

#[test]
fn gigabytes_of_output_take_no_memory() {
    let project = with_agent(&format!("{GOOD}\nyes stepgate | head -c 1G"));
    let mut command = project.command(&["run", "plan.md", "--unattended", "--until", "1.1"]);
    let status = command.stderr(std::process::Stdio::null()).status().unwrap();
    assert_eq!(status.code(), Some(0));
    let kibibytes = getrusage(UsageWho::RUSAGE_CHILDREN).unwrap().max_rss();
    assert!(kibibytes < 300 << 10, "{kibibytes} KiB");
    let walk = ignore::WalkBuilder::new(project.state()).build();
    let bytes: u64 = walk.map(|entry| entry.unwrap().metadata().unwrap().len()).sum();
    assert!(bytes < 4 << 20, "{bytes} bytes are kept");
}

#[test]
fn what_only_a_person_may_decide_ends_it() {
    let project = with_agent(&format!("{GOOD}\necho 'all:' >Makefile"));
    let ran = project.run(&RUN);
    assert_eq!(ran.code, 5, "{}", ran.err);
    let told = "the agent `helper` changed `Makefile` for step 1.1, which is a file of build";
    assert!(ran.err.contains(told), "{}", ran.err);
    assert!(is_untouched(&project));

    let project = with_agent(&format!("{GOOD}\nln -s /etc/passwd link"));
    let ran = project.run(&RUN);
    assert_eq!(ran.code, 5, "{}", ran.err);
    assert!(
        ran.err
            .contains("changed `link` for step 1.1, which is a symbolic link"),
        "{}",
        ran.err
    );
}

#[test]
fn what_it_does_to_git_is_told() {
    let commit = "git -c user.name=a -c user.email=a@example.org commit -qam x";
    let project = with_agent(&format!("{GOOD}\ngit checkout -qb other; git add .; {commit}"));
    commit_all(&project);
    let ran = project.run(&["run", "plan.md", "--unattended", "--until", "1.1"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    for told in [
        "git's HEAD is on another branch or commit",
        "the branch has other commits",
        "git's index was written",
    ] {
        assert!(ran.err.contains(told), "{}", ran.err);
    }
    let project = with_agent(&format!("{GOOD}\ngit config core.fsmonitor ./evil"));
    commit_all(&project);
    let ran = project.run(&RUN);
    assert_eq!(ran.code, 5, "{}", ran.err);
    assert!(ran.err.contains("git's configuration was changed"), "{}", ran.err);
    assert!(is_untouched(&project));
}

#[test]
fn a_step_that_nothing_can_check_is_not_begun() {
    let project = with_agent(&format!("touch \"$HOME/ran\"\n{GOOD}"));
    project.write(
        "plan.md",
        super::support::project::SMALL.replace("grep -q one one.txt", "[verification command]"),
    );
    let ran = project.run(&RUN);
    assert_eq!(ran.code, 5, "{}", ran.err);
    assert!(!project.home().join("ran").exists());
}
