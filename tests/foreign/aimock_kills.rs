//! `kill -9` between any two acts of a batch, at the engine of CopilotKit's mock server, which speaks as OpenAI's does.

use serde_json::{Value, json};

use crate::aimock::start;
use crate::aimock_batches::Site;
use crate::support::ledgers::age;

/// Each request as a batch of its own.
const APART: [&str; 7] = ["batch", "submit", ".", "--yes", "--json", "--max-requests", "1"];

/// Runs a command that is killed at a point; whether it was.
fn killed(site: &Site, at: usize, args: &[&str]) -> bool {
    let mut command = site.project.command(args);
    let output = command.env("STEPGATE_CRASH_AT", at.to_string()).output().unwrap();
    let text = String::from_utf8_lossy(&output.stderr);
    match output.status.code() {
        None => true,
        Some(0) => false,
        Some(code) => panic!("exit {code} at point {at}: {text}"),
    }
}

/// Waits for all that is known to be out, and brings it home; how many replies that were.
fn home(site: &Site) -> u64 {
    site.run(0, &["batch", "status", "--watch", "--every", "0.01"]);
    let home = site.json(0, &["batch", "fetch", "--json"]);
    let batches = home["batches"].as_array().unwrap().iter();
    batches
        .filter_map(|batch| batch["landed"]["replies"].as_u64())
        .sum()
}

/// Both plans have one reply each, and go on with it.
fn assert_home(site: &Site, case: &str) {
    for plan in ["plan.md", "other/plan.md"] {
        let log = site.run(0, &["log", plan, "1.1"]);
        assert_eq!(log.matches("received").count(), 1, "{case}: {log}");
        site.run(0, &["run", plan, "--unattended", "--attest", "--step", "1.1"]);
    }
    let status = site.json(0, &["batch", "status", "--json"]);
    assert_eq!(status["batches"], json!([]), "{case}");
}

#[test]
fn every_point_of_a_submission_to_aimock_survives_a_kill() {
    let folder = tempfile::tempdir().unwrap();
    let Some((_running, url)) = start(
        "every_point_of_a_submission_to_aimock_survives_a_kill",
        folder.path(),
        &json!({ "fixtures": [] }),
    ) else {
        return;
    };
    let mut at = 1;
    loop {
        let site = Site::new("openai", &url);
        let case = format!("at point {at}");
        let before = site.made();
        let was = killed(&site, at, &APART);
        let mut replies = 0;
        if was {
            let told = || site.project.run(&["batch", "status", "--json"]);
            if told().out.contains(r#""unseen""#) {
                age(&site.project.state(), jiff::SignedDuration::from_mins(20));
                let told = told();
                assert_eq!(told.code, 5, "{case}: {}", told.err);
                let told: Value = serde_json::from_str(&told.out).unwrap();
                let batches = told["batches"].as_array().unwrap();
                let lost = batches.iter().find(|batch| batch["state"] == "missing").unwrap();
                let mark = lost["mark"].as_str().unwrap();
                site.run(0, &["batch", "cancel", mark, "--forget", "--yes"]);
            }
            // Those that were made are home before the others go out.
            replies += home(&site);
            site.run(0, &APART);
        }
        replies += home(&site);
        assert_eq!((replies, site.made() - before), (2, 2), "{case}");
        assert_home(&site, &case);
        if !was {
            break;
        }
        at += 1;
    }
    assert!(at > 30, "only {at} points were passed");
}

#[test]
fn every_point_of_a_fetch_from_aimock_survives_a_kill() {
    let folder = tempfile::tempdir().unwrap();
    let Some((_running, url)) = start(
        "every_point_of_a_fetch_from_aimock_survives_a_kill",
        folder.path(),
        &json!({ "fixtures": [] }),
    ) else {
        return;
    };
    let mut at = 1;
    loop {
        let site = Site::new("openai", &url);
        let before = site.made();
        site.run(0, &APART);
        site.run(0, &["batch", "status", "--watch", "--every", "0.01"]);
        let was = killed(&site, at, &["batch", "fetch"]);
        home(&site);
        assert_eq!(site.made() - before, 2, "at point {at}");
        assert_home(&site, &format!("at point {at}"));
        if !was {
            break;
        }
        at += 1;
    }
    assert!(at > 12, "only {at} points were passed");
}
