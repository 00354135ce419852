//! A failure as text, whole, for tests to compare.

use std::path::Path;

use crate::words::Failure;

/// Everything that a failure says; `folder` is shown as `DIR`.
pub(super) fn told(failure: &Failure, folder: &Path) -> String {
    let mut text = format!("exit {}", failure.exit.code());
    for diagnostic in &failure.diagnostics {
        text += &format!("\n{}: {}", diagnostic.rule, diagnostic.message);
        if let Some(place) = &diagnostic.place {
            text += &format!(
                "\n  at {}:{}:{} |{}|",
                place.path, place.line, place.column, place.excerpt
            );
        }
        if let Some(found) = &diagnostic.found {
            text += &format!("\n  found {found}");
        }
        for help in &diagnostic.help {
            text += &format!("\n  help {help}");
        }
    }
    text.replace(&folder.to_string_lossy().into_owned(), "DIR")
}
