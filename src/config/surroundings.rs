use std::path::Path;

use super::Environment;

/// What reading an endpoint needs from outside of its table.
pub(super) struct Surroundings<'a> {
    pub(super) environment: &'a Environment,
    /// The folder of the file, which paths in it are relative to.
    pub(super) folder: &'a Path,
    /// `--insecure-http` was given.
    pub(super) insecure_http: bool,
}
