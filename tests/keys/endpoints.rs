//! `endpoint list`, `add`, `test` and `remove` with the real binary.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use serde_json::{Value, json};

use super::support::project::Project;
use super::support::pty::ENTER;
use super::support::wire_server::{WireServer, reply, response};

fn config(project: &Project) -> String {
    fs::read_to_string(project.home().join(".config/stepgate/config.toml")).unwrap()
}

#[test]
fn every_value_is_listed_with_where_it_came_from() {
    let mut project = Project::new();
    project.configure(
        "[endpoint.azure]\nkind = \"openai\"\nurl = \"https://x.example/openai/deployments/d?api-version=1\"\nmodel = \"m\"\nkey_env = \"AZURE_KEY\"\nkey_header = \"api-key\"\nheaders = { X-Title = \"secret-title-1\" }\nprice = { input = 1, output = 2 }\n[endpoint.azure.body]\ntemperature = 0.5\n",
    );
    project.set("STEPGATE_ENDPOINT", "azure");
    project.set("HTTPS_PROXY", "http://me:pass-word-123@proxy.example:3128");
    let ran = project.run(&["endpoint", "list", "--insecure-http"]);
    let file = project.home().join(".config/stepgate/config.toml");
    let out = ran.out.replace(&file.display().to_string(), "FILE");
    let expected = "\
azure (openai), `FILE:1`; the default, by environment variable `STEPGATE_ENDPOINT`
  url              https://x.example/openai/deployments/d?…  `FILE:3`
  model            m                                         `FILE:4`
  key_env          AZURE_KEY                                 `FILE:5`
  key_header       api-key                                   `FILE:6`
  headers.X-Title  (not shown)                               `FILE:7`
  body.temperature  0.5                                       `FILE:10`
  insecure_http    true                                      `--insecure-http`
  connect_timeout  10 s                                      built in
  header_timeout   60 s                                      built in
  idle_timeout     120 s                                     built in
  retry_wait       0.5 s                                     built in
  retries          2                                         built in
  body_limit       16777216                                  built in
  proxy            http://proxy.example:3128                 environment variable `HTTPS_PROXY`
  price            input 1, cached 1, output 2               `FILE:8`
manual (manual), built in
";
    // Only the columns are of no interest here.
    let squeeze = |text: &str| {
        text.split(' ')
            .filter(|word| !word.is_empty())
            .collect::<Vec<_>>()
            .join(" ")
    };
    assert_eq!((ran.code, squeeze(&out)), (0, squeeze(expected)), "{}", ran.err);
    let ran = project.run(&["endpoint", "list", "--json"]);
    let document: Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(document["schema"], "stepgate.endpoints/1");
    assert_eq!(
        document["default"],
        json!({"name": "azure", "origin": {"from": "variable", "name": "STEPGATE_ENDPOINT"}})
    );
    let azure = &document["endpoints"][0];
    assert_eq!(
        (&azure["name"], &azure["kind"], &azure["default"]),
        (&json!("azure"), &json!("openai"), &json!(true))
    );
    let path = file.display().to_string();
    assert_eq!(
        azure["settings"][1],
        json!({"name": "model", "value": "m", "origin": {"from": "file", "path": path, "line": 4}})
    );
    for told in [&out, &ran.out] {
        assert!(
            !told.contains("secret-title-1") && !told.contains("pass-word"),
            "{told}"
        );
    }
}

