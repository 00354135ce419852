//! The lines below a label that say more than their text: files and dependencies.

use super::dependency;
use super::model::{Dependency, FileEntry};
use crate::words::{Source, Span};

/// Reads `Step 1.1 must be complete` and its kin; `None` where the text says that there is nothing to wait for.
pub(crate) fn dependency(source: &Source, text: &Span) -> Option<Dependency> {
    let said = dependency::read(source.slice(text));
    (!said.nothing).then(|| Dependency {
        text: text.clone(),
        external: said.external,
        steps: said.steps,
        phases: said.phases,
    })
}

/// Reads `` `path` (action - note) ``; without a code span the first word is the path.
pub(crate) fn file(source: &Source, text: Span, code: Option<Span>) -> Option<FileEntry> {
    let whole = source.slice(&text);
    let (path, after) = match code {
        Some(code) => {
            let ticks = source.slice(&code).bytes().take_while(|b| *b == b'`').count();
            let inner = code.start + ticks..code.end - ticks;
            (trimmed(source, inner), code.end)
        }
        None => {
            let length = whole.find(char::is_whitespace).unwrap_or(whole.len());
            (text.start..text.start + length, text.start + length)
        }
    };
    if path.is_empty() || source.slice(&path).eq_ignore_ascii_case("none") {
        return None;
    }
    let rest = &source.text()[after..text.end];
    let inside = rest.find('(').and_then(|open| {
        let close = rest
            .rfind(')')
            .filter(|close| *close > open)
            .unwrap_or(rest.len());
        let span = trimmed(source, after + open + 1..after + close);
        (!span.is_empty()).then_some(span)
    });
    let Some(inside) = inside else {
        return Some(FileEntry {
            path,
            action: None,
            note: None,
        });
    };
    let words = source.slice(&inside);
    let length = words.find(|c: char| !c.is_alphanumeric()).unwrap_or(words.len());
    let action = inside.start..inside.start + length;
    let note = words[length..].trim_start_matches([' ', '-', '–', '—', ':', ',', ';']);
    let note = inside.end - note.len()..inside.end;
    Some(FileEntry {
        path,
        action: Some(action),
        note: (!note.is_empty()).then_some(note),
    })
}

fn trimmed(source: &Source, span: Span) -> Span {
    let text = source.slice(&span);
    let start = span.start + (text.len() - text.trim_start().len());
    start..start + text.trim().len()
}
