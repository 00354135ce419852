//! The programs that ours are compared with.

use std::env;
use std::path::{Path, PathBuf};

/// The folder in which they are looked for.
pub(crate) fn folder() -> PathBuf {
    env::var_os("STEPGATE_YARDSTICKS").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("target/bench-yardsticks/release"),
        PathBuf::from,
    )
}
