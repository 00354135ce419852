use super::Number;

/// What a heading is in the format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Heading {
    /// `Phase N[.K]: Title`; where the title starts in the heading's text.
    Phase(Number, usize),
    /// `Step N.M[.K]: Title`; where the title starts in the heading's text.
    Step(Number, usize),
    /// `Phase N Completion Criteria`, or `Completion Criteria` alone, which belongs to the phase it stands in.
    Completion(Option<Number>),
    /// Anything else: `Phase 1 Overview`, `Step-by-Step Execution`, `Phase Breakdown`, `Implementation Phases`.
    Other,
}

/// Says what a heading of level 2 or deeper is, by its text.
pub(crate) fn classify(text: &str) -> Heading {
    if let Some((number, rest)) = numbered(text, "step")
        && number.depth() >= 2
        && let Some(title) = after_colon(rest)
    {
        return Heading::Step(number, text.len() - title.len());
    }
    if let Some((number, rest)) = numbered(text, "phase") {
        if number.depth() <= 2
            && let Some(title) = after_colon(rest)
        {
            return Heading::Phase(number, text.len() - title.len());
        }
        if is_completion(rest) {
            return Heading::Completion(Some(number));
        }
    }
    if is_completion(text) {
        Heading::Completion(None)
    } else {
        Heading::Other
    }
}

/// Whether a heading that is no step was surely meant as one: `Step 1.2 - Title`, `Step 1.2a: Title`, `Step 1.2.3.4: T`.
/// `Step 1.2 notes` and `Step 3: Title` may be anything.
pub(crate) fn looks_like_step(text: &str) -> bool {
    let Some(rest) = text
        .get(..5)
        .filter(|word| word.eq_ignore_ascii_case("step "))
        .map(|_| &text[5..])
    else {
        return false;
    };
    let digits = |c: char| c.is_ascii_digit() || c == '.';
    let number: &str = &rest[..rest.len() - rest.trim_start_matches(digits).len()];
    let rest = rest[number.len()..]
        .trim_start_matches(|c: char| c.is_ascii_lowercase())
        .trim_start();
    let parts = number
        .trim_end_matches('.')
        .split('.')
        .filter(|part| !part.is_empty())
        .count();
    parts >= 2 && (rest.is_empty() || rest.starts_with([':', '-', '–', '—', ')']))
}

fn numbered<'a>(text: &'a str, word: &str) -> Option<(Number, &'a str)> {
    let head = text.get(..word.len())?;
    if !head.eq_ignore_ascii_case(word) {
        return None;
    }
    let rest = text[word.len()..].strip_prefix([' ', '\t'])?;
    Number::at_start(rest.trim_start())
}

fn after_colon(rest: &str) -> Option<&str> {
    rest.trim_start().strip_prefix(':').map(str::trim_start)
}

fn is_completion(text: &str) -> bool {
    let text = text.trim().trim_end_matches(':');
    text.eq_ignore_ascii_case("completion criteria")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str) -> Number {
        Number::parse(text).unwrap()
    }

    #[test]
    fn knows_a_near_miss() {
        for text in [
            "Step 1.2 - Title",
            "step 1.2a: Title",
            "Step 1.2.3.4: Title",
            "Step 1.2",
            "Step 1.2. – Title",
        ] {
            assert!(looks_like_step(text), "{text}");
        }
        for text in [
            "Step 1.2 Notes",
            "Step 3: Title",
            "Step-by-Step",
            "Steps 1.2: x",
            "Step 1.2 and the rest",
            "",
        ] {
            assert!(!looks_like_step(text), "{text}");
        }
    }

    #[test]
    fn tells_phases_and_steps_from_the_rest() {
        assert_eq!(classify("Step 2.5.1: Do it"), Heading::Step(number("2.5.1"), 12));
        assert_eq!(classify("STEP 1.2:Do"), Heading::Step(number("1.2"), 9));
        assert_eq!(classify("Phase 2.5: More"), Heading::Phase(number("2.5"), 11));
        assert_eq!(
            classify("Phase 1 Completion Criteria"),
            Heading::Completion(Some(number("1")))
        );
        assert_eq!(classify("Completion Criteria"), Heading::Completion(None));
        for text in [
            "Phase 1 Overview",
            "Step-by-Step Execution",
            "Phase Breakdown",
            "Implementation Phases",
            "Step 1: One number is no step",
            "Step 1.2 without a colon",
            "Steps 1.2: plural",
            "",
            "é",
        ] {
            assert_eq!(classify(text), Heading::Other, "{text}");
        }
    }
}
