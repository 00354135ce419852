use std::os::unix::fs::PermissionsExt as _;
use std::time::Duration;

use super::*;
use crate::config::told::told;

/// A configuration file in a folder of its own, and what reading it gives.
struct Case {
    folder: tempfile::TempDir,
}

impl Case {
    fn new(text: impl AsRef<[u8]>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("config.toml"), text).unwrap();
        Self { folder }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("config.toml")
    }

    fn load_with(&self, more: &[(&str, &str)]) -> Result<Config, Failure> {
        let path = self.path();
        let own = [("STEPGATE_CONFIG", path.to_str().unwrap())];
        let environment = own.iter().chain(more).copied().collect();
        Config::load(&environment, &Flags::default())
    }

    fn load(&self) -> Result<Config, Failure> {
        self.load_with(&[])
    }

    fn refusal(&self) -> String {
        told(&self.load().unwrap_err(), self.folder.path())
    }
}

const FULL: &str = r#"
default = "local"

[endpoint.local]
kind = "openai"
url = "http://127.0.0.1:8000/v1"
model = "qwen3-coder"
key_env = "LOCAL_KEY"
max_tokens = 4_096
context_tokens = 128000
price = { input = 3, cached = 0.3, output = 15.0 }
insecure_http = true
connect_timeout = 1
header_timeout = 0.5
idle_timeout = "2m"
retry_wait = 0.25
retries = 0
body_limit = 2048
headers = { X-Title = "SECRETTITLE" }
body = { temperature = 0.5, stop = ["a"], nested = { on = true } }

[endpoint.sample]
kind = "mock"
scenario = "sub/demo.toml"
"#;

#[test]
fn every_setting_is_read_and_knows_its_line() {
    let case = Case::new(FULL);
    let config = case.load().unwrap();
    let local = &config.endpoints["local"];
    let EndpointKind::Provider(openai) = &local.kind else {
        panic!("{local:?}");
    };
    let line = |line| Origin::File {
        path: case.path().to_string_lossy().into_owned(),
        line,
    };
    assert_eq!(config.default, Traced::new("local".to_owned(), line(2)));
    assert_eq!(local.origin, line(4));
    assert_eq!(local.context_tokens, Some(Traced::new(128_000, line(10))));
    let price = crate::llm::Price {
        input: 3.0,
        cached: 0.3,
        output: 15.0,
        currency: None,
    };
    assert_eq!(local.price, Some(Traced::new(price, line(11))));
    assert_eq!(openai.shown_url(), "http://127.0.0.1:8000/v1");
    assert_eq!(openai.url.origin, line(6));
    assert_eq!(openai.model, Traced::new("qwen3-coder".to_owned(), line(7)));
    assert_eq!(openai.key_env, Some(Traced::new("LOCAL_KEY".to_owned(), line(8))));
    assert_eq!(openai.max_tokens, Some(Traced::new(4096, line(9))));
    assert_eq!(openai.insecure_http, Traced::new(true, line(12)));
    let timers = crate::config::Timers {
        connect: Traced::new(Duration::from_secs(1), line(13)),
        header: Traced::new(Duration::from_millis(500), line(14)),
        idle: Traced::new(Duration::from_secs(120), line(15)),
        retry_wait: Traced::new(Duration::from_millis(250), line(16)),
    };
    assert_eq!(openai.timers, timers);
    assert_eq!((openai.retries.value, openai.body_limit.value), (0, 2048));
    let body = serde_json::json!({"nested": {"on": true}, "stop": ["a"], "temperature": 0.5});
    let read = openai
        .body
        .iter()
        .map(|(name, value)| (name.clone(), value.value.clone()));
    assert_eq!(read.collect::<serde_json::Value>(), body);
    assert_eq!(openai.headers.len(), 1);
    assert!(!format!("{config:?}").contains("SECRETTITLE"));
    let EndpointKind::Mock { scenario } = &config.endpoints["sample"].kind else {
        panic!("{config:?}");
    };
    assert_eq!(scenario.value, case.folder.path().join("sub/demo.toml"));
    assert_eq!(config.key_variables(), ["LOCAL_KEY"]);
    assert_eq!(config.endpoint().unwrap().name, "local");
}

