//! stepgate's record after an agent ran: it is put back, and what cannot be is told by name.

use serde_json::Value;

use crate::state::{Blobs, Entry, Found, Safeguard};
use crate::words::{Exit, Failure, counted};

/// Texts that are named one by one.
const NAMED: usize = 10;

/// Puts back the texts of the record that an agent changed or deleted; whether there were any.
///
/// Fails with exit 12 where some cannot be put back, naming them.
pub(super) fn put_back(
    guard: &Safeguard,
    blobs: &Blobs,
    entries: &[Entry],
    endpoint: &str,
) -> Result<bool, Failure> {
    let Found { restored, lost } = guard.settle(blobs)?;
    if lost.is_empty() {
        return Ok(!restored.is_empty());
    }
    let told: Vec<String> = lost.iter().take(NAMED).map(|name| said(entries, name)).collect();
    let more = match lost.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let text = format!(
        "the agent `{endpoint}` destroyed {} of stepgate's record of this plan that cannot be put back",
        counted(lost.len(), "text", "texts")
    );
    Err(Failure::new(Exit::AgentFailed, "record-lost", text)
        .found(format!("{}{more}", told.join("; ")))
        .help("the journal is whole; a step that needs one of them says so, and can be begun anew")
        .help("what the agent did to the tree is as it left it: run again to look at it, and to keep it or put it back"))
}

/// A text by what the record says of it first, and by the beginning of its name.
fn said(entries: &[Entry], name: &str) -> String {
    let short: String = name.chars().take(12).collect();
    for entry in entries {
        let Ok(record) = serde_json::to_value(&entry.record) else {
            continue;
        };
        if let Some(key) = key_of(&record, name) {
            let of = match entry.record.step() {
                Some(step) => format!(" of step {step}"),
                None => String::new(),
            };
            return format!("`{short}` ({key}{of})");
        }
    }
    format!("`{short}`")
}

/// The key in a record that has this value, however deep.
fn key_of(value: &Value, wanted: &str) -> Option<String> {
    let Value::Object(map) = value else {
        let Value::Array(all) = value else { return None };
        return all.iter().find_map(|one| key_of(one, wanted));
    };
    map.iter().find_map(|(key, value)| match value {
        Value::String(text) if text == wanted => Some(key.clone()),
        Value::Array(all) if all.iter().any(|one| one == wanted) => Some(key.clone()),
        deeper => key_of(deeper, wanted),
    })
}
