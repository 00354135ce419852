use rustix::io::Errno;

/// Moments of an apply, for tests that fail or crash in each of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Moment {
    FolderMade,
    Written,
    Backed,
    Replaced,
    AllReplaced,
}

/// What a test makes of a moment.
#[derive(Debug)]
#[cfg_attr(not(test), expect(dead_code, reason = "only tests stop an apply"))]
pub(super) enum Stop {
    /// As if the disk had failed.
    Fails(Errno),
    /// As if the process had been killed: nothing is tidied.
    Crashes,
}

pub(super) type Watcher<'a> = &'a mut dyn FnMut(Moment) -> Result<(), Stop>;
