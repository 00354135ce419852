use std::path::Path;

use super::ask::{Ask, AskSettings};
use super::board::Board;
use super::countdown::Countdown;
use super::paint::Paint;
use super::{clipboard, diagnostics, difference, recorded};
use crate::fill::{
    FillGate, FillLost, FillLostVerdict, FillPrompt, FillSend, FillSendVerdict, Judge, Judgement, Part,
    UnusableVerdict,
};
use crate::interrupt::Interrupt;
use crate::llm::WaitVerdict;
use crate::session::{Answer, Stop, WaitQuestion};
use crate::state::By;
use crate::words::{Diagnostic, Failure, counted, printable, printable_line};

/// An answer that a person brings may have this many bytes.
const ANSWER_LIMIT: u64 = 16 << 20;

/// The gate at a terminal, where a document is filled in: a person answers.
pub struct FillTerminal {
    ask: Ask,
    board: Board,
    paint: Paint,
    user: String,
    colour: bool,
    clipboard: bool,
    countdown: Countdown,
}

impl FillTerminal {
    /// A gate for the person of this login name. `clipboard` says whether the terminal may be asked to copy.
    pub fn new(user: String, ask: AskSettings, clipboard: bool, interrupt: Interrupt) -> Self {
        let colour = ask.colour;
        Self {
            ask: Ask::new(ask, interrupt),
            board: Board::new(colour),
            paint: Paint::new(colour),
            user,
            colour,
            clipboard,
            countdown: Countdown::default(),
        }
    }

    fn show_prompt(&self, prompt: &FillPrompt) {
        self.board.show(self.paint.faint("──── system"));
        self.board.show(printable(&prompt.request.system));
        self.board.show(self.paint.faint("──── user"));
        self.board.show(printable(&prompt.request.user()));
        self.board.show(self.paint.faint("────"));
    }

    fn show_all(&self, found: &[Diagnostic]) {
        for diagnostic in found {
            self.board.show(diagnostics::render(diagnostic, self.colour));
        }
    }

    /// What is in a file that the person names; `None` where it cannot be read, which is said.
    fn read(&self, path: &str) -> Option<String> {
        let path = Path::new(path);
        let text = match path.metadata() {
            Ok(data) if !data.is_file() => Err("it is no file".to_owned()),
            Ok(data) if data.len() > ANSWER_LIMIT => Err(format!("it is over {} MiB", ANSWER_LIMIT >> 20)),
            Ok(_) => std::fs::read_to_string(path).map_err(|error| error.to_string()),
            Err(error) => Err(error.to_string()),
        };
        match text {
            Ok(text) if !text.trim().is_empty() => return Some(text),
            Ok(_) => self.board.show("  that file is empty"),
            Err(why) => {
                let why = why.split(" (os error").next().unwrap_or(&why).to_lowercase();
                let path = path.display().to_string();
                self.board
                    .show(format!("  cannot read `{}`: {why}", printable_line(&path)));
            }
        }
        None
    }
}

impl FillGate for FillTerminal {
    fn by(&self) -> By {
        By::Person(self.user.clone())
    }

    fn elsewhere(&mut self, host: &str) -> Answer<()> {
        recorded::elsewhere(&self.board, &self.ask, "document", host)
    }

    fn send(&mut self, question: &FillSend<'_>) -> Answer<FillSendVerdict> {
        let send = match question.endpoint {
            Some(endpoint) if question.requests > 1 => format!(
                "send it to {endpoint}: up to {}, for what lint finds in an answer goes back there",
                counted(question.requests as usize, "request", "requests")
            ),
            Some(endpoint) => format!("send it to {endpoint}"),
            None => "give it to me: I use my own tool".to_owned(),
        };
        let answers = [
            send.as_str(),
            "edit it first",
            "view it",
            "skip: leave this as it is",
            "quit",
        ];
        loop {
            match self.ask.choose("send this prompt?", &answers)? {
                0 => return Ok(FillSendVerdict::Send),
                1 => {
                    if let Some(text) = self.ask.edit(&question.prompt.request.user())? {
                        return Ok(FillSendVerdict::Edited(text));
                    }
                }
                2 => self.show_prompt(question.prompt),
                3 => return Ok(FillSendVerdict::Skip),
                _ => return Err(Stop::Quit),
            }
        }
    }

