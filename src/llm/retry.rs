//! Decides whether a failed attempt is made again, and after how long. It waits for nothing and sends nothing.

use std::time::{Duration, SystemTime};

use super::wire::ServerError;

/// What kind of failure it is: it decides the exit code and whether another attempt can help.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Class {
    /// The key is missing, wrong, or may not do this (401, 403).
    Key,
    /// The model or the path is not there (404).
    Model,
    /// Money or quota is used up: waiting does not help (402, some 429).
    Quota,
    /// The prompt is larger than the server or the model takes (413).
    TooLarge,
    /// It may pass by itself (408, 409, 429, 5xx).
    Passing,
    /// No connection came about, so nothing was sent.
    Unreachable,
    /// Anything else: the same request would fail again, or its bill is unknown.
    Lasting,
}

/// Codes and types of an exhausted quota.
const QUOTA: [&str; 7] = [
    "insufficient_quota",
    "credit_balance_exhausted",
    "billing_error",
    "billing_hard_limit_reached",
    "billing_not_active",
    "spend_limit_exceeded",
    "quota_exceeded",
];
const KEY: [&str; 4] = [
    "invalid_api_key",
    "authentication_error",
    "permission_error",
    "invalid_authentication",
];
const MODEL: [&str; 3] = ["model_not_found", "not_found_error", "NotFoundError"];
const TOO_LARGE: [&str; 5] = [
    "context_length_exceeded",
    "exceed_context_size_error",
    "request_too_large",
    "string_above_max_length",
    "model_context_window_exceeded",
];
const PASSING: [&str; 9] = [
    "rate_limit_exceeded",
    "rate_limit_error",
    "server_error",
    "internal_server_error",
    "api_error",
    "overloaded_error",
    "timeout_error",
    "service_unavailable",
    "server_overloaded",
];
/// How servers without a code of their own say that the context is too long.
const TOO_LARGE_WORDS: [&str; 5] = [
    // Anthropic's, and Ollama's besides llama.cpp's.
    "prompt is too long",
    "exceeds the context length",
    "maximum context length",
    "context window",
    "available context size",
];

/// How gateways (LiteLLM, OpenRouter) say with status 400 and no code of their own that they know no such model.
const MODEL_WORDS: [&str; 2] = ["invalid model name", "is not a valid model id"];

/// How Anthropic says, with status 400 and the type of a bad request, that nothing is left to spend.
const QUOTA_WORDS: &str = "credit balance is too low";

impl Class {
    /// Sorts a response by its status and by what its body says. `status` is `None` for an error that came inside of a
    /// reply that began well; then the error itself is what there is to go by.
    pub fn of(status: Option<u16>, error: Option<&ServerError>) -> Self {
        if let Some(error) = error {
            let billing = error
                .code
                .as_deref()
                .is_some_and(|code| code.starts_with("billing"));
            if billing || error.is(&QUOTA) || refused_in_words(status, error, &[QUOTA_WORDS]) {
                return Self::Quota;
            }
            if error.is(&TOO_LARGE) || refused_in_words(status, error, &TOO_LARGE_WORDS) {
                return Self::TooLarge;
            }
            // Some gateways say a wrong key or model with 400.
            if error.is(&KEY) {
                return Self::Key;
            }
            if error.is(&MODEL) || refused_in_words(status, error, &MODEL_WORDS) {
                return Self::Model;
            }
        }
        match status.or(error.and_then(|error| error.status)) {
            Some(401 | 403) => Self::Key,
            Some(402) => Self::Quota,
            Some(404) => Self::Model,
            Some(413) => Self::TooLarge,
            Some(408 | 409 | 429 | 500..=599) => Self::Passing,
            Some(_) => Self::Lasting,
            None if error.is_some_and(|error| error.is(&PASSING)) => Self::Passing,
            None => Self::Lasting,
        }
    }
}

fn refused_in_words(status: Option<u16>, error: &ServerError, phrases: &[&str]) -> bool {
    let refused = matches!(status.or(error.status), None | Some(400 | 422));
    let words = error.message.as_deref().unwrap_or_default().to_lowercase();
    refused && phrases.iter().any(|phrase| words.contains(phrase))
}

/// What the headers of a response say about another attempt.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Hints {
    /// `x-should-retry`.
    pub should: Option<bool>,
    /// How long to wait: `retry-after-ms`, else `retry-after`. A time in the past and junk count as absent.
    pub after: Option<Duration>,
}

