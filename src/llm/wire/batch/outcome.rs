use crate::llm::Reply;
use crate::llm::wire::{Dialect, Malformed, ServerError};

/// What became of one request of a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The model replied; whether the reply is of use is [its own](Reply::unusable) to say.
    Reply(Reply),
    /// The server refused the request.
    Refused(ServerError),
    /// The engine ran out of time before it came to the request.
    Expired,
    /// The batch was cancelled before it came to the request.
    Cancelled,
}

impl Outcome {
    /// Reads the body of a reply. `request_id` is the engine's, for a support case.
    pub(super) fn of(dialect: Dialect, body: &str, request_id: Option<String>) -> Result<Self, Malformed> {
        let mut chunk = dialect.decode_whole(body.as_bytes())?;
        if let Some(error) = chunk.error.take() {
            return Ok(Self::Refused(error));
        }
        let mut assembly = dialect.assembly();
        assembly.push(chunk, &mut |_| ());
        let reply = assembly.finish(request_id);
        reply
            .map(Self::Reply)
            .ok_or_else(|| Malformed("the reply has no end".to_owned()))
    }
}
