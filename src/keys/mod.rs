//! Keys: where they come from, and how they stay unseen.
//!
//! An endpoint may have its key in a variable, in the system's keyring, and out of a command; the first that has one gives
//! it. Whatever is read is [learnt](crate::words::secrets::learn) at once, so that it leaves this process to its server only.

mod command;
mod find;
mod key;
mod keyring;
mod source;

pub use find::Finder;
pub use key::{Key, printable_key};
pub use keyring::{Keyring, KeyringError, SystemKeyring};
pub use source::{Source, State};
