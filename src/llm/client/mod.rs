//! The only user of the network: sends a request to a server and brings home its reply.
//!
//! What the bytes mean is [`wire`](super::wire)'s to say, and whether a failure is repeated [`retry`](super::retry)'s.
//! Here are the connection, the timers, the interruption, and the words for what went wrong. Whatever a server says goes
//! through the [redactor](crate::words::Redactor) and the escaping before it becomes part of an error.
//!
//! A failed attempt is repeated by itself only while nothing of a reply has been received: until then no text was shown
//! and, as far as can be known, none was made. From the first event of a reply on, the model has worked and the work may
//! be billed, so the attempt is void and the human decides. The same holds for a connection that breaks after the request
//! was written, for nobody knows what the server did with it.

mod attempt;
mod batch;
mod connection;
mod echo;
mod provider;
mod report;
mod show;
mod tls_words;
mod trouble;
mod wait;

pub use batch::{BatchClient, BatchError, Input, Sent};
pub(crate) use connection::{bare, innermost};
pub use provider::Provider;
