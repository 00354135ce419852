use serde_json::Value;

use crate::support::mock_server::MockServer;
use crate::support::project::Project;

const STEPS: usize = 12;

/// A document as long as those of real plans: sections of prose, lists and code.
fn document(title: &str) -> String {
    let mut text = format!("# {title}\n\n");
    for section in 1..=24 {
        text += &format!("## {title} {section}\n\n");
        for line in 1..=14 {
            text += &format!(
                "{line}. Rule {section}.{line} of the {title}: what part {section} hands on is kept until part {line} has taken it, and no longer.\n"
            );
        }
        text += &format!("\n```rust\nfn part_{section}() -> usize {{\n    {section}\n}}\n```\n\n");
    }
    text
}

fn plan() -> String {
    let mut text = "# EP-0012: Twelve - Implementation Plan\n\n**Status:** Approved\n**Created:** 2025-01-01\n**Updated:** 2025-01-01\n**Requirements Document:** docs/requirements.md\n**Design Document:** docs/design.md\n\n## Phase 1: All of it\n\n".to_owned();
    for step in 1..=STEPS {
        text += &format!(
            "#### Step 1.{step}: Part {step}\n**Goal:** Make part {step}\n**Files to Create/Modify:**\n- `part{step}.txt` (new)\n\n**AI Prompt:** `Implement Step 1.{step} of EP-0012: make part {step}`\n\n**Tasks:**\n- [ ] Write part {step}\n\n**Dependencies:**\n- None\n\n**Validation Criteria:**\n- [ ] Part {step} is there\n\n**Success Check:**\n```bash\ngrep -q part part{step}.txt\n```\n\n**Rollback Plan:**\n- Remove part{step}.txt\n\n"
        );
    }
    text
}

fn scenario() -> String {
    let mut text = "description = \"makes each part\"\n".to_owned();
    for step in 1..=STEPS {
        text += &format!(
            "[[rule]]\ndescription = \"part {step}\"\nwhen = {{ step = \"1.{step}\" }}\n[[rule.reply]]\ntext = '''\nDone.\n\n```text path=part{step}.txt\npart {step}\n```\n'''\n"
        );
    }
    text
}

fn project() -> Project {
    let project = Project::new();
    project.write("plan.md", plan());
    project.write("docs/requirements.md", document("requirements"));
    project.write("docs/design.md", document("design"));
    project
}

/// Runs the plan of twelve steps against a caching server; what the server counted for each step.
fn run(kind: &str, base: &str) -> (Project, Vec<Value>, Value) {
    let project = project();
    let (replies, ended) = session(&project, kind, base, &[]);
    (project, replies, ended)
}

/// Runs it once more, each step against a server that has seen nothing; what was billed of it.
fn run_uncached(kind: &str, base: &str) -> f64 {
    let project = project();
    let mut sum = 0.0;
    for step in 1..=STEPS {
        let (replies, _) = session(&project, kind, base, &["--until", &format!("1.{step}")]);
        assert_eq!(replies.len(), 1);
        sum += billed(&replies);
    }
    sum
}

/// Tokens of prompts, those from a cache at a tenth.
#[expect(clippy::cast_precision_loss, reason = "three digits of a ratio are shown")]
fn billed(replies: &[Value]) -> f64 {
    let of = |reply: &Value| {
        let usage = &reply["usage"];
        let (input, cached) = (
            usage["input"].as_u64().unwrap(),
            usage["cached"].as_u64().unwrap(),
        );
        (input - cached) as f64 + 0.1 * cached as f64
    };
    replies.iter().map(of).sum()
}

/// One session against a server of its own.
fn session(project: &Project, kind: &str, base: &str, args: &[&str]) -> (Vec<Value>, Value) {
    let server = MockServer::of(project, &scenario());
    project.configure(&format!(
        "default = \"x\"\n[endpoint.x]\nkind = \"{kind}\"\nurl = \"{}{base}\"\nmodel = \"gpt-5\"\nprice = {{ input = 10, cached = 1, output = 50, currency = \"EUR\" }}\n",
        server.url
    ));
    let ran = project.run(&[&["run", "plan.md", "--unattended", "--json"], args].concat());
    assert_eq!(ran.code, 0, "{}", ran.err);
    let events: Vec<Value> = ran
        .out
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let replies = events
        .iter()
        .filter(|event| event["event"] == "replied")
        .cloned()
        .collect();
    (replies, events.last().unwrap().clone())
}

#[test]
fn a_plan_of_twelve_steps_pays_for_its_documents_once() {
    for (kind, base) in [("openai", "/v1"), ("openai-responses", "/v1"), ("anthropic", "")] {
        let (project, replies, ended) = run(kind, base);
        assert_eq!(replies.len(), STEPS);
        let sum = |name: &str| -> u64 {
            replies
                .iter()
                .map(|reply| reply["usage"][name].as_u64().unwrap())
                .sum()
        };
        let (input, cached) = (sum("input"), sum("cached"));
        let uncached = run_uncached(kind, base);
        let ratio = billed(&replies) / uncached;
        println!(
            "{kind}: {input} tokens in, {cached} read from the cache, billed {ratio:.3} of the {uncached} of a run without"
        );
        assert!(ratio <= 0.3, "{kind}: {ratio:.3}");
        // The session knows it too, and the record tells it.
        assert_eq!(ended["spent"]["input"], input);
        assert_eq!(ended["spent"]["cached"], cached);
        assert_eq!(ended["spent"]["requests"], STEPS);
        let costs: f64 = replies
            .iter()
            .map(|reply| reply["cost"]["amount"].as_f64().unwrap())
            .sum();
        assert!((ended["spent"]["cost"]["amount"].as_f64().unwrap() - costs).abs() < 1e-6);
        let log = project.run(&["log", "plan.md", "1.7"]).out;
        let reply = &replies[6]["usage"];
        let line = format!(
            "{} tokens in ({} read from a cache), {} out",
            reply["input"], reply["cached"], reply["output"]
        );
        assert!(log.contains(&line), "{line} is not in {log}");
        assert!(log.contains(" EUR without the reply"), "{log}");
    }
}
