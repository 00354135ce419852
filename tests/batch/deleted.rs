//! What a provider keeps of a batch that is home is deleted there on demand, and never before all of it is home.

use serde_json::{Value, json};

use crate::cutter::{Cutter, Fate};
use crate::points::{each_point, killed};
use crate::site::{KINDS, Site};
use crate::support::pty::{DOWN, ENTER};

/// How many things the provider keeps: files, or message batches.
fn kept(site: &Site) -> usize {
    let path = match site.kind {
        "anthropic" => "/v1/messages/batches",
        _ => "/v1/files",
    };
    let heard = site.server.ask("GET", path, "");
    heard.json()["data"].as_array().unwrap().len()
}

/// How many of them are of a batch that is home, without a failed request.
fn of_one(kind: &str) -> usize {
    if kind == "anthropic" { 1 } else { 2 }
}

/// How often the server was asked to delete something.
fn deletions(site: &Site) -> usize {
    let requests = site.server.requests();
    let requests = requests["requests"].as_array().unwrap();
    requests
        .iter()
        .filter(|request| request["method"] == "DELETE")
        .count()
}

/// The engine's id of a batch.
fn batch_id(site: &Site, mark: &str) -> String {
    let told = site.json(0, &["batch", "status", mark, "--json"]);
    told["batches"][0]["id"].as_str().unwrap().to_owned()
}

/// What `batch status --all` says of the only batch: its state, and whether it is deleted.
fn standing(site: &Site) -> (Value, Value) {
    let told = site.json(0, &["batch", "status", "--all", "--json"]);
    let batches = told["batches"].as_array().unwrap();
    assert_eq!(batches.len(), 1, "{told}");
    (batches[0]["state"].clone(), batches[0]["deleted"].clone())
}

#[test]
fn what_is_home_is_deleted_at_the_provider() {
    for kind in KINDS {
        let site = Site::new(kind);
        let mark = site.submit()["mark"].as_str().unwrap().to_owned();
        // Not while it is out.
        let ran = site.run(2, &["batch", "delete", &mark, "--yes"]);
        assert!(ran.err.contains("is not home"), "{}", ran.err);
        let ran = site.run(0, &["batch", "delete", "--yes"]);
        assert!(ran.err.contains("nothing to delete"), "{}", ran.err);
        site.wait();
        let ran = site.run(0, &["batch", "fetch"]);
        assert!(ran.err.contains("`stepgate batch delete`"), "{}", ran.err);
        let ran = site.run(0, &["batch", "status"]);
        assert!(ran.err.contains("`stepgate batch delete`"), "{}", ran.err);
        assert_eq!(standing(&site), (json!("home"), json!(false)), "{kind}");
        // Not without consent.
        let ran = site.run(5, &["batch", "delete"]);
        assert!(ran.err.contains("`--yes`"), "{}", ran.err);
        assert_eq!((kept(&site), deletions(&site)), (of_one(kind), 0), "{kind}");
        let deleted = site.json(0, &["batch", "delete", &mark, "--yes", "--json"]);
        let batch = &deleted["batches"][0];
        assert_eq!(
            (batch["deleted"].as_array().unwrap().len(), &batch["gone"]),
            (of_one(kind), &json!([])),
            "{kind}: {deleted}"
        );
        assert_eq!((kept(&site), deletions(&site)), (0, of_one(kind)), "{kind}");
        assert_eq!(standing(&site), (json!("home"), json!(true)), "{kind}");
        let ran = site.run(0, &["batch", "status", &mark]);
        assert!(
            ran.out.contains("home: 1 reply; deleted at the provider"),
            "{}",
            ran.out
        );
        assert!(!ran.err.contains("batch delete"), "{}", ran.err);
        // By the engine's own id it is found as well, and by no other.
        let id = batch_id(&site, &mark);
        let ran = site.run(0, &["batch", "status", &id]);
        assert!(
            ran.out.contains("home: 1 reply; deleted at the provider"),
            "{}",
            ran.out
        );
        site.run(2, &["batch", "delete", "nobody", "--yes"]);
        // A second time there is nothing to do, and nobody is asked.
        let ran = site.run(0, &["batch", "delete", &mark, "--yes"]);
        assert!(ran.err.contains("nothing to delete"), "{}", ran.err);
        assert_eq!(deletions(&site), of_one(kind), "{kind}");
        site.run(0, &["run", "plan.md", "--unattended", "--until", "1.1"]);
        assert_eq!(site.project.read("one.txt"), "one\n", "{kind}");
        assert_eq!(site.sent_alone(), 0, "{kind}");
    }
}

#[test]
fn a_person_is_asked() {
    let site = Site::new("openai");
    site.submit();
    site.wait();
    site.fetch(0);
    for (keys, code, left) in [(DOWN.repeat(2), 4, 2), (DOWN.to_owned(), 0, 0)] {
        let mut pty = site.project.terminal(&["batch", "delete"]);
        pty.wait_for("delete what the provider keeps of 1 batch?");
        pty.keys(&format!("{keys}{ENTER}"));
        assert_eq!(pty.end(), code, "{}", pty.text());
        assert_eq!(kept(&site), left);
    }
}

