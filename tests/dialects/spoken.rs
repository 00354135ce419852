use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::support::mock_server::MockServer;
use crate::support::project::{Project, reply_with};

/// The kinds of endpoints that are reached by HTTP.
pub(crate) const KINDS: [&str; 4] = ["openai", "openai-responses", "anthropic", "ollama"];

/// A key that must never be seen again. It has no real one's form, which the mock would refuse.
pub(crate) const MARKER: &str = "test-marker/0123456789+abcdef";

/// Rules that answer both steps of the small plan.
pub(crate) fn good() -> String {
    ["1.1 one.txt one", "1.2 two.txt two"]
        .map(|rule| {
            let words: Vec<&str> = rule.split(' ').collect();
            let reply = reply_with(words[1], words[2]);
            format!(
                "[[rule]]\ndescription = \"answers {}\"\nwhen = {{ step = \"{}\" }}\n[[rule.reply]]\ntext = '''\n{reply}'''\n",
                words[0], words[0]
            )
        })
        .concat()
}

/// Points the project at the server, in a dialect, with the key.
pub(crate) fn point(project: &mut Project, server: &MockServer, kind: &str, model: &str) {
    let base = match kind {
        "openai" | "openai-responses" => format!("{}/v1", server.url),
        _ => server.url.clone(),
    };
    project.set("MARKER_KEY", MARKER);
    project.configure(&format!(
        "default = \"served\"\n[endpoint.served]\nkind = \"{kind}\"\nurl = \"{base}\"\nmodel = \"{model}\"\nkey_env = \"MARKER_KEY\"\nretry_wait = 0.01\n"
    ));
}

/// What the server was asked for with this model.
pub(crate) fn asked(server: &MockServer, model: &str) -> Vec<Value> {
    let requests = server.requests();
    let all = requests["requests"].as_array().unwrap();
    let of_model = all.iter().filter(|request| request["model"] == model);
    of_model.cloned().collect()
}

/// Fails when the key stands in a file below `folder`, plain, in base64 or URL-encoded.
pub(crate) fn assert_unseen(folder: &Path) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            assert_unseen(&path);
        } else {
            assert_no_key(&path.display().to_string(), &fs::read(&path).unwrap());
        }
    }
}

/// Fails when the key stands in `bytes`.
pub(crate) fn assert_no_key(what: &str, bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    // The marker in the middle of any form, and the beginning of its base64.
    for form in ["marker", "dGVzdC1tYXJrZXIv"] {
        assert!(!text.contains(form), "{what}: {text}");
    }
}
