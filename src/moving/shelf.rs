use std::path::{Path, PathBuf};

use crate::config::RepositorySettings;
use crate::proposal::{Id, Name, Stage, folder_of, join, last};
use crate::words::{Exit, Failure};

/// Where proposals stand when nobody says so.
const HOME: &str = "docs/enhancements";

/// Where templates stand when nobody says so.
const TEMPLATES: &str = "docs/templates";

/// Where the proposals of a repository stand.
#[derive(Debug, Clone)]
pub struct Shelf {
    root: PathBuf,
    /// The folder of all proposals, from the root; empty for the root itself.
    pub home: String,
    /// The registry, from the root.
    pub registry: String,
    /// The folder of the repository's own templates.
    pub templates: String,
    /// Whether `stepgate.toml` says where proposals stand.
    told: bool,
}

/// A document that is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// What its name says.
    pub name: Name,
    /// From the root.
    pub path: String,
}

impl Shelf {
    /// The shelf of a repository, for a proposal that does not exist yet.
    pub fn of(root: &Path, settings: &RepositorySettings) -> Self {
        let documents = &settings.documents;
        let text = |path: &Option<crate::config::Traced<PathBuf>>| {
            let path = path.as_ref()?.value.to_string_lossy().into_owned();
            Some(path.trim_start_matches("./").trim_end_matches('/').to_owned())
        };
        let told = text(&documents.folder);
        let home = told.clone().unwrap_or_else(|| HOME.to_owned());
        Self {
            root: root.to_path_buf(),
            registry: text(&documents.registry).unwrap_or_else(|| join(&home, "README.md")),
            templates: text(&documents.templates).unwrap_or_else(|| TEMPLATES.to_owned()),
            home,
            told: told.is_some(),
        }
    }

    /// The shelf that a plan stands on: what the repository says, else what the plan's folder says.
    pub fn around(root: &Path, settings: &RepositorySettings, plan: &str) -> Self {
        let mut shelf = Self::of(root, settings);
        let folder = folder_of(plan);
        let staged = Stage::of_folder(last(folder)).is_some();
        if !shelf.told {
            shelf.home = if staged { folder_of(folder) } else { folder }.to_owned();
            if settings.documents.registry.is_none() {
                shelf.registry = join(&shelf.home, "README.md");
            }
        }
        shelf
    }

    /// Where documents of a stage stand that stand in `now`. Where the repository has no folder of the stage they stay;
    /// for what is finished it gets one, where its proposals stand in folders of stages.
    pub fn folder(&self, stage: Stage, now: &str) -> String {
        let folder = join(&self.home, stage.folder());
        let staged = self.is_staged(now);
        let there = self.root.join(&folder).is_dir();
        let made = stage == Stage::Implemented && (staged || (self.told && self.holds(now)));
        if there || made { folder } else { now.to_owned() }
    }

    /// Whether a folder is this shelf's folder of some stage.
    pub fn is_staged(&self, folder: &str) -> bool {
        Stage::ALL
            .iter()
            .any(|stage| join(&self.home, stage.folder()) == folder)
    }

    fn holds(&self, folder: &str) -> bool {
        Path::new(folder).starts_with(&self.home)
    }

    /// Every document of a proposal that stands here: in the folder of all proposals, and in the folders of stages.
    pub fn documents(&self) -> Vec<Known> {
        let mut known = Vec::new();
        let mut folders = vec![self.home.clone()];
        folders.extend(Stage::ALL.iter().map(|stage| join(&self.home, stage.folder())));
        for folder in folders {
            let Ok(entries) = std::fs::read_dir(self.root.join(&folder)) else {
                continue;
            };
            for entry in entries.flatten() {
                let file = entry.file_name().to_string_lossy().into_owned();
                if let Some(name) = Name::parse(&file) {
                    known.push(Known {
                        name,
                        path: join(&folder, &file),
                    });
                }
            }
        }
        known.sort_by(|one, other| one.path.cmp(&other.path));
        known
    }

    /// Refuses two proposals of one number; exit 3. `only` looks at one id.
    pub fn check_numbers(&self, only: Option<&Id>) -> Result<(), Failure> {
        let known = self.documents();
        let wanted = |one: &&Known| only.is_none_or(|id| id.is(&one.name.id));
        for (at, one) in known.iter().enumerate().filter(|(_, one)| wanted(one)) {
            let clash = |other: &&Known| {
                let twice = other.name.role == one.name.role;
                other.name.id.is(&one.name.id) && (other.name.slug != one.name.slug || twice)
            };
            if let Some(other) = known[at + 1..].iter().find(clash) {
                let text = format!("two proposals have the number {}", one.name.id.digits());
                return Err(Failure::new(Exit::Invalid, "duplicate-proposal", text)
                    .found(format!("`{}` and `{}`", one.path, other.path))
                    .help(
                        "give one of them another number, in its name and in its title; nothing was changed",
                    ));
            }
        }
        Ok(())
    }
}
