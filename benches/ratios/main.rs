//! How long commands take, as ratios to yardsticks that run in turn with them: machines differ, ratios do not.
//!
//! `cargo bench --bench ratios [WORD…]` measures the rows that hold one of the words. Nothing is asserted. Yardsticks are
//! `just` and `mask` on the PATH, and the programs in `$STEPGATE_YARDSTICKS` (or `target/bench-yardsticks/release`); a row
//! whose yardstick is not there says so.
#![expect(clippy::unwrap_used, reason = "a measurement that cannot be made ends here")]

mod export;
#[path = "../support/median.rs"]
mod median;
mod plans;
#[path = "../support/took.rs"]
mod took;
#[path = "../support/words.rs"]
mod words;
#[path = "../support/yardsticks.rs"]
mod yardsticks;

use std::env;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use median::median;
use plans::Steps;
use stepgate::plan::{Checkbox, Tick};
use stepgate::plan_file::PlanFile;
use took::Took;
use words::Words;

/// Measures a row: what is to be printed of it, or which yardstick is not there.
type Measure = fn(&Bench) -> Result<String, String>;

fn main() {
    if took::was_once() {
        return;
    }
    let words = Words::given();
    let bench = Bench::new();
    let rows: [(&str, &str, Measure); 11] = [
        ("start-up: `--version` / `just --version`", "1.0", start_up),
        (
            "status of 1,000 short steps / `mask --help` of 1,000 tasks",
            "0.5",
            |bench| many_steps(bench, "short", Steps::Short),
        ),
        (
            "status of 1,000 whole steps / `mask --help` of 1,000 tasks",
            "",
            |bench| many_steps(bench, "whole", Steps::Whole),
        ),
        (
            "status of 105 MB / one pulldown-cmark pass",
            "1.5, memory 2.2x the file",
            status_of_large_plan,
        ),
        (
            "show --json of 105 MB / one pulldown-cmark pass",
            "",
            show_of_large_plan,
        ),
        ("tick in 60 KB, synced / rewriting the file", "1.0", |bench| {
            tick(bench, 60_000)
        }),
        ("tick in 105 MB, synced / rewriting the file", "1.0", |bench| {
            tick(bench, 105_000_000)
        }),
        (
            "export of 10,000 prompts as openai-batch / writing one file",
            "1.2",
            |bench| export::export(bench, "openai-batch", "jsonl"),
        ),
        (
            "export of 10,000 prompts as anthropic-batch / writing one file",
            "1.2",
            |bench| export::export(bench, "anthropic-batch", "jsonl"),
        ),
        (
            "export of 10,000 prompts as json / writing one file",
            "1.2",
            |bench| export::export(bench, "json", "jsonl"),
        ),
        (
            "export of 10,000 prompts as md / writing 10,000 files",
            "",
            |bench| export::export(bench, "md", "files"),
        ),
    ];
    for (name, goal, measure) in rows {
        if !words.want(name) {
            continue;
        }
        let goal = if goal.is_empty() {
            String::new()
        } else {
            format!("  (goal: at most {goal})")
        };
        println!("{name}{goal}");
        match measure(&bench) {
            Ok(told) => println!("{told}"),
            Err(missing) => println!("    skipped: {missing}"),
        }
    }
}

/// Where everything is that is measured.
struct Bench {
    folder: PathBuf,
}

impl Bench {
    fn new() -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("ratios");
        fs::create_dir_all(folder.join("home")).unwrap();
        Self { folder }
    }

    /// A file of the bench, made the first time.
    fn file(&self, name: &str, make: impl FnOnce() -> String) -> PathBuf {
        let path = self.folder.join(name);
        if !path.exists() {
            fs::write(&path, make()).unwrap();
        }
        path
    }

    fn plan(&self, size: usize) -> PathBuf {
        self.file(&format!("plan-{size}.md"), || plans::plan_of(size))
    }

    /// Runs programs in turn, each so many times after a first that does not count; what each took in the median.
    fn in_turn<const N: usize>(&self, rounds: usize, commands: [&[&OsStr]; N]) -> [Took; N] {
        let mut took: [Vec<Took>; N] = [const { Vec::new() }; N];
        for round in 0..=rounds {
            for (command, took) in commands.iter().zip(&mut took) {
                let run = self.run(command);
                if round > 0 {
                    took.push(run);
                }
            }
        }
        took.map(|runs| Took::median(&runs))
    }

    fn run(&self, command: &[&OsStr]) -> Took {
        Took::of(&self.folder, command)
    }
}

fn start_up(bench: &Bench) -> Result<String, String> {
    let just = on_path("just")?;
    let [ours, theirs] = bench.in_turn(
        101,
        [
            &[stepgate(), "--version".as_ref()],
            &[just.as_ref(), "--version".as_ref()],
        ],
    );
    Ok(compare(ours, theirs))
}

fn many_steps(bench: &Bench, name: &str, steps: Steps) -> Result<String, String> {
    let mask = on_path("mask")?;
    let plan = bench.file(&format!("plan-1000-{name}.md"), || {
        plans::plan(steps, 1_000, usize::MAX)
    });
    let tasks = bench.file("maskfile.md", || plans::maskfile(1_000));
    let [ours, theirs] = bench.in_turn(
        51,
        [
            &[stepgate(), "status".as_ref(), plan.as_ref()],
            &[
                mask.as_ref(),
                "--maskfile".as_ref(),
                tasks.as_ref(),
                "--help".as_ref(),
            ],
        ],
    );
    Ok(compare(ours, theirs))
}

