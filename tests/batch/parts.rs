//! Submissions of several batches: what becomes of one says nothing of the others.

use serde_json::{Value, json};

use crate::cutter::{Cutter, Fate};
use crate::exchange::makes;
use crate::site::{KINDS, PLANS, Site};

/// Two plans, whose requests go out apart; the fate of the second of the requests that make a batch.
fn cut_at_second(kind: &'static str, fate: Fate) -> (Site, Cutter) {
    let mut site = Site::new(kind);
    site.second_plan();
    let mut made = 0;
    let cutter = Cutter::before(site.server.port, move |method, path| {
        made += i32::from(makes(method, path));
        match makes(method, path) && made == 2 {
            true => fate,
            false => Fate::Pass,
        }
    });
    site.point(&cutter.url, "");
    (site, cutter)
}

/// The engine's ids, in the order in which they were made.
fn ids(site: &Site) -> Vec<String> {
    let mut ids: Vec<String> = site
        .batches()
        .iter()
        .map(|batch| batch["id"].as_str().unwrap().to_owned())
        .collect();
    ids.sort();
    ids
}

fn replies(home: &Value) -> Vec<&Value> {
    let batches = home["batches"].as_array().unwrap().iter();
    batches.map(|batch| &batch["landed"]["replies"]).collect()
}

#[test]
fn a_lost_batch_is_not_taken_for_another_of_its_submission_that_is_home() {
    for kind in KINDS {
        let (site, _cutter) = cut_at_second(kind, Fate::LoseAnswer);
        site.submit_apart(7);
        let made = ids(&site);
        assert_eq!(made.len(), 2, "{kind}");
        // The first has ended and is home, and the second still runs.
        site.end(&made[0]);
        let code = if kind == "anthropic" { 5 } else { 0 };
        assert_eq!(replies(&site.fetch(code))[0], 1, "{kind}");
        for _ in 0..2 {
            let status = site.status(0);
            assert_eq!(status.len(), 1, "{kind} {status:?}");
            if kind == "anthropic" {
                assert_eq!(status[0]["perhaps"], json!([made[1]]), "{status:?}");
                let again = site.fetch(5);
                assert_eq!(again["batches"][0]["landed"], Value::Null, "{again}");
            }
        }
        // Nothing goes out twice.
        let again: Value = serde_json::from_str(&site.submit_apart(0).out).unwrap();
        assert_eq!((&again["requests"], ids(&site).len()), (&json!(0), 2), "{kind}");
        site.end(&made[1]);
        assert_eq!(replies(&site.fetch(0)), [1], "{kind}");
        site.run_both();
        assert_eq!((ids(&site).len(), site.sent_alone()), (2, 0), "{kind}");
    }
}

#[test]
fn a_batch_that_was_not_made_is_not_taken_for_another_of_ours() {
    for kind in KINDS {
        for named in [false, true] {
            let (site, cutter) = cut_at_second(kind, Fate::LoseRequest);
            // One that is home, of another submission, with as many requests.
            site.submit_apart(7);
            let lost = site.status(0)[0]["mark"].as_str().unwrap().to_owned();
            site.end_all();
            site.fetch(5);
            cutter.set(|_, _| Fate::Pass);
            for plan in PLANS {
                let ran = site.project.run(&["run", plan, "--unattended", "--until", "1.1"]);
                assert!([0, 5].contains(&ran.code), "{kind} {plan} {}", ran.err);
            }
            site.submit_apart(0);
            assert_eq!(ids(&site).len(), 2, "{kind}");
            // One of ours that runs is not what was lost, also where only the lost one is asked about.
            let looked = |code: i32| {
                let mut args = vec!["batch", "status", "--json"];
                args.extend(named.then_some(&*lost));
                let told = site.json(code, &args);
                let batches = told["batches"].as_array().unwrap().clone();
                batches.into_iter().find(|batch| batch["mark"] == *lost).unwrap()["state"].clone()
            };
            assert_eq!(looked(0), "unseen", "{kind}");
            site.end_all();
            assert_eq!(looked(0), "unseen", "{kind}");
            site.age(jiff::SignedDuration::from_mins(20));
            assert_eq!(looked(5), "missing", "{kind}");
            site.run(0, &["batch", "cancel", &lost, "--forget", "--yes"]);
            assert_eq!(replies(&site.fetch(0)), [1], "{kind}");
        }
    }
}

#[test]
fn to_give_up_on_a_lost_batch_leaves_the_others_alone() {
    for kind in KINDS {
        let (site, _cutter) = cut_at_second(kind, Fate::LoseRequest);
        site.submit_apart(7);
        let mark = site.status(0)[0]["mark"].as_str().unwrap().to_owned();
        let made = ids(&site).remove(0);
        let ran = site.run(0, &["batch", "cancel", &mark, "--forget", "--yes"]);
        assert!(ran.err.contains(&format!("{made} goes on")), "{kind} {}", ran.err);
        let status = site.status(0);
        assert_eq!((status.len(), &status[0]["id"]), (1, &json!(made)), "{kind}");
        site.end(&made);
        assert_eq!(replies(&site.fetch(0)), [1], "{kind}");
        let again: Value = serde_json::from_str(&site.submit_apart(0).out).unwrap();
        assert_eq!(again["requests"], 1, "{kind}");
    }
}

#[test]
fn a_batch_is_cancelled_alone_by_its_own_id() {
    for kind in KINDS {
        for how in [&["--yes"][..], &["--forget", "--yes"]] {
            let site = Site::new(kind);
            site.second_plan();
            site.submit_apart(0);
            let made = ids(&site);
            let args: Vec<&str> = ["batch", "cancel", &made[1]]
                .into_iter()
                .chain(how.iter().copied())
                .collect();
            site.run(0, &args);
            site.end_all();
            let home = site.fetch(0);
            let landed: Vec<_> = replies(&home).into_iter().filter(|count| **count == 1).collect();
            assert_eq!(landed.len(), 1, "{kind} {how:?} {home}");
            let again: Value = serde_json::from_str(&site.submit_apart(0).out).unwrap();
            assert_eq!(again["requests"], 1, "{kind} {how:?}");
        }
    }
}
