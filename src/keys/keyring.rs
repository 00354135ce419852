use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

use ::keyring::{Entry, Error};

use crate::words::printable_line;

/// How long the keyring is waited for. One that asks its owner for a password takes as long as they do.
const LIMIT: Duration = Duration::from_secs(3);

/// The service that all entries are of.
const SERVICE: &str = "stepgate";

/// Where keys are kept by the name of their endpoint.
pub trait Keyring {
    /// The key of an endpoint; `None` where there is none.
    fn read(&self, name: &str) -> Result<Option<String>, KeyringError>;

    /// Keeps a key in the place of any earlier.
    fn keep(&self, name: &str, key: &str) -> Result<(), KeyringError>;

    /// Takes a key away. Returns whether there was one.
    fn remove(&self, name: &str) -> Result<bool, KeyringError>;
}

/// Why the keyring could not be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyringError {
    /// There is none on this machine, or none that can be reached from here.
    #[error("there is no keyring that can be reached from here ({0})")]
    Absent(String),
    /// It did not answer in time.
    #[error("the keyring did not answer within 3 s; it may be locked, and wait for its password")]
    Slow,
    /// It is locked, and stayed so.
    #[error("the keyring is locked")]
    Locked,
    /// Anything else, in its own words.
    #[error("the keyring failed ({0})")]
    Failed(String),
}

/// The keyring of the system: the Secret Service on Linux, which needs D-Bus, the Keychain on macOS.
///
/// It may hang for as long as it likes, so every question goes to it in a thread of its own, which is left behind when the
/// time is over.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemKeyring;

impl Keyring for SystemKeyring {
    fn read(&self, name: &str) -> Result<Option<String>, KeyringError> {
        match ask(name, |entry| entry.get_password()) {
            Ok(key) => Ok(Some(key)),
            Err(None) => Ok(None),
            Err(Some(error)) => Err(error),
        }
    }

    fn keep(&self, name: &str, key: &str) -> Result<(), KeyringError> {
        let key = key.to_owned();
        ask(name, move |entry| entry.set_password(&key))
            .map_err(|error| error.unwrap_or_else(|| KeyringError::Failed("it has no such entry".to_owned())))
    }

    fn remove(&self, name: &str) -> Result<bool, KeyringError> {
        match ask(name, |entry| entry.delete_credential()) {
            Ok(()) => Ok(true),
            Err(None) => Ok(false),
            Err(Some(error)) => Err(error),
        }
    }
}

/// Asks in a thread; an error without a content is that there is no such entry.
fn ask<T: Send + 'static>(
    name: &str,
    question: impl FnOnce(&Entry) -> ::keyring::Result<T> + Send + 'static,
) -> Result<T, Option<KeyringError>> {
    let (sender, answer) = channel();
    let name = name.to_owned();
    let thread = std::thread::Builder::new().name("keyring".to_owned());
    let asked = thread.spawn(move || {
        let result = match Entry::store_status() {
            Ok(()) => Entry::new(SERVICE, &name)
                .and_then(|entry| question(&entry))
                .map_err(error),
            Err(cause) => Err(Some(KeyringError::Absent(own_words(cause)))),
        };
        // Whoever asked may have stopped waiting.
        let _ = sender.send(result);
    });
    asked.map_err(|error| Some(KeyringError::Failed(error.to_string())))?;
    match answer.recv_timeout(LIMIT) {
        Ok(result) => result,
        Err(RecvTimeoutError::Timeout) => Err(Some(KeyringError::Slow)),
        Err(RecvTimeoutError::Disconnected) => Err(Some(KeyringError::Failed(
            "it broke while it was asked".to_owned(),
        ))),
    }
}

fn error(error: Error) -> Option<KeyringError> {
    Some(match error {
        Error::NoEntry => return None,
        Error::NoDefaultStore => KeyringError::Absent("no keyring was found".to_owned()),
        Error::NoStorageAccess(_) => KeyringError::Locked,
        Error::Ambiguous(_) => KeyringError::Failed("it has more than one entry for it".to_owned()),
        // The bytes are not told: they may be the key.
        Error::BadEncoding(_) | Error::BadDataFormat(..) => {
            KeyringError::Failed("its entry is not text".to_owned())
        }
        other => KeyringError::Failed(own_words(&other)),
    })
}

/// What lies at the bottom of an error, on one line.
fn own_words(error: &Error) -> String {
    let mut last: &dyn std::error::Error = error;
    while let Some(source) = last.source() {
        last = source;
    }
    let text = last.to_string();
    let text = text.split(" (os error").next().unwrap_or_default();
    printable_line(text).to_lowercase()
}
