//! What the commits of a session say.

use std::path::Path;

use super::found::Found;
use crate::plan_file::Reading;
use crate::state::{By, Entry, Record};
use crate::tree::WitnessKind;
use crate::words::printable_line;

/// The trailer that names the step.
pub(super) const TRAILER: &str = "Stepgate-Step";

/// The trailer that names the plan, where a commit is of the plan alone.
pub(super) const PLAN: &str = "Stepgate-Plan";

/// The trailer that names a list.
const LIST: &str = "Stepgate-List";

/// Letters of a subject, and of a line of evidence.
const SUBJECT: usize = 100;
const LINE: usize = 200;

/// A plan, as a trailer names it: its id, or the name of its file where it has none.
pub(super) fn plan_name(reading: &Reading, path: &Path) -> String {
    name(reading.plan.id(&reading.source), path)
}

fn name(id: Option<String>, path: &Path) -> String {
    let id = id.unwrap_or_else(|| {
        path.file_stem()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned()
    });
    printable_line(&id).into_owned()
}

/// A step, as the trailer names it.
pub(super) fn step_name(found: &Found<'_>, path: &Path) -> String {
    format!("{} {}", name(found.plan.id(found.source), path), found.id())
}

/// The message of a commit of the plan alone: the headings of its lists, each with who said that its boxes hold.
pub(super) fn of_lists(name: &str, lists: &[(String, By)]) -> String {
    let short: Vec<String> = lists.iter().map(|(place, _)| short(place)).collect();
    let subject = cut(&format!("{name}: {}", short.join(", ")), SUBJECT);
    let mut text = format!("{}\n\n{PLAN}: {name}\n", subject.trim_end());
    for (place, by) in lists {
        let line = format!("{}{}", printable_line(place), said(by));
        text.push_str(&format!("{LIST}: {}\n", cut(&line, LINE)));
    }
    text
}

/// A list in few words: the last of its headings, and the phase that it is of.
pub(super) fn short(place: &str) -> String {
    let place = printable_line(place);
    let headings: Vec<&str> = place.split(" › ").collect();
    let last = headings.last().copied().unwrap_or_default();
    let phase = headings.first().and_then(|first| first.split_once(':'));
    match phase.filter(|(first, _)| first.starts_with("Phase ") && headings.len() > 1) {
        Some((phase, _)) => format!("{phase} {}", last.to_lowercase()).replacen("Phase", "phase", 1),
        None => last.to_owned(),
    }
}

fn said(by: &By) -> String {
    match by {
        By::Person(user) => format!("; confirmed by {user}"),
        By::Unattended => "; unattended".to_owned(),
        By::Attested(user) => format!("; unattended, vouched for by {user}"),
    }
}

/// The message of a commit of a step.
pub(super) fn of_step(found: &Found<'_>, name: &str, entries: &[Entry]) -> String {
    let title = printable_line(found.source.slice(&found.step.title)).into_owned();
    let subject = cut(&format!("{name}: {title}"), SUBJECT);
    let mut text = format!("{}\n\n{TRAILER}: {name}\n", subject.trim_end_matches([':', ' ']));
    let id = found.id();
    let of_step = || {
        entries
            .iter()
            .rev()
            .filter(|entry| entry.record.step() == Some(&id))
    };
    let by = of_step().find_map(|entry| match &entry.record {
        Record::Confirmed { by, .. } => Some(said(by)),
        _ => None,
    });
    let checked = of_step().find_map(|entry| match &entry.record {
        Record::Checked { check, tree, .. } if check.passed => Some((check, tree)),
        _ => None,
    });
    if let Some((check, tree)) = checked {
        let line = format!("{}{}", check.outcome, by.unwrap_or_default());
        text.push_str(&format!(
            "Stepgate-Check: {}\n",
            cut(&printable_line(&line), LINE)
        ));
        if let Some(tree) = tree {
            let kind = match tree.kind {
                WitnessKind::GitTree => "git-tree",
                WitnessKind::Files => "files",
            };
            text.push_str(&format!("Stepgate-Tree: {kind} {}\n", tree.hash));
        }
    }
    text
}

fn cut(text: &str, length: usize) -> String {
    match text.char_indices().nth(length) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}
