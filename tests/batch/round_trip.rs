//! Out and home again, at both engines, in three dialects.

use crate::site::{KINDS, PLANS, Site, scenario};
use crate::support::pty::{DOWN, ENTER};

#[test]
fn a_plan_is_done_wave_by_wave() {
    for kind in KINDS {
        let site = Site::new(kind);
        let first = site.submit();
        let mark = first["mark"].as_str().unwrap().to_owned();
        assert_eq!(
            (
                &first["requests"],
                &first["plans"],
                &first["batches"][0]["requests"]
            ),
            (&1.into(), &1.into(), &1.into()),
            "{kind}: {first}"
        );
        assert_eq!(site.batches().len(), 1, "{kind}");
        // A session leaves the step alone, and does nothing else, for nothing else may run.
        let ran = site.run(5, &["run", "plan.md", "--unattended"]);
        assert!(
            ran.err.contains(&format!("step 1.1 waits for batch {mark}")),
            "{}",
            ran.err
        );
        let ran = site.run(5, &["run", "plan.md", "--unattended", "--step", "1.1"]);
        assert!(
            ran.err.contains(&format!("step 1.1 waits for batch {mark}")),
            "{}",
            ran.err
        );
        // It is not submitted again.
        let again = site.submit();
        assert_eq!(
            (&again["requests"], site.batches().len()),
            (&0.into(), 1),
            "{kind}"
        );
        assert_eq!(again["left_out"][0]["why"], "with a batch already", "{kind}");
        site.wait();
        let home = site.fetch(0);
        assert_eq!(home["batches"][0]["landed"]["replies"], 1, "{kind}: {home}");
        // A second fetch has nothing to do.
        assert_eq!(site.fetch(0)["batches"], serde_json::json!([]), "{kind}");
        let waiting = site.submit();
        assert_eq!(
            waiting["left_out"][0]["why"], "replied to, and waiting for `stepgate run`",
            "{kind}"
        );
        site.run(0, &["run", "plan.md", "--unattended", "--until", "1.1"]);
        assert_eq!(site.project.read("one.txt"), "one\n");
        // The next wave.
        assert_eq!(site.submit()["requests"], 1, "{kind}");
        site.wait();
        site.fetch(0);
        site.run(0, &["run", "plan.md", "--unattended", "--attest"]);
        assert!(!site.project.read("plan.md").contains("- [ ]"), "{kind}");
        assert_eq!(site.project.read("two.txt"), "two\n");
        assert_eq!((site.batches().len(), site.sent_alone()), (2, 0), "{kind}");
        let log = site.log("1.1");
        assert!(
            log[0].contains(&format!("given to batch {mark}, for far (m)")),
            "{log:?}"
        );
        assert!(
            log[1].contains("received") && log[1].contains("tokens in"),
            "{log:?}"
        );
    }
}

#[test]
fn the_request_is_the_one_that_run_would_send() {
    for kind in KINDS {
        let site = Site::new(kind);
        site.submit();
        site.wait();
        let requests = site.server.requests();
        let requests = requests["requests"].as_array().unwrap();
        let create = requests.iter().find(|request| {
            let path = request["path"].as_str().unwrap();
            request["method"] == "POST" && (path.ends_with("/files") || path.ends_with("/messages/batches"))
        });
        let headers = &create.unwrap()["headers"];
        // Its length was told beforehand: not every server takes a body of unknown length.
        assert!(headers["content-length"].is_string(), "{headers}");
        let format = if kind == "anthropic" {
            "anthropic-batch"
        } else {
            "openai-batch"
        };
        let exported = site.run(0, &["export", "plan.md", "--open", "--format", format, "-o", "-"]);
        let batch = &site.batches()[0];
        if kind != "anthropic" {
            let input = batch["input_file_id"].as_str().unwrap();
            let uploaded = site
                .server
                .ask("GET", &format!("/v1/files/{input}/content"), "")
                .text();
            let mark = batch["metadata"]["stepgate"].as_str().unwrap();
            let (mark, _) = mark.split_once(' ').unwrap();
            let line = exported.out.lines().next().unwrap();
            assert_eq!(
                uploaded.trim_end(),
                line.replace("EP-0007_1-1", &format!("EP-0007_1-1_{mark}"))
            );
        }
    }
}

