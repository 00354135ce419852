//! The sample project is true: what the mock model answers passes the plan's own checks, and the checks can fail.

#![expect(clippy::unwrap_used, reason = "a helper of a test may end it")]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use pulldown_cmark::{CodeBlockKind, Event, HeadingLevel, Options, Parser, Tag, TagEnd};
use stepgate::assets;
use stepgate::llm::{Endpoint, Finish, Request};
use stepgate::mock::{MockEndpoint, Scenario};

/// A fence of a Markdown text.
struct Fence {
    /// The heading and the label above it.
    heading: String,
    label: String,
    info: String,
    text: String,
}

fn fences(markdown: &str) -> Vec<Fence> {
    let (mut heading, mut label) = (String::new(), String::new());
    let mut fences = Vec::new();
    let (mut in_heading, mut in_label, mut in_fence) = (false, false, false);
    for event in Parser::new_ext(markdown, Options::ENABLE_TASKLISTS) {
        match event {
            Event::Start(Tag::Heading { .. }) => {
                heading.clear();
                in_heading = true;
            }
            Event::End(TagEnd::Heading(_)) => in_heading = false,
            Event::Start(Tag::Strong) => {
                label.clear();
                in_label = true;
            }
            Event::End(TagEnd::Strong) => in_label = false,
            Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(info))) => {
                in_fence = true;
                fences.push(Fence {
                    heading: heading.clone(),
                    label: label.clone(),
                    info: info.to_string(),
                    text: String::new(),
                });
            }
            Event::End(TagEnd::CodeBlock) => in_fence = false,
            Event::Text(text) if in_heading => heading.push_str(&text),
            Event::Text(text) if in_label => label.push_str(&text),
            Event::Text(text) if in_fence => fences.last_mut().unwrap().text.push_str(&text),
            _ => {}
        }
    }
    fences
}

fn headings(markdown: &str, wanted: HeadingLevel, prefix: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut inside = false;
    for event in Parser::new(markdown) {
        match event {
            Event::Start(Tag::Heading { level, .. }) if level == wanted => {
                inside = true;
                found.push(String::new());
            }
            Event::End(TagEnd::Heading(_)) => inside = false,
            Event::Text(text) if inside => found.last_mut().unwrap().push_str(&text),
            _ => {}
        }
    }
    found.retain(|heading| heading.starts_with(prefix));
    found
}

fn plan() -> String {
    let sample = assets::sample();
    let plan = sample.iter().find(|file| file.path == assets::SAMPLE_PLAN);
    String::from_utf8(plan.unwrap().bytes.to_vec()).unwrap()
}

/// The success check of each step, by the step's id, in the plan's order.
fn checks(plan: &str) -> BTreeMap<String, String> {
    let mut checks = BTreeMap::new();
    for fence in fences(plan) {
        if fence.label == "Success Check:" && fence.info == "bash" {
            let id = fence.heading.strip_prefix("Step ").unwrap();
            let id = id.split(':').next().unwrap().to_owned();
            assert_eq!(checks.insert(id, fence.text), None);
        }
    }
    checks
}

fn write(root: &Path, path: &str, bytes: &[u8]) {
    let path = root.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, bytes).unwrap();
}

/// Asks the scenario as a session does, and returns the files of its reply.
fn files(endpoint: &mut MockEndpoint, step: &str, attempt: u32) -> Vec<(String, String)> {
    let request = Request {
        step: step.to_owned(),
        attempt,
        ..Request::default()
    };
    let reply = endpoint.send(&request, &mut |_| {}).unwrap();
    assert_eq!(reply.finish, Finish::Stop);
    let mut files = Vec::new();
    for fence in fences(&reply.text) {
        let (language, path) = fence.info.split_once(" path=").unwrap();
        assert!(!language.is_empty() && !language.contains(' '), "{language}");
        files.push((path.to_owned(), fence.text));
    }
    assert!(!files.is_empty(), "step {step} writes nothing");
    files
}

fn check(root: &Path, script: &str) -> Output {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("check");
    fs::write(&file, script).unwrap();
    let mut bash = Command::new("bash");
    bash.arg("-e").arg(file).current_dir(root);
    bash.stdin(Stdio::null()).output().unwrap()
}

fn assert_check(root: &Path, script: &str, passes: bool, when: &str) {
    let output = check(root, script);
    assert_eq!(
        output.status.success(),
        passes,
        "{when}: {}\n{}{}",
        output.status,
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
}

fn tree(root: &Path) -> Vec<String> {
    let mut paths = Vec::new();
    for entry in ignore::WalkBuilder::new(root).standard_filters(false).build() {
        let entry = entry.unwrap();
        if entry.file_type().unwrap().is_file() {
            let path = entry.path().strip_prefix(root).unwrap();
            paths.push(path.to_str().unwrap().to_owned());
        }
    }
    paths.sort();
    paths
}

#[test]
fn every_reply_passes_the_check_of_its_step_and_no_check_passes_before() {
    let root = tempfile::tempdir().unwrap();
    let root = root.path();
    for file in assets::sample() {
        write(root, file.path, file.bytes);
    }
    let scenario = Scenario::load(assets::SAMPLE_SCENARIO, &assets::mock).unwrap();
    let mut endpoint = MockEndpoint::new("mock", scenario);
    let plan = plan();
    for (step, script) in &checks(&plan) {
        let attempts = if step == "2.2" { 2 } else { 1 };
        assert_check(root, script, false, &format!("{step} before it"));
        for attempt in 1..=attempts {
            for (path, text) in files(&mut endpoint, step, attempt) {
                let section = plan.split("#### Step ").find(|part| part.starts_with(&**step));
                assert!(
                    section.unwrap().contains(&format!("- `{path}` (")),
                    "step {step} does not announce {path}"
                );
                write(root, &path, text.as_bytes());
            }
            let when = format!("{step} after attempt {attempt}");
            assert_check(root, script, attempt == attempts, &when);
        }
    }
    // What was done stays true to the end.
    for (step, script) in &checks(&plan) {
        assert_check(root, script, true, &format!("{step} at the end"));
    }
    assert_eq!(
        tree(root),
        [
            "README.md",
            "bin/tally",
            "docs/enhancements/approved/EP-0001-time-report-design.md",
            "docs/enhancements/approved/EP-0001-time-report-implementation.md",
            "docs/enhancements/approved/EP-0001-time-report-requirements.md",
            "docs/format.md",
            "lib/entries.awk",
            "lib/report.awk",
            "lib/sum.awk",
            "logs/keeper.txt",
            "stepgate.toml",
            "tests/broken.expected",
            "tests/broken.txt",
            "tests/night.expected",
            "tests/night.txt",
            "tests/run.sh",
        ]
    );
}

#[test]
fn the_plan_has_the_parts_that_the_demo_shows() {
    let plan = plan();
    let phases = headings(&plan, HeadingLevel::H2, "Phase ");
    let steps = headings(&plan, HeadingLevel::H4, "Step ");
    assert_eq!((phases.len(), steps.len(), checks(&plan).len()), (3, 8, 8));
    let boxes = Parser::new_ext(&plan, Options::ENABLE_TASKLISTS)
        .filter(|event| matches!(event, Event::TaskListMarker(false)));
    assert_eq!(boxes.count(), plan.matches("- [ ] ").count());
    assert_eq!(plan.matches("[x]").count(), 0);
}
