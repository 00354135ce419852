//! May these files be written?

use super::terminal::Terminal;
use crate::session::{Answer, ApplyQuestion, ApplyVerdict, Stop};
use crate::tree::{self, Change, ChangeKind};
use crate::words::{counted, printable_line};

/// What a person says to one control-plane file.
enum Guarded {
    Write,
    LeaveOut,
    None,
}

impl Terminal {
    pub(super) fn apply(&self, question: &ApplyQuestion<'_>) -> Answer<ApplyVerdict> {
        let changes = question.changes;
        if question.again {
            self.board.show(
                "  these files were about to be written when the last session ended; they are as before",
            );
        }
        self.show_changes(changes, false)?;
        let view = match self.pager.name() {
            Some(_) => "view them in the pager",
            None => "view them again",
        };
        let answers = [
            "write them all",
            "choose files",
            "open one in the editor",
            view,
            "write none: I do it by hand",
            "quit",
        ];
        loop {
            match self.ask.choose("write these files?", &answers)? {
                0 => return self.agree(changes, vec![true; changes.len()]),
                1 => {
                    let chosen = self.ask.pick("write which?", &names(changes))?;
                    if chosen.contains(&true) {
                        return self.agree(changes, chosen);
                    }
                    self.board.show("  none was chosen");
                }
                2 => {
                    if let Some(verdict) = self.edit_one(changes)? {
                        return Ok(verdict);
                    }
                }
                3 => self.show_changes(changes, true)?,
                4 => return Ok(ApplyVerdict::ByHand),
                _ => return Err(Stop::Quit),
            }
        }
    }

    /// Asks for control-plane files one by one, and for what is left out why.
    fn agree(&self, changes: &[Change], mut chosen: Vec<bool>) -> Answer<ApplyVerdict> {
        for (change, chosen) in changes.iter().zip(&mut chosen) {
            let Some(what) = change.protection.filter(|_| *chosen) else {
                continue;
            };
            match self.guarded(change, what)? {
                Guarded::Write => {}
                Guarded::LeaveOut => *chosen = false,
                Guarded::None => return Ok(ApplyVerdict::ByHand),
            }
        }
        if chosen.iter().all(|yes| *yes) {
            return Ok(ApplyVerdict::Apply);
        }
        if !chosen.contains(&true) {
            return Ok(ApplyVerdict::ByHand);
        }
        let reason = self
            .ask
            .words("why not the others? (the model is told; may be empty)")?;
        Ok(ApplyVerdict::Chosen {
            files: chosen,
            reason: Some(reason).filter(|reason| !reason.is_empty()),
        })
    }

    fn guarded(&self, change: &Change, what: &str) -> Answer<Guarded> {
        let verb = match change.kind() {
            ChangeKind::New | ChangeKind::Changed => "write it",
            ChangeKind::Deleted => "delete it",
            ChangeKind::Renamed => "rename it",
        };
        let asked = format!("{} is {what}: {verb}?", printable_line(&change.name()));
        let answers = [verb, "leave it out", "write none of the files", "quit"];
        match self.ask.choose(&asked, &answers)? {
            0 => Ok(Guarded::Write),
            1 => Ok(Guarded::LeaveOut),
            2 => Ok(Guarded::None),
            _ => Err(Stop::Quit),
        }
    }

    /// Opens what one file shall be in the editor; `None` where nothing came of it.
    fn edit_one(&self, changes: &[Change]) -> Answer<Option<ApplyVerdict>> {
        let texts: Vec<(usize, &Change, &str)> = changes
            .iter()
            .enumerate()
            .filter_map(|(index, change)| Some((index, change, change.text()?)))
            .collect();
        let at = match texts.len() {
            0 => {
                self.board.show("  none of them is to be there as text");
                return Ok(None);
            }
            1 => 0,
            count => {
                let names: Vec<String> = texts.iter().map(|(_, change, _)| name(change)).collect();
                let mut answers: Vec<&str> = names.iter().map(String::as_str).collect();
                answers.push("none of them");
                match self.ask.choose("open which?", &answers)? {
                    at if at < count => at,
                    _ => return Ok(None),
                }
            }
        };
        let Some((file, change, text)) = texts.get(at) else {
            return Ok(None);
        };
        let path = change.path.as_str();
        let name = path.rsplit('/').next().unwrap_or(path);
        let edited = self.ask.edit_as(text, name)?;
        Ok(edited.map(|content| ApplyVerdict::Edited { file: *file, content }))
    }

    /// Shows the difference, in the pager where it does not fit on the screen, or `always`. A pager that fails is none.
    pub(super) fn show_changes(&self, changes: &[Change], always: bool) -> Answer<()> {
        let lines = self.board.changes(changes);
        if self.pager.name().is_some() && (always || !self.board.fits(&lines)) {
            let name = printable_line(self.pager.name().unwrap_or_default()).into_owned();
            match self.pager.show(&(lines.join("\n") + "\n"))? {
                Ok(()) => {
                    let count = counted(lines.len(), "line", "lines");
                    let line = format!("  the difference was shown by `{name}`: {count}");
                    self.board.show(self.paint.faint(&line));
                    return Ok(());
                }
                Err(why) => self.board.show(format!("  the pager `{name}`: {why}")),
            }
        }
        for line in lines {
            self.board.show(line);
        }
        Ok(())
    }
}

/// Each change with its counts.
fn names(changes: &[Change]) -> Vec<String> {
    changes.iter().map(name).collect()
}

fn name(change: &Change) -> String {
    let diff = tree::diff(change);
    let kind = match change.kind() {
        ChangeKind::New => "new",
        ChangeKind::Changed => "changed",
        ChangeKind::Deleted => "deleted",
        ChangeKind::Renamed => "renamed",
    };
    format!("{} ({kind}, +{} -{})", change.name(), diff.added, diff.removed)
}
