//! Findings as text, with the line that they are about and a caret under the place.

use std::borrow::Cow;
use std::ops::Range;

use annotate_snippets::{Annotation, AnnotationKind, Group, Level as Severity, Renderer, Snippet};

use crate::words::{Diagnostic, Failure, Level, Place, printable_line};

/// Characters that are marked at most.
const MARKED: usize = 100;

/// Findings of a failure that are shown; a plan with more of them has one cause, told often enough.
const FINDINGS: usize = 50;

/// A failure as it is told on standard error: all of its findings, a blank line between two. Empty where it has none.
pub fn failure(failure: &Failure, colour: bool) -> String {
    let shown: Vec<String> = failure
        .diagnostics
        .iter()
        .take(FINDINGS)
        .map(|diagnostic| render(diagnostic, colour))
        .collect();
    let mut text = shown.join("\n");
    let more = failure.diagnostics.len().saturating_sub(FINDINGS);
    if more > 0 {
        text.push_str(&format!("\nand {more} more; `stepgate lint` lists them all\n"));
    }
    text
}

/// One finding, ended by a line feed.
pub fn render(diagnostic: &Diagnostic, colour: bool) -> String {
    let level = match diagnostic.level {
        Level::Error => Severity::ERROR,
        Level::Warning => Severity::WARNING,
        Level::Note => Severity::NOTE,
    };
    let title = level.primary_title(line(&diagnostic.message)).id(diagnostic.rule);
    let renderer = if colour {
        Renderer::styled()
    } else {
        Renderer::plain()
    };
    let draw = |group: Group<'_>| format!("{}\n", renderer.render(&[group]));
    let Some(place) = &diagnostic.place else {
        // Without an excerpt there is no margin for notes to hang on: each is a line of its own.
        let notes = diagnostic
            .found
            .iter()
            .map(|found| Severity::NOTE.secondary_title(line(found)));
        let helps = diagnostic
            .help
            .iter()
            .map(|help| Severity::HELP.secondary_title(line(help)));
        let notes = notes.chain(helps).map(Group::with_title);
        return std::iter::once(Group::with_title(title))
            .chain(notes)
            .map(draw)
            .collect();
    };
    let found = diagnostic.found.as_deref().unwrap_or_default();
    let mut group = at(Group::with_title(title), place, AnnotationKind::Primary, found);
    for (place, why) in &diagnostic.related {
        group = at(group, place, AnnotationKind::Context, why);
    }
    let helps = diagnostic
        .help
        .iter()
        .map(|help| Severity::HELP.message(line(help)));
    draw(group.elements(helps))
}

/// Adds a place and its line.
fn at<'a>(group: Group<'a>, place: &'a Place, kind: AnnotationKind, label: &'a str) -> Group<'a> {
    let (excerpt, marked) = marked(&place.excerpt, place.column.saturating_sub(1), place.length);
    let mut annotation: Annotation<'_> = kind.span(marked);
    if !label.is_empty() {
        annotation = annotation.label(line(label));
    }
    group.element(
        Snippet::source(excerpt)
            .path(line(&place.path))
            .line_start(place.line)
            .annotation(annotation),
    )
}

/// A line made safe, character by character so that columns stay true, and the bytes of it that are marked. A mark longer
/// than what is shown ends early: the renderer would leave its middle out.
fn marked(excerpt: &str, column: usize, length: usize) -> (String, Range<usize>) {
    let mut text = String::with_capacity(excerpt.len() + 16);
    let (mut start, mut end) = (None, None);
    for (index, c) in excerpt.chars().enumerate() {
        if index == column {
            start = Some(text.len());
        }
        if index == column.saturating_add(length.min(MARKED)) {
            end = Some(text.len());
        }
        text.push(safe(c));
    }
    let start = start.unwrap_or(text.len());
    let end = end.unwrap_or(text.len()).max(start);
    (text, start..end)
}

/// What may be shown of a character: a picture where it would redraw the terminal or hide text.
fn safe(c: char) -> char {
    let mut bytes = [0; 4];
    if c == '\t' || matches!(printable_line(c.encode_utf8(&mut bytes)), Cow::Borrowed(_)) {
        return c;
    }
    match u32::from(c) {
        low @ 0..0x20 => char::from_u32(0x2400 + low).unwrap_or(char::REPLACEMENT_CHARACTER),
        0x7f => '␡',
        _ => char::REPLACEMENT_CHARACTER,
    }
}

