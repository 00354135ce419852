/// One search/replace block: a run of whole lines, and what stands in its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// The lines that are looked for, each ended by a line feed; empty for a file that is not there yet.
    pub search: String,
    /// The lines that stand there instead, each ended by a line feed; empty to take the lines away.
    pub replace: String,
    /// Its first line in the reply, from 1.
    pub line: usize,
}

/// Why the content of a fence is no search/replace blocks.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct BadBlock {
    /// The line of the reply, from 1.
    pub(super) line: usize,
    /// What is wrong there.
    pub(super) why: &'static str,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Mark {
    Search(usize),
    Divider(usize),
    Replace(usize),
}

enum State {
    Outside,
    Search(usize, Block),
    Replace(usize, Block),
}

const UNCLEAR: &str = "this line looks like a marker of the block that it is in; a block whose text holds such lines needs longer markers (eight or more of the character, the same number in all three)";
const OUTSIDE: &str = "text stands outside of the search/replace blocks";
const OPEN: &str = "this search/replace block has no end";
const NONE: &str = "there is no search/replace block in it";

/// Reads the content of a fence as search/replace blocks, at least one; `first` is the line of the reply where it begins.
///
/// A block is a line `<<<<<<< SEARCH`, lines, a line `=======`, lines, a line `>>>>>>> REPLACE`; the markers have seven or
/// more of their character, each as many as the first. Lines with another number of them are text. Between blocks only
/// empty lines may stand.
pub(super) fn blocks(content: &str, first: usize) -> Result<Vec<Block>, BadBlock> {
    let mut blocks = Vec::new();
    let mut state = State::Outside;
    for (line, text) in (first..).zip(content.split_terminator('\n')) {
        let bad = |why| Err(BadBlock { line, why });
        state = match (state, mark(text)) {
            (State::Outside, Some(Mark::Search(length))) => State::Search(
                length,
                Block {
                    search: String::new(),
                    replace: String::new(),
                    line,
                },
            ),
            (State::Outside, None) if text.trim().is_empty() => State::Outside,
            (State::Outside, _) => return bad(OUTSIDE),
            (State::Search(length, block), Some(Mark::Divider(n))) if n == length => {
                State::Replace(length, block)
            }
            (State::Replace(length, block), Some(Mark::Replace(n))) if n == length => {
                blocks.push(block);
                State::Outside
            }
            (
                State::Search(length, _) | State::Replace(length, _),
                Some(Mark::Search(n) | Mark::Divider(n) | Mark::Replace(n)),
            ) if n == length => return bad(UNCLEAR),
            (State::Search(length, mut block), _) => {
                push(&mut block.search, text);
                State::Search(length, block)
            }
            (State::Replace(length, mut block), _) => {
                push(&mut block.replace, text);
                State::Replace(length, block)
            }
        };
    }
    match state {
        State::Search(_, block) | State::Replace(_, block) => Err(BadBlock {
            line: block.line,
            why: OPEN,
        }),
        State::Outside if blocks.is_empty() => Err(BadBlock {
            line: first.saturating_sub(1),
            why: NONE,
        }),
        State::Outside => Ok(blocks),
    }
}

/// Tells whether content begins as search/replace blocks do: it is hardly meant to be a file.
pub(super) fn looks_like_blocks(content: &str) -> bool {
    let first = content.lines().find(|line| !line.trim().is_empty());
    matches!(first.and_then(mark), Some(Mark::Search(_)))
}

fn push(text: &mut String, line: &str) {
    text.push_str(line);
    text.push('\n');
}

/// Reads a line as a marker: seven or more of one character, then its word. Blanks at its end do not matter.
fn mark(line: &str) -> Option<Mark> {
    let line = line.trim_end_matches([' ', '\t']);
    let first = line.chars().next()?;
    let word = line.trim_start_matches(first);
    let length = line.len() - word.len();
    match (first, word) {
        _ if length < 7 => None,
        ('<', " SEARCH") => Some(Mark::Search(length)),
        ('=', "") => Some(Mark::Divider(length)),
        ('>', " REPLACE") => Some(Mark::Replace(length)),
        _ => None,
    }
}
