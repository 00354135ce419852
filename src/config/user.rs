use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::Environment;
use super::document::{Document, Section, list, nearest};
use super::endpoint::{EndpointConfig, EndpointKind};
use super::file::{self, Trust};
use super::origin::{Origin, Traced};
use super::proxy::Proxy;
use super::read_endpoint;
use super::surroundings::Surroundings;
use crate::words::{Diagnostic, Exit, Failure, Source, printable_line, secrets};

/// The endpoint that is always there.
const MANUAL: &str = "manual";

/// The flags of the command line that override what is configured.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Flags {
    /// `--config`.
    pub config: Option<PathBuf>,
    /// `--endpoint`.
    pub endpoint: Option<String>,
    /// `--state-dir`.
    pub state_dir: Option<PathBuf>,
    /// `--insecure-http`.
    pub insecure_http: bool,
}

/// What the user has set.
#[derive(Debug, Clone)]
pub struct Config {
    /// The file that was looked for, and whether it was there. None without a home to look in.
    pub file: Option<(Traced<PathBuf>, bool)>,
    /// The name of the endpoint that is used.
    pub default: Traced<String>,
    /// Every endpoint by its name; `manual` is always among them.
    pub endpoints: BTreeMap<String, EndpointConfig>,
    state_dir: Option<Traced<PathBuf>>,
}

impl Config {
    /// Reads the configuration file, then the environment, then the flags.
    ///
    /// Fails with exit code 6 and all the places when the file has faults, or when a file that was asked for is not
    /// there. The endpoint that is to be used is looked up by [`endpoint`](Self::endpoint), so that a command which needs
    /// none does not fail for it.
    pub fn load(environment: &Environment, flags: &Flags) -> Result<Self, Failure> {
        let mut config = Self {
            file: None,
            default: Traced::built_in(MANUAL.to_owned()),
            endpoints: BTreeMap::new(),
            state_dir: state_dir(environment, flags),
        };
        if let Some(path) = config_path(environment, flags) {
            let source = file::read(&path.value, Trust::User)?;
            let asked_for = environment.var("STEPGATE_CONFIG").is_some() || flags.config.is_some();
            if source.is_none() && asked_for {
                let shown = path.value.to_string_lossy();
                let message = format!(
                    "there is no configuration file `{}`, which {} names",
                    printable_line(&shown),
                    path.origin
                );
                return Err(Failure::new(Exit::Configuration, "no-configuration", message));
            }
            if let Some(source) = &source {
                let around = Surroundings {
                    environment,
                    folder: path.value.parent().unwrap_or(Path::new("")),
                    insecure_http: flags.insecure_http,
                };
                config.read(source, &around)?;
            }
            config.file = Some((path, source.is_some()));
        }
        config
            .endpoints
            .entry(MANUAL.to_owned())
            .or_insert_with(|| EndpointConfig {
                name: MANUAL.to_owned(),
                origin: Origin::BuiltIn,
                context_tokens: None,
                price: None,
                batch_price: None,
                kind: EndpointKind::Manual,
            });
        config.learn_secrets(environment);
        if let Some(name) = environment.text("STEPGATE_ENDPOINT")? {
            config.default = Traced::new(name.to_owned(), Origin::Variable("STEPGATE_ENDPOINT".to_owned()));
        }
        if let Some(name) = &flags.endpoint {
            config.default = Traced::new(name.clone(), Origin::Flag("--endpoint"));
        }
        Ok(config)
    }

    /// Tells the [door](secrets) of every secret that can be known before anything is sent: also of the endpoints that are
    /// not used, for a check or a reply may come upon their keys.
    fn learn_secrets(&self, environment: &Environment) {
        Proxy::passwords(environment, &mut |secret| secrets::learn(secret));
        for endpoint in self.endpoints.values() {
            let EndpointKind::Provider(provider) = &endpoint.kind else {
                continue;
            };
            let key = provider.key_env.as_ref();
            if let Some(key) = key.and_then(|name| environment.var(&name.value)) {
                secrets::learn(key.to_string_lossy().trim());
            }
            provider.secrets(&mut |secret| secrets::learn(secret));
        }
    }

    /// Reads a text in the place of the file, to see whether it is a configuration.
    ///
    /// Fails as [`load`](Self::load) does.
    pub fn try_text(source: &Source, environment: &Environment) -> Result<Self, Failure> {
        let mut config = Self {
            file: None,
            default: Traced::built_in(MANUAL.to_owned()),
            endpoints: BTreeMap::new(),
            state_dir: None,
        };
        let around = Surroundings {
            environment,
            folder: Path::new(""),
            insecure_http: false,
        };
        config.read(source, &around)?;
        config.learn_secrets(environment);
        Ok(config)
    }

    /// The configuration file that the flags and the environment name; it need not be there.
    ///
    /// Fails with exit code 6 without a home to put one in.
    pub fn path(environment: &Environment, flags: &Flags) -> Result<Traced<PathBuf>, Failure> {
        config_path(environment, flags).ok_or_else(|| {
            let text = "there is no place for a configuration file: `HOME` is not set";
            Failure::new(Exit::Configuration, "no-configuration", text)
                .help("name one: `--config FILE`, or the environment variable `STEPGATE_CONFIG`")
        })
    }

