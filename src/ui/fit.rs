//! How a menu fits on a terminal. The library at the terminal counts lines and not rows: a text that the terminal wraps
//! would push the line that is being ticked off the screen. So texts are wrapped beforehand.

use console::Term;

use super::width;

/// Columns that the library puts around a question, and those that it needs behind it to tell the page.
const AROUND: usize = 5;
const PAGE_NOTE: usize = 16;

/// Fewer columns than this leave no room for a question and its page.
const NARROWEST: usize = 40;

/// The room that a menu has.
#[derive(Debug, Clone, Copy)]
pub(super) struct Room {
    /// Of the terminal.
    pub(super) rows: usize,
    /// Of the terminal.
    pub(super) columns: usize,
    /// Columns that the mark before each item takes.
    pub(super) mark: usize,
}

/// A menu as it is to be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Menu {
    pub(super) question: String,
    pub(super) items: Vec<String>,
    /// Items on a page; `None` where all fit.
    pub(super) page: Option<usize>,
}

impl Room {
    /// Lays out a menu that fits as a whole; `None` where it does not.
    pub(super) fn whole(self, question: &str, items: &[impl AsRef<str>]) -> Option<Menu> {
        let items: Vec<String> = items.iter().map(|item| self.item(item.as_ref())).collect();
        let question_rows = (width(question) + AROUND).div_ceil(self.columns.max(1));
        let item_rows: usize = items.iter().map(|item| item.lines().count().max(1)).sum();
        // The cursor stands on a row of its own.
        let menu = Menu {
            question: question.to_owned(),
            items,
            page: None,
        };
        (question_rows + item_rows < self.rows).then_some(menu)
    }

    /// Lays out a menu, on pages if need be; `None` where not even one item fits beneath the question.
    pub(super) fn paged(self, question: &str, items: &[impl AsRef<str>]) -> Option<Menu> {
        if let Some(menu) = self.whole(question, items) {
            return Some(menu);
        }
        if self.columns < NARROWEST {
            return None;
        }
        let question = wrap(question, self.columns - AROUND - PAGE_NOTE, 2);
        let items: Vec<String> = items.iter().map(|item| self.item(item.as_ref())).collect();
        let tallest = items.iter().map(|item| item.lines().count()).max()?.max(1);
        let left = self.rows.saturating_sub(question.lines().count() + 1);
        let page = Some(left / tallest).filter(|page| *page > 0)?;
        Some(Menu {
            question,
            items,
            page: Some(page),
        })
    }

    fn item(self, text: &str) -> String {
        let mut columns = self.columns.saturating_sub(self.mark + 1).max(1);
        loop {
            let wrapped = wrap(text, columns, self.mark);
            // The library takes a line for wrapped by its bytes, and clears what is above it.
            if columns < 8 || wrapped.lines().all(|line| line.len() <= self.columns) {
                return wrapped;
            }
            columns -= 1;
        }
    }
}

/// A text for the screen of the questions: lines that are longer than it is wide are broken between words, and go on
/// beneath their own beginning. Where there is no screen, or it is too narrow, the text stays as it is.
pub(super) fn for_screen(text: &str) -> String {
    match Term::stderr().size_checked() {
        Some((_, columns)) if usize::from(columns) >= NARROWEST => folded(text, usize::from(columns) - 1),
        _ => text.to_owned(),
    }
}

/// How many columns a line of standard output may have; `None` where it is no screen, or a narrow one.
pub fn screen() -> Option<usize> {
    let (_, columns) = Term::stdout().size_checked()?;
    Some(usize::from(columns)).filter(|columns| *columns >= NARROWEST)
}

/// A text for the screen of standard output, as `for_screen` is for that of the questions.
pub fn for_output(text: String) -> String {
    match screen() {
        Some(columns) => folded(&text, columns),
        None => text,
    }
}

/// Lines that are longer than so many columns are broken between words, and go on beneath their own beginning.
pub(super) fn folded(text: &str, columns: usize) -> String {
    let fold = |line: &str| {
        if console::measure_text_width(line) <= columns {
            return line.to_owned();
        }
        let plain = console::strip_ansi_codes(line);
        let blanks = plain.len() - plain.trim_start().len();
        let indent = " ".repeat(if blanks > columns / 2 { 0 } else { blanks + 2 });
        let options = textwrap::Options::new(columns).subsequent_indent(&indent);
        textwrap::wrap(line, options).join("\n")
    };
    let lines: Vec<String> = text.split('\n').map(fold).collect();
    lines.join("\n")
}

/// Breaks a text into lines; all but the first are indented.
fn wrap(text: &str, columns: usize, indent: usize) -> String {
    textwrap::wrap(text, columns).join(&format!("\n{}", " ".repeat(indent)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROOM: Room = Room {
        rows: 24,
        columns: 80,
        mark: 2,
    };

    #[test]
    fn what_fits_is_shown_whole() {
        let menu = ROOM.whole("which?", &["a", "b"]).unwrap();
        let expected = Menu {
            question: "which?".to_owned(),
            items: vec!["a".to_owned(), "b".to_owned()],
            page: None,
        };
        assert_eq!(menu, expected);
        assert_eq!(ROOM.paged("which?", &["a", "b"]), Some(expected));
        // Question, 22 items, the cursor.
        assert!(ROOM.whole("which?", &["a"; 22]).is_some());
        assert_eq!(ROOM.whole("which?", &["a"; 23]), None);
    }

    #[test]
    fn long_lines_break_between_words() {
        let text = "  note the quick brown fox jumps over the lazy dog\n\n  \u{1b}[33mred\u{1b}[0m short";
        assert_eq!(
            folded(text, 20),
            "  note the quick\n    brown fox jumps\n    over the lazy\n    dog\n\n  \u{1b}[33mred\u{1b}[0m short"
        );
    }

    #[test]
    fn pages_hold_as_many_as_fit() {
        let long = "word ".repeat(20);
        for (items, question, page) in [
            (vec![long.trim_end(); 20], "which?", Some(11)),
            (vec![long.trim_end(); 20], long.as_str(), Some(10)),
            (vec!["a"; 40], "which?", Some(22)),
        ] {
            let menu = ROOM.paged(question, &items).unwrap();
            assert_eq!(menu.page, page);
            let rows = menu.items.iter().map(|item| item.lines().count()).max().unwrap();
            assert!(menu.question.lines().count() + page.unwrap() * rows < ROOM.rows);
        }
        let endless = "word ".repeat(400);
        assert_eq!(ROOM.paged("which?", &[endless]), None);
    }

    #[test]
    fn no_line_is_wrapped_by_the_terminal_or_taken_for_it() {
        for text in ["a→b ".repeat(60), "漢字".repeat(60), "x".repeat(200)] {
            let menu = ROOM.whole("which?", &[text.as_str()]).unwrap();
            for line in menu.items[0].lines() {
                assert!(
                    width(line) + ROOM.mark < 80 + ROOM.mark && line.len() <= 80,
                    "{line}"
                );
            }
        }
    }
}
