use std::borrow::Cow;
use std::time::{Duration, UNIX_EPOCH};

use super::ids;
use super::said::rfc3339;
use crate::mock::{Dialect, Refusal, RetryAfter};

/// A header: its name in lower case, and its value.
pub type Header = (&'static str, Cow<'static, str>);

/// When a client may come again that was sent away and told nothing else.
const SOON: Duration = Duration::from_secs(1);

/// The last second that a date of HTTP can name.
const LAST: u64 = 253_402_300_799;

/// Anthropic's limits: what is counted, how much of it, how much is left after a request.
const ANTHROPIC: [(&str, &str, &str, &str, &str); 4] = [
    (
        "anthropic-ratelimit-requests-limit",
        "anthropic-ratelimit-requests-remaining",
        "anthropic-ratelimit-requests-reset",
        "4000",
        "3999",
    ),
    (
        "anthropic-ratelimit-tokens-limit",
        "anthropic-ratelimit-tokens-remaining",
        "anthropic-ratelimit-tokens-reset",
        "480000",
        "479000",
    ),
    (
        "anthropic-ratelimit-input-tokens-limit",
        "anthropic-ratelimit-input-tokens-remaining",
        "anthropic-ratelimit-input-tokens-reset",
        "400000",
        "399000",
    ),
    (
        "anthropic-ratelimit-output-tokens-limit",
        "anthropic-ratelimit-output-tokens-remaining",
        "anthropic-ratelimit-output-tokens-reset",
        "80000",
        "79000",
    ),
];

/// The headers that a dialect has on a reply, beside `content-type`. `now` is in seconds since 1970.
pub fn headers(dialect: Dialect, number: u64, now: i64) -> Vec<Header> {
    let mut headers = Vec::with_capacity(16);
    request(dialect, number, &mut headers);
    limits(dialect, None, now, &mut headers);
    headers
}

/// The headers that a dialect has on an error.
pub(super) fn refused(dialect: Dialect, number: u64, refusal: &Refusal, now: i64) -> Vec<Header> {
    let mut headers = Vec::with_capacity(16);
    request(dialect, number, &mut headers);
    let limited = refusal.status == 429;
    // Anthropic always says when to come again; the others only where the scenario says so.
    let default = (limited && dialect == Dialect::Messages).then_some(RetryAfter::Seconds(SOON));
    let retry = refusal.retry_after.or(default);
    let wait = retry.map_or(SOON, |retry| match retry {
        RetryAfter::Seconds(wait) | RetryAfter::Date(wait) => wait,
    });
    if limited {
        limits(dialect, Some(wait), now, &mut headers);
    }
    if let Some(retry) = retry {
        headers.push(("retry-after", retry_after(retry, now).into()));
    }
    headers
}

fn request(dialect: Dialect, number: u64, headers: &mut Vec<Header>) {
    match dialect {
        Dialect::Chat | Dialect::Responses => headers.extend([
            ("x-request-id", ids::openai_request(number).into()),
            ("openai-organization", "mock".into()),
            ("openai-processing-ms", "1".into()),
            ("openai-version", "2020-10-01".into()),
        ]),
        Dialect::Messages => headers.extend([
            ("request-id", ids::anthropic_request(number).into()),
            (
                "anthropic-organization-id",
                "00000000-0000-4000-8000-000000000000".into(),
            ),
        ]),
        Dialect::Ollama => {}
    }
}

/// What is left of the limits; nothing at all until `spent` has passed, where it is given.
fn limits(dialect: Dialect, spent: Option<Duration>, now: i64, headers: &mut Vec<Header>) {
    match dialect {
        Dialect::Chat | Dialect::Responses => {
            let left = |left: &'static str| Cow::Borrowed(spent.map_or(left, |_| "0"));
            let reset = |reset: &'static str| spent.map_or(reset.into(), |wait| go_duration(wait).into());
            headers.extend([
                ("x-ratelimit-limit-requests", "10000".into()),
                ("x-ratelimit-limit-tokens", "2000000".into()),
                ("x-ratelimit-remaining-requests", left("9999")),
                ("x-ratelimit-remaining-tokens", left("1999000")),
                ("x-ratelimit-reset-requests", reset("6ms")),
                ("x-ratelimit-reset-tokens", reset("30ms")),
            ]);
        }
        Dialect::Messages => {
            let wait = spent.map_or(0, seconds_up);
            let reset = rfc3339(now.saturating_add(i64::try_from(wait).unwrap_or(i64::MAX)));
            for (limit, remaining, name, most, left) in ANTHROPIC {
                headers.extend([
                    (limit, Cow::Borrowed(most)),
                    (remaining, spent.map_or(left, |_| "0").into()),
                    (name, reset.clone().into()),
                ]);
            }
        }
        Dialect::Ollama => {}
    }
}

/// The header in its two forms. Clients take fractions of a second, although RFC 9110 has none.
fn retry_after(retry: RetryAfter, now: i64) -> String {
    match retry {
        RetryAfter::Seconds(wait) => wait.as_secs_f64().to_string(),
        RetryAfter::Date(wait) => {
            let now = u64::try_from(now).unwrap_or(0);
            let then = now.saturating_add(seconds_up(wait)).min(LAST);
            httpdate::fmt_http_date(UNIX_EPOCH + Duration::from_secs(then))
        }
    }
}

fn seconds_up(wait: Duration) -> u64 {
    wait.as_secs().saturating_add(u64::from(wait.subsec_nanos() > 0))
}

/// A duration as OpenAI writes it: `12ms`, `1.5s`, `6m0s`, `1h0m0s`.
fn go_duration(wait: Duration) -> String {
    if wait < Duration::from_secs(1) {
        return format!("{}ms", wait.as_millis());
    }
    let whole = wait.as_secs();
    let (hours, minutes) = (whole / 3600, whole / 60 % 60);
    let seconds =
        f64::from(u32::try_from(whole % 60).unwrap_or(0)) + f64::from(wait.subsec_millis()) / 1000.0;
    match (hours, minutes) {
        (0, 0) => format!("{seconds}s"),
        (0, minutes) => format!("{minutes}m{seconds}s"),
        (hours, minutes) => format!("{hours}h{minutes}m{seconds}s"),
    }
}
