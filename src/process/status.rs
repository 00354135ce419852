use std::os::unix::process::ExitStatusExt as _;
use std::process::ExitStatus;
use std::time::Duration;

/// How a process ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Status {
    /// It exited with this code.
    Exited(i32),
    /// It was killed by a signal; its number.
    Signaled(i32),
    /// The limit of time passed; the limit.
    TimedOut(Duration),
    /// A signal to stepgate ended it; its number. Neither passed nor failed.
    Interrupted(u8),
    /// Nothing ran, and why.
    NotStarted(String),
}

impl Status {
    /// How a process ended, by its wait status.
    pub(crate) fn of(status: ExitStatus) -> Self {
        match (status.code(), status.signal()) {
            (Some(code), _) => Self::Exited(code),
            (None, Some(signal)) => Self::Signaled(signal),
            (None, None) => Self::NotStarted("the system did not tell how it ended".to_owned()),
        }
    }

    /// Tells whether it exited with 0.
    pub fn passed(&self) -> bool {
        *self == Self::Exited(0)
    }

    /// The status in words, a lowercase fragment.
    pub fn describe(&self) -> String {
        match self {
            Self::Exited(0) => "passed".to_owned(),
            Self::Exited(126) => "failed with exit code 126: a command is not executable".to_owned(),
            Self::Exited(127) => "failed with exit code 127: a command was not found".to_owned(),
            Self::Exited(code) => format!("failed with exit code {code}"),
            Self::Signaled(signal) => match signal_name(*signal) {
                Some(name) => format!("killed by signal {signal} ({name})"),
                None => format!("killed by signal {signal}"),
            },
            Self::TimedOut(limit) => format!("timed out after {}", seconds(*limit)),
            Self::Interrupted(_) => "interrupted".to_owned(),
            Self::NotStarted(why) => format!("not started: {why}"),
        }
    }

    /// What may have caused it, for the exit codes that a shell itself gives.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Exited(126) => Some("run `chmod +x` on the file, or call it through its interpreter"),
            Self::Exited(127) => {
                Some("install the command, or look in the check for a placeholder that was never filled in")
            }
            _ => None,
        }
    }
}

fn signal_name(number: i32) -> Option<&'static str> {
    signal_hook::low_level::signal_name(number)
}

fn seconds(limit: Duration) -> String {
    let whole = limit.as_secs();
    match (whole / 60, whole % 60) {
        (0, 0) => format!("{} ms", limit.as_millis()),
        (0, seconds) => format!("{seconds} s"),
        (minutes, 0) => format!("{minutes} min"),
        (minutes, seconds) => format!("{minutes} min {seconds} s"),
    }
}
