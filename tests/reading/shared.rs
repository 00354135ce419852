//! A real plan, and the template that defines the format. They stand beside the repository, in `../shared`; without them
//! the tests are skipped. `STEPGATE_SHARED` names another place.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::markdown::true_boxes;
use crate::place::{Place, Ran, json};

const PLAN: &str = "docs/enhancements/approved/EP-0003-alert-processing-history-implementation.md";
const TEMPLATE: &str = "docs/templates/ep-implementation-template.md";

/// The folder with the documents, or word that a test is skipped.
fn plans(test: &str) -> Option<PathBuf> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared");
    let shared = std::env::var_os("STEPGATE_SHARED")
        .map_or_else(beside, PathBuf::from)
        .join("plans");
    if shared.join(PLAN).is_file() {
        return Some(shared);
    }
    eprintln!("skipped: {test}, for there is no {}", shared.display());
    None
}

/// Runs a command where the documents stand.
fn run(plans: &Path, args: &[&str]) -> Ran {
    crate::place::finish(Place::new().command(args).current_dir(plans))
}

fn show(plans: &Path, path: &str) -> (Value, Vec<u8>) {
    let ran = run(plans, &["show", "--json", path]);
    assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""));
    (json(&ran), std::fs::read(plans.join(path)).unwrap())
}

/// Phases, steps, tasks, criteria and checks.
fn counts(document: &Value) -> [usize; 5] {
    let list = |value: &Value, name: &str| value[name].as_array().unwrap().clone();
    let phases = list(document, "phases");
    let steps: Vec<_> = phases.iter().flat_map(|phase| list(phase, "steps")).collect();
    let sum = |name: &str| steps.iter().map(|step| list(step, name).len()).sum();
    [
        phases.len(),
        steps.len(),
        sum("tasks"),
        sum("criteria"),
        sum("checks"),
    ]
}

#[test]
fn a_real_plan_is_read_whole() {
    let Some(plans) = plans("a_real_plan_is_read_whole") else {
        return;
    };
    let (document, bytes) = show(&plans, PLAN);
    assert_eq!(counts(&document), [4, 12, 87, 51, 12]);
    assert_eq!(true_boxes(&document, &bytes), 223);
    let header = [
        "schema",
        "id",
        "status",
        "created",
        "updated",
        "requirements",
        "design",
    ]
    .map(|name| &document[name]);
    assert_eq!(
        header,
        [
            "stepgate.plan/1",
            "EP-0003",
            "Approved",
            "2024-12-19",
            "2024-12-19",
            "docs/enhancements/approved/EP-0003-alert-processing-history-requirements.md",
            "docs/enhancements/approved/EP-0003-alert-processing-history-design.md"
        ]
    );
}

#[test]
fn the_template_is_read_whole() {
    let Some(plans) = plans("the_template_is_read_whole") else {
        return;
    };
    let (document, bytes) = show(&plans, TEMPLATE);
    assert_eq!(counts(&document)[..2], [4, 12]);
    assert_eq!(true_boxes(&document, &bytes), 108);
}

/// The lines of the findings of a rule.
fn lines(document: &Value, rule: &str) -> BTreeSet<u64> {
    let findings = document["files"][0]["findings"].as_array().unwrap();
    findings
        .iter()
        .filter(|finding| finding["rule"] == rule)
        .map(|finding| finding["line"].as_u64().unwrap())
        .collect()
}

/// Whether a line has a text in brackets that is no box: a bracket with a letter or digit in it, of two characters at
/// least.
fn has_brackets(line: &str) -> bool {
    line.split('[')
        .skip(1)
        .filter_map(|rest| rest.split(']').next())
        .any(|text| text.len() > 1 && text.starts_with(char::is_alphanumeric))
}

#[test]
fn every_placeholder_and_hint_of_the_template_is_named() {
    let Some(plans) = plans("every_placeholder_and_hint_of_the_template_is_named") else {
        return;
    };
    let ran = run(&plans, &["lint", "--format", "json", TEMPLATE]);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    let document = json(&ran);
    let text = std::fs::read_to_string(plans.join(TEMPLATE)).unwrap();
    let numbered = || text.lines().zip(1_u64..);
    let lines_with = |test: &dyn Fn(&str) -> bool| -> BTreeSet<u64> {
        numbered()
            .filter(|(line, _)| test(line))
            .map(|(_, number)| number)
            .collect()
    };
    let signs = ["EP-XXXX", "YYYY-MM-DD", "path/to/", " | "];
    let left = |line: &str| has_brackets(line) || signs.iter().any(|sign| line.contains(sign));
    assert_eq!(lines(&document, "placeholder"), lines_with(&left));
    assert_eq!(
        lines(&document, "hint"),
        lines_with(&|line| line.contains("<!-- AI:"))
    );
    // Each bracket is named, not only the first of its line.
    let findings = document["files"][0]["findings"].as_array().unwrap();
    let brackets = findings
        .iter()
        .filter(|finding| finding["message"].as_str().unwrap().starts_with("`["))
        .count();
    let expected: usize = text
        .match_indices('[')
        .filter(|(at, _)| has_brackets(&text[*at..*at + 4]))
        .count();
    // One stands in a fence outside of the steps: the pattern of a prompt, in the guide.
    assert_eq!(brackets + 1, expected);
    // And nothing else is said: every part is there, and no check can be run because of a placeholder alone.
    let rules: BTreeSet<_> = findings
        .iter()
        .map(|finding| finding["rule"].as_str().unwrap())
        .collect();
    // The project that it was made for is not beside it.
    assert_eq!(rules, BTreeSet::from(["file-missing", "hint", "placeholder"]));
}

#[test]
fn a_real_plan_has_little_wrong_with_it() {
    let Some(plans) = plans("a_real_plan_has_little_wrong_with_it") else {
        return;
    };
    let ran = run(&plans, &["lint", "--format", "json", PLAN]);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    let document = json(&ran);
    let findings = document["files"][0]["findings"].as_array().unwrap();
    // The files of the project that it was made for are not beside it.
    let told: Vec<(&str, u64)> = findings
        .iter()
        .map(|finding| {
            (
                finding["rule"].as_str().unwrap(),
                finding["line"].as_u64().unwrap(),
            )
        })
        .filter(|(rule, _)| *rule != "file-missing")
        .collect();
    // A check that ends in a pipe, and a step about the move of its own plan. The template's guide, which names the pattern
    // of a prompt, stands in a fence outside of the steps.
    let expected = [("check-masked", 521), ("moves-plan", 624)];
    assert_eq!(told, expected);
    assert_eq!(run(&plans, &["lint", "--deny-warnings", PLAN]).code, Some(3));
}
