//! `stepgate export`, by the real binary: bodies are what `run` would send, the output is complete or absent, and memory
//! stays flat over a thousand plans. Whole exports are compared in `tests/golden`.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "what helps a test may fail like a test"
)]

mod complete_or_absent;
mod faithful;
mod folders;
mod index;
mod many;
mod output_folders;
mod passed_over;
#[path = "../support/project.rs"]
#[expect(dead_code, reason = "shared with tests that use more of it")]
mod project;
#[path = "../support/pty.rs"]
#[expect(dead_code, reason = "shared with tests that use more of it")]
mod pty;

use project::Project;

/// Endpoints of every kind that has a batch engine, by the format that takes it.
const ENDPOINTS: &str = r#"
[endpoint.chat]
kind = "openai"
url = "http://127.0.0.1:1/v1"
model = "m-1"
max_tokens = 100
body = { temperature = 0, user = "ü \"x\"" }

[endpoint.responses]
kind = "openai-responses"
model = "m-2"

[endpoint.claude]
kind = "anthropic"
model = "m-3"
"#;

/// Adds a plan of as many steps, with its two documents of some 10 KB.
fn add_plan(project: &Project, number: usize, steps: usize) {
    let id = format!("EP-{number:04}");
    let mut plan = format!(
        "# {id}: Plan {number} - Implementation Plan\n\n**Status:** Approved\n\
         **Requirements Document:** `docs/{id}-requirements.md`\n**Design Document:** `docs/{id}-design.md`\n\n\
         ## Implementation Overview\n\nA plan.\n\n## Phase 1: Only\n\n"
    );
    for step in 1..=steps {
        plan.push_str(&format!(
            "#### Step 1.{step}: Step {step}\n**Goal:** Make \"it\"\n\n**AI Prompt:** `Carry out Step 1.{step} of {id}.`\n\n\
             **Tasks:**\n- [ ] Make it\n\n{}\n",
            "It is made with care, as the design has it: `a \\ b`.\n".repeat(50)
        ));
    }
    project.write(&format!("plans/{id}.md"), plan);
    for role in ["requirements", "design"] {
        let text = format!(
            "# {id}: {role}\n\n{}",
            "What is made is \"made\" well.\n".repeat(350)
        );
        project.write(&format!("docs/{id}-{role}.md"), text);
    }
}
