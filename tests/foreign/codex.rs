//! A real agent, codex from npm, behind a `command` endpoint: it asks our mock server, calls its own tool to write the
//! files, and the gate sees what it did.

use std::fs;
use std::path::Path;

use crate::installed::{self, Missing};
use crate::support::mock_server::MockServer;
use crate::support::project::Project;
use crate::support::pty::Pty;
use crate::support::walk::confirm_step;
use crate::{here, skipped};

const KEY: &str = "mock-key-of-codex";

/// A project whose agent is codex, and the server that it asks; `None` where codex cannot be had.
fn with_codex() -> Option<(Project, MockServer)> {
    let installed = installed::node(&here().join("codex")).and_then(|folder| {
        let program = folder.join("node_modules/.bin/codex");
        if program.exists() {
            Ok(program)
        } else {
            Err(Missing("npm has no codex for this machine".to_owned()))
        }
    });
    let program = match installed {
        Ok(program) => program,
        Err(missing) => {
            skipped("codex", &missing);
            return None;
        }
    };
    let mut project = Project::small();
    let scenario = fs::read_to_string(here().join("codex/scenario.toml")).unwrap();
    let server = MockServer::of(&project, &scenario);
    configure(&mut project, &program, &server.url);
    Some((project, server))
}

fn configure(project: &mut Project, program: &Path, url: &str) {
    let folder = project.home().join(".codex");
    fs::create_dir_all(&folder).unwrap();
    let provider = format!("[model_providers.mock]\nname = \"mock\"\nbase_url = \"{url}/v1\"\n");
    let own = "env_key = \"MOCK_KEY\"\nwire_api = \"responses\"\n";
    fs::write(
        folder.join("config.toml"),
        format!("model = \"gpt-test\"\nmodel_provider = \"mock\"\n\n{provider}{own}"),
    )
    .unwrap();
    project.set("MOCK_KEY", KEY);
    // A proxy of the machine is none of the test's; codex would ask it for what is on this machine.
    project.configure(&format!(
        "default = \"codex\"\n[endpoint.codex]\nkind = \"command\"\nenv = [\"MOCK_KEY\"]\ntimeout = \"2m\"\n\
         command = [\"{}\", \"exec\", \"--skip-git-repo-check\", \"--dangerously-bypass-approvals-and-sandbox\", \"-\"]\n",
        program.display()
    ));
}

fn assert_done(project: &Project) {
    let plan = project.read("plan.md");
    assert!(!plan.contains("- [ ]"), "{plan}");
    assert_eq!(
        (project.read("one.txt"), project.read("two.txt")),
        ("one\n".to_owned(), "two\n".to_owned())
    );
}

#[test]
fn codex_carries_out_a_plan_and_nobody_is_asked() {
    let Some((project, _server)) = with_codex() else {
        return;
    };
    let ran = project.run(&["run", "plan.md", "--unattended"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert_done(&project);
    assert!(ran.err.contains("│ The second file is there."), "{}", ran.err);
    assert!(!ran.err.contains(KEY), "{}", ran.err);
}

#[test]
fn codex_works_and_a_person_decides() {
    let Some((project, _server)) = with_codex() else {
        return;
    };
    let mut pty: Pty = project.terminal(&["run", "plan.md"]);
    for (step, line) in [("1.1", "+one"), ("1.2", "+two")] {
        pty.answer(&format!("step {step}: run this program? ›"), 0);
        pty.wait_for("✓ the agent ended with exit code 0 in ");
        pty.wait_for(line);
        pty.answer(&format!("step {step}: keep what the agent did? ›"), 0);
        pty.answer("run this check? ›", 0);
        confirm_step(&mut pty, step);
    }
    assert_eq!(pty.end(), 0, "{}", pty.text());
    assert_done(&project);
}
