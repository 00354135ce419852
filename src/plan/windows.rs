//! A long text in windows, read by several threads and handed out in order.
//!
//! A parser that is given a whole file of 100 MB takes several times its size for nodes. A window ends where a line begins
//! that closes every container; only a fence or an HTML block at the top level would run on past it, and then the windows
//! that follow are read again together with it.

use std::sync::mpsc::{Receiver, sync_channel};
use std::thread::{self, Scope};

use crate::words::Span;

/// Bytes of a window at least, unless the text ends before.
const WINDOW: usize = 128 << 10;

/// Windows that a thread may be ahead, so that memory stays bounded.
const AHEAD: usize = 2;

/// Threads at most: beyond these the thread that takes what was read is the slowest.
const THREADS: usize = 4;

/// What was read in a window.
pub(crate) struct Part<T> {
    pub(crate) value: T,
    /// Whether the last block of the window would go on past its end.
    pub(crate) runs_on: bool,
}

/// Reads `text` window by window and calls `visit` with what was read, in order. `read` is given a window and the byte
/// that it begins at.
pub(crate) fn read<T: Send>(text: &str, read: impl Fn(&str, usize) -> Part<T> + Sync, visit: impl FnMut(T)) {
    read_by(WINDOW, text, read, visit);
}

/// Like [`read`], by windows of another size.
pub(super) fn read_by<T: Send>(
    size: usize,
    text: &str,
    read: impl Fn(&str, usize) -> Part<T> + Sync,
    mut visit: impl FnMut(T),
) {
    let windows = windows(text, size);
    let part = |window: &Span| read(&text[window.clone()], window.start);
    let workers = match windows.len() {
        // A thread costs more than a small file.
        0..4 => 0,
        _ => thread::available_parallelism()
            .map_or(1, usize::from)
            .min(THREADS),
    };
    thread::scope(|scope| {
        let queues: Vec<_> = (0..workers)
            .map(|first| spawn(scope, &windows, first, workers, &part))
            .collect();
        // The first window that no longer one has swallowed.
        let mut next = 0;
        for (index, window) in windows.iter().enumerate() {
            let queue = queues.get(index % workers.max(1)).and_then(Option::as_ref);
            let read_ahead = queue.and_then(|queue| queue.recv().ok());
            if index < next {
                continue;
            }
            let mut found = read_ahead.unwrap_or_else(|| part(window));
            let mut count = 1;
            while found.runs_on && index + count < windows.len() {
                // Doubling keeps the work linear in the size of the text.
                count = (2 * count).min(windows.len() - index);
                found = part(&(window.start..windows[index + count - 1].end));
            }
            visit(found.value);
            next = index + count;
        }
    });
}

/// Starts a thread that reads every `step`-th window; `None` where the system has no thread to give.
fn spawn<'scope, 'text: 'scope, T: Send + 'scope>(
    scope: &'scope Scope<'scope, 'text>,
    windows: &'text [Span],
    first: usize,
    step: usize,
    part: &'text (impl Fn(&Span) -> Part<T> + Sync),
) -> Option<Receiver<Part<T>>> {
    let (sender, receiver) = sync_channel(AHEAD);
    let work = move || {
        for window in windows.iter().skip(first).step_by(step) {
            if sender.send(part(window)).is_err() {
                break;
            }
        }
    };
    thread::Builder::new()
        .spawn_scoped(scope, work)
        .ok()
        .map(|_| receiver)
}

/// Cuts a text into windows of at least `size` bytes.
fn windows(text: &str, size: usize) -> Vec<Span> {
    // A byte order mark is not part of the first line.
    let mut start = if text.starts_with('\u{feff}') { 3 } else { 0 };
    let mut windows = Vec::new();
    while start < text.len() {
        let end = window_end(text.as_bytes(), start, size);
        windows.push(start..end);
        start = end;
    }
    windows
}

/// The end of a window that begins at `start`: the next line after `size` bytes that begins a block whatever is open. What
/// is surely meant as one is preferred, for `# ` is also how a comment begins in the scripts of a plan.
fn window_end(text: &[u8], start: usize, size: usize) -> usize {
    const SIGNS: [&str; 5] = ["\n##", "\n#", "\n- [", "\n\n", "\n\r\n"];
    let mut from = start.saturating_add(size);
    while from < text.len() {
        let near = from.saturating_add(size).min(text.len());
        for sign in SIGNS {
            let mut found = memchr::memmem::find_iter(&text[from..near], sign);
            if let Some(at) = found.find_map(|at| block_start(text, from + at, sign)) {
                return at;
            }
        }
        // A sign may stand across the border.
        from = if near == text.len() {
            near
        } else {
            near.saturating_sub(3).max(from + 1)
        };
    }
    text.len()
}

