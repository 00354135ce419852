//! A marker key is found nowhere: not in standard output or error, not in the journal, the blobs, the logs.

use std::fs;
use std::path::Path;

use base64::Engine as _;

use super::secret_service::SecretService;
use super::support::mock_server::MockServer;
use super::support::project::{Project, Ran, reply_with};
use super::support::wire_server::{Act, Script, WireServer, delta, reply, response, send, stream_head};

pub(crate) const MARKER: &str = "sk-MaRkEr/0123+456789abcdef";
const IN_QUERY: &str = "q-MaRkEr-0123456789";

/// What no output may hold: the marker in every form that it may be written in.
fn forms() -> Vec<String> {
    let base64 = base64::engine::general_purpose::STANDARD;
    vec![
        "MaRkEr".to_owned(),
        base64.encode(MARKER),
        base64.encode(format!("user:{MARKER}")),
        MARKER.replace('/', "%2F").replace('+', "%2B"),
        MARKER.replace('/', "%2f").replace('+', "%2b"),
        base64.encode(IN_QUERY),
    ]
}

#[track_caller]
pub(crate) fn assert_clean(what: &str, bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    for form in forms() {
        assert!(!text.contains(&form), "{what} holds `{form}`: {text}");
    }
}

#[track_caller]
pub(crate) fn assert_folder_clean(folder: &Path) -> usize {
    let mut files = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files += assert_folder_clean(&path);
        } else {
            assert_clean(&path.display().to_string(), &fs::read(&path).unwrap());
            files += 1;
        }
    }
    files
}

#[track_caller]
fn assert_ran_clean(what: &str, ran: &Ran) {
    assert_clean(&format!("standard output of {what}"), ran.out.as_bytes());
    assert_clean(&format!("standard error of {what}"), ran.err.as_bytes());
}

/// Where the key is.
const PLACES: [(&str, &str); 3] = [
    ("environment", "key_env = \"LOCAL_KEY\""),
    ("keyring", "key = \"keyring\""),
    ("command", "key_command = [\"cat\", \"KEY_FILE\"]"),
];

/// A plan whose endpoint has the marker for a key in one place, and another in its URL.
fn project(url: &str, settings: &str, keyring: &SecretService) -> Project {
    let mut project = Project::small();
    let key = project.home().join("key");
    fs::write(&key, format!("{MARKER}\n")).unwrap();
    let settings = settings.replace("KEY_FILE", &key.display().to_string());
    project.configure(&format!(
        "default = \"local\"\n[endpoint.local]\nkind = \"openai\"\nurl = \"{url}?token={IN_QUERY}&api-version=2024-10-21-preview\"\nmodel = \"m\"\nretry_wait = 0.01\nidle_timeout = 20\n{settings}\n"
    ));
    project.set("DBUS_SESSION_BUS_ADDRESS", &keyring.address());
    if settings.starts_with("key_env") {
        project.set("LOCAL_KEY", MARKER);
    }
    project
}

