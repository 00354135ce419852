//! May an agent be run, and what becomes of that which it did?

use super::terminal::Terminal;
use crate::session::{
    AgentQuestion, AgentVerdict, Answer, DelegateQuestion, DelegateVerdict, PlanQuestion, PlanVerdict, Stop,
};
use crate::tree;
use crate::words::{counted, printable, printable_line};

/// A difference of more lines is shown when it is asked for: one that runs past the top of the window is not read.
const LINES: usize = 600;

impl Terminal {
    pub(super) fn delegate(&self, question: &DelegateQuestion<'_>) -> Answer<DelegateVerdict> {
        let words: Vec<String> = question.command.iter().map(|word| quoted(word)).collect();
        self.board.show(self.paint.warn(&format!(
            "  this program will run with your rights in {}; stepgate cannot keep it from anything:",
            printable_line(question.folder)
        )));
        self.board.show(format!("  {}", words.join(" ")));
        let way = if question.by_file {
            "in a private file"
        } else {
            "on its standard input"
        };
        self.board.show(self.paint.faint(&format!(
            "  it is {}; it gets the prompt {way}, and is ended after {} s",
            printable_line(question.program),
            question.timeout.as_secs_f64()
        )));
        let answers = [
            "run it",
            "edit the prompt first",
            "view the prompt",
            "skip: I do (or did) this step by hand",
            "quit",
        ];
        let asked = format!("step {}: run this program?", question.subject.step);
        if let Some(why) = question.again {
            self.board
                .show(self.paint.warn(&format!("  {}", printable_line(why))));
        }
        loop {
            match self.ask.choose(&asked, &answers)? {
                0 => return Ok(DelegateVerdict::Run),
                1 => {
                    if let Some(text) = self.ask.edit(&question.prompt.request.user())? {
                        return Ok(DelegateVerdict::Edited(text));
                    }
                }
                2 => self.board.show_prompt(question.prompt),
                3 => return Ok(DelegateVerdict::Skip),
                _ => return Err(Stop::Quit),
            }
        }
    }

    pub(super) fn agent(&self, question: &AgentQuestion<'_>) -> Answer<AgentVerdict> {
        let changes = &question.difference.changes;
        let endpoint = printable_line(question.endpoint);
        match question.agent {
            None => self.board.say(format!(
                "  {endpoint} was started at {}, and the session ended before it did: it may still work. The tree differs so",
                question.at
            )),
            Some(agent) if !agent.succeeded() => self.board.show(
                self.paint
                    .bad(&format!("  {endpoint} {}", printable_line(&agent.outcome))),
            ),
            Some(_) => {}
        }
        let lines: usize = changes.iter().map(|change| tree::diff(change).lines.len()).sum();
        if lines <= LINES {
            self.show_changes(changes, false)?;
        } else {
            let count = counted(changes.len(), "file", "files");
            let text = format!("  {lines} lines of difference in {count}: \"view\" shows them");
            self.board.show(text);
        }
        let failed = question
            .agent
            .is_some_and(|agent| !agent.succeeded() && !agent.interrupted);
        let mut answers = vec![
            "keep it all and go on to the check",
            "view the differences",
            "put single files back",
            "put everything back",
        ];
        if failed {
            answers.push("keep it all and ask the agent again, with its failure in the prompt");
        }
        answers.push("quit");
        let asked = format!("step {}: keep what the agent did?", question.subject.step);
        loop {
            match self.ask.choose(&asked, &answers)? {
                0 => return self.one_by_one(question, AgentVerdict::Keep),
                1 => self.show_changes(changes, false)?,
                2 => {
                    let names: Vec<String> = changes.iter().map(|change| change.name()).collect();
                    let flags = self.ask.pick("put which back?", &names)?;
                    let chosen = flags.iter().enumerate().filter(|(_, yes)| **yes);
                    let chosen: Vec<usize> = chosen.map(|(index, _)| index).collect();
                    if !chosen.is_empty() {
                        return Ok(AgentVerdict::PutBack(chosen));
                    }
                }
                3 => return Ok(AgentVerdict::PutBackAll),
                4 if failed => {
                    let note = self.note()?;
                    return self.one_by_one(question, AgentVerdict::Again(note));
                }
                _ => return Err(Stop::Quit),
            }
        }
    }

    /// What makes a tool run something is asked about by itself.
    fn one_by_one(&self, question: &AgentQuestion<'_>, verdict: AgentVerdict) -> Answer<AgentVerdict> {
        let mut back = Vec::new();
        for (index, what) in question.guarded {
            let Some(change) = question.difference.changes.get(*index) else {
                continue;
            };
            let asked = format!("{} is {what}: keep it?", printable_line(&change.name()));
            match self
                .ask
                .choose(&asked, &["keep it as it is now", "put it back", "quit"])?
            {
                0 => {}
                1 => back.push(*index),
                _ => return Err(Stop::Quit),
            }
        }
        if !back.is_empty() {
            return Ok(AgentVerdict::PutBack(back));
        }
        for change in question.git.iter().filter(|change| change.runs) {
            let asked = format!("{}, and stepgate cannot put it back: go on?", change.what);
            match self.ask.choose(&asked, &["go on", "quit"])? {
                0 => {}
                _ => return Err(Stop::Quit),
            }
        }
        Ok(verdict)
    }

    pub(super) fn plan_after_agent(&self, question: &PlanQuestion<'_>) -> Answer<PlanVerdict> {
        let endpoint = printable_line(question.endpoint);
        self.board.show(if question.cut_off {
            format!("  the session ended while {endpoint} ran, and the plan was changed since:")
        } else {
            format!("  the plan was changed while {endpoint} ran:")
        });
        self.show_lines(question.diff);
        if let Some(kept) = question.kept {
            self.board.say(format!(
                "  as it stands now it is kept in {}",
                printable_line(kept)
            ));
        }
        let answers = [
            "put it back as it was before the agent ran",
            "leave it as it is: the change is mine",
            "quit",
        ];
        match self.ask.choose("what becomes of the plan?", &answers)? {
            0 => Ok(PlanVerdict::PutBack),
            1 => Ok(PlanVerdict::Keep),
            _ => Err(Stop::Quit),
        }
    }
}

/// A word of an argv, exactly: quoted where a blank or nothing at all would be missed.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "_./-+:,@%={}".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", printable(word).replace('\'', "'\\''"))
}