#[test]
fn each_fault_is_told_with_its_place_and_what_to_do() {
    let cases = [
        (
            "default = \"x\nb = 1",
            "exit 6\ntoml-syntax: not TOML: invalid basic string, expected `\"`\n  at DIR/config.toml:1:13 |default = \"x|",
        ),
        (
            "defualt = \"x\"",
            "exit 6\nunknown-key: unknown key `defualt` in the file\n  at DIR/config.toml:1:1 |defualt = ···|\n  help did you mean `default`?\n  help known here: `default`, `endpoint`",
        ),
        (
            "default = 3",
            "exit 6\nwrong-type: `default` in the file must be a text that is not empty\n  at DIR/config.toml:1:11 |default = 3|\n  found a whole number",
        ),
        (
            "endpoint = \"x\"",
            "exit 6\nwrong-type: `endpoint` must be a table\n  at DIR/config.toml:1:12 |endpoint = ···|\n  found a text",
        ),
        (
            "[endpoint.a]\nmodel = \"m\"",
            "exit 6\nmissing-key: endpoint `a` has no `kind`\n  at DIR/config.toml:1:11 |[endpoint.a]|\n  help known kinds: `openai`, `openai-responses`, `anthropic`, `ollama`, `manual`, `mock`, `command`",
        ),
        (
            "[endpoint.a]\nkind = \"opena\"",
            "exit 6\nunknown-kind: endpoint `a` is of the unknown kind `opena`\n  at DIR/config.toml:2:8 |kind = \"opena\"|\n  help did you mean `openai`?\n  help known kinds: `openai`, `openai-responses`, `anthropic`, `ollama`, `manual`, `mock`, `command`",
        ),
        (
            "[endpoint.a]\nkind = \"openai\"",
            "exit 6\nmissing-key: `[endpoint.a]` has no `url`\n  at DIR/config.toml:1:11 |[endpoint.a]|\nmissing-key: `[endpoint.a]` has no `model`\n  at DIR/config.toml:1:11 |[endpoint.a]|",
        ),
        (
            "[endpoint.a]\nkind = \"manual\"\nurl = \"http://x\"",
            "exit 6\nunknown-key: unknown key `url` in `[endpoint.a]`\n  at DIR/config.toml:3:1 |url = ··········|\n  help known here: `context_tokens`, `price`, `batch_price`, `kind`",
        ),
        (
            "[endpoint.a]\nkind = \"manual\"\nkey = \"sk-secret\"",
            "exit 6\nunknown-key: unknown key `key` in `[endpoint.a]`: a key never stands in this file\n  at DIR/config.toml:3:1 |key = ···········|\n  help name the variable that holds it: `key_env = \"VARIABLE\"`, and take the key out of this file",
        ),
        (
            "[endpoint.manual]\nkind = \"mock\"\nscenario = \"x\"",
            "exit 6\nbad-name: the endpoint `manual` is built in and can be no other kind\n  at DIR/config.toml:1:11 |[endpoint.manual]|\n  help choose another name",
        ),
        (
            "[endpoint.\"a b\"]\nkind = \"manual\"",
            "exit 6\nbad-name: the name of an endpoint has up to 64 letters, digits, `-`, `_` and `.`\n  at DIR/config.toml:1:11 |[endpoint.\"a b\"]|",
        ),
        (
            "[endpoint.a]\nkind = \"manual\"\nprice = { input = 1, outptu = 2 }",
            "exit 6\nmissing-key: `price` of endpoint `a` has no `output`\n  at DIR/config.toml:3:1 |price = · ····· · ·· ······ · · ·|\nunknown-key: unknown key `outptu` in `price` of endpoint `a`\n  at DIR/config.toml:3:22 |price = · ····· · ·· outptu · · ·|\n  help did you mean `output`?\n  help known here: `input`, `cached`, `output`, `currency`",
        ),
    ];
    for (text, expected) in cases {
        assert_eq!(Case::new(text).refusal(), expected, "{text}");
    }
}

