//! The lists of models that the providers have. `created` is in seconds since 1970, the same for all.

use super::json::Json;
use super::said::rfc3339;

/// The version of Ollama whose answers these are.
const OLLAMA: &str = "0.12.6";

/// What every model of Ollama is said to be.
const DETAILS: &str = concat!(
    r#""details":{"parent_model":"","format":"gguf","family":"mock","families":["mock"],"#,
    r#""parameter_size":"0B","quantization_level":"F16"}"#
);

/// OpenAI's `GET /v1/models`.
pub fn openai_models(names: &[String], created: i64) -> Vec<u8> {
    let mut out = Vec::new();
    let mut json = Json(&mut out);
    json.raw(r#"{"object":"list","data":["#);
    list(names, &mut json, |name, json| openai(name, created, json));
    json.raw("]}");
    out
}

/// OpenAI's `GET /v1/models/{name}`.
pub fn openai_model(name: &str, created: i64) -> Vec<u8> {
    let mut out = Vec::new();
    openai(name, created, &mut Json(&mut out));
    out
}

/// Anthropic's `GET /v1/models`: one page, whatever was asked for.
pub fn anthropic_models(names: &[String], created: i64) -> Vec<u8> {
    let mut out = Vec::new();
    let mut json = Json(&mut out);
    json.raw(r#"{"data":["#);
    list(names, &mut json, |name, json| anthropic(name, created, json));
    json.raw(r#"],"has_more":false,"first_id":"#);
    json.maybe(names.first().map(String::as_str));
    json.raw(r#","last_id":"#).maybe(names.last().map(String::as_str));
    json.raw("}");
    out
}

/// Anthropic's `GET /v1/models/{name}`.
pub fn anthropic_model(name: &str, created: i64) -> Vec<u8> {
    let mut out = Vec::new();
    anthropic(name, created, &mut Json(&mut out));
    out
}

/// Ollama's `GET /api/tags`.
pub fn ollama_tags(names: &[String], created: i64) -> Vec<u8> {
    let mut out = Vec::new();
    let mut json = Json(&mut out);
    json.raw(r#"{"models":["#);
    list(names, &mut json, |name, json| {
        json.raw(r#"{"name":"#).text(name);
        json.raw(r#","model":"#).text(name);
        json.raw(r#","modified_at":"#).text(&rfc3339(created));
        json.raw(r#","size":0,"digest":""#);
        json.raw(&"0".repeat(64)).raw(r#"","#).raw(DETAILS).raw("}");
    });
    json.raw("]}");
    out
}

/// Ollama's `POST /api/show`. It says the same of every model.
pub fn ollama_show(created: i64) -> Vec<u8> {
    let mut out = Vec::new();
    let mut json = Json(&mut out);
    json.raw(r#"{"license":"","modelfile":"","parameters":"","template":"{{ .Prompt }}","#);
    json.raw(DETAILS);
    json.raw(r#","model_info":{"general.architecture":"mock","mock.context_length":131072},"#);
    json.raw(r#""capabilities":["completion","tools"],"modified_at":"#);
    json.text(&rfc3339(created)).raw("}");
    out
}

/// Ollama's `GET /api/version`.
pub fn ollama_version() -> Vec<u8> {
    let mut out = Vec::new();
    Json(&mut out).raw(r#"{"version":"#).text(OLLAMA).raw("}");
    out
}

fn list(names: &[String], json: &mut Json<'_>, one: impl Fn(&str, &mut Json<'_>)) {
    for (index, name) in names.iter().enumerate() {
        json.raw(if index == 0 { "" } else { "," });
        one(name, json);
    }
}

fn openai(name: &str, created: i64, json: &mut Json<'_>) {
    json.raw(r#"{"id":"#).text(name);
    json.raw(r#","object":"model","created":"#).seconds(created);
    json.raw(r#","owned_by":"mock"}"#);
}

fn anthropic(name: &str, created: i64, json: &mut Json<'_>) {
    json.raw(r#"{"type":"model","id":"#).text(name);
    json.raw(r#","display_name":"#).text(name);
    json.raw(r#","created_at":"#).text(&rfc3339(created));
    json.raw(r#","lifecycle":"active","deprecated_at":null,"retires_at":null,"line":null,"#);
    json.raw(r#""capabilities":null,"max_input_tokens":200000,"max_tokens":64000}"#);
}