    fn read(&mut self, source: &Source, around: &Surroundings<'_>) -> Result<(), Failure> {
        let document = Document::new(source);
        let mut root = document.root()?;
        if let Some(default) = root.text("default") {
            self.default = default;
        }
        if let Some(endpoints) = root.section("endpoint", "`endpoint`") {
            self.read_endpoints(endpoints, around);
        }
        root.finish(|_| None);
        document.finish()
    }

    fn read_endpoints(&mut self, mut endpoints: Section<'_, '_>, around: &Surroundings<'_>) {
        let document = endpoints.document();
        for name in endpoints.rest() {
            let Some(section) = endpoints.inner(&name, &format!("`[endpoint.{}]`", printable_line(&name)))
            else {
                continue;
            };
            let span = section.span.clone();
            let is_name = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
            if name.is_empty() || name.len() > 64 || !name.chars().all(is_name) {
                let message = "the name of an endpoint has up to 64 letters, digits, `-`, `_` and `.`";
                document.problem(&span, Diagnostic::error("bad-name", message));
                continue;
            }
            let Some(endpoint) = read_endpoint::read(&name, section, around) else {
                continue;
            };
            if name == MANUAL && !matches!(endpoint.kind, EndpointKind::Manual) {
                let message = "the endpoint `manual` is built in and can be no other kind";
                document.problem(
                    &span,
                    Diagnostic::error("bad-name", message).help("choose another name"),
                );
                continue;
            }
            self.endpoints.insert(name, endpoint);
        }
    }

    /// The endpoint that is to be used.
    ///
    /// Fails with exit code 6 when there is none of that name; tells where the name came from and which there are.
    pub fn endpoint(&self) -> Result<&EndpointConfig, Failure> {
        let wanted = &self.default;
        if let Some(endpoint) = self.endpoints.get(&wanted.value) {
            return Ok(endpoint);
        }
        let names = || self.endpoints.keys().map(String::as_str);
        let mut message = format!("there is no endpoint `{}`", printable_line(&wanted.value));
        // Who typed the name knows where it is from.
        if !matches!(wanted.origin, Origin::Flag(_)) {
            message.push_str(&format!(", which {} names", wanted.origin));
        }
        let mut failure = Failure::new(Exit::Configuration, "no-endpoint", message);
        if let Some(near) = nearest(&wanted.value, names()) {
            failure = failure.help(format!("did you mean `{near}`?"));
        }
        failure = failure.help(format!("endpoints that there are: {}", list(names())));
        if let Some((path, _)) = &self.file {
            let shown = path.value.to_string_lossy();
            let add = format!("add `[endpoint.NAME]` to `{}`", printable_line(&shown));
            failure = failure.help(add);
        }
        Err(failure)
    }

    /// The folder that holds what stepgate keeps between two runs.
    ///
    /// Fails with exit code 9 when nothing names one and there is no home to put it in.
    pub fn state_dir(&self) -> Result<&Traced<PathBuf>, Failure> {
        self.state_dir.as_ref().ok_or_else(|| {
            Failure::new(
                Exit::LocalIo,
                "no-state-dir",
                "there is no place for stepgate's state: `HOME` is not set",
            )
            .help("name a folder: `--state-dir DIR`, or the environment variable `STEPGATE_STATE_DIR`")
        })
    }

    /// The variables that hold keys, of every endpoint: they are taken out of the environment of what stepgate runs.
    pub fn key_variables(&self) -> Vec<&str> {
        let names = self
            .endpoints
            .values()
            .filter_map(|endpoint| match &endpoint.kind {
                EndpointKind::Provider(provider) => provider.key_env.as_ref().map(|name| name.value.as_str()),
                EndpointKind::Manual | EndpointKind::Mock { .. } | EndpointKind::Command(_) => None,
            });
        let unique: std::collections::BTreeSet<_> = names.collect();
        unique.into_iter().collect()
    }
}

fn config_path(environment: &Environment, flags: &Flags) -> Option<Traced<PathBuf>> {
    if let Some(path) = &flags.config {
        return Some(Traced::new(path.clone(), Origin::Flag("--config")));
    }
    if let Some(path) = environment.path("STEPGATE_CONFIG") {
        return Some(Traced::new(path, Origin::Variable("STEPGATE_CONFIG".to_owned())));
    }
    let folder = base(environment, "XDG_CONFIG_HOME", ".config")?;
    Some(folder.map(|folder| folder.join("stepgate").join("config.toml")))
}

fn state_dir(environment: &Environment, flags: &Flags) -> Option<Traced<PathBuf>> {
    if let Some(path) = &flags.state_dir {
        return Some(Traced::new(path.clone(), Origin::Flag("--state-dir")));
    }
    if let Some(path) = environment.path("STEPGATE_STATE_DIR") {
        return Some(Traced::new(
            path,
            Origin::Variable("STEPGATE_STATE_DIR".to_owned()),
        ));
    }
    base(environment, "XDG_STATE_HOME", ".local/state")
        .map(|folder| folder.map(|folder| folder.join("stepgate")))
}

/// A base folder by the XDG rules: a path that is not absolute counts as not set.
fn base(environment: &Environment, variable: &str, below_home: &str) -> Option<Traced<PathBuf>> {
    let absolute = |name: &str| {
        let path = environment.path(name).filter(|path| path.is_absolute())?;
        Some(Traced::new(path, Origin::Variable(name.to_owned())))
    };
    absolute(variable).or_else(|| Some(absolute("HOME")?.map(|home| home.join(below_home))))
}

#[cfg(test)]
mod tests;
