//! A person edits the plan while an agent works: nothing of it is lost, and nobody is blamed.

use std::fs;

use super::fixture::{is_untouched, with_agent};
use super::support::project::{Project, SMALL};
use super::support::pty::CTRL_C;
use super::support::walk::confirm_step;

const RUN: &str = "run this program? ›";
const KEEP: &str = "keep what the agent did? ›";
const PLAN: &str = "what becomes of the plan? ›";

/// Works until it is told to end; the test writes to the plan meanwhile.
const SLOW: &str = r#"cat >/dev/null
echo one >one.txt
echo begun
while ! test -e "$HOME/go"; do sleep 0.02; done"#;

fn edited() -> String {
    SMALL.replace("Write two", "Write two, and well")
}

/// A session whose plan is edited while its agent works.
fn session(project: &Project) -> super::support::pty::Pty {
    let mut pty = project.terminal(&["run", "plan.md", "--until", "1.1"]);
    pty.answer(RUN, 0);
    pty.wait_for("│ begun");
    project.write("plan.md", edited());
    pty
}

fn is_kept(project: &Project) -> bool {
    let walk = ignore::WalkBuilder::new(project.state()).hidden(false).build();
    walk.flatten()
        .any(|entry| fs::read(entry.path()).is_ok_and(|bytes| bytes == edited().as_bytes()))
}

#[test]
fn an_edit_is_shown_and_stays() {
    let project = with_agent(SLOW);
    let mut pty = session(&project);
    fs::write(project.home().join("go"), "").unwrap();
    pty.wait_for("the plan was changed while helper ran:");
    pty.wait_for("Write two, and well");
    pty.answer(PLAN, 1);
    // It is no work of the agent: only what it wrote is asked about.
    pty.wait_for("one.txt  +1 −0");
    pty.answer(KEEP, 0);
    pty.answer("run this check? ›", 0);
    confirm_step(&mut pty, "1.1");
    assert_eq!(pty.end(), 0, "{}", pty.text());
    assert!(project.read("plan.md").contains("- [ ] Write two, and well"));
    assert!(project.read("plan.md").contains("- [x] Write one"));
}

#[test]
fn an_edit_that_is_put_back_is_kept() {
    let project = with_agent(SLOW);
    let mut pty = session(&project);
    fs::write(project.home().join("go"), "").unwrap();
    pty.answer(PLAN, 0);
    pty.wait_for("the plan is put back as it was before the agent ran; what stood there is kept in `");
    pty.answer(KEEP, 4);
    assert_eq!(pty.end(), 4, "{}", pty.text());
    assert!(is_untouched(&project) && is_kept(&project));
}

#[test]
fn an_edit_outlives_an_interrupt() {
    let project = with_agent(SLOW);
    let mut pty = session(&project);
    pty.keys(CTRL_C);
    assert_eq!(pty.end(), 130, "{}", pty.text());
    assert_eq!(project.read("plan.md"), edited());
    let ran = project.run(&["run", "plan.md", "--unattended"]);
    assert_eq!(ran.code, 5, "{}", ran.err);
    let mut pty = project.terminal(&["run", "plan.md", "--until", "1.1"]);
    pty.answer(PLAN, 0);
    pty.answer(KEEP, 4);
    assert_eq!(pty.end(), 4, "{}", pty.text());
    assert!(is_untouched(&project) && is_kept(&project));
}

#[test]
fn without_a_person_it_is_put_back_and_kept() {
    let project = with_agent(SLOW);
    let command = &mut project.command(&["run", "plan.md", "--unattended"]);
    let mut child = command.stderr(std::process::Stdio::piped()).spawn().unwrap();
    let mut shown = String::new();
    let mut pipe = std::io::BufReader::new(child.stderr.take().unwrap());
    while !shown.contains("│ begun") {
        assert!(
            std::io::BufRead::read_line(&mut pipe, &mut shown).unwrap() > 0,
            "{shown}"
        );
    }
    project.write("plan.md", edited());
    fs::write(project.home().join("go"), "").unwrap();
    std::io::Read::read_to_string(&mut pipe, &mut shown).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(11), "{shown}");
    let told = "the plan `plan.md` was changed while the agent `helper` ran; it is put back as it was";
    assert!(shown.contains(told), "{shown}");
    let path = shown.split("what stood there is kept in `").nth(1).unwrap();
    let kept = fs::read_to_string(path.split('`').next().unwrap()).unwrap();
    assert_eq!(kept, edited());
    assert!(is_untouched(&project));
}
