use memchr::memmem;

use super::Block;
use super::nearest::{Nearest, nearest};

/// Places that are counted where a search text is there more than once.
const PLACES: usize = 10;

/// The text of a file on which blocks are carried out, one after the other.
///
/// A search text is a run of whole lines and matches lines that are equal to it byte by byte, but for their line ends. A
/// line that stays keeps its line end, one that comes has that of the first line that was looked for. A byte order mark,
/// and a last line without an end, stay as they are.
#[derive(Debug, Clone)]
pub struct Text {
    bom: bool,
    /// The lines, a line feed before the first and behind each, so that whole lines are found by plain text.
    joined: String,
    lines: Vec<Line>,
    /// Whether the last line has an end.
    ended: bool,
}

#[derive(Debug, Clone, Copy)]
struct Line {
    crlf: bool,
    /// Its number in the file, from 1; 0 where it came with a block.
    origin: usize,
}

/// Why a block cannot be carried out. Lines are those of the file before its first block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mismatch {
    /// The lines are not there; these come nearest.
    NotFound(Option<Nearest>),
    /// They are there more than once: the first lines of some of the places, and how many there are (ten stand for ten
    /// or more).
    Ambiguous(Vec<usize>, usize),
    /// Nothing is looked for, and the file is not empty.
    EmptySearch,
}

impl Text {
    /// Takes the text of a file.
    pub fn new(text: &str) -> Self {
        let (bom, text) = match text.strip_prefix('\u{feff}') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let mut joined = String::with_capacity(text.len() + 2);
        joined.push('\n');
        let mut lines: Vec<Line> = Vec::new();
        for (index, line) in text.split_inclusive('\n').enumerate() {
            let (line, crlf) = match line.strip_suffix('\n') {
                Some(line) => line.strip_suffix('\r').map_or((line, false), |line| (line, true)),
                // Should it get an end, then that of the line before.
                None => (line, lines.last().is_some_and(|line| line.crlf)),
            };
            joined.push_str(line);
            joined.push('\n');
            lines.push(Line {
                crlf,
                origin: index + 1,
            });
        }
        Self {
            bom,
            joined,
            lines,
            ended: text.is_empty() || text.ends_with('\n'),
        }
    }

    /// Puts the replacement of a block in the place of the one run of lines that it looks for; the text is as before
    /// where it fails.
    pub fn replace(&mut self, block: &Block) -> Result<(), Mismatch> {
        let at = self.find(&block.search)?;
        // The line feed before the match belongs to the line before.
        let first = memchr::memchr_iter(b'\n', &self.joined.as_bytes()[..at]).count();
        let old: Vec<&str> = block.search.split_terminator('\n').collect();
        let new: Vec<&str> = block.replace.split_terminator('\n').collect();
        let short = old.len().min(new.len());
        let same = |(one, other): &(&&str, &&str)| one == other;
        let head = old.iter().zip(&new).take_while(same).count();
        let tail = old.iter().rev().zip(new.iter().rev());
        let tail = tail.take(short - head).take_while(same).count();
        let fresh = Line {
            crlf: self.lines.get(first).is_some_and(|line| line.crlf),
            origin: 0,
        };
        let count = new.len() - head - tail;
        self.lines.splice(
            first + head..first + old.len() - tail,
            std::iter::repeat_n(fresh, count),
        );
        self.joined
            .replace_range(at + 1..=at + block.search.len(), &block.replace);
        Ok(())
    }

    /// The offset of the line feed before the one place where lines are.
    fn find(&self, search: &str) -> Result<usize, Mismatch> {
        if search.is_empty() {
            return if self.lines.is_empty() {
                Ok(0)
            } else {
                Err(Mismatch::EmptySearch)
            };
        }
        let wanted = format!("\n{search}");
        let finder = memmem::Finder::new(&wanted);
        let text = self.joined.as_bytes();
        let mut places = Vec::new();
        let mut from = 0;
        while places.len() < PLACES
            && let Some(at) = finder.find(&text[from..])
        {
            places.push(from + at);
            // Places may overlap: two empty lines are twice in three.
            from += at + 1;
        }
        match places[..] {
            [] => Err(Mismatch::NotFound(self.nearest(search))),
            [at] => Ok(at),
            _ => {
                let line = |at: &usize| self.origin(memchr::memchr_iter(b'\n', &text[..*at]).count());
                Err(Mismatch::Ambiguous(
                    places.iter().take(3).map(line).collect(),
                    places.len(),
                ))
            }
        }
    }

    fn nearest(&self, search: &str) -> Option<Nearest> {
        let lines: Vec<&str> = self.joined[1..].split_terminator('\n').collect();
        let search: Vec<&str> = search.split_terminator('\n').collect();
        let mut found = nearest(&lines, &search)?;
        found.line = self.origin(found.line);
        Some(found)
    }

    /// The number in the file of a line (from 0); for one that came with a block, that of the line before which is the
    /// file's.
    fn origin(&self, line: usize) -> usize {
        let before = self.lines[..self.lines.len().min(line + 1)].iter().rev();
        before.map(|line| line.origin).find(|line| *line > 0).unwrap_or(1)
    }
}

impl From<Text> for String {
    fn from(text: Text) -> Self {
        let mut whole = Self::with_capacity(text.joined.len() + text.lines.len());
        if text.bom {
            whole.push('\u{feff}');
        }
        let mut lines = text.lines.iter().peekable();
        for line in text.joined[1..].split_terminator('\n') {
            whole.push_str(line);
            let crlf = lines.next().is_some_and(|line| line.crlf);
            if lines.peek().is_some() || text.ended {
                whole.push_str(if crlf { "\r\n" } else { "\n" });
            }
        }
        whole
    }
}
