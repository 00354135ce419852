//! What is said of batches is so: hints that work, numbers of what came home, and a log that calls nothing sent which was not.

use std::net::TcpListener;

use serde_json::json;

use crate::cutter::{Cutter, Fate};
use crate::site::{KINDS, Site, scenario};
use crate::support::pty::CTRL_C;

#[test]
fn steps_that_wait_for_others_go_again_as_it_is_said() {
    for kind in KINDS {
        let site = Site::of(kind, &scenario("[batch]\nexpire = [\"EP-0007_*\"]"));
        let submitted = site.json(0, &["batch", "submit", ".", "--yes", "--open", "--json"]);
        assert_eq!(submitted["requests"], 2, "{kind}");
        site.wait();
        let ran = site.run(7, &["batch", "fetch"]);
        assert!(ran.err.contains("2 expired"), "{kind}: {}", ran.err);
        assert!(
            ran.err
                .contains("1 of them waits for another step, and goes with `--open` only"),
            "{kind}: {}",
            ran.err
        );
        assert_eq!(site.submit()["requests"], 1, "{kind}");
        let rest = site.json(0, &["batch", "submit", ".", "--yes", "--open", "--json"]);
        assert_eq!(rest["requests"], 1, "{kind}");
    }
}

#[test]
fn a_batch_that_is_home_is_called_so_by_whatever_is_asked_of_it() {
    for kind in KINDS {
        let site = Site::new(kind);
        let mark = site.submit()["mark"].as_str().unwrap().to_owned();
        site.wait();
        let id = site.batches()[0]["id"].as_str().unwrap().to_owned();
        site.fetch(0);
        for name in [&mark, &id] {
            let home = format!("batch {name} is home already");
            let ran = site.run(0, &["batch", "fetch", name, "--json"]);
            assert!(ran.err.contains(&home), "{kind}: {}", ran.err);
            assert!(ran.out.contains("\"batches\": []"), "{kind}: {}", ran.out);
            for forget in [&[][..], &["--forget"]] {
                let ran = site.run(2, &[&["batch", "cancel", name, "--yes"], forget].concat());
                assert!(ran.err.contains(&home), "{kind}: {}", ran.err);
                assert!(!ran.err.contains("record is gone"), "{kind}: {}", ran.err);
            }
        }
        let ran = site.run(2, &["batch", "fetch", "nobody"]);
        assert!(
            ran.err.contains("no batch `nobody` is out"),
            "{kind}: {}",
            ran.err
        );
    }
}

#[test]
fn what_came_home_is_told_as_long_as_it_is_known() {
    let cut = "[[rule]]\ndescription = \"cut\"\nwhen = { step = \"1.1\" }\n[[rule.reply]]\ntext = \"half\"\nfinish = \"length\"\n";
    for kind in KINDS {
        let site = Site::of(
            kind,
            &format!("description = \"for a test\"\n[batch]\nexpire = [\"EP-0008_1-1_*\"]\n{cut}"),
        );
        site.second_plan();
        site.submit();
        site.wait();
        site.fetch(7);
        let ran = site.run(0, &["batch", "status", "--all"]);
        assert!(
            ran.out
                .contains("2 requests; home: 0 replies, 1 that cannot be used, 1 expired"),
            "{kind}: {}",
            ran.out
        );
        let told = site.json(0, &["batch", "status", "--all", "--json"]);
        let batch = &told["batches"][0];
        assert_eq!(
            (
                &batch["failed"],
                &batch["landed"]["unusable"],
                &batch["landed"]["expired"]
            ),
            (&json!(2), &json!(1), &json!(1)),
            "{kind}: {told}"
        );
    }
}

#[test]
fn nothing_is_called_sent_that_was_refused() {
    for kind in KINDS {
        let mut site = Site::new(kind);
        let cutter = Cutter::before(site.server.port, |method, path| {
            match method == "POST" && (path.ends_with("/files") || path.ends_with("/messages/batches")) {
                true => Fate::Status(400),
                false => Fate::Pass,
            }
        });
        site.point(&cutter.url, "");
        let ran = site.project.run(&["batch", "submit", ".", "--yes", "--json"]);
        let mark = serde_json::from_str::<serde_json::Value>(&ran.out).unwrap()["mark"].clone();
        let given = format!("given to batch {}, for far (m)", mark.as_str().unwrap());
        let log = site.log("1.1");
        assert!(log[0].contains(&given), "{kind}: {log:?}");
        assert!(!log.concat().contains("sent to far"), "{kind}: {log:?}");
        let why = match kind {
            "anthropic" => "no reply that can be used: its batch was refused: ",
            _ => "not sent to a model: its batch was not made: ",
        };
        assert!(
            log[1].contains(why) && log[1].contains("in the way"),
            "{kind}: {log:?}"
        );
    }
}

#[test]
fn whoever_interrupts_a_submission_knows_how_it_stands() {
    for kind in KINDS {
        let mut site = Site::new(kind);
        // Whoever connects hears nothing.
        let silent = TcpListener::bind("127.0.0.1:0").unwrap();
        site.point(&format!("http://{}", silent.local_addr().unwrap()), "");
        let mut pty = site.project.terminal(&["batch", "submit", ".", "--yes"]);
        let (_connection, _) = silent.accept().unwrap();
        pty.keys(CTRL_C);
        assert_eq!(pty.end(), 130, "{kind}: {}", pty.text());
        let text = pty.text();
        match kind {
            // Its requests are the body of what makes it.
            "anthropic" => {
                assert!(text.contains("not known whether it was submitted"), "{text}");
                assert!(text.contains("`stepgate batch status` looks for it"), "{text}");
                assert_eq!(site.log("1.1").len(), 1);
            }
            _ => {
                assert!(text.contains("not submitted: 1 request"), "{kind}: {text}");
                // The next command frees what was not asked for.
                site.run(0, &["batch", "status"]);
                let log = site.log("1.1");
                assert!(
                    log[1].ends_with("not sent to a model: its batch was not made: interrupted"),
                    "{kind}: {log:?}"
                );
            }
        }
    }
}
