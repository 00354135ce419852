use std::fs;

use serde_json::{Value, json};

use crate::rules::case;
use crate::support::project::Project;

const NONE: &str =
    "no plans in `bin`: a plan is a Markdown file with a heading such as `#### Step 1.1: Title`\n";

/// A template beside a plan, and a folder without any.
fn project() -> Project {
    let project = Project::new();
    let plan = fs::read_to_string(case("file-missing", "has-not.md")).unwrap();
    project.write("docs/EP-0007-implementation.md", &plan);
    project.write("requirements.md", "# Requirements\n");
    project.write("design.md", "# Design\n");
    project.write(
        "docs/templates/plan.md",
        plan.replace("# EP-0007: Small", "# EP-XXXX: [Title]"),
    );
    project.write("bin/tool.md", "# A tool\n");
    project
}

#[test]
fn templates_of_a_folder_are_left_out() {
    let project = project();
    let ran = project.run(&["lint", "docs", "--deny-warnings"]);
    let left_out = "left out, a template: `docs/templates/plan.md`\n";
    let told = (ran.out.as_str(), ran.err.as_str(), ran.code);
    let err = format!("{left_out}0 errors, 0 warnings in 1 plan\n");
    assert_eq!(told, ("", err.as_str(), 0));

    let ran = project.run(&["lint", "docs", "--format", "json"]);
    let document: Value = serde_json::from_str(&ran.out).unwrap();
    let expected = json!({
        "schema": "stepgate.lint/1",
        "files": [{ "path": "docs/EP-0007-implementation.md", "findings": [] }],
        "errors": 0,
        "warnings": 0,
        "templates": ["docs/templates/plan.md"],
    });
    assert_eq!((document, ran.err.as_str()), (expected, left_out));

    let ran = project.run(&["status"]);
    assert_eq!((ran.err.as_str(), ran.code), (left_out, 0));
    assert!(ran.out.starts_with("docs/EP-0007-implementation.md ") && ran.out.lines().count() == 1);
    let ran = project.run(&["status", "--json", "docs/templates"]);
    let document: Value = serde_json::from_str(&ran.out).unwrap();
    let expected =
        json!({ "schema": "stepgate.status/1", "plans": [], "templates": ["docs/templates/plan.md"] });
    assert_eq!(document, expected);
}

/// Whoever writes a template wants to know what is wrong with it.
#[test]
fn a_template_that_is_named_is_read() {
    let project = project();
    let ran = project.run(&["lint", "docs/templates/plan.md"]);
    assert!(
        ran.out
            .contains("warning[placeholder]: `EP-XXXX` was never filled in"),
        "{}",
        ran.out
    );
    assert!(
        ran.err.ends_with(" in 1 plan\n") && !ran.err.contains("left out"),
        "{}",
        ran.err
    );
    assert_eq!(project.run(&["status", "docs/templates/plan.md"]).code, 0);
}

/// A job whose path is wrong does not stay green.
#[test]
fn where_there_is_no_plan_it_is_said() {
    let project = project();
    for (args, code) in [
        (&["lint", "bin"][..], 0),
        (&["lint", "bin", "--deny-warnings"], 3),
        (&["lint", "bin", "--deny-warnings", "--format", "github"], 3),
    ] {
        let ran = project.run(args);
        assert_eq!(
            (ran.out.as_str(), ran.err.as_str(), ran.code),
            ("", NONE, code),
            "{args:?}"
        );
    }
}
