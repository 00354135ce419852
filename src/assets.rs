//! What the program carries with it: the words for the model, the scenarios of the mock model, the sample project.
//!
//! Floor 1. The same files stand in the repository under `prompts/`, `mocks/` and `examples/`.

use std::io;

use include_dir::{Dir, include_dir};

static PROMPTS: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/prompts");
static MOCKS: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/mocks");
static SAMPLE: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/examples/tally");

/// A file that the program carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asset {
    /// From the folder that was asked for, with `/` between names.
    pub path: &'static str,
    /// What it holds.
    pub bytes: &'static [u8],
}

/// Every file of the sample project, ordered by path.
pub fn sample() -> Vec<Asset> {
    let mut files = Vec::new();
    let mut folders = vec![&SAMPLE];
    while let Some(folder) = folders.pop() {
        folders.extend(folder.dirs());
        files.extend(folder.files().filter_map(|file| {
            Some(Asset {
                path: file.path().to_str()?,
                bytes: file.contents(),
            })
        }));
    }
    files.sort_by_key(|file| file.path);
    files
}

/// Where the plan of the sample project stands in it.
pub const SAMPLE_PLAN: &str = "docs/enhancements/approved/EP-0001-time-report-implementation.md";

/// The scenario that answers the sample project, for [`mock`].
pub const SAMPLE_SCENARIO: &str = "demo.toml";

/// The scenario that answers whatever is asked, for [`mock`].
pub const HELLO_SCENARIO: &str = "hello.toml";

/// The text of a prompt template, such as `step.md`.
pub fn prompt(name: &str) -> Option<&'static str> {
    PROMPTS.get_file(name)?.contents_utf8()
}

/// Reads a file of the bundled scenarios, such as `demo.toml`. Fails as a disk would where there is none.
pub fn mock(path: &str) -> io::Result<Vec<u8>> {
    match MOCKS.get_file(path) {
        Some(file) => Ok(file.contents().to_vec()),
        None => Err(io::Error::new(io::ErrorKind::NotFound, "no such file")),
    }
}
