use std::path::{Path, PathBuf};

use clap::Args;

use super::World;
use super::documents::{CellArgs, mover, resume, shown, today};
use super::global::Global;
use super::run::{UnattendedArgs, finish as ended, gate};
use super::setup::{SessionChoice, Setup};
use super::tell::tell;
use crate::config::Config;
use crate::interrupt::Interrupt;
use crate::moving::{Relocation, Wanted, relocate};
use crate::plan::{Address, Status};
use crate::proposal::Stage;
use crate::session::{Closing, Ended, Ending, Session, boxes_of_the_move, steps_done};
use crate::state::MoveKind;
use crate::tree::Root;
use crate::ui::Narrator;
use crate::words::{Exit, Failure, shell_word};

/// Close a proposal whose steps are done: ask for what is left, send the final prompt, move its documents
#[derive(Debug, Args)]
pub(crate) struct FinishArgs {
    /// The plan
    plan: PathBuf,
    /// Run the checks of all steps again first
    #[arg(long, conflicts_with_all = ["dry_run", "undo"])]
    recheck: bool,
    /// Show everything that would be changed and change nothing
    #[arg(long)]
    dry_run: bool,
    /// Take back how the plan was finished: every file is again what it was
    #[arg(long)]
    undo: bool,
    /// Where the final prompt goes: a name from the configuration, or `manual`
    #[arg(long, value_name = "NAME")]
    endpoint: Option<String>,
    /// Leave the final prompt out
    #[arg(long)]
    skip_prompt: bool,
    /// Drop a move of documents that was cut off, and leave all files as they are
    #[arg(long)]
    forget: bool,
    #[command(flatten)]
    cells: CellArgs,
    #[command(flatten)]
    unattended: UnattendedArgs,
}

pub(crate) fn run(args: &FinishArgs, global: &Global, world: &World) -> Result<Exit, Failure> {
    let config = Config::load(&world.environment, &global.flags(args.endpoint.clone()))?;
    let resumed = resume(&config, &args.plan, args.forget, world)?;
    let wanted = if args.undo {
        MoveKind::Undo
    } else {
        MoveKind::Finish
    };
    if resumed.completed == Some(wanted) && !args.dry_run {
        return Ok(Exit::Done);
    }
    let setup = Setup::open(world, global, &resumed.plan, args.endpoint.clone())?;
    setup.reading.check()?;
    if args.undo {
        return undo(args, &setup, &config, world);
    }
    if is_finished(&setup) {
        tell(&format!("`{}` is finished already\n", setup.file.shown()));
        return Ok(Exit::Done);
    }
    if args.dry_run {
        return dry_run(args, &setup, &config, world);
    }
    if !world.interactive && !args.unattended.unattended {
        return Err(no_terminal(&args.plan));
    }
    let interrupt = Interrupt::listen()?;
    let delivery = setup.delivery(world, &interrupt)?;
    let _lock = setup.lock()?;
    let mut mover = mover(&config, setup.root.path(), world)?;
    mover.settle(args.forget)?;
    let (who, settings) = (setup.who.clone(), setup.settings.clone());
    let choice = SessionChoice {
        terms: setup.terms()?,
        ..SessionChoice::default()
    };
    let desk = setup.desk(delivery, &choice, interrupt)?;
    let (mode, mut gate) = gate(&desk, &who, &args.unattended, world);
    let mut narrator = Narrator::new(crate::outlet::stderr(), world.stderr_colour);
    let session = Session::new(desk, &mut *gate, &mut narrator);
    let finished = session.close(
        mode,
        &who,
        Closing {
            mover: &mut mover,
            settings: &settings,
            cells: &args.cells.by_heading(),
            today: &today(),
            recheck: args.recheck,
            skip_prompt: args.skip_prompt,
        },
    )?;
    match finished {
        Ended::Done(to) => {
            world.print(&format!("{to}\n"))?;
            tell(&format!(
                "finished; `stepgate finish --undo {}` takes it back\n",
                shell_word(Path::new(&to))
            ));
            Ok(Exit::Done)
        }
        Ended::Not(ending) => {
            if ending == Ending::Left {
                let plan = shell_word(&args.plan);
                tell(&format!(
                    "left, and nothing was moved; `stepgate finish {plan}` goes on here\n"
                ));
            }
            ended(ending)
        }
    }
}

/// Whether there is nothing left to do: the plan says so, and stands where it belongs.
fn is_finished(setup: &Setup) -> bool {
    let completed = setup.reading.plan.status(&setup.reading.source) == Status::Completed;
    let folder = setup
        .file
        .real()
        .parent()
        .and_then(Path::file_name)
        .and_then(|name| name.to_str());
    completed && folder.and_then(Stage::of_folder) == Some(Stage::Implemented)
}

fn dry_run(args: &FinishArgs, setup: &Setup, config: &Config, world: &World) -> Result<Exit, Failure> {
    let relocation = relocation(args, setup, config)?;
    for note in &relocation.notes {
        tell(&format!("{note}\n"));
    }
    world.print(&shown(&relocation.changes, world.stdout_colour))?;
    Ok(Exit::Done)
}

fn relocation(args: &FinishArgs, setup: &Setup, config: &Config) -> Result<Relocation, Failure> {
    let reading = &setup.reading;
    steps_done(reading)?;
    let ticks: Vec<Address> = boxes_of_the_move(&reading.plan, &reading.source)
        .into_iter()
        .flat_map(|(_, boxes)| boxes)
        .collect();
    let root = Root::open(setup.root.path(), &[config.state_dir()?.value.clone()])?;
    relocate(&Wanted {
        root: &root,
        settings: &setup.settings,
        file: &setup.file,
        reading,
        stage: Stage::Implemented,
        status: "Completed",
        all: false,
        today: &today(),
        ticks: &ticks,
        cells: &args.cells.by_heading(),
    })
}

fn undo(args: &FinishArgs, setup: &Setup, config: &Config, world: &World) -> Result<Exit, Failure> {
    let _lock = setup.lock()?;
    let mut mover = mover(config, setup.root.path(), world)?;
    mover.settle(args.forget)?;
    let real = setup.file.real();
    let path = real
        .strip_prefix(setup.root.path())
        .unwrap_or(real)
        .to_string_lossy()
        .into_owned();
    let shift = mover.undo_of(&path)?;
    if args.dry_run {
        world.print(&shown(&shift.changes, world.stdout_colour))?;
        return Ok(Exit::Done);
    }
    mover.undo(&shift)?;
    let to = shift.plan.map_or(path, |(_, to)| to);
    world.print(&format!("{to}\n"))?;
    tell("taken back; every file is again what it was before\n");
    Ok(Exit::Done)
}

fn no_terminal(plan: &Path) -> Failure {
    let plan = shell_word(plan);
    let text = "closing a proposal asks questions, and there is no terminal to ask them at";
    Failure::new(Exit::NeedsHuman, "no-terminal", text)
        .help(format!(
            "`stepgate finish {plan} --unattended --attest` asks nobody; that is put on record"
        ))
        .help(format!(
            "`stepgate finish {plan} --dry-run` shows what would be changed"
        ))
}
