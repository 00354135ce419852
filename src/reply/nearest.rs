use std::collections::HashMap;
use std::ops::Range;

use similar::TextDiff;

/// The lines of a file that are most like those that were looked for, and the first of them that differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Nearest {
    /// The line of the file that differs, from 1; for one that came with a block before, the last that is the file's.
    pub line: usize,
    /// That line.
    pub there: String,
    /// The characters of it that differ.
    pub differs: Range<usize>,
    /// The line that was looked for.
    pub wanted: String,
    /// Whether the file ends before it, so that the line is its last one.
    pub ends: bool,
}

/// Lines that are compared letter by letter; the rest is told apart by its letters alone.
const COMPARED: usize = 8;

/// Characters of a line that are compared.
const WIDTH: usize = 200;

/// Places where a line that is looked for often may stand.
const REPEATS: usize = 4;

/// Below this, one line is not like another.
const LIKE: f32 = 0.6;

/// Finds the place most like the lines of `search`, none of which need be there; the line of the answer is from 0. The
/// work is proportional to the file.
///
/// First by lines that are equal but for blanks around them, of which the longer ones say more; where less than a quarter
/// of the text is so, by the line most like the longest one.
pub(super) fn nearest(lines: &[&str], search: &[&str]) -> Option<Nearest> {
    let voted = voted(lines, search);
    let whole: usize = search.iter().map(|line| weight(line)).sum();
    let start = match voted {
        Some((start, votes)) if votes * 4 >= whole => start,
        _ => alike(lines, search).or(voted.map(|(start, _)| start))?,
    };
    difference(lines, search, start)
}

/// How much it tells that a line is there.
fn weight(line: &str) -> usize {
    line.trim().len().min(40)
}

/// The start for which most of the lines are where they belong.
fn voted(lines: &[&str], search: &[&str]) -> Option<(usize, usize)> {
    let mut wanted: HashMap<&str, Vec<usize>> = HashMap::new();
    for (index, line) in search.iter().enumerate() {
        let places = wanted.entry(line.trim()).or_default();
        if places.len() < REPEATS {
            places.push(index);
        }
    }
    let mut votes: HashMap<usize, usize> = HashMap::new();
    for (at, line) in lines.iter().enumerate() {
        let weight = weight(line);
        for index in wanted.get(line.trim()).into_iter().flatten() {
            if weight > 0
                && let Some(start) = at.checked_sub(*index)
            {
                *votes.entry(start).or_default() += weight;
            }
        }
    }
    votes
        .into_iter()
        .max_by_key(|(start, votes)| (*votes, std::cmp::Reverse(*start)))
}

/// The start for which the longest line is where one like it stands.
fn alike(lines: &[&str], search: &[&str]) -> Option<usize> {
    let (index, line) = search
        .iter()
        .enumerate()
        .max_by_key(|(index, line)| (line.trim().len(), std::cmp::Reverse(*index)))?;
    let wanted = cut(line);
    let letters = letters(&wanted);
    let mut best: Vec<(usize, usize)> = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let line = line.trim();
        let line = &line.as_bytes()[..line.len().min(WIDTH)];
        let ratio = common(&letters, wanted.len(), line);
        if ratio >= 600 && (best.len() < COMPARED || best.last().is_some_and(|(least, _)| *least < ratio)) {
            let place = best.partition_point(|(other, _)| *other >= ratio);
            best.insert(place, (ratio, at));
            best.truncate(COMPARED);
        }
    }
    let compared = best.into_iter().map(|(_, at)| {
        let there = cut(lines[at]);
        (TextDiff::from_chars(wanted.as_str(), there.as_str()).ratio(), at)
    });
    let (ratio, at) = compared.fold((0.0, 0), |best, next| if next.0 > best.0 { next } else { best });
    (ratio >= LIKE).then(|| at.saturating_sub(index))
}

fn cut(line: &str) -> String {
    line.trim().chars().take(WIDTH).collect()
}

fn letters(text: &str) -> [u16; 256] {
    let mut counts = [0; 256];
    for byte in text.bytes() {
        counts[usize::from(byte)] += 1;
    }
    counts
}

/// How many letters a line has in common with another, in thousandths: no less than how like they are.
fn common(letters: &[u16; 256], length: usize, line: &[u8]) -> usize {
    let mut left = *letters;
    let mut found = 0;
    for byte in line {
        let count = &mut left[usize::from(*byte)];
        if *count > 0 {
            *count -= 1;
            found += 1;
        }
    }
    2000 * found / (length + line.len()).max(1)
}

/// The first line from `start` on that is not what was looked for.
fn difference(lines: &[&str], search: &[&str], start: usize) -> Option<Nearest> {
    for (index, wanted) in search.iter().enumerate() {
        let Some(there) = lines.get(start + index) else {
            let there = lines.last()?;
            let end = there.chars().count();
            return Some(Nearest {
                line: lines.len() - 1,
                there: (*there).to_owned(),
                differs: end..end,
                wanted: (*wanted).to_owned(),
                ends: true,
            });
        };
        if there != wanted {
            let same = |(one, other): &(char, char)| one == other;
            let head = there.chars().zip(wanted.chars()).take_while(same).count();
            let length = there.chars().count();
            let short = length.min(wanted.chars().count()) - head;
            let tail = there.chars().rev().zip(wanted.chars().rev());
            let tail = tail.take(short).take_while(same).count();
            return Some(Nearest {
                line: start + index,
                there: (*there).to_owned(),
                differs: head..length - tail,
                wanted: (*wanted).to_owned(),
                ends: false,
            });
        }
    }
    None
}
