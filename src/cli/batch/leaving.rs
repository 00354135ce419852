use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::batch::OnTheWay;
use crate::cli::World;
use crate::llm::client::Sent;

/// Shows, where somebody looks at a terminal, how far a submission is: first on the records of its plans, then to the
/// engine.
pub(super) struct Leaving {
    bar: ProgressBar,
    /// Bytes of the files before the one that goes out.
    before: Arc<AtomicU64>,
}

impl Leaving {
    /// Nothing is done yet.
    pub(super) fn new(world: &World) -> Self {
        let target = match world.stderr_is_terminal {
            true => ProgressDrawTarget::stderr(),
            false => ProgressDrawTarget::hidden(),
        };
        Self {
            bar: ProgressBar::with_draw_target(Some(0), target),
            before: Arc::default(),
        }
    }

    /// What is told of the bytes of one file that went out.
    pub(super) fn sent(&self) -> Sent {
        let (bar, before) = (self.bar.clone(), Arc::clone(&self.before));
        Arc::new(move |bytes| bar.set_position(before.load(Ordering::Relaxed) + bytes))
    }

    /// Shows how far it is.
    pub(super) fn show(&self, way: OnTheWay) {
        match way {
            OnTheWay::Claimed { plans, of } => {
                if plans == 0 {
                    self.restyle("{bar:30} {pos} of {len} plans on record");
                    self.bar.set_length(of as u64);
                }
                self.bar.set_position(plans as u64);
            }
            OnTheWay::Sending { before, of } => {
                if before == 0 {
                    self.restyle("{bar:30} {bytes} of {total_bytes} uploaded");
                    self.bar.set_length(of);
                }
                self.before.store(before, Ordering::Relaxed);
                self.bar.set_position(before);
            }
        }
    }

    /// Leaves nothing of itself on the screen.
    pub(super) fn end(&self) {
        self.bar.finish_and_clear();
    }

    fn restyle(&self, template: &str) {
        if let Ok(style) = ProgressStyle::with_template(template) {
            self.bar.set_style(style);
        }
    }
}
