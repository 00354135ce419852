//! OpenAI's files and batches.

mod batch;
mod create;
mod engine;
mod files;
mod input;
mod list;
mod run;

#[cfg(test)]
mod engine_tests;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;

pub(super) use engine::OpenAi;
