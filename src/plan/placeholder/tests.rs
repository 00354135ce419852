use super::*;

/// The placeholders of a text, as they stand there.
fn found(text: &str) -> Vec<String> {
    let source = Source::new("p.md", text.into()).unwrap();
    let plan = Plan::read(&source);
    find(&plan, &source)
        .iter()
        .map(|(span, _)| source.slice(span).to_owned())
        .collect()
}

fn in_step(text: &str) -> Vec<String> {
    found(&format!("# T\n\n## Phase 1: P\n\n### Step 1.1: S\n\n{text}\n"))
}

#[test]
fn finds_what_stands_in_brackets() {
    assert_eq!(found("# EP-XXXX: [Title] - Plan\n"), ["EP-XXXX", "[Title]"]);
    assert_eq!(
        found("## Phase 1: [Name]\n\n### Step 1.1: **[Bold name]**\n"),
        ["[Name]", "[Bold name]"]
    );
    assert_eq!(
        found("- [ ] [Atomic task 1]\n- [x] [X.X] and [File/section]: [Change]\n"),
        ["[Atomic task 1]", "[X.X]", "[File/section]", "[Change]"]
    );
    assert_eq!(
        found("1. [one] → [two]\n   > [quoted\n   > text]\n"),
        ["[one]", "[two]", "[quoted\n   > text]"]
    );
    assert_eq!(
        found("- [Step 1.1 must be complete]\n"),
        ["[Step 1.1 must be complete]"]
    );
}

#[test]
fn leaves_what_means_something() {
    for text in [
        "- [ ] open\n- [x] done\n- [X] done\n* [ ] a [x] b\n",
        "[link](https://example.org) and ![image](a.png) and [broken](no where)\n",
        "[full][label] and [label] and [Label][]\n\n[label]: https://example.org\n",
        "A note[^1], a citation [1], a year [2024-01-01], an alert:\n\n> [!NOTE]\n> text\n",
        "list[int], a[0], \\[not this], [] and [ ] and [-o FILE]\n",
        "<!-- [hidden] -->\n\n<div title=\"[not text]\">\n</div>\n",
        "    [indented code]\n",
        "`list[int]`, `cmd [options] FILE`, `[tool.ruff]`, `[[bin]]`, `[a-z]*`\n",
        "```python\nx = [value for value in all]\n```\n",
        "```\n[package]\n[1, 2]\n[\"a b\", \"c\"]\n[a-z 0-9]*\nx[a b]\n```\n",
        "```bash\n[ -f x ] && [[ -d y ]]\ngrep '[a-z]' x\n```\n",
    ] {
        assert_eq!(found(text), [] as [&str; 0], "{text}");
    }
}

#[test]
fn looks_into_code_where_a_person_was_to_write() {
    assert_eq!(
        in_step("**AI Prompt:** `Do [it] for EP-XXXX: [step description]`"),
        ["[it]", "EP-XXXX", "[step description]"]
    );
    assert_eq!(in_step("**AI Prompt:**\n\n```text\nDo [it] now\n```"), ["[it]"]);
    assert_eq!(in_step("See `[the name]` and `[name]`."), ["[the name]"]);
    assert_eq!(
        in_step("**Success Check:**\n```bash\n# c\n[verification command 1]\n  [another one] -v\n```"),
        ["[verification command 1]", "[another one]"]
    );
    assert_eq!(
        in_step("```\nPrompt: \"Do EP-XXXX: [step description]\"\n```"),
        ["EP-XXXX", "[step description]"]
    );
    // Outside of the steps of a plan a fence shows something to people; where there are no steps, it is to be written.
    let pattern = "```\nPrompt: \"Do EP-XXXX: [step description]\"\n```\n";
    assert_eq!(in_step(&format!("## Pattern\n\n{pattern}")), ["EP-XXXX"]);
    assert_eq!(found(pattern), ["EP-XXXX", "[step description]"]);
}

#[test]
fn is_not_misled_by_definitions() {
    // By the letter of CommonMark these define links, and the first of them turns the last line into one.
    assert_eq!(
        found(
            "- [Dependency 1]: [Description]\n- [Metric 1]: Latency\n- [File]: [a/b.c]\n\nsee [Dependency 1]\n"
        ),
        [
            "[Dependency 1]",
            "[Description]",
            "[Metric 1]",
            "[File]",
            "[a/b.c]",
            "[Dependency 1]"
        ]
    );
    // A definition in another window of the file.
    let far = format!(
        "see [the docs]\n\n{}\n[the docs]: https://example.org\n",
        "## H\n\nwords\n\n".repeat(60_000)
    );
    assert_eq!(found(&far), [] as [&str; 0]);
}

#[test]
fn knows_the_fields_of_the_header() {
    let text = "\
# EP-0001: T

**Status:** Draft | Review\\
**Created:** YYYY-MM-DD\\
**Phase:** a | b\\
**Requirements Document:** `docs/EP-XXXX-r.md`\\
**Design Document:** `path/to/design.md`

## Phase 1: P

YYYY-MM-DD and path/to/ in prose, DRAFT-XXX1

### Step 1.1: S

**Files:**
- `path/to/file1.py` (new)
";
    assert_eq!(
        found(text),
        [
            "Draft | Review",
            "YYYY-MM-DD",
            "a | b",
            "EP-XXXX",
            "`path/to/design.md`",
            "path/to/file1.py"
        ]
    );
}
