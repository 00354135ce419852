//! `kill -9` between any two acts: each request is submitted once, and each reply comes to its step.

use crate::site::Site;

/// Runs a command that is killed at a point; whether it was.
fn killed(site: &Site, at: usize, args: &[&str]) -> bool {
    let mut command = site.project.command(args);
    let output = command.env("STEPGATE_CRASH_AT", at.to_string()).output().unwrap();
    match output.status.code() {
        None => true,
        Some(0) => false,
        Some(code) => panic!(
            "exit {code} at point {at}: {}",
            String::from_utf8_lossy(&output.stderr)
        ),
    }
}

/// Goes on as a person would: looks, gives up on what the engine does not have, submits what may run.
fn go_on(site: &Site) {
    let status = site.project.run(&["batch", "status", "--json"]);
    let told: serde_json::Value = serde_json::from_str(&status.out).unwrap();
    let batches = told["batches"].as_array().unwrap();
    assert!(batches.len() <= 1, "{told}");
    if let Some(batch) = batches.first() {
        let state = batch["state"].as_str().unwrap();
        assert!(
            ["running", "ended", "uncertain", "missing"].contains(&state),
            "{told}"
        );
        if state == "missing" {
            assert_eq!(status.code, 5, "{}", status.err);
            let mark = batch["mark"].as_str().unwrap();
            site.run(0, &["batch", "cancel", mark, "--forget", "--yes"]);
        }
    }
    site.submit();
}

/// Waits until the batch has ended, also where nobody knows yet that it is ours.
fn until_ended(site: &Site) {
    for _ in 0..4 {
        for batch in site.batches() {
            let id = batch["id"].as_str().unwrap();
            let path = match site.kind {
                "anthropic" => "/v1/messages/batches",
                _ => "/v1/batches",
            };
            site.server.ask("GET", &format!("{path}/{id}"), "");
        }
    }
}

#[test]
fn every_point_of_a_submission_survives_a_kill() {
    for kind in ["openai", "anthropic"] {
        let mut at = 1;
        loop {
            let site = Site::new(kind);
            site.second_plan();
            let was = killed(&site, at, &["batch", "submit", ".", "--yes"]);
            if was {
                go_on(&site);
            }
            assert_eq!(site.batches().len(), 1, "{kind} at point {at}");
            until_ended(&site);
            let home = site.fetch(0);
            let landed = &home["batches"][0]["landed"];
            assert_eq!(landed["replies"], 2, "{kind} at point {at}: {home}");
            for plan in ["plan.md", "other/plan.md"] {
                site.run(0, &["run", plan, "--unattended", "--until", "1.1"]);
                assert!(
                    site.project.read(plan).contains("- [x] Write one"),
                    "{kind} at {at}"
                );
            }
            assert_eq!(site.sent_alone(), 0, "{kind} at point {at}");
            assert_eq!(
                site.json(0, &["batch", "status", "--json"])["batches"],
                serde_json::json!([])
            );
            if !was {
                break;
            }
            at += 1;
        }
        assert!(at > 25, "{kind}: only {at} points were passed");
    }
}

#[test]
fn every_point_of_a_fetch_survives_a_kill() {
    for kind in ["openai", "anthropic"] {
        let mut at = 1;
        loop {
            let site = Site::new(kind);
            site.second_plan();
            site.submit();
            until_ended(&site);
            let was = killed(&site, at, &["batch", "fetch"]);
            site.fetch(0);
            for plan in ["plan.md", "other/plan.md"] {
                let log = site.run(0, &["log", plan, "1.1"]).out;
                assert_eq!(log.matches("received").count(), 1, "{kind} at point {at}: {log}");
                site.run(0, &["run", plan, "--unattended", "--until", "1.1"]);
            }
            assert_eq!(
                (site.batches().len(), site.sent_alone()),
                (1, 0),
                "{kind} at point {at}"
            );
            assert_eq!(
                site.json(0, &["batch", "status", "--json"])["batches"],
                serde_json::json!([])
            );
            if !was {
                break;
            }
            at += 1;
        }
        assert!(at > 10, "{kind}: only {at} points were passed");
    }
}
