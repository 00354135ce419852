//! What tests ask of the server itself: `/_stepgate/…`.

use http::request::Parts;
use http::{Method, Response, StatusCode};
use serde::Serialize;

use super::play::Play;
use super::serve::Server;

/// A rule with how often it answered, `stepgate.mock-rules/1`.
#[derive(Serialize)]
struct RuleLine<'a> {
    description: &'a str,
    path: &'a str,
    line: usize,
    calls: u64,
}

#[derive(Serialize)]
struct Rules<'a> {
    schema: &'static str,
    unmatched: u64,
    rules: Vec<RuleLine<'a>>,
}

impl Server {
    /// Answers what is asked of the server itself. `path` is what stands below `/_stepgate/`.
    pub(super) fn control(&self, parts: &Parts, path: &str) -> Response<Play> {
        let state = &mut *self.state();
        let is = |method: Method| parts.method == method;
        let (status, body) = match path {
            "requests" if is(Method::GET) => (200, state.log.document(self.rules())),
            "requests" if is(Method::DELETE) => {
                state.log.clear();
                (200, DONE.to_vec())
            }
            "rules" if is(Method::GET) => {
                let rules = &state.actor.scenario().rules;
                let lines = rules
                    .iter()
                    .zip(state.actor.answered())
                    .map(|(rule, answered)| RuleLine {
                        description: &rule.description,
                        path: &rule.place.path,
                        line: rule.place.line,
                        calls: answered.since,
                    });
                let rules = Rules {
                    schema: "stepgate.mock-rules/1",
                    unmatched: state.actor.unmatched().since,
                    rules: lines.collect(),
                };
                (200, serde_json::to_vec(&rules).unwrap_or_default())
            }
            "reset" if is(Method::POST) => {
                state.reset();
                (200, DONE.to_vec())
            }
            "health" if is(Method::GET) => (200, DONE.to_vec()),
            "requests" | "rules" | "reset" | "health" => (405, METHODS.to_vec()),
            _ => (404, METHODS.to_vec()),
        };
        let mut response = Response::new(Play::Single(Some(body.into())));
        *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
        let json = http::HeaderValue::from_static("application/json");
        response.headers_mut().insert(http::header::CONTENT_TYPE, json);
        response
    }
}

const DONE: &[u8] = b"{\"ok\":true}\n";
const METHODS: &[u8] = b"{\"error\":\"there are GET and DELETE /_stepgate/requests, GET /_stepgate/rules, GET /_stepgate/health and POST /_stepgate/reset\"}\n";
