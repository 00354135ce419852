use serde_json::Value;

use crate::support::mock_server::MockServer;
use crate::support::project::{Project, reply_with};

const PLAN: &str = "\
# EP-0042: Store - Implementation Plan

**Status:** Approved
**Created:** 2025-01-01
**Updated:** 2025-01-01
**Requirements Document:** docs/requirements.md
**Design Document:** docs/design.md

## Implementation Overview

Keep what was said.

## Phase 1: Only

#### Step 1.1: The journal
**Goal:** Write `src/journal.txt` by REQ-2
**Files to Create/Modify:**
- `src/journal.txt` (new)

**AI Prompt:** `Implement Step 1.1 of EP-0042: the journal in src/journal.txt`

**Tasks:**
- [ ] Write the journal

**Dependencies:**
- None

**Validation Criteria:**
- [ ] The journal is there

**Success Check:**
```bash
grep -q one src/journal.txt
```

**Rollback Plan:**
- Remove it
";

/// A section whose words are about nothing of the step.
fn section(heading: &str, about: &str) -> String {
    let filler = "Colours, margins and fonts of printed pages, told with patience.\n".repeat(20);
    format!("## {heading}\n\n{about}\n{filler}\n```sh\n# no heading\n```\n\n")
}

fn project(settings: &str) -> (Project, MockServer) {
    let project = Project::new();
    project.write("plan.md", PLAN);
    let requirements = [
        section("REQ-1 Paper", ""),
        section("REQ-2 Journal", "REQ-2: src/journal.txt holds it."),
    ];
    project.write(
        "docs/requirements.md",
        format!("# Requirements\n\n{}", requirements.concat()),
    );
    let design = [
        section("Pages", ""),
        section("Journal", "The journal is src/journal.txt."),
        section("Fonts", ""),
    ];
    project.write("docs/design.md", format!("# Design\n\n{}", design.concat()));
    let reply = reply_with("src/journal.txt", "one");
    let server = MockServer::of(
        &project,
        &format!(
            "description = \"writes it\"\n[[rule]]\ndescription = \"all\"\n[[rule.reply]]\ntext = '''\n{reply}'''\n"
        ),
    );
    project.configure(&format!(
        "default = \"x\"\n[endpoint.x]\nkind = \"openai\"\nurl = \"{}/v1\"\n{settings}\n",
        server.url
    ));
    (project, server)
}

