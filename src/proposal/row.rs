use crate::words::Span;

/// A row of a Markdown table, by its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Row {
    /// The line without its end.
    pub(super) line: Span,
    /// Between the pipes, blanks and all.
    pub(super) cells: Vec<Span>,
    /// Whether the row begins and ends with a pipe.
    pub(super) pipes: (bool, bool),
}

impl Row {
    /// Cuts a line at its pipes. One behind a backslash is text.
    pub(super) fn read(text: &str, line: Span) -> Self {
        let bytes = text[line.clone()].as_bytes();
        let (mut cuts, mut escaped) = (Vec::new(), false);
        for (at, byte) in bytes.iter().enumerate() {
            match byte {
                b'\\' => escaped = !escaped,
                b'|' if !escaped => cuts.push(line.start + at),
                _ => escaped = false,
            }
        }
        let blank = |span: Span| text[span].trim().is_empty();
        let first = cuts.first().is_some_and(|at| blank(line.start..*at));
        let final_cut =
            cuts.last().is_some_and(|at| blank(at + 1..line.end)) && cuts.len() > usize::from(first);
        let mut starts: Vec<usize> = cuts.iter().map(|at| at + 1).collect();
        let mut ends = cuts;
        if first {
            ends.remove(0);
        } else {
            starts.insert(0, line.start);
        }
        if final_cut {
            starts.pop();
        } else {
            ends.push(line.end);
        }
        let cells = starts
            .into_iter()
            .zip(ends)
            .map(|(start, end)| start..end)
            .collect();
        Self {
            line,
            cells,
            pipes: (first, final_cut),
        }
    }

    /// The text of a cell without the blanks around it; empty where the row ends before it.
    pub(super) fn cell<'a>(&self, text: &'a str, index: usize) -> &'a str {
        self.cells.get(index).map_or("", |span| text[span.clone()].trim())
    }

    /// Whether the row says that there is nothing: no cell has a letter or a digit.
    pub(super) fn is_empty(&self, text: &str) -> bool {
        !text[self.line.clone()].contains(|c: char| c.is_alphanumeric())
    }

    /// A row of these cells in the form of this one: as wide, where they fit.
    pub(super) fn like(&self, text: &str, cells: &[String]) -> String {
        let indent: String = text[self.line.clone()]
            .chars()
            .take_while(|c| *c == ' ')
            .collect();
        let shaped: Vec<String> = cells
            .iter()
            .enumerate()
            .map(|(index, cell)| padded(cell, self.cells.get(index).map_or("", |span| &text[span.clone()])))
            .collect();
        let mut row = indent;
        if self.pipes.0 {
            row.push('|');
        }
        row.push_str(&shaped.join("|"));
        if self.pipes.1 {
            row.push('|');
        }
        row
    }
}

/// A cell's text with the blanks of another cell around it, as wide as that one where it fits.
pub(super) fn padded(cell: &str, like: &str) -> String {
    let lead = if like.starts_with(char::is_whitespace) || like.is_empty() {
        " "
    } else {
        ""
    };
    let tail = if like.ends_with(char::is_whitespace) || like.is_empty() {
        " "
    } else {
        ""
    };
    let shaped = format!("{lead}{}", escaped(cell));
    let missing = like
        .chars()
        .count()
        .saturating_sub(shaped.chars().count())
        .max(tail.len());
    format!("{shaped}{}", " ".repeat(missing))
}

/// A pipe would end the cell, a line end the row.
fn escaped(cell: &str) -> String {
    let mut text = String::with_capacity(cell.len());
    let mut before = ' ';
    for c in cell.chars() {
        match c {
            '|' if before != '\\' => text.push_str("\\|"),
            '\n' | '\r' => text.push(' '),
            c => text.push(c),
        }
        before = c;
    }
    text
}
