use std::fmt;

/// The id of a proposal, such as `EP-0003`: letters, and a number of so many digits.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Id {
    /// `EP`.
    pub letters: String,
    /// `3`.
    pub number: u64,
    /// How many digits are written at least.
    pub width: usize,
}

/// Digits of an id where no other is there to show how many.
const WIDTH: usize = 4;

impl Id {
    /// Reads an id; `None` for what is none.
    pub fn parse(text: &str) -> Option<Self> {
        let (letters, digits) = text.rsplit_once('-')?;
        let word = !letters.is_empty() && letters.bytes().all(|byte| byte.is_ascii_alphabetic());
        let number =
            !digits.is_empty() && digits.len() <= 9 && digits.bytes().all(|byte| byte.is_ascii_digit());
        (word && number).then_some(())?;
        Some(Self {
            letters: letters.to_owned(),
            number: digits.parse().ok()?,
            width: digits.len(),
        })
    }

    /// The first id in a text, such as a title or a cell of a table.
    pub fn find(text: &str) -> Option<Self> {
        text.split(|c: char| !c.is_ascii_alphanumeric() && c != '-')
            .find_map(|word| {
                let mut parts = word.split('-');
                Self::parse(&format!("{}-{}", parts.next()?, parts.next()?))
            })
    }

    /// The id that a user gives: `EP-0003`, or `3` for one with the letters and digits of `like`.
    pub fn given(text: &str, like: Option<&Self>) -> Option<Self> {
        let digits = !text.is_empty() && text.len() <= 9 && text.bytes().all(|byte| byte.is_ascii_digit());
        if digits {
            return Some(Self::numbered(text.parse().ok()?, like));
        }
        Self::parse(text)
    }

    /// The id of this number, with the letters and digits of another.
    pub fn numbered(number: u64, like: Option<&Self>) -> Self {
        Self {
            letters: like.map_or_else(|| "EP".to_owned(), |like| like.letters.clone()),
            number,
            width: like.map_or(WIDTH, |like| like.width),
        }
    }

    /// Whether two ids are of one proposal, however they are written.
    pub fn is(&self, other: &Self) -> bool {
        self.number == other.number && self.letters.eq_ignore_ascii_case(&other.letters)
    }

    /// The number as it is written.
    pub fn digits(&self) -> String {
        format!("{:0width$}", self.number, width = self.width)
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.letters, self.digits())
    }
}
