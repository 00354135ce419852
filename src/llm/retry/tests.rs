use std::collections::HashMap;

use super::*;

fn error(code: &str, message: &str) -> Option<ServerError> {
    Some(ServerError {
        code: (!code.is_empty()).then(|| code.to_owned()),
        message: (!message.is_empty()).then(|| message.to_owned()),
        ..ServerError::default()
    })
}

#[test]
fn each_response_has_its_class() {
    let kind = |kind: &str| {
        Some(ServerError {
            kind: Some(kind.to_owned()),
            ..ServerError::default()
        })
    };
    let cases = [
        (Some(401), None, Class::Key),
        (Some(403), None, Class::Key),
        (Some(400), error("invalid_api_key", ""), Class::Key),
        (None, kind("authentication_error"), Class::Key),
        (Some(404), None, Class::Model),
        (Some(400), error("model_not_found", ""), Class::Model),
        (
            Some(400),
            error("400", "Invalid model name passed in model=nobody."),
            Class::Model,
        ),
        (
            Some(400),
            error("400", "some/thing is not a valid model ID"),
            Class::Model,
        ),
        (Some(402), None, Class::Quota),
        (Some(429), error("insufficient_quota", ""), Class::Quota),
        (Some(429), kind("insufficient_quota"), Class::Quota),
        (Some(429), error("credit_balance_exhausted", ""), Class::Quota),
        (Some(429), error("billing_something_new", ""), Class::Quota),
        (Some(413), None, Class::TooLarge),
        (Some(400), error("context_length_exceeded", ""), Class::TooLarge),
        (
            Some(400),
            error("", "This model's maximum context length is 8192 tokens."),
            Class::TooLarge,
        ),
        (None, kind("exceed_context_size_error"), Class::TooLarge),
        (
            Some(400),
            error("", "prompt is too long: 210000 tokens > 200000 maximum"),
            Class::TooLarge,
        ),
        (
            Some(400),
            error("", "Your credit balance is too low to access the API."),
            Class::Quota,
        ),
        (
            Some(500),
            error("", "the context window is broken"),
            Class::Passing,
        ),
        (Some(408), None, Class::Passing),
        (Some(409), None, Class::Passing),
        (Some(429), None, Class::Passing),
        (Some(429), error("rate_limit_exceeded", ""), Class::Passing),
        (Some(500), None, Class::Passing),
        (Some(503), None, Class::Passing),
        (Some(529), None, Class::Passing),
        (None, kind("overloaded_error"), Class::Passing),
        (
            None,
            Some(ServerError {
                status: Some(502),
                ..ServerError::default()
            }),
            Class::Passing,
        ),
        (
            None,
            Some(ServerError {
                status: Some(401),
                ..ServerError::default()
            }),
            Class::Key,
        ),
        (None, error("strange", "no"), Class::Lasting),
        (None, None, Class::Lasting),
        (Some(400), None, Class::Lasting),
        (Some(422), error("", "unknown field"), Class::Lasting),
        (Some(418), None, Class::Lasting),
    ];
    for (status, error, expected) in cases {
        assert_eq!(
            Class::of(status, error.as_ref()),
            expected,
            "{status:?} {error:?}"
        );
    }
}

#[test]
fn each_header_is_read() {
    let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000);
    let in_a_minute = httpdate::fmt_http_date(now + Duration::from_secs(60));
    let long_ago = httpdate::fmt_http_date(now - Duration::from_secs(60));
    let hints = |should, after: Option<u64>| Hints {
        should,
        after: after.map(Duration::from_millis),
    };
    let cases: [(&[(&str, &str)], Hints); 16] = [
        (&[], hints(None, None)),
        (&[("x-should-retry", "true")], hints(Some(true), None)),
        (&[("x-should-retry", "false")], hints(Some(false), None)),
        (&[("x-should-retry", "maybe")], hints(None, None)),
        (&[("retry-after", "3")], hints(None, Some(3000))),
        (&[("retry-after", " 1.5 ")], hints(None, Some(1500))),
        (&[("retry-after", "0")], hints(None, Some(0))),
        (&[("retry-after", "-1")], hints(None, None)),
        (&[("retry-after", "nan")], hints(None, None)),
        (&[("retry-after", "inf")], hints(None, None)),
        (&[("retry-after", "1e300")], hints(None, None)),
        (&[("retry-after", "soon")], hints(None, None)),
        (&[("retry-after", &in_a_minute)], hints(None, Some(60_000))),
        (&[("retry-after", &long_ago)], hints(None, None)),
        (
            &[("retry-after-ms", "250"), ("retry-after", "9")],
            hints(None, Some(250)),
        ),
        (
            &[("retry-after-ms", "junk"), ("retry-after", "9")],
            hints(None, Some(9000)),
        ),
    ];
    for (headers, expected) in cases {
        let table: HashMap<&str, &str> = headers.iter().copied().collect();
        assert_eq!(
            Hints::read(|name| table.get(name).copied(), now),
            expected,
            "{headers:?}"
        );
    }
}

