//! Replies as Anthropic's Messages have them.

use super::json::Json;
use super::{Saying, ids};
use crate::llm::Finish;

/// Writes the reply that is no stream.
pub(super) fn whole(saying: &Saying, out: &mut Vec<u8>) {
    let mut json = Json(out);
    head(saying, &mut json);
    if saying.speaks() {
        json.raw(r#"{"type":"text","text":"#);
        json.text(&saying.text).raw("}");
    }
    for (index, call) in saying.calls.iter().enumerate() {
        json.raw(if index == 0 && !saying.speaks() { "" } else { "," });
        json.raw(r#"{"type":"tool_use","caller":{"type":"direct"},"id":"#)
            .text(&ids::tool_use(saying.number, index));
        json.raw(r#","name":"#).text(&call.name);
        json.raw(r#","input":"#).object(&call.arguments).raw("}");
    }
    json.raw("],");
    stop(saying, &mut json);
    json.raw(r#","usage":{"#);
    input(saying, &mut json);
    kept(saying, &mut json);
    json.raw(r#","output_tokens":"#).number(saying.spent.output);
    json.raw(r#","service_tier":"standard","inference_geo":null,"speed":null}}"#);
}

/// Writes the message without its content, and the start of the text.
pub(super) fn begin(saying: &Saying, out: &mut Vec<u8>) {
    let mut json = Json(out);
    json.raw("event: message_start\ndata: {\"type\":\"message_start\",\"message\":");
    head(saying, &mut json);
    json.raw(r#"],"stop_reason":null,"stop_sequence":null,"stop_details":null,"usage":{"#);
    input(saying, &mut json);
    kept(saying, &mut json);
    // The first token is known when the first event goes out.
    json.raw(r#","output_tokens":"#)
        .number(saying.spent.output.min(1));
    json.raw(",\"service_tier\":\"standard\",\"inference_geo\":null,\"speed\":null}}}\n\n");
    if saying.speaks() {
        json.raw("event: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":0,");
        json.raw("\"content_block\":{\"type\":\"text\",\"citations\":null,\"text\":\"\"}}\n\n");
    }
    ping(json.0);
}

/// What stands before and after the text of a chunk.
pub(super) fn delta() -> (Vec<u8>, Vec<u8>) {
    let before = "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\
                  \"delta\":{\"type\":\"text_delta\",\"text\":";
    (before.into(), "}}\n\n".into())
}

/// Writes the end of the text, the tool calls, the reason to stop with the tokens, and the end of the message.
pub(super) fn end(saying: &Saying, out: &mut Vec<u8>) {
    let mut json = Json(out);
    let mut block = 0;
    if saying.speaks() {
        block_stop(block, &mut json);
        block += 1;
    }
    for (index, call) in saying.calls.iter().enumerate() {
        json.raw("event: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":");
        json.number(block)
            .raw(r#","content_block":{"type":"tool_use","caller":{"type":"direct"},"id":"#);
        json.text(&ids::tool_use(saying.number, index));
        json.raw(r#","name":"#).text(&call.name);
        json.raw(",\"input\":{}}}\n\n");
        json.raw("event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":");
        json.number(block)
            .raw(r#","delta":{"type":"input_json_delta","partial_json":"#);
        json.text(&call.arguments).raw("}}\n\n");
        block_stop(block, &mut json);
        block += 1;
    }
    json.raw("event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"container\":null,");
    stop(saying, &mut json);
    json.raw(r#"},"usage":{"#);
    input(saying, &mut json);
    json.raw(r#","output_tokens":"#).number(saying.spent.output);
    json.raw("}}\n\nevent: message_stop\ndata: {\"type\":\"message_stop\"}\n\n");
}

/// Writes what keeps a connection open.
pub(super) fn ping(out: &mut Vec<u8>) {
    Json(out).raw("event: ping\ndata: {\"type\":\"ping\"}\n\n");
}

fn block_stop(block: u64, json: &mut Json<'_>) {
    json.raw("event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":");
    json.number(block).raw("}\n\n");
}

fn head(saying: &Saying, json: &mut Json<'_>) {
    json.raw(r#"{"id":"#).text(&ids::message(saying.number));
    json.raw(r#","type":"message","role":"assistant","container":null,"diagnostics":null,"model":"#)
        .text(&saying.model);
    json.raw(r#","content":["#);
}

fn stop(saying: &Saying, json: &mut Json<'_>) {
    let reason = match &saying.finish {
        Finish::Stop if !saying.calls.is_empty() => "tool_use",
        Finish::Stop => "end_turn",
        Finish::Length => "max_tokens",
        Finish::Refusal | Finish::ContentFilter => "refusal",
        Finish::Other(word) => word,
    };
    json.raw(r#""stop_reason":"#).text(reason);
    json.raw(r#","stop_sequence":null,"stop_details":"#);
    json.raw(match reason {
        "refusal" => r#"{"type":"refusal","category":null,"explanation":null}"#,
        _ => "null",
    });
}

fn input(saying: &Saying, json: &mut Json<'_>) {
    let spent = saying.spent;
    // What was read from the cache or written to it is told apart from the rest, which the three add up to.
    let rest = spent.input.saturating_sub(spent.read + spent.written);
    json.raw(r#""input_tokens":"#).number(rest);
    json.raw(r#","cache_creation_input_tokens":"#)
        .number(spent.written);
    json.raw(r#","cache_read_input_tokens":"#).number(spent.read);
    json.raw(r#","server_tool_use":null,"output_tokens_details":null"#);
}

/// How long what was written is kept: always for the shorter of the two times.
fn kept(saying: &Saying, json: &mut Json<'_>) {
    json.raw(r#","cache_creation":{"ephemeral_5m_input_tokens":"#)
        .number(saying.spent.written);
    json.raw(r#","ephemeral_1h_input_tokens":0}"#);
}
