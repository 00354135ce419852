//! What a good server of each dialect sends, as the providers describe it.

use stepgate::llm::wire::{Dialect, Framing};

use crate::wire_server::{Act, Script, send};

/// The head of a streamed reply that ends with the connection.
pub(crate) fn head(dialect: Dialect) -> Act {
    let content_type = match dialect.framing() {
        Framing::Events => "text/event-stream",
        Framing::Lines => "application/x-ndjson",
    };
    send(&format!(
        "HTTP/1.1 200 OK\r\ncontent-type: {content_type}\r\nx-request-id: req-1\r\n\r\n"
    ))
}

/// One payload in its frame.
pub(crate) fn framed(dialect: Dialect, data: &str) -> Act {
    match dialect.framing() {
        Framing::Events => send(&format!("data: {data}\n\n")),
        Framing::Lines => send(&format!("{data}\n")),
    }
}

/// The payloads before the text.
pub(crate) fn begin(dialect: Dialect) -> Vec<String> {
    let payloads: &[&str] = match dialect {
        Dialect::Chat => &[
            r#"{"id":"c","model":"m-1","choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}]}"#,
        ],
        Dialect::Responses => &[
            r#"{"type":"response.created","response":{"id":"c","model":"m-1","status":"in_progress"},"sequence_number":0}"#,
            r#"{"type":"response.output_item.added","output_index":0,"item":{"type":"message","content":[]},"sequence_number":1}"#,
        ],
        Dialect::Messages => &[
            r#"{"type":"message_start","message":{"id":"c","model":"m-1","content":[],"usage":{"input_tokens":2,"cache_creation_input_tokens":3,"cache_read_input_tokens":5,"output_tokens":1}}}"#,
            r#"{"type":"ping"}"#,
            r#"{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}"#,
        ],
        Dialect::Ollama => &[],
    };
    payloads.iter().map(|payload| (*payload).to_owned()).collect()
}

/// The payload with more text; it needs no escapes.
pub(crate) fn text(dialect: Dialect, text: &str) -> String {
    match dialect {
        Dialect::Chat => format!(r#"{{"choices":[{{"index":0,"delta":{{"content":"{text}"}}}}]}}"#),
        Dialect::Responses => format!(r#"{{"type":"response.output_text.delta","delta":"{text}"}}"#),
        Dialect::Messages => format!(
            r#"{{"type":"content_block_delta","index":0,"delta":{{"type":"text_delta","text":"{text}"}}}}"#
        ),
        Dialect::Ollama => {
            format!(r#"{{"model":"m-1","message":{{"role":"assistant","content":"{text}"}},"done":false}}"#)
        }
    }
}

/// The payloads after the text of a reply that is whole.
pub(crate) fn end(dialect: Dialect) -> Vec<String> {
    let payloads: &[&str] = match dialect {
        Dialect::Chat => &[
            r#"{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}"#,
            r#"{"choices":[],"usage":{"prompt_tokens":10,"completion_tokens":4,"prompt_tokens_details":{"cached_tokens":5}}}"#,
            "[DONE]",
        ],
        Dialect::Responses => &[
            r#"{"type":"response.output_text.done","text":"…"}"#,
            r#"{"type":"response.completed","response":{"id":"c","model":"m-1","status":"completed","usage":{"input_tokens":10,"input_tokens_details":{"cached_tokens":5},"output_tokens":4}}}"#,
        ],
        Dialect::Messages => &[
            r#"{"type":"content_block_stop","index":0}"#,
            r#"{"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":4}}"#,
            r#"{"type":"message_stop"}"#,
        ],
        Dialect::Ollama => &[
            r#"{"model":"m-1","message":{"role":"assistant","content":""},"done":true,"done_reason":"stop","prompt_eval_count":10,"eval_count":4}"#,
        ],
    };
    payloads.iter().map(|payload| (*payload).to_owned()).collect()
}

/// The payloads of a whole reply, in their order.
pub(crate) fn payloads(dialect: Dialect, said: &[&str]) -> Vec<String> {
    let texts = said.iter().map(|said| text(dialect, said)).collect();
    [begin(dialect), texts, end(dialect)].concat()
}

/// A whole reply.
pub(crate) fn reply(dialect: Dialect, said: &[&str]) -> Script {
    stream(dialect, &payloads(dialect, said))
}

/// A stream of payloads, and then the end of the connection.
pub(crate) fn stream(dialect: Dialect, payloads: &[String]) -> Script {
    let framed = payloads.iter().map(|payload| framed(dialect, payload));
    std::iter::once(head(dialect)).chain(framed).collect()
}

/// An error in the provider's shape; Ollama has no words beside the message.
pub(crate) fn error(dialect: Dialect, kind: &str, message: &str) -> String {
    match dialect {
        Dialect::Chat | Dialect::Responses => {
            format!(r#"{{"error":{{"message":"{message}","type":"{kind}","param":null,"code":"{kind}"}}}}"#)
        }
        Dialect::Messages => format!(
            r#"{{"type":"error","error":{{"type":"{kind}","message":"{message}"}},"request_id":"req-1"}}"#
        ),
        Dialect::Ollama => format!(r#"{{"error":"{message}"}}"#),
    }
}
