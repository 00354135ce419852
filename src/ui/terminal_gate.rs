use std::io::Write as _;

use base64::Engine as _;

use super::ask::Ask;
use super::board::Board;
use super::paint::Paint;
use crate::interrupt::Interrupt;
use crate::prompt::Prompt;
use crate::session::{
    Answer, ApplyQuestion, ApplyVerdict, CheckQuestion, CheckVerdict, CloseQuestion, ConfirmQuestion,
    Confirmation, FailedQuestion, Gate, ListQuestion, LostQuestion, LostVerdict, Moment, NextVerdict, Picks,
    SendQuestion, SendVerdict, Stop, StoredCheckQuestion, StoredCheckVerdict, Subject, UnusableQuestion,
    UnusableVerdict,
};
use crate::state::By;
use crate::tree::ChangeKind;
use crate::words::{counted, printable, printable_line};

/// A prompt past this size is not offered to the terminal's clipboard: terminals cut or drop longer ones.
const CLIPBOARD_LIMIT: usize = 74_000;

/// The gate at a terminal: a person answers.
pub struct TerminalGate {
    ask: Ask,
    board: Board,
    paint: Paint,
    user: String,
    clipboard: bool,
}

impl TerminalGate {
    /// A gate for the person of this login name. `clipboard` says whether the terminal may be asked to copy.
    pub fn new(user: String, colour: bool, clipboard: bool, interrupt: Interrupt, editor: String) -> Self {
        Self {
            ask: Ask::new(colour, interrupt, editor),
            board: Board::new(colour),
            paint: Paint::new(colour),
            user,
            clipboard,
        }
    }

    fn reason(&self, question: &str) -> Answer<String> {
        loop {
            let reason = self.ask.words(question)?;
            if !reason.is_empty() {
                return Ok(reason);
            }
        }
    }

    fn note(&self) -> Answer<Option<String>> {
        let note = self.ask.words("a note for the model (may be empty)")?;
        Ok(Some(note).filter(|note| !note.is_empty()))
    }
}

impl Gate for TerminalGate {
    fn by(&self) -> By {
        By::Person(self.user.clone())
    }

    fn status(&mut self, status: &str) -> Answer<()> {
        let shown = if status.is_empty() {
            "missing".to_owned()
        } else {
            format!("\"{}\"", printable_line(status))
        };
        self.board.show(format!(
            "the plan's status is {shown}; a plan is run when it is Approved or In Progress"
        ));
        match self.ask.choose("run it all the same?", &["run it", "quit"])? {
            0 => Ok(()),
            _ => Err(Stop::Quit),
        }
    }

    fn elsewhere(&mut self, host: &str) -> Answer<()> {
        self.board.show(format!(
            "the record of this plan was last written on {}",
            printable_line(host)
        ));
        match self.ask.choose("go on here?", &["go on", "quit"])? {
            0 => Ok(()),
            _ => Err(Stop::Quit),
        }
    }

    fn vouch(&mut self, subject: &Subject, external: &[String]) -> Answer<()> {
        self.board.show(format!(
            "  step {} depends on what stepgate cannot see:",
            subject.step
        ));
        for text in external {
            self.board.show(format!("  - {}", printable_line(text)));
        }
        match self
            .ask
            .choose("is all of this in place?", &["yes, it is", "no: quit"])?
        {
            0 => Ok(()),
            _ => Err(Stop::Quit),
        }
    }

    fn send(&mut self, question: &SendQuestion<'_>) -> Answer<SendVerdict> {
        let send = match question.endpoint {
            Some(endpoint) => format!("send it to {endpoint}"),
            None => "give it to me: I use my own tool".to_owned(),
        };
        let answers = [
            send.as_str(),
            "edit it first",
            "view it",
            "skip: I do (or did) this step by hand",
            "quit",
        ];
        let asked = format!("step {}: send the prompt?", question.subject.step);
        loop {
            match self.ask.choose(&asked, &answers)? {
                0 => return Ok(SendVerdict::Send),
                1 => {
                    if let Some(text) = self.ask.edit(&question.prompt.request.user)? {
                        return Ok(SendVerdict::Edited(text));
                    }
                }
                2 => self.board.show_prompt(question.prompt),
                3 => return Ok(SendVerdict::Skip),
                _ => return Err(Stop::Quit),
            }
        }
    }

    fn hand_over(&mut self, subject: &Subject, prompt: &Prompt) -> Answer<()> {
        let text = prompt.text();
        self.board.show(printable(&text));
        if self.clipboard && text.len() <= CLIPBOARD_LIMIT {
            let coded = base64::engine::general_purpose::STANDARD.encode(&text);
            // OSC 52, the terminal's own way to the clipboard; a terminal that does not know it shows nothing.
            let mut out = std::io::stderr().lock();
            let _ = write!(out, "\x1b]52;c;{coded}\x07").and_then(|()| out.flush());
            drop(out);
            self.board.show(
                self.paint
                    .faint("  copied to the clipboard, if your terminal allows it"),
            );
        }
        self.worked(subject)
    }

