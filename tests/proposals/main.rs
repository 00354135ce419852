//! The life of a proposal before and after its steps: `new`, `promote`, `finish`, with the real binary.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "what helps a test may fail like a test"
)]

mod begun;
mod closed;
mod kills;
mod real;
mod refused;
#[path = "../support/mod.rs"]
mod support;

use std::collections::BTreeMap;
use std::fs;

use support::project::{Project, SMALL};

pub(crate) const PLAN: &str = "docs/enhancements/approved/EP-0007-small-implementation.md";
pub(crate) const MOVED: &str = "docs/enhancements/implemented/EP-0007-small-implementation.md";
pub(crate) const REGISTRY: &str = "docs/enhancements/README.md";

/// Tables with line ends of another system.
pub(crate) const TABLES: &str = "# All\r\n\r\n## Approved Proposals\r\n\r\n\
| EP # | Title | Status | Created |\r\n|------|-------|:------:|---------|\r\n\
| [EP-0007](approved/EP-0007-small-requirements.md) | Small | Approved | 2025-01-01 |\r\n\
| EP-0009 | Other | Approved | 2025-01-02 |\r\n\r\n\
## Implemented Proposals\r\n\r\n\
| EP # | Title | Implemented | Requirements Updated | Design Updated |\r\n\
|------|-------|-------------|----------------------|----------------|\r\n\
| -    | -     | -           | -                    | -              |\r\n\r\nThe end.";

/// A proposal whose steps are done, with one list left open, and a file that points at it.
pub(crate) fn done() -> Project {
    let mut project = Project::new();
    // The difference is longer than the screen.
    project.set("PAGER", "cat");
    let header = "**Updated:** 2025-01-01\n**Requirements Document:** `docs/enhancements/approved/EP-0007-small-requirements.md`\n\
**Design Document:** [design](EP-0007-small-design.md)\n";
    let plan = SMALL
        .replace("**Updated:** 2025-01-01\n", header)
        .replace("[ ]", "[x]");
    project.write(
        PLAN,
        format!("{plan}\n## After\n- [ ] Told\n\n**Final AI Prompt:** `Review EP-0007`\n"),
    );
    project.write("docs/enhancements/approved/EP-0007-small-requirements.md", "# EP-0007: Small - Requirements\n\n**Status:** Approved\n\n[plan](EP-0007-small-implementation.md)\n");
    project.write("docs/enhancements/approved/EP-0007-small-design.md", "# EP-0007: Small - Design\n\n`docs/enhancements/approved/EP-0007-small-requirements.md` [t](../../t.md)\n");
    project.write(
        "docs/t.md",
        "See [the plan](enhancements/approved/EP-0007-small-implementation.md#phase).\n",
    );
    project.write(REGISTRY, TABLES);
    project
}

/// Every file below the root with what it holds, but git's own.
pub(crate) fn tree(project: &Project) -> BTreeMap<String, String> {
    let mut files = BTreeMap::new();
    let walk = ignore::WalkBuilder::new(project.root())
        .standard_filters(false)
        .filter_entry(|entry| entry.file_name() != ".git")
        .build();
    for entry in walk {
        let entry = entry.unwrap();
        if entry.file_type().is_some_and(|kind| kind.is_file()) {
            let name = entry
                .path()
                .strip_prefix(project.root())
                .unwrap()
                .display()
                .to_string();
            files.insert(name, fs::read_to_string(entry.path()).unwrap());
        }
    }
    files
}

/// The proposal of [`done`] after it was finished on this day.
pub(crate) fn finished(mut files: BTreeMap<String, String>, today: &str) -> BTreeMap<String, String> {
    for name in ["requirements", "design", "implementation"] {
        let text = files
            .remove(&format!("docs/enhancements/approved/EP-0007-small-{name}.md"))
            .unwrap();
        let text = text.replace(
            "docs/enhancements/approved/EP-0007",
            "docs/enhancements/implemented/EP-0007",
        );
        files.insert(
            format!("docs/enhancements/implemented/EP-0007-small-{name}.md"),
            text,
        );
    }
    let plan = files.get_mut(MOVED).unwrap();
    *plan = plan
        .replace("**Status:** Approved", "**Status:** Completed")
        .replace("**Updated:** 2025-01-01", &format!("**Updated:** {today}"))
        .replace("- [ ] Told", "- [x] Told");
    let pointer = files.get_mut("docs/t.md").unwrap();
    *pointer = pointer.replace("approved/", "implemented/");
    let registry = files.get_mut(REGISTRY).unwrap();
    let row = "| [EP-0007](approved/EP-0007-small-requirements.md) | Small | Approved | 2025-01-01 |\r\n";
    *registry = registry.replace(row, "").replace(
        "| -    | -     | -           | -                    | -              |",
        &format!("| [EP-0007](implemented/EP-0007-small-requirements.md) | Small | {today}  | -                    | -              |"),
    );
    files
}
