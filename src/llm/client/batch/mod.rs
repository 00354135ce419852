//! The batch engines of providers: the only place that speaks to `/v1/files`, `/v1/batches` and `/v1/messages/batches`.
//!
//! A batch is made by one request, and whether it was made is not known until that request is answered. So that request
//! alone is never repeated once it may have been received: a [`BatchError`] says whether it may have been, and the list of
//! batches is where a lost one is found.

mod batch_client;
mod call;
mod error;
mod exchange;

pub use batch_client::{BatchClient, Input};
pub use call::Sent;
pub use error::BatchError;
