use super::Number;

/// What the words of a dependency say.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Said {
    /// `None`, or nothing at all.
    pub(crate) nothing: bool,
    /// There is more in it than steps and phases.
    pub(crate) external: bool,
    pub(crate) steps: Vec<Number>,
    pub(crate) phases: Vec<Number>,
}

/// Words around the numbers that add no condition of their own.
const FILLERS: &[&str] = &[
    "must",
    "be",
    "is",
    "are",
    "has",
    "have",
    "been",
    "complete",
    "completed",
    "completion",
    "done",
    "finished",
];

/// Reads `None`, `Step 2.1`, `Step 2.1 and 2.2 must be complete`, `Phase 2 completion (…)`. A text with any other word
/// is external, even where it names steps: those are waited for, and a person vouches for the rest. `Step 1.1 or 1.2`
/// names no step that is surely meant, so all of it is external.
pub(crate) fn read(text: &str) -> Said {
    let text = text.trim().trim_end_matches('\\').trim();
    let text = text
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'))
        .unwrap_or(text)
        .trim();
    let mut said = Said::default();
    let bare = text.trim_end_matches('.');
    if bare.is_empty()
        || ["none", "n/a", "-", "nothing"]
            .iter()
            .any(|no| bare.eq_ignore_ascii_case(no))
    {
        said.nothing = true;
        return said;
    }
    let mut kind = None;
    let mut choice = false;
    for word in words(text) {
        let lower = word.to_ascii_lowercase();
        match lower.as_str() {
            "step" | "steps" => kind = Some(Kind::Step),
            "phase" | "phases" => kind = Some(Kind::Phase),
            "and" | "&" | "," => {}
            "or" => choice = true,
            filler if FILLERS.contains(&filler) => {}
            note if note.starts_with('(') => {}
            _ => match (kind, Number::parse(&lower)) {
                (Some(Kind::Step), Some(number)) if number.depth() >= 2 => said.steps.push(number),
                (Some(Kind::Phase), Some(number)) if number.depth() <= 2 => said.phases.push(number),
                _ => said.external = true,
            },
        }
    }
    if choice {
        said.steps.clear();
        said.phases.clear();
    }
    said.external |= said.steps.is_empty() && said.phases.is_empty();
    // A step in the middle of free words ("the schema of Step 1.1") is a mention; only one that leads is waited for.
    let leads = words(text).next().is_some_and(|word| {
        ["step", "steps", "phase", "phases"]
            .iter()
            .any(|lead| word.eq_ignore_ascii_case(lead))
    });
    if said.external && !leads {
        said.steps.clear();
        said.phases.clear();
    }
    said
}

#[derive(Clone, Copy)]
enum Kind {
    Step,
    Phase,
}

/// Words, commas as words of their own, and what is in parentheses as one word.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        rest = rest.trim_start();
        if rest.is_empty() {
            return None;
        }
        let end = if rest.starts_with('(') {
            rest.find(')').map_or(rest.len(), |at| at + 1)
        } else if rest.starts_with(',') {
            1
        } else {
            rest.find(|c: char| c.is_whitespace() || c == ',' || c == '(')
                .unwrap_or(rest.len())
        };
        let (word, after) = rest.split_at(end);
        rest = after;
        let word = word.trim_end_matches(['.', ';', ':']);
        Some(if word.is_empty() {
            ","
        } else {
            word.trim_matches('*')
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(external: bool, steps: &[&str], phases: &[&str]) -> Said {
        let numbers = |texts: &[&str]| texts.iter().map(|t| Number::parse(t).unwrap()).collect();
        Said {
            nothing: false,
            external,
            steps: numbers(steps),
            phases: numbers(phases),
        }
    }

    #[test]
    fn reads_what_plans_say() {
        for none in ["None", "none.", "None\\", "N/A", "", "[None]"] {
            assert!(read(none).nothing, "{none}");
        }
        assert_eq!(
            read("Step 2.1 and 2.2 must be complete"),
            said(false, &["2.1", "2.2"], &[])
        );
        assert_eq!(
            read("Steps 2.1, 2.2 and 2.5.1"),
            said(false, &["2.1", "2.2", "2.5.1"], &[])
        );
        assert_eq!(read("Phase 2 completion (all of it)"), said(false, &[], &["2"]));
        assert_eq!(read("[Phase 1 completion]"), said(false, &[], &["1"]));
        assert_eq!(
            read("Phase 2.5 and Step 3.1 are done"),
            said(false, &["3.1"], &["2.5"])
        );
        assert_eq!(
            read("Step 1.1 must be complete, and the database running"),
            said(true, &["1.1"], &[])
        );
        assert_eq!(read("Step 1.1 or 1.2"), said(true, &[], &[]));
        assert_eq!(read("The schema of Step 1.1"), said(true, &[], &[]));
        assert_eq!(read("SQL framework 2.0"), said(true, &[], &[]));
        assert_eq!(read("Step 4"), said(true, &[], &[]));
    }
}