#[test]
fn each_fault_of_a_server_is_told() {
    let cases = [
        (
            "url = \"127.0.0.1:8000\"",
            "not-a-url: `url` in `[endpoint.a]` is not a URL: relative URL without a base\n  at DIR/config.toml:4:7 |url = \"127.0.0.1:8000\"|\n  help write the base URL as the provider's own client takes it, such as `https://api.example.com/v1`",
        ),
        (
            "url = \"ftp://host\"",
            "not-a-url: `url` in `[endpoint.a]` must begin with `https://` or `http://`\n  at DIR/config.toml:4:7 |url = \"ftp://host\"|\n  help write the base URL as the provider's own client takes it, such as `https://api.example.com/v1`",
        ),
        (
            "url = \"https://me:secret@host\"",
            "not-a-url: `url` in `[endpoint.a]` holds a user name or a password\n  at DIR/config.toml:4:7 |url = ························|\n  help name a variable with `key_env` instead",
        ),
        (
            "url = true",
            "not-a-url: `url` in `[endpoint.a]` must be a text\n  at DIR/config.toml:4:7 |url = true|\n  found `true` or `false`\n  help write the base URL as the provider's own client takes it, such as `https://api.example.com/v1`",
        ),
        (
            "url = \"http://h\"\nkey_env = \"sk-secret\"",
            "wrong-type: `key_env` in `[endpoint.a]` must be the name of an environment variable\n  at DIR/config.toml:5:11 |key_env = ···········|\n  help write the variable's name, such as `key_env = \"LOCAL_KEY\"`, never the key itself",
        ),
        (
            "url = \"http://h\"\nkey_env = \"gsk_AbC123AbC123AbC123\"",
            "wrong-type: `key_env` in `[endpoint.a]` must be the name of an environment variable\n  at DIR/config.toml:5:11 |key_env = ························|\n  help write the variable's name, such as `key_env = \"LOCAL_KEY\"`, never the key itself",
        ),
        (
            "url = \"http://h\"\nheader_timeout = 0",
            "wrong-type: `header_timeout` in `[endpoint.a]` must be a time from above 0 to a day: seconds, or a text such as `\"10m\"`\n  at DIR/config.toml:5:18 |header_timeout = 0|\n  found a whole number",
        ),
        (
            "url = \"http://h\"\nretries = 11",
            "wrong-type: `retries` in `[endpoint.a]` must be a whole number from 0 to 10\n  at DIR/config.toml:5:11 |retries = 11|\n  found a whole number",
        ),
        (
            "url = \"http://h\"\nheaders = { Authorization = \"Bearer secret\" }",
            "bad-header: header `Authorization` in `headers` of `[endpoint.a]` is set by stepgate itself; a key comes from `key_env`\n  at DIR/config.toml:5:13 |headers = · Authorization · ······· ······· ·|",
        ),
        (
            "url = \"http://h\"\nheaders = { x = \"secret\\n\" }",
            "bad-header: header `x` in `headers` of `[endpoint.a]` must be a text of visible ASCII characters\n  at DIR/config.toml:5:17 |headers = · x · ·········· ·|",
        ),
        (
            "url = \"http://h\"\nbody = { stream = false }",
            "bad-body: `stream` in `body` of `[endpoint.a]` is set by stepgate itself\n  at DIR/config.toml:5:10 |body = · stream · ····· ·|",
        ),
        (
            "url = \"http://h\"\nbody = { seed = 2020-01-01 }",
            "bad-body: `seed` in `body` of `[endpoint.a]` has no counterpart in JSON\n  at DIR/config.toml:5:17 |body = · seed · ·········· ·|",
        ),
    ];
    for (text, expected) in cases {
        let text = format!("[endpoint.a]\nkind = \"openai\"\nmodel = \"m\"\n{text}\n");
        assert_eq!(
            Case::new(&text).refusal(),
            format!("exit 6\n{expected}"),
            "{text}"
        );
    }
}

#[test]
fn all_faults_are_told_at_once_in_their_order() {
    let case = Case::new("x = 1\n[endpoint.b]\nkind = \"mock\"\n[endpoint.a]\nkind = \"manual\"\ny = 1\n");
    let failure = case.load().unwrap_err();
    let lines: Vec<_> = failure
        .diagnostics
        .iter()
        .map(|one| one.place.as_ref().unwrap().line)
        .collect();
    assert_eq!(lines, [1, 2, 6]);
}

#[test]
fn what_is_no_text_shows_nothing_of_itself() {
    let expected = "exit 6\nnot-utf8: the file is not UTF-8 text\n  at DIR/config.toml:1:7 ||\n  found the byte 0xff at offset 6\n  help save the file as UTF-8";
    assert_eq!(Case::new(b"key = \xff").refusal(), expected);
    let expected = "exit 6\ntoml-syntax: not TOML: string values must be quoted, expected literal string\n  at DIR/config.toml:1:7 |key = ·········|";
    assert_eq!(Case::new("key = sk-secret").refusal(), expected);
}

#[test]
fn without_anything_it_is_manual() {
    let config = Config::load(&Environment::default(), &Flags::default()).unwrap();
    let endpoint = config.endpoint().unwrap();
    assert_eq!(
        (endpoint.name.as_str(), endpoint.kind.word()),
        ("manual", "manual")
    );
    assert_eq!(
        (&endpoint.origin, &config.default.origin),
        (&Origin::BuiltIn, &Origin::BuiltIn)
    );
    assert_eq!(config.file, None);
    assert_eq!(config.state_dir().unwrap_err().exit, Exit::LocalIo);
}

