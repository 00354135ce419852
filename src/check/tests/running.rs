use std::fs;
use std::time::{Duration, Instant};

use super::super::{Check, Event, Status, run};
use super::{Bench, Found, results};
use crate::interrupt::Interrupt;

#[test]
fn tells_of_each_command() {
    let table: &[(&str, &[Found])] = &[
        ("true\n\n# c\ntrue", &[(1, Some(0), true), (4, Some(0), true)]),
        (
            "true\nfalse\ntrue",
            &[(1, Some(0), true), (2, Some(1), true), (3, None, false)],
        ),
        (
            "! true\nfalse || true\nexit 0\ntrue",
            &[
                (1, Some(1), true),
                (2, Some(0), true),
                (3, Some(0), true),
                (4, None, false),
            ],
        ),
        (
            "(cd /)\n(exit 4)\ntrue",
            &[(1, Some(0), true), (2, Some(4), true), (3, None, false)],
        ),
        (
            "set +e\n(exit 4)\n(exit 5)\nfalse\ntrue",
            &[
                (1, Some(0), true),
                (2, Some(4), true),
                (3, Some(5), true),
                (4, Some(1), true),
                (5, Some(0), true),
            ],
        ),
        ("f() {\n  false\n}\nf", &[(1, Some(0), true), (4, Some(1), true)]),
        (
            "cat <<E\nx\nE\nfor i in 1 2; do\n true\ndone\ntrue",
            &[(1, Some(0), true), (4, Some(0), true), (7, Some(0), true)],
        ),
        (
            "for i in 1; do echo $i; done | while read x; do echo $x; done\n{ sleep 0; } &\ntrue",
            &[(1, Some(0), true), (2, Some(0), true), (3, Some(0), true)],
        ),
        ("set -u\ntrue", &[(1, Some(0), true), (2, Some(0), true)]),
        (
            "no-such-command-at-all\ntrue",
            &[(1, Some(127), true), (2, None, false)],
        ),
        ("kill -9 $$", &[(1, None, true)]),
    ];
    for (text, expected) in table {
        assert_eq!(results(&Bench::new().run(text)), *expected, "{text}");
    }
}

#[test]
fn tells_the_time_of_each_command() {
    let outcome = Bench::new().run("sleep 0.3\n(sleep 0.2)\ntrue");
    let took: Vec<_> = outcome
        .commands
        .iter()
        .map(|command| command.took.as_millis() / 100)
        .collect();
    assert_eq!(took, [3, 2, 0]);
    assert!(outcome.took >= Duration::from_millis(500));
}

#[test]
fn a_chosen_part_keeps_its_line_numbers() {
    let bench = Bench::new();
    let text = "echo one $LINENO\n\nfalse\ncat <<E\n$LINENO\nE\necho last $LINENO\n";
    let chosen = [1..=1, 4..=6, 7..=7];
    let outcome = run(
        &bench.check(text, Some(&chosen)),
        &Interrupt::default(),
        &mut |_| {},
    )
    .unwrap();
    assert_eq!(outcome.output.text(), "one 1\n4\nlast 7\n");
    assert_eq!(
        results(&outcome),
        [(1, Some(0), true), (4, Some(0), true), (7, Some(0), true)]
    );
    let none = run(&bench.check(text, Some(&[])), &Interrupt::default(), &mut |_| {}).unwrap();
    assert_eq!(
        none.status,
        Status::NotStarted("no command was chosen".to_owned())
    );
    assert!(!none.passed());
}

#[test]
fn a_script_past_the_limit_of_an_argument_runs() {
    let mut text = "x=a\n".repeat(50_000);
    text.push_str("echo end $LINENO");
    let outcome = Bench::new().run(&text);
    assert_eq!(
        (outcome.status, outcome.output.text().as_str()),
        (Status::Exited(0), "end 50001\n")
    );
}

#[test]
fn a_loop_does_not_fill_the_disk_with_marks() {
    let outcome = Bench::new().run("for ((i = 0; i < 20000; i++)); do\n :\n :\ndone\necho $i");
    assert_eq!(outcome.output.text(), "20000\n");
}

#[test]
fn output_is_live_merged_and_bounded() {
    let bench = Bench::new();
    let mut seen = 0_usize;
    let mut tell = |event: Event<'_>| {
        if let Event::Output(bytes) = event {
            seen += bytes.len();
        }
    };
    let text = "echo out; echo err >&2; echo out\nhead -c 300000000 /dev/zero | tr '\\0' x\necho; echo end";
    let outcome = run(&bench.check(text, None), &Interrupt::default(), &mut tell).unwrap();
    let total = 300_000_000 + "out\nerr\nout\n\nend\n".len();
    assert_eq!((seen, outcome.passed()), (total, true));
    let kept = outcome.output.text();
    assert!(kept.starts_with("out\nerr\nout\nxxx") && kept.ends_with("xxx\nend\n"));
    assert_eq!(outcome.output.dropped(), (total - (256 << 10)) as u64);
    assert!(kept.contains(&format!("[{} bytes dropped]", outcome.output.dropped())));
}

