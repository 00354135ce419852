//! The secrets that this process has come upon, for the one door that everything leaves by.
//!
//! They are a fact of the process, as its signals are, and known to every sink without being passed to it: a handle that has to
//! be passed can be forgotten. Who reads a key [learns](learn) it in the same breath; the [outlet](crate::outlet), the
//! journal and the blobs ask [`redact`].

use std::borrow::Cow;
use std::sync::{Arc, PoisonError, RwLock};

use super::Redactor;

static KNOWN: RwLock<Option<Arc<Redactor>>> = RwLock::new(None);

/// Takes a secret out of everything that leaves from now on. What [is no secret](super::is_secret) is ignored.
pub fn learn(secret: &str) {
    let mut known = KNOWN.write().unwrap_or_else(PoisonError::into_inner);
    let mut redactor = known.as_deref().cloned().unwrap_or_default();
    if redactor.learn(secret) {
        *known = Some(Arc::new(redactor));
    }
}

/// What takes out all that has been learnt so far; `None` where that is nothing.
pub(crate) fn known() -> Option<Arc<Redactor>> {
    KNOWN.read().unwrap_or_else(PoisonError::into_inner).clone()
}

/// `text` without any secret that has been learnt.
pub fn redact(text: &str) -> Cow<'_, str> {
    known().map_or(Cow::Borrowed(text), |redactor| redactor.redact(text))
}

/// `bytes` without any secret that has been learnt.
pub fn redact_bytes(bytes: &[u8]) -> Cow<'_, [u8]> {
    known().map_or(Cow::Borrowed(bytes), |redactor| redactor.redact_bytes(bytes))
}
