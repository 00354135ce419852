//! Many plans at a time.

use std::fs::File;
use std::process::Command;

use super::folders::files;
use super::project::Project;
use super::{ENDPOINTS, add_plan};

#[test]
fn the_same_plans_give_the_same_bytes() {
    let project = Project::new();
    project.configure(ENDPOINTS);
    for number in 1..=40 {
        add_plan(&project, number, 1 + number % 7);
    }
    let formats: [&[&str]; 4] = [
        &["md"],
        &["json"],
        &["openai-batch", "--endpoint", "chat", "--max-requests", "30"],
        &["anthropic-batch", "--endpoint", "claude", "--max-bytes", "700000"],
    ];
    for format in formats {
        let export = |out: &str| {
            let ran = project.run(&[&["export", "plans", "-o", out, "--format"], format].concat());
            assert_eq!(ran.code, 0, "{}", ran.err);
            files(&project.root().join(out))
        };
        let name = format[0];
        let first = export(&format!("{name}-1"));
        assert!(first.len() > 2, "{name}");
        assert_eq!(first, export(&format!("{name}-2")), "{name}");
    }
}

/// Some 240 MB of prompts, in memory that does not hold a fifth of them.
#[test]
fn memory_stays_flat_over_a_thousand_plans() {
    let project = Project::new();
    for number in 1..=1_000 {
        add_plan(&project, number, 10);
    }
    let binary = env!("CARGO_BIN_EXE_stepgate");
    // Bounds all that is written to and belongs to the process alone.
    let script = format!("ulimit -d 50000; exec {binary} export plans --format json -o -");
    let output = Command::new("bash")
        .args(["-c", &script])
        .current_dir(project.root())
        .env_clear()
        .env("HOME", project.home())
        .stdout(File::options().write(true).open("/dev/null").unwrap())
        .output()
        .unwrap();
    let told = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(0), "{told}");
    assert!(told.starts_with("10000 prompts of 1000 plans: "), "{told}");
}

#[test]
fn progress_is_shown_at_a_terminal_and_cleared() {
    let project = Project::new();
    for number in 1..=3 {
        add_plan(&project, number, 3);
    }
    let mut terminal = project.terminal(&["export", "plans", "--format", "md", "-o", "out"]);
    terminal.wait_for("9 prompts of 3 plans");
    assert_eq!(terminal.end(), 0);
    let (screen, _) = terminal.screen();
    let said: Vec<&str> = screen
        .iter()
        .map(|line| line.trim_end())
        .filter(|line| !line.is_empty())
        .collect();
    assert_eq!(said.len(), 1, "{said:?}");
    let drawn = String::from_utf8_lossy(&terminal.bytes()).into_owned();
    assert!(drawn.contains("3 of 3 files"), "{drawn}");
}
