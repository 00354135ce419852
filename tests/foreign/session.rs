use crate::support::project::{Project, Ran};

/// The key of the tests; no real one has its form.
pub(crate) const KEY: &str = "test-key-0123456789";

/// An endpoint of another's server.
pub(crate) struct Served<'a> {
    pub(crate) kind: &'a str,
    /// Without a path.
    pub(crate) url: &'a str,
    pub(crate) model: &'a str,
}

impl Served<'_> {
    /// Points a project at it.
    pub(crate) fn point(&self, project: &mut Project) {
        let path = match self.kind {
            "openai" | "openai-responses" => "/v1",
            _ => "",
        };
        project.set("FOREIGN_KEY", KEY);
        project.configure(&format!(
            "default = \"foreign\"\n[endpoint.foreign]\nkind = \"{}\"\nurl = \"{}{path}\"\nmodel = \"{}\"\nkey_env = \"FOREIGN_KEY\"\nretry_wait = 0.01\n",
            self.kind, self.url, self.model
        ));
    }

    /// Runs the small plan to its end: what the plan and the files of its two steps are then.
    pub(crate) fn run(&self) -> [String; 3] {
        let mut project = Project::small();
        self.point(&mut project);
        let ran = project.run(&["run", "plan.md", "--unattended", "--attest", "--json"]);
        assert_eq!(
            ran.code, 0,
            "{} {}\n{}\n{}",
            self.kind, self.model, ran.out, ran.err
        );
        // It came in pieces, and was shown as it came.
        let pieces = ran.out.lines().filter(|line| line.contains(r#""event":"text""#));
        assert!(pieces.count() > 2, "{} does not stream:\n{}", self.kind, ran.out);
        assert!(!format!("{}{}", ran.out, ran.err).contains(KEY));
        ["plan.md", "one.txt", "two.txt"].map(|path| project.read(path))
    }

    /// Runs the small plan and fails: how that went, and that the plan is as it was.
    pub(crate) fn fail(&self) -> Ran {
        let mut project = Project::small();
        self.point(&mut project);
        let before = project.read("plan.md");
        let ran = project.run(&["run", "plan.md", "--unattended"]);
        assert_eq!(project.read("plan.md"), before, "{}", ran.err);
        ran
    }
}

/// What the small plan comes to when it is done.
pub(crate) fn assert_done(done: &[String; 3]) {
    let [plan, one, two] = done;
    assert!(!plan.contains("- [ ]"), "{plan}");
    assert!(plan.contains("- [x] Write one") && plan.contains("- [x] Two is there"));
    assert_eq!((one.as_str(), two.as_str()), ("one\n", "two\n"));
}
