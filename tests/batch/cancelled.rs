//! Batches that a person cancels, and requests that the engine has no time for.

use serde_json::json;

use crate::site::{KINDS, Site, scenario};

#[test]
fn a_cancelled_batch_comes_home_and_its_steps_go_out_again() {
    for kind in KINDS {
        let site = Site::new(kind);
        let mark = site.submit()["mark"].as_str().unwrap().to_owned();
        let ran = site.run(5, &["batch", "cancel"]);
        assert!(ran.err.contains("--yes"), "{}", ran.err);
        site.run(2, &["batch", "cancel", "nobody", "--yes"]);
        let ran = site.run(0, &["batch", "cancel", &mark, "--yes"]);
        assert!(ran.err.contains(&mark), "{}", ran.err);
        site.wait();
        let home = site.fetch(0);
        assert_eq!(home["batches"][0]["landed"]["cancelled"], 1, "{kind}: {home}");
        assert!(site.log("1.1")[1].contains("cancelled"), "{:?}", site.log("1.1"));
        assert_eq!(site.submit()["requests"], 1, "{kind}");
        // By the engine's own id, after its end: nothing is asked of the engine.
        site.wait();
        let id = site.batches()[0]["id"].as_str().unwrap().to_owned();
        let ran = site.run(0, &["batch", "cancel", &id, "--yes"]);
        assert!(
            ran.err.contains("is completed") || ran.err.contains("is ended"),
            "{}",
            ran.err
        );
        assert_eq!(site.fetch(0)["batches"][0]["landed"]["replies"], 1, "{kind}");
    }
}

#[test]
fn what_expired_goes_out_again_alone() {
    for kind in KINDS {
        let site = Site::of(kind, &scenario("[batch]\nexpire = [\"EP-0008_1-1_*\"]"));
        site.second_plan();
        site.submit();
        site.wait();
        let home = site.fetch(7);
        let landed = &home["batches"][0]["landed"];
        assert_eq!(
            (&landed["replies"], &landed["expired"]),
            (&json!(1), &json!(1)),
            "{kind}: {home}"
        );
        assert_eq!(
            home["batches"][0]["notes"],
            json!(["step 1.1 of `other/plan.md` has no reply: it expired: the engine had no time for it"])
        );
        let again = site.submit();
        assert_eq!(again["requests"], 1, "{kind}");
        assert_eq!(again["left_out"][0]["plan"], "plan.md", "{kind}");
    }
}
