use serde_json::Value;

use crate::cutter::{Cutter, Fate};
use crate::support::ledgers::age;
use crate::support::mock_server::MockServer;
use crate::support::project::{Project, Ran, SMALL, reply_with};

/// The key of the tests; no real one has its form.
pub(crate) const KEY: &str = "test-key-0123456789";

/// The kinds of endpoints that have a batch engine.
pub(crate) const KINDS: [&str; 3] = ["openai", "openai-responses", "anthropic"];

/// Submits what may run now, each request as a batch of its own.
pub(crate) const APART: [&str; 7] = ["batch", "submit", ".", "--yes", "--json", "--max-requests", "1"];

/// The small plan, and the [second](Site::second_plan) one.
pub(crate) const PLANS: [&str; 2] = ["plan.md", "other/plan.md"];

/// A project whose endpoint is a mock server.
pub(crate) struct Site {
    pub(crate) project: Project,
    pub(crate) server: MockServer,
    pub(crate) kind: &'static str,
}

/// A scenario that answers both steps of the small plan; `more` comes before the rules.
pub(crate) fn scenario(more: &str) -> String {
    let rule = |step: &str, path: &str, text: &str| {
        let reply = reply_with(path, text);
        format!(
            "[[rule]]\ndescription = \"answers {step}\"\nwhen = {{ step = \"{step}\" }}\n[[rule.reply]]\ntext = '''\n{reply}'''\n"
        )
    };
    let rules = rule("1.1", "one.txt", "one") + &rule("1.2", "two.txt", "two");
    format!("description = \"for a test\"\n{more}\n{rules}")
}

impl Site {
    /// The small plan, and a server that answers it.
    pub(crate) fn new(kind: &'static str) -> Self {
        Self::of(kind, &scenario(""))
    }

    /// The small plan, and a server with this scenario.
    pub(crate) fn of(kind: &'static str, scenario: &str) -> Self {
        let project = Project::small();
        let server = MockServer::of(&project, scenario);
        // It is no part of what is submitted.
        std::fs::remove_file(project.root().join("scenario.toml")).unwrap();
        let mut site = Self {
            project,
            server,
            kind,
        };
        let url = site.server.url.clone();
        site.point(&url, "");
        site
    }

    /// Two plans, and a server that answers them behind a cutter that lets everything pass.
    pub(crate) fn behind_cutter(kind: &'static str) -> (Self, Cutter) {
        let mut site = Self::new(kind);
        site.second_plan();
        let cutter = Cutter::before(site.server.port, |_, _| Fate::Pass);
        site.point(&cutter.url, "");
        (site, cutter)
    }

    /// Points the endpoint at an address, without a path.
    pub(crate) fn point(&mut self, url: &str, more: &str) {
        let path = if self.kind == "anthropic" { "" } else { "/v1" };
        self.project.set("BATCH_KEY", KEY);
        self.project.configure(&format!(
            "default = \"far\"\n[endpoint.far]\nkind = \"{}\"\nurl = \"{url}{path}\"\nmodel = \"m\"\nkey_env = \"BATCH_KEY\"\nretry_wait = 0.01\n{more}\n",
            self.kind
        ));
    }

    /// Runs a command, which must end with a code; no key is ever shown.
    pub(crate) fn run(&self, code: i32, args: &[&str]) -> Ran {
        let ran = self.project.run(args);
        assert_eq!(ran.code, code, "{} {args:?}\n{}\n{}", self.kind, ran.out, ran.err);
        assert!(!format!("{}{}", ran.out, ran.err).contains(KEY));
        ran
    }

    /// Runs a command that prints a document.
    pub(crate) fn json(&self, code: i32, args: &[&str]) -> Value {
        serde_json::from_str(&self.run(code, args).out).unwrap()
    }

    /// Submits what may run now.
    pub(crate) fn submit(&self) -> Value {
        self.json(0, &["batch", "submit", ".", "--yes", "--json"])
    }

    /// Submits what may run now, each request as a batch of its own.
    pub(crate) fn submit_apart(&self, code: i32) -> Ran {
        self.run(code, &APART)
    }

    /// How the batches fare that are out.
    pub(crate) fn status(&self, code: i32) -> Vec<Value> {
        let told = self.json(code, &["batch", "status", "--json"]);
        told["batches"].as_array().unwrap().clone()
    }

    /// Makes everything on record about batches this much older.
    pub(crate) fn age(&self, by: jiff::SignedDuration) {
        age(&self.project.state(), by);
    }

    /// Has the server look at all its batches until they have ended, also at those that nobody knows to be ours.
    pub(crate) fn end_all(&self) {
        self.batches()
            .iter()
            .for_each(|batch| self.end(batch["id"].as_str().unwrap()));
    }

    /// Has the server look at a batch until it has ended.
    pub(crate) fn end(&self, id: &str) {
        for _ in 0..4 {
            self.server.ask("GET", &format!("{}/{id}", self.place()), "");
        }
    }

    /// Where the server has its batches.
    pub(crate) fn place(&self) -> &'static str {
        match self.kind {
            "anthropic" => "/v1/messages/batches",
            _ => "/v1/batches",
        }
    }

    /// Looks until every batch has ended.
    pub(crate) fn wait(&self) {
        self.run(0, &["batch", "status", "--watch", "--every", "0.01"]);
    }

    /// Brings everything home that has ended.
    pub(crate) fn fetch(&self, code: i32) -> Value {
        self.json(code, &["batch", "fetch", "--json"])
    }

    /// The batches that the server has.
    pub(crate) fn batches(&self) -> Vec<Value> {
        let heard = self.server.ask("GET", self.place(), "");
        heard.json()["data"].as_array().unwrap().clone()
    }

    /// How often the server was asked for something, by method and path.
    pub(crate) fn asked(&self, method: &str, path: &str) -> usize {
        let requests = self.server.requests();
        let requests = requests["requests"].as_array().unwrap();
        let is_it = |request: &&Value| request["method"] == method && request["path"] == path;
        requests.iter().filter(is_it).count()
    }

    /// How many requests went to the model itself.
    pub(crate) fn sent_alone(&self) -> usize {
        let paths = ["/v1/chat/completions", "/v1/responses", "/v1/messages"];
        paths.iter().map(|path| self.asked("POST", path)).sum()
    }

    /// What the journal says of a step, but for sessions.
    pub(crate) fn log(&self, step: &str) -> Vec<String> {
        let ran = self.run(0, &["log", "plan.md", step]);
        // The time of day stands first.
        ran.out
            .lines()
            .map(|line| line.split_once("  ").unwrap().1.to_owned())
            .collect()
    }

    /// A second plan beside the first, with an id of its own. It names another file, so that what the first one makes is
    /// no change of what its prompt shows.
    pub(crate) fn second_plan(&self) {
        let plan = SMALL
            .replace("EP-0007", "EP-0008")
            .replace("- `one.txt` (new)", "- `eight.txt` (new)");
        self.project.write(PLANS[1], plan);
    }

    /// The first step of either plan has had one reply.
    pub(crate) fn received_once(&self, case: &str) {
        for plan in PLANS {
            let log = self.run(0, &["log", plan, "1.1"]).out;
            assert_eq!(log.matches("received").count(), 1, "{case}: {log}");
        }
    }

    /// Runs the first step of either plan.
    pub(crate) fn run_both(&self) {
        for plan in PLANS {
            self.run(0, &["run", plan, "--unattended", "--until", "1.1"]);
        }
    }
}
