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
