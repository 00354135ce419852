//! Files of a folder that are passed over, plans that fail, steps that are named, and exports in two places.

use std::fs;

use serde_json::json;

use super::folders::files;
use super::project::{Project, SMALL};
use super::{ENDPOINTS, add_plan};

const MD: [&str; 7] = ["export", ".", "--format", "md", "-o", "out", "--json"];

#[test]
fn a_template_is_passed_over_with_a_word() {
    let project = Project::small();
    let template = SMALL.replace("EP-0007: Small", "EP-XXXX: [Title]").replace(
        "**Status:** Approved\n",
        "**Status:** Draft | Approved\n**Design Document:** `docs/EP-XXXX-design.md`\n",
    );
    project.write("docs/templates/plan.md", &template);
    let ran = project.run(&MD);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let told: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(
        (&told["plans"], &told["failed"], &told["templates"]),
        (&json!(1), &json!([]), &json!(["docs/templates/plan.md"])),
        "{told}"
    );
    assert!(
        ran.err
            .contains("left out, a template: `docs/templates/plan.md`\n"),
        "{}",
        ran.err
    );
    // A manifest says nothing of what was never meant.
    assert!(!project.read("out/manifest.json").contains("EP-XXXX"));
    // One that is named is meant.
    let ran = project.run(&[
        "export",
        "docs/templates/plan.md",
        "--format",
        "md",
        "-o",
        "named",
    ]);
    assert_eq!(ran.code, 3, "{}", ran.err);
    assert!(ran.err.contains("EP-XXXX-design.md"), "{}", ran.err);
}

#[test]
fn real_plans_beside_their_template_are_exported_without_a_failure() {
    let Some(plans) = super::project::shared("real plans beside their template") else {
        return;
    };
    let project = Project::new();
    let docs = plans.join("docs").display().to_string();
    let out = project.root().join("out").display().to_string();
    let ran = project.run(&["export", &docs, "--format", "md", "-o", &out]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(ran.err.contains("left out, a template: "), "{}", ran.err);
}

#[test]
fn the_summary_names_the_plans_that_failed() {
    let project = Project::small();
    for number in 1..=5 {
        let plan = SMALL.replace("EP-0007", &format!("EP-010{number}"));
        let plan = plan.replace("**Status:**", "**Design Document:** `docs/none.md`\n**Status:**");
        project.write(&format!("plans/{number}.md"), plan);
    }
    let ran = project.run(&MD);
    assert_eq!(ran.code, 3, "{}", ran.err);
    let last = ran.err.lines().last().unwrap();
    assert!(
        last.ends_with("; 5 plans were not exported: `plans/1.md`, `plans/2.md`, `plans/3.md` and 2 more"),
        "{last}"
    );
}

#[test]
fn a_step_that_no_plan_has_is_refused_whatever_else_fails() {
    let project = Project::small();
    let broken = SMALL
        .replace("EP-0007", "EP-0009")
        .replace("Step 1.2", "Step 1.4");
    let broken = broken.replace("**Status:**", "**Design Document:** `docs/none.md`\n**Status:**");
    project.write("broken.md", broken);
    for named in [&["--step", "9.9"][..], &["--phase", "7"], &["--step", "1.1,9.9"]] {
        let ran = project.run(&[&MD[..], named].concat());
        assert_eq!(ran.code, 2, "{named:?}: {}", ran.err);
        assert!(ran.err.contains("no plan has a "), "{named:?}: {}", ran.err);
        assert!(!project.root().join("out").exists());
    }
    // One that the plan has which fails is no mistake.
    let ran = project.run(&[&MD[..], &["--step", "1.1,1.4"]].concat());
    assert_eq!(ran.code, 3, "{}", ran.err);
    assert_eq!(
        serde_json::from_str::<serde_json::Value>(&ran.out).unwrap()["prompts"],
        1
    );
}

#[test]
fn a_plan_that_is_found_by_several_names_is_exported_once() {
    let project = Project::new();
    for number in 1..=2 {
        add_plan(&project, number, 2);
    }
    std::os::unix::fs::symlink("plans", project.root().join("by-link")).unwrap();
    let found = |paths: &[&str]| {
        let ran = project.run(&[&["export"], paths, &["--format", "json", "-o", "-"]].concat());
        assert_eq!(ran.code, 0, "{paths:?}: {}", ran.err);
        let paths = ran.out.lines().map(|line| {
            let plan: serde_json::Value = serde_json::from_str(line).unwrap();
            plan["path"].as_str().unwrap().to_owned()
        });
        paths.collect::<Vec<_>>()
    };
    let both = found(&["plans"]);
    assert_eq!(both.len(), 2, "{both:?}");
    let root = project.root().join("plans").display().to_string();
    for names in [
        &["plans", "."][..],
        &["plans", "by-link", &root],
        &["by-link/", "plans/../plans", &both[0]],
        &[&both[1], ".", "plans"],
    ] {
        let mut all = found(names);
        all.sort();
        assert_eq!(all, both, "{names:?}");
    }
}

#[test]
fn two_checkouts_of_the_same_plans_give_the_same_bytes() {
    let project = Project::new();
    project.configure(ENDPOINTS);
    let root = project.root();
    for number in 1..=3 {
        add_plan(&project, number, 2);
    }
    let checkouts = ["one", "two/deeper"].map(|name| root.join("checkouts").join(name));
    for checkout in &checkouts {
        fs::create_dir_all(checkout).unwrap();
        for (path, bytes) in files(&root) {
            if !path.starts_with("checkouts") {
                let path = checkout.join(path);
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                fs::write(path, bytes).unwrap();
            }
        }
    }
    let formats: [&[&str]; 4] = [
        &["md"],
        &["json"],
        &["openai-batch", "--endpoint", "chat"],
        &["anthropic-batch", "--endpoint", "claude"],
    ];
    for format in formats {
        let exported = checkouts.each_ref().map(|checkout| {
            let mut command =
                project.command(&[&["export", "plans", "-o", format[0], "--format"], format].concat());
            let output = command.current_dir(checkout).output().unwrap();
            assert_eq!(output.status.code(), Some(0));
            let files = files(&checkout.join(format[0]));
            for (path, bytes) in &files {
                let text = String::from_utf8_lossy(bytes);
                assert!(
                    !text.contains(root.to_str().unwrap()),
                    "{path} names a place on this machine"
                );
            }
            files
        });
        assert_eq!(exported[0], exported[1], "{}", format[0]);
    }
}
