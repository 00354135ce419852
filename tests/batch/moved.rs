//! Plans that are moved, renamed in their folder's eyes or broken while their prompts are out.

use std::fs;

use serde_json::json;

use crate::site::Site;
use crate::support::project::SMALL;

/// A site whose plan was submitted and then moved by hand.
fn moved() -> Site {
    let site = Site::new("openai");
    site.submit();
    let root = site.project.root();
    fs::create_dir(root.join("approved")).unwrap();
    fs::rename(root.join("plan.md"), root.join("approved/plan.md")).unwrap();
    site
}

const WENT_ALONG: &str = "`plan.md` was moved to `approved/plan.md`: what is on record of it went along";

#[test]
fn a_plan_that_was_moved_is_not_submitted_again() {
    let site = moved();
    let ran = site.run(0, &["batch", "submit", ".", "--yes"]);
    assert!(
        ran.err.contains(WENT_ALONG) && ran.err.contains("nothing to submit"),
        "{}",
        ran.err
    );
    assert_eq!(site.batches().len(), 1);
    // It is told once.
    let ran = site.run(0, &["batch", "submit", ".", "--yes"]);
    assert!(!ran.err.contains("was moved"), "{}", ran.err);
}

#[test]
fn a_plan_that_was_moved_is_not_sent_again_by_run() {
    let site = moved();
    let ran = site.run(5, &["run", "approved/plan.md", "--unattended"]);
    assert!(
        ran.err.contains(WENT_ALONG) && ran.err.contains("step 1.1 waits for batch"),
        "{}",
        ran.err
    );
    assert_eq!(site.sent_alone(), 0);
    site.wait();
    assert_eq!(site.fetch(0)["batches"][0]["landed"]["replies"], 1);
}

#[test]
fn the_reply_of_a_plan_that_was_moved_comes_to_where_it_stands() {
    let site = moved();
    site.wait();
    // `status` was the first to see it.
    assert_eq!(site.fetch(0)["batches"][0]["landed"]["replies"], 1);
    // Only its place is another one: its prompt is the same, and nothing is asked.
    site.run(0, &["run", "approved/plan.md", "--unattended", "--until", "1.1"]);
    assert_eq!(site.sent_alone(), 0);
    // There and back again: the record goes along each time.
    let site = moved();
    site.run(0, &["batch", "status"]);
    let root = site.project.root();
    fs::rename(root.join("approved/plan.md"), root.join("plan.md")).unwrap();
    site.wait();
    assert_eq!(site.fetch(0)["batches"][0]["landed"]["replies"], 1);
    site.run(0, &["run", "plan.md", "--unattended", "--until", "1.1"]);
}

#[test]
fn where_two_plans_could_be_it_a_person_says_which() {
    let site = moved();
    let root = site.project.root();
    fs::copy(root.join("approved/plan.md"), root.join("copy.md")).unwrap();
    site.run(3, &["batch", "status", "--watch", "--every", "0.01"]);
    let ran = site.run(3, &["batch", "fetch"]);
    for text in [
        "several plans have its id EP-0007",
        "is home in part: fetch again",
    ] {
        assert!(ran.err.contains(text), "{text}: {}", ran.err);
    }
    fs::remove_file(root.join("copy.md")).unwrap();
    let ran = site.run(0, &["batch", "fetch"]);
    assert!(ran.err.contains(WENT_ALONG), "{}", ran.err);
}

#[test]
fn a_record_at_the_new_place_is_not_lost() {
    let site = Site::new("openai");
    site.submit();
    site.wait();
    let root = site.project.root();
    // Another plan stood there, and was worked on.
    site.project
        .write("approved/plan.md", SMALL.replace("EP-0007", "EP-0009"));
    site.run(0, &["tick", "approved/plan.md", "1.1"]);
    fs::rename(root.join("plan.md"), root.join("approved/plan.md")).unwrap();
    let ran = site.run(11, &["batch", "fetch"]);
    assert!(ran.err.contains("both places have a record"), "{}", ran.err);
    fs::rename(root.join("approved/plan.md"), root.join("plan.md")).unwrap();
    assert_eq!(site.fetch(0)["batches"][0]["landed"]["replies"], 1);
}

#[test]
fn a_plan_that_is_invalid_has_its_reply_and_is_told() {
    for kind in crate::site::KINDS {
        let site = Site::new(kind);
        site.submit();
        site.wait();
        let broken = SMALL.replace("Step 1.2: Second", "Step 1.1: Second");
        site.project.write("plan.md", broken);
        let ran = site.run(3, &["batch", "fetch", "--json"]);
        let home: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
        let fetched = &home["batches"][0];
        assert_eq!(fetched["landed"]["replies"], 1, "{kind}");
        assert_eq!(fetched["notes"], json!([]), "{kind}");
        assert!(
            ran.err.contains("duplicate-step") && ran.err.contains("is home: 1 reply"),
            "{}",
            ran.err
        );
        site.project.write("plan.md", SMALL);
        site.run(0, &["run", "plan.md", "--unattended", "--until", "1.1"]);
        assert_eq!(site.sent_alone(), 0, "{kind}");
    }
}

#[test]
fn a_moved_plan_with_a_record_at_the_new_place_is_not_submitted_again() {
    let site = moved();
    site.run(
        5,
        &["run", "approved/plan.md", "--unattended", "--forget-session"],
    );
    // No step of it goes out, also none that is in no batch.
    for more in ["--ready", "--open"] {
        let ran = site.run(11, &["batch", "submit", ".", "--yes", more]);
        for text in ["both places have a record", "nothing to submit"] {
            assert!(ran.err.contains(text), "{text}: {}", ran.err);
        }
    }
    assert_eq!(site.batches().len(), 1);
}

#[test]
fn two_plans_that_could_be_the_moved_one_are_not_submitted() {
    let site = moved();
    let root = site.project.root();
    fs::copy(root.join("approved/plan.md"), root.join("copy.md")).unwrap();
    let ran = site.run(3, &["batch", "submit", ".", "--yes", "--open"]);
    assert!(ran.err.contains("nothing to submit"), "{}", ran.err);
    assert_eq!(site.batches().len(), 1);
}

#[test]
fn a_batch_of_a_project_that_is_away_holds_up_no_other_one() {
    let site = Site::new("openai");
    let root = site.project.root();
    for name in ["a", "b"] {
        fs::create_dir_all(root.join(name).join(".git")).unwrap();
        site.project.write(&format!("{name}/plan.md"), SMALL);
    }
    fs::remove_file(root.join("plan.md")).unwrap();
    site.run(0, &["batch", "submit", "a", "--yes"]);
    fs::rename(root.join("a"), root.join("away")).unwrap();
    site.run(0, &["run", "b/plan.md", "--unattended", "--until", "1.1"]);
    assert_eq!(site.sent_alone(), 1);
}