    fn lost(&mut self, question: &LostQuestion<'_>) -> Answer<LostVerdict> {
        self.board.show(format!(
            "  the prompt was sent to {} at {}, and the session ended before the answer: a request may have been billed",
            question.endpoint, question.at
        ));
        if let Some(partial) = question.partial {
            self.board
                .show(format!("  what came of the answer is in {partial}"));
        }
        match self.ask.choose(
            "send it again?",
            &["send it again", "no: I do the step by hand", "quit"],
        )? {
            0 => Ok(LostVerdict::SendAgain),
            1 => Ok(LostVerdict::ByHand),
            _ => Err(Stop::Quit),
        }
    }

    fn unusable(&mut self, question: &UnusableQuestion<'_>) -> Answer<UnusableVerdict> {
        self.board.show(
            self.paint
                .bad(&format!("  {}", printable_line(&question.why.to_string()))),
        );
        for diagnostic in &question.why.diagnostics {
            if let Some(found) = &diagnostic.found {
                self.board.show(format!("  found: {}", printable_line(found)));
            }
        }
        let answers = [
            "ask again (the prompt can be edited)",
            "do the step by hand",
            "quit",
        ];
        match self
            .ask
            .choose("this reply cannot be used; what now?", &answers)?
        {
            0 => Ok(UnusableVerdict::AskAgain),
            1 => Ok(UnusableVerdict::ByHand),
            _ => Err(Stop::Quit),
        }
    }

    fn apply(&mut self, question: &ApplyQuestion<'_>) -> Answer<ApplyVerdict> {
        if question.again {
            self.board.show(
                "  these files were about to be written when the last session ended; they are as before",
            );
        }
        self.board.show_changes(question);
        let answers = [
            "write them all",
            "view them again",
            "write none: I do it by hand",
            "quit",
        ];
        loop {
            match self.ask.choose("write these files?", &answers)? {
                0 => break,
                1 => self.board.show_changes(question),
                2 => return Ok(ApplyVerdict::ByHand),
                _ => return Err(Stop::Quit),
            }
        }
        for change in question.changes {
            let Some(what) = change.protection else { continue };
            let verb = match change.kind() {
                ChangeKind::New | ChangeKind::Changed => "write it",
                ChangeKind::Deleted => "delete it",
                ChangeKind::Renamed => "rename it",
            };
            let asked = format!("{} is {what}: {verb}?", printable_line(&change.name()));
            match self
                .ask
                .choose(&asked, &[verb, "write none of the files", "quit"])?
            {
                0 => {}
                1 => return Ok(ApplyVerdict::ByHand),
                _ => return Err(Stop::Quit),
            }
        }
        Ok(ApplyVerdict::Apply)
    }

    fn worked(&mut self, subject: &Subject) -> Answer<()> {
        let asked = format!(
            "step {}: make the changes in the tree, then come back",
            subject.step
        );
        match self.ask.choose(&asked, &["the tree is ready", "quit"])? {
            0 => Ok(()),
            _ => Err(Stop::Quit),
        }
    }

    fn edited(&mut self, subject: &Subject, diff: &str) -> Answer<()> {
        self.board.show(format!(
            "  step {} was edited in the plan since it was begun:",
            subject.step
        ));
        for line in diff.lines() {
            let safe = printable(line);
            self.board.show(match line.as_bytes().first() {
                Some(b'+') => self.paint.good(&safe).to_string(),
                Some(b'-') => self.paint.bad(&safe).to_string(),
                _ => safe.into_owned(),
            });
        }
        match self
            .ask
            .choose("go on with the step as it is now?", &["go on", "quit"])?
        {
            0 => Ok(()),
            _ => Err(Stop::Quit),
        }
    }

    fn check(&mut self, question: &CheckQuestion<'_>) -> Answer<CheckVerdict> {
        if question.cut_off {
            self.board
                .show("  the last session ended while the check ran: whether it passed is not known");
        }
        self.board.show_check(question);
        if let Some(why) = question.not_runnable() {
            self.board.show(
                self.paint
                    .warn(&format!("  nothing can be run: {}", printable_line(&why))),
            );
            let answers = ["I verified it by hand", "quit"];
            return match self.ask.choose("how is this step checked?", &answers)? {
                0 => Ok(CheckVerdict::ByHand),
                _ => Err(Stop::Quit),
            };
        }
        let mut answers = vec!["run all of it", "choose commands", "run it in my own terminal"];
        if question.by_hand {
            answers.push("I verified it by hand");
        }
        answers.push("quit");
        loop {
            match self.ask.choose("run this check?", &answers)? {
                0 => return Ok(CheckVerdict::All),
                1 => {
                    let all: Vec<(usize, usize)> = question
                        .blocks
                        .iter()
                        .enumerate()
                        .flat_map(|(block, content)| {
                            (0..content.commands.len()).map(move |command| (block, command))
                        })
                        .collect();
                    let texts: Vec<String> = all
                        .iter()
                        .map(|(block, command)| question.blocks[*block].commands[*command].text.clone())
                        .collect();
                    let picked = self.ask.pick("run which?", &texts)?;
                    let chosen: Vec<_> = all
                        .into_iter()
                        .zip(picked)
                        .filter(|(_, yes)| *yes)
                        .map(|(at, _)| at)
                        .collect();
                    if !chosen.is_empty() {
                        return Ok(CheckVerdict::Chosen(chosen));
                    }
                }
                2 => return Ok(CheckVerdict::OwnTerminal),
                3 if question.by_hand => return Ok(CheckVerdict::ByHand),
                _ => return Err(Stop::Quit),
            }
        }
    }

