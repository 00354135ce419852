use std::convert::Infallible;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::{HeaderValue, Method, Request, Response, StatusCode, header};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;

use super::exchange::{Desk, Exchange};
use super::heard::{Heard, Listened};
use super::passing::{BoxError, Passing};
use super::secrets::Secrets;
use super::shelf::{Output, Shelf};
use super::upstream::Upstream;
use super::{head, rule};
use crate::mock::recording;
use crate::words::Failure;

/// The body of what the recorder answers.
pub type Body = UnsyncBoxBody<Bytes, BoxError>;

/// What a recorder is made of.
pub struct Setup {
    /// The server that answers.
    pub upstream: Upstream,
    /// Where the scenario goes.
    pub output: Output,
    /// Tells the user a line, without a line feed: one an exchange, as it ends.
    pub tell: Box<dyn Fn(&str) + Send + Sync>,
}

/// Passes requests on and writes down what comes of them.
pub struct Recorder {
    upstream: Upstream,
    desk: Arc<Desk>,
}

impl Recorder {
    /// Makes the folder of the bodies, and looks at what is there.
    ///
    /// Fails with exit code 2 where the output may not be written, 6 for a scenario that cannot be gone on with, 9 for
    /// the disk, 10 while another recorder writes the same.
    pub fn new(setup: Setup) -> Result<Self, Failure> {
        let shelf = Shelf::open(&setup.output, rule::head(&setup.upstream.shown()))?;
        Ok(Self {
            upstream: setup.upstream,
            desk: Arc::new(Desk {
                shelf: Mutex::new(shelf),
                tell: setup.tell,
                failed: AtomicU64::new(0),
                stopped: AtomicBool::new(false),
            }),
        })
    }

    /// Exchanges recorded since the start.
    pub fn recorded(&self) -> u64 {
        self.desk.shelf().kept()
    }

    /// Exchanges since the start that the disk did not take.
    pub fn failed(&self) -> u64 {
        self.desk.failed.load(Ordering::SeqCst)
    }

    /// Says that what is still under way is being ended by us, not by its client.
    pub fn stop(&self) {
        self.desk.stopped.store(true, Ordering::SeqCst);
    }

    /// Answers a request with what the server answers, as it comes.
    ///
    /// A server that cannot be reached, or sends no response, is told as a 502 with a JSON body.
    pub async fn handle(&self, request: Request<Incoming>) -> Response<Body> {
        let (parts, body) = request.into_parts();
        let target = parts.uri.path_and_query().map(http::uri::PathAndQuery::as_str);
        // What is no path could become part of the server's name, and the key would go there.
        let Some(target) = target.filter(|target| target.starts_with('/')) else {
            return refusal(
                StatusCode::BAD_REQUEST,
                "a request without a path cannot be passed on",
            );
        };
        let own = self.upstream.query().map(|query| format!("?{query}"));
        let secrets = Secrets::of(&parts.headers, own.as_deref().into_iter().chain([target]));
        let heard = Heard::new(parts.method.as_str(), target);
        let name = format!("{} {}", parts.method, recording::without_keys(target));
        let mut exchange = Exchange::begin(Arc::clone(&self.desk), heard.clone(), secrets, &name);

        let body = reqwest::Body::wrap(Listened::new(body, heard));
        let response = match self.upstream.send(&parts, target, body).await {
            Ok(response) => response,
            Err(why) => {
                let why = exchange.clean(&why);
                exchange.lost(&why);
                return refusal(StatusCode::BAD_GATEWAY, &why);
            }
        };
        let status = response.status();
        let headers = head::end_to_end(response.headers());
        exchange.answered(status.as_u16(), &headers);
        let length = headers.get(header::CONTENT_LENGTH).and_then(length);
        let empty = parts.method == Method::HEAD || matches!(status.as_u16(), 204 | 304);
        let length = if empty { Some(0) } else { length };
        let passing = Passing::new(exchange, response, length);
        let mut passed = Response::new(passing.boxed_unsync());
        *passed.status_mut() = status;
        *passed.headers_mut() = headers;
        passed
    }
}

fn length(value: &HeaderValue) -> Option<u64> {
    value.to_str().ok()?.parse().ok()
}

/// An answer of our own, in the shape that OpenAI's clients read and all others show.
fn refusal(status: StatusCode, why: &str) -> Response<Body> {
    let error = serde_json::json!({ "error": { "message": why, "type": "stepgate_recorder", "param": null, "code": null } });
    let body = Full::new(Bytes::from(error.to_string()));
    let mut response = Response::new(body.map_err(|never: Infallible| match never {}).boxed_unsync());
    *response.status_mut() = status;
    let json = HeaderValue::from_static("application/json");
    response.headers_mut().insert(header::CONTENT_TYPE, json);
    response
}
