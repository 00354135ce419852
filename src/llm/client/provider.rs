use std::cell::Cell;
use std::time::Duration;

use bytes::Bytes;
use tokio::time::Instant;
use url::Url;

use super::attempt::{Attempt, Stopped};
use super::connection;
use super::echo::Echo;
use super::report::{Report, Sizes};
use super::wait::{Ended, TICK, within};
use crate::config::{ProviderConfig, is_loopback};
use crate::interrupt::Interrupt;
use crate::keys::Key;
use crate::llm::retry::{Attempts, Policy, Verdict};
use crate::llm::{Endpoint, EndpointError, Progress, Reply, Request, WaitVerdict};
use crate::words::{Exit, Failure, secrets};

/// A server of models, in whatever dialect it speaks.
///
/// It opens nothing until the first request; then each request has a runtime and a connection of its own, both of which
/// are gone when [`send`](Endpoint::send) returns.
pub struct Provider {
    pub(super) name: String,
    pub(super) config: ProviderConfig,
    url: Url,
    pub(super) key: Option<Key>,
    pub(super) interrupt: Interrupt,
    client: Option<reqwest::Client>,
}

impl std::fmt::Debug for Provider {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The full URL may hold a secret.
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
    /// Fails with exit code 6 when a key, or what may hold one (headers, the URL's query), would go over plain HTTP to another machine and
    /// the user has not said that it may.
    pub fn new(
        name: &str,
        config: &ProviderConfig,
        key: Option<Key>,
        interrupt: Interrupt,
    ) -> Result<Self, Failure> {
        let base = &config.url.value;
        let secret = match &key {
            Some(key) => Some(format!("the key from {}", key.origin())),
            None => config.secret_part().map(str::to_owned),
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
        Ok(Self {
            name: name.to_owned(),
            url: config.address(),
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

    /// What connects to the server, made when it is needed first.
    pub(super) fn client(&mut self) -> Result<reqwest::Client, EndpointError> {
        if let Some(client) = &self.client {
            return Ok(client.clone());
        }
        let client = connection::client(&self.config, self.key.as_ref()).map_err(|why| {
            let why = secrets::redact(&why).into_owned();
            let message = format!("cannot prepare a connection for endpoint `{}`: {why}", self.name);
            // Nothing was sent: what is wrong is how this machine is set up.
            let failure = Failure::new(Exit::Configuration, "no-connection", message)
                .help("see that the certificates of the system are installed (`ca-certificates`), and what proxy is set");
            EndpointError::Failed(failure)
        })?;
        Ok(self.client.insert(client).clone())
    }

    /// How often and how patiently an attempt is repeated.
    pub(super) fn policy(&self) -> Policy {
        let floor = self.config.timers.retry_wait.value;
        Policy {
            retries: self.config.retries.value,
            floor,
            ceiling: floor.saturating_mul(16),
            ..Policy::default()
        }
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
            sizes: Sizes {
                body: body.len() as u64,
                texts: Some((request.system.len(), request.shared.len() + request.own.len())),
            },
        };
        let mut attempts = Attempts::new(self.policy());
        loop {
            let one = Attempt {
                client,
                url: &self.url,
                config: &self.config,
                interrupt: &self.interrupt,
                echo: Echo::new(),
            };
            let trouble = match one.run(body.clone(), progress).await {
                Ok(reply) => return Ok(reply),
                Err(Stopped::Interrupted(signal)) => return Err(EndpointError::Interrupted(signal)),
                Err(Stopped::Failed(trouble)) => trouble,
            };
            let verdict = attempts.failed(trouble.repeatable(), fastrand::f64());
            let attempt = attempts.number();
            let Verdict::Retry(wait) = verdict else {
                return Err(EndpointError::Failed(report.failure(&trouble, attempt, verdict)));
            };
            progress(Progress::Retry {
                attempt,
                wait,
                why: &report.why(&trouble),
            });
            self.wait(wait, attempt, progress).await?;
        }
    }

    /// Waits before an attempt, as long as whoever is told wants to.
    async fn wait(
        &self,
        wait: Duration,
        attempt: u32,
        progress: &mut dyn FnMut(Progress<'_>),
    ) -> Result<(), EndpointError> {
        let start = Instant::now();
        let verdict = Cell::default();
        loop {
            let left = wait.saturating_sub(start.elapsed());
            progress(Progress::Wait {
                attempt,
                left,
                verdict: &verdict,
            });
            match verdict.get() {
                WaitVerdict::Leave => return Err(EndpointError::Left),
                WaitVerdict::Now => return Ok(()),
                WaitVerdict::On if left.is_zero() => return Ok(()),
                WaitVerdict::On => {}
            }
            let nothing = std::future::pending::<()>();
            match within(&self.interrupt, left.min(TICK), nothing).await {
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
        let runtime = runtime().map_err(EndpointError::Failed)?;
        let result = runtime.block_on(self.attempts(&client, request, progress));
        // Closes the connection at once, and does not wait for a name that is still being looked up.
        runtime.shutdown_background();
        result
    }
}

/// What the network is waited for with.
pub(super) fn runtime() -> Result<tokio::runtime::Runtime, Failure> {
    let built = tokio::runtime::Builder::new_current_thread().enable_all().build();
    built.map_err(|error| {
        let message = format!("cannot start a runtime for the network: {error}");
        Failure::new(Exit::LocalIo, "no-runtime", message)
    })
}
