use std::fmt;

use serde::{Deserialize, Serialize};

use crate::plan::{Number, Plan};
use crate::words::{Diagnostic, Failure, Source, printable_line};

/// The most characters of an id that both engines take.
const LONGEST: usize = 64;

/// The id of a step in an export, such as `EP-0003_1-2` for step 1.2: letters, digits, `-` and `_`, 64 at most, which is
/// legal for OpenAI's and Anthropic's batches alike, and on every file system.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct CustomId(String);

impl CustomId {
    /// The id of a step in the plan that [`CustomId::of_plan`] names.
    ///
    /// Fails with exit 3 when it would be too long.
    pub fn new(plan: &str, step: Number) -> Result<Self, Failure> {
        Self::marked(plan, step, "")
    }

    /// The same with a mark behind it: `EP-0003_1-2_MARK`, by which the results of one submission are known. No mark is
    /// no mark.
    pub fn marked(plan: &str, step: Number, mark: &str) -> Result<Self, Failure> {
        let mut id = format!("{plan}_{}", step.to_string().replace('.', "-"));
        if !mark.is_empty() {
            id = format!("{id}_{mark}");
        }
        if id.len() <= LONGEST {
            return Ok(Self(id));
        }
        let text = format!(
            "the id `{id}` has {} characters, and batch engines take {LONGEST}",
            id.len()
        );
        Err(Failure::from(Diagnostic::error("long-id", text).help(
            "begin the plan's title with a shorter id, such as `EP-0003`",
        )))
    }

    /// The first half of the ids of a plan: the proposal's id, else its file's name without the ending. What is no
    /// letter, digit or hyphen becomes a hyphen, so that the one `_` stands between plan and step.
    pub fn of_plan(plan: &Plan, source: &Source) -> String {
        if let Some(id) = plan.id(source) {
            return id;
        }
        let name = source.path().rsplit('/').next().unwrap_or_default();
        let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
        let plain = |c: char| if c.is_ascii_alphanumeric() { c } else { '-' };
        let id: String = stem.chars().map(plain).collect();
        // A name of a file may not begin like a flag, and must say something.
        let id = id.trim_matches('-');
        if id.is_empty() {
            "plan".to_owned()
        } else {
            id.to_owned()
        }
    }

    /// What tells two plans with one id.
    pub(super) fn twice(id: &str, first: &str, second: &str) -> Failure {
        let (first, second) = (printable_line(first), printable_line(second));
        let text = format!("two plans have the id `{id}`: `{first}` and `{second}`");
        Failure::from(
            Diagnostic::error("same-id", text)
                .help("nothing was written: ids must be unique in an export, for replies come back by them")
                .help("begin the titles with different ids, or export the plans apart"),
        )
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for CustomId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(path: &str, title: &str) -> String {
        let source = Source::new(path, format!("# {title}\n").into_bytes()).unwrap();
        CustomId::of_plan(&Plan::read(&source), &source)
    }

    #[test]
    fn a_plan_is_known_by_its_id_or_else_by_its_file() {
        let table = [
            ("a/plan.md", "EP-0003: Title", "EP-0003"),
            ("a/EP-0004-implementation.md", "Title", "EP-0004"),
            ("a/my plan_two.v2.md", "Title", "my-plan-two-v2"),
            ("a/--x.md", "Title", "x"),
            ("a/ü.md", "Title", "plan"),
        ];
        for (path, title, expected) in table {
            assert_eq!(of(path, title), expected, "{path}");
        }
    }

    #[test]
    fn an_id_is_legal_for_both_engines() {
        let id = |plan: &str| CustomId::new(plan, Number::parse("2.10.3").unwrap());
        assert_eq!(id("EP-0003").unwrap().as_str(), "EP-0003_2-10-3");
        assert_eq!(id(&"a".repeat(57)).unwrap().as_str().len(), 64);
        let failure = id(&"a".repeat(58)).unwrap_err();
        assert!(
            failure
                .to_string()
                .ends_with("has 65 characters, and batch engines take 64")
        );
    }
}
