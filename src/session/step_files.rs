use super::found::Found;
use crate::state::{Entry, Record};
use crate::tree::{Beyond, RelativePath};

/// The files of a step: those that it names, and those that were written for it since it was last done. A folder that it
/// names stands for none.
pub(crate) fn step_files(found: &Found<'_>, entries: &[Entry]) -> Vec<RelativePath> {
    let mut files: Vec<RelativePath> = Vec::new();
    let mut add = |path: RelativePath| {
        if !files.contains(&path) {
            files.push(path);
        }
    };
    for path in found.declared() {
        if let Ok(path) = RelativePath::parse(&path) {
            add(path);
        }
    }
    for path in written(&found.id(), entries) {
        add(path);
    }
    files
}

/// What agents changed for a step and no snapshot could hold, by the record of all attempts.
pub(super) fn beyond(step: &str, entries: &[Entry]) -> Vec<Beyond> {
    let mut all: Vec<Beyond> = Vec::new();
    for entry in entries.iter().filter(|entry| entry.record.step() == Some(step)) {
        match &entry.record {
            Record::Made { beyond, .. } => all.extend(beyond.iter().cloned()),
            Record::RolledBack { .. } => all.clear(),
            _ => {}
        }
    }
    all
}

/// What was written for a step, by the record of all attempts.
pub(super) fn written(step: &str, entries: &[Entry]) -> Vec<RelativePath> {
    let mut written = Vec::new();
    let mut intended: Vec<RelativePath> = Vec::new();
    for entry in entries.iter().filter(|entry| entry.record.step() == Some(step)) {
        match &entry.record {
            Record::ApplyIntent { files, .. } => {
                intended = files.iter().map(|file| file.path.clone()).collect();
            }
            Record::Applied { .. } => written.append(&mut intended),
            Record::Made { files, .. } => written.extend(files.iter().map(|file| file.path.clone())),
            Record::Unwritten { .. } => intended.clear(),
            // Put back: whatever stands there now is not of the step.
            Record::RolledBack { .. } => written.clear(),
            _ => {}
        }
    }
    written
}
