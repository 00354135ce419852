use super::{BACK, MOST, PromptCache, tokens};
use crate::mock::{Dialect, Part};

/// A text of so many tokens, unlike one of another letter from its first byte on.
fn text(letter: &str, tokens: usize) -> String {
    letter.repeat(tokens * 4)
}

fn part<'a>(role: &'a str, text: &'a str, keep: bool) -> Part<'a> {
    Part {
        role: role.into(),
        text: text.into(),
        keep,
    }
}

fn user(text: &str) -> [Part<'_>; 1] {
    [part("user", text, false)]
}

#[test]
fn a_token_has_four_bytes() {
    let counted = ["", "a", "abcd", "abcde", "éé", "ééa"].map(tokens);
    assert_eq!(counted, [0, 1, 1, 2, 1, 2]);
}

#[test]
fn openai_reads_the_longest_known_prefix_in_steps() {
    let mut cache = PromptCache::default();
    let short = text("a", 1023);
    let least = text("a", 1024);
    let long = text("a", 1500);
    let branch = format!("{}{}", text("a", 1300), text("b", 300));
    let mut read = |text: &str| cache.account(Dialect::Chat, "m", &user(text));
    assert_eq!(read(&short), (0, 0));
    assert_eq!(read(&short), (0, 0));
    assert_eq!(read(&least), (0, 0));
    assert_eq!(read(&least), (1024, 0));
    assert_eq!(read(&long), (1024, 0));
    assert_eq!(read(&long), (1408, 0));
    // 1,300 tokens are the same: two steps beyond 1,024 lie in them.
    assert_eq!(read(&branch), (1280, 0));
    assert_eq!(read(&branch), (1536, 0));
    assert_eq!(read(&text("b", 1500)), (0, 0));
}

#[test]
fn a_prefix_goes_over_parts_and_knows_who_speaks() {
    let mut cache = PromptCache::default();
    let (system, first, second) = (text("s", 1000), text("a", 100), text("b", 500));
    let mut read = |role: &str, last: &str| {
        let parts = [
            part(role, &system, false),
            part("user", &first, false),
            part("user", last, false),
        ];
        cache.account(Dialect::Responses, "m", &parts)
    };
    assert_eq!(read("system", &second), (0, 0));
    assert_eq!(read("system", &text("c", 500)), (1024, 0));
    assert_eq!(read("system", &second), (1536, 0));
    assert_eq!(read("developer", &second), (0, 0));
}

#[test]
fn a_step_inside_of_a_character_is_one_like_any_other() {
    let mut cache = PromptCache::default();
    let long = format!("abc{}", "é".repeat(2500));
    assert_eq!(cache.account(Dialect::Chat, "m", &user(&long)), (0, 0));
    assert_eq!(cache.account(Dialect::Chat, "m", &user(&long)), (1152, 0));
}

#[test]
fn models_and_dialects_share_nothing() {
    let mut cache = PromptCache::default();
    let long = text("a", 1024);
    let mut account = |dialect, model| {
        let parts = [part("user", &long, true)];
        cache.account(dialect, model, &parts)
    };
    assert_eq!(account(Dialect::Chat, "m"), (0, 0));
    assert_eq!(account(Dialect::Chat, "n"), (0, 0));
    assert_eq!(account(Dialect::Responses, "m"), (0, 0));
    assert_eq!(account(Dialect::Messages, "m"), (0, 1024));
    assert_eq!(account(Dialect::Messages, "n"), (0, 1024));
    assert_eq!(account(Dialect::Ollama, "m"), (0, 0));
    assert_eq!(account(Dialect::Ollama, "m"), (0, 0));
    assert_eq!(account(Dialect::Chat, "m"), (1024, 0));
    assert_eq!(account(Dialect::Messages, "m"), (1024, 0));
}

#[test]
fn anthropic_reads_and_writes_up_to_what_is_marked() {
    let mut cache = PromptCache::default();
    let (a, b, c) = (text("a", 1000), text("b", 100), text("c", 50));
    let mut account = |keeps: [bool; 3]| {
        let texts = [("system", &a), ("user", &b), ("user", &c)];
        let parts: Vec<_> = texts
            .iter()
            .zip(keeps)
            .map(|((role, text), keep)| part(role, text, keep))
            .collect();
        cache.account(Dialect::Messages, "m", &parts)
    };
    assert_eq!(account([false, false, false]), (0, 0));
    // 1,000 tokens are too few, whatever follows without a mark.
    assert_eq!(account([true, false, false]), (0, 0));
    assert_eq!(account([false, true, false]), (0, 1100));
    assert_eq!(account([false, true, false]), (1100, 0));
    // The mark moves on, and what was written before it is found.
    assert_eq!(account([false, false, true]), (1100, 50));
    assert_eq!(account([true, true, true]), (1150, 0));
    // Too few tokens were never written.
    assert_eq!(account([true, false, false]), (0, 0));
}

#[test]
fn anthropic_looks_back_twenty_parts_from_a_mark() {
    let first = text("a", 1024);
    let account = |cache: &mut PromptCache, more: usize, first_kept: bool| {
        let mut parts = vec![part("user", &first, first_kept)];
        parts.extend((0..more).map(|at| part("user", "more", at + 1 == more)));
        cache.account(Dialect::Messages, "m", &parts)
    };
    let written = || {
        let mut cache = PromptCache::default();
        assert_eq!(account(&mut cache, 0, true), (0, 1024));
        cache
    };
    assert_eq!(account(&mut written(), BACK - 1, false), (1024, 19));
    assert_eq!(account(&mut written(), BACK, false), (0, 1044));
    assert_eq!(account(&mut written(), BACK, true), (1024, 20));
}

#[test]
fn the_oldest_prefix_makes_room_and_memory_does_not_grow() {
    let mut cache = PromptCache::default();
    let long = text("a", 1024);
    let mut account = |model: usize| cache.account(Dialect::Chat, &model.to_string(), &user(&long));
    for model in 0..=MOST {
        assert_eq!(account(model), (0, 0));
    }
    assert_eq!(account(MOST), (1024, 0));
    assert_eq!(account(1), (1024, 0));
    assert_eq!(account(0), (0, 0));
    assert_eq!((cache.known.len(), cache.ages.len()), (MOST, MOST));
    cache.clear();
    assert_eq!((cache.known.len(), cache.ages.len()), (0, 0));
    assert_eq!(cache.account(Dialect::Chat, "0", &user(&long)), (0, 0));
}
