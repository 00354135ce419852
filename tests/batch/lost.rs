//! The answer to the one request that makes a batch is lost: the batch is found, or a person decides.

use crate::cutter::{Cutter, Fate};
use crate::exchange::makes;
use crate::site::{KINDS, Site};

#[test]
fn a_batch_whose_answer_was_lost_is_found_and_not_made_twice() {
    for kind in KINDS {
        let mut site = Site::new(kind);
        let cutter = Cutter::before(site.server.port, |method, path| match makes(method, path) {
            true => Fate::LoseAnswer,
            false => Fate::Pass,
        });
        site.point(&cutter.url.clone(), "");
        let ran = site.run(7, &["batch", "submit", ".", "--yes"]);
        assert!(
            ran.err.contains("whether the batch was made is not known"),
            "{}",
            ran.err
        );
        assert_eq!(site.batches().len(), 1, "{kind}");
        // Nothing else goes out for the step, neither with a session nor with another batch.
        site.run(5, &["run", "plan.md", "--unattended"]);
        assert_eq!(site.submit()["requests"], 0, "{kind}");
        // OpenAI's is known by what is written on it; Anthropic's only when it has ended.
        let status = site.json(0, &["batch", "status", "--json"]);
        let state = &status["batches"][0]["state"];
        match kind {
            "anthropic" => {
                assert_eq!(state, "uncertain", "{status}");
                let id = site.batches()[0]["id"].clone();
                assert_eq!(status["batches"][0]["perhaps"], serde_json::json!([id]));
                // Somebody looks at it, and it moves on.
                for _ in 0..3 {
                    site.server.ask(
                        "GET",
                        &format!("/v1/messages/batches/{}", id.as_str().unwrap()),
                        "",
                    );
                }
            }
            _ => assert_eq!(state, "running", "{status}"),
        }
        site.wait();
        assert_eq!(site.fetch(0)["batches"][0]["landed"]["replies"], 1, "{kind}");
        assert_eq!((site.batches().len(), site.sent_alone()), (1, 0), "{kind}");
        site.run(0, &["run", "plan.md", "--unattended", "--until", "1.1"]);
    }
}

#[test]
fn a_batch_that_the_engine_does_not_have_is_let_go_by_a_person() {
    // An error of the server's own may come after the batch was made.
    let fates = [Fate::LoseRequest, Fate::Status(500), Fate::Status(503)];
    for (kind, fate) in KINDS.into_iter().zip(fates) {
        let mut site = Site::new(kind);
        let cutter = Cutter::before(site.server.port, move |method, path| match makes(method, path) {
            true => fate,
            false => Fate::Pass,
        });
        site.point(&cutter.url.clone(), "");
        site.run(7, &["batch", "submit", ".", "--yes"]);
        cutter.set(|_, _| Fate::Pass);
        // It may still come; after a while it does not.
        assert_eq!(site.status(0)[0]["state"], "unseen", "{kind}");
        site.age(jiff::SignedDuration::from_mins(16));
        let status = site.status(5);
        assert_eq!(status[0]["state"], "missing", "{kind}");
        let mark = status[0]["mark"].as_str().unwrap().to_owned();
        site.fetch(5);
        // Nothing is submitted again by itself.
        assert_eq!(site.submit()["requests"], 0, "{kind}");
        site.run(5, &["batch", "cancel", &mark, "--yes"]);
        let ran = site.run(5, &["batch", "cancel", &mark, "--forget"]);
        assert!(ran.err.contains("--yes"), "{}", ran.err);
        site.run(0, &["batch", "cancel", &mark, "--forget", "--yes"]);
        assert!(
            site.log("1.1")[1].contains("tester gave up on its batch"),
            "{:?}",
            site.log("1.1")
        );
        assert_eq!(site.submit()["requests"], 1, "{kind}");
        assert_eq!(site.batches().len(), 1, "{kind}");
    }
}

#[test]
fn batches_of_others_are_not_taken_for_ours() {
    for kind in KINDS {
        let mut site = Site::new(kind);
        // Another one with as many requests, of the same steps, by another state folder.
        site.run(0, &["batch", "submit", ".", "--yes", "--state-dir", "elsewhere"]);
        let other = site.batches()[0]["id"].as_str().unwrap().to_owned();
        let cutter = Cutter::before(site.server.port, |method, path| match makes(method, path) {
            true => Fate::LoseRequest,
            false => Fate::Pass,
        });
        site.point(&cutter.url.clone(), "");
        site.run(7, &["batch", "submit", ".", "--yes"]);
        let state = |site: &Site, code: i32| site.status(code)[0]["state"].clone();
        if kind == "anthropic" {
            assert_eq!(state(&site, 0), "uncertain");
            for _ in 0..3 {
                site.server
                    .ask("GET", &format!("/v1/messages/batches/{other}"), "");
            }
        }
        assert_eq!(state(&site, 0), "unseen", "{kind}");
        site.age(jiff::SignedDuration::from_mins(16));
        assert_eq!(state(&site, 5), "missing", "{kind}");
    }
}
