use std::fmt;

use secrecy::{ExposeSecret as _, SecretString};

use crate::config::Origin;
use crate::words::{Exit, Failure, secrets};

/// A key of an endpoint. It knows where it came from, and shows that instead of itself.
#[derive(Clone)]
pub struct Key {
    secret: SecretString,
    origin: Origin,
}

impl Key {
    /// What was read from `origin`. It is learnt at once, so that no message about it can show it.
    ///
    /// Fails with exit code 6 when it is no [key](printable_key).
    pub(super) fn read(endpoint: &str, text: &str, origin: Origin) -> Result<Self, Failure> {
        secrets::learn(text);
        if !printable_key(text) {
            let message = format!(
                "the key for endpoint `{endpoint}` in {origin} has a space or a character that no key has"
            );
            return Err(Failure::new(Exit::Configuration, "bad-key", message)
                .help("copy it anew, without quotes and line ends"));
        }
        Ok(Self {
            secret: text.into(),
            origin,
        })
    }

    /// Where it came from.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// The key itself, for the one header that carries it.
    pub(crate) fn expose(&self) -> &str {
        self.secret.expose_secret()
    }
}

/// Whether a text can be a key: visible ASCII characters, and at least one.
pub fn printable_key(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic())
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key(from {})", self.origin)
    }
}
