//! stepgate walks a person through an implementation plan written in Markdown, one step at a time.

pub mod assets;
pub mod check;
pub mod cli;
pub mod config;
mod crash;
pub mod documents;
pub mod interrupt;
pub mod keys;
pub mod lint;
pub mod llm;
pub mod mock;
pub mod plan;
pub mod plan_file;
pub mod prompt;
pub mod reply;
pub mod session;
pub mod state;
pub mod tree;
pub mod ui;
pub mod words;
