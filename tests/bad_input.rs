//! Every command against what is no plan: an answer or a clear error, soon, and never a panic.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "what helps a test may fail like a test"
)]

mod support;

use std::fs;
use std::process::Command;

use support::project::{Project, SMALL, reply_with};

/// Every command that takes a plan, with what it takes besides.
const COMMANDS: &[&[&str]] = &[
    &["run", "PLAN", "--unattended"],
    &["run", "PLAN", "--unattended", "--step", "1.1"],
    &["prompt", "PLAN", "1.1"],
    &["prompt", "PLAN", "1.1", "--json"],
    &["check", "PLAN", "1.1", "--unattended"],
    &["check", "PLAN", "--done", "--unattended"],
    &["tick", "PLAN", "1.1"],
    &["untick", "PLAN", "1.1"],
    &["log", "PLAN"],
    &["show", "PLAN"],
    &["show", "PLAN", "1.1", "--json"],
    &["status", "PLAN"],
    &["lint", "PLAN"],
];

/// Runs a command on `bad`; its exit code and what it says.
fn run(project: &Project, command: &[&str], bad: &str) -> (i32, String) {
    let args: Vec<&str> = command
        .iter()
        .map(|word| if *word == "PLAN" { bad } else { word })
        .collect();
    let ran = project.run(&args);
    assert!(!ran.err.contains("panicked"), "{args:?}: {}", ran.err);
    // The findings of `lint` are its data, and come on standard output.
    (ran.code, ran.err + &ran.out)
}

#[test]
fn what_is_no_plan_is_refused_by_every_command() {
    let project = Project::new();
    let root = project.root();
    fs::create_dir(root.join("afolder")).unwrap();
    assert!(
        Command::new("mkfifo")
            .arg(root.join("fifo"))
            .status()
            .unwrap()
            .success()
    );
    project.write("empty.md", "");
    project.write("bytes.md", b"# T\n\n#### Step 1.1: a\n\xff\xfe\n");
    project.write("nul.md", "# T\n\n#### Step 1.1: a\n\0\n");
    project.write("none.md", "# T\n\nNo steps here.\n");
    std::os::unix::fs::symlink("nowhere", root.join("dangling.md")).unwrap();
    for bad in [
        "missing.md",
        "dangling.md",
        "afolder",
        "fifo",
        "empty.md",
        "bytes.md",
        "nul.md",
        "none.md",
    ] {
        for command in COMMANDS {
            // These look into folders; `log` only looks at the record, and a plan without steps has an empty one.
            let answers = (bad == "afolder" && matches!(command[0], "status" | "lint"))
                || (command[0] == "log" && matches!(bad, "empty.md" | "none.md"));
            let (code, err) = run(&project, command, bad);
            let wanted: &[i32] = if answers { &[0, 3] } else { &[2, 3] };
            assert!(wanted.contains(&code), "{command:?} on {bad}: exit {code}: {err}");
            assert!(
                answers || err.contains(bad),
                "{command:?} on {bad} does not name it: {err}"
            );
        }
    }
}

#[test]
fn a_plan_of_100_mb_and_one_of_a_single_line() {
    let project = Project::new();
    project.mock(&[("1.1", &reply_with("one.txt", "one"))]);
    // A plan that is all there, and behind it more prose than anybody reads.
    let mut long = SMALL.to_owned();
    long.push_str("\n## Notes\n\n");
    while long.len() < 100 << 20 {
        long.push_str(
            "A line of prose that says little and says it at some length, over and over again.\n\n",
        );
    }
    project.write("long.md", &long);
    project.write("line.md", format!("{SMALL}\n{}\n", "word ".repeat(10 << 20)));
    for command in COMMANDS {
        let (code, err) = run(&project, command, "line.md");
        assert_eq!(code, 3, "{command:?}: {err}");
        assert!(err.contains("1 MiB"), "{command:?}: {err}");
    }
    for command in [
        &["prompt", "PLAN", "1.1"][..],
        &["tick", "PLAN", "1.1"],
        &["status", "PLAN"],
        &["untick", "PLAN", "1.1"],
    ] {
        let (code, err) = run(&project, command, "long.md");
        assert_eq!(code, 0, "{command:?}: {err}");
    }
    let before = long.replace("**Status:** Approved", "**Status:** In Progress");
    let after = project.read("long.md");
    let updated = after.split("**Updated:** ").nth(1).unwrap()[..10].to_owned();
    assert!(
        after == before.replace("**Updated:** 2025-01-01", &format!("**Updated:** {updated}")),
        "bytes changed"
    );
}

#[test]
fn a_step_without_boxes_is_refused_when_it_is_reached() {
    let project = Project::new();
    let plan = SMALL
        .replace("- [ ] Write two", "- Write two")
        .replace("- [ ] Two is there", "- Two is there");
    project.write("plan.md", plan);
    project.mock(&[
        ("1.1", &reply_with("one.txt", "one")),
        ("1.2", &reply_with("two.txt", "two")),
    ]);
    let ran = project.run(&["run", "plan.md", "--unattended"]);
    assert_eq!(ran.code, 3, "{}", ran.err);
    assert!(
        ran.err
            .contains("step 1.2 has neither tasks nor validation criteria"),
        "{}",
        ran.err
    );
    assert!(ran.err.contains("plan.md:33:1"), "{}", ran.err);
    assert!(project.read("plan.md").contains("- [x] Write one"));
}
