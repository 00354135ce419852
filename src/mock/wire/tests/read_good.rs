use std::borrow::Cow;

use crate::mock::wire::{Asked, read, read_counted};
use crate::mock::{Dialect, Part};

fn part<'a>(role: &'a str, text: &'a str) -> Part<'a> {
    Part {
        role: role.into(),
        text: text.into(),
        keep: false,
    }
}

fn kept<'a>(role: &'a str, text: &'a str) -> Part<'a> {
    Part {
        keep: true,
        ..part(role, text)
    }
}

/// A request for `m` that is a stream and has its tokens told.
fn asked(parts: Vec<Part<'_>>, max_tokens: Option<u64>) -> Asked<'_> {
    Asked {
        model: "m".into(),
        parts,
        stream: true,
        usage: true,
        max_tokens,
    }
}

#[test]
fn chat_completions_are_read() {
    let body = r#" {"model":"m","temperature":0.5,"messages":[
        {"role":"system","content":"be \"good\"","name":"x"},
        {"content":[{"type":"text","text":"look"},{"type":"image_url","image_url":{"url":"data:"}},
            {"type":"text","text":"again"}],"role":"user"},
        {"role":"assistant","content":null,"tool_calls":[
            {"id":"call_1","type":"function","function":{"name":"f","arguments":"{\"a\":1}"}}]},
        {"role":"tool","tool_call_id":"call_1","content":"done"},
        {"role":"assistant","content":[{"type":"refusal","refusal":"no"}],"refusal":"never"}],
        "tools":[{"type":"function"}],"stream":true,"stream_options":{"include_usage":true,"x":1},
        "max_tokens":7,"max_completion_tokens":8}"#;
    let parts = vec![
        part("tools", r#"[{"type":"function"}]"#),
        part("system", "be \"good\""),
        part("user", "look"),
        part("user", "again"),
        part("assistant", r#"{"a":1}"#),
        part("tool", "done"),
        part("assistant", "no"),
        part("assistant", "never"),
    ];
    assert_eq!(read(Dialect::Chat, body.as_bytes()), Ok(asked(parts, Some(8))));
}

#[test]
fn responses_are_read() {
    let body = r#"{"model":"m","instructions":"be good","stream":true,"max_output_tokens":9,"tools":[ ],
        "reasoning":{"effort":"low"},"input":[
        {"role":"developer","content":"plain"},
        {"type":"message","role":"user","content":[{"type":"input_text","text":"look"},
            {"type":"input_image","image_url":"data:"},{"type":"input_file","file_id":"f"}]},
        {"type":"message","role":"assistant","id":"msg_1","content":[
            {"type":"output_text","text":"seen","annotations":[]},{"type":"refusal","refusal":"no"}]},
        {"type":"reasoning","id":"rs_1","summary":[],"content":[{"type":"reasoning_text","text":"hm"}]},
        {"type":"function_call","call_id":"c","name":"f","arguments":"{\"a\":1}"},
        {"type":"function_call_output","call_id":"c","output":"done"},
        {"type":"function_call_output","call_id":"c","output":[{"type":"input_text","text":"more"}]},
        {"type":"computer_call_output","call_id":"c","output":{"type":"computer_screenshot"}},
        {"type":"item_reference","id":"x"}]}"#;
    let parts = vec![
        part("system", "be good"),
        part("developer", "plain"),
        part("user", "look"),
        part("assistant", "seen"),
        part("assistant", "no"),
        part("assistant", r#"{"a":1}"#),
        part("tool", "done"),
        part("tool", "more"),
    ];
    assert_eq!(
        read(Dialect::Responses, body.as_bytes()),
        Ok(asked(parts, Some(9)))
    );
    let plain = Asked {
        stream: false,
        ..asked(vec![part("user", "hi")], None)
    };
    let body = br#"{"model":"m","input":"hi"}"#;
    assert_eq!(read(Dialect::Responses, body), Ok(plain.clone()));
    let continued = Asked {
        parts: Vec::new(),
        ..plain
    };
    let body = br#"{"model":"m","previous_response_id":"resp_1"}"#;
    assert_eq!(read(Dialect::Responses, body), Ok(continued));
}

#[test]
fn messages_are_read() {
    let body = r#"{"model":"m","max_tokens":5,"stream":true,"metadata":{"user_id":"u"},
        "tools":[{"name":"f","cache_control":{"type":"ephemeral"},"input_schema":{"type":"object"}}],
        "messages":[
        {"role":"user","content":[{"type":"text","text":"a","cache_control":null},
            {"type":"image","source":{"type":"base64","data":""},"cache_control":{"type":"ephemeral"}}]},
        {"role":"assistant","content":[{"type":"thinking","thinking":"hm","signature":"s"},
            {"type":"tool_use","id":"t","name":"f","input":{"a": 1}}]},
        {"role":"user","content":[{"type":"tool_result","tool_use_id":"t","content":[
            {"type":"text","text":"b"},{"type":"text","text":"c"}],"cache_control":{"type":"ephemeral"}},
            {"type":"tool_result","tool_use_id":"u","content":"d","is_error":true}]}],
        "system":[{"type":"text","text":"s","cache_control":{"type":"ephemeral","ttl":"1h"}}]}"#;
    let tools = r#"[{"name":"f","cache_control":{"type":"ephemeral"},"input_schema":{"type":"object"}}]"#;
    let parts = vec![
        kept("tools", tools),
        kept("system", "s"),
        kept("user", "a"),
        part("assistant", r#"{"a": 1}"#),
        part("user", "b"),
        kept("user", "c"),
        part("user", "d"),
    ];
    assert_eq!(
        read(Dialect::Messages, body.as_bytes()),
        Ok(asked(parts, Some(5)))
    );
    // The word alone is no mark: a tool may have a parameter of that name.
    let body = r#"{"model":"m","cache_control":{"type":"ephemeral"},"system":"s","stream":true,
        "tools":[{"name":"f","input_schema":{"properties":{"cache_control":{}}}}],
        "messages":[{"role":"user","content":"hi"}]}"#;
    let tools = r#"[{"name":"f","input_schema":{"properties":{"cache_control":{}}}}]"#;
    let parts = vec![part("tools", tools), part("system", "s"), kept("user", "hi")];
    assert_eq!(
        read_counted(Dialect::Messages, body.as_bytes()),
        Ok(asked(parts, None))
    );
}

