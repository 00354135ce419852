//! Records of batches that are damaged or gone: the others go on, and a person frees the steps.

use std::fs;
use std::path::PathBuf;

use serde_json::json;

use crate::site::Site;

/// Two plans, each with a batch of its own; the marks.
fn two_batches() -> (Site, String, String) {
    let site = Site::new("openai");
    let first = site.submit()["mark"].as_str().unwrap().to_owned();
    site.second_plan();
    let second = site.submit()["mark"].as_str().unwrap().to_owned();
    (site, first, second)
}

fn folder(site: &Site, mark: &str) -> PathBuf {
    site.project.state().join("batches").join(mark)
}

/// Changes one byte of the first line of a record.
fn damage(site: &Site, mark: &str) {
    let path = folder(site, mark).join("ledger");
    let mut bytes = fs::read(&path).unwrap();
    bytes[30] ^= 1;
    fs::write(&path, bytes).unwrap();
}

#[test]
fn a_damaged_record_does_not_hold_up_the_others() {
    let (site, first, second) = two_batches();
    damage(&site, &first);
    let ran = site.run(9, &["batch", "status", "--json"]);
    let told: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    let marks: Vec<_> = told["batches"].as_array().unwrap().iter().collect();
    assert_eq!(marks.len(), 1, "{told}");
    assert_eq!(marks[0]["mark"], *second);
    assert!(
        ran.err.contains("is damaged at line 1")
            && ran
                .err
                .contains(&format!("stepgate batch cancel {first} --forget")),
        "{}",
        ran.err
    );
    site.run(9, &["batch", "status", "--watch", "--every", "0.01"]);
    assert_eq!(site.fetch(9)["batches"][0]["landed"]["replies"], 1);
    site.run(0, &["run", "other/plan.md", "--unattended", "--until", "1.1"]);
    // What the damaged one has is not submitted again by itself.
    assert_eq!(
        site.json(9, &["batch", "submit", "plan.md", "--yes", "--json"])["requests"],
        0
    );
    // A person frees its steps; which these are is known from its manifest.
    let ran = site.run(5, &["batch", "cancel", &first, "--forget"]);
    assert!(ran.err.contains("--yes"), "{}", ran.err);
    site.run(0, &["batch", "cancel", &first, "--forget", "--yes"]);
    assert!(
        site.log("1.1")
            .last()
            .unwrap()
            .contains("tester gave up on its batch"),
        "{:?}",
        site.log("1.1")
    );
    assert_eq!(
        site.json(0, &["batch", "submit", "plan.md", "--yes", "--json"])["requests"],
        1
    );
    // It is kept aside for whoever wants to look into it.
    assert!(folder(&site, &format!("{first}.damaged")).join("ledger").exists());
}

#[test]
fn steps_of_a_batch_whose_record_is_gone_are_freed_by_naming_their_plans() {
    let (site, first, second) = two_batches();
    fs::remove_dir_all(folder(&site, &first)).unwrap();
    let ran = site.run(5, &["run", "plan.md", "--unattended"]);
    assert!(
        ran.err.contains(&format!("waits for batch {first}")),
        "{}",
        ran.err
    );
    let ran = site.run(2, &["batch", "cancel", &first]);
    assert!(
        ran.err
            .contains(&format!("stepgate batch cancel {first} --forget PATH")),
        "{}",
        ran.err
    );
    // The other batch's step is not touched.
    let ran = site.run(0, &["batch", "cancel", &first, "--forget", "--yes", "."]);
    assert!(ran.err.contains("1 step of 1 plan may run again"), "{}", ran.err);
    let ran = site.run(2, &["batch", "cancel", &first, "--forget", "--yes", "."]);
    assert!(ran.err.contains("no step"), "{}", ran.err);
    assert_eq!(site.submit()["requests"], 1);
    let status = site.json(0, &["batch", "status", "--json"]);
    let marks = status["batches"].as_array().unwrap().iter();
    assert!(marks.map(|one| &one["mark"]).any(|mark| *mark == json!(second)));
}

#[test]
fn plans_are_named_only_where_the_record_does_not_name_them() {
    let (site, first, _) = two_batches();
    let ran = site.run(2, &["batch", "cancel", &first, "--forget", "--yes", "."]);
    assert!(ran.err.contains("is on record"), "{}", ran.err);
    let ran = site.run(2, &["batch", "cancel", &first, "."]);
    assert!(ran.err.contains("--forget"), "{}", ran.err);
}

#[test]
fn a_damaged_record_without_a_manifest_needs_the_plans() {
    let (site, first, _) = two_batches();
    damage(&site, &first);
    fs::remove_file(folder(&site, &first).join("export/manifest.json")).unwrap();
    let ran = site.run(2, &["batch", "cancel", &first, "--forget", "--yes"]);
    assert!(ran.err.contains("--forget PATH"), "{}", ran.err);
    site.run(0, &["batch", "cancel", &first, "--forget", "--yes", "plan.md"]);
    assert_eq!(site.submit()["requests"], 1);
}
