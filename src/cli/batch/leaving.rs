use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::batch::OnTheWay;
use crate::cli::World;
use crate::llm::client::Sent;

/// Shows, where somebody looks at a terminal, how far a submission is: first on the records of its plans, then to the
/// engine.
pub(super) struct Leaving {
    /// Plans that have it on record.
    claimed: ProgressBar,
    /// Bytes that were uploaded.
    sent: ProgressBar,
    /// Bytes of the files before the one that goes out.
    before: Arc<AtomicU64>,
}

impl Leaving {
    /// Nothing is done yet.
    pub(super) fn new(world: &World) -> Self {
        let bar = |template| {
            let target = match world.stderr_is_terminal {
                true => ProgressDrawTarget::stderr(),
                false => ProgressDrawTarget::hidden(),
            };
            let bar = ProgressBar::with_draw_target(Some(0), target);
            match ProgressStyle::with_template(template) {
                Ok(style) => bar.with_style(style),
                Err(_) => bar,
            }
        };
        Self {
            claimed: bar("{bar:30} {pos} of {len} plans on record"),
            sent: bar("{bar:30} {bytes} of {total_bytes} uploaded"),
            before: Arc::default(),
        }
    }

    /// What is told of the bytes of one file that went out.
    pub(super) fn sent(&self) -> Sent {
        let (bar, before) = (self.sent.clone(), Arc::clone(&self.before));
        Arc::new(move |bytes| bar.set_position(before.load(Ordering::Relaxed) + bytes))
    }

    /// Shows how far it is.
    pub(super) fn show(&self, way: OnTheWay) {
        match way {
            OnTheWay::Claimed { plans, of } => {
                self.claimed.set_length(of as u64);
                self.claimed.set_position(plans as u64);
            }
            OnTheWay::Sending { before, of } => {
                self.claimed.finish_and_clear();
                self.before.store(before, Ordering::Relaxed);
                self.sent.set_length(of);
                self.sent.set_position(before);
            }
        }
    }

    /// Leaves nothing of itself on the screen.
    pub(super) fn end(&self) {
        self.claimed.finish_and_clear();
        self.sent.finish_and_clear();
    }
}
