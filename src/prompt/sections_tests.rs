use proptest::collection::vec;
use proptest::prelude::{Strategy, any, prop_oneof};
use proptest::test_runner::{Config, TestRunner};

use super::super::cuts::Cuts;
use super::super::document::Document;
use super::super::relevance::words;
use super::*;

fn headings(text: &str) -> Vec<(String, &str)> {
    let all = sections(text);
    assert_eq!(
        all.iter()
            .map(|section| &text[section.span.clone()])
            .collect::<String>(),
        text
    );
    all.into_iter()
        .map(|section| (section.heading, &text[section.span]))
        .collect()
}

#[test]
fn sections_go_by_headings_and_not_by_what_looks_like_one() {
    let text = "Intro\n\n# One `x`\ntext\n```sh\n# a comment\n```\n> # quoted\n\n- # in a list\n\nTwo\n===\n\n  ### Three ###\n~~~\n# open to the end\n";
    let expected = [
        (START, "Intro\n\n"),
        (
            "One x",
            "# One `x`\ntext\n```sh\n# a comment\n```\n> # quoted\n\n- # in a list\n\n",
        ),
        ("Two", "Two\n===\n\n"),
        ("Three", "  ### Three ###\n~~~\n# open to the end\n"),
    ];
    let expected: Vec<_> = expected.map(|(heading, text)| (heading.to_owned(), text)).into();
    assert_eq!(headings(text), expected);
    assert_eq!(headings(""), []);
    assert_eq!(headings("no heading"), [(START.to_owned(), "no heading")]);
}

#[test]
fn the_note_names_what_is_missing_and_how_much() {
    let left_out = LeftOut {
        document: "docs/design.md".to_owned(),
        heading: "Storage".to_owned(),
        tokens: 812,
    };
    let note = |counter| left_out.note(counter);
    assert_eq!(
        note(Counter::O200k),
        "[section \"Storage\" of docs/design.md is left out here to fit the model's context: 812 tokens]\n"
    );
    assert_eq!(
        note(Counter::Estimate),
        "[section \"Storage\" of docs/design.md is left out here to fit the model's context: about 812 tokens]\n"
    );
}

#[test]
fn the_least_relevant_goes_first_and_the_requirements_last_of_equals() {
    let filler = "Nothing that matters here, said at some length so that it is worth its note. ".repeat(8);
    let document = |role, path: &str, near: &str| Document {
        role,
        path: path.to_owned(),
        text: format!("# Near\n{near} {filler}\n# Far\n{filler}\n# Farther\n{filler}\n"),
    };
    let documents = [
        document("requirements", "r.md", "journal"),
        document("design", "d.md", "src/state/journal.rs"),
        document("context", "c.md", ""),
    ];
    let step = words("write src/state/journal.rs");
    let mut order: Vec<(String, String)> = Vec::new();
    for count in 1..=9 {
        let mut cuts = Cuts::new(&documents, &step, Counter::Estimate);
        assert!((0..count).all(|_| cuts.leave_out(1)));
        let out = cuts.left_out().into_iter().map(|out| (out.document, out.heading));
        let more: Vec<_> = out.filter(|out| !order.contains(out)).collect();
        assert_eq!(more.len(), 1);
        order.extend(more);
    }
    let order: Vec<String> = order
        .into_iter()
        .map(|(path, heading)| path + " " + &heading)
        .collect();
    assert_eq!(
        order,
        [
            "c.md Farther",
            "c.md Far",
            "c.md Near",
            "d.md Farther",
            "d.md Far",
            "r.md Farther",
            "r.md Far",
            "r.md Near",
            "d.md Near",
        ]
    );
}

/// Lines as documents have them, and some that could be taken for something else.
fn line() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z ]{0,60}",
        "#{1,7} [A-Za-z`]{0,12}",
        "(```|~~~~)[a-z]{0,4}",
        " {0,5}[-*>] [a-z# ]{0,20}",
        "(===|---)",
        "[a-zäöü漢字 ]{0,40}",
        "<!-- [a-z#]{0,9}( -->)?",
    ]
}

#[test]
fn what_is_not_left_out_is_not_touched() {
    let documents = vec((vec(line(), 0..40), any::<bool>()), 1..4);
    let mut runner = TestRunner::new(Config {
        failure_persistence: None,
        ..Config::with_cases(300)
    });
    let outcome = runner.run(&(documents, vec(0..200_u64, 0..12)), |(documents, wanted)| {
        let documents: Vec<Document> = documents
            .into_iter()
            .zip(["requirements", "design", "context"])
            .map(|((lines, ended), role)| Document {
                role,
                path: format!("{role}.md"),
                text: lines.join("\n") + if ended { "\n" } else { "" },
            })
            .collect();
        let cut = || {
            let mut cuts = Cuts::new(&documents, &words("abc def"), Counter::Estimate);
            for tokens in &wanted {
                cuts.leave_out(*tokens);
            }
            (cuts.documents(), cuts.left_out())
        };
        let (after, left_out) = cut();
        assert_eq!(cut(), (after.clone(), left_out.clone()), "the same each time");
        let mut noted = 0;
        for (before, after) in documents.iter().zip(&after) {
            // Walk both: each section is there as it was, or its note is.
            let mut rest = after.text.as_str();
            for section in sections(&before.text) {
                let text = &before.text[section.span.clone()];
                let note = LeftOut {
                    document: before.path.clone(),
                    heading: section.heading,
                    tokens: Counter::Estimate.count(text),
                };
                let shown = format!("{}\n", note.note(Counter::Estimate));
                rest = match rest.strip_prefix(shown.as_str()) {
                    Some(rest) => {
                        assert!(left_out.contains(&note), "{note:?}");
                        assert!(shown.len() < text.len() + 4);
                        noted += 1;
                        rest
                    }
                    None => rest.strip_prefix(text).unwrap(),
                };
            }
            assert_eq!(rest, "");
        }
        assert_eq!(noted, left_out.len());
        Ok(())
    });
    outcome.unwrap();
}
