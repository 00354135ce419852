use std::path::PathBuf;

use super::anthropic::MessageBatches;
use super::ids::id;
use super::openai::OpenAi;
use super::refusal::Refusal;
use super::{Answer, Call, Response};
use crate::mock::Batching;

/// Where Anthropic's batches are.
const MESSAGES: &str = "/v1/messages/batches";

/// Where OpenAI's files are.
const FILES: &str = "/v1/files";

/// Where OpenAI's batches are.
const BATCHES: &str = "/v1/batches";

/// Both batch engines.
#[derive(Debug)]
pub(crate) struct Batches {
    openai: OpenAi,
    anthropic: MessageBatches,
}

impl Batches {
    /// Engines without a batch, which keep what is large in `folder`: it is theirs, and exists.
    pub(crate) fn new(settings: Batching, folder: PathBuf) -> Self {
        Self {
            openai: OpenAi::new(settings.clone(), folder.clone()),
            anthropic: MessageBatches::new(settings, folder),
        }
    }
    /// Answers a request; `answer` answers the requests inside of the batch that moves on with it.
    pub(crate) fn handle(&mut self, call: &Call<'_>, answer: &mut Answer<'_>) -> Response {
        if let Some(rest) = within(call.path, MESSAGES) {
            let request_id = id("req_", 24, call.number);
            let response = self.anthropic.handle(call, &rest, answer);
            let response = response.unwrap_or_else(|refusal| refusal.anthropic(&request_id));
            return response.header("request-id", request_id);
        }
        let files = within(call.path, FILES);
        let response = match (files, within(call.path, BATCHES)) {
            (Some(rest), _) => self.openai.files(call, &rest),
            (None, Some(rest)) => self.openai.batches(call, &rest, answer),
            (None, None) => Err(Refusal::new(
                404,
                format!("no batch engine has a path `{}`", call.path),
            )),
        };
        let response = response.unwrap_or_else(|refusal| refusal.openai());
        response.header("x-request-id", id("req_", 32, call.number))
    }

    /// Forgets all files and batches, on disk too, and numbers the next ones from 1.
    pub(crate) fn reset(&mut self) {
        self.openai.reset();
        self.anthropic.reset();
    }
}

/// The parts of a path behind `root`, where it is below it.
fn within<'a>(path: &'a str, root: &str) -> Option<Vec<&'a str>> {
    let rest = path.strip_prefix(root)?;
    let whole = rest.is_empty() || rest.starts_with('/');
    whole.then(|| rest.split('/').filter(|part| !part.is_empty()).collect())
}
