use crate::llm::client::attempt::Stopped;
use crate::llm::client::report::Report;
use crate::llm::client::trouble::Trouble;
use crate::llm::retry::{Class, Hints, Verdict};
use crate::words::{Exit, Failure};

/// Why an engine did not do what it was asked.
#[derive(Debug)]
pub enum BatchError {
    /// It surely did not do it; why.
    Refused(Failure),
    /// It has no such thing (404); how that is told where the thing is needed.
    Absent(Failure),
    /// It may have such a thing, and does not take this kind of request for it (405).
    Unsupported(Failure),
    /// It may have done it: the answer was lost; why.
    Unknown(Failure),
    /// A signal; its number. The request was left, and may have been received.
    Interrupted(u8),
}

/// Why a call ended without an answer.
pub(super) enum Broken {
    Trouble(Trouble),
    Interrupted(u8),
    /// The local disk failed: nothing is known to be wrong with the server.
    Local(Failure),
}

impl From<Stopped> for Broken {
    fn from(stopped: Stopped) -> Self {
        match stopped {
            Stopped::Interrupted(signal) => Self::Interrupted(signal),
            Stopped::Failed(trouble) => Self::Trouble(trouble),
        }
    }
}

impl From<Trouble> for Broken {
    fn from(trouble: Trouble) -> Self {
        Self::Trouble(trouble)
    }
}

/// When a call may be made again by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Again {
    /// Whenever that may help: it changes nothing, or nothing more the second time.
    Freely,
    /// Only where the server surely did not do it.
    IfUndone,
}

impl Again {
    /// The kind of failure, if the call may be made again.
    pub(super) fn allows(self, trouble: &Trouble) -> Option<(Class, Hints)> {
        match self {
            Self::IfUndone => match trouble {
                Trouble::Refused(refusal) if refusal.status == Some(429) => trouble.repeatable(),
                Trouble::Unreachable(..) => trouble.repeatable(),
                _ => None,
            },
            Self::Freely => match trouble {
                Trouble::Dropped(_) | Trouble::NoAnswer(_) | Trouble::Silent { .. } | Trouble::Cut { .. } => {
                    Some((Class::Passing, Hints::default()))
                }
                other => other.repeatable(),
            },
        }
    }
}

/// Whether the server surely did not do what it was asked: it said so, or was never reached. An error of its own (5xx) may
/// come after the work was done.
fn undone(trouble: &Trouble) -> bool {
    match trouble {
        Trouble::Unreachable(..) | Trouble::Redirected { .. } => true,
        Trouble::Refused(refusal) => refusal
            .status
            .is_some_and(|status| (400..500).contains(&status) && status != 408),
        _ => false,
    }
}

impl BatchError {
    /// What the last of `attempts` came to.
    pub(super) fn of(trouble: &Trouble, report: &Report<'_>, attempts: u32, verdict: Verdict) -> Self {
        let mut failure = report.bare(trouble, attempts, "");
        for help in helps(trouble, report, verdict) {
            failure = failure.help(help);
        }
        match trouble {
            Trouble::Refused(refusal) if refusal.status == Some(404) => Self::Absent(failure),
            Trouble::Refused(refusal) if refusal.status == Some(405) => Self::Unsupported(failure),
            _ if undone(trouble) => Self::Refused(failure),
            _ => Self::Unknown(failure),
        }
    }

    /// What a command ends with, where it makes no difference whether it was done. A signal ends it without a word.
    pub fn plain(self) -> Failure {
        match self {
            Self::Refused(failure)
            | Self::Absent(failure)
            | Self::Unsupported(failure)
            | Self::Unknown(failure) => failure,
            Self::Interrupted(signal) => Failure::silent(Exit::Signal(signal)),
        }
    }
}

fn helps(trouble: &Trouble, report: &Report<'_>, verdict: Verdict) -> Vec<String> {
    let section = format!("`[endpoint.{}]`", report.name);
    let class = match trouble {
        Trouble::Refused(refusal) => Some(refusal.class()),
        _ => None,
    };
    match (class, trouble) {
        (Some(Class::Key), _) => match report.key {
            Some(key) => vec![format!("check the key in {}", key.origin())],
            None => vec![format!(
                "name the variable that holds the key: `key_env = \"VARIABLE\"` in {section}"
            )],
        },
        (Some(Class::Model), _) => vec![
            format!("check `url` in {section}: the paths of the batch engine are appended to it"),
            "not every server has a batch engine".to_owned(),
        ],
        (Some(Class::Quota), _) => vec!["see to it at the provider; waiting does not help".to_owned()],
        (Some(Class::TooLarge), _) => {
            vec!["submit fewer requests at a time with `--max-requests N` or `--max-bytes N`".to_owned()]
        }
        (Some(Class::Lasting), _) => vec![format!("check `model`, `max_tokens` and `body` in {section}")],
        (_, Trouble::Redirected { .. }) => vec![format!(
            "a redirect is never followed, for it would hand over the prompts and the key: if the target is right, set it as `url` in {section}"
        )],
        (_, Trouble::Unreachable(..)) => vec![format!("check `url` in {section}, and that the server runs")],
        _ => match verdict {
            Verdict::TooLong(asked) => vec![format!("the server asks to wait {} s", asked.as_secs())],
            Verdict::Retry(_) | Verdict::Stop => Vec::new(),
        },
    }
}