/// Where the line begins that a sign at `at` announces, if it is a heading, a box at the left margin, or a paragraph after
/// a blank line.
fn block_start(text: &[u8], at: usize, sign: &str) -> Option<usize> {
    if sign.ends_with('\n') {
        let start = at + sign.len();
        return text
            .get(start)
            .is_some_and(u8::is_ascii_alphabetic)
            .then_some(start);
    }
    let start = at + 1;
    let marks = text[start..]
        .iter()
        .take(7)
        .take_while(|byte| **byte == b'#')
        .count();
    let heading = (1..=6).contains(&marks) && text.get(start + marks) == Some(&b' ');
    let checkbox = text[start..].starts_with(b"- [ ] ") || text[start..].starts_with(b"- [x] ");
    (heading || checkbox).then_some(start)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text() -> String {
        (0..40)
            .map(|at| format!("# {at}\n{}", "words\n".repeat(10_000)))
            .collect()
    }

    #[test]
    fn hands_out_every_byte_in_order() {
        let text = text();
        assert!(windows(&text, WINDOW).len() > 4);
        let mut joined = String::new();
        read(
            &text,
            |part, base| Part {
                value: (part.to_owned(), base),
                runs_on: false,
            },
            |(part, base)| {
                assert_eq!(base, joined.len());
                assert!(part.starts_with("# "));
                joined.push_str(&part);
            },
        );
        assert!(joined == text);
    }

    #[test]
    fn reads_on_where_a_window_does_not_end() {
        let text = text();
        let count = windows(&text, WINDOW).len();
        let third = windows(&text, WINDOW)[2].clone();
        let sixth = windows(&text, WINDOW)[5].clone();
        let mut seen = Vec::new();
        // The third window is whole only together with the sixth.
        let whole = |window: &str, base: usize| base == third.start && base + window.len() < sixth.end;
        read(
            &text,
            |window, base| Part {
                value: base..base + window.len(),
                runs_on: whole(window, base),
            },
            |window| seen.push(window),
        );
        assert_eq!(seen[2], third.start..sixth.end);
        assert_eq!(seen.len(), count - 3);
        assert!(seen.windows(2).all(|pair| pair[0].end == pair[1].start));
    }

    #[test]
    fn cuts_where_a_block_surely_begins() {
        let cuts = |text: &str| {
            windows(text, 8)
                .iter()
                .map(|window| window.start)
                .collect::<Vec<_>>()
        };
        assert_eq!(cuts("aaaaaaaa\n# b\n## c\n"), [0, 13]);
        assert_eq!(cuts("aaaaaaaa\n#b\n# c\nd\n"), [0, 12]);
        assert_eq!(cuts("aaaaaaaa\n - [ ] b\n- [ ] c\n- d\n"), [0, 18]);
        assert_eq!(cuts("aaaaaaaa\nb\n\n  c\n\nd\n"), [0, 17]);
        assert_eq!(cuts("aaaaaaaa\r\n\r\nefghij\n"), [0, 12]);
        assert_eq!(cuts("aaaa bbbb\ncccc"), [0]);
        // The sign stands across the border of what is looked at in one go.
        for length in 0..20 {
            let text = format!("aaaaaaaa{}\n## b\n", "c".repeat(length));
            assert_eq!(cuts(&text), [0, 9 + length], "{text:?}");
        }
    }

    #[test]
    fn ends_where_the_text_does() {
        let text = text();
        let mut seen = Vec::new();
        read(
            &text,
            |window, base| Part {
                value: base..base + window.len(),
                runs_on: true,
            },
            |window| seen.push(window),
        );
        assert_eq!((seen.len(), &seen[0]), (1, &(0..text.len())));
        read(
            "",
            |_, _| Part {
                value: (),
                runs_on: true,
            },
            |()| unreachable!(),
        );
        let mut seen = 0;
        read(
            "\u{feff}# A\n",
            |window, base| Part {
                value: (window.len(), base),
                runs_on: true,
            },
            |part| {
                assert_eq!(part, (4, 3));
                seen += 1;
            },
        );
        assert_eq!(seen, 1);
    }
}
