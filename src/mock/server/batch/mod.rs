//! The batch engines of the providers: OpenAI's files and batches, Anthropic's message batches.
//!
//! An engine takes a request in memory and gives a response; it knows nothing of connections. What is uploaded and what
//! comes out of a batch lies in a folder; memory holds one small record a file and a batch. A batch moves on when it is
//! looked at, never by the clock: a test that polls sees every state, and always the same ones.

mod anthropic;
mod batches;
mod call;
mod flat;
mod ids;
mod lines;
mod multipart;
mod openai;
mod refusal;
mod response;
mod shelf;

#[cfg(test)]
mod testing;

pub(crate) use batches::Batches;
pub(crate) use call::Call;
pub(crate) use response::{Body, Response};

/// How a request inside of a batch is answered: from the path that its line names (`/v1/chat/completions`,
/// `/v1/responses`, `/v1/messages`) and its body, the status and the body that a single request would have got.
pub(crate) type Answer<'a> = dyn FnMut(&str, &[u8]) -> (u16, Vec<u8>) + 'a;
