//! A reply in words and file edits, as `prompts/system.md` asks for it.

use super::file::{Edit, Entry, Outcome};
use super::mark::Mark;
use crate::reply::file_edits;
use crate::words::printable_line;

/// What is said of a step.
pub(super) struct Said<'a> {
    pub(super) mark: Mark<'a>,
    /// Each on one line.
    pub(super) tasks: &'a [String],
    pub(super) entries: &'a [Entry],
    /// One for each entry.
    pub(super) outcomes: Vec<Outcome>,
}

impl Said<'_> {
    pub(super) fn text(mut self) -> String {
        let mut blocks = String::new();
        for outcome in &mut self.outcomes {
            if let Outcome::New(edit) | Outcome::Changed(edit) = outcome {
                match block(edit) {
                    Some(block) => {
                        blocks.push('\n');
                        blocks.push_str(&block);
                    }
                    None => *outcome = Outcome::Left("a file edit cannot hold it as it is"),
                }
            }
        }
        let mut text = self.opening();
        self.list_tasks(&mut text);
        self.list_files(&mut text);
        text.push_str(&blocks);
        text
    }

    fn opening(&self) -> String {
        let Mark {
            plan,
            step,
            title,
            goal,
        } = self.mark;
        // A step without a goal has its title for one.
        let goal = if goal == title { "" } else { goal };
        let title = match printable_line(title).trim() {
            "" => String::new(),
            title => format!(", {title}"),
        };
        let goal = match printable_line(goal).trim() {
            "" => String::new(),
            goal => format!(" Its goal: {goal}"),
        };
        format!(
            "This is step {step} of {plan}{title}.{goal}\n\n\
             I am the mock model of the plan: I show where the work would go, and do none of it.\n"
        )
    }

    fn list_tasks(&self, text: &mut String) {
        if self.tasks.is_empty() {
            return;
        }
        text.push_str("\nTo carry it out I would:\n\n");
        for task in self.tasks {
            text.push_str(&format!("- {}\n", harmless(task)));
        }
    }

    fn list_files(&self, text: &mut String) {
        if self.entries.is_empty() {
            text.push_str("\nThe step names no files, so there is nothing to change.\n");
            return;
        }
        text.push_str("\nThe files that it names:\n\n");
        for (entry, outcome) in self.entries.iter().zip(&self.outcomes) {
            let what = match outcome {
                Outcome::New(_) => "new, with no more in it than makes it valid".to_owned(),
                Outcome::Changed(_) => "as it is, with a word about the step".to_owned(),
                Outcome::Same => "it already has what the step asks for".to_owned(),
                Outcome::Left(why) => format!("no edit: {why}"),
            };
            let why = match (&entry.action, &entry.note) {
                (Some(action), Some(note)) => format!(" (the plan: {action}, {note})"),
                (Some(action), None) => format!(" (the plan: {action})"),
                _ => String::new(),
            };
            text.push_str(&format!(
                "- {}{}: {what}\n",
                path(&entry.path),
                printable_line(&why)
            ));
        }
    }
}

/// A block that holds a whole file; `None` where reading it would not give the same file.
fn block(edit: &Edit) -> Option<String> {
    let Edit {
        path,
        language,
        content,
    } = edit;
    let longest = content.split(|c| c != '`').map(str::len).max();
    let fence = "`".repeat(longest.unwrap_or(0).max(2) + 1);
    let block = format!("{fence}{language} path={path}\n{content}{fence}\n");
    let read = file_edits(&block).ok()?;
    let same = |read: &crate::reply::FileEdit| (&read.path, &read.content) == (path, content);
    (read.len() == 1 && read.iter().all(same)).then_some(block)
}

/// A path in words, whatever is in it.
fn path(written: &str) -> String {
    let shown = printable_line(written);
    if shown.contains('`') {
        format!("\"{shown}\"")
    } else {
        format!("`{shown}`")
    }
}

/// Words at the beginning of a list item that open nothing, be it a fence or a comment.
fn harmless(words: &str) -> String {
    let words = printable_line(words);
    if words.starts_with(char::is_alphabetic) {
        words.into_owned()
    } else {
        format!("\"{words}\"")
    }
}
