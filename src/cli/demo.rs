use std::fs;
use std::path::{Path, PathBuf};

use clap::Args;

use super::World;
use super::global::Global;
use super::run::{Hold, UnattendedArgs, finish, hold};
use super::setup::{SessionChoice, Setup};
use super::tell::tell;
use crate::assets;
use crate::interrupt::Interrupt;
use crate::session::Ending;
use crate::words::{Exit, Failure, shell_word};

/// Try it: a session on a bundled sample project with a built-in mock model; no key, no network, no set-up
#[derive(Debug, Args)]
pub(crate) struct DemoArgs {
    /// Put the sample here and keep it [default: a temporary folder, which is removed]
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
    /// Ask nobody, also at a terminal
    #[arg(long)]
    unattended: bool,
    /// Print events on standard output, a JSON document a line
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(args: &DemoArgs, global: &Global, world: &World) -> Result<Exit, Failure> {
    // Before the folder is made, so that no signal leaves it behind.
    let interrupt = Interrupt::listen()?;
    let goes_on = args.dir.as_ref().map_or_else(String::new, |folder| {
        format!(
            "left; `stepgate demo --dir {}` goes on here\n",
            shell_word(folder)
        )
    });
    interrupt.last_words(&goes_on);
    let temporary;
    let (folder, mut global) = match &args.dir {
        Some(folder) => (folder.clone(), global.clone()),
        None => {
            temporary = tempfile::Builder::new()
                .prefix("stepgate-demo-")
                .tempdir()
                .map_err(|error| Failure::io("make a folder in", &std::env::temp_dir(), &error))?;
            interrupt.remove_when_leaving(temporary.path());
            let mut global = global.clone();
            // What is remembered of a folder that goes away goes with it; so the demo needs no home.
            global
                .state_dir
                .get_or_insert_with(|| temporary.path().join("state"));
            (temporary.path().join("tally"), global)
        }
    };
    lay_out(&folder)?;
    let plan = folder.join(assets::SAMPLE_PLAN);
    global.root = Some(folder);
    let setup = Setup::open(world, &global, &plan, Some("manual".to_owned()))?;
    let _lock = setup.lock()?;
    let who = setup.who.clone();
    let choice = SessionChoice::default();
    let desk = setup.desk(Setup::demo_delivery()?, &choice, interrupt)?;
    // The lists of the sample are about the sample, and whoever starts the demo vouches for them.
    let unattended = args.unattended || !world.interactive;
    let unattended = UnattendedArgs {
        unattended,
        attest: unattended,
        stale: None,
        attempts: 3,
    };
    let ending = hold(
        Hold {
            desk,
            who,
            unattended,
            json: args.json,
        },
        world,
    )?;
    if matches!(ending, Ending::Left | Ending::Interrupted(_)) {
        tell(&goes_on);
    }
    if matches!(ending, Ending::Complete { .. }) && args.dir.is_none() {
        tell("the sample was in a temporary folder; `stepgate demo --dir DIR` keeps it\n");
    }
    finish(ending)
}

/// Copies the sample into a folder. One that holds the sample already is gone on with; any other content is refused.
fn lay_out(folder: &Path) -> Result<(), Failure> {
    if folder.join(assets::SAMPLE_PLAN).is_file() {
        return Ok(());
    }
    fs::create_dir_all(folder).map_err(|error| Failure::io("make", folder, &error))?;
    let mut content = fs::read_dir(folder).map_err(|error| Failure::io("look into", folder, &error))?;
    if content.next().is_some() {
        let text = format!("`{}` is not empty, and the sample is not in it", folder.display());
        return Err(
            Failure::new(Exit::Usage, "not-empty", text).help("name a folder that is empty or not there")
        );
    }
    // The plan last: it is what tells a whole copy from one that was cut off.
    let mut files = assets::sample();
    files.sort_by_key(|file| file.path == assets::SAMPLE_PLAN);
    for file in files {
        let path = folder.join(file.path);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).map_err(|error| Failure::io("make", parent, &error))?;
        }
        fs::write(&path, file.bytes).map_err(|error| Failure::io("write", &path, &error))?;
    }
    Ok(())
}
