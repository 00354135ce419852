use std::path::PathBuf;

use clap::{Args, ValueEnum};
use serde::{Serialize, Serializer};

use super::World;
use super::global::Global;
use super::plans::{self, Named};
use super::setup::Setup;
use super::tell::tell;
use crate::documents;
use crate::lint::{Fix, Lint, Tree};
use crate::plan::{Plan, Splice};
use crate::plan_file::PlanFile;
use crate::ui::{Sarif, annotation, diagnostics, difference};
use crate::words::{Diagnostic, Exit, Failure, Level};

/// Tell everything that is wrong with plans, with line and column
#[derive(Debug, Args)]
pub(crate) struct LintArgs {
    /// Plans, or folders with plans
    #[arg(required = true)]
    paths: Vec<PathBuf>,
    /// How findings are told
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Return 3 for warnings too
    #[arg(long)]
    deny_warnings: bool,
    /// Mend what is mechanical and safe, shown as a diff; then tell what is left
    #[arg(long)]
    fix: bool,
    /// With --fix: show the diff and write nothing
    #[arg(long, requires = "fix")]
    dry_run: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// The line of each finding, with a caret under the place
    Text,
    /// One JSON document
    Json,
    /// A SARIF 2.1.0 log, for code review sites
    Sarif,
    /// Annotations for GitHub Actions
    Github,
}

#[derive(Serialize)]
struct Document {
    schema: &'static str,
    files: Vec<FileView>,
    errors: usize,
    warnings: usize,
    /// Files of folders that were passed over.
    templates: Vec<String>,
}

#[derive(Serialize)]
struct FileView {
    path: String,
    #[serde(serialize_with = "one_by_one")]
    findings: Findings,
}

/// What was found in a file: its lint, or why it cannot be read.
enum Findings {
    Lint(Box<Lint>),
    Unread(Vec<Diagnostic>),
}

#[derive(Serialize)]
struct FindingView {
    rule: &'static str,
    level: Level,
    message: String,
    line: Option<usize>,
    column: Option<usize>,
    length: Option<usize>,
    found: Option<String>,
    help: Vec<String>,
}

impl From<Diagnostic> for FindingView {
    fn from(diagnostic: Diagnostic) -> Self {
        let place = diagnostic.place.as_ref();
        Self {
            rule: diagnostic.rule,
            level: diagnostic.level,
            line: place.map(|place| place.line),
            column: place.map(|place| place.column),
            length: place.map(|place| place.length),
            message: diagnostic.message,
            found: diagnostic.found,
            help: diagnostic.help,
        }
    }
}

/// Makes each finding when it is written: there may be more of them than fit into memory.
fn one_by_one<S: Serializer>(findings: &Findings, serializer: S) -> Result<S::Ok, S::Error> {
    match findings {
        Findings::Lint(lint) => serializer.collect_seq(lint.diagnostics().map(FindingView::from)),
        Findings::Unread(why) => serializer.collect_seq(why.iter().cloned().map(FindingView::from)),
    }
}

/// What was found so far.
#[derive(Default)]
struct Count {
    files: usize,
    errors: usize,
    warnings: usize,
    /// Files of folders that were passed over.
    templates: Vec<String>,
    /// A disk that fails is not the plan's fault.
    io: bool,
}

/// Looks at each plan and tells what is wrong with it. Exit 3 when a plan is refused.
pub(super) fn run(args: &LintArgs, global: &Global, world: &World) -> Result<Exit, Failure> {
    let (files, failures) = plans::find(&args.paths);
    if args.fix {
        for file in &files {
            mend(file, args.dry_run, global, world)?;
        }
    }
    let mut count = Count {
        io: !failures.is_empty(),
        ..Count::default()
    };
    for failure in failures {
        tell(&diagnostics::failure(&failure, world.stderr_colour));
        count.errors += 1;
    }
    match args.format {
        Format::Text => text(&files, &args.paths, world, &mut count)?,
        Format::Json => json(&files, world, &mut count)?,
        Format::Sarif => {
            let log = Sarif::of(each(&files, world, &mut count));
            world.print_json(&log)?;
        }
        Format::Github => {
            let lines = each(&files, world, &mut count).map(|(path, found)| annotation(&path, &found));
            world.print(&lines.collect::<String>())?;
        }
    }
    if args.format != Format::Text {
        tell_apart(&args.paths, &count);
    }
    let denied = args.deny_warnings && (count.warnings > 0 || count.files == 0);
    Ok(if count.io {
        Exit::LocalIo
    } else if count.errors > 0 || denied {
        Exit::Invalid
    } else {
        Exit::Done
    })
}

/// Tells what was left out, and that there was nothing to look at: beside the data.
fn tell_apart(paths: &[PathBuf], count: &Count) {
    if let Some(line) = plans::left_out(&count.templates) {
        tell(&line);
    }
    if count.files == 0 && count.errors == 0 {
        tell(&plans::none_in(paths));
    }
}

