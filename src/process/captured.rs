use std::collections::VecDeque;

/// What a process wrote: the first and the last of it within a bound, and how much was dropped between.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Captured {
    head: Vec<u8>,
    tail: VecDeque<u8>,
    dropped: u64,
    bound: usize,
}

impl Captured {
    /// Keeps at most `bound` bytes, one half from each end.
    pub(crate) fn new(bound: usize) -> Self {
        Self {
            bound,
            ..Self::default()
        }
    }

    pub(crate) fn push(&mut self, bytes: &[u8]) {
        let half = self.bound / 2;
        let (head, rest) = bytes.split_at(bytes.len().min(half - self.head.len()));
        self.head.extend_from_slice(head);
        // Only what can stay is moved into the ring, so that gigabytes cost no more than reading them.
        let (gone, kept) = rest.split_at(rest.len().saturating_sub(half));
        let over = (self.tail.len() + kept.len()).saturating_sub(half);
        self.tail.drain(..over);
        self.tail.extend(kept);
        self.dropped += (gone.len() + over) as u64;
    }

    /// Bytes that were dropped between the head and the tail.
    pub fn dropped(&self) -> u64 {
        self.dropped
    }

    /// Tells whether nothing was written.
    pub fn is_empty(&self) -> bool {
        self.head.is_empty() && self.tail.is_empty()
    }

    /// The kept bytes, with the line `[N bytes dropped]` where some are missing. Not safe to show as it is.
    pub fn bytes(&self) -> Vec<u8> {
        let mut bytes = self.head.clone();
        if self.dropped > 0 {
            bytes.extend_from_slice(format!("\n[{} bytes dropped]\n", self.dropped).as_bytes());
        }
        bytes.extend(&self.tail);
        bytes
    }

    /// The kept bytes as text; what is not UTF-8 becomes U+FFFD. Control characters stay: see `words::printable`.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes()).into_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_both_ends() {
        let mut captured = Captured::new(8);
        captured.push(b"abc");
        assert_eq!(captured.text(), "abc");
        captured.push(b"defgh");
        assert_eq!((captured.text().as_str(), captured.dropped()), ("abcdefgh", 0));
        captured.push(b"ij");
        assert_eq!(captured.text(), "abcd\n[2 bytes dropped]\nghij");
        captured.push(&[b'x'; 1000]);
        assert_eq!(captured.text(), "abcd\n[1002 bytes dropped]\nxxxx");
        assert!(Captured::new(8).is_empty());
    }
}
