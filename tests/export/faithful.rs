//! What is exported is what `stepgate prompt` prints and what `run` would send.

use serde_json::Value;
use stepgate::export::Manifest;
use stepgate::words::Digest;

use super::project::{Project, reply_with};
use super::{ENDPOINTS, add_plan};

/// A project with a plan whose step 1.1 was tried once, so that the failure is part of what comes next.
fn tried() -> Project {
    let project = Project::small();
    add_plan(&project, 8, 3);
    project.mock(&[("1.1", &reply_with("one.txt", "zero"))]);
    let ran = project.run(&[
        "run",
        "plan.md",
        "--unattended",
        "--attempts",
        "2",
        "--endpoint",
        "test",
    ]);
    assert_eq!(ran.code, 4, "{}", ran.err);
    project.configure(ENDPOINTS);
    project
}

const STEPS: [(&str, &str, &str); 5] = [
    ("EP-0007_1-1", "plan.md", "1.1"),
    ("EP-0007_1-2", "plan.md", "1.2"),
    ("EP-0008_1-1", "plans/EP-0008.md", "1.1"),
    ("EP-0008_1-2", "plans/EP-0008.md", "1.2"),
    ("EP-0008_1-3", "plans/EP-0008.md", "1.3"),
];

fn export(project: &Project, args: &[&str]) {
    let ran = project.run(&[&["export", "plan.md", "plans"], args].concat());
    assert_eq!(ran.code, 0, "{}", ran.err);
}

fn prompt(project: &Project, plan: &str, step: &str, args: &[&str]) -> String {
    let ran = project.run(&[&["prompt", plan, step], args].concat());
    assert_eq!(ran.code, 0, "{}", ran.err);
    ran.out
}

#[test]
fn a_file_of_the_tree_is_the_prompt() {
    let project = tried();
    export(&project, &["--format", "md", "-o", "out"]);
    for (id, plan, step) in STEPS {
        let (folder, _) = id.split_once('_').unwrap();
        let written = project.read(&format!("out/{folder}/step-{step}.md"));
        assert_eq!(written, prompt(&project, plan, step, &[]), "{id}");
    }
    assert!(
        project
            .read("out/EP-0007/step-1.1.md")
            .contains("its check did not pass"),
        "the earlier attempt is told"
    );
    let manifest = Manifest::read(&project.root().join("out")).unwrap();
    manifest.check(&project.root().join("out")).unwrap();
    for (id, plan, step) in STEPS {
        let (of, entry) = manifest.find(id).unwrap();
        assert_eq!((of.path.as_str(), of.real.as_str()), (plan, ""));
        let written = project.read(&format!("out/{}", entry.file));
        assert_eq!((entry.step.as_str(), &entry.prompt), (step, &Digest::of(written)));
    }
}

#[test]
fn a_step_of_a_document_is_the_prompt() {
    let project = tried();
    export(&project, &["--format", "json", "-o", "out"]);
    let mut found = Vec::new();
    for file in ["EP-0007", "EP-0008"] {
        let document: Value = serde_json::from_str(&project.read(&format!("out/plans/{file}.json"))).unwrap();
        found.extend(document["steps"].as_array().unwrap().clone());
    }
    for ((id, plan, step), exported) in STEPS.into_iter().zip(&found) {
        let shown: Value = serde_json::from_str(&prompt(&project, plan, step, &["--json"])).unwrap();
        assert_eq!(exported["id"], id);
        for key in ["step", "system", "user", "tokens"] {
            assert_eq!(exported[key], shown[key], "{id}: {key}");
        }
    }
    assert_eq!(found.len(), STEPS.len());
}

/// A request of a batch: its id and its body as text.
fn requests(format: &str, project: &Project) -> Vec<(String, String)> {
    let (name, key) = match format {
        "openai-batch" => ("requests-0001.jsonl", "\"body\":"),
        _ => ("requests-0001.json", "\"params\":"),
    };
    let text = project.read(&format!("out/{name}"));
    let lines = text.lines().filter(|line| line.contains("custom_id"));
    let requests = lines.map(|line| {
        let line = line.strip_suffix(',').unwrap_or(line);
        let whole: Value = serde_json::from_str(line).unwrap();
        let (_, body) = line.split_once(key).unwrap();
        let id = whole["custom_id"].as_str().unwrap().to_owned();
        (id, body.strip_suffix('}').unwrap().to_owned())
    });
    requests.collect()
}

#[test]
fn a_body_is_the_one_that_is_sent_but_for_the_stream() {
    for (format, endpoint, stream) in [
        (
            "openai-batch",
            "chat",
            r#""stream":true,"stream_options":{"include_usage":true},"#,
        ),
        ("openai-batch", "responses", r#""stream":true,"#),
        ("anthropic-batch", "claude", r#""stream":true,"#),
    ] {
        let project = tried();
        export(
            &project,
            &["--format", format, "--endpoint", endpoint, "-o", "out"],
        );
        let expected: Vec<_> = STEPS
            .into_iter()
            .map(|(id, plan, step)| {
                let body = prompt(&project, plan, step, &["--body", "--endpoint", endpoint]);
                assert_eq!(body.matches(stream).count(), 1);
                (id.to_owned(), body.replace(stream, ""))
            })
            .collect();
        assert_eq!(requests(format, &project), expected, "{endpoint}");
        let streamed = project.run(&[
            "export",
            "plan.md",
            "plans",
            "--format",
            format,
            "--endpoint",
            endpoint,
            "-o",
            "-",
        ]);
        let file = if format == "openai-batch" {
            "requests-0001.jsonl"
        } else {
            "requests-0001.json"
        };
        assert_eq!(streamed.out, project.read(&format!("out/{file}")));
    }
}

#[test]
fn the_step_s_own_text_is_known_by_the_digest_that_a_session_records() {
    let project = tried();
    export(&project, &["--format", "md", "-o", "out"]);
    let manifest = Manifest::read(&project.root().join("out")).unwrap();
    let (_, entry) = manifest.find("EP-0007_1-1").unwrap();
    let log = project.run(&["log", "plan.md", "1.1", "--json"]);
    assert!(log.out.contains(entry.text.as_str()), "{}", log.out);
    assert_eq!(entry.attempt, 2);
    // Ticked, it is the same text.
    let ticked = project
        .read("plan.md")
        .replacen("- [ ] Write one", "- [x] Write one", 1);
    project.write("plan.md", ticked);
    export(&project, &["--format", "md", "-o", "after"]);
    let after = Manifest::read(&project.root().join("after")).unwrap();
    assert_eq!(after.find("EP-0007_1-1").unwrap().1.text, entry.text);
}
