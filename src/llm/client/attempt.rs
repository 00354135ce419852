use std::pin::Pin;
use std::time::{Duration, Instant, SystemTime};

use bytes::Bytes;
use futures_util::{FutureExt as _, Stream, StreamExt as _};
use reqwest::header::HeaderMap;
use reqwest::{Client, Response, Url};

use super::connection;
use super::echo::Echo;
use super::show::Show;
use super::trouble::{Refusal, Trouble};
use super::wait::{Ended, within};
use crate::config::ProviderConfig;
use crate::interrupt::Interrupt;
use crate::llm::framing::{Event, FramingError, Limits};
use crate::llm::retry::Hints;
use crate::llm::wire::{Assembly, Chunk, Framing, ServerError};
use crate::llm::{Progress, Reply, ndjson, sse};

/// The most that is read of a body that is no reply: enough for an error, or for a look at a page.
const ERROR_LIMIT: usize = 64 << 10;

/// How long is waited for more of a body that is no reply.
const ERROR_WAIT: Duration = Duration::from_secs(5);

/// How long is waited for the usage and the end mark once the text is whole. Not every server sends them.
const AFTERWORD: Duration = Duration::from_secs(2);

/// How many times the limit of a reply its stream may be long: a server wraps a word of 5 bytes into an event of 80 to 400.
const FRAMING: u64 = 16;

/// The payloads of a streamed reply.
type Events = Pin<Box<dyn Stream<Item = Framed>>>;

/// One of them, or why there is none.
type Framed = Result<Event, FramingError<reqwest::Error>>;

/// Why an attempt brought no reply.
#[derive(Debug)]
pub(super) enum Stopped {
    Interrupted(u8),
    Failed(Trouble),
}

impl From<Trouble> for Stopped {
    fn from(trouble: Trouble) -> Self {
        Self::Failed(trouble)
    }
}

/// One attempt: what it works with.
pub(super) struct Attempt<'a> {
    pub(super) client: &'a Client,
    pub(super) url: &'a Url,
    pub(super) config: &'a ProviderConfig,
    pub(super) interrupt: &'a Interrupt,
    pub(super) echo: Echo,
}

