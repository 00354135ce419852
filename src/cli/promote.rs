use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::World;
use super::documents::{CellArgs, mover, resume, shown, today};
use super::global::Global;
use super::setup::Setup;
use super::tell::tell;
use crate::config::Config;
use crate::lint::Lint;
use crate::moving::{Shift, Wanted, relocate};
use crate::plan::Status;
use crate::proposal::Stage;
use crate::state::MoveKind;
use crate::words::{Exit, Failure};

/// Move a proposal on: to review, or to what may be run
#[derive(Debug, Args)]
pub(crate) struct PromoteArgs {
    /// The plan
    plan: PathBuf,
    /// Where to
    #[arg(long, value_enum)]
    to: To,
    #[command(flatten)]
    cells: CellArgs,
    /// Show what would be changed and change nothing
    #[arg(long)]
    dry_run: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, ValueEnum)]
enum To {
    /// People read it
    Review,
    /// It may be run
    Approved,
}

impl To {
    fn status(self) -> &'static str {
        match self {
            Self::Review => "Review",
            Self::Approved => "Approved",
        }
    }

    fn stage(self) -> Stage {
        match self {
            Self::Review => Stage::Pending,
            Self::Approved => Stage::Approved,
        }
    }
}

pub(crate) fn run(args: &PromoteArgs, global: &Global, world: &World) -> Result<Exit, Failure> {
    let config = Config::load(&world.environment, &global.flags(None))?;
    let plan = resume(&config, &args.plan, false, world)?.plan;
    let setup = Setup::open(world, global, &plan, None)?;
    let reading = &setup.reading;
    reading.check()?;
    check_way(args.to, &setup)?;
    setup.file.check_writable()?;
    let _lock = setup.lock()?;
    let mut mover = mover(&config, setup.root.path(), world)?;
    mover.settle(false)?;
    let relocation = relocate(&Wanted {
        root: mover.root(),
        settings: &setup.settings,
        file: &setup.file,
        reading,
        stage: args.to.stage(),
        status: args.to.status(),
        all: true,
        today: &today(),
        ticks: &[],
        cells: &args.cells.by_heading(),
    })?;
    for note in &relocation.notes {
        tell(&format!("{note}\n"));
    }
    if args.dry_run {
        world.print(&shown(&relocation.changes, world.stdout_colour))?;
        return Ok(Exit::Done);
    }
    let left = Lint::of(&reading.plan, setup.file.read()?.source, None).warnings();
    let to = relocation.plan.1.clone();
    mover.carry_out(&Shift {
        kind: MoveKind::Promote,
        plan: Some(relocation.plan),
        changes: relocation.changes,
        moves: relocation.moves,
    })?;
    world.print(&format!("{to}\n"))?;
    let more = if left > 0 {
        format!("; lint has {left} warnings for it")
    } else {
        String::new()
    };
    tell(&format!("its status is {} now{more}\n", args.to.status()));
    Ok(Exit::Done)
}

/// A proposal goes forward only.
fn check_way(to: To, setup: &Setup) -> Result<(), Failure> {
    let (plan, source) = (&setup.reading.plan, &setup.reading.source);
    let field = plan.header.status.as_ref();
    let status = field.map_or("", |span| source.slice(span)).trim();
    let past = match plan.status(source) {
        Status::Early | Status::Unknown => status.eq_ignore_ascii_case(to.status()),
        Status::Approved => true,
        Status::InProgress | Status::Completed => true,
    };
    if field.is_none() {
        return Err(
            Failure::new(Exit::Invalid, "no-status", "the plan's header has no status")
                .help("write `**Status:** Draft` below its title"),
        );
    }
    if past {
        let text = format!(
            "the plan's status is {status}: it is not promoted to {}",
            to.status()
        );
        return Err(
            Failure::new(Exit::Usage, "status", text).at(source.place(&field.cloned().unwrap_or_default()))
        );
    }
    Ok(())
}
