//! The points between two acts, at each of which a command is killed.

use crate::site::Site;

/// Runs a command that is killed at a point; whether it was.
pub(crate) fn killed(site: &Site, at: usize, args: &[&str]) -> bool {
    let mut command = site.project.command(args);
    let output = command.env("STEPGATE_CRASH_AT", at.to_string()).output().unwrap();
    match output.status.code() {
        None => true,
        Some(0) => false,
        Some(code) => panic!(
            "exit {code} at point {at}: {}",
            String::from_utf8_lossy(&output.stderr)
        ),
    }
}

/// Has `case` killed at the first point, the second, … until it is not killed any more, which is behind more than `least` of
/// them. It is told the point and words for it, and says whether it was.
pub(crate) fn each_point(kind: &str, least: usize, mut case: impl FnMut(usize, &str) -> bool) {
    for at in 1.. {
        if !case(at, &format!("{kind} at point {at}")) {
            assert!(at > least, "{kind}: only {at} points were passed");
            return;
        }
    }
}
