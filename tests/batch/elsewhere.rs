//! An endpoint that is at another address by now: what was submitted before is asked for nowhere but where it went.

use serde_json::{Value, json};

use crate::cutter::{Cutter, Fate};
use crate::site::{KINDS, Site, scenario};
use crate::support::mock_server::MockServer;
use crate::support::project::SMALL;

/// Three submissions of one endpoint: to a server, to another, and to the first again.
struct Three {
    site: Site,
    other: MockServer,
    marks: [String; 3],
}

impl Three {
    fn new(kind: &'static str) -> Self {
        let mut site = Site::new(kind);
        let other = MockServer::of(&site.project, &scenario(""));
        std::fs::remove_file(site.project.root().join("scenario.toml")).unwrap();
        for (id, path) in [("EP-0008", "b/plan.md"), ("EP-0009", "c/plan.md")] {
            site.project.write(path, SMALL.replace("EP-0007", id));
        }
        let first = site.server.url.clone();
        let places = [(&first, "plan.md"), (&other.url, "b"), (&first, "c")];
        let marks = places.map(|(url, path)| {
            site.point(url, "");
            let submitted = site.json(0, &["batch", "submit", path, "--yes", "--json"]);
            // It comes before the next one whatever the clock says.
            site.age(jiff::SignedDuration::from_mins(1));
            submitted["mark"].as_str().unwrap().to_owned()
        });
        Self { site, other, marks }
    }

    /// Points the endpoint at the other server.
    fn go(&mut self) {
        let url = self.other.url.clone();
        self.site.point(&url, "");
    }

    /// Points the endpoint at the first server.
    fn come_back(&mut self) {
        let url = self.site.server.url.clone();
        self.site.point(&url, "");
    }

    /// A field of each submission in a document, in their order; null for one that is not there.
    fn field(&self, document: &Value, name: &str) -> [Value; 3] {
        let batches = document["batches"].as_array().unwrap();
        [0, 1, 2].map(|index| {
            let batch = batches.iter().find(|batch| batch["mark"] == self.marks[index]);
            batch.map_or(Value::Null, |batch| batch[name].clone())
        })
    }

    /// Runs a command, which tells that the other server's batch is not asked for here.
    fn refused(&self, args: &[&str]) -> Value {
        let ran = self.site.run(6, args);
        let why = format!("batch {} was submitted to `{}", self.marks[1], self.other.url);
        assert_eq!(ran.err.matches(&why).count(), 1, "{args:?}: {}", ran.err);
        serde_json::from_str(&ran.out).unwrap_or_default()
    }
}

#[test]
fn a_batch_is_asked_for_where_it_went_and_nowhere_else() {
    for kind in KINDS {
        let mut three = Three::new(kind);
        let at_other = three.other.requests()["requests"].as_array().unwrap().len();
        let told = three.refused(&["batch", "status", "--json"]);
        assert_eq!(
            three.field(&told, "state"),
            [json!("running"), json!("unreached"), json!("running")],
            "{kind}: {told}"
        );
        // What cannot be asked for ends no watch of the others.
        let told = three.refused(&["batch", "status", "--watch", "--every", "0.01", "--json"]);
        assert_eq!(
            three.field(&told, "state"),
            [json!("ended"), json!("unreached"), json!("ended")],
            "{kind}: {told}"
        );
        let [first, mark, third] = three.marks.clone();
        three.refused(&["batch", "cancel", &mark, "--yes"]);
        let home = three.refused(&["batch", "fetch", "--json"]);
        let landed = three.field(&home, "landed");
        assert_eq!(
            [&landed[0]["replies"], &landed[1], &landed[2]["replies"]],
            [&json!(1), &Value::Null, &json!(1)],
            "{kind}: {home}"
        );
        assert_eq!(
            three.other.requests()["requests"].as_array().unwrap().len(),
            at_other,
            "{kind}"
        );
        // There it comes home.
        three.go();
        three.site.wait();
        assert_eq!(
            three.site.fetch(0)["batches"][0]["landed"]["replies"],
            1,
            "{kind}"
        );
        // And it is deleted there alone.
        three.come_back();
        let deleted = three.refused(&["batch", "delete", "--yes", "--json"]);
        let marks: Vec<&str> = deleted["batches"]
            .as_array()
            .unwrap()
            .iter()
            .map(|batch| batch["mark"].as_str().unwrap())
            .collect();
        assert_eq!(marks, [first, third], "{kind}");
        let told = three.site.json(0, &["batch", "status", "--all", "--json"]);
        assert_eq!(
            three.field(&told, "deleted"),
            [json!(true), json!(false), json!(true)],
            "{kind}: {told}"
        );
        three.go();
        three.site.run(0, &["batch", "delete", "--yes"]);
        let told = three.site.json(0, &["batch", "status", "--all", "--json"]);
        assert_eq!(
            three.field(&told, "deleted"),
            [(); 3].map(|()| json!(true)),
            "{kind}"
        );
    }
}