fn give(keyring: &SecretService, project: &Project) {
    use std::io::Write as _;
    let mut child = project
        .command(&["key", "set", "local"])
        .stdin(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(MARKER.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_clean("standard error of key set", &output.stderr);
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    assert_eq!(keyring.names(), ["local"]);
}

/// Everything about the key that a server knows, as a bad server says it again.
fn echo() -> String {
    let base64 = base64::engine::general_purpose::STANDARD;
    let encoded = MARKER.replace('/', "%2F").replace('+', "%2B");
    format!(
        "Bearer {MARKER} {} Basic {} {encoded} {} {IN_QUERY}",
        base64.encode(MARKER),
        base64.encode(format!("user:{MARKER}")),
        encoded.to_lowercase().replace("marker", "MaRkEr"),
    )
}

fn error(status: u16) -> Script {
    let body = serde_json::json!({"error": {"message": format!("wrong: {}", echo()), "type": "invalid_request_error"}});
    let request_id = echo();
    let headers = [
        ("content-type", "application/json"),
        ("x-request-id", request_id.as_str()),
    ];
    response(status, &headers, &body.to_string())
}

fn faults() -> Vec<(&'static str, Vec<Script>, i32)> {
    let whole = reply_with("one.txt", &format!("one {}", echo()));
    let halves = MARKER.split_at(9);
    let truncated: Script = vec![
        stream_head(),
        delta(&format!("a {}", halves.0)),
        delta(halves.1),
        delta(&echo()),
    ];
    let page = format!("<html>{}</html>", echo());
    let bad_event: Vec<Act> = vec![stream_head(), send(&format!("data: {{{}\n\n", echo()))];
    vec![
        (
            "success",
            vec![
                reply(&reply_with("one.txt", "one")),
                reply(&reply_with("two.txt", "two")),
            ],
            0,
        ),
        (
            "echoed in a file",
            vec![reply(&whole), reply(&reply_with("two.txt", "two"))],
            0,
        ),
        ("401", vec![error(401)], 6),
        ("404", vec![error(404)], 6),
        ("500", vec![error(500), error(500), error(500)], 7),
        ("truncated", vec![truncated], 7),
        (
            "a page",
            vec![response(200, &[("content-type", "text/html")], &page)],
            7,
        ),
        ("malformed", vec![bad_event], 7),
        (
            "redirected",
            vec![response(
                302,
                &[("location", &format!("https://x.example/{}", MARKER))],
                "",
            )],
            7,
        ),
    ]
}

#[test]
fn the_marker_is_found_nowhere() {
    for (place, settings) in PLACES {
        let keyring = SecretService::start();
        for (index, (what, scripts, code)) in faults().into_iter().enumerate() {
            let what = format!("{what}, key in {place}");
            let server = WireServer::start(scripts);
            let project = project(&server.url(), settings, &keyring);
            if place == "keyring" && index == 0 {
                give(&keyring, &project);
            }
            let json = if index % 2 == 0 { "--json" } else { "--unattended" };
            let args = ["run", "plan.md", "--unattended", "--attest", "--attempts=1", json];
            let args: Vec<&str> = if json == "--json" {
                args.to_vec()
            } else {
                args[..5].to_vec()
            };
            let ran = project.run(&args);
            assert_eq!(ran.code, code, "{what}: {}", ran.err);
            assert_ran_clean(&what, &ran);
            let sent = server.requests();
            assert_eq!(
                sent[0].header("authorization"),
                Some(format!("Bearer {MARKER}").as_str()),
                "{what}"
            );
            assert!(
                sent[0].path.contains(IN_QUERY) && sent[0].path.ends_with("api-version=2024-10-21-preview")
            );
            assert!(assert_folder_clean(&project.state()) > 2, "{what}");
            assert_clean(&what, project.read("plan.md").as_bytes());
            if let Ok(bytes) = fs::read(project.root().join("one.txt")) {
                assert_clean(&what, &bytes);
            }
            for args in [
                &["log", "plan.md"][..],
                &["log", "plan.md", "--json"],
                &["status", "plan.md"],
            ] {
                assert_ran_clean(&what, &project.run(args));
            }
        }
    }
}

#[test]
fn no_command_about_endpoints_and_keys_shows_it() {
    for (place, settings) in PLACES {
        let keyring = SecretService::start();
        let server = WireServer::start([reply(&echo()), error(401), error(500), error(500), error(500)]);
        let project = project(&server.url(), settings, &keyring);
        if place == "keyring" {
            give(&keyring, &project);
        }
        for args in [
            &["endpoint", "list"][..],
            &["endpoint", "list", "--json"],
            &["key", "list"],
            &["key", "list", "--json"],
            &["endpoint", "test"],
            &["endpoint", "test"],
            &["endpoint", "test", "--json"],
            &["prompt", "plan.md", "1.1", "--body"],
            &["check", "plan.md", "1.1", "--unattended"],
            &["endpoint", "add", "local", "--kind=manual"],
            &["endpoint", "remove", "local"],
            &["key", "remove", "local"],
        ] {
            assert_ran_clean(&format!("{args:?}, key in {place}"), &project.run(args));
        }
        assert_eq!(server.requests().len(), 5);
    }
}

#[test]
fn the_log_of_the_mock_server_does_not_hold_it() {
    let keyring = SecretService::start();
    let scratch = Project::new();
    let scenario =
        "description = \"d\"\n[[rule]]\ndescription = \"r\"\nwhen = {}\n[[rule.reply]]\ntext = \"ready\"\n";
    scratch.write("scenario.toml", scenario);
    let server = MockServer::start(&scratch, &["scenario.toml", "--log", "log.jsonl"]);
    let project = project(&format!("{}/v1", server.url), PLACES[0].1, &keyring);
    let ran = project.run(&["endpoint", "test"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert_ran_clean("endpoint test", &ran);
    let log = scratch.read("log.jsonl");
    assert!(log.contains("/v1/chat/completions"), "{log}");
    assert_clean("the log", log.as_bytes());
}

#[test]
fn what_never_met_the_client_is_clean_at_the_door() {
    for (place, settings) in PLACES {
        let keyring = SecretService::start();
        let attempt = || reply(&reply_with("one.txt", "one"));
        let server = WireServer::start([attempt(), attempt()]);
        let mut project = project(&server.url(), settings, &keyring);
        if place == "keyring" {
            give(&keyring, &project);
        }
        // The key is in a file that the check prints, and, for the journal, it is what the user is called.
        let plan = project
            .read("plan.md")
            .replace("grep -q one one.txt", "cat \"$HOME/key\"; false");
        project.write("plan.md", plan);
        project.set("USER", MARKER);
        let ran = project.run(&["run", "plan.md", "--unattended", "--attest", "--attempts=2"]);
        assert_eq!(ran.code, 4, "{}", ran.err);
        assert!(ran.err.contains("[key]"), "the check printed it: {}", ran.err);
        assert_ran_clean(&format!("a check, key in {place}"), &ran);
        assert!(assert_folder_clean(&project.state()) > 2);
        let journal = fs::read_dir(project.state())
            .unwrap()
            .flat_map(|entry| fs::read(entry.unwrap().path().join("journal")));
        assert!(
            journal
                .flatten()
                .collect::<Vec<u8>>()
                .windows(12)
                .any(|text| text == b"user\":\"[key]")
        );
        // The second prompt tells what the first check printed.
        let requests = server.requests();
        assert_eq!(requests.len(), 2);
        assert!(String::from_utf8_lossy(&requests[1].body).contains("[key]"));
        assert_clean("the second prompt", &requests[1].body);
    }
}

#[test]
fn a_key_in_the_body_and_the_password_of_any_proxy_are_found_nowhere() {
    let mut project = Project::small();
    project.configure(
        "default = \"helper\"\n[endpoint.helper]\nkind = \"command\"\ncommand = [\"bash\", \"-c\", 'cat >/dev/null; echo \"$HTTPS_PROXY $all_proxy $EXTRA\"; echo one >one.txt']\nenv = [\"EXTRA\"]\n[endpoint.local]\nkind = \"openai\"\nurl = \"http://127.0.0.1:1/v1\"\nmodel = \"m\"\n[endpoint.local.body]\nextra = [{ api_key = \"b-MaRkEr-0123456789\", sort = 1 }]\n",
    );
    project.set("HTTPS_PROXY", "http://me:pw%2fMaRkEr0123@proxy.invalid:3128");
    project.set("all_proxy", "me:pw-MaRkEr-4567@proxy.invalid:1080");
    project.set("EXTRA", "pw/MaRkEr0123 and b-MaRkEr-0123456789");
    let plan = project.read("plan.md");
    let check = "env | grep -i proxy; grep -q one one.txt";
    project.write("plan.md", plan.replace("grep -q one one.txt", check));
    for args in [
        &["endpoint", "list"][..],
        &["endpoint", "list", "--json"],
        &["prompt", "plan.md", "1.1", "--body", "--endpoint", "local"],
        &["run", "plan.md", "--until", "1.1", "--unattended", "--attest"],
        &["log", "plan.md"],
    ] {
        let ran = project.run(args);
        assert_eq!(ran.code, 0, "{args:?}: {}", ran.err);
        assert_ran_clean(&format!("{args:?}"), &ran);
        if args[0] == "prompt" {
            assert!(
                ran.out.contains(r#""extra":[{"api_key":"[key]","sort":1}]"#),
                "{}",
                ran.out
            );
        }
        if args[0] == "run" {
            assert!(
                ran.err.contains("http://me:[key]@proxy.invalid:3128"),
                "{}",
                ran.err
            );
        }
    }
    assert!(assert_folder_clean(&project.state()) > 2);
}
