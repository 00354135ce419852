use crate::llm::Progress;

/// Text that waits is shown when there is this much of it, however fast more of it comes.
const PIECE: usize = 4 << 10;

/// Text on its way to whoever watches: what comes together is told together.
pub(super) struct Show<'p> {
    progress: &'p mut dyn FnMut(Progress<'_>),
    waiting: String,
}

impl<'p> Show<'p> {
    /// Tells `progress`.
    pub(super) fn new(progress: &'p mut dyn FnMut(Progress<'_>)) -> Self {
        Self {
            progress,
            waiting: String::new(),
        }
    }

    /// Takes text that may wait until [`now`](Self::now).
    pub(super) fn add(&mut self, text: &str) {
        self.waiting.push_str(text);
        if self.waiting.len() >= PIECE {
            self.now();
        }
    }

    /// Tells what waits.
    pub(super) fn now(&mut self) {
        if !self.waiting.is_empty() {
            (self.progress)(Progress::Text(&self.waiting));
            self.waiting.clear();
        }
    }
}