#[test]
fn each_failure_has_its_verdict() {
    let ms = Duration::from_millis;
    let failed = |class, attempt| Failed {
        class,
        hints: Hints::default(),
        attempt,
        waited: Duration::ZERO,
    };
    let hinted = |class, attempt, should, after: Option<u64>| Failed {
        hints: Hints {
            should,
            after: after.map(ms),
        },
        ..failed(class, attempt)
    };
    let waited = |seconds| Failed {
        waited: Duration::from_secs(seconds),
        ..hinted(Class::Passing, 2, None, Some(60_000))
    };
    let retry = |wait| Verdict::Retry(ms(wait));
    let cases = [
        (failed(Class::Passing, 1), retry(500)),
        (failed(Class::Passing, 2), retry(1000)),
        (failed(Class::Passing, 3), Verdict::Stop),
        (failed(Class::Unreachable, 1), retry(500)),
        (failed(Class::Unreachable, 2), Verdict::Stop),
        (failed(Class::Key, 1), Verdict::Stop),
        (failed(Class::Model, 1), Verdict::Stop),
        (failed(Class::Quota, 1), Verdict::Stop),
        (failed(Class::TooLarge, 1), Verdict::Stop),
        (failed(Class::Lasting, 1), Verdict::Stop),
        (hinted(Class::Passing, 1, Some(false), Some(1000)), Verdict::Stop),
        (hinted(Class::Lasting, 1, Some(true), None), retry(500)),
        (hinted(Class::Quota, 1, Some(true), Some(1000)), Verdict::Stop),
        (hinted(Class::Key, 1, Some(true), None), Verdict::Stop),
        (hinted(Class::Passing, 1, None, Some(7000)), retry(7000)),
        (hinted(Class::Passing, 1, None, Some(60_000)), retry(60_000)),
        (
            hinted(Class::Passing, 1, None, Some(60_001)),
            Verdict::TooLong(ms(60_001)),
        ),
        (
            hinted(Class::Passing, 3, None, Some(90_000)),
            Verdict::TooLong(ms(90_000)),
        ),
        (hinted(Class::Passing, 1, None, Some(0)), retry(500)),
        (hinted(Class::Passing, 3, None, Some(0)), Verdict::Stop),
        (waited(90), retry(60_000)),
        (waited(91), Verdict::Stop),
    ];
    for (failed, expected) in cases {
        assert_eq!(Policy::default().decide(&failed, 0.0), expected, "{failed:?}");
    }
}

#[test]
fn a_wait_of_our_own_grows_to_its_ceiling_and_jitter_only_shortens_it() {
    let policy = Policy {
        retries: 100,
        ..Policy::default()
    };
    let wait = |attempt, jitter| match policy.decide(
        &Failed {
            class: Class::Passing,
            hints: Hints::default(),
            attempt,
            waited: Duration::ZERO,
        },
        jitter,
    ) {
        Verdict::Retry(wait) => wait.as_millis(),
        other => panic!("{other:?}"),
    };
    let waits: Vec<_> = [1, 2, 3, 4, 5, 6, 99].map(|attempt| wait(attempt, 0.0)).into();
    assert_eq!(waits, [500, 1000, 2000, 4000, 8000, 8000, 8000]);
    assert_eq!((wait(1, 1.0), wait(5, 1.0), wait(1, 7.0)), (375, 6000, 375));
}

#[test]
fn without_retries_nothing_is_repeated() {
    let policy = Policy {
        retries: 0,
        ..Policy::default()
    };
    for class in [Class::Passing, Class::Unreachable] {
        let failed = Failed {
            class,
            hints: Hints {
                should: Some(true),
                after: Some(Duration::from_secs(1)),
            },
            attempt: 1,
            waited: Duration::ZERO,
        };
        assert_eq!(policy.decide(&failed, 0.0), Verdict::Stop);
    }
}

#[test]
fn attempts_are_counted_and_so_are_their_waits() {
    let policy = Policy {
        retries: 100,
        ..Policy::default()
    };
    let asked = |seconds| Hints {
        should: None,
        after: Some(Duration::from_secs(seconds)),
    };
    let mut attempts = Attempts::new(policy);
    // What must not be made again ends it, and does not count as another attempt.
    assert_eq!(
        (attempts.failed(None, 0.0), attempts.number()),
        (Verdict::Stop, 1)
    );
    // 60 + 60 + 30 seconds are all that may be waited.
    for (seconds, number) in [(60, 2), (60, 3), (30, 4)] {
        let wait = Verdict::Retry(Duration::from_secs(seconds));
        let verdict = attempts.failed(Some((Class::Passing, asked(seconds))), 0.0);
        assert_eq!((verdict, attempts.number()), (wait, number));
    }
    let verdict = attempts.failed(Some((Class::Passing, asked(1))), 0.0);
    assert_eq!((verdict, attempts.number()), (Verdict::Stop, 4));
    // By its number a wait of our own grows.
    let mut attempts = Attempts::new(policy);
    let waits = [(); 3].map(|()| attempts.failed(Some((Class::Passing, Hints::default())), 0.0));
    let expected = [500, 1000, 2000].map(|wait| Verdict::Retry(Duration::from_millis(wait)));
    assert_eq!((waits, attempts.number()), (expected, 4));
}