#[test]
fn flags_beat_variables_and_variables_beat_the_file() {
    let case =
        Case::new("default = \"a\"\n[endpoint.a]\nkind = \"manual\"\n[endpoint.b]\nkind = \"manual\"\n");
    let path = case.path();
    let variables = [
        ("STEPGATE_CONFIG", path.to_str().unwrap()),
        ("STEPGATE_ENDPOINT", "b"),
        ("STEPGATE_STATE_DIR", "/from/variable"),
        ("HOME", "/home"),
    ];
    let chosen = |count: usize, flags: &Flags| {
        let config = Config::load(&variables[..count].iter().copied().collect(), flags).unwrap();
        let state = config.state_dir().cloned().ok();
        (config.default.value, config.default.origin.to_string(), state)
    };
    let flags = Flags {
        endpoint: Some("manual".to_owned()),
        state_dir: Some("/from/flag".into()),
        ..Flags::default()
    };
    let state = |path: &str, origin| Some(Traced::new(PathBuf::from(path), origin));
    let variable = |name: &str| Origin::Variable(name.to_owned());
    let file = format!("`{}:1`", path.display());
    let of_variable = "environment variable `STEPGATE_ENDPOINT`".to_owned();
    assert_eq!(chosen(1, &Flags::default()), ("a".to_owned(), file, None));
    assert_eq!(
        chosen(3, &Flags::default()),
        (
            "b".to_owned(),
            of_variable,
            state("/from/variable", variable("STEPGATE_STATE_DIR"))
        )
    );
    assert_eq!(
        chosen(4, &flags),
        (
            "manual".to_owned(),
            "`--endpoint`".to_owned(),
            state("/from/flag", Origin::Flag("--state-dir"))
        )
    );
    let home = Config::load(&[("HOME", "/home")].into_iter().collect(), &Flags::default()).unwrap();
    assert_eq!(
        home.state_dir().unwrap().value,
        PathBuf::from("/home/.local/state/stepgate")
    );
    let relative = [("HOME", "/home"), ("XDG_CONFIG_HOME", "relative")];
    let config = Config::load(&relative.into_iter().collect(), &Flags::default()).unwrap();
    let (file, there) = config.file.unwrap();
    assert_eq!(
        (file.value, there),
        (PathBuf::from("/home/.config/stepgate/config.toml"), false)
    );
}

#[test]
fn an_endpoint_that_is_not_there_is_told_with_those_that_are() {
    let case = Case::new("[endpoint.local]\nkind = \"manual\"\n");
    let config = case.load_with(&[("STEPGATE_ENDPOINT", "locla")]).unwrap();
    assert_eq!(
        told(&config.endpoint().unwrap_err(), case.folder.path()),
        "exit 6\nno-endpoint: there is no endpoint `locla`, which environment variable `STEPGATE_ENDPOINT` names\n  help did you mean `local`?\n  help endpoints that there are: `local`, `manual`\n  help add `[endpoint.NAME]` to `DIR/config.toml`"
    );
}

#[test]
fn a_file_that_was_asked_for_must_be_there_and_be_the_users() {
    let case = Case::new("");
    std::fs::remove_file(case.path()).unwrap();
    let missing = "exit 6\nno-configuration: there is no configuration file `DIR/config.toml`, which environment variable `STEPGATE_CONFIG` names";
    assert_eq!(case.refusal(), missing);
    std::fs::create_dir(case.path()).unwrap();
    let folder =
        "exit 6\nsettings-file: cannot take settings from `DIR/config.toml`: it is not a regular file";
    assert_eq!(case.refusal(), folder);
    let open = Case::new("");
    std::fs::set_permissions(open.path(), std::fs::Permissions::from_mode(0o666)).unwrap();
    assert_eq!(
        open.refusal(),
        "exit 6\nsettings-file: cannot take settings from `DIR/config.toml`: every user of this machine can change it, and so send your prompts elsewhere\n  help run `chmod o-w DIR/config.toml`"
    );
    let large = Case::new(vec![b'#'; (1 << 20) + 1]);
    assert_eq!(
        large.refusal(),
        "exit 6\nsettings-file: cannot take settings from `DIR/config.toml`: it is larger than 1 MiB"
    );
    let none = Config::load(
        &[("STEPGATE_CONFIG", "/dev/null")].into_iter().collect(),
        &Flags::default(),
    );
    assert_eq!(none.unwrap().endpoints.len(), 1);
}