impl Hints {
    /// Reads the headers that `header` finds. `now` is what an HTTP date is compared with.
    pub fn read<'h>(header: impl Fn(&str) -> Option<&'h str>, now: SystemTime) -> Self {
        let should = match header("x-should-retry").map(str::trim) {
            Some("true") => Some(true),
            Some("false") => Some(false),
            _ => None,
        };
        let milliseconds = header("retry-after-ms").and_then(|text| span(text, 1000.0));
        let seconds = || {
            let text = header("retry-after")?;
            span(text, 1.0).or_else(|| {
                httpdate::parse_http_date(text.trim())
                    .ok()?
                    .duration_since(now)
                    .ok()
            })
        };
        Self {
            should,
            after: milliseconds.or_else(seconds),
        }
    }
}

/// A number of `1 / unit` seconds; negative ones, infinities and what is not a number are none.
fn span(text: &str, unit: f64) -> Option<Duration> {
    let number: f64 = text.trim().parse().ok()?;
    Duration::try_from_secs_f64(number / unit).ok()
}

/// How often and how patiently an attempt is repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Policy {
    /// Attempts after the first.
    pub retries: u32,
    /// The shortest wait, and the first one where the server names none.
    pub floor: Duration,
    /// The longest wait that the server may ask for.
    pub cap: Duration,
    /// The longest wait of our own choice.
    pub ceiling: Duration,
    /// The longest that all waits of one request may last together.
    pub budget: Duration,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            retries: 2,
            floor: Duration::from_millis(500),
            cap: Duration::from_secs(60),
            ceiling: Duration::from_secs(8),
            budget: Duration::from_secs(150),
        }
    }
}

/// One attempt that failed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Failed {
    /// What kind of failure it was.
    pub class: Class,
    /// What the response said about another attempt.
    pub hints: Hints,
    /// Its number, from 1.
    pub attempt: u32,
    /// How long was waited before the attempts so far.
    pub waited: Duration,
}

/// What to do after a failed attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Wait, then try again.
    Retry(Duration),
    /// Give up.
    Stop,
    /// Give up, for the server asks for a longer wait than the policy allows; how long.
    TooLong(Duration),
}

impl Policy {
    /// Decides. `jitter` is a random number from 0 to 1 that shortens a wait of our own choice by up to a quarter, so that
    /// many clients do not come back at once.
    ///
    /// A failure of the key, the model, the quota or the size is never repeated, whatever the server hints: the same
    /// request would be refused, or billed, again.
    pub fn decide(&self, failed: &Failed, jitter: f64) -> Verdict {
        let retries = match failed.class {
            Class::Key | Class::Model | Class::Quota | Class::TooLarge => 0,
            Class::Unreachable => self.retries.min(1),
            Class::Passing | Class::Lasting => self.retries,
        };
        let wanted = failed.hints.should.unwrap_or(failed.class != Class::Lasting);
        if !wanted || retries == 0 {
            return Verdict::Stop;
        }
        if let Some(asked) = failed.hints.after.filter(|asked| *asked > self.cap) {
            return Verdict::TooLong(asked);
        }
        if failed.attempt > retries {
            return Verdict::Stop;
        }
        let wait = match failed.hints.after {
            Some(asked) => asked.max(self.floor),
            None => self.backoff(failed.attempt, jitter),
        };
        if failed.waited.saturating_add(wait) > self.budget {
            return Verdict::Stop;
        }
        Verdict::Retry(wait)
    }

    fn backoff(&self, attempt: u32, jitter: f64) -> Duration {
        let doubled = 2_u32.saturating_pow(attempt.saturating_sub(1));
        let wait = self.floor.saturating_mul(doubled).min(self.ceiling);
        wait.mul_f64(1.0 - 0.25 * jitter.clamp(0.0, 1.0))
    }
}

/// The attempts at one request: how many there were, and how long was waited between them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attempts {
    policy: Policy,
    number: u32,
    waited: Duration,
}

impl Attempts {
    /// The first attempt is about to be made.
    pub fn new(policy: Policy) -> Self {
        Self {
            policy,
            number: 1,
            waited: Duration::ZERO,
        }
    }

    /// The number of the attempt that is made now, or was made last; from 1.
    pub fn number(&self) -> u32 {
        self.number
    }

    /// Decides after an attempt that failed. `repeatable` is the kind of its failure, or `None` where the request must not
    /// be made again whatever the policy says; `jitter` is as for [`Policy::decide`]. Where the verdict is to try again, the
    /// wait counts as waited and the next attempt is the one that is made now.
    pub fn failed(&mut self, repeatable: Option<(Class, Hints)>, jitter: f64) -> Verdict {
        let Some((class, hints)) = repeatable else {
            return Verdict::Stop;
        };
        let failed = Failed {
            class,
            hints,
            attempt: self.number,
            waited: self.waited,
        };
        let verdict = self.policy.decide(&failed, jitter);
        if let Verdict::Retry(wait) = verdict {
            self.number += 1;
            self.waited += wait;
        }
        verdict
    }
}

#[cfg(test)]
mod tests;
