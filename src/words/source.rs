use std::ops::Range;
use std::sync::OnceLock;

use super::{Diagnostic, Place};

/// A range of bytes of a [`Source`].
pub type Span = Range<usize>;

/// A line longer than this is refused: no person wrote it, and every tool downstream would choke on it.
const LINE_LIMIT: usize = 1 << 20;

/// A text file that has been read: its name as the user gave it, and its bytes as text, every one of them kept.
#[derive(Debug)]
pub struct Source {
    path: String,
    text: String,
    lines: OnceLock<Vec<usize>>,
}

impl Source {
    /// Takes bytes for text.
    ///
    /// Fails with a diagnostic that names line and byte when they are not UTF-8, hold a NUL, or have a line past 1 MiB.
    pub fn new(path: impl Into<String>, bytes: Vec<u8>) -> Result<Self, Box<Diagnostic>> {
        let path = path.into();
        let text = match String::from_utf8(bytes) {
            Ok(text) => text,
            Err(error) => {
                let at = error.utf8_error().valid_up_to();
                let bytes = error.as_bytes();
                let place = raw_place(&path, bytes, at);
                let found = format!("the byte 0x{:02x} at offset {at}", bytes[at]);
                return Err(Box::new(
                    Diagnostic::error("not-utf8", "the file is not UTF-8 text")
                        .at(place)
                        .found(found)
                        .help("save the file as UTF-8"),
                ));
            }
        };
        if let Some(at) = memchr::memchr(0, text.as_bytes()) {
            return Err(Box::new(
                Diagnostic::error("nul-byte", "the file holds a NUL byte, so it is not text")
                    .at(raw_place(&path, text.as_bytes(), at))
                    .found(format!("NUL at offset {at}")),
            ));
        }
        let mut start = 0;
        for end in memchr::memchr_iter(b'\n', text.as_bytes()).chain([text.len()]) {
            if end - start > LINE_LIMIT {
                let place = Place {
                    path,
                    line: 1 + memchr::memchr_iter(b'\n', &text.as_bytes()[..start]).count(),
                    column: 1,
                    length: 0,
                    excerpt: text[start..].chars().take(60).collect(),
                };
                return Err(Box::new(
                    Diagnostic::error("over-limit", "a line is over the limit of 1 MiB")
                        .at(place)
                        .found(format!("{} bytes in one line", end - start)),
                ));
            }
            start = end + 1;
        }
        Ok(Self {
            path,
            text,
            lines: OnceLock::new(),
        })
    }

    /// The file as the user named it.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// All of the text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The text of a span.
    pub fn slice(&self, span: &Span) -> &str {
        &self.text[span.clone()]
    }

    /// The line of a byte offset, from 1.
    pub fn line(&self, offset: usize) -> usize {
        self.starts().partition_point(|start| *start <= offset)
    }

    /// The bytes of a line (from 1), without its end.
    pub fn line_span(&self, line: usize) -> Span {
        let starts = self.starts();
        let start = starts[line - 1];
        let end = starts.get(line).copied().unwrap_or(self.text.len());
        let kept = self.text[start..end]
            .trim_end_matches('\n')
            .trim_end_matches('\r');
        start..start + kept.len()
    }

    /// A span as a place to show. What runs past its first line is marked to the end of that line.
    pub fn place(&self, span: &Span) -> Place {
        let line = self.line(span.start);
        let whole = self.line_span(line);
        let start = span.start.min(whole.end);
        let end = span.end.clamp(start, whole.end);
        Place {
            path: self.path.clone(),
            line,
            column: self.text[whole.start..start].chars().count() + 1,
            length: self.text[start..end].chars().count(),
            excerpt: self.text[whole].to_owned(),
        }
    }

    fn starts(&self) -> &[usize] {
        self.lines.get_or_init(|| {
            let ends = memchr::memchr_iter(b'\n', self.text.as_bytes());
            std::iter::once(0).chain(ends.map(|end| end + 1)).collect()
        })
    }
}

/// A place in bytes that may not be text: the excerpt is what can be shown of the line.
fn raw_place(path: &str, bytes: &[u8], at: usize) -> Place {
    let start = memchr::memrchr(b'\n', &bytes[..at]).map_or(0, |end| end + 1);
    let end = memchr::memchr(b'\n', &bytes[at..]).map_or(bytes.len(), |length| at + length);
    let shown = &bytes[start..end.min(start + 200)];
    Place {
        path: path.to_owned(),
        line: memchr::memchr_iter(b'\n', &bytes[..at]).count() + 1,
        column: String::from_utf8_lossy(&bytes[start..at]).chars().count() + 1,
        length: 1,
        excerpt: super::printable_line(&String::from_utf8_lossy(shown)).into_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_count_characters_and_lines() {
        let source = Source::new("p.md", "äb\r\ncöd\n".into()).unwrap();
        let place = source.place(&(6..8));
        assert_eq!((place.line, place.column, place.length), (2, 2, 1));
        assert_eq!(place.excerpt, "cöd");
        assert_eq!(source.place(&(0..9)).excerpt, "äb");
        assert_eq!(source.line(9), 2);
        assert_eq!(source.line(source.text().len()), 3);
    }

    #[test]
    fn names_the_bad_byte() {
        let error = Source::new("p.md", b"ok\nab\xffc".to_vec()).unwrap_err();
        let place = error.place.unwrap();
        assert_eq!((place.line, place.column), (2, 3));
        assert_eq!(error.found.unwrap(), "the byte 0xff at offset 5");
    }
}
