//! The model of a plan: what a mock model says to the steps of a plan for which nobody wrote a scenario.
//!
//! It shows where the work of a step would go and does none of it. It opens no file: whoever asks tells what the files
//! are now. What it says is the same for the same plan and the same files.

mod amend;
mod comment;
mod file;
mod fresh;
mod json;
mod kind;
mod kinds;
mod mark;
mod model;
mod own;
mod path;
mod reply;
mod sort;
#[cfg(test)]
mod tests;

pub use model::PlanModel;
