//! Requests and answers on their way: what is asked for, and how an answer becomes another one.

use serde_json::Value;

/// Whether a request makes a batch.
pub(crate) fn makes(method: &str, path: &str) -> bool {
    method == "POST" && path.ends_with("/batches")
}

/// Whether results are asked for.
pub(crate) fn is_result(path: &str) -> bool {
    path.ends_with("/content") || path.ends_with("/results")
}

/// Changes a JSON document.
pub(crate) fn edited(text: &str, edit: impl Fn(&mut Value)) -> String {
    let mut value: Value = serde_json::from_str(text).unwrap();
    edit(&mut value);
    value.to_string()
}
