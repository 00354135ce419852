use serde_json::{Value, json};

/// A list in OpenAI's shape.
pub(super) fn list(data: &[Value], more: bool) -> Value {
    let id = |item: Option<&Value>| item.map(|item| item["id"].clone());
    let (first, last) = (id(data.first()), id(data.last()));
    json!({"object": "list", "data": data, "first_id": first, "last_id": last, "has_more": more})
}
