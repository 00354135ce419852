use super::*;

const PLAN: &str = "\
# EP-0001: T

**Status:** Approved\\
**Requirements Document:** `r.md`\\
**Design Document:** `d.md`

## Overview

### Rollback Strategy
Restore.

## Phase 1: P

### Step 1.1: S
**Goal:** g

**AI Prompt:** `Do it.`

**Tasks:**
- [ ] a

**Validation Criteria:**
- [ ] b

**Success Check:**
```bash
ls
```
";

/// Rule, line, column and message of what is found.
fn found(text: &str) -> Vec<String> {
    let source = Source::new("p.md", text.into()).unwrap();
    let plan = Plan::read(&source);
    let lint = Lint::of(&plan, source, None);
    assert_eq!(lint.errors() + lint.warnings(), lint.diagnostics().count());
    lint.diagnostics()
        .map(|diagnostic| {
            let place = diagnostic.place.unwrap();
            assert!(
                diagnostic.found.is_some() && !diagnostic.help.is_empty(),
                "{}",
                diagnostic.rule
            );
            format!(
                "{} {}:{} {}",
                diagnostic.rule, place.line, place.column, diagnostic.message
            )
        })
        .collect()
}

#[test]
fn says_nothing_of_a_plan_without_fault() {
    assert_eq!(found(PLAN), [] as [&str; 0]);
}

#[test]
fn names_what_is_missing() {
    assert_eq!(
        found("# T\n\n**Status:** Perhaps\n\n## Phase 1: P\n\n### Step 1.1: S\n"),
        [
            "no-document 1:3 the header names no requirements document",
            "no-document 1:3 the header names no design document",
            "status 3:13 `Perhaps` is no status that the format knows",
            "no-goal 7:1 step 1.1 has no goal",
            "no-prompt 7:1 step 1.1 has no AI prompt",
            "no-tasks 7:1 step 1.1 has no tasks",
            "no-criteria 7:1 step 1.1 has no validation criteria",
            "no-check 7:1 step 1.1 has no success check",
            "no-rollback 7:1 step 1.1 has no rollback plan",
        ]
    );
    let text = PLAN
        .replace("**Status:** Approved\\\n", "")
        .replace("Rollback Strategy", "Strategy");
    assert_eq!(
        found(&text),
        [
            "status 1:3 the header says no status",
            "no-rollback 13:1 step 1.1 has no rollback plan"
        ]
    );
}

#[test]
fn tells_refusals_first() {
    let text = format!("{PLAN}\n<!-- AI: say more -->\n\n### Step 1.1: S\n");
    let found = found(&text);
    assert_eq!(found[0], "duplicate-step 32:1 there are two steps 1.1");
    assert_eq!(found[1], "hint 30:1 a hint of the template was never followed");
}

#[test]
fn judges_success_checks() {
    let with = |fence: &str| found(&PLAN.replace("```bash\nls\n```", fence));
    assert_eq!(
        with("```bash\n# only this\n```"),
        ["check-not-runnable 27:1 the success check holds only comments"]
    );
    assert_eq!(
        with("```json\n{}\n```"),
        ["check-not-runnable 26:4 the success check is `json`, not a shell script"]
    );
    assert_eq!(
        with("```bash\nls\n  $ ls\nnpm start\n```"),
        [
            "check-prompt-line 28:3 this line begins with a prompt, which is no part of a command",
            "check-never-ends 29:1 this looks like a command that runs until somebody ends it",
        ]
    );
    // What is a placeholder to everybody is told once.
    assert_eq!(
        with("```bash\nls\n[the command]\n```"),
        ["placeholder 28:1 `[the command]` was never filled in"]
    );
    assert_eq!(
        with("```bash\nls\n[command]\n```"),
        ["check-not-runnable 28:1 line 2 of the success check is an unfilled placeholder: `[command]`"]
    );
    assert_eq!(with("`ls`"), [] as [&str; 0]);
    assert_eq!(
        with("`# nothing`"),
        ["check-not-runnable 26:1 the success check holds only comments"]
    );
}

#[test]
fn folds_a_line_that_is_full_of_them() {
    let text = format!("{PLAN}\n{}\n[last]\n", "[a b] ".repeat(10_000));
    let found = found(&text);
    assert_eq!(found.len(), IN_A_LINE + 2);
    assert_eq!(
        found[IN_A_LINE - 1],
        "placeholder 30:295 `[a b]` was never filled in"
    );
    assert_eq!(
        found[IN_A_LINE],
        "more 30:301 there are 9950 more findings in this line"
    );
    assert_eq!(
        found[IN_A_LINE + 1],
        "placeholder 31:1 `[last]` was never filled in"
    );
}
