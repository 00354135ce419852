//! A provider that shows nothing of a batch: it is gone, or the key is of another project. Neither is taken for the other.

use serde_json::json;

use crate::cutter::{Cutter, Fate};
use crate::site::{KINDS, Site};

/// Answers that there is no such thing to every request that fits.
fn without(fits: fn(&str) -> bool) -> impl FnMut(&str, &str) -> Fate + Send {
    move |_, path| if fits(path) { Fate::Status(404) } else { Fate::Pass }
}

/// A site with a cutter before its server, which lets everything pass.
fn site(kind: &'static str) -> (Site, Cutter) {
    let mut site = Site::new(kind);
    let cutter = Cutter::before(site.server.port, |_, _| Fate::Pass);
    site.point(&cutter.url, "");
    (site, cutter)
}

#[test]
fn what_is_not_shown_is_not_taken_for_deleted() {
    for kind in KINDS {
        let (site, cutter) = site(kind);
        let mark = site.submit()["mark"].as_str().unwrap().to_owned();
        site.wait();
        site.fetch(0);
        let standing = || {
            let told = site.json(0, &["batch", "status", &mark, "--json"]);
            told["batches"][0]["deleted"].clone()
        };
        cutter.set(without(|_| true));
        // As often as it is tried.
        for _ in 0..2 {
            let ran = site.run(5, &["batch", "delete", "--yes", "--json"]);
            assert!(ran.err.contains("shows nothing of batch"), "{kind}: {}", ran.err);
            assert!(
                ran.err
                    .contains(&format!("`stepgate batch delete {mark} --gone`")),
                "{kind}: {}",
                ran.err
            );
            assert!(!ran.err.contains("not there any more"), "{kind}: {}", ran.err);
            assert!(ran.out.contains("\"batches\": []"), "{kind}: {}", ran.out);
            assert_eq!(standing(), json!(false), "{kind}");
        }
        // Whoever knows better says so, of one batch.
        site.run(2, &["batch", "delete", "--yes", "--gone"]);
        site.run(0, &["batch", "delete", &mark, "--yes", "--gone"]);
        assert_eq!(standing(), json!(true), "{kind}");
    }
}

#[test]
fn a_batch_that_is_gone_is_told_as_that_with_the_way_out() {
    for kind in KINDS {
        let (site, cutter) = site(kind);
        site.submit();
        site.wait();
        let id = site.batches()[0]["id"].as_str().unwrap().to_owned();
        let way_out = "`stepgate batch cancel ";
        cutter.set(without(|path| path.contains("/batches/")));
        let status = site.status(5);
        assert_eq!(
            (&status[0]["state"], &status[0]["id"], &status[0]["unreached"]),
            (&json!("missing"), &json!(id), &json!(null)),
            "{kind}"
        );
        let ran = site.run(5, &["batch", "status"]);
        let told = format!("`stepgate batch cancel {id} --forget` frees its steps");
        assert!(ran.out.contains(&told), "{kind}: {}", ran.out);
        for (args, what) in [
            (&["batch", "fetch"][..], format!("no batch {id} any more")),
            (&["batch", "cancel", "--yes"], format!("no batch {id} any more")),
        ] {
            let ran = site.run(5, args);
            assert!(ran.err.contains(&what), "{kind}: {}", ran.err);
            assert!(ran.err.contains(way_out), "{kind}: {}", ran.err);
            assert!(!ran.err.contains("no such model"), "{kind}: {}", ran.err);
        }
        // Its results alone are gone.
        cutter.set(without(|path| {
            path.ends_with("/content") || path.ends_with("/results")
        }));
        let ran = site.run(5, &["batch", "fetch"]);
        assert!(
            ran.err.contains(&format!("no results of batch {id} any more")),
            "{kind}: {}",
            ran.err
        );
        assert!(ran.err.contains(way_out), "{kind}: {}", ran.err);
        // The step waits until somebody says otherwise.
        assert_eq!(site.submit()["requests"], 0, "{kind}");
        site.run(0, &["batch", "cancel", &id, "--forget", "--yes"]);
        assert_eq!(site.submit()["requests"], 1, "{kind}");
    }
}

#[test]
fn files_of_a_batch_that_is_shown_are_deleted_or_gone() {
    for (status, kind) in [404, 405]
        .into_iter()
        .flat_map(|status| KINDS.map(|kind| (status, kind)))
    {
        let (site, cutter) = site(kind);
        let mark = site.submit()["mark"].as_str().unwrap().to_owned();
        site.wait();
        // There are servers that have a file, its content and its end, and tell nothing of it.
        cutter.set(move |method, path| {
            let is_file = path.contains("/v1/files/") && !path.ends_with("/content");
            match method == "GET" && is_file {
                true => Fate::Status(status),
                false => Fate::Pass,
            }
        });
        let home = site.json(0, &["batch", "fetch", "--delete", "--json"]);
        assert_eq!(
            home["batches"][0]["deleted"],
            json!(true),
            "{status} {kind}: {home}"
        );
        if kind != "anthropic" {
            let files = site.server.ask("GET", "/v1/files", "").json();
            assert_eq!(files["data"], json!([]), "{status} {kind}");
        }
        let told = site.json(0, &["batch", "status", &mark, "--json"]);
        assert_eq!(told["batches"][0]["deleted"], json!(true), "{status} {kind}");
    }
}

#[test]
fn files_that_are_gone_while_their_batch_is_shown_are_told_as_gone() {
    for (status, kind) in [404, 405]
        .into_iter()
        .flat_map(|status| ["openai", "openai-responses"].map(|kind| (status, kind)))
    {
        let (site, cutter) = site(kind);
        site.submit();
        site.wait();
        site.fetch(0);
        cutter.set(move |method, path| match (method, path.contains("/v1/files/")) {
            ("DELETE", true) => Fate::Status(404),
            ("GET", true) => Fate::Status(status),
            _ => Fate::Pass,
        });
        let deleted = site.json(0, &["batch", "delete", "--yes", "--json"]);
        let batch = &deleted["batches"][0];
        let gone = batch["gone"].as_array().map(Vec::len);
        assert_eq!(
            (&batch["deleted"], gone),
            (&json!([]), Some(2)),
            "{status} {kind}: {deleted}"
        );
    }
}

#[test]
fn who_knows_that_it_is_gone_is_not_held_up() {
    for kind in KINDS {
        let (site, cutter) = site(kind);
        let mark = site.submit()["mark"].as_str().unwrap().to_owned();
        site.wait();
        site.fetch(0);
        // The server shows no batch any more, in its own way, and has none of it.
        cutter.set(|method, path| match method {
            "GET" if path.contains("/batches/") => Fate::Status(400),
            "GET" => Fate::Status(405),
            _ => Fate::Status(404),
        });
        site.run(7, &["batch", "delete", &mark, "--yes"]);
        // A batch of messages is what would be deleted, and the answer to whether it is there is no answer.
        if kind == "anthropic" {
            cutter.set(|method, _| Fate::Status(if method == "GET" { 405 } else { 404 }));
        }
        site.run(0, &["batch", "delete", &mark, "--yes", "--gone"]);
        let told = site.json(0, &["batch", "status", &mark, "--json"]);
        assert_eq!(told["batches"][0]["deleted"], json!(true), "{kind}");
    }
}
