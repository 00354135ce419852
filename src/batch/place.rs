use std::path::{Path, PathBuf};

use super::dock::{Berth, Dock};
use super::whereabouts::moved;
use crate::export::PlanEntry;
use crate::words::{Failure, printable_line};

/// Where the plans of an export are looked for.
#[derive(Debug)]
pub struct Place {
    /// Their paths lead from here, or from a folder above.
    pub folder: PathBuf,
    /// Those that were moved are below this, where it is known.
    pub root: Option<PathBuf>,
}

impl Place {
    /// Takes a plan, also where it was moved.
    pub(super) fn moor(
        &self,
        plan: &PlanEntry,
        dock: &Dock<'_>,
        notes: &mut Vec<String>,
    ) -> Result<Berth, Failure> {
        // An export does not say where its plans stood: they are where its paths lead, from here or from a folder above.
        let plan = &match plan.real.is_empty() {
            true => PlanEntry {
                real: below(&plan.path, &self.folder).to_string_lossy().into_owned(),
                ..plan.clone()
            },
            false => plan.clone(),
        };
        if Path::new(&plan.real).exists() {
            return dock.moor(&plan.real);
        }
        // Its id is looked for in one repository: another one may have the same, and a home folder may have many.
        let found = match &self.root {
            Some(root) => moved(plan, root)?,
            None => None,
        };
        let Some(file) = found else {
            return dock.moor(&plan.real).map_err(|failure| {
                failure.help("stand in the repository of the plan, or name it with `--root DIR`")
            });
        };
        dock.follow(plan, &file)?;
        notes.push(format!(
            "`{}` stands in `{}` now",
            printable_line(&plan.path),
            printable_line(file.shown())
        ));
        dock.moor(&file.real().to_string_lossy())
    }
}

/// Where a path from the root of a repository leads, seen from a folder in it.
fn below(path: &str, folder: &Path) -> PathBuf {
    let mut places = folder.ancestors().map(|above| above.join(path));
    places
        .find(|place| place.exists())
        .unwrap_or_else(|| folder.join(path))
}
