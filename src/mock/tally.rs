/// How often something came: since the last reset, and ever.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    /// Since the last reset.
    pub since: u64,
    /// Ever, whatever was reset.
    pub ever: u64,
}

impl Tally {
    pub(super) fn count(&mut self) {
        self.since += 1;
        self.ever += 1;
    }

    pub(super) fn reset(&mut self) {
        self.since = 0;
    }
}