#[test]
fn an_endpoint_is_added_by_flags_and_removed_and_the_rest_of_the_file_stays() {
    let project = Project::new();
    let before = "# mine\ndefault = \"manual\" # for now\n\n[endpoint.a]   # odd\nkind = \"manual\"";
    project.configure(before);
    let path = project.home().join(".config/stepgate/config.toml");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    let ran = project.run(&[
        "endpoint",
        "add",
        "local",
        "--kind=openai",
        "--url=http://127.0.0.1:8000/v1",
        "--model=qwen",
        "--key=keyring",
        "--default",
    ]);
    assert_eq!((ran.code, ran.out.as_str()), (0, ""), "{}", ran.err);
    assert!(
        ran.err
            .contains("`stepgate key set local` puts its key into the keyring"),
        "{}",
        ran.err
    );
    let added = "\n\n[endpoint.local]\nkind = \"openai\"\nurl = \"http://127.0.0.1:8000/v1\"\nmodel = \"qwen\"\nkey = \"keyring\"\n";
    assert_eq!(
        config(&project),
        before.replace("\"manual\" #", "\"local\" #") + added
    );
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o644);
    let again = project.run(&["endpoint", "add", "local", "--kind=manual"]);
    assert_eq!(again.code, 6);
    assert!(
        again
            .err
            .starts_with("error[endpoint-there]: there is an endpoint `local` already"),
        "{}",
        again.err
    );
    let ran = project.run(&["endpoint", "remove", "local"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(
        ran.err.contains("it was the default: `manual` is now"),
        "{}",
        ran.err
    );
    assert!(
        ran.err.contains("`stepgate key remove local` takes it out"),
        "{}",
        ran.err
    );
    assert_eq!(config(&project).trim_end(), before);
    let ran = project.run(&["endpoint", "remove", "manual"]);
    assert_eq!(ran.code, 6);
    assert!(
        ran.err.contains("is built in and cannot be removed"),
        "{}",
        ran.err
    );
}

#[test]
fn without_a_terminal_what_is_missing_is_named_and_nothing_is_written() {
    let project = Project::new();
    for (args, missing) in [
        (&["x"][..], "`--kind`, `--model`"),
        (&["x", "--kind=openai"], "`--url`, `--model`"),
        (&["x", "--kind=anthropic"], "`--model`"),
        (&["x", "--kind=mock"], "`--scenario`"),
    ] {
        let ran = project.run(&[&["endpoint", "add"], args].concat());
        assert_eq!(ran.code, 5, "{}", ran.err);
        assert!(
            ran.err.contains(&format!("needs more: {missing}\n")),
            "{}",
            ran.err
        );
    }
    for (args, told) in [
        (
            &["x", "--kind=opnai", "--model=m", "--url=http://h"][..],
            "did you mean `openai`?",
        ),
        (
            &["x", "--kind=openai", "--model=m", "--url=nowhere"],
            "is not a URL",
        ),
        (&["a b", "--kind=manual"], "the name of an endpoint has up to 64"),
        (
            &["x", "--kind=anthropic", "--model=m", "--key-env=sk-marker-0123"],
            "never the key itself",
        ),
        (
            &[
                "x",
                "--kind=anthropic",
                "--model=m",
                "--key-env=gsk_marker0123marker0123",
            ],
            "never the key itself",
        ),
    ] {
        let ran = project.run(&[&["endpoint", "add"], args].concat());
        assert_eq!(ran.code, 6, "{}", ran.err);
        assert!(
            ran.err.contains(told) && !ran.err.contains("marker"),
            "{}",
            ran.err
        );
    }
    assert!(!project.home().join(".config/stepgate/config.toml").exists());
}

#[test]
fn every_setting_of_the_examples_can_be_added() {
    let mut project = Project::new();
    project.set("TEAM_TOKEN", "team-marker-0123456789");
    let add = |line: &str| {
        let args: Vec<&str> = ["endpoint", "add"].into_iter().chain(line.split(' ')).collect();
        let ran = project.run(&args);
        assert!(!ran.err.contains("marker"), "{}", ran.err);
        (ran.code, ran.err)
    };
    for line in [
        "aider --kind command --command aider --command --yes-always --command --no-git --command --message-file --command {prompt_file} --prompt file --env OPENAI_API_KEY --timeout 45m",
        "home --kind ollama --model m --num-ctx 32768 --timeout 90",
        "team --kind anthropic --model m --max-tokens 4000 --context-tokens 200000 --header X-Team=TEAM_TOKEN --price input=3,cached=0.3,output=15,currency=USD",
        "bare --kind anthropic --model m --header X-Team=team-marker-0123456789",
    ] {
        let (code, err) = add(line);
        // The second has a setting of another kind, the last a value where a name should be.
        let expected = if line.contains("--timeout 90") || line.starts_with("bare") {
            6
        } else {
            0
        };
        assert_eq!(code, expected, "{line}: {err}");
    }
    let expected = "\
[endpoint.aider]
kind = \"command\"
command = [\"aider\", \"--yes-always\", \"--no-git\", \"--message-file\", \"{prompt_file}\"]
prompt = \"file\"
env = [\"OPENAI_API_KEY\"]
timeout = \"45m\"

[endpoint.team]
kind = \"anthropic\"
model = \"m\"
context_tokens = 200000
max_tokens = 4000
price = { input = 3, cached = 0.3, output = 15, currency = \"USD\" }
headers = { X-Team = \"team-marker-0123456789\" }
";
    assert_eq!(config(&project), expected);
}

#[test]
fn at_a_terminal_ollama_is_asked_for_its_context_and_a_key_may_come_from_a_command() {
    let project = Project::new();
    let mut pty = project.terminal(&["endpoint", "add", "home", "--kind=ollama", "--model=m"]);
    pty.wait_for("its server cuts what is longer");
    pty.keys("32768");
    pty.keys(ENTER);
    pty.answer("where is its key?", 2);
    pty.wait_for("the command that prints it");
    pty.keys("pass show x");
    pty.keys(ENTER);
    pty.wait_for("`stepgate endpoint test home` sends it the smallest request");
    assert_eq!(pty.end(), 0);
    assert_eq!(
        config(&project),
        "[endpoint.home]\nkind = \"ollama\"\nmodel = \"m\"\nkey_command = [\"pass\", \"show\", \"x\"]\nnum_ctx = 32768\n"
    );
}

#[test]
fn at_a_terminal_what_is_missing_is_asked() {
    let mut project = Project::new();
    project.set(
        "XDG_CONFIG_HOME",
        &project.home().join("new").display().to_string(),
    );
    let mut pty = project.terminal(&["endpoint", "add", "claude", "--default"]);
    pty.answer("what is it?", 2);
    pty.wait_for("the model, in the provider's word");
    pty.keys("claude-sonnet-4-5");
    pty.keys(ENTER);
    pty.answer("where is its key?", 0);
    pty.wait_for("the name of the variable");
    pty.keys("MY_KEY");
    pty.keys(ENTER);
    pty.wait_for("`stepgate endpoint test claude` sends it the smallest request");
    assert_eq!(pty.end(), 0);
    let path = project.home().join("new/stepgate/config.toml");
    assert_eq!(
        fs::read_to_string(&path).unwrap(),
        "default = \"claude\"\n\n[endpoint.claude]\nkind = \"anthropic\"\nmodel = \"claude-sonnet-4-5\"\nkey_env = \"MY_KEY\"\n"
    );
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
}

fn tested(scripts: Vec<Vec<super::support::wire_server::Act>>, settings: &str) -> (Project, WireServer) {
    let server = WireServer::start(scripts);
    let mut project = Project::new();
    project.configure(&format!(
        "default = \"local\"\n[endpoint.local]\nkind = \"openai\"\nurl = \"{}\"\nmodel = \"m\"\nkey_env = \"LOCAL_KEY\"\nretry_wait = 0.01\n{settings}\n",
        server.url()
    ));
    project.set("LOCAL_KEY", "sk-marker-0123456789abcdef");
    (project, server)
}

#[test]
fn a_test_sends_the_smallest_request_and_tells_what_came() {
    let (project, server) = tested(vec![reply("ready\nindeed"), reply("ready")], "");
    let ran = project.run(&["endpoint", "test"]);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    let url = server.url();
    let begins = format!(
        "`local` (openai) answers\n  address   {url}/chat/completions\n  model     m-1\n  key       from environment variable `LOCAL_KEY`\n  reply     \"ready\\u{{a}}indeed\"\n  tokens    10 in (0 cached), 5 out\n  time      "
    );
    assert!(ran.out.starts_with(&begins), "{}", ran.out);
    assert!(ran.out.ends_with(" s in all, 1 request\n"), "{}", ran.out);
    let body: Value = serde_json::from_slice(&server.requests()[0].body).unwrap();
    assert_eq!(body["max_tokens"], 16);
    let ran = project.run(&["endpoint", "test", "local", "--json"]);
    let mut document: Value = serde_json::from_str(&ran.out).unwrap();
    for time in ["first_seconds", "seconds"] {
        assert!(
            document[time]
                .take()
                .as_f64()
                .is_some_and(|time| (0.0..60.0).contains(&time))
        );
    }
    assert_eq!(
        document,
        json!({
            "schema": "stepgate.endpoint-test/1", "endpoint": "local", "kind": "openai",
            "address": format!("{url}/chat/completions"), "model": "m-1",
            "key": {"from": "variable", "name": "LOCAL_KEY"}, "reply": "ready", "cut": false,
            "usage": {"input": 10, "cached": 0, "output": 5}, "requests": 1, "first_seconds": null, "seconds": null
        })
    );
}

#[test]
fn a_test_fails_as_a_session_would() {
    let refused = r#"{"error":{"message":"no such key","type":"invalid_request_error"}}"#;
    let (project, server) = tested(
        vec![response(401, &[("content-type", "application/json")], refused)],
        "",
    );
    let ran = project.run(&["endpoint", "test"]);
    assert_eq!((ran.code, server.requests().len()), (6, 1), "{}", ran.err);
    assert!(
        ran.err.starts_with(
            "error[key-refused]: endpoint `local` refused the key from environment variable `LOCAL_KEY`"
        ),
        "{}",
        ran.err
    );
    let (project, server) = tested((0..3).map(|_| response(500, &[], "oh")).collect(), "");
    let ran = project.run(&["endpoint", "test"]);
    assert_eq!((ran.code, server.requests().len()), (7, 3), "{}", ran.err);
    let (project, server) = tested(vec![reply("")], "");
    let ran = project.run(&["endpoint", "test"]);
    assert_eq!((ran.code, server.requests().len()), (8, 1), "{}", ran.err);
}

#[test]
fn a_server_that_does_not_take_our_limit_is_asked_without_it() {
    let refused = r#"{"error":{"message":"Unsupported parameter: 'max_tokens' is not supported with this model.","type":"invalid_request_error","param":"max_tokens","code":"unsupported_parameter"}}"#;
    let json = [("content-type", "application/json")];
    let (project, server) = tested(vec![response(400, &json, refused), reply("ready")], "");
    let ran = project.run(&["endpoint", "test"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let body: Value = serde_json::from_slice(&server.requests()[1].body).unwrap();
    assert_eq!(body.get("max_tokens"), None);
    // A limit of the user's own is theirs to mend.
    let (project, server) = tested(vec![response(400, &json, refused)], "max_tokens = 100");
    let ran = project.run(&["endpoint", "test"]);
    assert_eq!((ran.code, server.requests().len()), (7, 1), "{}", ran.err);
}

#[test]
fn what_sends_nothing_says_what_it_is() {
    let project = Project::new();
    project.mock(&[("1.1", "hello\n")]);
    let ran = project.run(&["endpoint", "test"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(
        ran.out
            .starts_with("`test` (mock) sends nothing: a model in this process answers"),
        "{}",
        ran.out
    );
    let ran = project.run(&["endpoint", "test", "manual"]);
    assert_eq!(
        (ran.code, &ran.out[..33]),
        (0, "`manual` (manual) sends nothing: "),
        "{}",
        ran.err
    );
}
