//! How is a step checked?

use super::terminal::Terminal;
use crate::session::{Answer, CheckQuestion, CheckVerdict, Stop, StoredCheckQuestion, StoredCheckVerdict};
use crate::words::printable_line;

impl Terminal {
    pub(super) fn check(&self, question: &CheckQuestion<'_>) -> Answer<CheckVerdict> {
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

    pub(super) fn stored_check(&self, question: &StoredCheckQuestion<'_>) -> Answer<StoredCheckVerdict> {
        self.board.say(format!(
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
}
