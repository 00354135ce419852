use crate::interrupt::Interrupt;
use crate::session::Answer;
use crate::ui::ask::{Ask, AskSettings};
use crate::ui::board::Board;
use crate::ui::pager::Pager;
use crate::ui::paint::Paint;

/// What every question needs: a place to show things, and a way to ask. The questions are in the files beside this one.
pub(super) struct Terminal {
    pub(super) ask: Ask,
    pub(super) board: Board,
    pub(super) paint: Paint,
    pub(super) pager: Pager,
    /// Whether the terminal may be asked to copy.
    pub(super) clipboard: bool,
    /// Whether prompts go to the person, who uses a tool of their own.
    pub(super) own_tool: bool,
    /// After so many attempts at a step it is advised to leave it.
    pub(super) attempts: u32,
}

/// How the gate at a terminal is to be.
#[derive(Debug, Clone)]
pub struct TerminalSettings {
    /// How it asks.
    pub ask: AskSettings,
    /// Whether the terminal may be asked to copy.
    pub clipboard: bool,
    /// Whether prompts go to the person, who uses a tool of their own.
    pub own_tool: bool,
    /// The person's pager: empty for none, `None` for the usual one.
    pub pager: Option<String>,
    /// After so many attempts at a step it is advised to leave it.
    pub attempts: u32,
}

impl Terminal {
    pub(super) fn new(settings: TerminalSettings, interrupt: Interrupt) -> Self {
        Self {
            pager: Pager::new(settings.pager, interrupt.clone()),
            board: Board::new(settings.ask.colour),
            paint: Paint::new(settings.ask.colour),
            ask: Ask::new(settings.ask, interrupt),
            clipboard: settings.clipboard,
            own_tool: settings.own_tool,
            attempts: settings.attempts,
        }
    }

    /// Why something is as it is; asked until something is said.
    pub(super) fn reason(&self, question: &str) -> Answer<String> {
        loop {
            let reason = self.ask.words(question)?;
            if !reason.is_empty() {
                return Ok(reason);
            }
        }
    }

    /// What the model shall be told; `None` where there is nothing.
    pub(super) fn note(&self) -> Answer<Option<String>> {
        let note = self.ask.words("a note for the model (may be empty)")?;
        Ok(Some(note).filter(|note| !note.is_empty()))
    }
}
