//! What a request costs: tokens, and those that a provider's cache saves.

use std::collections::{HashSet, VecDeque};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use super::{Dialect, Part};

/// Bytes of a token.
const TOKEN: usize = 4;
/// Prompts of fewer tokens are not cached.
const LEAST: u64 = 1024;
/// OpenAI's cache holds prefixes that are so many tokens apart.
const STEP: u64 = 128;
/// Anthropic's cache is searched at so many parts, the marked one and those before it.
const BACK: usize = 20;
/// Prefixes that are remembered.
const MOST: usize = 65_536;

/// Tokens of a text: four bytes each, the last one begun.
///
/// It is simple on purpose: no tokenizer's table, the same on every machine and for every model, and easy to work out
/// by hand in a test. Every text is counted by itself, so that the count of a request is that of its parts added up.
pub fn tokens(text: &str) -> u64 {
    u64::try_from(text.len().div_ceil(TOKEN)).unwrap_or(u64::MAX)
}

/// What a provider keeps of the prompts that it has read.
///
/// It forgets nothing with time, as there is no clock here, but the oldest of 65,536 prefixes makes room for a new one:
/// its memory does not grow with the requests.
#[derive(Debug, Clone, Default)]
pub struct PromptCache {
    known: HashSet<u64>,
    ages: VecDeque<u64>,
}

impl PromptCache {
    /// Accounts for a prompt and remembers it: the tokens that are read from the cache, and those that are written to it
    /// because the sender asked for that.
    ///
    /// OpenAI keeps every prefix of at least 1,024 tokens, in steps of 128. Anthropic keeps what is marked, likewise from
    /// 1,024 tokens on, and looks for something known at the marked part and the 19 before it. Ollama tells nothing of
    /// its cache.
    pub fn account(&mut self, dialect: Dialect, model: &str, parts: &[Part<'_>]) -> (u64, u64) {
        match dialect {
            Dialect::Chat | Dialect::Responses => (self.steps(dialect, model, parts), 0),
            Dialect::Messages => self.marks(dialect, model, parts),
            Dialect::Ollama => (0, 0),
        }
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        self.known.clear();
        self.ages.clear();
    }

    fn steps(&mut self, dialect: Dialect, model: &str, parts: &[Part<'_>]) -> u64 {
        let all: u64 = parts.iter().map(|part| tokens(&part.text)).sum();
        if all < LEAST {
            return 0;
        }
        let mut hasher = seeded(dialect, model);
        let (mut read, mut counted, mut next) = (0, 0, LEAST);
        for part in parts {
            let mut rest = part.text.as_bytes();
            speaker(&part.role, &mut hasher);
            let end = counted + tokens(&part.text);
            while next <= end {
                // A step may end inside of a character: what is hashed is bytes.
                let length = usize::try_from(next - counted).unwrap_or(usize::MAX);
                let (before, after) = rest.split_at(length.saturating_mul(TOKEN).min(rest.len()));
                hasher.write(before);
                if self.remember(hasher.finish()) {
                    read = next;
                }
                rest = after;
                (counted, next) = (next, next + STEP);
            }
            hasher.write(rest);
            counted = end;
        }
        read
    }

    fn marks(&mut self, dialect: Dialect, model: &str, parts: &[Part<'_>]) -> (u64, u64) {
        let Some(last) = parts.iter().rposition(|part| part.keep) else {
            return (0, 0);
        };
        let parts = &parts[..=last];
        let all: u64 = parts.iter().map(|part| tokens(&part.text)).sum();
        if all < LEAST {
            return (0, 0);
        }
        let mut hasher = seeded(dialect, model);
        let mut counted = 0;
        let prefixes: Vec<(u64, u64)> = parts
            .iter()
            .map(|part| {
                speaker(&part.role, &mut hasher);
                hasher.write(part.text.as_bytes());
                counted += tokens(&part.text);
                (hasher.finish(), counted)
            })
            .collect();
        let marked: Vec<usize> = (0..parts.len()).filter(|at| parts[*at].keep).collect();
        let searched = marked.iter().flat_map(|at| (at + 1).saturating_sub(BACK)..=*at);
        let read = searched
            .map(|at| prefixes[at])
            .filter(|(hash, _)| self.known.contains(hash))
            .map(|(_, tokens)| tokens)
            .max()
            .unwrap_or(0);
        for (hash, tokens) in marked.into_iter().map(|at| prefixes[at]) {
            if tokens >= LEAST {
                self.remember(hash);
            }
        }
        (read, all - read)
    }

    /// Whether it was known already.
    fn remember(&mut self, hash: u64) -> bool {
        if !self.known.insert(hash) {
            return true;
        }
        self.ages.push_back(hash);
        if self.ages.len() > MOST
            && let Some(oldest) = self.ages.pop_front()
        {
            self.known.remove(&oldest);
        }
        false
    }
}

fn seeded(dialect: Dialect, model: &str) -> DefaultHasher {
    let mut hasher = DefaultHasher::new();
    (dialect, model).hash(&mut hasher);
    hasher
}

/// Parts the texts by bytes that no text has, so that the same bytes from two speakers are not the same prompt.
fn speaker(role: &str, hasher: &mut DefaultHasher) {
    hasher.write(&[0xfe]);
    hasher.write(role.as_bytes());
    hasher.write(&[0xff]);
}

#[cfg(test)]
mod tests;
