//! The batch engine of CopilotKit's mock server, which speaks as OpenAI's does. It replies with one fixed text, so what a
//! step makes is there beforehand.

use serde_json::{Value, json};

use crate::aimock::{journal, start};
use crate::session::KEY;
use crate::support::project::{Project, SMALL};

/// Two plans, and a server that replies to both.
pub(crate) struct Site {
    pub(crate) project: Project,
    url: String,
}

impl Site {
    pub(crate) fn new(kind: &str, url: &str) -> Self {
        let mut project = Project::small();
        project.set("FOREIGN_KEY", KEY);
        project.write("other/plan.md", SMALL.replace("EP-0007", "EP-0008"));
        project.write("one.txt", "one\n");
        project.write("two.txt", "two\n");
        let site = Self {
            project,
            url: url.to_owned(),
        };
        site.point(kind, "");
        site
    }

    /// What becomes of a batch can be said with a header.
    fn point(&self, kind: &str, outcome: &str) {
        let headers = match outcome {
            "" => String::new(),
            outcome => format!("headers = {{ x-aimock-batch-outcome = \"{outcome}\" }}\n"),
        };
        self.project.configure(&format!(
            "default = \"foreign\"\n[endpoint.foreign]\nkind = \"{kind}\"\nurl = \"{}/v1\"\nmodel = \"gpt-4o-mini\"\nkey_env = \"FOREIGN_KEY\"\nretry_wait = 0.01\n{headers}",
            self.url
        ));
    }

    pub(crate) fn run(&self, code: i32, args: &[&str]) -> String {
        let ran = self.project.run(args);
        assert_eq!(ran.code, code, "{args:?}\n{}\n{}", ran.out, ran.err);
        assert!(!format!("{}{}", ran.out, ran.err).contains(KEY));
        ran.out
    }

    pub(crate) fn json(&self, code: i32, args: &[&str]) -> Value {
        serde_json::from_str(&self.run(code, args)).unwrap()
    }

    fn submit(&self) -> Value {
        self.json(0, &["batch", "submit", ".", "--yes", "--json"])
    }

    fn home(&self, code: i32) -> Value {
        self.run(0, &["batch", "status", "--watch", "--every", "0.01"]);
        let mut home = self.json(code, &["batch", "fetch", "--json"]);
        home["batches"][0]["landed"].take()
    }

    pub(crate) fn made(&self) -> usize {
        let all = journal(&self.url);
        let made = all
            .iter()
            .filter(|entry| entry["method"] == "POST" && entry["path"] == "/v1/batches");
        made.count()
    }
}

#[test]
fn two_plans_are_done_in_two_waves() {
    let folder = tempfile::tempdir().unwrap();
    let Some((_running, url)) = start(
        "two_plans_are_done_in_two_waves",
        folder.path(),
        &json!({ "fixtures": [] }),
    ) else {
        return;
    };
    for kind in ["openai", "openai-responses"] {
        let site = Site::new(kind, &url);
        let before = site.made();
        for _ in 0..2 {
            assert_eq!(site.submit()["requests"], 2, "{kind}");
            assert_eq!(site.home(0)["replies"], 2, "{kind}");
            for plan in ["plan.md", "other/plan.md"] {
                // The second step waits for a batch, or is done.
                let ran = site
                    .project
                    .run(&["run", plan, "--unattended", "--attest", "--step", "1.1"]);
                assert_eq!(ran.code, 0, "{kind} {plan}\n{}", ran.err);
            }
        }
        for plan in ["plan.md", "other/plan.md"] {
            site.run(0, &["run", plan, "--unattended", "--attest"]);
            assert!(!site.project.read(plan).contains("- [ ]"), "{kind} {plan}");
        }
        assert_eq!(site.made() - before, 2, "{kind}");
    }
}

#[test]
fn batches_that_expire_fail_or_are_cancelled_go_out_again() {
    let folder = tempfile::tempdir().unwrap();
    let Some((_running, url)) = start(
        "batches_that_expire_fail_or_are_cancelled_go_out_again",
        folder.path(),
        &json!({ "fixtures": [] }),
    ) else {
        return;
    };
    let site = Site::new("openai", &url);
    for (outcome, field, code) in [
        ("expired", "expired", 7),
        ("cancelled", "cancelled", 0),
        ("failed", "failed", 7),
    ] {
        site.point("openai", outcome);
        assert_eq!(site.submit()["requests"], 2, "{outcome}");
        let landed = site.home(code);
        assert_eq!(
            (&landed["replies"], &landed[field]),
            (&json!(0), &json!(2)),
            "{outcome}: {landed}"
        );
    }
    site.point("openai", "");
    site.submit();
    assert_eq!(site.home(0)["replies"], 2);
}
