//! What is said of a file that is not what it was when its change was shown.

use super::change::Target;
use crate::words::{Exit, Failure};

/// What is not followed now was when it was shown: somebody made it so, and no other reply would help.
pub(super) fn since(failure: Failure, target: &Target<'_>) -> Failure {
    if failure.exit != Exit::ReplyUnusable {
        return failure;
    }
    let told = failure.to_string();
    let why = told.split_once(": ").map_or(told.as_str(), |(_, why)| why);
    changed(target).found(why)
}

pub(super) fn changed(target: &Target<'_>) -> Failure {
    let message = format!(
        "`{}` was changed by someone else after its change was shown",
        target.path
    );
    Failure::new(Exit::Changed, "tree-changed", message).help("run again to see the change as it is now")
}
