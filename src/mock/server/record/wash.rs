use std::collections::VecDeque;
use std::time::Duration;

use super::secrets::{Form, Secrets};

/// What stands for a secret, as [`Redactor`](crate::words::Redactor) has it.
const STAND_IN: &[u8] = b"[key]";

/// The bytes before a place that tell whether a word begins there: as many as the longest escape, `\\u000a`, has.
const BEFORE: usize = 6;

/// A piece of a body: the time since the piece before it, and its bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Piece {
    pub(super) wait: Duration,
    pub(super) bytes: usize,
}

/// Takes secrets out of a body that comes in pieces, also where one is spread over several, and leaves the pieces as they
/// came where there is none.
#[derive(Debug)]
pub(super) struct Wash {
    /// The longest first, so that a secret that holds another goes whole.
    forms: Vec<Form>,
    /// The bytes that a form begins with.
    begins: Box<[bool; 256]>,
    /// What may be the beginning of a secret.
    held: Vec<u8>,
    /// The last bytes before those.
    before: Vec<u8>,
    /// The pieces that the held bytes came in, with how many are of each.
    owners: VecDeque<(usize, usize)>,
    pieces: Vec<Piece>,
    found: bool,
}

/// What begins somewhere.
enum Found {
    Nothing,
    /// What may be a secret when more has come.
    Perhaps,
    /// A secret of this length.
    Form(usize),
}

/// What a body was.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Washed {
    /// Its last bytes.
    pub(super) rest: Vec<u8>,
    /// How it came; none of them is empty.
    pub(super) pieces: Vec<Piece>,
    /// Whether something was taken out.
    pub(super) found: bool,
}

impl Wash {
    pub(super) fn new(secrets: &Secrets) -> Self {
        let forms = secrets.forms();
        let mut begins = Box::new([false; 256]);
        for first in forms.iter().filter_map(|form| form.bytes.first()) {
            begins[usize::from(*first)] = true;
        }
        Self {
            begins,
            forms,
            held: Vec::new(),
            before: Vec::new(),
            owners: VecDeque::new(),
            pieces: Vec::new(),
            found: false,
        }
    }

    /// Takes a piece and returns the bytes that are clean by now.
    pub(super) fn pass(&mut self, wait: Duration, bytes: &[u8]) -> Vec<u8> {
        self.owners.push_back((self.pieces.len(), bytes.len()));
        self.pieces.push(Piece { wait, bytes: 0 });
        self.held.extend_from_slice(bytes);
        self.settle(false)
    }

    /// Ends the body.
    pub(super) fn finish(mut self) -> Washed {
        let rest = self.settle(true);
        let mut pieces: Vec<Piece> = Vec::with_capacity(self.pieces.len());
        let mut wait = Duration::ZERO;
        for piece in self.pieces {
            wait += piece.wait;
            // An empty piece would end a chunked body.
            if piece.bytes > 0 {
                pieces.push(Piece { wait, ..piece });
                wait = Duration::ZERO;
            }
        }
        Washed {
            rest,
            pieces,
            found: self.found,
        }
    }

    fn settle(&mut self, ended: bool) -> Vec<u8> {
        let held = std::mem::take(&mut self.held);
        let mut out = Vec::with_capacity(held.len());
        let (mut plain, mut at) = (0, 0);
        while at < held.len() {
            if !self.begins[usize::from(held[at])] {
                at += 1;
                continue;
            }
            match self.find(&held, at, ended) {
                Found::Nothing => at += 1,
                Found::Perhaps => break,
                Found::Form(length) => {
                    out.extend_from_slice(&held[plain..at]);
                    self.keep(at - plain);
                    out.extend_from_slice(STAND_IN);
                    self.replace(length);
                    self.found = true;
                    at += length;
                    plain = at;
                }
            }
        }
        out.extend_from_slice(&held[plain..at]);
        self.keep(at - plain);
        self.held = held[at..].to_vec();
        let done = &held[..at];
        self.before
            .extend_from_slice(&done[done.len().saturating_sub(BEFORE)..]);
        self.before.drain(..self.before.len().saturating_sub(BEFORE));
        out
    }

    /// What begins at a place of the bytes that are held.
    fn find(&self, held: &[u8], at: usize, ended: bool) -> Found {
        let rest = &held[at..];
        let mut begins: Option<bool> = None;
        for form in &self.forms {
            let whole = rest.starts_with(&form.bytes);
            let open = !ended && form.bytes.starts_with(rest);
            if !whole && !open {
                continue;
            }
            if form.word {
                if !*begins.get_or_insert_with(|| begins_word(&self.before, &held[..at])) {
                    continue;
                }
                // The byte behind it tells whether the word ends.
                let next = rest.get(form.bytes.len());
                if next.is_some_and(u8::is_ascii_alphanumeric) {
                    continue;
                }
            }
            return if open && (form.word || !whole) {
                Found::Perhaps
            } else {
                Found::Form(form.bytes.len())
            };
        }
        Found::Nothing
    }

    /// Gives plain bytes to the pieces that they came in.
    fn keep(&mut self, bytes: usize) {
        self.consume(bytes, |piece, taken| piece.bytes += taken);
    }

    /// Gives the stand-in to the piece in which the secret began.
    fn replace(&mut self, bytes: usize) {
        if let Some((first, _)) = self.owners.front() {
            self.pieces[*first].bytes += STAND_IN.len();
        }
        self.consume(bytes, |_, _| {});
    }

