//! Replies as OpenAI's Chat Completions have them.

use super::json::Json;
use super::{Saying, ids};
use crate::llm::Finish;

/// Writes the reply that is no stream.
pub(super) fn whole(saying: &Saying, out: &mut Vec<u8>) {
    let mut json = Json(out);
    head(saying, "chat.completion", &mut json);
    json.raw(r#""choices":[{"index":0,"message":{"role":"assistant","content":"#);
    let refused = saying.finish == Finish::Refusal;
    let text = saying.speaks().then_some(saying.text.as_ref());
    json.maybe(text.filter(|_| !refused)).raw(r#","refusal":"#);
    json.maybe(text.filter(|_| refused)).raw(r#","annotations":[]"#);
    if !saying.calls.is_empty() {
        json.raw(r#","tool_calls":["#);
        for (index, call) in saying.calls.iter().enumerate() {
            json.raw(if index == 0 { "" } else { "," });
            json.raw(r#"{"id":"#).text(&ids::call(saying.number, index));
            json.raw(r#","type":"function","function":{"name":"#)
                .text(&call.name);
            json.raw(r#","arguments":"#).text(&call.arguments).raw("}}");
        }
        json.raw("]");
    }
    json.raw(r#"},"logprobs":null,"finish_reason":"#)
        .text(reason(saying));
    json.raw(r#"}],"usage":"#);
    usage(saying, &mut json);
    json.raw("}");
}

/// Writes the chunk that names the speaker.
pub(super) fn begin(saying: &Saying, out: &mut Vec<u8>) {
    let delta = match (saying.finish == Finish::Refusal, saying.speaks()) {
        (true, _) => r#"{"role":"assistant","content":null,"refusal":""}"#,
        (false, true) => r#"{"role":"assistant","content":"","refusal":null}"#,
        (false, false) => r#"{"role":"assistant","content":null,"refusal":null}"#,
    };
    choice(saying, &mut Json(out), |json| {
        json.raw(delta);
    });
}

/// What stands before and after the text of a chunk.
pub(super) fn delta(saying: &Saying) -> (Vec<u8>, Vec<u8>) {
    let mut before = Vec::new();
    let mut json = Json(&mut before);
    chunk_head(saying, &mut json);
    json.raw(match saying.finish {
        Finish::Refusal => r#"{"refusal":"#,
        _ => r#"{"content":"#,
    });
    let mut after = Vec::new();
    let mut json = Json(&mut after);
    json.raw("}");
    chunk_tail(saying, None, &mut json);
    (before, after)
}

/// Writes the tool calls, the reason to stop, the tokens where they were asked for, and the mark of the end.
pub(super) fn end(saying: &Saying, out: &mut Vec<u8>) {
    let mut json = Json(out);
    for (index, call) in saying.calls.iter().enumerate() {
        let place = u64::try_from(index).unwrap_or(u64::MAX);
        choice(saying, &mut json, |json| {
            json.raw(r#"{"tool_calls":[{"index":"#).number(place);
            json.raw(r#","id":"#).text(&ids::call(saying.number, index));
            json.raw(r#","type":"function","function":{"name":"#)
                .text(&call.name);
            json.raw(r#","arguments":""}}]}"#);
        });
        choice(saying, &mut json, |json| {
            json.raw(r#"{"tool_calls":[{"index":"#).number(place);
            json.raw(r#","function":{"arguments":"#).text(&call.arguments);
            json.raw("}}]}");
        });
    }
    chunk_head(saying, &mut json);
    json.raw("{}");
    chunk_tail(saying, Some(reason(saying)), &mut json);
    if saying.usage {
        json.raw("data: ");
        head(saying, "chat.completion.chunk", &mut json);
        json.raw(r#""choices":[],"usage":"#);
        usage(saying, &mut json);
        json.raw("}\n\n");
    }
    json.raw("data: [DONE]\n\n");
}

fn choice(saying: &Saying, json: &mut Json<'_>, delta: impl FnOnce(&mut Json<'_>)) {
    chunk_head(saying, json);
    delta(json);
    chunk_tail(saying, None, json);
}

fn chunk_head(saying: &Saying, json: &mut Json<'_>) {
    json.raw("data: ");
    head(saying, "chat.completion.chunk", json);
    json.raw(r#""choices":[{"index":0,"delta":"#);
}

fn chunk_tail(saying: &Saying, reason: Option<&str>, json: &mut Json<'_>) {
    json.raw(r#","logprobs":null,"finish_reason":"#).maybe(reason);
    // Once the tokens are asked for, every chunk has a place for them.
    json.raw(if saying.usage {
        "}],\"usage\":null}\n\n"
    } else {
        "}]}\n\n"
    });
}

fn head(saying: &Saying, object: &str, json: &mut Json<'_>) {
    json.raw(r#"{"id":"#).text(&ids::completion(saying.number));
    json.raw(r#","object":"#).text(object);
    json.raw(r#","created":"#).seconds(saying.created);
    json.raw(r#","model":"#).text(&saying.model);
    json.raw(r#","service_tier":"default","system_fingerprint":"fp_0000000000","#);
}

fn usage(saying: &Saying, json: &mut Json<'_>) {
    let spent = saying.spent;
    json.raw(r#"{"prompt_tokens":"#).number(spent.input);
    json.raw(r#","completion_tokens":"#).number(spent.output);
    json.raw(r#","total_tokens":"#).number(spent.input + spent.output);
    json.raw(r#","prompt_tokens_details":{"cached_tokens":"#)
        .number(spent.read);
    json.raw(r#","audio_tokens":0},"completion_tokens_details":{"reasoning_tokens":0,"audio_tokens":0,"#);
    json.raw(r#""accepted_prediction_tokens":0,"rejected_prediction_tokens":0}}"#);
}

fn reason(saying: &Saying) -> &str {
    match &saying.finish {
        Finish::Stop if !saying.calls.is_empty() => "tool_calls",
        // A refusal ends like any other text: where it stands tells it apart.
        Finish::Stop | Finish::Refusal => "stop",
        Finish::Length => "length",
        Finish::ContentFilter => "content_filter",
        Finish::Other(word) => word,
    }
}