fn status_of_large_plan(bench: &Bench) -> Result<String, String> {
    large(bench, &["status"])
}

fn show_of_large_plan(bench: &Bench) -> Result<String, String> {
    large(bench, &["show", "--json"])
}

/// A command on a plan of 105 MB against one pass of the parser over it.
fn large(bench: &Bench, words: &[&str]) -> Result<String, String> {
    let parser = yardstick("mdparse")?;
    let plan = bench.plan(105_000_000);
    let mut command: Vec<&OsStr> = vec![stepgate()];
    command.extend(words.iter().map(OsStr::new));
    command.push(plan.as_ref());
    let (mut ours, mut memory, mut theirs) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..=5 {
        let run = bench.run(&command);
        // It reads the file once and tells the speed of five passes.
        let said = Command::new(&parser)
            .args(["pulldown-tasks", "1"])
            .arg(&plan)
            .output()
            .unwrap();
        let said = String::from_utf8(said.stdout).unwrap();
        if round > 0 {
            ours.push(run.milliseconds);
            memory.push(run.mebibytes);
            theirs.push(number_after(&said, "MB=") / number_after(&said, "median ") * 1e3);
        }
    }
    #[expect(clippy::cast_precision_loss, reason = "a figure to look at")]
    let size = fs::metadata(&plan).unwrap().len() as f64 / f64::from(1 << 20);
    let (ours, theirs, memory) = (median(ours), median(theirs), median(memory));
    Ok(format!(
        "    {:.2}x   {ours:.0} ms / {theirs:.0} ms   memory {memory:.0} MiB, {:.2}x the file",
        ours / theirs,
        memory / size
    ))
}

/// A tick: the act alone in this process, and the whole command, against reading the file, changing a byte in memory,
/// writing it anew, syncing and renaming.
fn tick(bench: &Bench, size: usize) -> Result<String, String> {
    let floor = yardstick("iofloor")?;
    let plan = bench.plan(size);
    let file = PlanFile::find(&plan).unwrap();
    let of = |to: bool| {
        let reading = file.read().unwrap();
        let (_, step) = reading.plan.steps().next().unwrap();
        let first: &Checkbox = &step.tasks[0];
        Tick::of(first, to, &reading.source)
    };
    // Both ways, so that it can go to and fro.
    let there = of(true).into_iter().collect::<Vec<_>>();
    file.tick(&there).unwrap();
    let back = of(false).into_iter().collect::<Vec<_>>();
    file.tick(&back).unwrap();
    let other = bench.file(&format!("rewritten-{size}.md"), || {
        fs::read_to_string(&plan).unwrap()
    });
    let (mut act, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..5 {
        for ticks in [&there, &back, &there, &back] {
            let begun = Instant::now();
            file.tick(ticks).unwrap();
            act.push(begun.elapsed().as_secs_f64() * 1e3);
        }
        let said = Command::new(&floor)
            .arg("checkoff")
            .arg(&other)
            .arg("fsync")
            .output()
            .unwrap();
        let said = String::from_utf8(said.stdout).unwrap();
        theirs.push(number_after(
            said.split("total").nth(1).unwrap_or_default(),
            "median ",
        ));
    }
    let words = |word: &'static str| -> [&OsStr; 6] {
        [
            stepgate(),
            word.as_ref(),
            plan.as_ref(),
            "1.1".as_ref(),
            "--task".as_ref(),
            "1".as_ref(),
        ]
    };
    let rounds = if size > 1_000_000 { 5 } else { 31 };
    let [command, _] = bench.in_turn(rounds, [&words("tick"), &words("untick")]);
    let (act, theirs) = (median(act), median(theirs));
    Ok(format!(
        "    {:.2}x   {act:.2} ms / {theirs:.2} ms   the whole command {:.2}x, {:.1} ms",
        act / theirs,
        command.milliseconds / theirs,
        command.milliseconds
    ))
}

fn stepgate() -> &'static OsStr {
    env!("CARGO_BIN_EXE_stepgate").as_ref()
}

fn compare(ours: Took, theirs: Took) -> String {
    format!(
        "    {:.2}x   {:.2} ms / {:.2} ms   memory {:.1} MiB / {:.1} MiB",
        ours.milliseconds / theirs.milliseconds,
        ours.milliseconds,
        theirs.milliseconds,
        ours.mebibytes,
        theirs.mebibytes
    )
}

fn on_path(name: &str) -> Result<PathBuf, String> {
    let path = env::var_os("PATH").unwrap_or_default();
    let found = env::split_paths(&path)
        .map(|folder| folder.join(name))
        .find(|path| path.is_file());
    found.ok_or_else(|| format!("{name} (not on the PATH)"))
}

fn yardstick(name: &str) -> Result<PathBuf, String> {
    let folder = yardsticks::folder();
    let found = [folder.join(name), folder.join("release").join(name)]
        .into_iter()
        .find(|path| path.is_file());
    found.ok_or_else(|| {
        format!(
            "{name} (not in `{}`; `STEPGATE_YARDSTICKS` names another folder)",
            folder.display()
        )
    })
}

/// The number that stands behind a word.
fn number_after(text: &str, word: &str) -> f64 {
    let rest = text.split_once(word).unwrap().1;
    let end = rest
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .unwrap_or(rest.len());
    rest[..end].parse().unwrap()
}