fn text(files: &[Named], paths: &[PathBuf], world: &World, count: &mut Count) -> Result<(), Failure> {
    // Millions of findings are written in lumps, and never all kept.
    const LUMP: usize = 64 << 10;
    let mut lump = String::new();
    for findings in files.iter().filter_map(|file| look(file, world, count)) {
        let mut tell = |diagnostic: Diagnostic| {
            lump.push_str(&diagnostics::render(&diagnostic, world.stdout_colour));
            lump.push('\n');
            if lump.len() < LUMP {
                Ok(())
            } else {
                world.print(&std::mem::take(&mut lump))
            }
        };
        match findings {
            Findings::Lint(lint) => lint.diagnostics().try_for_each(&mut tell)?,
            Findings::Unread(why) => why.into_iter().try_for_each(&mut tell)?,
        }
    }
    world.print(&lump)?;
    tell_apart(paths, count);
    if count.files == 0 && count.errors == 0 {
        return Ok(());
    }
    let plural = |number: usize, word: &str| format!("{number} {word}{}", if number == 1 { "" } else { "s" });
    let (errors, warnings) = (plural(count.errors, "error"), plural(count.warnings, "warning"));
    tell(&format!(
        "{errors}, {warnings} in {}\n",
        plural(count.files, "plan")
    ));
    Ok(())
}

fn json(files: &[Named], world: &World, count: &mut Count) -> Result<(), Failure> {
    let view = |file: &Named| {
        let findings = look(file, world, count)?;
        Some(FileView {
            path: file.path.display().to_string(),
            findings,
        })
    };
    let files = files.iter().filter_map(view).collect();
    let schema = "stepgate.lint/1";
    world.print_json(&Document {
        schema,
        files,
        errors: count.errors,
        warnings: count.warnings,
        templates: count.templates.clone(),
    })
}

/// Everything that is found, each with the path of its file.
fn each(files: &[Named], world: &World, count: &mut Count) -> impl Iterator<Item = (String, Diagnostic)> {
    let found = files.iter().filter_map(|file| {
        let path = file.path.display().to_string();
        let found: Vec<Diagnostic> = match look(file, world, count)? {
            Findings::Lint(lint) => lint.diagnostics().collect(),
            Findings::Unread(why) => why,
        };
        Some(found.into_iter().map(move |found| (path.clone(), found)))
    });
    found.collect::<Vec<_>>().into_iter().flatten()
}

/// Makes the fixes of a plan, unless it shall only be shown what they would be. The plan is held meanwhile, as a session
/// holds it.
fn mend(file: &Named, dry_run: bool, global: &Global, world: &World) -> Result<(), Failure> {
    // What cannot be read is told by the lint that follows.
    let Some(Ok(reading)) = file.read() else {
        return Ok(());
    };
    if file.is_template(&reading) {
        return Ok(());
    }
    let lint = Lint::of(&reading.plan, reading.source, None);
    if lint.fixes().is_empty() {
        return Ok(());
    }
    let before = lint.source().text();
    let after = Fix::all(lint.fixes(), before);
    let path = file.path.display().to_string();
    world.print(&difference(&path, before, &after, world.stdout_colour))?;
    if dry_run {
        return Ok(());
    }
    let setup = Setup::open(world, global, &file.path, None)?;
    let _lock = setup.lock()?;
    setup.file.splice(&Splice {
        span: 0..before.len(),
        from: before.to_owned(),
        to: after,
    })
}

/// Reads a plan and looks what is wrong with it; `None` for a file that is no plan, or a template.
fn look(file: &Named, world: &World, count: &mut Count) -> Option<Findings> {
    let read = file.read()?;
    if let Ok(reading) = &read
        && file.is_template(reading)
    {
        count.templates.push(file.path.display().to_string());
        return None;
    }
    count.files += 1;
    Some(match read {
        Ok(reading) => {
            let lint = Lint::of(
                &reading.plan,
                reading.source,
                tree_of(file, &reading.plan, world).as_ref(),
            );
            count.errors += lint.errors();
            count.warnings += lint.warnings();
            Findings::Lint(Box::new(lint))
        }
        Err(failure) => {
            count.io |= failure.exit != Exit::Invalid;
            count.errors += failure.diagnostics.len();
            Findings::Unread(failure.diagnostics)
        }
    })
}

/// Where a plan lies, so that it is looked whether what it names is there.
fn tree_of(file: &Named, plan: &Plan, world: &World) -> Option<Tree> {
    let file = PlanFile::find(&file.path).ok()?;
    let root = documents::root_of(plan, &file, world.current.as_deref());
    Some(Tree::new(root, file.real().parent()?.to_path_buf()))
}
