use std::fs::File;
use std::path::Path;

use reqwest::Method;
use url::Url;

use super::call::{Call, Payload, Sent};
use super::error::{Again, BatchError};
use super::exchange::{Sink, exchange};
use crate::config::ProviderConfig;
use crate::interrupt::Interrupt;
use crate::keys::Key;
use crate::llm::client::provider::Provider;
use crate::llm::wire::batch::{Create, Engine, Form, Page, Told};
use crate::llm::wire::{Dialect, Malformed};
use crate::words::{Digest, Exit, Failure, printable_line, secrets};

/// The batch engine of an endpoint.
pub struct BatchClient {
    provider: Provider,
    engine: Engine,
    sent: Option<Sent>,
}

/// The longest id. Gateways write into it where the batch is: LiteLLM's have hundreds of letters.
const ID: usize = 2000;

/// What a batch is made of.
#[derive(Debug, Clone, Copy)]
pub enum Input<'a> {
    /// A file that was uploaded.
    Uploaded(Create<'a>),
    /// The body itself, in this file.
    Body(&'a Path),
}

impl BatchClient {
    /// The engine of the endpoint `name`.
    ///
    /// Fails with exit 2 for a kind that has none, and like [`Provider::new`].
    pub fn new(
        name: &str,
        config: &ProviderConfig,
        key: Option<Key>,
        interrupt: Interrupt,
    ) -> Result<Self, Failure> {
        let Some(engine) = Engine::of(config.dialect) else {
            return Err(Self::none(name, config.dialect.word()));
        };
        let provider = Provider::new(name, config, key, interrupt)?;
        Ok(Self {
            provider,
            engine,
            sent: None,
        })
    }

    /// That an endpoint of such a kind has no engine, with exit 2.
    pub fn none(name: &str, kind: &str) -> Failure {
        let text = format!("endpoint `{name}` has no batch engine: its kind is {kind}");
        Failure::new(Exit::Usage, "no-batches", text).help(
            "name an endpoint of kind `openai`, `openai-responses` or `anthropic` with `--endpoint NAME`",
        )
    }

    /// Has somebody told how many bytes of a file of requests went out.
    pub fn tell(&mut self, sent: Sent) {
        self.sent = Some(sent);
    }

    /// Whose engine it is.
    pub fn engine(&self) -> Engine {
        self.engine
    }

    /// What its requests speak.
    pub fn dialect(&self) -> Dialect {
        self.provider.config.dialect
    }

    /// The model of its requests.
    pub fn model(&self) -> &str {
        &self.provider.config.model.value
    }

    /// The base URL, without a query.
    pub fn address(&self) -> String {
        self.provider.config.shown_url()
    }

    /// The most bytes that one reply may have.
    pub fn reply_limit(&self) -> u64 {
        self.provider.config.body_limit.value
    }

    /// Uploads a file of requests, whose digest is known; its id. To upload one twice costs nothing but its room.
    pub fn upload(&mut self, path: &Path, name: &str, digest: &Digest) -> Result<String, BatchError> {
        // No file holds its own digest.
        let form = Form::new(name, digest.as_str());
        let call = Call {
            method: Method::POST,
            url: self.engine.files(self.base()),
            payload: Payload::File {
                content_type: form.content_type,
                head: form.head,
                path,
                tail: form.tail,
                sent: self.sent.clone(),
            },
        };
        let body = self.answer(&call, Again::Freely)?;
        let id = Form::read(&body).map_err(|malformed| self.malformed(&malformed))?;
        self.legal(&id)?;
        Ok(id)
    }

    /// Makes a batch. This is never repeated by itself once the engine may have received it.
    pub fn create(&mut self, input: Input<'_>) -> Result<Told, BatchError> {
        let call = Call {
            method: Method::POST,
            url: self.engine.batches(self.base()),
            payload: match input {
                Input::Uploaded(create) => Payload::Json(create.body()),
                Input::Body(path) => Payload::File {
                    content_type: "application/json".to_owned(),
                    head: Vec::new(),
                    path,
                    tail: Vec::new(),
                    sent: self.sent.clone(),
                },
            },
        };
        let body = self.answer(&call, Again::IfUndone)?;
        self.told(&body)
    }

    /// Looks at a batch.
    pub fn look(&mut self, id: &str) -> Result<Told, BatchError> {
        let url = self.engine.batch(self.base(), id);
        let answer = self.answer(&Call::get(url), Again::Freely);
        let body = answer.map_err(|error| self.missing(error, "batch", id))?;
        self.told(&body)
    }

    /// Whether the engine shows what [`delete`](Self::delete) would delete. A server that tells nothing of it does not deny
    /// it either.
    pub fn shows(&mut self, id: &str) -> Result<bool, BatchError> {
        self.legal(id)?;
        match self.answer(&Call::get(self.deletable(id)), Again::Freely) {
            Ok(_) | Err(BatchError::Unsupported(_)) => Ok(true),
            Err(BatchError::Absent(_)) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Asks the engine to cancel a batch. What it did already stays done.
    pub fn cancel(&mut self, id: &str) -> Result<Told, BatchError> {
        let call = Call {
            method: Method::POST,
            url: self.engine.cancel(self.base(), id),
            payload: Payload::None,
        };
        let body = self.answer(&call, Again::Freely)?;
        self.told(&body)
    }

    /// Deletes a file, or a batch where that holds its requests and results itself. Whether it was there.
    ///
    /// Fails with exit 7 where the server says that there is no such thing and has it all the same: it cannot delete.
    pub fn delete(&mut self, id: &str) -> Result<bool, BatchError> {
        self.legal(id)?;
        let url = self.deletable(id);
        let call = Call {
            method: Method::DELETE,
            url: url.clone(),
            payload: Payload::None,
        };
        match self.answer(&call, Again::Freely) {
            Ok(_) => return Ok(true),
            Err(BatchError::Absent(_)) => {}
            Err(error) => return Err(error),
        }
        // A server that knows no such request says the same as one that has no such thing.
        match self.answer(&Call::get(url), Again::Freely) {
            // It knows the request to delete by then, for it knows the place: there is no such thing.
            Err(BatchError::Absent(_) | BatchError::Unsupported(_)) => Ok(false),
            Err(error) => Err(error),
            Ok(_) => {
                let text = format!("endpoint `{}` does not delete `{id}`", self.provider.name);
                let failure = Failure::new(Exit::EndpointFailed, "not-deleted", text)
                    .help("see to it in the provider's own console");
                Err(BatchError::Refused(failure))
            }
        }
    }

    /// A page of the list of batches, the newest first. Batches of others may be in it, with ids that are none: each is to
    /// be [checked](Self::check) before it is asked for.
    pub fn page(&mut self, after: Option<&str>) -> Result<Page, BatchError> {
        let url = self.engine.list(self.base(), after);
        let body = self.answer(&Call::get(url), Again::Freely)?;
        let page = self.engine.read_page(&body);
        page.map_err(|malformed| self.malformed(&malformed))
    }

    /// Writes the results of a batch into new files, each made by `open` with its number; no more than `limit` bytes of
    /// each.
    pub fn results(
        &mut self,
        told: &Told,
        limit: u64,
        open: &mut dyn FnMut(usize) -> Result<(std::path::PathBuf, File), Failure>,
    ) -> Result<(), BatchError> {
        for (index, url) in self.engine.results(self.base(), told).into_iter().enumerate() {
            let (path, mut file) = open(index).map_err(BatchError::Refused)?;
            let mut sink = Sink::File(&path, &mut file, limit);
            let came = exchange(&mut self.provider, &Call::get(url), Again::Freely, &mut sink);
            came.map_err(|error| self.missing(error, "results of batch", &told.id))?;
            let synced = file.sync_all();
            synced.map_err(|error| BatchError::Refused(Failure::io("write", &path, &error)))?;
        }
        Ok(())
    }

    /// Where something is that can be deleted.
    fn deletable(&self, id: &str) -> Url {
        match self.engine {
            Engine::OpenAi => self.engine.file(self.base(), id),
            Engine::Anthropic => self.engine.batch(self.base(), id),
        }
    }

    /// That the engine has something no more, where that is why it could not be had: neither the model nor the path is
    /// wrong then.
    fn missing(&self, error: BatchError, what: &str, id: &str) -> BatchError {
        let BatchError::Absent(failure) = error else {
            return error;
        };
        let name = &self.provider.name;
        let text = format!(
            "the engine of endpoint `{name}` has no {what} {id} any more, or shows it to another key only"
        );
        let mut missing = Failure::new(Exit::NeedsHuman, "batch-missing", text);
        if let Some(found) = failure.diagnostics.into_iter().find_map(|one| one.found) {
            missing = missing.found(found);
        }
        let key = match &self.provider.key {
            Some(key) => format!("; the one here came from {}", key.origin()),
            None => String::new(),
        };
        BatchError::Absent(
            missing
                .help(format!(
                    "a provider shows a batch to keys of the project or workspace that it was submitted with{key}"
                ))
                .help(format!(
                    "providers keep results for about a month: once they are gone, `stepgate batch cancel {id} --forget` frees the steps"
                )),
        )
    }

    fn base(&self) -> &Url {
        &self.provider.config.url.value
    }

    fn answer(&mut self, call: &Call<'_>, again: Again) -> Result<Vec<u8>, BatchError> {
        let mut body = Vec::new();
        exchange(&mut self.provider, call, again, &mut Sink::Memory(&mut body))?;
        Ok(body)
    }

    fn told(&self, body: &[u8]) -> Result<Told, BatchError> {
        let told = self.engine.read(body);
        let told = told.map_err(|malformed| self.malformed(&malformed))?;
        self.check(&told)?;
        Ok(told)
    }

    /// Fails for a batch that has an id that is none.
    pub fn check(&self, told: &Told) -> Result<(), BatchError> {
        let ids = std::iter::once(&told.id).chain(&told.results);
        ids.into_iter().try_for_each(|id| self.legal(id))
    }

    /// An id becomes a part of an address: one that could lead elsewhere is none.
    fn legal(&self, id: &str) -> Result<(), BatchError> {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.:=~".contains(&byte);
        let dots = id.bytes().all(|byte| byte == b'.');
        if !dots && !id.is_empty() && id.len() <= ID && id.bytes().all(plain) {
            return Ok(());
        }
        Err(self.malformed(&Malformed("it has an id that is none".to_owned())))
    }

    fn malformed(&self, Malformed(what): &Malformed) -> BatchError {
        let what = secrets::redact(what).into_owned();
        let (name, url) = (&self.provider.name, self.provider.config.shown_url());
        let text = format!(
            "the answer of the batch engine of endpoint `{name}` cannot be read: {}, at `{url}`",
            printable_line(&what)
        );
        let failure = Failure::new(Exit::EndpointFailed, "malformed", text).help(format!(
            "check `url` in `[endpoint.{name}]`: not every server has a batch engine"
        ));
        BatchError::Unknown(failure)
    }
}
