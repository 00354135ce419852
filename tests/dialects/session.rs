use serde_json::Value;

use crate::spoken::{KINDS, MARKER, asked, assert_no_key, good, point};
use crate::support::mock_server::MockServer;
use crate::support::project::Project;

#[test]
fn every_dialect_ends_in_the_same_plan() {
    let mut plans = Vec::new();
    for kind in KINDS {
        let mut project = Project::small();
        let server = MockServer::of(&project, &format!("description = \"good\"\n{}", good()));
        point(&mut project, &server, kind, "m");
        let ran = project.run(&["run", "plan.md", "--unattended", "--attest"]);
        assert_eq!(ran.code, 0, "{kind}\n{}\n{}", ran.out, ran.err);
        assert!(ran.err.contains("→ sent to served (m)"), "{kind}\n{}", ran.err);
        let requests = asked(&server, "m");
        let told: Vec<[&Value; 3]> = requests
            .iter()
            .map(|request| [&request["dialect"], &request["step"], &request["stream"]])
            .collect();
        let (one, two, yes, kind) = (
            Value::from("1.1"),
            Value::from("1.2"),
            Value::from(true),
            Value::from(kind),
        );
        assert_eq!(told, [[&kind, &one, &yes], [&kind, &two, &yes]]);
        assert_no_key("stdout", ran.out.as_bytes());
        assert_no_key("stderr", ran.err.as_bytes());
        crate::spoken::assert_unseen(&project.state());
        crate::spoken::assert_unseen(&project.root());
        plans.push((
            project.read("plan.md"),
            project.read("one.txt"),
            project.read("two.txt"),
        ));
    }
    assert!(!plans[0].0.contains("- [ ]"), "{}", plans[0].0);
    assert!(plans.iter().all(|plan| *plan == plans[0]), "{plans:?}");
}

#[test]
fn the_body_that_is_printed_is_the_one_that_is_sent() {
    for kind in KINDS {
        let mut project = Project::small();
        let server = MockServer::of(&project, &format!("description = \"good\"\n{}", good()));
        point(&mut project, &server, kind, "m");
        let printed = project.run(&["prompt", "plan.md", "1.1", "--body"]);
        assert_eq!(printed.code, 0, "{kind}\n{}", printed.err);
        let ran = project.run(&["run", "plan.md", "--unattended", "--until", "1.1"]);
        assert_eq!(ran.code, 0, "{kind}\n{}", ran.err);
        let requests = asked(&server, "m");
        assert_eq!(requests.len(), 1);
        let printed: Value = serde_json::from_str(&printed.out).unwrap();
        assert_eq!(requests[0]["body"], printed, "{kind}");
    }
}

/// The search for the key must be able to find it.
#[test]
#[should_panic(expected = "a text")]
fn the_key_would_be_found() {
    assert_no_key("a text", format!("key={MARKER}").as_bytes());
}
