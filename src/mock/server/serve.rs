//! One request after the other: read, answered, put down.

use std::borrow::Cow;
use std::fs::File;
use std::sync::atomic::AtomicUsize;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use http::header::{HeaderName, HeaderValue};
use http::request::Parts;
use http::{Request, Response, StatusCode};
use hyper::body::Incoming;
use tokio::sync::Notify;

use super::batch::{Batches, Body, Call};
use super::intake::{self, Intake};
use super::keys::real_key;
use super::line::Line;
use super::listen::Service;
use super::log::{Entry, Kept, Log};
use super::models;
use super::play::Play;
use super::route::{Astray, Route};
use crate::mock::{Actor, Dialect, FRAMING, Headers, Played, Received, Refusal, recording, wire};

/// The largest request for a reply, as one provider has it.
const LARGEST: usize = 32 << 20;
/// The largest upload to a batch engine: that of the larger one.
const LARGEST_BATCH: usize = 256 << 20;

/// Where the numbers of requests begin that stand in batches.
const LINES: u64 = 1 << 32;

/// What answers the requests of one server.
pub(super) struct Server {
    state: Mutex<State>,
    began: Instant,
    /// Where it is reached.
    url: String,
    /// Whether some rule answers only requests that were recorded.
    recorded: bool,
    /// The descriptions of the rules.
    rules: Vec<String>,
    wakes: Notify,
    /// Bytes of bodies that are being read, all together.
    held: AtomicUsize,
}

pub(super) struct State {
    pub(super) actor: Actor,
    pub(super) batches: Batches,
    pub(super) log: Log,
    /// Number of the last request.
    number: u64,
    /// Number of the last request that stood in a batch: far from the others, for ids are made of both.
    lines: u64,
    refuse: Option<Duration>,
}

impl State {
    /// Forgets everything that was asked.
    pub(super) fn reset(&mut self) {
        self.actor.reset();
        self.batches.reset();
        self.log.clear();
        self.number = 0;
        self.lines = LINES;
    }
}

/// What a server begins with.
pub(super) struct Beginning {
    pub(super) actor: Actor,
    pub(super) batches: Batches,
    pub(super) log: Log,
    pub(super) url: String,
}

/// A response before it is dressed for the wire.
struct Answer {
    number: u64,
    dialect: Option<Dialect>,
    played: Played,
    /// The body, where it is too large to be kept in memory.
    file: Option<(File, u64)>,
}

impl Server {
    pub(super) fn new(beginning: Beginning) -> Self {
        let rules = &beginning.actor.scenario().rules;
        Self {
            recorded: beginning.actor.scenario().wants_digest(),
            rules: rules.iter().map(|rule| rule.description.clone()).collect(),
            state: Mutex::new(State {
                actor: beginning.actor,
                batches: beginning.batches,
                log: beginning.log,
                number: 0,
                lines: LINES,
                refuse: None,
            }),
            began: Instant::now(),
            url: beginning.url,
            wakes: Notify::new(),
            held: AtomicUsize::new(0),
        }
    }

    /// The descriptions of the rules, by their index.
    pub(super) fn rules(&self) -> &[String] {
        &self.rules
    }

    /// What changes from request to request.
    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn respond(&self, request: Request<Incoming>, line: &Arc<Line>) -> Option<Response<Play>> {
        let (parts, body) = request.into_parts();
        let route = Route::of(&parts.method, parts.uri.path());
        let taken = intake::take(body, limit_of(route), &self.held).await;
        let body = match taken {
            Intake::Whole(body) => Some(body),
            Intake::TooLarge => None,
            Intake::Broken => return None,
        };
        if let Ok(Route::Control(path)) = route {
            return Some(self.control(&parts, path));
        }
        let answer = self.answer(&parts, route, body.as_ref());
        let before = answer.played.before;
        self.note(&parts, &body.unwrap_or_default(), &answer);
        if !before.delay.is_zero() {
            tokio::time::sleep(before.delay).await;
        }
        if before.refuse.is_some() {
            self.state().refuse = before.refuse;
            self.wakes.notify_one();
        }
        if before.hang_up || before.refuse.is_some() {
            return None;
        }
        Some(response(answer, line))
    }