fn line(text: &str) -> Cow<'_, str> {
    printable_line(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::{Exit, Source};

    fn finding(text: &str, span: Range<usize>) -> Diagnostic {
        let source = Source::new("docs/p.md", text.into()).unwrap();
        Diagnostic::error("some-rule", "something is wrong")
            .at(source.place(&span))
            .found("this word")
            .help("write another word")
    }

    #[test]
    fn shows_the_place() {
        let text = "first\n\n\tä bad word here\n";
        let mut diagnostic = finding(text, 11..14).help("or none");
        let source = Source::new("docs/p.md", text.into()).unwrap();
        diagnostic = diagnostic.related(source.place(&(0..5)), "the first one");
        let expected = "\
error[some-rule]: something is wrong
 --> docs/p.md:3:4
  |
3 |     ä bad word here
  |       ^^^ this word
  |
 ::: docs/p.md:1:1
  |
1 | first
  | ----- the first one
  |
  = help: write another word
  = help: or none
";
        assert_eq!(render(&diagnostic, false), expected);
    }

    #[test]
    fn shows_points_and_empty_files() {
        let expected = "\
error[some-rule]: something is wrong
 --> docs/p.md:1:1
  |
1 |
  | ^ this word
  |
  = help: write another word
";
        assert_eq!(render(&finding("", 0..0), false), expected);
    }

    #[test]
    fn shows_no_place_where_there_is_none() {
        let failure_ = Failure::new(Exit::LocalIo, "local-io", "cannot read `a`").help("look at it");
        assert_eq!(
            failure(&failure_, false),
            "error[local-io]: cannot read `a`\nhelp: look at it\n"
        );
        assert_eq!(failure(&Failure::silent(Exit::Signal(13)), false), "");
    }

    #[test]
    fn never_hides_the_place() {
        let long = format!("{}BAD{}", "x".repeat(5_000), "y".repeat(5_000));
        let text = render(&finding(&long, 5_000..5_003), false);
        assert!(text.contains(" --> docs/p.md:1:5001\n"), "{text}");
        assert!(
            text.contains("xBADy") && text.contains("  ^^^ this word"),
            "{text}"
        );
        assert!(text.lines().all(|line| line.chars().count() < 200), "{text}");
        let text = render(&finding(&long, 0..10_003), false);
        assert!(text.lines().all(|line| line.chars().count() < 200), "{text}");
        let text = render(&finding(&long, 10_003..10_003), false);
        assert!(text.contains("y\n") && text.contains("^ this word"), "{text}");
    }

    #[test]
    fn lets_no_plan_redraw_the_terminal() {
        let mut diagnostic = finding("a\u{1b}[2Jb\u{202e}c\u{7}\u{200b}", 1..2).found("\u{1b}[31m");
        diagnostic.message = "bad\nline".to_owned();
        if let Some(place) = &mut diagnostic.place {
            place.path = "p\u{1b}.md".to_owned();
        }
        let text = render(&diagnostic, false);
        assert!(!text.contains(['\u{1b}', '\u{202e}', '\u{7}']), "{text:?}");
        assert!(text.contains("error[some-rule]: bad\\u{a}line\n"), "{text}");
        assert!(text.contains(" --> p\\u{1b}.md:1:2\n"), "{text}");
        assert!(text.contains("1 | a␛[2Jb�c␇"), "{text}");
        assert!(text.contains("^ \\u{1b}[31m"), "{text}");
    }

    #[test]
    fn colours_by_the_flag_alone() {
        assert!(render(&finding("a", 0..1), true).contains('\u{1b}'));
        assert!(!render(&finding("a", 0..1), false).contains('\u{1b}'));
    }

    #[test]
    fn tells_a_flood_in_part() {
        let many = Failure {
            exit: Exit::Invalid,
            diagnostics: vec![finding("a", 0..1); 60],
        };
        let text = failure(&many, false);
        assert_eq!(text.matches("error[").count(), 50);
        assert!(
            text.ends_with("\nand 10 more; `stepgate lint` lists them all\n"),
            "{text}"
        );
    }
}
