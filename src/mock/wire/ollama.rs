//! Replies as Ollama's `/api/chat` has them.

use super::json::Json;
use super::said::rfc3339;
use super::{Saying, ids};
use crate::llm::Finish;

/// What a token of the request takes, in nanoseconds.
const READING: u64 = 100_000;
/// What a token of the reply takes, in nanoseconds.
const WRITING: u64 = 10_000_000;
/// What loading the model takes, in nanoseconds.
const LOADING: u64 = 1_000_000;

/// Writes the reply that is no stream.
pub(super) fn whole(saying: &Saying, out: &mut Vec<u8>) {
    let mut json = Json(out);
    head(saying, &mut json);
    json.text(&saying.text);
    if !saying.calls.is_empty() {
        calls(saying, &mut json);
    }
    json.raw("},");
    last(saying, &mut json);
    json.raw("}");
}

/// What stands before and after the text of a chunk.
pub(super) fn delta(saying: &Saying) -> (Vec<u8>, Vec<u8>) {
    let mut before = Vec::new();
    head(saying, &mut Json(&mut before));
    (before, "},\"done\":false}\n".into())
}

/// Writes the tool calls, and the line that is the last.
pub(super) fn end(saying: &Saying, out: &mut Vec<u8>) {
    let mut json = Json(out);
    if !saying.calls.is_empty() {
        head(saying, &mut json);
        json.raw(r#""""#);
        calls(saying, &mut json);
        json.raw("},\"done\":false}\n");
    }
    head(saying, &mut json);
    json.raw(r#"""},"#);
    last(saying, &mut json);
    json.raw("}\n");
}

fn head(saying: &Saying, json: &mut Json<'_>) {
    json.raw(r#"{"model":"#).text(&saying.model);
    json.raw(r#","created_at":"#).text(&rfc3339(saying.created));
    json.raw(r#","message":{"role":"assistant","content":"#);
}

fn calls(saying: &Saying, json: &mut Json<'_>) {
    json.raw(r#","tool_calls":["#);
    for (index, call) in saying.calls.iter().enumerate() {
        json.raw(if index == 0 { "" } else { "," });
        json.raw(r#"{"id":"#).text(&ids::call(saying.number, index));
        json.raw(r#","function":{"index":"#)
            .number(u64::try_from(index).unwrap_or(u64::MAX));
        json.raw(r#","name":"#).text(&call.name);
        json.raw(r#","arguments":"#).object(&call.arguments).raw("}}");
    }
    json.raw("]");
}

fn last(saying: &Saying, json: &mut Json<'_>) {
    let reason = match &saying.finish {
        // It has no word for a reply that was declined or filtered: the text is all there is.
        Finish::Stop | Finish::Refusal | Finish::ContentFilter => "stop",
        Finish::Length => "length",
        Finish::Other(word) => word,
    };
    let (read, written) = (saying.spent.input, saying.spent.output);
    let (reading, writing) = (read.saturating_mul(READING), written.saturating_mul(WRITING));
    let total = reading.saturating_add(writing).saturating_add(LOADING);
    json.raw(r#""done":true,"done_reason":"#).text(reason);
    json.raw(r#","total_duration":"#).number(total);
    json.raw(r#","load_duration":"#).number(LOADING);
    json.raw(r#","prompt_eval_count":"#).number(read);
    json.raw(r#","prompt_eval_duration":"#).number(reading);
    json.raw(r#","eval_count":"#).number(written);
    json.raw(r#","eval_duration":"#).number(writing);
}
