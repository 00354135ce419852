use serde::Serialize;

use crate::llm::Counter;

/// A part of a prompt. The parts of a prompt add up to the whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Part {
    /// What it is: `system`, `requirements`, `design`, `context`, `plan overview`, `step 1.2`, `files`, `earlier attempt`,
    /// `edited prompt`.
    pub name: String,
    /// The document's path, where it is one.
    pub path: Option<String>,
    /// Bytes of text.
    pub bytes: usize,
    /// Its tokens, counted or estimated.
    pub tokens: u64,
}

impl Part {
    pub(super) fn of(name: impl Into<String>, text: &str, counter: Counter) -> Self {
        let mut part = Self::empty(name, None);
        part.add(text, counter);
        part
    }

    pub(super) fn empty(name: impl Into<String>, path: Option<String>) -> Self {
        Self {
            name: name.into(),
            path,
            bytes: 0,
            tokens: 0,
        }
    }

    fn add(&mut self, text: &str, counter: Counter) {
        self.bytes += text.len();
        self.tokens += counter.count(text);
    }
}

/// A text that was put into another one: of which part it is, and its words.
pub(super) type Inset<'a> = (usize, &'a str);

/// Whose the words between two insets are.
#[derive(Clone, Copy)]
pub(super) enum Between {
    /// They lead to the inset that follows; what comes after the last one is of this part.
    Leading(usize),
    /// They are of this part.
    Of(usize),
}

/// Shares a text among parts: insets are looked for in their order. One that is not found, because a template changed
/// it, counts with what is around it: nothing is left out and nothing counts twice.
pub(super) fn share(
    text: &str,
    insets: &[Inset<'_>],
    between: Between,
    parts: &mut [Part],
    counter: Counter,
) {
    let mut add = |part: usize, text: &str| {
        if let Some(part) = parts.get_mut(part).filter(|_| !text.is_empty()) {
            part.add(text, counter);
        }
    };
    let mut rest = text;
    for (part, inset) in insets.iter().filter(|(_, inset)| !inset.is_empty()) {
        let Some(at) = find(rest, inset) else { continue };
        let (before, from) = rest.split_at(at);
        let (own, after) = from.split_at(inset.len());
        match between {
            Between::Leading(_) => add(*part, &rest[..at + inset.len()]),
            Between::Of(other) => {
                add(other, before);
                add(*part, own);
            }
        }
        rest = after;
    }
    let (Between::Leading(last) | Between::Of(last)) = between;
    add(last, rest);
}

/// Where an inset stands: rather on lines of its own than inside of one.
fn find(text: &str, inset: &str) -> Option<usize> {
    let finder = memchr::memmem::Finder::new(inset);
    let own_lines = finder
        .find_iter(text.as_bytes())
        .take(64)
        .find(|at| *at == 0 || text.as_bytes()[at - 1] == b'\n');
    own_lines.or_else(|| finder.find(text.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shared(text: &str, insets: &[Inset<'_>], between: Between) -> Vec<(usize, u64)> {
        let mut parts: Vec<Part> = ["a", "b", "c"].map(|name| Part::empty(name, None)).into();
        share(text, insets, between, &mut parts, Counter::Estimate);
        parts.into_iter().map(|part| (part.bytes, part.tokens)).collect()
    }

    #[test]
    fn every_byte_is_of_one_part() {
        let text = "intro aa\naa\n---\nbbbb\nend";
        let insets = [(0, "aa"), (1, "bbbb")];
        assert_eq!(
            shared(text, &insets, Between::Leading(2)),
            [(11, 3), (9, 3), (4, 1)]
        );
        assert_eq!(shared(text, &insets, Between::Of(2)), [(2, 1), (4, 1), (18, 6)]);
        // What a template left out, or told in another order, is with what is around it.
        let other = [(1, "bbbb"), (0, "aa"), (2, "gone")];
        assert_eq!(shared(text, &other, Between::Of(2)), [(0, 0), (4, 1), (20, 5)]);
        assert_eq!(shared("", &insets, Between::Leading(2)), [(0, 0), (0, 0), (0, 0)]);
    }
}
