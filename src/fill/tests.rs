use super::draft::Draft;
use super::page::Page;
use crate::plan::Plan;
use crate::plan_file::Reading;
use crate::words::Source;

fn reading(text: &str) -> Reading {
    let source = Source::new("d.md", text.into()).unwrap();
    let plan = Plan::read(&source);
    Reading { source, plan }
}

const DOCUMENT: &str = "\
# EP-0001: [Title]

## One
<!-- AI: first -->
- [x] Done

### Option 2: [Name]: kept
- [Text]

#### Deep

## Two
- [List]
---
";

/// The rules by which an answer for the section of this name is refused.
fn rules(section: &str, answer: &str) -> Vec<&'static str> {
    let reading = reading(DOCUMENT);
    let page = Page::of(&reading);
    let part = page
        .sections()
        .into_iter()
        .find(|part| part.key == section)
        .unwrap();
    let draft = Draft::of(&page, &part, answer);
    draft.refusals.iter().map(|refusal| refusal.rule).collect()
}

#[test]
fn sections_end_at_the_next_heading_and_before_a_rule() {
    let reading = reading(DOCUMENT);
    let page = Page::of(&reading);
    let found: Vec<(String, &str, usize)> = page
        .sections()
        .into_iter()
        .map(|part| {
            (
                part.key.clone(),
                reading.source.slice(&part.span),
                part.open.len(),
            )
        })
        .collect();
    let expected = [
        ("One", "## One\n<!-- AI: first -->\n- [x] Done", 1),
        (
            "One › Option 2: [Name]: kept",
            "### Option 2: [Name]: kept\n- [Text]",
            2,
        ),
        ("One › Option 2: [Name]: kept › Deep", "#### Deep", 0),
        ("Two", "## Two\n- [List]", 1),
    ];
    assert_eq!(
        found,
        expected.map(|(key, text, open)| (key.to_owned(), text, open))
    );
}

#[test]
fn sections_of_one_name_are_told_apart() {
    let reading = reading("## A\n[Text]\n## A\n\n[Text]\n### A\n[Text]\n");
    let keys: Vec<String> = Page::of(&reading)
        .sections()
        .into_iter()
        .map(|part| part.key)
        .collect();
    assert_eq!(keys, ["A", "A (2)", "A › A"]);
}

#[test]
fn what_would_break_the_document_is_refused() {
    let option = "One › Option 2: [Name]: kept";
    let table: [(&str, &str, &[&str]); 20] = [
        ("One", "## One\n- [x] Done\n- [ ] More", &[]),
        ("One", "Only the body.", &[]),
        ("One", "## One\n\n### New\ntext", &[]),
        ("One", "", &["answer-empty"]),
        ("One", "## One", &["answer-empty"]),
        ("One", "## Other\ntext", &["answer-heading"]),
        ("One", "### One\ntext", &[]),
        ("One", "# One\ntext", &["answer-heading"]),
        ("One", "## One\ntext\n\n## Three", &["answer-level"]),
        ("One", "## One\ntext\n\n#### Deep", &["answer-twice"]),
        ("One", "Sure:\n\n## One\ntext", &["answer-level"]),
        ("One", "## One\n```\ncode", &["answer-unclosed"]),
        ("One", "## One\n<!-- begun", &["answer-unclosed"]),
        ("One", "## One\n<!-- AI: first -->\ntext", &["answer-unfilled"]),
        (
            "One",
            "## One\n- [x] Other\n- [Text]",
            &["answer-unfilled", "answer-ticked"],
        ),
        (option, "### Option 2: Gas: kept\ntext", &[]),
        (option, "### Option 3: Gas: kept\ntext", &["answer-heading"]),
        (option, "text", &["answer-headings"]),
        ("Two", "## Two\n- an item", &[]),
        // The rule behind the section would make a heading of a paragraph.
        ("Two", "## Two\na paragraph", &["answer-level"]),
    ];
    for (section, answer, expected) in table {
        assert_eq!(rules(section, answer), expected, "{section}: {answer:?}");
    }
}

#[test]
fn what_stands_around_a_section_stays_byte_for_byte() {
    let document = DOCUMENT.replace('\n', "\r\n");
    let reading = reading(&document);
    let page = Page::of(&reading);
    let part = page
        .sections()
        .into_iter()
        .find(|part| part.key == "Two")
        .unwrap();
    let draft = Draft::of(&page, &part, "## Two\n- a\n- b");
    assert_eq!(draft.text, document.replace("- [List]", "- a\r\n- b"));
    assert_eq!(&draft.text[draft.span], "## Two\r\n- a\r\n- b");
}

#[test]
fn steps_stand_together_or_are_not_written_as_one() {
    let plan = "# P\n\n## Phase 1: A\n#### Step 1.1: [S]\n\n### Phase 1 Completion Criteria\n- [ ] [C]\n\n## Phase 2: B\n\n---\n\n## Notes\n";
    let whole = reading(plan);
    let page = Page::of(&whole);
    let part = page.steps().unwrap();
    assert_eq!(
        whole.source.slice(&part.span),
        "## Phase 1: A\n#### Step 1.1: [S]\n\n### Phase 1 Completion Criteria\n- [ ] [C]\n\n## Phase 2: B"
    );
    let refused = |answer: &str| {
        let draft = Draft::of(&page, &part, answer);
        draft
            .refusals
            .iter()
            .map(|refusal| refusal.rule)
            .collect::<Vec<_>>()
    };
    assert_eq!(
        refused("## Phase 1: A\n#### Step 1.1: S\n\n## Phase 2: B"),
        Vec::<&str>::new()
    );
    assert_eq!(refused("## Phase 1: A\n\n## Summary"), ["answer-level"]);
    assert_eq!(refused("Here they are:\n\n## Phase 1: A"), ["answer-headings"]);
    let fails = |text: &str| Page::of(&reading(text)).steps().unwrap_err().diagnostics[0].rule;
    assert_eq!(fails("# P\n\n## Notes\n"), "no-phases");
    assert_eq!(
        fails(&plan.replace("## Phase 2", "## Between\n\n## Phase 2")),
        "phases-apart"
    );
    assert_eq!(fails(&plan.replace("- [ ] [C]", "- [x] [C]")), "ticked");
}
