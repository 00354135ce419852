use std::fmt;

/// The number of a phase or a step, such as `2`, `1.10` or `2.5.1`, compared number by number: 1.2 < 1.10 < 2.5.1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Number {
    parts: [u32; 3],
    length: u8,
}

impl Number {
    /// Reads a number at the start of `text`: up to three runs of digits with dots between. Returns it with the rest
    /// of the text; `None` when no number stands there, or one that does not fit.
    pub fn at_start(text: &str) -> Option<(Self, &str)> {
        let mut number = Self {
            parts: [0; 3],
            length: 0,
        };
        let mut rest = text;
        loop {
            let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
            if digits == 0 {
                return None;
            }
            number.parts[usize::from(number.length)] = rest[..digits].parse().ok()?;
            number.length += 1;
            rest = &rest[digits..];
            let more = rest
                .strip_prefix('.')
                .filter(|after| after.starts_with(|c: char| c.is_ascii_digit()));
            match more {
                Some(after) if usize::from(number.length) < 3 => rest = after,
                Some(_) => return None,
                None => return Some((number, rest)),
            }
        }
    }

    /// Reads a text that is a number and nothing else.
    pub fn parse(text: &str) -> Option<Self> {
        Self::at_start(text).and_then(|(number, rest)| rest.is_empty().then_some(number))
    }

    /// How many parts it has, 1 to 3.
    pub fn depth(&self) -> usize {
        usize::from(self.length)
    }

    /// Its first part alone: the phase that a step's number speaks of.
    pub fn first(&self) -> Self {
        Self {
            parts: [self.parts[0], 0, 0],
            length: 1,
        }
    }

    /// What it begins with, the longest first: 2.5 and 2 for 2.5.1.
    pub(crate) fn prefixes(&self) -> impl Iterator<Item = Self> {
        let whole = *self;
        (1..whole.length).rev().map(move |length| {
            let mut parts = whole.parts;
            parts[usize::from(length)..].fill(0);
            Self { parts, length }
        })
    }

    fn used(&self) -> &[u32] {
        &self.parts[..self.depth()]
    }
}

impl Ord for Number {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.used().cmp(other.used())
    }
}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, part) in self.used().iter().enumerate() {
            if index > 0 {
                f.write_str(".")?;
            }
            write!(f, "{part}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orders_by_number() {
        let mut ids: Vec<Number> = ["2.5.1", "1.10", "2", "1.2", "2.5"]
            .iter()
            .map(|t| Number::parse(t).unwrap())
            .collect();
        ids.sort();
        let text: Vec<String> = ids.iter().map(ToString::to_string).collect();
        assert_eq!(text, ["1.2", "1.10", "2", "2.5", "2.5.1"]);
    }

    #[test]
    fn refuses_what_is_no_number() {
        for text in ["", "x", "1.", ".1", "1.2.3.4", "99999999999", "1 "] {
            assert_eq!(Number::parse(text), None, "{text}");
        }
        assert_eq!(Number::at_start("1.2: Title").unwrap().1, ": Title");
        assert_eq!(Number::at_start("1.2. Title").unwrap().1, ". Title");
    }
}
