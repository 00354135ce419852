//! Anthropic's message batches.

mod batch;
mod engine;
mod requests;
mod run;

#[cfg(test)]
mod engine_tests;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;

pub(super) use engine::MessageBatches;
