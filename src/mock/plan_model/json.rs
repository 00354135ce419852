//! A word about a step in JSON, which has no comments: a member `_stepgate` of the object, at its beginning.

use serde_json::Value;

const MEMBER: &str = "_stepgate";

/// The text with `words` in its member, and every other byte as it was, with a line feed at its end.
///
/// `Ok(None)` where they stand there already. Fails with the reason for what is no object of JSON.
pub(super) fn with(text: &str, words: &str) -> Result<Option<String>, &'static str> {
    let Ok(Value::Object(object)) = serde_json::from_str(text) else {
        return Err("it is no object of JSON, and JSON has no comments");
    };
    let word = Value::from(words);
    if let Some(Value::Array(known)) = object.get(MEMBER)
        && known.contains(&word)
    {
        return Ok(None);
    }
    let open = text.find('{').map_or(0, |at| at + 1);
    let rest = &text[open..];
    let white = &rest[..rest.len() - rest.trim_start().len()];
    let kept = &rest[white.len()..];
    let start = format!("\"{MEMBER}\": [");
    let mut written = if object.contains_key(MEMBER) {
        let Some(after) = kept.strip_prefix(&start) else {
            return Err("its member `_stepgate` is not one that this model wrote");
        };
        format!("{}{white}{start}{word}, {after}", &text[..open])
    } else if object.is_empty() {
        format!("{}\n  {start}{word}]\n{kept}", &text[..open])
    } else {
        let gap = if white.is_empty() { " " } else { white };
        format!("{}{white}{start}{word}],{gap}{kept}", &text[..open])
    };
    if !written.ends_with('\n') {
        written.push('\n');
    }
    // Seen only where the member is the first by its text and yet stands elsewhere too.
    let same = |after: &serde_json::Map<String, Value>| {
        let others = |map: &serde_json::Map<String, Value>| {
            let mut map = map.clone();
            map.shift_remove(MEMBER);
            map
        };
        others(after) == others(&object)
    };
    match serde_json::from_str(&written) {
        Ok(Value::Object(after)) if same(&after) => Ok(Some(written)),
        _ => Err("a member could not be added to it without harm"),
    }
}