#[test]
fn a_batch_whose_answer_was_lost_is_missed_at_its_own_server_only() {
    for kind in KINDS {
        let mut site = Site::new(kind);
        site.second_plan();
        site.json(0, &["batch", "submit", "plan.md", "--yes", "--json"]);
        site.age(jiff::SignedDuration::from_mins(1));
        let other = MockServer::of(&site.project, &scenario(""));
        let cutter = Cutter::before(other.port, |method, path| {
            match method == "POST" && path.ends_with("/batches") {
                true => Fate::LoseAnswer,
                false => Fate::Pass,
            }
        });
        site.point(&cutter.url, "");
        site.run(7, &["batch", "submit", "other", "--yes"]);
        let first = site.server.url.clone();
        site.point(&first, "");
        site.age(jiff::SignedDuration::from_mins(20));
        for args in [&["batch", "status"][..], &["batch", "fetch"]] {
            let ran = site.run(6, args);
            assert!(ran.err.contains("was submitted to"), "{kind}: {}", ran.err);
            for text in [&ran.out, &ran.err] {
                assert!(!text.contains("has no such batch"), "{kind}: {text}");
            }
        }
    }
}

#[test]
fn an_id_that_two_servers_have_means_the_batch_that_is_out() {
    for kind in KINDS {
        let mut site = Site::new(kind);
        site.second_plan();
        let other = MockServer::of(&site.project, &scenario(""));
        let (url, path) = (
            site.server.url.clone(),
            if kind == "anthropic" { "" } else { "/v1" },
        );
        let more = format!(
            "[endpoint.near]\nkind = \"{kind}\"\nurl = \"{}{path}\"\nmodel = \"m\"\nkey_env = \"BATCH_KEY\"\n",
            other.url
        );
        site.point(&url, &more);
        let submit = |plan: &str, endpoint: &str| {
            let args = ["batch", "submit", plan, "--endpoint", endpoint, "--yes", "--json"];
            let submitted = site.json(0, &args);
            let id = submitted["batches"][0]["id"].as_str().unwrap().to_owned();
            (submitted["mark"].as_str().unwrap().to_owned(), id)
        };
        let (first, id) = submit("plan.md", "far");
        site.wait();
        site.fetch(0);
        let (second, same) = submit("other", "near");
        assert_eq!(id, same, "{kind}: servers count from the same beginning");
        // The one that is out can be cancelled, and be fetched.
        site.run(0, &["batch", "cancel", &id, "--yes"]);
        site.wait();
        let home = site.json(0, &["batch", "fetch", &id, "--json"]);
        assert_eq!(home["batches"][0]["mark"], json!(second), "{kind}: {home}");
        // Nothing is deleted of two where one was meant.
        let ran = site.run(2, &["batch", "delete", &id, "--yes"]);
        for mark in [&first, &second] {
            assert!(ran.err.contains(mark.as_str()), "{kind}: {}", ran.err);
        }
        let deleted = site.json(0, &["batch", "delete", &first, "--yes", "--json"]);
        assert_eq!(deleted["batches"].as_array().map(Vec::len), Some(1), "{kind}");
        // Two that are out: a mark says which.
        site.project
            .write("c/plan.md", SMALL.replace("EP-0007", "EP-0009"));
        site.project
            .write("d/plan.md", SMALL.replace("EP-0007", "EP-0010"));
        let (_, third) = submit("c", "far");
        let (mark, fourth) = submit("d", "near");
        assert_eq!(third, fourth, "{kind}");
        for args in [
            &["batch", "fetch", &third][..],
            &["batch", "cancel", &third, "--yes"],
        ] {
            let ran = site.run(2, args);
            assert!(ran.err.contains("several"), "{kind}: {}", ran.err);
        }
        site.wait();
        let home = site.json(0, &["batch", "fetch", &mark, "--json"]);
        assert_eq!(
            home["batches"].as_array().map(Vec::len),
            Some(1),
            "{kind}: {home}"
        );
    }
}
