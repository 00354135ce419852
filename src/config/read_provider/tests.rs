use crate::config::told::told;
use crate::config::{Config, EndpointKind, Environment, Flags, Origin, ProviderConfig, Traced};
use crate::llm::wire::Dialect;
use crate::words::Failure;

fn load(text: &str) -> Result<Config, (Failure, tempfile::TempDir)> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("config.toml");
    std::fs::write(&path, text).unwrap();
    let environment = Environment::from_iter([("STEPGATE_CONFIG", path.to_str().unwrap())]);
    Config::load(&environment, &Flags::default()).map_err(|failure| (failure, folder))
}

fn provider(settings: &str) -> ProviderConfig {
    let config = load(&format!("[endpoint.a]\nmodel = \"m\"\n{settings}\n")).unwrap();
    let EndpointKind::Provider(provider) = config.endpoints["a"].kind.clone() else {
        panic!("{config:?}");
    };
    *provider
}

fn refusal(settings: &str) -> String {
    let (failure, folder) = load(&format!("[endpoint.a]\nmodel = \"m\"\n{settings}\n")).unwrap_err();
    told(&failure, folder.path())
}

#[test]
fn each_kind_knows_where_its_provider_is_and_which_key_it_takes() {
    let key = |name: &str| Some(Traced::built_in(name.to_owned()));
    let cases = [
        (
            "kind = \"openai-responses\"",
            Dialect::Responses,
            "https://api.openai.com/v1/responses",
            key("OPENAI_API_KEY"),
            "authorization",
        ),
        (
            "kind = \"anthropic\"",
            Dialect::Messages,
            "https://api.anthropic.com/v1/messages",
            key("ANTHROPIC_API_KEY"),
            "x-api-key",
        ),
        (
            "kind = \"anthropic\"\nurl = \"https://api.anthropic.com/v1\"",
            Dialect::Messages,
            "https://api.anthropic.com/v1/messages",
            key("ANTHROPIC_API_KEY"),
            "x-api-key",
        ),
        (
            "kind = \"ollama\"",
            Dialect::Ollama,
            "http://127.0.0.1:11434/api/chat",
            None,
            "authorization",
        ),
        (
            "kind = \"openai\"\nurl = \"https://api.openai.com/v1\"",
            Dialect::Chat,
            "https://api.openai.com/v1/chat/completions",
            None,
            "authorization",
        ),
    ];
    for (settings, dialect, address, key, header) in cases {
        let read = provider(settings);
        assert_eq!(
            (
                read.dialect,
                read.address().as_str(),
                read.key_env,
                read.key_header
            ),
            (dialect, address, key, Traced::built_in(header.to_owned())),
            "{settings}"
        );
    }
}

#[test]
fn a_providers_key_goes_to_nobody_else() {
    for url in [
        "http://127.0.0.1:8000",
        "http://api.anthropic.com",
        "https://api.anthropic.com.example",
        "https://gateway.example/api.anthropic.com",
    ] {
        let read = provider(&format!("kind = \"anthropic\"\nurl = \"{url}\""));
        assert_eq!(read.key_env, None, "{url}");
    }
}

#[test]
fn its_own_settings_are_read() {
    let read = provider("kind = \"ollama\"\nnum_ctx = 32768\nkey_header = \"X-Key\"");
    let place = |line| Origin::File {
        path: read.num_ctx.as_ref().unwrap().origin.to_string()[1..]
            .split(':')
            .next()
            .unwrap()
            .to_owned(),
        line,
    };
    assert_eq!(read.num_ctx, Some(Traced::new(32_768, place(4))));
    assert_eq!(read.key_header, Traced::new("x-key".to_owned(), place(5)));
}

#[test]
fn each_fault_is_told_with_its_place() {
    let known = "help known here: `context_tokens`, `price`, `batch_price`, `kind`, `url`, `model`, `key_env`, `key`, `key_command`, `key_header`, `max_tokens`, ";
    let header = "must be the name of a header that can carry a key";
    let write =
        "help write it as the server's manual does, such as `key_header = \"api-key\"`, never the key itself";
    let cases = [
        (
            "kind = \"anthropic\"\nnum_ctx = 1",
            format!(
                "unknown-key: unknown key `num_ctx` in `[endpoint.a]`\n  at DIR/config.toml:4:1 |num_ctx = ·|\n  {known}`insecure_http`, "
            ),
        ),
        (
            "kind = \"ollama\"\nnum_ctx = 0",
            "wrong-type: `num_ctx` in `[endpoint.a]` must be a whole number from 1 to 1099511627776\n  at DIR/config.toml:4:11 |num_ctx = 0|\n  found a whole number".to_owned(),
        ),
        (
            "kind = \"ollama\"\nurl = \"localhost\"",
            "not-a-url: `url` in `[endpoint.a]` is not a URL: relative URL without a base\n  at DIR/config.toml:4:7 |url = \"localhost\"|\n  ".to_owned(),
        ),
        (
            "kind = \"anthropic\"\nheaders = { X-Api-Key = \"secret\" }",
            "bad-header: header `X-Api-Key` in `headers` of `[endpoint.a]` is set by stepgate itself; a key comes from `key_env`\n  at DIR/config.toml:4:13 |headers = · X-Api-Key · ········ ·|".to_owned(),
        ),
        (
            "kind = \"anthropic\"\nbody = { system = \"x\" }",
            "bad-body: `system` in `body` of `[endpoint.a]` is set by stepgate itself\n  at DIR/config.toml:4:10 |body = · system · ··· ·|".to_owned(),
        ),
        (
            "kind = \"openai-responses\"\nbody = { input = \"x\" }",
            "bad-body: `input` in `body` of `[endpoint.a]` is set by stepgate itself\n  at DIR/config.toml:4:10 |body = · input · ··· ·|".to_owned(),
        ),
        (
            "kind = \"ollama\"\nbody = { truncate = true }",
            "bad-body: `truncate` in `body` of `[endpoint.a]` is set by stepgate itself\n  at DIR/config.toml:4:10 |body = · truncate · ···· ·|".to_owned(),
        ),
        (
            "kind = \"ollama\"\nkey_header = \"sk secret\"",
            format!("wrong-type: `key_header` in `[endpoint.a]` {header}\n  at DIR/config.toml:4:14 |key_header = ··· ·······|\n  {write}"),
        ),
        (
            "kind = \"ollama\"\nkey_header = \"host\"",
            format!("wrong-type: `key_header` in `[endpoint.a]` {header}\n  at DIR/config.toml:4:14 |key_header = ······|\n  {write}"),
        ),
        (
            "kind = \"antropic\"",
            "unknown-kind: endpoint `a` is of the unknown kind `antropic`\n  at DIR/config.toml:3:8 |kind = \"antropic\"|\n  help did you mean `anthropic`?\n  ".to_owned(),
        ),
    ];
    for (settings, expected) in cases {
        let told = refusal(settings);
        assert!(
            told.starts_with(&format!("exit 6\n{expected}")),
            "{settings}\n{told}"
        );
    }
}
