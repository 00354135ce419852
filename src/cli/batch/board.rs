use console::Term;
use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::look::Shown;
use crate::cli::World;
use crate::words::counted;

/// Bars of batches, one a line; as many as the terminal has lines for.
pub(super) struct Board {
    bars: MultiProgress,
    shown: Vec<ProgressBar>,
    /// What stands below them.
    foot: ProgressBar,
    term: Term,
}

impl Board {
    /// Shows nothing yet, and never anything where standard error is no terminal.
    pub(super) fn new(world: &World) -> Self {
        let target = match world.stderr_is_terminal {
            true => ProgressDrawTarget::stderr(),
            false => ProgressDrawTarget::hidden(),
        };
        let bars = MultiProgress::with_draw_target(target);
        let foot = bars.add(line("{msg}"));
        Self {
            bars,
            shown: Vec::new(),
            foot,
            term: Term::stderr(),
        }
    }

    /// Shows these and no others.
    pub(super) fn show(&mut self, batches: &[Shown]) {
        let fits = fits(usize::from(self.term.size().0), batches.len());
        let (fitting, rest) = batches.split_at(fits);
        for gone in self.shown.drain(fits.min(self.shown.len())..) {
            self.bars.remove(&gone);
        }
        while self.shown.len() < fits {
            let bar = line("{prefix} {bar:30} {pos} of {len}  {msg}");
            self.shown.push(self.bars.insert_before(&self.foot, bar));
        }
        let width = fitting
            .iter()
            .map(|one| one.label().len())
            .max()
            .unwrap_or_default();
        for (bar, one) in self.shown.iter().zip(fitting) {
            bar.set_length(one.requests as u64);
            bar.set_position(one.done);
            bar.set_prefix(format!("{:width$}", one.label()));
            bar.set_message(one.message());
        }
        self.foot.set_message(foot(rest));
        // Bars draw themselves only so often; what is shown now may stay for long.
        self.bars.suspend(|| ());
    }

    /// Leaves nothing of itself on the screen.
    pub(super) fn end(&self) {
        let _ = self.bars.clear();
    }
}

/// How many of some bars fit on so many lines: one is for the foot, and one stays for the cursor.
fn fits(lines: usize, bars: usize) -> usize {
    bars.min(lines.saturating_sub(2).max(1))
}

/// What stands below the bars: what there is no room for, and how to leave.
fn foot(rest: &[Shown]) -> String {
    let done: u64 = rest.iter().map(|one| one.done).sum();
    let requests: usize = rest.iter().map(|one| one.requests).sum();
    match rest.len() {
        0 => "(q leaves)".to_owned(),
        more => format!(
            "and {more} more, {done} of {} done  (q leaves)",
            counted(requests, "request", "requests")
        ),
    }
}

fn line(template: &str) -> ProgressBar {
    let bar = ProgressBar::new(0);
    match ProgressStyle::with_template(template) {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}