#[test]
fn chats_of_ollama_are_read_and_stream_by_default() {
    let body = r#"{"model":"m","options":{"num_predict":3,"num_ctx":9},"keep_alive":"5m","messages":[
        {"role":"user","content":"hi","images":["aGk="]},
        {"role":"assistant","content":"","tool_calls":[{"function":{"name":"f","arguments":{"a":1}}}]},
        {"role":"tool","content":"done","tool_name":"f"}]}"#;
    let parts = vec![
        part("user", "hi"),
        part("assistant", ""),
        part("assistant", r#"{"a":1}"#),
        part("tool", "done"),
    ];
    assert_eq!(read(Dialect::Ollama, body.as_bytes()), Ok(asked(parts, Some(3))));
    let loaded = Asked {
        stream: false,
        ..asked(Vec::new(), None)
    };
    let body = br#"{"model":"m","stream":false,"options":{"num_predict":-1}}"#;
    assert_eq!(read(Dialect::Ollama, body), Ok(loaded));
}

#[test]
fn a_text_without_escapes_is_not_copied() {
    let bodies = [
        (
            Dialect::Chat,
            r#"{"model":"m","messages":[{"role":"user","content":[{"text":"hi"}]}]}"#,
        ),
        (
            Dialect::Responses,
            r#"{"model":"m","input":[{"role":"user","content":"hi"}]}"#,
        ),
        (
            Dialect::Messages,
            r#"{"model":"m","max_tokens":1,"messages":[{"role":"user","content":"hi"}]}"#,
        ),
        (
            Dialect::Ollama,
            r#"{"model":"m","messages":[{"role":"user","content":"hi"}]}"#,
        ),
    ];
    for (dialect, body) in bodies {
        let asked = read(dialect, body.as_bytes()).unwrap();
        let borrowed = |text: &Cow<'_, str>| matches!(text, Cow::Borrowed(_));
        let [part] = asked.parts.as_slice() else {
            panic!("{asked:?}")
        };
        assert!(
            borrowed(&asked.model) && borrowed(&part.role) && borrowed(&part.text),
            "{asked:?}"
        );
    }
}
