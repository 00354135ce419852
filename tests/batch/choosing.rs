//! What `submit` says of steps that are named, left out or not there, and what it leaves behind when nothing comes of it.

use serde_json::json;

use crate::site::{KINDS, Site};
use crate::support::project::SMALL;

#[test]
fn a_step_that_no_plan_has_is_refused_whatever_else_is_left_out() {
    let site = Site::new("openai");
    let draft = SMALL.replace("EP-0007", "EP-0009").replace("Approved", "Draft");
    site.project
        .write("draft.md", draft.replace("Step 1.2", "Step 1.3"));
    for named in [&["--step", "9.9"][..], &["--phase", "7"], &["--step", "1.1,9.9"]] {
        let ran = site.run(2, &[&["batch", "submit", ".", "--yes"], named].concat());
        assert!(ran.err.contains("no plan has a "), "{named:?}: {}", ran.err);
        assert_eq!(site.batches().len(), 0, "{named:?}");
    }
    // One that only a plan has which is left out is no mistake.
    let ran = site.run(0, &["batch", "submit", ".", "--yes", "--step", "1.3"]);
    assert!(ran.err.contains("nothing to submit"), "{}", ran.err);
    let both = ["batch", "submit", ".", "--yes", "--json", "--step", "1.1,1.3"];
    assert_eq!(site.json(0, &both)["requests"], 1);
}

#[test]
fn the_way_out_is_named_where_only_a_person_can_see() {
    let site = Site::new("openai");
    let plan = SMALL.replace("- None", "- The new server has been bought");
    site.project.write("plan.md", plan);
    let ran = site.run(0, &["batch", "submit", ".", "--yes"]);
    assert!(
        ran.err.contains("dependent on what only a person can see")
            && ran.err.contains("`--attest` vouches for"),
        "{}",
        ran.err
    );
    assert!(ran.err.contains("nothing to submit"), "{}", ran.err);
    let ran = site.run(0, &["batch", "submit", ".", "--yes", "--attest"]);
    assert!(!ran.err.contains("--attest"), "{}", ran.err);
}

#[test]
fn before_somebody_agrees_no_plan_has_a_folder() {
    for kind in KINDS {
        let site = Site::new(kind);
        site.second_plan();
        site.run(5, &["batch", "submit", "."]);
        let entries = std::fs::read_dir(site.project.state()).unwrap();
        let names: Vec<_> = entries.map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(names, ["batches"], "{kind}");
        assert_eq!(
            std::fs::read_dir(site.project.state().join("batches"))
                .unwrap()
                .count(),
            0
        );
    }
}

#[test]
fn a_template_is_left_out_as_that() {
    let site = Site::new("openai");
    site.project
        .write("templates/plan.md", SMALL.replace("EP-0007", "EP-XXXX"));
    let submitted = site.submit();
    assert_eq!(
        (&submitted["requests"], &submitted["left_out"]),
        (
            &json!(1),
            &json!([{"plan": "templates/plan.md", "step": null, "why": "a template"}])
        )
    );
}

#[test]
fn a_bar_shows_how_far_a_submission_is() {
    for kind in KINDS {
        let site = Site::new(kind);
        site.second_plan();
        let mut pty = site.project.terminal(&["batch", "submit", ".", "--yes"]);
        pty.wait_for("submitted: batch");
        assert_eq!(pty.end(), 0, "{}", pty.text());
        let drawn = String::from_utf8_lossy(&pty.bytes()).into_owned();
        assert!(drawn.contains("2 of 2 plans on record"), "{kind}: {drawn}");
        assert!(drawn.contains(" uploaded"), "{kind}: {drawn}");
        // Nothing of it stays on the screen.
        let (screen, _) = pty.screen();
        assert!(
            !screen
                .iter()
                .any(|line| line.contains("on record") || line.contains("uploaded")),
            "{kind}: {screen:?}"
        );
    }
}

#[test]
fn a_limit_of_none_is_refused() {
    let site = Site::new("openai");
    for limit in ["--max-requests", "--max-bytes"] {
        for command in [
            &["batch", "submit", ".", "--yes"][..],
            &["export", ".", "--format", "openai-batch", "-o", "out"],
        ] {
            let ran = site.run(2, &[command, &[limit, "0"]].concat());
            assert!(ran.err.contains(limit), "{}", ran.err);
        }
    }
    assert_eq!(site.batches().len(), 0);
}
