use std::time::{Duration, Instant};

use super::super::{Block, Mismatch, Nearest, Text};

fn nearest(text: &str, search: &str) -> Option<Nearest> {
    let block = Block {
        search: search.to_owned(),
        replace: String::new(),
        line: 1,
    };
    match Text::new(text).replace(&block) {
        Err(Mismatch::NotFound(nearest)) => nearest,
        other => panic!("{other:?}"),
    }
}

const TEXT: &str =
    "fn one() {\n    let a = 1;\n    work(a);\n}\n\nfn two() {\n    let b = 2;\n    work(b);\n}\n";

#[test]
fn the_nearest_lines_are_shown() {
    let place = |line, there: &str, differs, wanted: &str| {
        Some(Nearest {
            line,
            there: there.to_owned(),
            differs,
            wanted: wanted.to_owned(),
            ends: false,
        })
    };
    assert_eq!(
        nearest(TEXT, "fn two() {\n    let b = 3;\n    work(b);\n"),
        place(7, "    let b = 2;", 12..13, "    let b = 3;")
    );
    assert_eq!(
        nearest(TEXT, "let b = 2;\nwork(b);\n"),
        place(7, "    let b = 2;", 0..4, "let b = 2;")
    );
    assert_eq!(
        nearest(TEXT, "fn twoo() {\n"),
        place(6, "fn two() {", 6..6, "fn twoo() {")
    );
    assert_eq!(nearest(TEXT, "quite another thing, 9 + 9\n"), None);
    assert_eq!(nearest("", "a\n"), None);
    let end = nearest(TEXT, "    work(b);\n}\nmore\n").unwrap();
    assert_eq!((end.line, end.ends, end.wanted.as_str()), (9, true, "more"));
}

#[test]
fn the_work_is_bounded() {
    let begun = Instant::now();
    let huge = "    some line of text that repeats itself\n".repeat(200_000);
    let search = "    some line of text that repeats itselF\n".repeat(20_000);
    assert!(nearest(&huge, &search).is_some());
    let search = "    some line of text that repeats itself\n".repeat(200_001);
    assert!(nearest(&huge, &search).unwrap().ends);
    // Quadratic work would be hours.
    assert!(begun.elapsed() < Duration::from_secs(60));
}
