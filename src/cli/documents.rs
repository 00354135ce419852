//! What `new`, `promote` and `finish` have in common: the mover of a repository, and what its changes look like.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use clap::Args;

use super::World;
use super::setup::who;
use super::tell::tell;
use crate::config::Config;
use crate::moving::{Mover, Settled};
use crate::state::{Holder, MoveKind, StateDir};
use crate::tree::Change;
use crate::ui::difference;
use crate::words::{Exit, Failure};

/// What the registry is to say where stepgate cannot know it.
#[derive(Debug, Clone, Args)]
pub(crate) struct CellArgs {
    /// What a column of the registry is to hold, such as `Owner=me`; may be given more than once
    #[arg(long = "cell", value_name = "COLUMN=TEXT", value_parser = cell)]
    cells: Vec<(String, String)>,
}

impl CellArgs {
    /// By the headings of columns in lowercase.
    pub(crate) fn by_heading(&self) -> BTreeMap<String, String> {
        self.cells.iter().cloned().collect()
    }
}

fn cell(text: &str) -> Result<(String, String), String> {
    let (column, value) = text.split_once('=').ok_or("write it as COLUMN=TEXT")?;
    Ok((column.trim().to_lowercase(), value.trim().to_owned()))
}

/// The mover of a repository.
pub(crate) fn mover(config: &Config, root: &Path, world: &World) -> Result<Mover, Failure> {
    let path = config.state_dir()?.value.clone();
    let state = StateDir::new(path.clone());
    let since = jiff::Zoned::now().strftime("%Y-%m-%d %H:%M:%S").to_string();
    let holder = Holder {
        pid: std::process::id(),
        host: who(world).host,
        since,
    };
    Mover::open(&state, &path, root, &holder)
}

/// What became of a change that a crash cut off, for the command that finds it.
pub(crate) struct Resumed {
    /// What it was, where it is complete now.
    pub(crate) completed: Option<MoveKind>,
    /// The plan that the user named, where it stands now.
    pub(crate) plan: PathBuf,
}

/// Completes or puts back what a crash cut off in the repository of `plan`, and says where the plan is. Every command that
/// works on a plan for longer begins with it.
pub(crate) fn resume(config: &Config, plan: &Path, forget: bool, world: &World) -> Result<Resumed, Failure> {
    let nothing = Resumed {
        completed: None,
        plan: plan.to_path_buf(),
    };
    let absolute = std::path::absolute(plan).unwrap_or_else(|_| plan.to_path_buf());
    // The plan may be gone: its folder, or the one above, leads to the repository.
    let real = absolute.ancestors().find_map(|path| path.canonicalize().ok());
    let Some(real) = real else { return Ok(nothing) };
    let Ok(directory) = config.state_dir() else {
        return Ok(nothing);
    };
    let state = StateDir::new(directory.value.clone());
    let Some(root) = Mover::interrupted(&state, &real)? else {
        return Ok(match whereabouts(&state, &absolute, &real)? {
            Some(plan) => Resumed {
                completed: None,
                plan,
            },
            None => nothing,
        });
    };
    let mut mover = mover(config, &root, world)?;
    match mover.settle(forget)? {
        Settled::Nothing => Ok(nothing),
        Settled::PutBack(kind) => {
            tell(&format!(
                "{} was cut off; everything is as it was before it\n",
                word(kind)
            ));
            Ok(nothing)
        }
        Settled::Completed(kind, moved) => {
            tell(&format!("{} was cut off; it is complete now\n", word(kind)));
            let mut plan = plan.to_path_buf();
            if let Some((from, to)) = moved
                && !plan.exists()
                && absolute.ends_with(&from)
            {
                plan = root.join(to);
                tell(&format!("the plan stands in `{}` now\n", plan.display()));
            }
            Ok(Resumed {
                completed: Some(kind),
                plan,
            })
        }
    }
}

/// Where a plan that is gone went, where it is known.
fn whereabouts(state: &StateDir, absolute: &Path, real: &Path) -> Result<Option<PathBuf>, Failure> {
    if absolute.exists() {
        return Ok(None);
    }
    // The folders that are there by their true names, the rest as it was written.
    let rest = absolute.components().count();
    let there = absolute
        .ancestors()
        .find(|path| path.exists())
        .unwrap_or(absolute);
    let rest: PathBuf = absolute
        .components()
        .skip(there.components().count().min(rest))
        .collect();
    let found = Mover::whereabouts(state, &real.join(rest))?;
    if let Some(plan) = &found {
        tell(&format!("the plan stands in `{}` now\n", plan.display()));
    }
    Ok(found)
}

fn word(kind: MoveKind) -> &'static str {
    match kind {
        MoveKind::New => "`stepgate new`",
        MoveKind::Promote => "`stepgate promote`",
        MoveKind::Finish => "`stepgate finish`",
        MoveKind::Undo => "`stepgate finish --undo`",
    }
}

/// Changes as a unified difference, a file after the other; documents that move are named by both of their paths.
pub(crate) fn shown(changes: &[Change], colour: bool) -> String {
    let mut text = String::new();
    for change in changes {
        let path = change.path.as_str();
        if let Some(from) = &change.from {
            text.push_str(&format!("rename from {from}\nrename to {path}\n"));
        }
        let side = |bytes: &Option<Vec<u8>>| {
            String::from_utf8_lossy(bytes.as_deref().unwrap_or_default()).into_owned()
        };
        let (before, after) = (side(&change.before), side(&change.after));
        if before != after {
            text.push_str(&difference(path, &before, &after, colour));
        }
    }
    text
}

/// The day, by the clock and the time zone of the machine.
pub(crate) fn today() -> String {
    jiff::Zoned::now().date().to_string()
}

/// A title or the like that the user gives, on one line.
pub(crate) fn one_line(text: &str) -> Result<String, Failure> {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.is_empty() || crate::words::printable_line(&line) != line {
        return Err(Failure::new(
            Exit::Usage,
            "no-title",
            "the title is empty, or has characters in it that show nothing",
        )
        .help("give it in quotes: `stepgate new next \"Faster search\"`"));
    }
    Ok(line)
}