#[test]
fn nothing_is_deleted_before_every_result_is_home() {
    for kind in KINDS {
        let site = Site::new(kind);
        site.second_plan();
        site.submit();
        site.wait();
        let plan = site.project.read("other/plan.md");
        std::fs::remove_file(site.project.root().join("other/plan.md")).unwrap();
        let home = site.json(3, &["batch", "fetch", "--delete", "--json"]);
        assert_eq!(home["batches"][0]["deleted"], false, "{kind}: {home}");
        assert_eq!((kept(&site), deletions(&site)), (of_one(kind), 0), "{kind}");
        site.project.write("other/plan.md", plan);
        let home = site.json(0, &["batch", "fetch", "--delete", "--json"]);
        assert_eq!(home["batches"][0]["deleted"], true, "{kind}: {home}");
        assert_eq!(kept(&site), 0, "{kind}");
        assert_eq!(standing(&site), (json!("home"), json!(true)), "{kind}");
        site.run_both();
        assert_eq!(site.sent_alone(), 0, "{kind}");
    }
}

#[test]
fn what_was_given_up_is_deleted_when_it_has_ended() {
    for kind in KINDS {
        let site = Site::new(kind);
        let mark = site.submit()["mark"].as_str().unwrap().to_owned();
        site.run(0, &["batch", "cancel", &mark, "--forget", "--yes"]);
        let ran = site.run(5, &["batch", "delete", "--yes"]);
        assert!(ran.err.contains("still at work"), "{}", ran.err);
        assert_eq!(deletions(&site), 0, "{kind}");
        site.end_all();
        site.run(0, &["batch", "delete", "--yes"]);
        assert_eq!(kept(&site), 0, "{kind}");
        assert_eq!(standing(&site), (json!("freed"), json!(true)), "{kind}");
    }
}

#[test]
fn an_answer_that_is_lost_does_no_harm_and_a_server_that_cannot_delete_is_told_of() {
    for kind in KINDS {
        let mut site = Site::new(kind);
        let mut lost = false;
        let cutter = Cutter::before(site.server.port, move |method, _| {
            let loses = method == "DELETE" && !lost;
            lost |= loses;
            if loses { Fate::LoseAnswer } else { Fate::Pass }
        });
        let url = cutter.url.clone();
        site.point(&url, "");
        site.submit();
        site.wait();
        site.fetch(0);
        let deleted = site.json(0, &["batch", "delete", "--yes", "--json"]);
        let batch = &deleted["batches"][0];
        assert_eq!(
            (
                batch["deleted"].as_array().unwrap().len(),
                batch["gone"].as_array().unwrap().len()
            ),
            (of_one(kind) - 1, 1),
            "{kind}: {deleted}"
        );
        assert_eq!(kept(&site), 0, "{kind}");
        // A server that has no such request.
        cutter.set(|method, _| match method {
            "DELETE" => Fate::Status(404),
            _ => Fate::Pass,
        });
        site.run(0, &["run", "plan.md", "--unattended", "--until", "1.1"]);
        site.submit();
        site.wait();
        let ran = site.run(7, &["batch", "fetch", "--delete"]);
        assert!(ran.err.contains("does not delete"), "{}", ran.err);
        assert_eq!(kept(&site), of_one(kind), "{kind}");
        // What was announced can be done later.
        cutter.set(|_, _| Fate::Pass);
        site.run(0, &["batch", "delete", "--yes"]);
        assert_eq!(kept(&site), 0, "{kind}");
    }
}

#[test]
fn every_point_of_a_fetch_with_deletion_survives_a_kill() {
    for kind in ["openai", "anthropic"] {
        each_point(kind, 14, |at, case| {
            let site = Site::new(kind);
            site.second_plan();
            site.submit();
            site.end_all();
            let was = killed(&site, at, &["batch", "fetch", "--delete"]);
            site.fetch(0);
            site.run(0, &["batch", "delete", "--yes"]);
            site.received_once(case);
            assert_eq!((kept(&site), site.sent_alone()), (0, 0), "{case}");
            assert_eq!(standing(&site), (json!("home"), json!(true)), "{case}");
            was
        });
    }
}

#[test]
fn a_batch_that_is_home_is_deleted_by_a_late_fetch() {
    for kind in KINDS {
        let site = Site::new(kind);
        let mark = site.submit()["mark"].as_str().unwrap().to_owned();
        site.wait();
        site.fetch(0);
        assert_eq!(kept(&site), of_one(kind), "{kind}");
        let home = site.json(0, &["batch", "fetch", &mark, "--delete", "--json"]);
        assert_eq!(home["batches"][0]["deleted"], json!(true), "{kind}: {home}");
        assert_eq!(kept(&site), 0, "{kind}");
        // Once more, there is nothing to do.
        site.run(0, &["batch", "fetch", &mark, "--delete"]);
    }
}
