use super::Spent;
use super::json::Json;
use crate::mock::Dialect;

/// The answer to a request that only has its tokens counted: Anthropic's `/v1/messages/count_tokens`, OpenAI's
/// `/v1/responses/input_tokens`. The other dialects have no such request; they are answered in Anthropic's words.
pub fn count_tokens(dialect: Dialect, spent: Spent) -> Vec<u8> {
    let mut out = Vec::new();
    let mut json = Json(&mut out);
    json.raw("{");
    if dialect == Dialect::Responses {
        json.raw(r#""object":"response.input_tokens","#);
    }
    json.raw(r#""input_tokens":"#).number(spent.input).raw("}");
    out
}