impl Attempt<'_> {
    /// Sends the body and reads the reply to its end, telling its text as it comes.
    pub(super) async fn run(
        mut self,
        body: Bytes,
        progress: &mut dyn FnMut(Progress<'_>),
    ) -> Result<Reply, Stopped> {
        let response = self.headers(body).await?;
        let status = response.status().as_u16();
        let headers = response.headers();
        let request_id = text(headers, "x-request-id")
            .or_else(|| text(headers, "request-id"))
            .map(str::to_owned);
        if (300..400).contains(&status) {
            let target = text(headers, "location").map(str::to_owned);
            return Err(Trouble::Redirected { status, target }.into());
        }
        if !response.status().is_success() {
            return Err(self.refusal(response).await?.into());
        }
        if let Some(encoding) = text(headers, "content-encoding").filter(|encoding| *encoding != "identity") {
            return Err(Trouble::Encoded(encoding.to_owned()).into());
        }
        let content_type = text(headers, "content-type").map(str::to_owned);
        let essence = content_type
            .as_deref()
            .and_then(|whole| whole.split(';').next())
            .unwrap_or_default();
        let framing = self.config.dialect.framing();
        let mut reply = match (essence.trim().to_ascii_lowercase().as_str(), framing) {
            ("text/event-stream", Framing::Events)
            | ("application/x-ndjson" | "application/ndjson" | "application/jsonl", Framing::Lines) => {
                self.stream(response, request_id, progress).await?
            }
            ("application/json", _) => self.whole(response, request_id, progress).await?,
            _ => {
                let start = self.start(response).await?;
                return Err(Trouble::WrongType {
                    content_type,
                    start: lossy(&start),
                }
                .into());
            }
        };
        let rest = self.echo.rest();
        if !rest.is_empty() {
            progress(Progress::Text(&rest));
        }
        reply.text = self.echo.clean(reply.text);
        reply.model = reply.model.map(|model| self.echo.clean(model));
        reply.request_id = reply.request_id.map(|id| self.echo.clean(id));
        Ok(reply)
    }

    async fn headers(&self, body: Bytes) -> Result<Response, Stopped> {
        let limit = self.config.timers.header.value;
        let sent = self.client.post(self.url.clone()).body(body).send();
        match within(self.interrupt, limit, sent).await {
            Ok(Ok(response)) => Ok(response),
            Ok(Err(error)) => Err(connection::trouble(&error, self.config.timers.connect.value).into()),
            Err(Ended::TimedOut) => Err(Trouble::NoAnswer(limit).into()),
            Err(Ended::Interrupted(signal)) => Err(Stopped::Interrupted(signal)),
        }
    }

    /// What a server says that refused.
    pub(super) async fn refusal(&self, response: Response) -> Result<Trouble, Stopped> {
        let status = response.status().as_u16();
        let hints = Hints::read(|name| text(response.headers(), name), SystemTime::now());
        let body = self.start(response).await?;
        let error = ServerError::parse(&body);
        Ok(Trouble::Refused(Box::new(Refusal {
            status: Some(status),
            start: if error.is_none() {
                lossy(&body)
            } else {
                String::new()
            },
            error,
            hints,
            length: 0,
            begun: false,
        })))
    }

    /// The first bytes of a body that is no reply, as many as come without trouble.
    async fn start(&self, response: Response) -> Result<Vec<u8>, Stopped> {
        let limit = self.config.timers.idle.value.min(ERROR_WAIT);
        let mut chunks = response.bytes_stream();
        let mut start = Vec::new();
        while start.len() < ERROR_LIMIT {
            match within(self.interrupt, limit, chunks.next()).await {
                Ok(Some(Ok(chunk))) => start.extend_from_slice(&chunk),
                Ok(Some(Err(_)) | None) | Err(Ended::TimedOut) => break,
                Err(Ended::Interrupted(signal)) => return Err(Stopped::Interrupted(signal)),
            }
        }
        start.truncate(ERROR_LIMIT);
        Ok(start)
    }

    async fn stream(
        &mut self,
        response: Response,
        request_id: Option<String>,
        progress: &mut dyn FnMut(Progress<'_>),
    ) -> Result<Reply, Stopped> {
        let hints = Hints::read(|name| text(response.headers(), name), SystemTime::now());
        let (dialect, limits) = (self.config.dialect, self.limits());
        let mut events: Events = match dialect.framing() {
            Framing::Events => Box::pin(sse::events(response.bytes_stream(), limits)),
            Framing::Lines => Box::pin(ndjson::lines(response.bytes_stream(), limits)),
        };
        let mut assembly = dialect.assembly();
        let mut show = Show::new(progress);
        let ended = self.events(&mut events, &mut assembly, hints, &mut show).await;
        // What came before a break was said, and is shown.
        show.now();
        ended?;
        let length = assembly.length();
        assembly
            .finish(request_id)
            .ok_or_else(|| Trouble::Cut { detail: None, length }.into())
    }

    /// Takes events to the end of the reply. What is there already is taken in one go and shown together: a reply that
    /// comes fast is not held up by a thousand small writes, and one that comes slowly is shown piece by piece.
    async fn events(
        &mut self,
        events: &mut Events,
        assembly: &mut Assembly,
        hints: Hints,
        show: &mut Show<'_>,
    ) -> Result<(), Stopped> {
        let mut progressed = Instant::now();
        let (mut pinged, mut moved) = (false, false);
        while !assembly.done() {
            // Pings take the way with the clock, also where they never end.
            let there = if pinged {
                None
            } else {
                events.next().now_or_never()
            };
            let next = match there {
                Some(next) => self.taken(next, assembly.length()),
                None => {
                    show.now();
                    if moved {
                        progressed = Instant::now();
                    }
                    self.event(events, assembly, progressed).await
                }
            };
            let event = match next {
                Ok(Some(event)) => event,
                Ok(None) => break,
                // The provider's end of the text was seen: what breaks after it breaks nothing.
                Err(Stopped::Failed(_)) if assembly.whole() => break,
                Err(stopped) => return Err(stopped),
            };
            let decoded = self.config.dialect.decode(event.name.as_deref(), &event.data);
            let chunk = decoded.map_err(|malformed| Trouble::Malformed {
                what: malformed.to_string(),
                length: assembly.length(),
            })?;
            pinged = chunk.ping;
            if pinged && moved {
                progressed = Instant::now();
            }
            moved = !pinged;
            self.take(chunk, assembly, hints, show)?;
        }
        Ok(())
    }

    fn limits(&self) -> Limits {
        let event = self.config.body_limit.value;
        Limits {
            event,
            total: event.saturating_mul(FRAMING),
        }
    }

    /// The next payload. The time goes by `progressed`: a ping does not begin it anew.
    async fn event(
        &self,
        events: &mut Events,
        assembly: &Assembly,
        progressed: Instant,
    ) -> Result<Option<Event>, Stopped> {
        let idle = self.config.timers.idle.value;
        let limit = if assembly.whole() {
            idle.min(AFTERWORD)
        } else {
            idle
        };
        let length = assembly.length();
        let left = limit.saturating_sub(progressed.elapsed());
        if left.is_zero() {
            return Err(Trouble::Silent { limit, length }.into());
        }
        match within(self.interrupt, left, events.next()).await {
            Ok(next) => self.taken(next, length),
            Err(Ended::TimedOut) => Err(Trouble::Silent { limit, length }.into()),
            Err(Ended::Interrupted(signal)) => Err(Stopped::Interrupted(signal)),
        }
    }

    /// What the stream gave; `length` is how much text came before.
    fn taken(&self, next: Option<Framed>, length: usize) -> Result<Option<Event>, Stopped> {
        if let Some(signal) = self.interrupt.raised() {
            return Err(Stopped::Interrupted(signal));
        }
        let trouble = match next {
            None => return Ok(None),
            Some(Ok(event)) => return Ok(Some(event)),
            Some(Err(FramingError::Source(error))) => Trouble::Cut {
                detail: Some(connection::innermost(&error)),
                length,
            },
            Some(Err(FramingError::OverLimit(limit))) => Trouble::OverLimit(limit),
            Some(Err(FramingError::NotUtf8(what))) => Trouble::Malformed { what, length },
        };
        Err(trouble.into())
    }

    async fn whole(
        &mut self,
        response: Response,
        request_id: Option<String>,
        progress: &mut dyn FnMut(Progress<'_>),
    ) -> Result<Reply, Stopped> {
        let hints = Hints::read(|name| text(response.headers(), name), SystemTime::now());
        let idle = self.config.timers.idle.value;
        let limit = self.config.body_limit.value;
        let mut chunks = response.bytes_stream();
        let mut body = Vec::new();
        loop {
            match within(self.interrupt, idle, chunks.next()).await {
                Ok(None) => break,
                Ok(Some(Ok(chunk))) => body.extend_from_slice(&chunk),
                Ok(Some(Err(error))) => {
                    let detail = Some(connection::innermost(&error));
                    return Err(Trouble::Cut { detail, length: 0 }.into());
                }
                Err(Ended::TimedOut) => {
                    return Err(Trouble::Silent {
                        limit: idle,
                        length: 0,
                    }
                    .into());
                }
                Err(Ended::Interrupted(signal)) => return Err(Stopped::Interrupted(signal)),
            }
            if body.len() as u64 > limit {
                return Err(Trouble::OverLimit(limit).into());
            }
        }
        let dialect = self.config.dialect;
        let chunk = dialect
            .decode_whole(&body)
            .map_err(|malformed| Trouble::Malformed {
                what: malformed.to_string(),
                length: 0,
            })?;
        let mut assembly = dialect.assembly();
        let mut show = Show::new(progress);
        self.take(chunk, &mut assembly, hints, &mut show)?;
        show.now();
        assembly.finish(request_id).ok_or_else(|| {
            Trouble::Cut {
                detail: None,
                length: 0,
            }
            .into()
        })
    }

    /// Adds a chunk to the reply and tells its text, unless it is an error.
    fn take(
        &mut self,
        mut chunk: Chunk<'_>,
        assembly: &mut Assembly,
        hints: Hints,
        show: &mut Show<'_>,
    ) -> Result<(), Trouble> {
        if let Some(error) = chunk.error.take() {
            return Err(Trouble::Refused(Box::new(Refusal {
                status: None,
                error: Some(error),
                start: String::new(),
                hints,
                length: assembly.length(),
                begun: assembly.begun(),
            })));
        }
        assembly.push(chunk, &mut |more| {
            show.add(&self.echo.pass(more));
        });
        let limit = self.config.body_limit.value;
        if assembly.length() as u64 > limit {
            return Err(Trouble::OverLimit(limit));
        }
        Ok(())
    }
}

fn text<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

fn lossy(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
