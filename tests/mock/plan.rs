//! A plan under test without a fixture: `mock serve --plan`, and a real session that asks it.

use serde_json::Value;

use crate::support::mock_server::MockServer;
use crate::support::project::{Project, SMALL};

#[test]
fn a_session_runs_against_the_model_of_its_own_plan() {
    let project = Project::new();
    let plan = SMALL.replace(
        "**Goal:** Make two\n",
        "**Goal:** Make two\n**Files to Create/Modify:**\n- `src/two.py` (new)\n- `one.txt` (modified)\n",
    );
    let plan = plan.replace("grep -q two two.txt", "test -s src/two.py\ngrep -q 1.2 one.txt");
    let plan = plan.replace("grep -q one one.txt", "test -s one.txt");
    project.write("plan.md", &plan);
    let server = MockServer::start(&project, &["--plan", "plan.md", "--strict"]);
    project.configure(&format!(
        "default = \"served\"\n[endpoint.served]\nkind = \"openai\"\nurl = \"{}/v1\"\nmodel = \"mock\"\n",
        server.url
    ));
    let ran = project.run(&["run", "plan.md", "--unattended", "--attest"]);
    assert_eq!(ran.code, 0, "{}\n{}", ran.out, ran.err);
    assert!(
        !project.read("plan.md").contains("- [ ]"),
        "{}",
        project.read("plan.md")
    );
    assert!(
        project.read("src/two.py").starts_with("# "),
        "{}",
        project.read("src/two.py")
    );
    let requests = server.requests();
    let steps: Vec<&Value> = requests["requests"]
        .as_array()
        .unwrap()
        .iter()
        .map(|request| &request["step"])
        .collect();
    assert_eq!(steps, ["1.1", "1.2"]);
    // Every step was asked for, and nothing else.
    assert_eq!(server.end(rustix::process::Signal::TERM).0, Some(0));
}

#[test]
fn scenarios_come_before_the_plan() {
    let project = Project::small();
    project.write(
        "scenario.toml",
        "description = \"one step by hand\"\n[[rule]]\ndescription = \"1.1\"\nwhen = { step = \"1.1\" }\n[[rule.reply]]\ntext = \"by hand\"\n",
    );
    let server = MockServer::start(&project, &["scenario.toml", "--plan", "plan.md"]);
    let said = |content: &str| {
        let body = serde_json::json!({"model": "m", "messages": [{"role": "user", "content": content}]});
        let json = server
            .ask("POST", "/v1/chat/completions", &body.to_string())
            .json();
        json["choices"][0]["message"]["content"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    assert_eq!(said("Implement Step 1.1 of EP-0007"), "by hand");
    assert!(
        said("Implement Step 1.2 of EP-0007").contains("make two") || said("Step 1.2").contains("Make two")
    );
    assert!(said("What is the weather?").contains("EP-0007"));
}

#[test]
fn a_plan_that_cannot_be_run_is_refused() {
    let project = Project::new();
    project.write("plan.md", SMALL.replace("Step 1.2: Second", "Step 1.1: Second"));
    let ran = project.run(&["mock", "serve", "--plan", "plan.md"]);
    assert_eq!(ran.code, 3);
    assert!(ran.err.contains("plan.md:"), "{}", ran.err);
}
