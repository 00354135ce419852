//! Replies as OpenAI's Responses have them.

use super::json::Json;
use super::{Saying, ids};
use crate::llm::Finish;

/// Writes the reply that is no stream.
pub(super) fn whole(saying: &Saying, out: &mut Vec<u8>) {
    response(saying, true, &mut Json(out));
}

/// Writes the events of a stream, each with its number.
#[derive(Debug)]
pub(super) struct Events<'a> {
    /// What is said.
    pub(super) saying: &'a Saying,
    /// The number of the next event.
    pub(super) next: &'a mut u64,
    /// Where they go.
    pub(super) out: &'a mut Vec<u8>,
}

impl Events<'_> {
    /// Writes the response without its output, and the start of the text.
    pub(super) fn begin(&mut self) {
        for kind in ["response.created", "response.in_progress"] {
            self.event(kind, |saying, json| {
                json.raw(r#","response":"#);
                response(saying, false, json);
            });
        }
        if self.saying.speaks() {
            self.event("response.output_item.added", |saying, json| {
                json.raw(r#","output_index":0,"item":{"id":"#);
                json.text(&ids::output_message(saying.number));
                json.raw(r#","type":"message","status":"in_progress","content":[],"role":"assistant"}"#);
            });
            self.event("response.content_part.added", |saying, json| {
                place(saying, json);
                json.raw(r#","part":"#);
                part(saying, "", json);
            });
        }
    }

    /// Writes the end of the text, the tool calls, and the whole response.
    pub(super) fn end(&mut self) {
        if self.saying.speaks() {
            let (kind, field) = match self.saying.finish {
                Finish::Refusal => ("response.refusal.done", r#","refusal":"#),
                _ => ("response.output_text.done", r#","logprobs":[],"text":"#),
            };
            self.event(kind, |saying, json| {
                place(saying, json);
                json.raw(field).text(&saying.text);
            });
            self.event("response.content_part.done", |saying, json| {
                place(saying, json);
                json.raw(r#","part":"#);
                part(saying, &saying.text, json);
            });
            self.event("response.output_item.done", |saying, json| {
                json.raw(r#","output_index":0,"item":"#);
                message(saying, json);
            });
        }
        for index in 0..self.saying.calls.len() {
            self.call(index);
        }
        let kind = match incomplete(self.saying) {
            Some(_) => "response.incomplete",
            None => "response.completed",
        };
        self.event(kind, |saying, json| {
            json.raw(r#","response":"#);
            response(saying, true, json);
        });
    }

    fn call(&mut self, index: usize) {
        let output = index + usize::from(self.saying.speaks());
        let output = u64::try_from(output).unwrap_or(u64::MAX);
        self.event("response.output_item.added", |saying, json| {
            json.raw(r#","output_index":"#).number(output).raw(r#","item":"#);
            call(saying, index, false, json);
        });
        let head = |saying: &Saying, json: &mut Json<'_>| {
            json.raw(r#","item_id":"#)
                .text(&ids::function_call(saying.number, index));
            json.raw(r#","output_index":"#).number(output);
        };
        self.event("response.function_call_arguments.delta", |saying, json| {
            head(saying, json);
            json.raw(r#","delta":"#).text(&saying.calls[index].arguments);
        });
        self.event("response.function_call_arguments.done", |saying, json| {
            head(saying, json);
            json.raw(r#","name":"#).text(&saying.calls[index].name);
            json.raw(r#","arguments":"#).text(&saying.calls[index].arguments);
        });
        self.event("response.output_item.done", |saying, json| {
            json.raw(r#","output_index":"#).number(output).raw(r#","item":"#);
            call(saying, index, true, json);
        });
    }

    fn event(&mut self, kind: &str, body: impl FnOnce(&Saying, &mut Json<'_>)) {
        let mut json = Json(self.out);
        json.raw("event: ").raw(kind);
        json.raw("\ndata: {\"type\":\"").raw(kind).raw("\"");
        body(self.saying, &mut json);
        json.raw(r#","sequence_number":"#).number(*self.next).raw("}\n\n");
        *self.next += 1;
    }
}

/// What stands before the text of a chunk and after it; the number of the event and the end of the event follow.
pub(super) fn delta(saying: &Saying) -> (Vec<u8>, Vec<u8>) {
    let (kind, after) = match saying.finish {
        Finish::Refusal => ("response.refusal.delta", ""),
        _ => ("response.output_text.delta", r#","logprobs":[]"#),
    };
    let mut before = Vec::new();
    let mut json = Json(&mut before);
    json.raw("event: ").raw(kind);
    json.raw("\ndata: {\"type\":\"").raw(kind).raw("\"");
    place(saying, &mut json);
    json.raw(r#","delta":"#);
    (before, format!(r#"{after},"sequence_number":"#).into())
}

/// Where the text stands in the output.
fn place(saying: &Saying, json: &mut Json<'_>) {
    json.raw(r#","item_id":"#)
        .text(&ids::output_message(saying.number));
    json.raw(r#","output_index":0,"content_index":0"#);
}

fn part(saying: &Saying, text: &str, json: &mut Json<'_>) {
    match saying.finish {
        Finish::Refusal => json.raw(r#"{"type":"refusal","refusal":"#),
        _ => json.raw(r#"{"type":"output_text","annotations":[],"logprobs":[],"text":"#),
    };
    json.text(text).raw("}");
}

fn message(saying: &Saying, json: &mut Json<'_>) {
    json.raw(r#"{"id":"#).text(&ids::output_message(saying.number));
    json.raw(r#","type":"message","status":"#).text(status(saying));
    json.raw(r#","content":["#);
    part(saying, &saying.text, json);
    json.raw(r#"],"role":"assistant"}"#);
}

fn call(saying: &Saying, index: usize, done: bool, json: &mut Json<'_>) {
    let call = &saying.calls[index];
    json.raw(r#"{"id":"#)
        .text(&ids::function_call(saying.number, index));
    let (status, arguments) = if done {
        ("completed", call.arguments.as_str())
    } else {
        ("in_progress", "")
    };
    json.raw(r#","type":"function_call","status":"#).text(status);
    json.raw(r#","arguments":"#).text(arguments);
    json.raw(r#","call_id":"#).text(&ids::call(saying.number, index));
    json.raw(r#","name":"#).text(&call.name).raw("}");
}

/// The response with its output where it is `done`, and without one where it has begun.
fn response(saying: &Saying, done: bool, json: &mut Json<'_>) {
    let incomplete = incomplete(saying).filter(|_| done);
    let status = if done { status(saying) } else { "in_progress" };
    json.raw(r#"{"id":"#).text(&ids::response(saying.number));
    json.raw(r#","object":"response","created_at":"#)
        .seconds(saying.created);
    json.raw(r#","status":"#).text(status);
    json.raw(r#","background":false,"completed_at":"#);
    if status == "completed" {
        json.seconds(saying.created);
    } else {
        json.raw("null");
    }
    json.raw(r#","error":null,"incomplete_details":"#);
    match incomplete {
        Some(reason) => json.raw(r#"{"reason":"#).text(reason).raw("}"),
        None => json.raw("null"),
    };
    json.raw(r#","instructions":null,"max_output_tokens":null,"max_tool_calls":null,"model":"#)
        .text(&saying.model);
    json.raw(r#","output":["#);
    if done {
        output(saying, json);
    }
    json.raw(r#"],"parallel_tool_calls":true,"previous_response_id":null,"prompt_cache_key":null,"#);
    json.raw(r#""reasoning":{"effort":null,"summary":null},"safety_identifier":null,"#);
    json.raw(r#""service_tier":"default","store":false,"temperature":1.0,"#);
    json.raw(r#""text":{"format":{"type":"text"},"verbosity":"medium"},"tool_choice":"auto","tools":[],"#);
    json.raw(r#""top_logprobs":0,"top_p":1.0,"truncation":"disabled","usage":"#);
    if done {
        usage(saying, json);
    } else {
        json.raw("null");
    }
    json.raw(r#","user":null,"metadata":{}}"#);
}

fn output(saying: &Saying, json: &mut Json<'_>) {
    if saying.speaks() {
        message(saying, json);
    }
    for index in 0..saying.calls.len() {
        json.raw(if index == 0 && !saying.speaks() { "" } else { "," });
        call(saying, index, true, json);
    }
}

fn usage(saying: &Saying, json: &mut Json<'_>) {
    let spent = saying.spent;
    json.raw(r#"{"input_tokens":"#).number(spent.input);
    json.raw(r#","input_tokens_details":{"cached_tokens":"#)
        .number(spent.read);
    json.raw(r#","cache_write_tokens":0},"output_tokens":"#)
        .number(spent.output);
    json.raw(r#","output_tokens_details":{"reasoning_tokens":0},"total_tokens":"#);
    json.number(spent.input + spent.output).raw("}");
}

fn status(saying: &Saying) -> &'static str {
    match incomplete(saying) {
        Some(_) => "incomplete",
        None => "completed",
    }
}

/// Why the response is not complete; `None` where it is.
fn incomplete(saying: &Saying) -> Option<&'static str> {
    match saying.finish {
        Finish::Length => Some("max_output_tokens"),
        Finish::ContentFilter => Some("content_filter"),
        // It has no word of its own for other reasons.
        Finish::Stop | Finish::Refusal | Finish::Other(_) => None,
    }
}
