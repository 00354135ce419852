//! The figure in the middle.

/// The figure that as many lie above as below: one round that was disturbed does not move it.
pub(crate) fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}
