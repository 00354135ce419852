//! Documents that a model writes: the real binary at a real terminal, with the mock model and with servers over HTTP.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "what helps a test may fail like a test"
)]

mod crash;
mod manual;
mod sections;
mod steps;
#[path = "../support/mod.rs"]
mod support;
mod unattended;

use support::project::Project;

/// Requirements as they are laid out: a hint alone, placeholders alone, both, a section within a section, what looks like
/// a hint in a fence, and a checklist that is nobody's to fill in.
pub(crate) const LAID_OUT: &str = "\
# EP-0009: Kettle - Requirements Document

**Status:** Draft
**Created:** 2025-01-01

---

## Summary
<!-- AI: Say in two sentences what it is for. -->

## Wishes
<!-- AI: Say what is wished for,
and by whom. -->

### Must
- [ ] [A wish that must be met]
- [ ] [Another wish]

### May
<!-- AI: List what would be nice -->
- [A wish]

---

## How this was made

```
<!-- AI: not a hint -->
```

## Review

- [ ] Read by somebody
";

/// The sections of [`LAID_OUT`] that have something to fill in, with a good answer each.
pub(crate) const ANSWERS: [(&str, &str); 4] = [
    ("Summary", "## Summary\n\nIt boils water. It stops by itself."),
    ("Wishes", "## Wishes\n\nBy everybody who drinks tea."),
    ("Wishes › Must", "### Must\n- [ ] It boils a litre in 3 minutes"),
    ("Wishes › May", "### May\n- A lamp\n- A whistle"),
];

/// [`LAID_OUT`] with all [`ANSWERS`] in it, word for word.
pub(crate) const FILLED_IN: &str = "\
# EP-0009: Kettle - Requirements Document

**Status:** Draft
**Created:** 2025-01-01

---

## Summary

It boils water. It stops by itself.

## Wishes

By everybody who drinks tea.

### Must
- [ ] It boils a litre in 3 minutes

### May
- A lamp
- A whistle

---

## How this was made

```
<!-- AI: not a hint -->
```

## Review

- [ ] Read by somebody
";

/// A scenario whose rules answer these sections, each with its replies in their order.
pub(crate) fn scenario(rules: &[(&str, &[&str])]) -> String {
    let mut text = "description = \"for a test\"\n".to_owned();
    for (section, replies) in rules {
        let wanted = format!("# The section to fill in: {section}\\n");
        text.push_str(&format!(
            "[[rule]]\ndescription = \"{section}\"\nwhen = {{ contains = \"{wanted}\" }}\n"
        ));
        for reply in *replies {
            text.push_str(&format!("[[rule.reply]]\ntext = '''\n{reply}\n'''\n"));
        }
    }
    text
}

/// Configures the mock model in process with such a scenario.
pub(crate) fn mock(project: &Project, rules: &[(&str, &[&str])]) {
    std::fs::write(project.home().join(".config/stepgate/test.toml"), scenario(rules)).unwrap();
    project.configure("default = \"test\"\n[endpoint.test]\nkind = \"mock\"\nscenario = \"test.toml\"\n");
}

/// A project with [`LAID_OUT`] and a mock model that gives the good answers.
pub(crate) fn laid_out() -> Project {
    let project = Project::new();
    project.write("doc.md", LAID_OUT);
    let answers = ANSWERS.map(|(section, answer)| (section, [answer]));
    let rules: Vec<(&str, &[&str])> = answers
        .iter()
        .map(|(section, answer)| (*section, &answer[..]))
        .collect();
    mock(&project, &rules);
    project
}

/// An editor that puts a text into whatever it is given.
pub(crate) fn editor(project: &mut Project, text: &str) {
    use std::os::unix::fs::PermissionsExt as _;
    let path = project.home().join("editor");
    std::fs::write(&path, format!("#!/bin/sh\ncat > \"$1\" <<'END'\n{text}\nEND\n")).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    project.set("EDITOR", &path.display().to_string());
}