fn prompt(project: &Project) -> Value {
    let ran = project.run(&["prompt", "plan.md", "1.1", "--json"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    serde_json::from_str(&ran.out).unwrap()
}

fn headings(prompt: &Value) -> Vec<String> {
    let left_out = prompt["left_out"].as_array().unwrap();
    left_out
        .iter()
        .map(|section| {
            format!(
                "{} {}",
                section["document"].as_str().unwrap(),
                section["heading"].as_str().unwrap()
            )
        })
        .collect()
}

#[test]
fn what_does_not_fit_is_left_out_by_name_and_the_same_is_printed_and_sent() {
    let (project, server) = project("model = \"gpt-5\"\nmax_tokens = 500");
    let all = prompt(&project);
    assert_eq!(all["left_out"], Value::Array(Vec::new()));
    // Without what is kept for the reply and what a provider adds, 700 tokens are missing: more than two sections.
    let context = all["tokens"].as_u64().unwrap() - 700 + 500 + 64;
    project.configure(&format!(
        "default = \"x\"\n[endpoint.x]\nkind = \"openai\"\nurl = \"{}/v1\"\nmodel = \"gpt-5\"\nmax_tokens = 500\ncontext_tokens = {context}\n",
        server.url
    ));
    let printed = prompt(&project);
    assert_eq!(
        headings(&printed),
        [
            "docs/requirements.md REQ-1 Paper",
            "docs/design.md Pages",
            "docs/design.md Fonts"
        ]
    );
    assert_eq!(printed["estimated"], false);
    let parts = printed["parts"].as_array().unwrap();
    let sum: u64 = parts.iter().map(|part| part["tokens"].as_u64().unwrap()).sum();
    assert_eq!(printed["tokens"], sum);
    assert!(sum <= printed["room"].as_u64().unwrap());
    let bytes: u64 = parts.iter().map(|part| part["bytes"].as_u64().unwrap()).sum();
    let (system, user) = (
        printed["system"].as_str().unwrap(),
        printed["user"].as_str().unwrap(),
    );
    assert_eq!(bytes as usize, system.len() + user.len());
    // Its place says so, and all else is there.
    assert!(
        user.contains("\n[section \"Fonts\" of docs/design.md is left out here to fit the model's context: "),
        "{user}"
    );
    assert!(
        user.contains("## Journal\n\nThe journal is src/journal.txt.\n"),
        "{user}"
    );
    assert!(
        user.contains("\n# The plan EP-0042: Store - Implementation Plan\n")
            || user.starts_with("# The plan EP-0042: Store - Implementation Plan\n"),
        "{user}"
    );
    assert_eq!(printed, prompt(&project), "the same each time");
    let body = project.run(&["prompt", "plan.md", "1.1", "--body"]).out;

    let ran = project.run(&["run", "plan.md", "--unattended", "--json"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    for line in [
        "3 sections do not fit, ",
        "  - section \"Fonts\" of docs/design.md (",
        "  - section \"REQ-1 Paper\" of docs/requirements.md (",
    ] {
        assert!(ran.err.contains(line), "`{line}` is not in {}", ran.err);
    }
    let events: Vec<Value> = ran
        .out
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let told = events.iter().find(|event| event["event"] == "prompt").unwrap();
    for key in ["tokens", "estimated", "parts", "left_out", "room"] {
        assert_eq!(told[key], printed[key], "{key}");
    }
    let requests = server.requests();
    assert_eq!(requests["requests"].as_array().unwrap().len(), 1, "{requests}");
    let sent: Value = serde_json::from_str(&body).unwrap();
    assert_eq!(requests["requests"][0]["body"], sent, "{requests}");
    let log = project.run(&["log", "plan.md"]).out;
    assert!(
        log.contains("; left out: section \"REQ-1 Paper\" of docs/requirements.md; section \"Pages\""),
        "{log}"
    );
}

#[test]
fn whatever_the_context_it_fits_or_nothing_is_sent() {
    for (model, estimated) in [("gpt-5", false), ("other", true)] {
        let (mut fitted, mut refused, mut last) = (0, 0, usize::MAX);
        for context in (600..6000).step_by(450) {
            let settings = format!("model = \"{model}\"\nmax_tokens = 100\ncontext_tokens = {context}");
            let (project, server) = project(&settings);
            let ran = project.run(&["prompt", "plan.md", "1.1", "--json"]);
            if ran.code == 0 {
                let prompt: Value = serde_json::from_str(&ran.out).unwrap();
                assert!(prompt["tokens"].as_u64().unwrap() <= prompt["room"].as_u64().unwrap());
                assert_eq!(prompt["estimated"], estimated);
                let count = headings(&prompt).len();
                assert!(count <= last, "less is left out of a larger context");
                last = count;
                fitted += 1;
            } else {
                assert_eq!(ran.code, 8, "{}", ran.err);
                let ran = project.run(&["run", "plan.md", "--unattended"]);
                assert_eq!(ran.code, 8, "{}", ran.err);
                assert!(ran.err.contains("tokens by part: system "), "{}", ran.err);
                assert_eq!(server.requests()["requests"].as_array().unwrap().len(), 0);
                assert_eq!(project.read("plan.md"), PLAN);
                refused += 1;
            }
        }
        assert!(fitted > 2 && refused > 0, "{fitted} fitted, {refused} refused");
        assert_eq!(last, 0, "a large context takes everything");
    }
}

#[test]
fn ollama_is_told_the_context() {
    let (project, _server) = project("model = \"m\"");
    project.configure(
        "default = \"o\"\n[endpoint.o]\nkind = \"ollama\"\nmodel = \"m\"\ncontext_tokens = 9000\n",
    );
    let body: Value =
        serde_json::from_str(&project.run(&["prompt", "plan.md", "1.1", "--body"]).out).unwrap();
    assert_eq!(body["options"]["num_ctx"], 9000);
}

#[test]
fn an_edited_prompt_that_does_not_fit_comes_back() {
    let (mut project, server) = project("model = \"other\"\nmax_tokens = 100\ncontext_tokens = 6000");
    project.write(
        "longer",
        "#!/bin/sh\nyes 'and one more line' | head -n 2000 >>\"$1\"\n",
    );
    project.write("shorter", "#!/bin/sh\necho 'Write one.' >\"$1\"\n");
    project.write("editor", "#!/bin/sh\nset -e\nif [ -e edited ]; then sh shorter \"$1\"; else touch edited; sh longer \"$1\"; fi\n");
    let path = project.root().join("editor");
    std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    project.set("EDITOR", path.to_str().unwrap());
    let mut pty = project.terminal(&["run", "plan.md"]);
    pty.answer("send the prompt? ›", 1);
    pty.wait_for("edited prompt ~");
    pty.wait_for("does not fit: it has about ");
    pty.answer("send the prompt? ›", 1);
    pty.wait_for("reply complete");
    pty.answer("write these files? ›", 5);
    assert_eq!(pty.end(), 4, "{}", pty.text());
    let requests = server.requests();
    let requests = requests["requests"].as_array().unwrap();
    assert_eq!(requests.len(), 1);
    assert_eq!(requests[0]["body"]["messages"][1]["content"], "Write one.");
}
