use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use stepgate::lint::RULES;
use stepgate::words::Level;

use crate::support::project::{Project, Ran};

/// A project whose plan is the file of a rule's case, with the documents that it rests on.
pub(crate) fn project(plan: &Path) -> Project {
    let project = Project::new();
    project.write("requirements.md", "# Requirements\n");
    project.write("design.md", "# Design\n");
    project.write("EP-0007-implementation.md", fs::read(plan).unwrap());
    project
}

pub(crate) fn case(rule: &str, file: &str) -> PathBuf {
    let rules = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/lint/rules"));
    rules.join(rule).join(file)
}

fn lint(rule: &str, file: &str) -> Ran {
    project(&case(rule, file)).run(&["lint", "EP-0007-implementation.md"])
}

#[test]
fn each_rule_is_told_word_for_word() {
    for rule in RULES {
        let ran = lint(rule.id, "has.md");
        let told = format!("{}{}? {}\n", ran.out, ran.err, ran.code);
        let path = case(rule.id, "told");
        if std::env::var_os("STEPGATE_BLESS").is_some() {
            fs::write(&path, &told).unwrap();
        }
        let expected = fs::read_to_string(&path).unwrap_or_default();
        assert_eq!(told, expected, "{}", rule.id);
        let level = match rule.level {
            Level::Error => "error",
            Level::Warning | Level::Note => "warning",
        };
        assert!(told.contains(&format!("{level}[{}]: ", rule.id)), "{told}");
    }
}

#[test]
fn what_is_as_it_should_be_is_told_nothing_of() {
    for rule in RULES {
        let ran = lint(rule.id, "has-not.md");
        let told = (ran.out.as_str(), ran.err.as_str(), ran.code);
        assert_eq!(told, ("", "0 errors, 0 warnings in 1 plan\n", 0), "{}", rule.id);
    }
}

#[test]
fn every_rule_has_its_case_and_its_section() {
    let known: BTreeSet<String> = RULES.iter().map(|rule| rule.id.to_owned()).collect();
    let folders = fs::read_dir(case("", "")).unwrap();
    let cases: BTreeSet<String> = folders
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    assert_eq!(cases, known);
    let page = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/lint.md"));
    let page = fs::read_to_string(page).unwrap();
    let sections = page.lines().filter_map(|line| line.strip_prefix("### `"));
    let sections: Vec<String> = sections
        .map(|rest| rest.trim_end_matches('`').to_owned())
        .collect();
    let ids: Vec<&str> = RULES.iter().map(|rule| rule.id).collect();
    assert_eq!(sections, ids, "docs/lint.md has the rules in their order");
}
