use std::time::Duration;

use super::trouble::{Obstacle, Refusal, Trouble};
use crate::config::ProviderConfig;
use crate::keys::Key;
use crate::llm::retry::{Class, Verdict};
use crate::llm::wire::{Dialect, Framing};
use crate::words::{Exit, Failure, printable_line, secrets};

/// How much of a page or a message is shown, in bytes.
const SHOWN: usize = 200;

/// What may be done when the attempt is void.
const VOID: &str = "nothing of this reply is used; the request may have been billed";

/// Bytes of a request.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sizes {
    pub(super) body: u64,
    /// Of its system text and of its prompt, where it is one request to a model.
    pub(super) texts: Option<(usize, usize)>,
}

/// Puts into words what went wrong: which endpoint, where it is, what it said, and what to do.
pub(super) struct Report<'a> {
    pub(super) name: &'a str,
    pub(super) config: &'a ProviderConfig,
    pub(super) key: Option<&'a Key>,
    pub(super) sizes: Sizes,
}

impl Report<'_> {
    /// What went wrong with one attempt, in a line.
    pub(super) fn why(&self, trouble: &Trouble) -> String {
        self.words(trouble).1
    }

    /// Why the request failed after `attempts`, of which the last ended in `trouble`.
    pub(super) fn failure(&self, trouble: &Trouble, attempts: u32, verdict: Verdict) -> Failure {
        let aside = match verdict {
            Verdict::TooLong(asked) => {
                format!("; it asks to wait {}, longer than stepgate does", time(asked))
            }
            Verdict::Retry(_) | Verdict::Stop => String::new(),
        };
        let mut failure = self.bare(trouble, attempts, &aside);
        for help in self.help(trouble, verdict) {
            failure = failure.help(help);
        }
        failure
    }

    /// The same without advice; `aside` is said behind what went wrong.
    pub(super) fn bare(&self, trouble: &Trouble, attempts: u32, aside: &str) -> Failure {
        let (rule, mut message) = self.words(trouble);
        message += aside;
        if attempts > 1 {
            message += &format!("; {attempts} attempts were made");
        }
        let failure = Failure::new(exit(trouble), rule, message);
        match self.found(trouble) {
            Some(found) => failure.found(found),
            None => failure,
        }
    }

    /// The rule and the message.
    fn words(&self, trouble: &Trouble) -> (&'static str, String) {
        let name = self.name;
        let place = self.place();
        match trouble {
            Trouble::Refused(refusal) => self.refused(refusal),
            Trouble::Redirected { status, target } => {
                let to = target
                    .as_deref()
                    .map_or_else(|| "nowhere".to_owned(), |target| self.quoted(target));
                (
                    "redirected",
                    format!("endpoint `{name}` redirects to {to}: HTTP {status} from {place}"),
                )
            }
            Trouble::Unreachable(obstacle, detail) => self.unreachable(*obstacle, detail),
            Trouble::Dropped(detail) => {
                let detail = self.clean(detail);
                let text = format!(
                    "endpoint `{name}` closed the connection without an answer: {detail}, at {place}"
                );
                ("no-answer", text)
            }
            Trouble::NoAnswer(limit) => {
                let limit = time(*limit);
                (
                    "no-answer",
                    format!("endpoint `{name}` did not begin to answer within {limit}, at {place}"),
                )
            }
            Trouble::WrongType { content_type, .. } => {
                let what = content_type
                    .as_deref()
                    .map_or_else(|| "no content type".to_owned(), |text| self.quoted(text));
                let wanted = match self.config.dialect.framing() {
                    Framing::Events => "an event stream",
                    Framing::Lines => "lines of JSON",
                };
                (
                    "wrong-type",
                    format!("endpoint `{name}` answered with {what} instead of {wanted}, at {place}"),
                )
            }
            Trouble::Encoded(encoding) => {
                let encoding = self.quoted(encoding);
                let text = format!(
                    "endpoint `{name}` compressed its answer as {encoding}, which was not asked for, at {place}"
                );
                ("wrong-encoding", text)
            }
            Trouble::Silent { limit, length } => {
                let (limit, length) = (time(*limit), bytes(*length as u64));
                (
                    "silent",
                    format!("endpoint `{name}` fell silent for {limit} after {length} of text, at {place}"),
                )
            }
            Trouble::Cut { detail, length } => {
                let detail = detail
                    .as_deref()
                    .map_or_else(String::new, |detail| format!(" ({})", self.clean(detail)));
                let length = bytes(*length as u64);
                let text = format!(
                    "the reply of endpoint `{name}` broke off after {length} of text{detail}, at {place}"
                );
                ("cut", text)
            }
            Trouble::Malformed { what, length } => {
                let (what, length) = (self.clean(what), bytes(*length as u64));
                let text = format!(
                    "the reply of endpoint `{name}` cannot be read after {length} of text: {what}, at {place}"
                );
                ("malformed", text)
            }
            Trouble::OverLimit(limit) => {
                let limit = bytes(*limit);
                (
                    "over-limit",
                    format!("the reply of endpoint `{name}` is over the limit of {limit}, at {place}"),
                )
            }
        }
    }

    fn refused(&self, refusal: &Refusal) -> (&'static str, String) {
        let (name, place) = (self.name, self.place());
        let said = match (refusal.status, refusal.begun) {
            (Some(status), _) => format!("HTTP {status} from {place}"),
            (None, false) => format!("an error with HTTP 200 from {place}"),
            (None, true) => format!(
                "an error after {} of text from {place}",
                bytes(refusal.length as u64)
            ),
        };
        match refusal.class() {
            Class::Key => match self.key {
                Some(key) => (
                    "key-refused",
                    format!("endpoint `{name}` refused the key from {}: {said}", key.origin()),
                ),
                None => (
                    "key-missing",
                    format!("endpoint `{name}` wants a key, and it is set up without one: {said}"),
                ),
            },
            Class::Model => {
                let key = match self.key {
                    Some(key) => format!("the key came from {}", key.origin()),
                    None => "no key was sent".to_owned(),
                };
                (
                    "no-model",
                    format!("endpoint `{name}` has no such model or path: {said}; {key}"),
                )
            }
            Class::Quota => (
                "quota",
                format!("endpoint `{name}` says that money or quota is used up: {said}"),
            ),
            Class::TooLarge => {
                let mut sizes = format!("{} bytes", self.sizes.body);
                if let Some((system, user)) = self.sizes.texts {
                    sizes += &format!(", of which {system} of system text and {user} of prompt");
                }
                (
                    "too-large",
                    format!("the request is too large for endpoint `{name}` ({sizes}): {said}"),
                )
            }
            Class::Passing | Class::Unreachable => {
                ("endpoint-failed", format!("endpoint `{name}` failed: {said}"))
            }
            Class::Lasting => (
                "request-refused",
                format!("endpoint `{name}` refused the request: {said}"),
            ),
        }
    }

    fn unreachable(&self, obstacle: Obstacle, detail: &str) -> (&'static str, String) {
        let url = &self.config.url.value;
        let host = url.host_str().unwrap_or_default();
        let port = url.port_or_known_default().unwrap_or_default();
        let through = match &self.config.proxy {
            Some(proxy) => format!(
                " through the proxy `{}` from {}",
                self.clean(&proxy.shown),
                proxy.origin
            ),
            None => String::new(),
        };
        let why = match obstacle {
            Obstacle::Slow(limit) => format!("no connection within {}", time(limit)),
            Obstacle::Tls => format!("TLS: {}", self.clean(detail)),
            _ => self.clean(detail),
        };
        let name = self.name;
        (
            "unreachable",
            format!("cannot connect to `{host}:{port}` for endpoint `{name}`{through}: {why}"),
        )
    }

    /// What the server said, where it said anything.
    fn found(&self, trouble: &Trouble) -> Option<String> {
        let start = |text: &str| {
            (!text.trim().is_empty()).then(|| format!("an answer that begins {}", self.quoted(text)))
        };
        match trouble {
            Trouble::Refused(refusal) => match &refusal.error {
                Some(error) => Some(self.quoted(&error.line())),
                None => start(&refusal.start),
            },
            Trouble::WrongType { start: text, .. } => start(text),
            _ => None,
        }
    }

    fn help(&self, trouble: &Trouble, verdict: Verdict) -> Vec<String> {
        let section = format!("`[endpoint.{}]`", self.name);
        let dialect = self.config.dialect;
        let later = || match verdict {
            Verdict::TooLong(asked) => format!("run again in {}", time(asked)),
            _ => "run again later".to_owned(),
        };
        match trouble {
            Trouble::Refused(refusal) => {
                let help = match (refusal.class(), self.key) {
                    (Class::Key, Some(key)) => format!("check the key in {}", key.origin()),
                    (Class::Key, None) => {
                        format!("name the variable that holds the key: `key_env = \"VARIABLE\"` in {section}")
                    }
                    (Class::Model, _) => self.misplaced(&section),
                    (Class::Quota, _) => "see to it at the provider; waiting does not help".to_owned(),
                    (Class::TooLarge, _) => match dialect {
                        Dialect::Ollama => {
                            format!("shorten the documents of the plan, or raise `num_ctx` in {section}")
                        }
                        Dialect::Chat | Dialect::Responses | Dialect::Messages => {
                            "shorten the documents of the plan, or choose a model with a larger context"
                                .to_owned()
                        }
                    },
                    (Class::Lasting, _) => self
                        .over_limit(refusal, &section)
                        .unwrap_or_else(|| format!("check `model`, `max_tokens` and `body` in {section}")),
                    (Class::Passing | Class::Unreachable, _) => later(),
                };
                let void = refusal.begun.then(|| VOID.to_owned());
                void.into_iter().chain([help]).collect()
            }
            Trouble::Redirected { .. } => vec![format!(
                "a redirect is never followed, for it would hand over the prompt and the key: if the target is right, set it as `url` in {section}"
            )],
            Trouble::Unreachable(Obstacle::Tls, _) => {
                vec![format!(
                    "check `url` in {section}; a connection that cannot be trusted is not used"
                )]
            }
            Trouble::Unreachable(..) => vec![format!("check `url` in {section}, and that the server runs")],
            Trouble::WrongType { .. } => {
                vec![format!(
                    "check `url` in {section}: a proxy or a login page may have answered instead of the server"
                )]
            }
            Trouble::Encoded(_) => vec!["see whether a proxy compresses what it passes on".to_owned()],
            Trouble::NoAnswer(_) => {
                vec![
                    "the request may have been billed".to_owned(),
                    format!("raise `header_timeout` in {section} for a slow server"),
                ]
            }
            Trouble::Dropped(_) => vec!["the request may have been billed".to_owned(), later()],
            Trouble::Silent { .. } => vec![
                VOID.to_owned(),
                format!("raise `idle_timeout` in {section} for a slow server"),
            ],
            Trouble::OverLimit(_) => vec![
                VOID.to_owned(),
                format!("raise `body_limit` in {section} if such replies are meant"),
            ],
            Trouble::Cut { .. } | Trouble::Malformed { .. } => vec![VOID.to_owned(), later()],
        }
    }

    /// What to do where the server says that the reply may not be so long.
    fn over_limit(&self, refusal: &Refusal, section: &str) -> Option<String> {
        let message = refusal.error.as_ref()?.message.as_deref()?;
        let limits = [
            "max_tokens",
            "max_output_tokens",
            "max_completion_tokens",
            "num_predict",
        ];
        if !limits.iter().any(|limit| message.contains(limit)) {
            return None;
        }
        let most = self.config.reply_tokens()?;
        let whence = match &self.config.max_tokens {
            Some(set) => format!("as {} sets", set.origin),
            None => "as it is where nothing is set".to_owned(),
        };
        Some(format!(
            "set a lower `max_tokens` in {section}: {most} were asked for, {whence}"
        ))
    }

    /// What to do about a model or a path that is not there.
    fn misplaced(&self, section: &str) -> String {
        let ProviderConfig { dialect, url, .. } = self.config;
        let appended = match dialect {
            Dialect::Chat => "paths are appended to `url`, which often ends in `/v1`".to_owned(),
            Dialect::Responses | Dialect::Messages | Dialect::Ollama => {
                let base = url.value.path().trim_end_matches('/');
                format!("`{}` is appended to `url`", dialect.suffix(base))
            }
        };
        format!("check `model` and `url` in {section}: {appended}")
    }

    fn place(&self) -> String {
        let model = printable_line(&self.config.model.value);
        format!("`{}` for model `{model}`", self.clean(&self.config.shown_url()))
    }

    fn quoted(&self, text: &str) -> String {
        format!("`{}`", self.clean(text))
    }

    /// Somebody else's text as it may be shown: without the key, short, on one line. The key goes first, for a cut
    /// through it would leave half of it.
    fn clean(&self, text: &str) -> String {
        let redacted = secrets::redact(text.trim());
        let fits = |end: &usize| redacted.is_char_boundary(*end);
        let end = (0..=SHOWN.min(redacted.len())).rev().find(fits).unwrap_or(0);
        let more = if end < redacted.len() { "…" } else { "" };
        format!("{}{more}", printable_line(&redacted[..end]))
    }
}

/// What the process returns for it.
fn exit(trouble: &Trouble) -> Exit {
    match trouble {
        Trouble::Refused(refusal) => match refusal.class() {
            Class::Key | Class::Model | Class::Quota => Exit::Configuration,
            Class::TooLarge => Exit::ReplyUnusable,
            Class::Passing | Class::Unreachable | Class::Lasting => Exit::EndpointFailed,
        },
        _ => Exit::EndpointFailed,
    }
}

fn time(time: Duration) -> String {
    match time.as_millis() {
        short if short < 1000 => format!("{short} ms"),
        whole if whole % 1000 == 0 => format!("{} s", time.as_secs()),
        _ => format!("{:.1} s", time.as_secs_f64()),
    }
}

fn bytes(count: u64) -> String {
    match count {
        1 => "1 byte".to_owned(),
        mebi if mebi >= 1 << 20 && mebi % (1 << 20) == 0 => format!("{} MiB", mebi >> 20),
        other => format!("{other} bytes"),
    }
}