    fn answer(&self, parts: &Parts, route: Result<Route<'_>, Astray>, body: Option<&Bytes>) -> Answer {
        let state = &mut *self.state();
        state.number += 1;
        let dialect = dialect_of(parts, route);
        let received = Received {
            dialect: dialect.unwrap_or(Dialect::Chat),
            headers: &parts.headers,
            body: body.map(Bytes::as_ref).unwrap_or_default(),
            number: state.number,
            now: now(),
        };
        let (number, mut file) = (received.number, None);
        let replayed = body.and_then(|body| self.replayed(parts, body, state));
        let played = match (replayed, body, route) {
            (Some(played), _, _) => played,
            (None, Some(body), Ok(Route::Batch(path))) => {
                let (played, content) = self.batch(parts, path, &received, body, state);
                file = content;
                played
            }
            (None, Some(_), route) => self.play(parts, route, &received, state),
            (None, None, _) => {
                let most = limit_of(route) >> 20;
                let message = format!(
                    "the body is larger than {most} MiB, or others that are being read leave it no room"
                );
                Played::refused(&received, &Refusal::new(413, message))
            }
        };
        Answer {
            number,
            dialect,
            played,
            file,
        }
    }

    fn play(
        &self,
        parts: &Parts,
        route: Result<Route<'_>, Astray>,
        received: &Received<'_>,
        state: &mut State,
    ) -> Played {
        if let Some(played) = real_key_refused(parts, received) {
            return played;
        }
        let models = models::of(state.actor.scenario());
        match route {
            Ok(Route::Reply(_)) => state.actor.answer(received),
            Ok(Route::CountTokens(_)) => match state.actor.count(received) {
                Ok(body) => Played::json(received, body),
                Err(refusal) => Played::refused(received, &refusal),
            },
            Ok(Route::Models) => Played::json(received, models::list(received, &models)),
            Ok(Route::Model(id)) => match models::one(received, &models, id) {
                Some(body) => Played::json(received, body),
                None => {
                    let message =
                        format!("the model `{id}` does not exist; the scenario's `models` are all there are");
                    Played::refused(received, &Refusal::new(404, message))
                }
            },
            Ok(Route::Tags) => Played::json(received, wire::ollama_tags(&models, received.now)),
            Ok(Route::Show) => Played::json(received, wire::ollama_show(received.now)),
            Ok(Route::Version) => Played::json(received, wire::ollama_version()),
            Ok(Route::Home | Route::Control(_) | Route::Batch(_)) => Played::text(HOME),
            Err(astray) => {
                let refusal = astray_refusal(parts, astray);
                state.actor.miss();
                Played {
                    unmatched: Some(refusal.message.clone()),
                    ..Played::refused(received, &refusal)
                }
            }
        }
    }

    /// What this very request was answered when it was recorded, whatever it asks for.
    fn replayed(&self, parts: &Parts, body: &[u8], state: &mut State) -> Option<Played> {
        if !self.recorded {
            return None;
        }
        let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
        state
            .actor
            .replay(&recording::digest(parts.method.as_str(), path, body))
    }

    fn batch(
        &self,
        parts: &Parts,
        path: &str,
        received: &Received<'_>,
        body: &Bytes,
        state: &mut State,
    ) -> (Played, Option<(File, u64)>) {
        if let Some(played) = real_key_refused(parts, received) {
            return (played, None);
        }
        let call = Call {
            method: &parts.method,
            path,
            query: parts.uri.query(),
            headers: &parts.headers,
            body: body.clone(),
            base: &self.url,
            now: received.now,
            number: received.number,
        };
        let (actor, log, lines) = (&mut state.actor, &mut state.log, &mut state.lines);
        let response = state.batches.handle(&call, &mut |path, body| {
            let Ok(Route::Reply(dialect)) = Route::of(&http::Method::POST, path) else {
                return (404, Vec::new());
            };
            *lines += 1;
            let whole = actor.answer_whole(&Received {
                dialect,
                body,
                number: *lines,
                ..*received
            });
            if let Some(why) = &whole.unmatched {
                log.untell(why);
            }
            (whole.status, whole.body)
        });
        let (body, file) = match response.body {
            Body::Bytes(body) => (body, None),
            Body::File { file, length } => (Bytes::new(), Some((file, length))),
        };
        let headers = response.headers.into_iter();
        let headers: Headers = headers.map(|(name, value)| (name.into(), value.into())).collect();
        (Played::whole(response.status, headers, body.into()), file)
    }

