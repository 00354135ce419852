use std::fs::File;
use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use futures_util::StreamExt as _;
use reqwest::{Client, Response};

use super::call::Call;
use super::error::{Again, BatchError, Broken};
use crate::llm::EndpointError;
use crate::llm::client::attempt::Attempt;
use crate::llm::client::connection;
use crate::llm::client::echo::Echo;
use crate::llm::client::provider::{Provider, runtime};
use crate::llm::client::report::{Report, Sizes};
use crate::llm::client::trouble::Trouble;
use crate::llm::client::wait::{Ended, within};
use crate::llm::retry::{Attempts, Verdict};
use crate::words::Failure;

/// The most of an answer that is no results: a page of batches has a few hundred kilobytes.
const ANSWER_LIMIT: u64 = 32 << 20;

/// Where the body of an answer goes.
pub(super) enum Sink<'a> {
    /// Into memory.
    Memory(&'a mut Vec<u8>),
    /// Behind what the file holds, up to this many bytes.
    File(&'a Path, &'a mut File, u64),
}

/// Makes a call until it is answered, or must not be made again. The body of the answer goes into `sink`.
pub(super) fn exchange(
    provider: &mut Provider,
    call: &Call<'_>,
    again: Again,
    sink: &mut Sink<'_>,
) -> Result<(), BatchError> {
    let client = provider.client().map_err(|error| match error {
        EndpointError::Failed(failure) => BatchError::Refused(failure),
        EndpointError::Interrupted(signal) => BatchError::Interrupted(signal),
        // Nobody is asked while a connection is prepared.
        EndpointError::Left => BatchError::Interrupted(2),
    })?;
    let runtime = runtime().map_err(BatchError::Refused)?;
    let result = runtime.block_on(attempts(provider, &client, call, again, sink));
    runtime.shutdown_background();
    result
}

async fn attempts(
    provider: &Provider,
    client: &Client,
    call: &Call<'_>,
    again: Again,
    sink: &mut Sink<'_>,
) -> Result<(), BatchError> {
    let report = Report {
        name: &provider.name,
        config: &provider.config,
        key: provider.key.as_ref(),
        sizes: Sizes {
            body: call.length(),
            texts: None,
        },
    };
    let mut attempts = Attempts::new(provider.policy());
    loop {
        let trouble = match once(provider, client, call, sink).await {
            Ok(()) => return Ok(()),
            Err(Broken::Interrupted(signal)) => return Err(BatchError::Interrupted(signal)),
            Err(Broken::Local(failure)) => return Err(BatchError::Refused(failure)),
            Err(Broken::Trouble(trouble)) => trouble,
        };
        let verdict = attempts.failed(again.allows(&trouble), fastrand::f64());
        let Verdict::Retry(wait) = verdict else {
            return Err(BatchError::of(&trouble, &report, attempts.number(), verdict));
        };
        let pause = within(&provider.interrupt, wait, std::future::pending::<()>());
        if let Err(Ended::Interrupted(signal)) = pause.await {
            return Err(BatchError::Interrupted(signal));
        }
    }
}

async fn once(
    provider: &Provider,
    client: &Client,
    call: &Call<'_>,
    sink: &mut Sink<'_>,
) -> Result<(), Broken> {
    let response = headers(provider, client, call).await?;
    let status = response.status();
    if status.is_redirection() {
        let target = response.headers().get("location");
        let target = target.and_then(|value| value.to_str().ok()).map(str::to_owned);
        let status = status.as_u16();
        return Err(Trouble::Redirected { status, target }.into());
    }
    if !status.is_success() {
        let attempt = Attempt {
            client,
            url: &call.url,
            config: &provider.config,
            interrupt: &provider.interrupt,
            echo: Echo::new(),
        };
        return Err(attempt.refusal(response).await?.into());
    }
    body(provider, response, sink).await
}

/// Sends the request and waits for the head of the answer. The time begins anew while the file still goes out.
async fn headers(provider: &Provider, client: &Client, call: &Call<'_>) -> Result<Response, Broken> {
    let moved = Arc::new(AtomicU64::new(0));
    let local =
        |error: std::io::Error| Broken::Local(Failure::io("read", Path::new("the file of requests"), &error));
    let mut sent = Box::pin(call.request(client, &moved).map_err(local)?.send());
    let limit = provider.config.timers.header.value;
    let mut before = 0;
    loop {
        match within(&provider.interrupt, limit, sent.as_mut()).await {
            Ok(Ok(response)) => return Ok(response),
            Ok(Err(error)) => {
                let connect = provider.config.timers.connect.value;
                return Err(connection::trouble(&error, connect).into());
            }
            Err(Ended::Interrupted(signal)) => return Err(Broken::Interrupted(signal)),
            Err(Ended::TimedOut) => {
                let now = moved.load(Ordering::Relaxed);
                if now == before {
                    return Err(Trouble::NoAnswer(limit).into());
                }
                before = now;
            }
        }
    }
}

async fn body(provider: &Provider, response: Response, sink: &mut Sink<'_>) -> Result<(), Broken> {
    let idle = provider.config.timers.idle.value;
    let expected = response.content_length();
    let mut chunks = response.bytes_stream();
    sink.begin()?;
    let mut length = 0_u64;
    loop {
        match within(&provider.interrupt, idle, chunks.next()).await {
            Ok(None) => break,
            Ok(Some(Ok(chunk))) => {
                length += chunk.len() as u64;
                sink.take(&chunk, length)?;
            }
            Ok(Some(Err(error))) => {
                let detail = Some(connection::innermost(&error));
                let length = usize::try_from(length).unwrap_or(usize::MAX);
                return Err(Trouble::Cut { detail, length }.into());
            }
            Err(Ended::TimedOut) => {
                let length = usize::try_from(length).unwrap_or(usize::MAX);
                return Err(Trouble::Silent { limit: idle, length }.into());
            }
            Err(Ended::Interrupted(signal)) => return Err(Broken::Interrupted(signal)),
        }
    }
    if expected.is_some_and(|expected| expected != length) {
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        return Err(Trouble::Cut { detail: None, length }.into());
    }
    Ok(())
}

impl Sink<'_> {
    /// Forgets what came of an attempt before.
    fn begin(&mut self) -> Result<(), Broken> {
        match self {
            Self::Memory(body) => body.clear(),
            Self::File(path, file, _) => {
                let emptied = file.set_len(0).and_then(|()| std::io::Seek::rewind(*file));
                emptied.map_err(|error| Broken::Local(Failure::io("write", path, &error)))?;
            }
        }
        Ok(())
    }

    /// Takes more of the body, which is then so long.
    fn take(&mut self, chunk: &Bytes, length: u64) -> Result<(), Broken> {
        let limit = match self {
            Self::Memory(_) => ANSWER_LIMIT,
            Self::File(_, _, limit) => *limit,
        };
        if length > limit {
            return Err(Trouble::OverLimit(limit).into());
        }
        match self {
            Self::Memory(body) => body.extend_from_slice(chunk),
            Self::File(path, file, _) => file
                .write_all(chunk)
                .map_err(|error| Broken::Local(Failure::io("write", path, &error)))?,
        }
        Ok(())
    }
}
