//! What is said of a file that is not what it was when its change was shown.

use super::RelativePath;
use super::unreached::Unreached;
use crate::words::{Exit, Failure};

/// What is not followed now was when it was shown: somebody made it so, and no other reply would help.
pub(super) fn since(unreached: Unreached, path: &RelativePath) -> Failure {
    match unreached {
        Unreached::Refused(refusal) => changed(path).found(refusal.why),
        Unreached::Failed(failure) => failure,
    }
}

pub(super) fn changed(path: &RelativePath) -> Failure {
    let message = format!("`{path}` was changed by someone else after its change was shown");
    Failure::new(Exit::Changed, "tree-changed", message).help("run again to see the change as it is now")
}
