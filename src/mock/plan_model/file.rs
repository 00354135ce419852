//! What a step comes to for each file that it names.

use super::amend::amended;
use super::fresh;
use super::json;
use super::kind::Form;
use super::mark::Mark;
use super::own::Own;
use super::path::{file_path, folded};
use super::sort::sort_of;

/// A file as the plan names it.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub(super) path: String,
    pub(super) action: Option<String>,
    pub(super) note: Option<String>,
}

/// What comes of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Outcome {
    /// It is not there: its whole text.
    New(Edit),
    /// It is there: its whole text with a line more.
    Changed(Edit),
    /// It says already what the step has to say.
    Same,
    /// No edit, and why.
    Left(&'static str),
}

/// A whole file for a reply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Edit {
    pub(super) path: String,
    pub(super) language: &'static str,
    pub(super) content: String,
}

/// What the files of a step come to be told from.
pub(super) struct Files<'a> {
    pub(super) entries: &'a [Entry],
    pub(super) own: &'a Own,
    pub(super) mark: Mark<'a>,
    pub(super) current: &'a dyn Fn(&str) -> Option<String>,
}

impl Files<'_> {
    /// In the order of the plan, one for each entry.
    pub(super) fn outcomes(&self) -> Vec<Outcome> {
        let paths: Vec<Option<String>> = self
            .entries
            .iter()
            .map(|entry| file_path(&entry.path).ok().map(folded))
            .collect();
        let of = |(at, entry)| self.outcome(entry, &paths, at).unwrap_or_else(Outcome::Left);
        self.entries.iter().enumerate().map(of).collect()
    }

    fn outcome(&self, entry: &Entry, paths: &[Option<String>], at: usize) -> Result<Outcome, &'static str> {
        let path = file_path(&entry.path)?;
        no_edit(entry)?;
        if self.own.holds(path) {
            return Err("it belongs to the plan, and is not the model's to write");
        }
        if paths[..at].contains(&paths[at]) {
            return Err("the step names it twice");
        }
        let folder = folded(path) + "/";
        let others = paths.iter().flatten();
        if others.into_iter().any(|other| other.starts_with(&folder)) {
            return Err("it is a folder, and comes to be with the first file in it");
        }
        let current = (self.current)(path);
        let kind = sort_of(path, current.as_deref());
        let mut fresh = fresh::content(path, kind, self.mark)?;
        if kind.form == Form::Json && !matches!(action(entry).as_str(), "new" | "create" | "add") {
            // Said at once, or it would be said when the step is asked for again.
            fresh = json::with(&fresh, &self.mark.words())?.unwrap_or(fresh);
        }
        let edit = |content| Edit {
            path: path.to_owned(),
            language: kind.language,
            content,
        };
        match current {
            Some(current) if current == fresh => Ok(Outcome::Same),
            Some(current) if !current.trim().is_empty() => {
                let amended = amended(kind, &current, self.mark)?;
                Ok(amended.map_or(Outcome::Same, |content| Outcome::Changed(edit(content))))
            }
            Some(_) => Ok(Outcome::Changed(edit(fresh))),
            None => Ok(Outcome::New(edit(fresh))),
        }
    }
}

/// Fails for what a file edit cannot say.
fn no_edit(entry: &Entry) -> Result<(), &'static str> {
    match action(entry).as_str() {
        "delete" | "deleted" | "deletes" | "remove" | "removed" | "drop" | "dropped" => {
            Err("it goes, and a file edit cannot say so")
        }
        "move" | "moved" | "rename" | "renamed" => Err("it moves, and a file edit cannot say so"),
        "directory" | "folder" => Err("it is a folder, and comes to be with the first file in it"),
        _ if matches!(first_word(entry.note.as_ref()).as_str(), "directory" | "folder") => {
            Err("it is a folder, and comes to be with the first file in it")
        }
        _ => Ok(()),
    }
}

fn action(entry: &Entry) -> String {
    first_word(entry.action.as_ref())
}

/// In lower case.
fn first_word(text: Option<&String>) -> String {
    let text = text.map(String::as_str).unwrap_or_default();
    let word = text.split(|c: char| !c.is_alphanumeric()).next();
    word.unwrap_or_default().to_lowercase()
}