    fn note(&self, parts: &Parts, body: &[u8], answer: &Answer) {
        let state = &mut *self.state();
        let played = &answer.played;
        let closed = played.before.hang_up || played.before.refuse.is_some();
        let entry = Entry {
            number: answer.number,
            at: u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX),
            path: parts.uri.path().to_owned(),
            method: parts.method.clone(),
            dialect: answer.dialect,
            headers: Kept::of(&parts.headers),
            body: Box::default(),
            rule: played.rule,
            status: (!closed).then_some(played.status),
            unmatched: played.unmatched.clone(),
            cut: None,
        };
        state.log.note(entry, body, &self.rules);
    }
}

impl Service for Server {
    async fn answer(self: Arc<Self>, request: Request<Incoming>, line: Arc<Line>) -> Option<Response<Play>> {
        self.respond(request, &line).await
    }

    fn refuses(&self) -> Option<Duration> {
        self.state().refuse.take()
    }

    fn wakes(&self) -> &Notify {
        &self.wakes
    }
}

/// What who opens the address in a browser sees.
const HOME: &str = "a mock model server of stepgate; what it was asked: /_stepgate/requests\n";

fn limit_of(route: Result<Route<'_>, Astray>) -> usize {
    match route {
        Ok(Route::Batch(_)) => LARGEST_BATCH,
        _ => LARGEST,
    }
}

fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or_default()
}

/// The dialect that a request is spoken in. Where its path does not say so, its headers do.
fn dialect_of(parts: &Parts, route: Result<Route<'_>, Astray>) -> Option<Dialect> {
    match route {
        Ok(Route::Reply(dialect) | Route::CountTokens(dialect)) => Some(dialect),
        Ok(Route::Tags | Route::Show | Route::Version) => Some(Dialect::Ollama),
        Ok(Route::Home) => None,
        _ if parts.headers.contains_key("anthropic-version") => Some(Dialect::Messages),
        _ if parts.uri.path().contains("/messages") => Some(Dialect::Messages),
        _ if parts.uri.path().contains("/api/") => Some(Dialect::Ollama),
        _ => Some(Dialect::Chat),
    }
}

fn real_key_refused(parts: &Parts, received: &Received<'_>) -> Option<Played> {
    let header = real_key(&parts.headers)?;
    let message = format!(
        "this is a mock server, and the key in `{header}` looks like a real one: give it a made-up one such as `test`, and see where the real one was read from"
    );
    Some(Played::refused(received, &Refusal::new(401, message)))
}

fn astray_refusal(parts: &Parts, astray: Astray) -> Refusal {
    let (method, path) = (&parts.method, parts.uri.path());
    match astray {
        Astray::Method(wanted) => {
            Refusal::new(405, format!("`{path}` is asked with {wanted}, not with {method}"))
        }
        Astray::Path => Refusal {
            code: Some("unknown_url".to_owned()),
            ..Refusal::new(
                404,
                format!(
                    "the mock server has nothing at `{path}`; it has /v1/chat/completions, /v1/responses, /v1/messages, /v1/messages/count_tokens, /v1/models, /v1/files, /v1/batches, /v1/messages/batches, /api/chat, /api/tags and /_stepgate/requests"
                ),
            )
        },
    }
}

fn response(answer: Answer, line: &Arc<Line>) -> Response<Play> {
    let played = answer.played;
    let body = match answer.file {
        Some((file, length)) => Play::File(file, length),
        None => Play::new(played.performance, line),
    };
    let mut response = Response::new(body);
    *response.status_mut() = StatusCode::from_u16(played.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    for (name, value) in played.headers {
        let name = match name {
            Cow::Borrowed(name) => Ok(HeaderName::from_static(name)),
            Cow::Owned(name) => HeaderName::try_from(name),
        };
        let value = match value {
            Cow::Borrowed(value) => Ok(HeaderValue::from_static(value)),
            Cow::Owned(value) => HeaderValue::try_from(value),
        };
        // What HTTP does not allow was refused when the scenario was read; what a recording says of its transfer is not
        // that of this one.
        if let (Ok(name), Ok(value)) = (name, value)
            && !FRAMING.contains(&name.as_str())
        {
            headers.append(name, value);
        }
    }
    response
}
