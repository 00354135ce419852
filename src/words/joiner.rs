use std::borrow::Cow;
use std::sync::Arc;

use super::redact::PUT;
use super::{Redactor, secrets};

/// So much of what may be a secret is shown when nothing comes for a moment: a prompt that ends in the letter that a key
/// begins with is not held back for ever, and nothing is told of a key.
const SHOWN: usize = 3;

/// Puts together what somebody else's text comes in, so that a secret is found also where it comes in pieces, and a
/// character is not torn.
///
/// Held back is only what may be the beginning of a secret, or of a character. What all pieces give together is what the
/// whole text gives without its secrets.
#[derive(Default)]
pub(crate) struct Joiner {
    known: Option<Arc<Redactor>>,
    held: Vec<u8>,
    /// Bytes at the beginning of what is held that have left already.
    shown: usize,
}

impl Joiner {
    /// Knows what has been learnt until now.
    pub(crate) fn new() -> Self {
        Self::knowing(secrets::known())
    }

    pub(crate) fn knowing(known: Option<Arc<Redactor>>) -> Self {
        Self {
            known,
            ..Self::default()
        }
    }

    /// What can leave now that `bytes` have come.
    pub(crate) fn pass<'b>(&mut self, bytes: &'b [u8]) -> Cow<'b, [u8]> {
        if self.held.is_empty() && self.cut(bytes) == bytes.len() {
            return match &self.known {
                Some(known) => known.redact_bytes(bytes),
                None => Cow::Borrowed(bytes),
            };
        }
        let mut held = std::mem::take(&mut self.held);
        held.extend_from_slice(bytes);
        let cut = self.cut(&held);
        let clean = self.clean(&held[..cut]);
        if cut > 0 {
            self.shown = 0;
        }
        held.drain(..cut);
        self.held = held;
        Cow::Owned(clean)
    }

    /// Nothing has come for a moment: what can leave although it may be the beginning of a secret.
    pub(crate) fn pause(&mut self) -> Vec<u8> {
        let whole = self.held.len() - torn(&self.held);
        if self.held.len() > SHOWN || whole <= self.shown {
            return Vec::new();
        }
        self.held[std::mem::replace(&mut self.shown, whole)..whole].to_vec()
    }

    /// What is still held back at the end.
    pub(crate) fn rest(&mut self) -> Vec<u8> {
        let held = std::mem::take(&mut self.held);
        let clean = self.clean(&held);
        self.shown = 0;
        clean
    }

    /// `bytes` without secrets and without what has left already.
    fn clean(&self, bytes: &[u8]) -> Vec<u8> {
        let mut clean = Vec::with_capacity(bytes.len());
        let mut at = self.shown.min(bytes.len());
        for found in self.known.iter().flat_map(|known| known.find(bytes)) {
            clean.extend_from_slice(bytes.get(at..found.start).unwrap_or_default());
            clean.extend_from_slice(PUT.as_bytes());
            at = found.end.max(at);
        }
        clean.extend_from_slice(&bytes[at..]);
        clean
    }

    /// Where that begins which is held back.
    fn cut(&self, bytes: &[u8]) -> usize {
        let whole = bytes.len() - torn(bytes);
        let Some(known) = &self.known else { return whole };
        let mut cut = bytes.len() - known.begun(bytes);
        for found in known.find(bytes) {
            if found.start >= cut {
                break;
            }
            // What belongs to a secret that is whole begins no other one.
            if found.end > cut {
                cut = bytes.len() - known.begun(&bytes[found.end..]);
            }
        }
        cut.min(whole)
    }
}