#[test]
fn a_hanging_check_is_warned_of_and_ended() {
    let mut bench = Bench::new();
    bench.limits.timeout = Duration::from_millis(300);
    bench.limits.warn = Duration::from_millis(100);
    let table = [
        "echo go\nsleep 100\ntrue",
        "trap '' TERM\necho go\nwhile :; do sleep 100 || :; done",
        "echo go\n(trap '' TERM INT; while :; do sleep 100 || :; done)",
        "echo go\nkill -STOP $$",
        "echo go\nexec >/dev/null 2>&1\nsleep 100",
    ];
    for text in table {
        let mut slow = 0;
        let mut tell = |event: Event<'_>| slow += usize::from(matches!(event, Event::Slow(_)));
        let began = Instant::now();
        let outcome = run(&bench.check(text, None), &Interrupt::default(), &mut tell).unwrap();
        assert_eq!(outcome.status, Status::TimedOut(bench.limits.timeout), "{text}");
        assert!(began.elapsed() < Duration::from_secs(5) && !outcome.passed());
        assert_eq!((outcome.output.text().as_str(), slow), ("go\n", 1), "{text}");
        assert_eq!(outcome.status.describe(), "timed out after 300 ms");
    }
}

#[test]
fn a_stopped_check_hears_that_it_must_end() {
    let mut bench = Bench::new();
    bench.limits.timeout = Duration::from_millis(200);
    bench.limits.grace = Duration::from_secs(5);
    let outcome = bench.run("trap 'echo caught; exit 1' TERM\nkill -STOP $$");
    assert_eq!(
        (outcome.status, outcome.output.text().as_str()),
        (Status::TimedOut(bench.limits.timeout), "caught\n")
    );
}

#[test]
fn what_outlives_the_shell_is_killed() {
    let bench = Bench::new();
    let table = [
        ("sleep 100 &\necho $!", true),
        ("sleep 100 >/dev/null 2>&1 &\necho $!", true),
        ("(trap '' TERM HUP; sleep 100) &\necho $!", true),
        ("sleep 0.1 &\necho $!", false),
        ("echo 0", false),
    ];
    for (text, left) in table {
        let began = Instant::now();
        let outcome = bench.run(text);
        assert_eq!(
            (outcome.status.clone(), outcome.left_processes),
            (Status::Exited(0), left),
            "{text}"
        );
        assert!(began.elapsed() < Duration::from_secs(5), "{text}");
        let pid: i32 = outcome.output.text().trim().parse().unwrap();
        if let Some(pid) = rustix::process::Pid::from_raw(pid) {
            assert!(is_gone(pid), "{text}");
        }
    }
}

/// Tells whether a process ends soon; a killed one may take a moment, and stays a zombie where nobody reaps it.
fn is_gone(pid: rustix::process::Pid) -> bool {
    let path = format!("/proc/{}/stat", pid.as_raw_nonzero());
    let until = Instant::now() + Duration::from_secs(5);
    while Instant::now() < until {
        match fs::read_to_string(&path) {
            Ok(stat) if !stat.contains(") Z ") => std::thread::yield_now(),
            _ => return true,
        }
    }
    false
}

#[test]
fn a_session_of_its_own_does_not_hold_us_up() {
    let began = Instant::now();
    let outcome = Bench::new().run("setsid sleep 5 &\necho a");
    assert!(outcome.passed() && outcome.left_processes);
    assert!(began.elapsed() < Duration::from_secs(4));
}

#[test]
fn an_interrupt_ends_the_group_and_is_no_failure() {
    let table = [
        "echo go\nsleep 100",
        "trap '' INT\necho go\nsleep 100 || :\nsleep 100",
        "trap '' INT TERM\necho go\nwhile :; do sleep 100 || :; done",
        "trap 'echo caught; exit 0' INT\necho go\nsleep 100",
    ];
    for text in table {
        let outcome = Bench::new().run_and_raise(text, "go");
        assert_eq!(outcome.status, Status::Interrupted(2), "{text}");
        assert!(outcome.output.text().starts_with("go\n") && !outcome.passed());
    }
    let raised = Interrupt::default();
    raised.raise(15);
    let bench = Bench::new();
    let outcome = run(&bench.check("echo never", None), &raised, &mut |_| panic!("ran")).unwrap();
    assert_eq!(
        (outcome.status.clone(), results(&outcome)),
        (Status::Interrupted(15), vec![(1, None, false)])
    );
}

#[test]
fn nothing_leaks_in_or_out() {
    let mut bench = Bench::new();
    // PATH is a variable that is surely there; without it, `echo` and `$PATH`'s default still work.
    bench.without = vec!["HOME".to_owned()];
    let text = "echo ${HOME-gone}; cd /; export STEPGATE_LEAK=1; ls -l /proc/self/fd | grep -c check || :";
    assert_eq!(bench.run(text).output.text(), "gone\n0\n");
    let again = bench.run("echo ${STEPGATE_LEAK-clean}; pwd -P");
    let folder = fs::canonicalize(bench.folder.path()).unwrap();
    assert_eq!(again.output.text(), format!("clean\n{}\n", folder.display()));
}

#[test]
fn names_how_it_ended() {
    let table = [
        ("kill -11 $$", "killed by signal 11 (SIGSEGV)", false),
        (
            "/etc/passwd",
            "failed with exit code 126: a command is not executable",
            true,
        ),
        (
            "nope-nope",
            "failed with exit code 127: a command was not found",
            true,
        ),
        ("exit 3", "failed with exit code 3", false),
        ("true", "passed", false),
    ];
    for (text, words, hint) in table {
        let status = Bench::new().run(text).status;
        assert_eq!(
            (status.describe().as_str(), status.hint().is_some()),
            (words, hint),
            "{text}"
        );
    }
}

#[test]
fn a_missing_folder_is_told() {
    let bench = Bench::new();
    let gone = bench.folder.path().join("gone");
    let check = Check {
        folder: &gone,
        ..bench.check("true", None)
    };
    let outcome = run(&check, &Interrupt::default(), &mut |_| {}).unwrap();
    assert_eq!(
        outcome.status,
        Status::NotStarted(format!("`{}` is not a folder", gone.display()))
    );
}
