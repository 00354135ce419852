//! What a command would bring to an end before it does anything else, told by one that only looks.

use std::path::Path;

use super::whereabouts::moved;
use super::{PartStage, Submission};
use crate::words::{Failure, printable_line};

impl Submission {
    /// What [`settle`](Self::settle) would do, in words. Nothing is changed.
    ///
    /// Fails like it where several plans could be one that was moved.
    pub fn unsettled(&self) -> Result<Vec<String>, Failure> {
        let mut notes = Vec::new();
        let is = |fits: &dyn Fn(&PartStage) -> bool| self.parts.iter().any(|part| fits(&part.stage));
        if is(&|stage| matches!(stage, PartStage::Waiting | PartStage::Uploaded(_))) {
            notes.push(format!(
                "batch {} is on its way out, or was cut off before it was made: its steps are free then as soon as something is submitted",
                self.mark
            ));
        }
        if is(&|stage| matches!(stage, PartStage::Void(_))) {
            notes.push(format!(
                "batch {} is none: its steps are free as soon as something is submitted",
                self.mark
            ));
        }
        let is_open = |file: &String| {
            let mut parts = self.parts.iter();
            parts.any(|part| part.file == *file && !part.stage.is_over())
        };
        for plan in &self.manifest.plans {
            let is_out = plan.steps.iter().any(|step| is_open(&step.file));
            if !is_out || Path::new(&plan.real).exists() {
                continue;
            }
            let Some(root) = plan.root() else { continue };
            if let Some(file) = moved(plan, &root)? {
                let path = file.real().strip_prefix(&root).unwrap_or(file.real());
                notes.push(format!(
                    "`{}` was moved to `{}`: what is on record of it goes along as soon as something is submitted",
                    printable_line(&plan.path),
                    printable_line(&path.to_string_lossy())
                ));
            }
        }
        Ok(notes)
    }
}
