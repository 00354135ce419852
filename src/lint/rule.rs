use crate::words::Level;

/// A rule that a plan may break. Its id never changes once it was released.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    /// What findings are called by: a lowercase word with hyphens.
    pub id: &'static str,
    /// Errors refuse the plan.
    pub level: Level,
    /// What is wrong where the rule is broken, a lowercase fragment.
    pub says: &'static str,
}

const fn error(id: &'static str, says: &'static str) -> Rule {
    Rule {
        id,
        level: Level::Error,
        says,
    }
}

const fn warning(id: &'static str, says: &'static str) -> Rule {
    Rule {
        id,
        level: Level::Warning,
        says,
    }
}

/// Every rule: first those for which a plan is refused. `docs/lint.md` has a section for each.
pub const RULES: &[Rule] = &[
    error("unclosed-fence", "a fence is opened and never closed"),
    error("unclosed-comment", "an HTML comment is opened and never closed"),
    error("near-step", "a heading looks like a step and is none"),
    error("no-steps", "the plan has no steps"),
    error("swallowed-step", "a step stands in the success check of another"),
    error("duplicate-step", "two steps have one number"),
    error("duplicate-phase", "two phases have one number"),
    error("unknown-step", "a dependency names a step that is not there"),
    error("unknown-phase", "a dependency names a phase that is not there"),
    error("cycle", "steps wait for each other"),
    warning("hint", "a hint of the template was never followed"),
    warning("placeholder", "a placeholder of the template was never filled in"),
    warning(
        "no-document",
        "the header names no requirements or no design document",
    ),
    warning("status", "the header's status is none that the format knows"),
    warning("no-goal", "a step has no goal"),
    warning("no-prompt", "a step has no AI prompt"),
    warning("no-tasks", "a step has no tasks"),
    warning("no-criteria", "a step has no validation criteria"),
    warning("no-check", "a step has no success check"),
    warning("no-rollback", "neither a step nor the plan says how it is undone"),
    warning("check-not-runnable", "a success check cannot be run"),
    warning("check-output-line", "a line of a check is expected output"),
    warning(
        "check-prompt-line",
        "a line of a check begins with a shell's prompt",
    ),
    warning(
        "check-never-ends",
        "a line of a check runs until somebody ends it",
    ),
    warning(
        "check-interactive",
        "a line of a check waits for somebody at a terminal",
    ),
    warning(
        "check-masked",
        "a line of a check succeeds even where its command fails",
    ),
    warning(
        "check-goes-on",
        "a check goes on, and can pass, although a command of it failed",
    ),
    warning(
        "check-ends-early",
        "a check can pass before its last command was run",
    ),
    warning("prompt-step", "a prompt speaks of another step than its own"),
    warning(
        "prompt-proposal",
        "a prompt speaks of another proposal than its own",
    ),
    warning("moves-plan", "a step moves the plan that it stands in"),
    warning(
        "ticked-early",
        "a box is ticked before what its step depends on is done",
    ),
    warning(
        "odd-box",
        "a list item begins with what looks like a box and is none",
    ),
    warning("file-missing", "a file that a step modifies is not there"),
    warning("dead-link", "a link leads to what is not there"),
    warning("more", "a line has more findings than are told one by one"),
];