    fn wait(&mut self, question: &WaitQuestion) -> WaitVerdict {
        self.countdown.show(question)
    }

    fn waited(&mut self) {
        self.countdown.end();
    }

    fn hand_over(&mut self, part: &Part, prompt: &FillPrompt) -> Answer<Option<String>> {
        let text = prompt.text();
        self.board.show(printable(&text));
        if self.clipboard && clipboard::offer(&text) {
            let line = self
                .paint
                .faint("  copied to the clipboard, if your terminal allows it");
            self.board.show(line);
        }
        let answers = [
            "I put it into my editor",
            "it is in a file",
            "skip: leave this as it is",
            "quit",
        ];
        loop {
            match self.ask.choose("where is the answer of your tool?", &answers)? {
                0 => {
                    let begin = format!(
                        "(replace this line by the answer for {})\n",
                        printable_line(&part.key)
                    );
                    if let Some(text) = self.ask.edit(&begin)? {
                        return Ok(Some(text));
                    }
                }
                1 => {
                    let path = self.ask.words("path of the file")?;
                    if let Some(text) = self.read(&path) {
                        return Ok(Some(text));
                    }
                }
                2 => return Ok(None),
                _ => return Err(Stop::Quit),
            }
        }
    }

    fn lost(&mut self, question: &FillLost<'_>) -> Answer<FillLostVerdict> {
        recorded::tell_lost(&self.board, question.endpoint, question.at, question.partial);
        let answers = ["send it again", "skip: leave this as it is", "quit"];
        match self.ask.choose("send it again?", &answers)? {
            0 => Ok(FillLostVerdict::SendAgain),
            1 => Ok(FillLostVerdict::Skip),
            _ => Err(Stop::Quit),
        }
    }

    fn unusable(&mut self, _: &Part, why: &Failure) -> Answer<UnusableVerdict> {
        let text = format!("  {}", printable_line(&why.to_string()));
        self.board.show(self.paint.bad(&text));
        let answers = [
            "ask again (the prompt can be edited)",
            "skip: leave this as it is",
            "quit",
        ];
        match self
            .ask
            .choose("this reply cannot be used; what now?", &answers)?
        {
            0 => Ok(UnusableVerdict::AskAgain),
            1 => Ok(UnusableVerdict::Skip),
            _ => Err(Stop::Quit),
        }
    }

    fn judge(&mut self, question: &Judge<'_>) -> Answer<Judgement> {
        if question.changed {
            let text =
                "  this was changed since it was asked for; the answer is shown against it as it is now";
            self.board.show(self.paint.warn(text));
        }
        let diff = difference(question.path, question.before, question.after, self.colour);
        self.board.show(diff.trim_end());
        self.show_all(question.refusals);
        self.show_all(question.findings);
        let refused = !question.refusals.is_empty();
        let asked = if refused {
            "this answer cannot be saved as it is; what now?".to_owned()
        } else if question.findings.is_empty() {
            "save this?".to_owned()
        } else {
            let found = counted(question.findings.len(), "finding", "findings");
            match question.rounds {
                0 | 1 => format!("save this, with {found}?"),
                rounds => format!("save this, with {found} after {rounds} answers?"),
            }
        };
        let save = if question.findings.is_empty() {
            "save it"
        } else {
            "save it all the same"
        };
        let mut answers = vec![
            save,
            "edit it first",
            "ask again, with a note",
            "skip: leave this as it is",
            "quit",
        ];
        if refused {
            answers.remove(0);
        }
        loop {
            match self.ask.choose(&asked, &answers)? + usize::from(refused) {
                0 => return Ok(Judgement::Save),
                1 => {
                    if let Some(text) = self.ask.edit(&question.answer.replace("\r\n", "\n"))? {
                        return Ok(Judgement::Edit(text));
                    }
                }
                2 => {
                    let note = self.ask.words("a note for the model (may be empty)")?;
                    return Ok(Judgement::Again(Some(note).filter(|note| !note.is_empty())));
                }
                3 => return Ok(Judgement::Skip),
                _ => return Err(Stop::Quit),
            }
        }
    }
}
