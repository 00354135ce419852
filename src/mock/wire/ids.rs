//! Ids in the providers' shapes: their prefix, their length, and the number of the request in digits.
//!
//! They say nothing else, so that the same requests in the same order have the same ids, and a log can be read by eye.

/// Most tool calls of one reply that still have ids of their own.
const CALLS: u64 = 1000;

/// OpenAI's id of a Chat Completions reply.
pub(super) fn completion(number: u64) -> String {
    format!("chatcmpl-{number:029}")
}

/// OpenAI's id of a Responses reply.
pub(super) fn response(number: u64) -> String {
    format!("resp_{number:050}")
}

/// OpenAI's id of the message in a Responses reply.
pub(super) fn output_message(number: u64) -> String {
    format!("msg_{number:050}")
}

/// OpenAI's id of a tool call as an item of a Responses reply.
pub(super) fn function_call(number: u64, index: usize) -> String {
    format!("fc_{:050}", nth(number, index))
}

/// OpenAI's id of a tool call, which its result names.
pub(super) fn call(number: u64, index: usize) -> String {
    format!("call_{:024}", nth(number, index))
}

/// Anthropic's id of a message.
pub(super) fn message(number: u64) -> String {
    format!("msg_01{number:022}")
}

/// Anthropic's id of a tool call.
pub(super) fn tool_use(number: u64, index: usize) -> String {
    format!("toolu_01{:022}", nth(number, index))
}

/// OpenAI's id of a request, in its header.
pub(super) fn openai_request(number: u64) -> String {
    format!("req_{number:032}")
}

/// Anthropic's id of a request, in its header and in its errors.
pub(super) fn anthropic_request(number: u64) -> String {
    format!("req_01{number:022}")
}

fn nth(number: u64, index: usize) -> u64 {
    let index = u64::try_from(index).unwrap_or(u64::MAX) % CALLS;
    number.saturating_mul(CALLS).saturating_add(index)
}
