//! The text of a new document, made of a template.

use std::sync::LazyLock;

use regex::{Captures, Regex};

use super::{Id, Name, Role, join};

/// `EP-XXXX-design.md` as templates name a document, with the folders before it.
static DOCUMENT: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?P<folder>(?:[A-Za-z0-9_.-]+/)*)[A-Za-z]+-X{3,}(?:-[a-z-]+?)?-(?P<role>requirements|design|implementation)\.md").ok()
});

/// `EP-XXXX`.
static ID: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"\b[A-Za-z]+-X{3,}\b").ok());

/// A choice of statuses that nobody made yet.
static STATUS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?m)^(?P<label>\*\*Status:?\*\*:?[ \t]*)(?P<first>[A-Za-z][A-Za-z ]*?)[ \t]*\|[^\r\n]*?(?P<end>[ \t]*\\?\r?)$").ok()
});

/// What is known of a proposal that is new.
pub struct Scaffold<'a> {
    /// Its id.
    pub id: &'a Id,
    /// Its title.
    pub title: &'a str,
    /// Its title in file names.
    pub slug: &'a str,
    /// The day.
    pub today: &'a str,
    /// The folder of all proposals.
    pub home: &'a str,
    /// The folder that the three documents are written to.
    pub folder: &'a str,
}

/// Fills in a template: id, title, dates, the first of the statuses, and the paths of the three documents. Hints and
/// other placeholders stay, for a person or a model to write.
pub fn scaffold(template: &str, new: &Scaffold<'_>) -> String {
    let name = |role| Name {
        id: new.id.clone(),
        slug: new.slug.to_owned(),
        role,
    };
    let document = |found: &Captures<'_>| {
        let role = Role::ALL.into_iter().find(|role| role.word() == &found["role"]);
        let file = role.map_or_else(|| found[0].to_owned(), |role| name(role).to_string());
        let folder = found["folder"].trim_end_matches('/');
        match folder.rsplit('/').next() {
            None | Some("" | "." | "..") => format!("{}{file}", &found["folder"]),
            Some("implemented") => join(&join(new.home, "implemented"), &file),
            Some(_) => join(new.folder, &file),
        }
    };
    let text = replaced(&DOCUMENT, template, document);
    let text = replaced(&ID, &text, |_| new.id.to_string());
    let text = replaced(&STATUS, &text, |found| {
        format!("{}{}{}", &found["label"], &found["first"], &found["end"])
    });
    text.replace("[Title]", new.title)
        .replace("YYYY-MM-DD", new.today)
}

fn replaced(pattern: &LazyLock<Option<Regex>>, text: &str, with: impl Fn(&Captures<'_>) -> String) -> String {
    match pattern.as_ref() {
        Some(pattern) => pattern.replace_all(text, with).into_owned(),
        None => text.to_owned(),
    }
}
