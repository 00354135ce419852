use super::*;
use crate::config::{Config, EndpointKind, Flags};

const MARKER: &str = "sk-marker-0123456789";

/// A keyring that always says the same.
struct Says(Result<Option<String>, KeyringError>);

impl Keyring for Says {
    fn read(&self, name: &str) -> Result<Option<String>, KeyringError> {
        assert_eq!(name, "a");
        self.0.clone()
    }

    fn keep(&self, _: &str, _: &str) -> Result<(), KeyringError> {
        unreachable!()
    }

    fn remove(&self, _: &str) -> Result<bool, KeyringError> {
        unreachable!()
    }
}

fn nothing() -> Says {
    Says(Ok(None))
}

fn provider(kind: &str, settings: &str) -> ProviderConfig {
    let url = if kind == "openai" {
        "url = 'http://127.0.0.1'\n"
    } else {
        ""
    };
    let text = format!("[endpoint.a]\nkind = '{kind}'\n{url}model = 'm'\n{settings}\n");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("c.toml");
    std::fs::write(&path, text).unwrap();
    let environment = Environment::from_iter([("STEPGATE_CONFIG", path.to_str().unwrap())]);
    let config = Config::load(&environment, &Flags::default()).unwrap();
    match &config.endpoints["a"].kind {
        EndpointKind::Provider(provider) => (**provider).clone(),
        other => panic!("{other:?}"),
    }
}

fn told(result: Result<Option<Key>, Failure>) -> String {
    match result {
        Ok(None) => "none".to_owned(),
        Ok(Some(key)) => format!("{} from {}", key.expose(), key.origin()),
        Err(failure) => {
            let diagnostic = &failure.diagnostics[0];
            let help: Vec<_> = diagnostic.help.iter().map(|help| format!("\n  {help}")).collect();
            format!("{}: {}{}", failure.exit.code(), diagnostic.message, help.concat())
        }
    }
}

#[test]
fn the_variable_comes_first_then_the_keyring_then_the_command() {
    let all = provider(
        "openai",
        "key_env = 'K'\nkey = 'keyring'\nkey_command = ['echo', 'from-command']",
    );
    let set = Environment::from_iter([("K", "from-variable\n"), ("HOME", "/")]);
    let unset = Environment::from_iter([("K", " "), ("HOME", "/")]);
    let full = Says(Ok(Some("from-keyring".to_owned())));
    let locked = Says(Err(KeyringError::Locked));
    let none = nothing();
    let found = |environment, keyring: &Says| told(Finder::with(environment, keyring).key("a", &all));
    assert_eq!(found(&set, &full), "from-variable from environment variable `K`");
    assert_eq!(
        found(&unset, &full),
        "from-keyring from the system's keyring (entry `a`)"
    );
    assert_eq!(found(&unset, &none), "from-command from the command `echo`");
    assert_eq!(found(&unset, &locked), "from-command from the command `echo`");
    let without = provider("openai", "");
    assert_eq!(told(Finder::with(&set, &full).key("a", &without)), "none");
}

#[test]
fn without_a_key_every_source_and_every_way_out_is_told() {
    let empty = Environment::default();
    let keyring = Says(Err(KeyringError::Slow));
    let found = |settings: &str| told(Finder::with(&empty, &keyring).key("a", &provider("openai", settings)));
    assert_eq!(
        found("key_env = 'K'"),
        "6: no key for endpoint `a`: environment variable `K` is not set or empty\n  set it in your shell: `export K=…`\n  if the server wants no key, remove `key_env` from `[endpoint.a]`"
    );
    assert_eq!(
        found("key = 'keyring'"),
        "6: no key for endpoint `a`: the system's keyring (entry `a`) has none that can be read: the keyring did not answer within 3 s; it may be locked, and wait for its password\n  put it into the keyring: `stepgate key set a`\n  or name a variable, which is asked first: `key_env = \"VARIABLE\"` in `[endpoint.a]`"
    );
    assert_eq!(
        found("key_env = 'K'\nkey_command = ['false']"),
        "6: no key for endpoint `a`: environment variable `K` is not set or empty; the command `false` gave none: it ended with exit status 1\n  set it in your shell: `export K=…`\n  see what `false` says when you run it"
    );
    let home = provider("anthropic", "");
    assert_eq!(
        told(Finder::with(&empty, &keyring).key("a", &home)),
        "6: no key for endpoint `a`: environment variable `ANTHROPIC_API_KEY` is not set or empty\n  set it in your shell: `export ANTHROPIC_API_KEY=…`\n  or name another variable: `key_env = \"VARIABLE\"` in `[endpoint.a]`"
    );
}

#[test]
fn what_cannot_be_a_key_is_refused_without_showing_it() {
    let variable = provider("openai", "key_env = 'K'");
    for bad in ["x", "\r\nHost: evil", "ä"] {
        let environment = Environment::from_iter([("K", format!("{MARKER} {bad}{bad}"))]);
        let keyring = nothing();
        let failure = Finder::with(&environment, &keyring)
            .key("a", &variable)
            .unwrap_err();
        assert_eq!(failure.exit, Exit::Configuration);
        assert!(!format!("{failure:?}").contains("marker"), "{failure:?}");
    }
}

#[test]
fn a_state_is_told_without_the_key_and_without_running_anything() {
    let environment = Environment::from_iter([("K", MARKER)]);
    let locked = Says(Err(KeyringError::Locked));
    let finder = Finder::with(&environment, &locked);
    let states = [
        Source::Variable("K".to_owned()),
        Source::Variable("L".to_owned()),
        Source::Keyring("a".to_owned()),
        Source::Command(vec!["/nowhere".to_owned()]),
    ]
    .map(|source| finder.state(&source));
    let locked = State::Unreachable("the keyring is locked".to_owned());
    assert_eq!(states, [State::There, State::NotThere, locked, State::NotAsked]);
    let key = finder
        .key("a", &provider("openai", "key_env = 'K'"))
        .unwrap()
        .unwrap();
    assert_eq!(
        format!("{key:?} {environment:?}"),
        "Key(from environment variable `K`) Environment(1 variables)"
    );
    assert_eq!(
        crate::words::secrets::redact(&format!("Bearer {MARKER}.")),
        "Bearer [key]."
    );
}
