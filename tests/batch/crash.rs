//! `kill -9` between any two acts: each request is submitted once, and each reply comes to its step.

use crate::points::{each_point, killed};
use crate::site::{APART, PLANS, Site};

/// Goes on as a person would: looks, gives up on what the engine does not have after a while.
fn go_on(site: &Site, case: &str) {
    let mut told = site.status(0);
    // What was asked for just now may still come.
    if told.iter().any(|batch| batch["state"] == "unseen") {
        site.age(jiff::SignedDuration::from_mins(20));
        told = site.status(5);
    }
    for batch in &told {
        let state = batch["state"].as_str().unwrap();
        assert!(
            ["running", "ended", "uncertain", "missing"].contains(&state),
            "{case}: {batch}"
        );
        if state == "missing" {
            let mark = batch["mark"].as_str().unwrap();
            site.run(0, &["batch", "cancel", mark, "--forget", "--yes"]);
        }
    }
}

#[test]
fn every_point_of_a_submission_survives_a_kill() {
    for kind in ["openai", "anthropic"] {
        each_point(kind, 25, |at, case| {
            let site = Site::new(kind);
            site.second_plan();
            let was = killed(&site, at, &["batch", "submit", ".", "--yes"]);
            if was {
                go_on(&site, case);
                site.submit();
            }
            assert_eq!(site.batches().len(), 1, "{case}");
            site.end_all();
            let home = site.fetch(0);
            let landed = &home["batches"][0]["landed"];
            assert_eq!(landed["replies"], 2, "{case}: {home}");
            for plan in PLANS {
                site.run(0, &["run", plan, "--unattended", "--until", "1.1"]);
                assert!(site.project.read(plan).contains("- [x] Write one"), "{case}");
            }
            assert_eq!(site.sent_alone(), 0, "{case}");
            assert_eq!(
                site.json(0, &["batch", "status", "--json"])["batches"],
                serde_json::json!([])
            );
            was
        });
    }
}

#[test]
fn every_point_of_a_fetch_survives_a_kill() {
    for kind in ["openai", "anthropic"] {
        each_point(kind, 10, |at, case| {
            let site = Site::new(kind);
            site.second_plan();
            site.submit();
            site.end_all();
            let was = killed(&site, at, &["batch", "fetch"]);
            site.fetch(0);
            site.received_once(case);
            site.run_both();
            assert_eq!((site.batches().len(), site.sent_alone()), (1, 0), "{case}");
            assert_eq!(
                site.json(0, &["batch", "status", "--json"])["batches"],
                serde_json::json!([])
            );
            was
        });
    }
}

/// How many of `steps` are home, and how many batches there are.
fn home(site: &Site) -> (u64, usize) {
    let home = site.fetch(0);
    let landed = home["batches"].as_array().unwrap().iter();
    let replies = landed.filter_map(|batch| batch["landed"]["replies"].as_u64());
    (replies.sum(), site.batches().len())
}

#[test]
fn every_point_of_a_submission_of_several_batches_survives_a_kill() {
    for kind in ["openai", "anthropic"] {
        each_point(kind, 30, |at, case| {
            let site = Site::new(kind);
            site.second_plan();
            let was = killed(&site, at, &APART);
            let mut replies = 0;
            if was {
                // Those that were made before are home before anything is known of the one that was lost.
                site.end_all();
                let ran = site.project.run(&["batch", "fetch", "--json"]);
                assert!([0, 5].contains(&ran.code), "{case}: {}", ran.err);
                let told: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
                let landed = told["batches"].as_array().unwrap().iter();
                replies += landed
                    .filter_map(|one| one["landed"]["replies"].as_u64())
                    .sum::<u64>();
                go_on(&site, case);
                replies += home(&site).0;
                site.submit_apart(0);
            }
            site.end_all();
            replies += home(&site).0;
            assert_eq!((replies, site.batches().len()), (2, 2), "{case}");
            site.received_once(case);
            site.run_both();
            assert_eq!((site.sent_alone(), site.status(0)), (0, Vec::new()), "{case}");
            was
        });
    }
}

#[test]
fn every_point_of_a_fetch_of_several_batches_survives_a_kill() {
    // Either one has ended when the first fetch is cut off and the other when the second is, or both at once.
    for (kind, apart, least) in [
        ("openai", true, 5),
        ("openai", false, 12),
        ("anthropic", true, 5),
        ("anthropic", false, 12),
    ] {
        each_point(&format!("{kind}, apart: {apart},"), least, |at, case| {
            let site = Site::new(kind);
            site.second_plan();
            site.submit_apart(0);
            let mut was = false;
            if apart {
                site.end(site.batches()[0]["id"].as_str().unwrap());
                was = killed(&site, at, &["batch", "fetch"]);
            }
            site.end_all();
            was |= killed(&site, at, &["batch", "fetch"]);
            site.fetch(0);
            site.received_once(case);
            site.run_both();
            assert_eq!((site.batches().len(), site.sent_alone()), (2, 0), "{case}");
            assert_eq!(site.status(0), Vec::<serde_json::Value>::new(), "{case}");
            was
        });
    }
}
