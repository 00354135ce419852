//! `batch status --watch`, with a network that comes and goes and with other commands at work.

use std::fs::File;

use serde_json::json;

use crate::cutter::{Cutter, Fate};
use crate::exchange::makes;
use crate::site::{KINDS, Site};

/// Whether a request is a look at one batch.
fn looks(method: &str, path: &str) -> bool {
    let below = path.split_once("/batches/").map_or("", |(_, below)| below);
    method == "GET" && !below.is_empty() && !below.contains('/')
}

/// Loses the looks from one to another, counted from 1.
fn losing(site: &Site, from: usize, to: usize) -> Cutter {
    let mut seen = 0;
    Cutter::before(site.server.port, move |method, path| {
        seen += usize::from(looks(method, path));
        match looks(method, path) && (from..=to).contains(&seen) {
            true => Fate::LoseRequest,
            false => Fate::Pass,
        }
    })
}

const WATCH: [&str; 5] = ["batch", "status", "--watch", "--every", "0.01"];

#[test]
fn a_watch_outlives_a_network_that_is_away_for_a_while() {
    for kind in KINDS {
        // From the second look on, and from the very first: three attempts are made at each.
        for (from, to) in [(2, 7), (1, 6)] {
            let mut site = Site::new(kind);
            let cutter = losing(&site, from, to);
            site.point(&cutter.url.clone(), "");
            site.submit();
            let ran = site.run(0, &WATCH);
            assert!(
                ran.err.contains("not reached since "),
                "{kind} {from}: {}",
                ran.err
            );
            assert!(
                ran.out.contains("`stepgate batch fetch` brings it home"),
                "{kind} {from}: {}",
                ran.out
            );
            assert_eq!(site.fetch(0)["batches"][0]["landed"]["replies"], 1, "{kind}");
        }
    }
}

#[test]
fn a_fault_that_lasts_ends_a_watch() {
    let mut site = Site::new("openai");
    let cutter = Cutter::before(site.server.port, |method, path| match looks(method, path) {
        true => Fate::Status(401),
        false => Fate::Pass,
    });
    site.point(&cutter.url, "");
    site.submit();
    let ran = site.run(6, &WATCH);
    assert!(ran.err.contains("refused the key"), "{}", ran.err);
}

#[test]
fn a_batch_that_cannot_be_reached_is_listed_all_the_same() {
    let mut site = Site::new("openai");
    let cutter = losing(&site, 1, usize::MAX);
    site.point(&cutter.url, "");
    site.submit();
    let ran = site.run(7, &["batch", "status", "--json"]);
    let told: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    let batch = &told["batches"][0];
    assert_eq!(
        (&batch["state"], &batch["requests"], &batch["status"]),
        (&json!("unreached"), &json!(1), &json!(null)),
        "{told}"
    );
    assert_eq!(batch["id"], site.batches()[0]["id"], "{told}");
}

#[test]
fn while_somebody_watches_others_go_on() {
    for kind in KINDS {
        let site = Site::new(kind);
        let mark = site.submit()["mark"].as_str().unwrap().to_owned();
        let mut pty = site
            .project
            .terminal(&["batch", "status", "--watch", "--every", "3600"]);
        pty.wait_for("(q leaves)");
        let status = site.json(0, &["batch", "status", "--json"]);
        assert_eq!(status["batches"][0]["mark"], *mark, "{status}");
        site.run(0, &["batch", "cancel", &mark, "--yes"]);
        site.wait();
        let home = site.fetch(0);
        assert_eq!(home["batches"].as_array().unwrap().len(), 1, "{kind} {home}");
        pty.keys("q");
        assert_eq!(pty.end(), 0, "{}", pty.text());
    }
}

#[test]
fn what_another_command_is_at_work_on_is_out_all_the_same() {
    let site = Site::new("openai");
    let submitted = site.submit();
    let mark = submitted["mark"].as_str().unwrap();
    let lock = site.project.state().join("batches").join(mark).join("lock");
    let lock = File::options().write(true).open(lock).unwrap();
    lock.lock().unwrap();
    let id = site.batches()[0]["id"].as_str().unwrap().to_owned();
    for args in [
        &["batch", "fetch"][..],
        &["batch", "fetch", mark],
        &["batch", "fetch", &id],
        &["batch", "cancel", "--yes"],
        &["batch", "cancel", mark, "--yes"],
        &["batch", "cancel", mark, "--yes", "--forget"],
    ] {
        let ran = site.run(10, args);
        assert!(
            ran.err
                .contains(&format!("another command is at work on batch {mark}")),
            "{args:?}: {}",
            ran.err
        );
        assert!(!ran.err.contains("no batch"), "{args:?}: {}", ran.err);
    }
    // To look needs nobody's leave.
    for args in [
        &["batch", "status", "--json"][..],
        &["batch", "status", &id, "--json"],
    ] {
        let status = site.json(0, args);
        let batch = &status["batches"][0];
        assert_eq!(batch["id"], json!(id), "{status}");
        let state = batch["state"].as_str().unwrap();
        assert!(["running", "ended"].contains(&state), "{status}");
    }
    drop(lock);
    site.wait();
    site.fetch(0);
}

#[test]
fn a_batch_that_is_being_made_is_told_as_that() {
    let mut site = Site::new("openai");
    let cutter = Cutter::before(site.server.port, |method, path| match makes(method, path) {
        true => Fate::LoseRequest,
        false => Fate::Pass,
    });
    site.point(&cutter.url, "");
    site.run(7, &["batch", "submit", ".", "--yes"]);
    let batches = site.project.state().join("batches");
    let folder = std::fs::read_dir(batches)
        .unwrap()
        .next()
        .unwrap()
        .unwrap()
        .path();
    let lock = File::options().write(true).open(folder.join("lock")).unwrap();
    lock.lock().unwrap();
    let status = site.json(0, &["batch", "status", "--json"]);
    assert_eq!(status["batches"][0]["state"], "busy", "{status}");
}