    fn stored_check(&mut self, question: &StoredCheckQuestion<'_>) -> Answer<StoredCheckVerdict> {
        self.board.show(format!(
            "  the check of this step ended at {}: {}",
            question.at, question.check.outcome
        ));
        match self.ask.choose(
            "does that still hold?",
            &["go on with it", "run it again", "quit"],
        )? {
            0 => Ok(StoredCheckVerdict::Use),
            1 => Ok(StoredCheckVerdict::Rerun),
            _ => Err(Stop::Quit),
        }
    }

    fn failed(&mut self, question: &FailedQuestion<'_>) -> Answer<NextVerdict> {
        self.board.show_rollback(question.rollback);
        let answers = [
            "retry: ask the model, with the failure in the prompt",
            "check again",
            "escalate",
            "quit",
        ];
        match self.ask.choose("the check did not pass; what now?", &answers)? {
            0 => Ok(NextVerdict::Retry(self.note()?)),
            1 => Ok(NextVerdict::CheckAgain),
            2 => Ok(NextVerdict::Escalate(self.reason("why, and for whom?")?)),
            _ => Err(Stop::Quit),
        }
    }

    fn confirm(&mut self, question: &ConfirmQuestion<'_>) -> Answer<Confirmation> {
        Ok(Confirmation {
            criteria: self
                .ask
                .pick("which criteria did you verify?", question.criteria)?,
            tasks: self.ask.pick("which tasks are complete?", question.tasks)?,
            other: self.ask.pick("which of these hold?", question.other)?,
        })
    }

    fn close(&mut self, question: &CloseQuestion<'_>) -> Answer<NextVerdict> {
        let step = &question.subject.step;
        if question.open.is_empty() {
            let done = format!("done: tick {}", counted(question.boxes, "box", "boxes"));
            let answers = [
                done.as_str(),
                "retry: ask the model once more",
                "check again",
                "escalate",
                "quit",
            ];
            return match self.ask.choose(&format!("is step {step} done?"), &answers)? {
                0 => Ok(NextVerdict::Done),
                1 => Ok(NextVerdict::Retry(self.note()?)),
                2 => Ok(NextVerdict::CheckAgain),
                3 => Ok(NextVerdict::Escalate(self.reason("why, and for whom?")?)),
                _ => Err(Stop::Quit),
            };
        }
        self.board
            .show(format!("  step {step} is not done; these were not confirmed:"));
        for text in question.open {
            self.board.show(format!("  - {}", printable_line(text)));
        }
        self.board.show_rollback(question.rollback);
        let answers = [
            "check and confirm again",
            "retry: ask the model once more",
            "escalate",
            "quit",
        ];
        match self.ask.choose("what now?", &answers)? {
            0 => Ok(NextVerdict::CheckAgain),
            1 => Ok(NextVerdict::Retry(self.note()?)),
            2 => Ok(NextVerdict::Escalate(self.reason("why, and for whom?")?)),
            _ => Err(Stop::Quit),
        }
    }

    fn list(&mut self, question: &ListQuestion<'_>) -> Answer<Picks> {
        let place: Vec<_> = question.heading.iter().map(|part| printable_line(part)).collect();
        let when = match question.moment {
            Moment::Before => "before the first step",
            Moment::PhaseEnd => "the phase's steps are done, and the next phase waits for this",
            Moment::Milestone => "the phase that it names is done",
            Moment::End => "all steps are done",
        };
        self.board.show("");
        self.board.show(format!(
            "{} {}",
            self.paint.next(&place.join(" › ")),
            self.paint.faint(&format!("({when})"))
        ));
        let ticked = self.ask.pick("which of these hold?", question.boxes)?;
        let reason = if ticked.iter().all(|yes| *yes) {
            None
        } else {
            let reason = self.ask.words("why do the others stay open? (may be empty)")?;
            Some(reason).filter(|reason| !reason.is_empty())
        };
        Ok(Picks { ticked, reason })
    }
}
