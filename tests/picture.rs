//! The picture of a session in the README, drawn from a real one.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "what helps a test may fail like a test"
)]

mod support;

use std::fs;
use std::path::Path;

use regex::Regex;
use stepgate::assets;
use support::picture::Picture;
use support::project::Project;

const COLUMNS: u16 = 100;

#[test]
fn the_picture_is_of_a_session_as_it_is_today() {
    let project = Project::new();
    let scenario = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("mocks")
        .join(assets::SAMPLE_SCENARIO);
    project.configure(&format!(
        "default = \"mock\"\n[endpoint.mock]\nkind = \"mock\"\nscenario = {scenario:?}\n"
    ));
    for file in assets::sample() {
        project.write(&format!("tally/{}", file.path), file.bytes);
    }
    let plan = format!("tally/{}", assets::SAMPLE_PLAN);
    let until = project.run(&["run", &plan, "--until", "2.1", "--unattended", "--attest"]);
    assert_eq!(until.code, 0, "{}", until.err);

    let mut pty = project.terminal_of(&["demo", "--dir", "tally"], (120, COLUMNS));
    pty.answer("send the prompt?", 0);
    pty.answer("write these files?", 0);
    pty.answer("run this check?", 0);
    pty.answer("the check did not pass; what now?", 0);
    pty.wait_for("a note for the model");
    pty.keys("6:40 is 6.75 in quarters\r");
    pty.answer("send the prompt?", 0);
    pty.answer("write these files?", 0);
    pty.answer("run this check?", 0);
    pty.tick_all("which criteria did you verify?");
    pty.tick_all("which tasks are complete?");
    pty.answer("is step 2.2 done?", 0);
    pty.answer("step 2.3: send the prompt?", 4);
    pty.end();

    let written = String::from_utf8(pty.bytes()).unwrap();
    let written = written.replace(&project.root().display().to_string(), "/home/ada");
    let mut picture = Picture::of(&same_times(&written), COLUMNS);
    picture.typed("stepgate demo --dir tally");
    picture.end_at("  ✓ step 2.2 is done");
    picture.fold("  → sent", "  ✓ reply complete", "the reply");
    picture.fold("  ± bin/tally", "✔ write these files?", "the difference");
    picture.fold(
        "  ✓ wrote 2 files",
        "✔ run this check?",
        "the check as it stands in the plan",
    );
    picture.fold("  $ check", "    ✓", "what it prints");
    picture.fold("  → sent", "  ✓ reply complete", "the reply");
    picture.fold("  ± lib/report.awk", "-# The multiple", "the difference");
    picture.fold("  ✓ wrote 1 file", "✔ run this check?", "the check");
    picture.fold("  $ check", "    ✓", "what it prints");
    let svg = picture.svg("stepgate", "A session at a terminal: a step of a plan is sent, its files are written, its check fails, the retry passes, and its boxes are ticked.");

    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/session.svg");
    if std::env::var_os("STEPGATE_BLESS").is_some() {
        fs::write(&path, &svg).unwrap();
    }
    let drawn = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        drawn == svg,
        "docs/session.svg is not what a session looks like; `STEPGATE_BLESS=1 cargo test --test picture` draws it anew:\n{}",
        picture.text().join("\n")
    );
}

/// How fast a machine is does not show: every time is the same, and that of a command, told only where it is long, is
/// left out.
fn same_times(text: &str) -> String {
    let of_commands = Regex::new("\x1b\\[2m  [0-9]+\\.[0-9] s\x1b\\[0m").unwrap();
    let times = Regex::new(r"[0-9]+\.[0-9] s\b").unwrap();
    times
        .replace_all(&of_commands.replace_all(text, ""), "0.1 s")
        .into_owned()
}
