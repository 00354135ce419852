use std::sync::LazyLock;

use tiktoken_rs::CoreBPE;

/// Bytes of a token where they are estimated.
const BYTES: usize = 4;

/// A text is given to the tokenizer in pieces of about this many bytes: what it takes to split a text into words grows
/// faster than the text where the text is one long run of blanks.
const PIECE: usize = 32 << 10;

/// The start of the names of OpenAI's models that read text as GPT-4 did, and as all since do. What begins the same way and
/// is of the other kind stands before it.
const KNOWN: [(&str, Counter); 14] = [
    ("gpt-4o", Counter::O200k),
    ("gpt-4.1", Counter::O200k),
    ("gpt-4.5", Counter::O200k),
    ("gpt-4", Counter::Cl100k),
    ("gpt-35", Counter::Cl100k),
    ("gpt-3.5", Counter::Cl100k),
    ("gpt-3", Counter::Estimate),
    ("gpt-2", Counter::Estimate),
    ("gpt-", Counter::O200k),
    ("chatgpt-", Counter::O200k),
    ("codex-", Counter::O200k),
    ("o1", Counter::O200k),
    ("o3", Counter::O200k),
    ("o4", Counter::O200k),
];

/// How the tokens of a text are counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Counter {
    /// Four bytes are taken for a token: no table of the model is at hand.
    #[default]
    Estimate,
    /// By the table of OpenAI's models since GPT-4o.
    O200k,
    /// By the table of GPT-4 and GPT-3.5.
    Cl100k,
}

impl Counter {
    /// The counter for a model of OpenAI, by its name; what a gateway writes before it (`openai/gpt-5`) does not count.
    pub fn of_openai(model: &str) -> Self {
        let name = model.rsplit('/').next().unwrap_or(model).to_ascii_lowercase();
        let known = KNOWN.iter().find(|(start, _)| name.starts_with(start));
        known.map_or(Self::Estimate, |(_, counter)| *counter)
    }

    /// Whether it estimates, and counts nothing.
    pub fn estimates(self) -> bool {
        self == Self::Estimate
    }

    /// Tokens of a text. A table is read when it is needed first.
    pub fn count(self, text: &str) -> u64 {
        static O200K: LazyLock<Option<CoreBPE>> = LazyLock::new(|| tiktoken_rs::o200k_base().ok());
        static CL100K: LazyLock<Option<CoreBPE>> = LazyLock::new(|| tiktoken_rs::cl100k_base().ok());
        let table = match self {
            Self::Estimate => None,
            Self::O200k => O200K.as_ref(),
            Self::Cl100k => CL100K.as_ref(),
        };
        let tokens = match table {
            Some(table) => pieces(text).map(|piece| table.count_ordinary(piece)).sum(),
            None => text.len().div_ceil(BYTES),
        };
        u64::try_from(tokens).unwrap_or(u64::MAX)
    }
}

/// A text in pieces that end with a line where that is possible.
fn pieces(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let (least, most) = (boundary(rest, PIECE), boundary(rest, 2 * PIECE));
        let line_end = rest[least..most].find('\n').map(|at| least + at + 1);
        let (piece, after) = rest.split_at(line_end.unwrap_or(most));
        rest = after;
        Some(piece)
    })
}

/// The last place up to `at` that is not inside of a character.
fn boundary(text: &str, at: usize) -> usize {
    let fits = (0..=at.min(text.len()))
        .rev()
        .find(|at| text.is_char_boundary(*at));
    fits.unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_goes_by_the_name_of_the_model() {
        let table = [
            ("gpt-5", Counter::O200k),
            ("gpt-4o-mini", Counter::O200k),
            ("openai/gpt-4.1", Counter::O200k),
            ("o3-pro", Counter::O200k),
            ("GPT-4", Counter::Cl100k),
            ("gpt-4-turbo", Counter::Cl100k),
            ("gpt-35-turbo", Counter::Cl100k),
            ("qwen3-coder", Counter::Estimate),
            ("claude-sonnet-4-5", Counter::Estimate),
            ("", Counter::Estimate),
        ];
        for (model, counter) in table {
            assert_eq!(Counter::of_openai(model), counter, "{model}");
        }
    }

    #[test]
    fn tokens_are_counted_as_the_models_do() {
        // As the provider's own page shows them for these texts.
        assert_eq!(Counter::O200k.count("hello world"), 2);
        assert_eq!(Counter::Cl100k.count("tiktoken is great!"), 6);
        assert_eq!(Counter::Estimate.count("hello world"), 3);
        for counter in [Counter::O200k, Counter::Cl100k, Counter::Estimate] {
            assert_eq!(counter.count(""), 0);
        }
    }

    #[test]
    fn the_pieces_are_the_text() {
        let line = "über den Wolken muss die Freiheit\n";
        for text in [
            line.repeat(5000),
            "ü".repeat(100_000),
            line.to_owned(),
            String::new(),
        ] {
            let joined: String = pieces(&text).collect();
            assert_eq!(joined, text);
            assert!(pieces(&text).all(|piece| piece.len() <= 2 * PIECE));
        }
    }

    #[test]
    fn no_text_is_too_long_or_too_dull_to_be_counted() {
        for dull in [" ", "a", "\n", "\t \n", "\u{301}", "=", "'S"] {
            let text = dull.repeat(400_000 / dull.len());
            assert!(Counter::O200k.count(&text) > 0);
            assert!(Counter::Cl100k.count(&text) > 0);
        }
    }
}
