use std::path::Path;

use crate::plan::{Number, Phase, Plan, Step};
use crate::words::{Exit, Failure, shell_word};

/// The step that a word of the command line names: `1.2`, also `step 1.2`.
///
/// Fails with exit 2, and tells where the steps are listed.
pub(super) fn named_step<'a>(
    plan: &'a Plan,
    word: &str,
    path: &Path,
) -> Result<(&'a Phase, &'a Step), Failure> {
    let found = Number::parse(bare(word)).and_then(|number| plan.step(number));
    found.ok_or_else(|| {
        let (first, last) = (plan.steps().next(), plan.steps().last());
        let text = format!("there is no step `{word}` in `{}`", path.display());
        let failure = Failure::new(Exit::Usage, "no-such-step", text);
        match first.zip(last) {
            Some(((_, first), (_, last))) => failure.help(format!(
                "its steps are {} to {}; `stepgate status {}` lists them",
                first.id,
                last.id,
                shell_word(path)
            )),
            None => failure.help("the plan has no steps"),
        }
    })
}

/// What names a step, without the word "step" before it.
pub(super) fn bare(word: &str) -> &str {
    let trimmed = word.trim();
    match trimmed.split_at_checked("step ".len()) {
        Some((start, number)) if start.eq_ignore_ascii_case("step ") => number.trim(),
        _ => trimmed,
    }
}
