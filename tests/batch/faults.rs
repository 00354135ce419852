//! What engines refuse and requests that bring no reply.

use serde_json::json;

use crate::cutter::{Cutter, Fate};
use crate::exchange::is_result;
use crate::site::{KEY, KINDS, Site, scenario};

/// The scenario of a reply to step 1.1 that is no good, at first.
fn at_first(reply: &str) -> String {
    let good = scenario("");
    let (_, rules) = good.split_once('\n').unwrap();
    let first = format!(
        "[[rule]]\ndescription = \"at first\"\nwhen = {{ step = \"1.1\", call = 1 }}\n[[rule.reply]]\n{reply}\n"
    );
    format!("description = \"for a test\"\n{first}{rules}")
}

#[test]
fn requests_without_a_reply_are_named_and_submitted_again_alone() {
    let cases = [
        (
            "error = { status = 400, message = \"too odd\" }",
            ("failed", 7),
            "the server refused it",
        ),
        (
            "text = \"half\"\nfinish = \"length\"",
            ("unusable", 8),
            "cut at the model's limit",
        ),
        (
            "text = \"never\"\nfinish = \"refusal\"",
            ("unusable", 8),
            "the model refused to answer",
        ),
    ];
    for kind in KINDS {
        for (reply, (field, code), why) in &cases {
            let site = Site::of(kind, &at_first(reply));
            site.second_plan();
            site.submit();
            site.wait();
            let home = site.fetch(*code);
            let landed = &home["batches"][0]["landed"];
            assert_eq!(
                (&landed["replies"], &landed[*field]),
                (&json!(1), &json!(1)),
                "{kind} {home}"
            );
            let note = home["batches"][0]["notes"][0].as_str().unwrap();
            assert!(
                note.starts_with("step 1.1 of ") && note.contains(why),
                "{kind} {note}"
            );
            // Only that one goes out again.
            let again = site.submit();
            assert_eq!(
                (&again["requests"], site.batches().len()),
                (&json!(1), 2),
                "{kind}"
            );
            site.wait();
            assert_eq!(site.fetch(0)["batches"][0]["landed"]["replies"], 1, "{kind}");
            site.run_both();
            assert_eq!(site.sent_alone(), 0, "{kind}");
        }
    }
}

#[test]
fn a_batch_that_fails_its_validation_frees_its_steps() {
    for kind in KINDS {
        let site = Site::of(kind, &scenario("[batch]\nfail = \"the file is odd\""));
        if kind == "anthropic" {
            let ran = site.run(7, &["batch", "submit", ".", "--yes"]);
            assert!(
                ran.err.contains("the file is odd") && ran.err.contains("not submitted"),
                "{}",
                ran.err
            );
        } else {
            site.submit();
            let home = site.fetch(7);
            let note = home["batches"][0]["notes"][0].as_str().unwrap();
            assert!(
                note.contains("the engine refused its batch: the file is odd"),
                "{note}"
            );
        }
        assert_eq!(
            site.json(0, &["batch", "status", "--json"])["batches"],
            json!([]),
            "{kind}"
        );
        let log = site.log("1.1");
        assert!(log.last().unwrap().contains("the file is odd"), "{log:?}");
    }
}

#[test]
fn what_is_refused_on_the_way_out_frees_its_steps_and_shows_no_key() {
    let cases = [
        (400, 7, "refused the request"),
        (401, 6, "refused the key from environment variable `BATCH_KEY`"),
        (402, 6, "money or quota"),
        (404, 6, "not every server has a batch engine"),
        (413, 8, "--max-requests"),
        (429, 7, "3 attempts"),
    ];
    for kind in KINDS {
        for at in ["/files", "/batches"] {
            if kind == "anthropic" && at == "/files" {
                continue;
            }
            for (status, code, says) in cases {
                let mut site = Site::new(kind);
                let cutter = Cutter::before(site.server.port, move |method, path| {
                    match method == "POST" && path.ends_with(at) {
                        true => Fate::Status(status),
                        false => Fate::Pass,
                    }
                });
                site.point(&cutter.url.clone(), "");
                let ran = site.run(code, &["batch", "submit", ".", "--yes"]);
                assert!(ran.err.contains(says), "{kind} {at} {status}: {}", ran.err);
                assert!(
                    ran.err.contains("in the way"),
                    "{kind} {at} {status}: {}",
                    ran.err
                );
                assert_eq!(site.batches().len(), 0);
                cutter.set(|_, _| Fate::Pass);
                assert_eq!(site.submit()["requests"], 1, "{kind} {at} {status}");
            }
        }
    }
}

#[test]
fn results_that_break_off_are_asked_for_again() {
    for kind in KINDS {
        let mut site = Site::new(kind);
        let mut halves = 0;
        let cutter = Cutter::before(site.server.port, move |_, path| {
            halves += i32::from(is_result(path));
            match is_result(path) && halves == 1 {
                true => Fate::Half,
                false => Fate::Pass,
            }
        });
        site.point(&cutter.url.clone(), "");
        site.submit();
        site.wait();
        assert_eq!(site.fetch(0)["batches"][0]["landed"]["replies"], 1, "{kind}");
    }
}

#[test]
fn an_endpoint_that_is_another_one_by_now_is_not_asked() {
    for kind in KINDS {
        let mut site = Site::new(kind);
        site.submit();
        let before = site.server.requests()["total"].clone();
        let port = site.server.port;
        site.point(&format!("http://localhost:{port}"), "");
        let ran = site.run(6, &["batch", "fetch"]);
        assert!(ran.err.contains("the endpoint `far` is at"), "{}", ran.err);
        assert_eq!(site.server.requests()["total"], before);
        // A wrong key is told as one.
        let url = site.server.url.clone();
        site.point(&url, "");
        site.project.set(
            "BATCH_KEY",
            "sk-proj-0123456789abcdefghijklmnopqrstuvwxyzABCDEFGH",
        );
        let ran = site.run(6, &["batch", "fetch"]);
        assert!(
            ran.err.contains("`BATCH_KEY`") && !ran.err.contains("sk-proj"),
            "{}",
            ran.err
        );
        site.project.set("BATCH_KEY", KEY);
        site.wait();
        site.fetch(0);
    }
}

#[test]
fn endpoints_without_an_engine_are_refused_before_anything_is_done() {
    let site = Site::new("openai");
    let ran = site.run(2, &["batch", "submit", ".", "--yes", "--endpoint", "manual"]);
    assert!(ran.err.contains("has no batch engine"), "{}", ran.err);
    site.project
        .configure("[endpoint.o]\nkind = \"ollama\"\nmodel = \"m\"\n");
    let ran = site.run(2, &["batch", "submit", ".", "--yes", "--endpoint", "o"]);
    assert!(ran.err.contains("has no batch engine"), "{}", ran.err);
    assert!(!site.project.state().join("batches").exists());
}
