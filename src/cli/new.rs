use std::path::{Path, PathBuf};

use clap::Args;

use super::World;
use super::documents::{CellArgs, mover, one_line, shown, today};
use super::global::Global;
use super::tell::tell;
use crate::config::{Config, RepositorySettings};
use crate::moving::{Beginning, Shelf, Shift, begin};
use crate::state::MoveKind;
use crate::words::{Exit, Failure, shell_word};

/// Begin a proposal: write its three documents, with the format's headings, hints and boxes, and its row in the registry
#[derive(Debug, Args)]
pub(crate) struct NewArgs {
    /// The id, such as EP-0007 or 7, or `next` for the next free number
    id: String,
    /// The title
    title: String,
    #[command(flatten)]
    cells: CellArgs,
    /// Show what would be written and write nothing
    #[arg(long)]
    dry_run: bool,
}

pub(crate) fn run(args: &NewArgs, global: &Global, world: &World) -> Result<Exit, Failure> {
    let title = one_line(&args.title)?;
    let config = Config::load(&world.environment, &global.flags(None))?;
    let root = root(global, world)?;
    let settings = RepositorySettings::load(&root)?;
    let mut mover = mover(&config, &root, world)?;
    mover.settle(false)?;
    let shelf = Shelf::of(mover.root().path(), &settings);
    let begun = begin(&Beginning {
        root: mover.root(),
        shelf: &shelf,
        id: Some(args.id.as_str()).filter(|id| *id != "next"),
        title: &title,
        today: &today(),
        cells: &args.cells.by_heading(),
    })?;
    if args.dry_run {
        world.print(&shown(&begun.changes, world.stdout_colour))?;
        return Ok(Exit::Done);
    }
    mover.carry_out(&Shift {
        kind: MoveKind::New,
        plan: None,
        changes: begun.changes,
        moves: Vec::new(),
    })?;
    let mut lines = String::new();
    for path in &begun.documents {
        lines.push_str(&format!("{path}\n"));
    }
    world.print(&lines)?;
    let first = begun.documents.first().map_or("", String::as_str);
    tell(&format!(
        "{} is begun; `stepgate lint {}` names what is to be filled in\n",
        begun.id,
        shell_word(Path::new(begun.documents.last().map_or(first, String::as_str)))
    ));
    Ok(Exit::Done)
}

/// The repository that the process stands in: the nearest folder above with `.git` or `stepgate.toml`, else the folder
/// itself.
fn root(global: &Global, world: &World) -> Result<PathBuf, Failure> {
    if let Some(root) = &global.root {
        return Ok(root.clone());
    }
    let Some(current) = &world.current else {
        return Err(Failure::new(
            Exit::LocalIo,
            "no-folder",
            "the folder that the process stands in is gone",
        )
        .help("name the repository with `--root DIR`"));
    };
    let marked = current
        .ancestors()
        .find(|folder| folder.join(".git").exists() || folder.join("stepgate.toml").is_file());
    Ok(marked.unwrap_or(current).to_path_buf())
}