    fn consume(&mut self, mut bytes: usize, give: impl Fn(&mut Piece, usize)) {
        while let Some((piece, left)) = self.owners.front_mut() {
            let taken = bytes.min(*left);
            give(&mut self.pieces[*piece], taken);
            *left -= taken;
            bytes -= taken;
            if *left > 0 {
                break;
            }
            self.owners.pop_front();
        }
    }
}

/// A text without secrets.
pub(super) fn clean(secrets: &Secrets, text: &str) -> String {
    let mut wash = Wash::new(secrets);
    let mut clean = wash.pass(Duration::ZERO, text.as_bytes());
    clean.extend(wash.finish().rest);
    String::from_utf8_lossy(&clean).into_owned()
}

/// Whether a word begins behind these bytes: at the start, behind what is no letter or digit, and behind what is one
/// but belongs to an escape of JSON or of a URL.
fn begins_word(earlier: &[u8], bytes: &[u8]) -> bool {
    let near = &bytes[bytes.len().saturating_sub(BEFORE)..];
    let far = &earlier[earlier.len().saturating_sub(BEFORE - near.len())..];
    let hexadecimal = |bytes: &[u8]| bytes.iter().all(u8::is_ascii_hexdigit);
    match [far, near].concat().as_slice() {
        [] => true,
        [.., last] if !last.is_ascii_alphanumeric() => true,
        [.., b'\\', b'b' | b'f' | b'n' | b'r' | b't'] => true,
        [b'\\', b'u', code @ ..] if code.len() == 4 => hexadecimal(code),
        [.., b'%', one, other] => hexadecimal(&[*one, *other]),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "sk-0123456789";

    fn secrets(key: &str) -> Secrets {
        let headers = http::HeaderMap::from_iter([(http::header::AUTHORIZATION, key.parse().unwrap())]);
        Secrets::of(&headers, [])
    }

    #[test]
    fn a_short_secret_is_taken_out_where_it_is_a_word() {
        for (text, expected) in [
            ("hunter2", "[key]"),
            ("\"hunter2\" hunter2.", "\"[key]\" [key]."),
            (
                "a\\nhunter2 \\u000ahunter2 %20hunter2",
                "a\\n[key] \\u000a[key] %20[key]",
            ),
            ("ähunter2ß_hunter2_", "ä[key]ß_[key]_"),
            (
                "hunter22 xhunter2 hunter hunter2hunter2",
                "hunter22 xhunter2 hunter hunter2hunter2",
            ),
            ("aHVudGVyMg== aHVudGVyMg", "[key] [key]"),
        ] {
            for cut in (0..=text.len()).filter(|cut| text.is_char_boundary(*cut)) {
                let mut wash = Wash::new(&secrets("hunter2"));
                let (one, other) = text.split_at(cut);
                let mut out = wash.pass(Duration::ZERO, one.as_bytes());
                out.extend(wash.pass(Duration::ZERO, other.as_bytes()));
                let washed = wash.finish();
                out.extend(&washed.rest);
                assert_eq!(String::from_utf8(out).unwrap(), expected, "{text} cut at {cut}");
                let bytes = washed.pieces.iter().map(|piece| piece.bytes);
                assert_eq!(bytes.sum::<usize>(), expected.len(), "{text} cut at {cut}");
            }
        }
    }

    fn washed(pieces: &[&str]) -> (Vec<String>, Vec<(u64, usize)>, bool) {
        let mut wash = Wash::new(&secrets(KEY));
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        let mut out: Vec<String> = pieces
            .iter()
            .map(|piece| text(wash.pass(Duration::from_millis(10), piece.as_bytes())))
            .collect();
        let washed = wash.finish();
        out.push(text(washed.rest));
        let pieces = washed.pieces.iter().map(|piece| {
            let wait = u64::try_from(piece.wait.as_millis()).unwrap();
            (wait, piece.bytes)
        });
        (out, pieces.collect(), washed.found)
    }

    fn expect(pieces: &[&str], out: &[&str], sizes: &[(u64, usize)], found: bool) {
        let out = out.iter().map(|text| (*text).to_owned()).collect();
        assert_eq!(washed(pieces), (out, sizes.to_vec(), found), "{pieces:?}");
    }

    #[test]
    fn a_body_without_a_secret_keeps_its_pieces() {
        expect(&["one ", "two"], &["one ", "two", ""], &[(10, 4), (10, 3)], false);
        // What looks like a beginning waits, and counts where it came.
        expect(
            &["tas", "k sk-01", "sk-"],
            &["ta", "sk ", "sk-01", "sk-"],
            &[(10, 3), (10, 7), (10, 3)],
            false,
        );
        expect(&["", "a", ""], &["", "a", "", ""], &[(20, 1)], false);
        expect(&[], &[""], &[], false);
    }

    #[test]
    fn a_secret_is_taken_out_wherever_it_is_cut() {
        let body = format!("a{KEY}b");
        for cut in 1..body.len() {
            let (one, other) = body.split_at(cut);
            let (out, pieces, found) = washed(&[one, other]);
            assert_eq!((out.concat().as_str(), found), ("a[key]b", true), "cut at {cut}");
            assert_eq!(pieces.iter().map(|(_, bytes)| bytes).sum::<usize>(), 7);
        }
        expect(
            &["a", "sk-0123", "4567", "89 b"],
            &["a", "", "", "[key] b", ""],
            &[(10, 1), (10, 5), (20, 2)],
            true,
        );
        let base64 = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, KEY);
        expect(
            &[&base64, KEY],
            &["[key]", "[key]", ""],
            &[(10, 5), (10, 5)],
            true,
        );
    }
}