#[test]
fn two_plans_go_out_together_and_each_reply_comes_to_its_step() {
    for kind in KINDS {
        let site = Site::new(kind);
        site.second_plan();
        let submitted = site.submit();
        assert_eq!(
            (&submitted["requests"], &submitted["plans"]),
            (&2.into(), &2.into())
        );
        assert_eq!(site.batches().len(), 1, "{kind}");
        site.wait();
        // The mock gives the last request first.
        assert_eq!(site.fetch(0)["batches"][0]["landed"]["replies"], 2, "{kind}");
        for plan in PLANS {
            site.run(0, &["run", plan, "--unattended", "--until", "1.1"]);
            assert!(
                site.project.read(plan).contains("- [x] Write one"),
                "{kind} {plan}"
            );
        }
        assert_eq!(site.sent_alone(), 0, "{kind}");
    }
}

#[test]
fn a_wave_is_split_where_the_engine_takes_less() {
    for kind in KINDS {
        let site = Site::new(kind);
        site.second_plan();
        let args = [
            "batch",
            "submit",
            ".",
            "--yes",
            "--json",
            "--open",
            "--max-requests",
            "3",
        ];
        let submitted = site.json(0, &args);
        let requests: Vec<_> = submitted["batches"]
            .as_array()
            .unwrap()
            .iter()
            .map(|made| &made["requests"])
            .collect();
        assert_eq!(requests, [3, 1], "{kind}");
        assert_eq!(site.batches().len(), 2, "{kind}");
        site.wait();
        let home = site.fetch(0);
        let replies: Vec<_> = home["batches"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| &one["landed"]["replies"])
            .collect();
        assert_eq!(replies, [3, 1], "{kind}");
        site.run(0, &["run", "plan.md", "--unattended", "--attest"]);
        assert_eq!(site.sent_alone(), 0, "{kind}");
    }
}

#[test]
fn a_person_is_shown_what_goes_out_and_what_it_costs() {
    let mut site = Site::of("openai", &scenario("[batch]\npolls = 2"));
    let url = site.server.url.clone();
    site.point(&url, "price = { input = 300.0, output = 8.0 }");
    let ran = site.run(5, &["batch", "submit", "."]);
    assert!(ran.err.contains("`--yes`"), "{}", ran.err);
    assert_eq!(site.batches().len(), 0);
    // No: nothing goes out, and nothing is left of it.
    let mut pty = site.project.terminal(&["batch", "submit", "."]);
    pty.wait_for("submit these prompts?");
    let text = pty.text();
    assert!(text.contains("plan.md: 1.1"), "{text}");
    assert!(
        text.contains("1 prompt of 1 plan to `far` for model `m`"),
        "{text}"
    );
    assert!(
        text.contains("at batch price, and 4.00 per million tokens of replies on top"),
        "{text}"
    );
    pty.keys(&format!("{}{ENTER}", DOWN.repeat(2)));
    assert_eq!(pty.end(), 4, "{}", pty.text());
    let left: Vec<_> = std::fs::read_dir(site.project.state().join("batches"))
        .unwrap()
        .collect();
    assert_eq!((site.batches().len(), left.len()), (0, 0));
    // Yes.
    let mut pty = site.project.terminal(&["batch", "submit", "."]);
    pty.wait_for("submit these prompts?");
    pty.keys(&format!("{DOWN}{ENTER}"));
    assert_eq!(pty.end(), 0, "{}", pty.text());
    assert_eq!(site.batches().len(), 1);
    // The bar can be left, and is found again.
    let mut pty = site
        .project
        .terminal(&["batch", "status", "--watch", "--every", "3600"]);
    pty.wait_for("(q leaves)");
    pty.keys("q");
    assert_eq!(pty.end(), 0, "{}", pty.text());
    assert!(pty.text().contains("finds them again"), "{}", pty.text());
    site.wait();
    site.fetch(0);
}
