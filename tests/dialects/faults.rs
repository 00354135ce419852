use crate::spoken::{KINDS, asked, assert_no_key, assert_unseen, point};
use crate::support::mock_server::MockServer;
use crate::support::project::{Project, SMALL};

/// Model, exit code, requests, and how the failure begins.
type Case = (&'static str, i32, usize, &'static str);

const CASES: [Case; 14] = [
    (
        "e401",
        6,
        1,
        "error[key-refused]: endpoint `served` refused the key from environment variable `MARKER_KEY`: HTTP 401",
    ),
    (
        "e402",
        6,
        1,
        "error[quota]: endpoint `served` says that money or quota is used up: HTTP 402",
    ),
    (
        "e404",
        6,
        1,
        "error[no-model]: endpoint `served` has no such model or path: HTTP 404",
    ),
    (
        "e413",
        8,
        1,
        "error[too-large]: the request is too large for endpoint `served` (",
    ),
    (
        "e429",
        7,
        3,
        "error[endpoint-failed]: endpoint `served` failed: HTTP 429",
    ),
    (
        "e529",
        7,
        3,
        "error[endpoint-failed]: endpoint `served` failed: HTTP 529",
    ),
    (
        "hour",
        7,
        1,
        "error[endpoint-failed]: endpoint `served` failed: HTTP 429",
    ),
    (
        "event",
        7,
        1,
        "error[endpoint-failed]: endpoint `served` failed: an error after 8 bytes of text",
    ),
    (
        "chunk",
        7,
        1,
        "error[cut]: the reply of endpoint `served` broke off after",
    ),
    (
        "end",
        7,
        1,
        "error[cut]: the reply of endpoint `served` broke off after",
    ),
    (
        "json",
        7,
        1,
        "error[malformed]: the reply of endpoint `served` cannot be read after",
    ),
    (
        "html",
        7,
        1,
        "error[wrong-type]: endpoint `served` answered with `text/html` instead of",
    ),
    (
        "length",
        8,
        1,
        "error[reply-unusable]: the reply was cut at the model's limit of tokens",
    ),
    (
        "refusal",
        8,
        1,
        "error[reply-unusable]: the model refused to answer",
    ),
];

const SCENARIO: &str = r#"
description = "one fault a model"

[[rule]]
description = "a refusal that names the key"
when = { model = "e401" }
reply = [{ error = { status = 401, message = "Incorrect API key provided: test-marker/0123456789+abcdef" } }]

[[rule]]
description = "nothing left to spend"
when = { model = "e402" }
reply = [{ error = { status = 402, message = "pay first" } }]

[[rule]]
description = "no such model"
when = { model = "e404" }
reply = [{ error = { status = 404, message = "there is no such model" } }]

[[rule]]
description = "too large"
when = { model = "e413" }
reply = [{ error = { status = 413, message = "too large" } }]

[[rule]]
description = "too many requests"
when = { model = "e429" }
reply = [{ error = { status = 429, message = "slow down" } }]

[[rule]]
description = "overloaded"
when = { model = "e529" }
reply = [{ error = { status = 529, message = "busy" } }]

[[rule]]
description = "come again in an hour"
when = { model = "hour" }
reply = [{ error = { status = 429, message = "slow down", retry_after = "1h" } }]

[[rule]]
description = "an error after 200"
when = { model = "event" }
reply = [{ text = "Done. And more, and more, and more.", fault = { error_event = { after_chunks = 2, status = 529, message = "busy" } }, pace = { flush = true, chunk = 1 } }]

[[rule]]
description = "cut in the middle"
when = { model = "chunk" }
reply = [{ text = "Done. And more, and more, and more.", fault = { cut = { after_chunks = 2 } } }]

[[rule]]
description = "all but the end"
when = { model = "end" }
reply = [{ text = "Done.\n\n```text path=one.txt\none\n```\n", cut = true }]

[[rule]]
description = "not JSON"
when = { model = "json" }
reply = [{ text = "Done. And more, and more, and more.", fault = { malformed = { chunk = 1, what = "json" } } }]

[[rule]]
description = "a page"
when = { model = "html" }
reply = [{ text = "<html>", fault = { content_type = "text/html" } }]

[[rule]]
description = "too long"
when = { model = "length" }
reply = [{ text = "Done.\n\n```text path=one.txt\none\n```\n", finish = "length" }]

[[rule]]
description = "declined"
when = { model = "refusal" }
reply = [{ text = "I would rather not.", finish = "refusal" }]

[[rule]]
description = "too many requests, once"
when = { model = "once" }
[[rule.reply]]
error = { status = 429, message = "slow down" }
[[rule.reply]]
text = "Done.\n\n```text path=one.txt\none\n```\n"
"#;

fn every_fault(kind: &str) {
    let home = Project::new();
    let server = MockServer::of(&home, SCENARIO);
    for (model, code, count, expected) in CASES {
        // Ollama has no word for a reply that was declined.
        if kind == "ollama" && model == "refusal" {
            continue;
        }
        let mut project = Project::small();
        point(&mut project, &server, kind, model);
        let ran = project.run(&["run", "plan.md", "--unattended", "--attest"]);
        let told = format!("{kind} {model}\n{}\n{}", ran.out, ran.err);
        assert_eq!(ran.code, code, "{told}");
        assert!(ran.err.contains(expected), "{told}");
        assert_eq!(asked(&server, model).len(), count, "{told}");
        assert_eq!(project.read("plan.md"), SMALL, "{told}");
        assert!(!project.root().join("one.txt").exists(), "{told}");
        assert_no_key(model, told.as_bytes());
        assert_unseen(&project.state());
    }
    let mut project = Project::small();
    point(&mut project, &server, kind, "once");
    let ran = project.run(&["run", "plan.md", "--unattended", "--until", "1.1"]);
    let told = format!("{kind} once\n{}\n{}", ran.out, ran.err);
    assert_eq!(ran.code, 0, "{told}");
    assert!(
        ran.err.contains("retry endpoint `served` failed: HTTP 429"),
        "{told}"
    );
    assert_eq!(asked(&server, "once").len(), 2, "{told}");
    assert_eq!(project.read("one.txt"), "one\n");
}

#[test]
fn each_fault_in_chat_completions() {
    every_fault(KINDS[0]);
}

#[test]
fn each_fault_in_responses() {
    every_fault(KINDS[1]);
}

#[test]
fn each_fault_in_messages() {
    every_fault(KINDS[2]);
}

#[test]
fn each_fault_in_ollamas_lines() {
    every_fault(KINDS[3]);
}
