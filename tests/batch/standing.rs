//! Who waits for what: what is told of plans whose prompts are out, and whose replies are home.

use serde_json::{Value, json};

use crate::site::{KINDS, Site};
use crate::support::project::SMALL;

/// What `status` tells of both plans.
fn waiting(site: &Site) -> Vec<Value> {
    let told = site.json(0, &["status", ".", "--json"]);
    let plans = told["plans"].as_array().unwrap().iter();
    plans.map(|plan| plan["waiting"].clone()).collect()
}

#[test]
fn status_and_show_tell_which_steps_are_out_and_whose_replies_wait() {
    for kind in KINDS {
        let site = Site::new(kind);
        site.second_plan();
        assert_eq!(waiting(&site), [json!([]), json!([])], "{kind}");
        let mark = site.submit()["mark"].as_str().unwrap().to_owned();
        let out = json!([{"step": "1.1", "for": "batch", "batch": mark}]);
        assert_eq!(waiting(&site), [out.clone(), out], "{kind}");
        let table = site.run(0, &["status"]).out;
        assert_eq!(
            table.matches("next: step 1.1; with a batch: 1.1\n").count(),
            2,
            "{table}"
        );
        let tree = site.run(0, &["status", "plan.md"]).out;
        assert!(tree.contains(&format!("ready, with batch {mark}")), "{tree}");
        let sheet = site.run(0, &["show", "plan.md"]).out;
        assert!(
            sheet.contains(&format!("Step 1.1: First  [ready]  [with batch {mark}]")),
            "{sheet}"
        );
        site.wait();
        site.fetch(0);
        let home = json!([{"step": "1.1", "for": "run", "batch": mark}]);
        assert_eq!(waiting(&site), [home.clone(), home.clone()], "{kind}");
        let table = site.run(0, &["status"]).out;
        assert_eq!(
            table.matches("next: step 1.1; replies wait: 1.1\n").count(),
            2,
            "{table}"
        );
        let tree = site.run(0, &["status", "plan.md"]).out;
        assert!(tree.contains("ready, its reply waits"), "{tree}");
        let step = site.run(0, &["show", "plan.md", "1.1"]).out;
        assert!(
            step.contains("Step 1.1: First  [ready]  [its reply waits]"),
            "{step}"
        );
        assert_eq!(site.json(0, &["show", "plan.md", "--json"])["waiting"], home);
        assert_eq!(
            site.json(0, &["show", "plan.md", "1.1", "--json"])["waiting"],
            home[0]
        );
        assert_eq!(
            site.json(0, &["show", "plan.md", "1.2", "--json"])["waiting"],
            Value::Null
        );
        site.run(0, &["run", "plan.md", "--unattended", "--stored"]);
        assert_eq!(waiting(&site), [home, json!([])], "{kind}");
    }
}

#[test]
fn a_step_that_waits_for_another_is_told_as_out_as_well() {
    let site = Site::new("openai");
    site.json(0, &["batch", "submit", ".", "--yes", "--json", "--open"]);
    let tree = site.run(0, &["status", "plan.md"]).out;
    assert!(tree.contains("waits for step 1.1, with batch"), "{tree}");
    let table = site.run(0, &["status"]).out;
    assert!(table.contains("with a batch: 1.1, 1.2\n"), "{table}");
    // A person does it by hand: nothing is waited for any more.
    site.run(0, &["tick", "plan.md", "1.1"]);
    let steps = waiting(&site)[0].as_array().unwrap().len();
    assert_eq!(steps, 1);
}

#[test]
fn a_batch_that_is_named_lists_its_plans_and_steps() {
    let site = Site::new("openai");
    site.second_plan();
    let ran = site.submit_apart(0);
    let submitted: Value = serde_json::from_str(&ran.out).unwrap();
    let mark = submitted["mark"].as_str().unwrap();
    let inside = |told: &Value| {
        let batches = told["batches"].as_array().unwrap().iter();
        batches.map(|batch| batch["plans"].clone()).collect::<Vec<_>>()
    };
    let expected = [
        json!([{"plan": "other/plan.md", "steps": ["1.1"]}]),
        json!([{"plan": "plan.md", "steps": ["1.1"]}]),
    ];
    assert_eq!(
        inside(&site.json(0, &["batch", "status", mark, "--json"])),
        expected
    );
    assert_eq!(
        inside(&site.json(0, &["batch", "status", "--json"])),
        [Value::Null, Value::Null]
    );
    let lines = site.run(0, &["batch", "status", mark]).out;
    for line in ["\n  other/plan.md: 1.1\n", "\n  plan.md: 1.1\n"] {
        assert!(lines.contains(line), "{lines}");
    }
    // What is over is told as well.
    site.wait();
    site.fetch(0);
    assert_eq!(
        inside(&site.json(0, &["batch", "status", mark, "--json"])),
        expected
    );
}

#[test]
fn fetch_names_the_plans_and_how_they_are_gone_on_with() {
    let site = Site::new("openai");
    site.second_plan();
    site.submit();
    site.wait();
    let ran = site.run(0, &["batch", "fetch"]);
    for line in [
        "\n  other/plan.md: 1.1\n  plan.md: 1.1\n",
        "`stepgate run PLAN` goes on with what is stored; with `--stored`, it ends before anything is sent\n",
    ] {
        assert!(ran.err.contains(line), "{}", ran.err);
    }
    let site = Site::new("anthropic");
    site.project.write("sub/plan.md", SMALL);
    std::fs::remove_file(site.project.root().join("plan.md")).unwrap();
    site.submit();
    site.wait();
    let home = site.run(0, &["batch", "fetch", "--json"]);
    assert!(
        home.err.contains("`stepgate run sub/plan.md` goes on with it\n"),
        "{}",
        home.err
    );
    let home: Value = serde_json::from_str(&home.out).unwrap();
    assert_eq!(
        home["batches"][0]["plans"],
        json!([{"plan": "sub/plan.md", "steps": ["1.1"]}])
    );
    // What was home before is not told twice.
    let ran = site.run(0, &["batch", "fetch"]);
    assert!(!ran.err.contains("stepgate run"), "{}", ran.err);
}
