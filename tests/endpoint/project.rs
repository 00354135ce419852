use std::time::Duration;

use stepgate::config::{Config, EndpointKind, Environment, Flags, ProviderConfig};
use stepgate::interrupt::Interrupt;
use stepgate::keys::Key;
use stepgate::llm::client::Provider;
use stepgate::llm::{Endpoint as _, EndpointError, Progress, Reply, Request};
use stepgate::words::Failure;

use crate::wire_server::{Script, WireServer};

/// A key that must never be seen again.
pub(crate) const MARKER: &str = "sk-marker-0123456789abcdef";

/// An endpoint that is set up by a file, as a user does it.
pub(crate) struct Project {
    pub(crate) kind: &'static str,
    pub(crate) settings: String,
    pub(crate) with_key: bool,
    pub(crate) variables: Vec<(String, String)>,
    pub(crate) interrupt: Interrupt,
}

impl Default for Project {
    fn default() -> Self {
        Self {
            kind: "openai",
            settings: String::new(),
            with_key: true,
            variables: Vec::new(),
            interrupt: Interrupt::default(),
        }
    }
}

/// What came of one request.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) result: Result<Reply, EndpointError>,
    /// The text as it was shown.
    pub(crate) shown: String,
    /// Number, wait and reason of each attempt that followed by itself.
    pub(crate) retries: Vec<(u32, Duration, String)>,
}

impl Outcome {
    /// Everything that a failure says, with the server's address as `SERVER`. Fails when the key is anywhere in it.
    pub(crate) fn told(&self, server: &WireServer) -> String {
        let whole = format!("{self:?}");
        assert!(!whole.contains("marker"), "{whole}");
        let Err(EndpointError::Failed(failure)) = &self.result else {
            panic!("{whole}");
        };
        told(failure).replace(&format!("127.0.0.1:{}", server.port()), "SERVER")
    }
}

/// Everything that a failure says.
pub(crate) fn told(failure: &Failure) -> String {
    let mut text = format!("exit {}", failure.exit.code());
    for diagnostic in &failure.diagnostics {
        text += &format!("\n{}: {}", diagnostic.rule, diagnostic.message);
        if let Some(found) = &diagnostic.found {
            text += &format!("\n  found {found}");
        }
        for help in &diagnostic.help {
            text += &format!("\n  help {help}");
        }
    }
    text
}

pub(crate) fn request() -> Request {
    Request {
        system: "You are careful.".into(),
        shared: "".into(),
        own: "Do step 1.2.".to_owned(),
        step: "1.2".to_owned(),
        attempt: 1,
    }
}

impl Project {
    /// One more line in `[endpoint.local]`.
    pub(crate) fn with(setting: &str) -> Self {
        Self {
            settings: setting.to_owned(),
            ..Self::default()
        }
    }

    /// The endpoint as it was read from a file.
    pub(crate) fn config(&self, url: &str) -> (ProviderConfig, Environment) {
        let key = if self.with_key {
            "key_env = \"LOCAL_KEY\"\n"
        } else {
            ""
        };
        let text = format!(
            "default = \"local\"\n[endpoint.local]\nkind = \"{}\"\nurl = \"{url}\"\nmodel = \"m\"\nretry_wait = 0.01\n{key}{}\n",
            self.kind, self.settings
        );
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config.toml");
        std::fs::write(&path, text).unwrap();
        let own = [
            ("STEPGATE_CONFIG".to_owned(), path.to_str().unwrap().to_owned()),
            ("LOCAL_KEY".to_owned(), MARKER.to_owned()),
        ];
        let environment: Environment = own.into_iter().chain(self.variables.clone()).collect();
        let config = Config::load(&environment, &Flags::default()).unwrap();
        let EndpointKind::Provider(openai) = config.endpoint().unwrap().kind.clone() else {
            panic!("{config:?}");
        };
        (*openai, environment)
    }

    /// The endpoint itself.
    pub(crate) fn endpoint(&self, url: &str) -> Result<Provider, Failure> {
        let (config, environment) = self.config(url);
        let key = Key::of("local", &config, &environment)?;
        Provider::new("local", &config, key, self.interrupt.clone())
    }

    /// Sends one request to `url`, and hands each text to `watch` as it is shown.
    pub(crate) fn ask_watching(&self, url: &str, mut watch: impl FnMut(&str)) -> Outcome {
        let mut endpoint = self.endpoint(url).unwrap();
        let (mut shown, mut retries) = (String::new(), Vec::new());
        let result = endpoint.send(&request(), &mut |progress| match progress {
            Progress::Text(text) => {
                shown.push_str(text);
                watch(text);
            }
            Progress::Retry { attempt, wait, why } => retries.push((attempt, wait, why.to_owned())),
            Progress::Wait { .. } => {}
        });
        Outcome {
            result,
            shown,
            retries,
        }
    }

    /// Sends one request to a server that answers with `scripts`.
    pub(crate) fn ask(&self, scripts: impl IntoIterator<Item = Script>) -> (Outcome, WireServer) {
        let server = WireServer::start(scripts);
        let outcome = self.ask_watching(&server.url(), |_| ());
        (outcome, server)
    }
}