/// Bytes at the end that are the beginning of a character of UTF-8.
fn torn(bytes: &[u8]) -> usize {
    let last = bytes.iter().rev().take(3).enumerate();
    for (at, byte) in last {
        let length = match byte {
            0x80..=0xBF => continue,
            0xC2..=0xDF => 2,
            0xE0..=0xEF => 3,
            0xF0..=0xF4 => 4,
            _ => 0,
        };
        return if length > at + 1 { at + 1 } else { 0 };
    }
    0
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "sk-0123456789ab-s";

    fn joiner(keys: &[&str]) -> Joiner {
        Joiner::knowing(Some(Arc::new(Redactor::new(keys.iter().copied()))))
    }

    fn text(bytes: &[u8]) -> String {
        String::from_utf8_lossy(bytes).into_owned()
    }

    fn passed(keys: &[&str], pieces: &[&[u8]]) -> Vec<String> {
        let mut joiner = joiner(keys);
        let mut all: Vec<_> = pieces.iter().map(|piece| text(&joiner.pass(piece))).collect();
        all.push(text(&joiner.rest()));
        all
    }

    #[test]
    fn a_secret_in_pieces_is_found() {
        assert_eq!(
            passed(&[KEY], &[b"a sk-01", b"23456789", b"ab-s b"]),
            ["a ", "", "[key] b", ""]
        );
        // Its end is its beginning; and one is the beginning of another.
        assert_eq!(
            passed(&[KEY], &[b"sk-0123456789ab-s", b"k-x"]),
            ["[key]", "k-x", ""]
        );
        assert_eq!(
            passed(
                &["abcd1234", "abcd1234efgh5678"],
                &[b"abcd1234", b"efgh5678", b"."]
            ),
            ["", "[key]", ".", ""]
        );
        assert_eq!(
            passed(&[KEY], &[b"it was sk-0123", b"x"]),
            ["it was ", "sk-0123x", ""]
        );
        assert_eq!(passed(&[KEY], &[b"it was sk-0123"]), ["it was ", "sk-0123"]);
    }

    #[test]
    fn other_forms_of_it_are_found_too() {
        use base64::Engine as _;
        let form = base64::engine::general_purpose::STANDARD.encode(KEY);
        for at in 1..form.len() {
            let (head, tail) = form.as_bytes().split_at(at);
            let all = passed(&[KEY], &[b"x ", head, tail, b" y"]).concat();
            assert_eq!(all, "x [key] y", "cut at {at}");
        }
    }

    #[test]
    fn every_cut_gives_what_the_whole_gives() {
        let whole = format!("ä{KEY}sk-sk-{KEY}€ sk-0123456789ab-\u{1F600}").into_bytes();
        let known = Redactor::new([KEY]);
        let expected = text(&known.redact_bytes(&whole));
        for size in 1..whole.len() {
            let pieces: Vec<&[u8]> = whole.chunks(size).collect();
            let all = passed(&[KEY], &pieces);
            assert_eq!(all.concat(), expected, "pieces of {size}");
        }
    }

    #[test]
    fn a_character_is_not_torn() {
        assert_eq!(
            passed(&[], &[b"\xE2\x82", b"\xAC\xF0\x9F", b"\x98\x80\xC3"]),
            ["", "€", "\u{1F600}", "\u{FFFD}"]
        );
        // What was never UTF-8 is not waited for.
        assert_eq!(passed(&[], &[b"\xFF", b"a\x80"]), ["\u{FFFD}", "a\u{FFFD}", ""]);
    }

    #[test]
    fn a_prompt_is_shown_after_a_moment_and_a_half_key_is_not() {
        let mut joiner = joiner(&[KEY]);
        assert_eq!(text(&joiner.pass(b"names")), "name");
        assert_eq!(text(&joiner.pause()), "s");
        assert_eq!(text(&joiner.pause()), "");
        assert_eq!(text(&joiner.pass(b"k")), "");
        assert_eq!(text(&joiner.pause()), "k");
        assert_eq!(text(&joiner.pass(b"-0123")), "");
        assert_eq!(text(&joiner.pause()), "");
        assert_eq!(text(&joiner.pass(b"456789ab-s.")), "[key].");
        assert_eq!(text(&joiner.pass(b"s")), "");
        assert_eq!(text(&joiner.pause()), "s");
        assert_eq!(text(&joiner.pass(b"o")), "o");
        assert_eq!(text(&joiner.rest()), "");
    }
}
