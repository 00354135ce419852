use super::lumps::Lumps;
use super::{Paint, table, width};

/// Columns that names are padded to at most; a longer name pushes its line, and no other.
const NAMES: usize = 64;

/// Columns of the line that leads to a step, and of its mark.
const STEM: usize = 3;
const MARK: usize = 2;

/// Columns beside names and notes: stem, mark, bar, boxes, and what is between them.
const REST: usize = STEM + MARK + 2 + table::BAR + 1 + 7 + 2;

/// Columns that notes have at least, where lines are broken: `waits for step 1.1`.
const NOTES: usize = 18;

/// Fewer columns than this for names are not worth breaking them.
const FEWEST: usize = 12;

/// Boxes ticked and boxes in all.
pub(super) type Count = (usize, usize);

/// What a row is marked with.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Mark {
    Done,
    Ready,
    Blocked,
    Escalated,
    Group,
}

/// A phase, a step or a list of boxes.
pub(super) struct Row {
    /// Empty, or what leads to it from the one above.
    pub(super) stem: &'static str,
    pub(super) mark: Mark,
    pub(super) name: String,
    pub(super) boxes: Count,
    pub(super) note: String,
}

/// How wide names and notes are.
#[derive(Clone, Copy)]
pub(super) struct Columns {
    names: usize,
    /// Without it lines are as long as what is in them.
    notes: Option<usize>,
}

impl Columns {
    /// For names of so many columns at most, on a screen of so many, where there is one.
    pub(super) fn new(widest: usize, screen: Option<usize>) -> Self {
        let names = widest.min(NAMES);
        let room = screen.and_then(|screen| screen.checked_sub(REST + NOTES));
        match room.filter(|room| *room >= FEWEST) {
            None => Self { names, notes: None },
            Some(room) => Self {
                names: names.min(room),
                notes: Some(room + NOTES - names.min(room)),
            },
        }
    }

    /// Prints a row: stem, mark, name, bar, boxes, note. What is too long for a screen goes on in its own column below.
    pub(super) fn print(self, row: &Row, paint: Paint, out: &mut Lumps<'_>) {
        let is_bare = row.stem.is_empty() && row.mark == Mark::Group;
        let before = width(row.stem) + if is_bare { 0 } else { MARK };
        let left = STEM + MARK + self.names;
        let (names, notes) = match self.notes {
            None => (vec![row.name.clone()], vec![row.note.clone()]),
            Some(notes) => (broken(&row.name, left - before, 2), broken(&row.note, notes, 0)),
        };
        for line in 0..names.len().max(notes.len()) {
            let name = names.get(line).map_or("", String::as_str);
            let (stem, mark) = if line == 0 {
                (row.stem, row.mark.sign(is_bare))
            } else {
                (row.goes_on(), if is_bare { "" } else { "  " })
            };
            let stem = paint.faint(stem);
            let mark = match row.mark {
                Mark::Done => paint.good(mark),
                Mark::Ready => paint.next(mark),
                Mark::Blocked => paint.faint(mark),
                Mark::Escalated => paint.warn(mark),
                Mark::Group => paint.plain(mark),
            };
            let missing = left.saturating_sub(before + width(name));
            let name = match row.mark {
                _ if row.stem.is_empty() => paint.title(name),
                Mark::Ready => paint.next(name),
                _ => paint.plain(name),
            };
            let boxes = match line {
                0 => {
                    let bar = table::bar(row.boxes.0, row.boxes.1, paint);
                    format!("{bar} {:>7}", format!("{}/{}", row.boxes.0, row.boxes.1))
                }
                _ => " ".repeat(table::BAR + 1 + 7),
            };
            let note = notes.get(line).map_or("", String::as_str);
            let gap = if note.is_empty() { "" } else { "  " };
            let note = match row.mark {
                Mark::Done => paint.good(note),
                Mark::Ready => paint.next(note),
                Mark::Escalated => paint.warn(note),
                Mark::Blocked | Mark::Group => paint.faint(note),
            };
            out.line(format_args!(
                "{stem}{mark}{name}{:missing$}  {boxes}{gap}{note}",
                ""
            ));
        }
    }
}

impl Mark {
    fn sign(self, is_bare: bool) -> &'static str {
        match self {
            Self::Done => "✔ ",
            Self::Ready => "▶ ",
            Self::Blocked => "· ",
            Self::Escalated => "! ",
            Self::Group if is_bare => "",
            Self::Group => "  ",
        }
    }
}

impl Row {
    /// What stands below its stem.
    fn goes_on(&self) -> &'static str {
        match self.stem {
            "" => "",
            "├─ " => "│  ",
            _ => "   ",
        }
    }
}

/// A text in lines of so many columns, those after the first one indented; at least one.
fn broken(text: &str, columns: usize, indent: usize) -> Vec<String> {
    let indent = " ".repeat(indent);
    let options = textwrap::Options::new(columns.max(FEWEST)).subsequent_indent(&indent);
    let lines = textwrap::wrap(text, options).into_iter().map(String::from);
    let lines: Vec<String> = lines.collect();
    if lines.is_empty() {
        return vec![String::new()];
    }
    lines
}
