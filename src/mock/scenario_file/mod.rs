//! Reading a scenario from TOML and the files that it names. `docs/scenarios.md` is the reference.

mod batch;
mod fault;
mod file;
mod load;
mod mistake;
mod reply;
mod rule;
mod said;
mod values;

#[cfg(test)]
mod contradiction_tests;
#[cfg(test)]
mod examples_tests;
#[cfg(test)]
mod refusal_tests;
#[cfg(test)]
mod tests;
