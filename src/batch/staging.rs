use std::fs::{self, File};
use std::path::{Path, PathBuf};

use crate::export::{ExportedPlan, Manifest};
use crate::state::MadeAt;
use crate::words::{Digest, Failure, secrets};

/// A submission in the making: its folder, which nobody else touches, and which is gone unless it is agreed to.
#[derive(Debug)]
pub struct Staging {
    pub(super) mark: String,
    pub(super) folder: PathBuf,
    pub(super) lock: File,
    /// None of its prompts was made before.
    pub(super) begun: MadeAt,
    pub(super) agreed: bool,
}

impl Staging {
    /// What the submission is known by: in the ids of its requests, at the engine, and to people.
    pub fn mark(&self) -> &str {
        &self.mark
    }

    /// Where its requests are exported to.
    pub fn export(&self) -> PathBuf {
        self.folder.join("export")
    }

    /// Keeps the prompts of a plan until its journal takes them.
    pub fn keep(&self, plan: &ExportedPlan) -> Result<(), Failure> {
        let folder = prompts(&self.folder);
        fs::create_dir_all(&folder).map_err(|error| Failure::io("make the folder", &folder, &error))?;
        for step in &plan.steps {
            let path = folder.join(step.prompt.as_str());
            let text = step.prompt_text();
            fs::write(&path, secrets::redact(&text).as_bytes())
                .map_err(|error| Failure::io("write", &path, &error))?;
        }
        Ok(())
    }

    /// What would be submitted, with the digest that consent is bound to.
    pub fn manifest(&self) -> Result<(Manifest, Digest), Failure> {
        manifest(&self.folder)
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        if !self.agreed {
            // Whatever stays is swept by the next command: it has no ledger.
            let _ = fs::remove_dir_all(&self.folder);
        }
    }
}

/// Where prompts are kept until the journals of their plans take them.
pub(super) fn prompts(folder: &Path) -> PathBuf {
    folder.join("prompts")
}

/// The manifest of a submission's export, and its digest.
pub(super) fn manifest(folder: &Path) -> Result<(Manifest, Digest), Failure> {
    let export = folder.join("export");
    let path = export.join(crate::export::MANIFEST);
    let bytes = fs::read(&path).map_err(|error| Failure::io("read", &path, &error))?;
    Ok((Manifest::read(&export)?, Digest::of(bytes)))
}
