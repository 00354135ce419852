//! Documents that a model writes, a section at a time: every hint and every placeholder that was left in them.
//!
//! [`Filler`] is the loop. It asks a [`FillGate`], which decides, and tells a [`FillListener`], which shows; it knows no
//! terminal. `page`, `part`, `answer` and `draft` are pure: text in, values out.

mod answer;
mod asking;
mod choice;
mod draft;
mod drive;
mod event;
mod filler;
mod findings;
mod gate;
mod judging;
mod memory;
mod page;
mod part;
mod prompt;
mod sending;
#[cfg(test)]
mod tests;
mod turn;
mod unattended;

pub use choice::Choice;
pub use drive::Ended;
pub use event::{FillEvent, FillListener, Left};
pub use filler::Filler;
pub use gate::{
    FillGate, FillLost, FillLostVerdict, FillSend, FillSendVerdict, Judge, Judgement, UnusableVerdict,
};
pub use page::Page;
pub use part::{Kind, Part};
pub use prompt::FillPrompt;
pub use unattended::FillUnattended;
