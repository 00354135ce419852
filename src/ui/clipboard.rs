use std::io::Write as _;

use base64::Engine as _;

/// A text past this size is not offered to the terminal's clipboard: terminals cut or drop longer ones.
const LIMIT: usize = 74_000;

/// Offers a text to the clipboard by OSC 52, the terminal's own way there; a terminal that does not know it shows nothing.
/// Says whether it was offered.
pub(super) fn offer(text: &str) -> bool {
    if text.len() > LIMIT {
        return false;
    }
    let coded = base64::engine::general_purpose::STANDARD.encode(text);
    let mut out = crate::outlet::stderr();
    let written = write!(out, "\x1b]52;c;{coded}\x07").and_then(|()| out.flush());
    written.is_ok()
}
