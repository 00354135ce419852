//! May this prompt be sent, and where to?

use super::terminal::Terminal;
use crate::prompt::Prompt;
use crate::session::{Answer, SendQuestion, SendVerdict, Stop, Subject};
use crate::ui::clipboard;
use crate::words::{printable, printable_line};

impl Terminal {
    pub(super) fn send(&self, question: &SendQuestion<'_>) -> Answer<SendVerdict> {
        let send = match question.endpoint {
            Some(endpoint) => format!("send it to {endpoint}"),
            None => "give it to me: I use my own tool".to_owned(),
        };
        let answers = [
            send.as_str(),
            "edit it first",
            "view it",
            if question.subject.is_step() {
                "skip: I do (or did) this step by hand"
            } else {
                "skip: send nothing"
            },
            "quit",
        ];
        let asked = format!("{}: send the prompt?", question.subject.name());
        if let Some(why) = question.again {
            self.board
                .show(self.paint.warn(&format!("  {}", printable_line(why))));
        }
        loop {
            match self.ask.choose(&asked, &answers)? {
                0 => return Ok(SendVerdict::Send),
                1 => {
                    if let Some(text) = self.ask.edit(&question.prompt.request.user())? {
                        return Ok(SendVerdict::Edited(text));
                    }
                }
                2 => self.board.show_prompt(question.prompt),
                3 => return Ok(SendVerdict::Skip),
                _ => return Err(Stop::Quit),
            }
        }
    }

    pub(super) fn hand_over(&self, subject: &Subject, prompt: &Prompt) -> Answer<()> {
        let text = prompt.text();
        self.board.show(printable(&text));
        if self.clipboard && clipboard::offer(&text) {
            self.board.show(
                self.paint
                    .faint("  copied to the clipboard, if your terminal allows it"),
            );
        }
        self.worked(subject)
    }
}
