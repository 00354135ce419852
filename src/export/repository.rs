use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use crate::config::RepositorySettings;
use crate::documents;
use crate::prompt::Templates;
use crate::tree::Root;
use crate::words::Failure;

/// Roots that are kept open: plans of one repository come one after the other, and each root holds a descriptor.
const KEPT: usize = 8;

/// What prompts take from a repository, besides its plans.
pub(super) struct Repository {
    pub(super) root: Root,
    pub(super) templates: Templates,
    pub(super) context: Vec<String>,
}

impl Repository {
    fn open(folder: &Path) -> Result<Self, Failure> {
        // Nothing is written here, so nothing has to be kept from being overwritten.
        let root = Root::open(folder, &[])?;
        let settings = RepositorySettings::load(root.path())?;
        Ok(Self {
            templates: documents::templates(&settings, &root)?,
            context: settings.context(),
            root,
        })
    }
}

/// The repositories that were used last, for several threads.
#[derive(Default)]
pub(super) struct Repositories(Mutex<Vec<Arc<Repository>>>);

impl Repositories {
    /// The repository at a folder, opened if it is not.
    pub(super) fn at(&self, folder: &Path) -> Result<Arc<Repository>, Failure> {
        let same = |repository: &&Arc<Repository>| repository.root.path() == folder;
        let kept = self.lock().iter().find(same).cloned();
        if let Some(kept) = kept {
            return Ok(kept);
        }
        // Outside of the lock: two threads may open one and the same, which does no harm.
        let repository = Arc::new(Repository::open(folder)?);
        let mut kept = self.lock();
        if kept.len() == KEPT {
            kept.remove(0);
        }
        kept.push(Arc::clone(&repository));
        Ok(repository)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Arc<Repository>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
