use std::time::Duration;

use bytes::Bytes;
use secrecy::ExposeSecret as _;
use url::Url;

use super::attempt::{Attempt, Stopped};
use super::connection;
use super::echo::Echo;
use super::report::{Report, Sizes};
use super::wait::{Ended, within};
use crate::config::{ProviderConfig, is_loopback};
use crate::interrupt::Interrupt;
use crate::keys::Key;
use crate::llm::retry::{Failed, Policy, Verdict};
use crate::llm::{Endpoint, EndpointError, Progress, Reply, Request};
use crate::words::{Exit, Failure, Redactor};

/// A server of models, in whatever dialect it speaks.
///
/// It opens nothing until the first request; then each request has a runtime and a connection of its own, both of which
/// are gone when [`send`](Endpoint::send) returns.
pub struct Provider {
    name: String,
    config: ProviderConfig,
    url: Url,
    key: Option<Key>,
    redactor: Redactor,
    interrupt: Interrupt,
    client: Option<reqwest::Client>,
}

impl std::fmt::Debug for Provider {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The full URL and the redactor may hold secrets.
        f.debug_struct("Provider")
            .field("name", &self.name)
            .field("config", &self.config)
            .field("key", &self.key)
            .finish_non_exhaustive()
    }
}

impl Provider {
    /// The endpoint `name` as it is set up.
    ///
    /// Fails with exit code 6 when a key, or headers that may hold one, would go over plain HTTP to another machine and
    /// the user has not said that it may.
    pub fn new(
        name: &str,
        config: &ProviderConfig,
        key: Option<Key>,
        interrupt: Interrupt,
    ) -> Result<Self, Failure> {
        let base = &config.url.value;
        let secret = match (&key, config.headers.is_empty()) {
            (Some(key), _) => Some(format!("the key from {}", key.origin())),
            (None, false) => Some("its `headers`".to_owned()),
            (None, true) => None,
        };
        if let Some(secret) = secret
            && base.scheme() == "http"
            && !is_loopback(base)
            && !config.insecure_http.value
        {
            let message = format!(
                "endpoint `{name}` would send {secret} to `{}` over plain HTTP, where others can read it",
                config.shown_url()
            );
            return Err(Failure::new(Exit::Configuration, "insecure-http", message)
                .help("use an `https://` URL")
                .help(format!(
                    "or say that it may: `insecure_http = true` in `[endpoint.{name}]`, or `--insecure-http`"
                )));
        }
        let headers = config.headers.iter().map(|(_, value)| value.expose_secret());
        // What has the length of an ordinary word is one, and would blot it out.
        let secrets = headers
            .filter(|value| value.len() >= 8)
            .chain(key.as_ref().map(Key::expose));
        Ok(Self {
            name: name.to_owned(),
            url: config.address(),
            redactor: Redactor::new(secrets),
            config: config.clone(),
            key,
            interrupt,
            client: None,
        })
    }

    /// The body of a request, byte for byte as it is sent.
    pub fn body(&self, request: &Request) -> Vec<u8> {
        self.config.encode(request)
    }

    fn client(&mut self) -> Result<reqwest::Client, EndpointError> {
        if let Some(client) = &self.client {
            return Ok(client.clone());
        }
        let client = connection::client(&self.config, self.key.as_ref()).map_err(|why| {
            let why = self.redactor.redact(&why).into_owned();
            let message = format!("cannot prepare a connection for endpoint `{}`: {why}", self.name);
            let failure = Failure::new(Exit::EndpointFailed, "no-connection", message)
                .help("see that the certificates of the system are installed (`ca-certificates`), and what proxy is set");
            EndpointError::Failed(failure)
        })?;
        Ok(self.client.insert(client).clone())
    }

    async fn attempts(
        &self,
        client: &reqwest::Client,
        request: &Request,
        progress: &mut dyn FnMut(Progress<'_>),
    ) -> Result<Reply, EndpointError> {
        let body = Bytes::from(self.body(request));
        let report = Report {
            name: &self.name,
            config: &self.config,
            key: self.key.as_ref(),
            redactor: &self.redactor,
            sizes: Sizes {
                body: body.len(),
                system: request.system.len(),
                user: request.user.len(),
            },
        };
        let floor = self.config.timers.retry_wait.value;
        let policy = Policy {
            retries: self.config.retries.value,
            floor,
            ceiling: floor.saturating_mul(16),
            ..Policy::default()
        };
        let (mut attempt, mut waited) = (1, Duration::ZERO);
        loop {
            let one = Attempt {
                client,
                url: &self.url,
                config: &self.config,
                interrupt: &self.interrupt,
                echo: Echo::new(self.key.as_ref()),
            };
            let trouble = match one.run(body.clone(), progress).await {
                Ok(reply) => return Ok(reply),
                Err(Stopped::Interrupted(signal)) => return Err(EndpointError::Interrupted(signal)),
                Err(Stopped::Failed(trouble)) => trouble,
            };
            let verdict = trouble.repeatable().map_or(Verdict::Stop, |(class, hints)| {
                let failed = Failed {
                    class,
                    hints,
                    attempt,
                    waited,
                };
                policy.decide(&failed, fastrand::f64())
            });
            let Verdict::Retry(wait) = verdict else {
                return Err(EndpointError::Failed(report.failure(&trouble, attempt, verdict)));
            };
            attempt += 1;
            waited += wait;
            progress(Progress::Retry {
                attempt,
                wait,
                why: &report.why(&trouble),
            });
            match within(&self.interrupt, wait, std::future::pending::<()>()).await {
                Err(Ended::Interrupted(signal)) => return Err(EndpointError::Interrupted(signal)),
                Ok(()) | Err(Ended::TimedOut) => {}
            }
        }
    }
}

impl Endpoint for Provider {
    fn name(&self) -> &str {
        &self.name
    }

    fn model(&self) -> Option<&str> {
        Some(&self.config.model.value)
    }

    fn send(
        &mut self,
        request: &Request,
        progress: &mut dyn FnMut(Progress<'_>),
    ) -> Result<Reply, EndpointError> {
        let client = self.client()?;
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| {
                let message = format!("cannot start a runtime for the network: {error}");
                EndpointError::Failed(Failure::new(Exit::LocalIo, "no-runtime", message))
            })?;
        let result = runtime.block_on(self.attempts(&client, request, progress));
        // Closes the connection at once, and does not wait for a name that is still being looked up.
        runtime.shutdown_background();
        result
    }
}
