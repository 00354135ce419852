use std::num::{NonZeroU64, NonZeroUsize};
use std::path::PathBuf;
use std::time::SystemTime;

use clap::{Args, ValueEnum};
use serde::Serialize;

use super::World;
use super::exporting::{ChosenSteps, Exportable, Progress, Templates, files, limits, terms};
use super::global::Global;
use super::plans::{left_out, some_of};
use super::tell::tell;
use crate::config::{Config, Flags};
use crate::export::{Book, Export, FailedPlan, Format, Manifest, Output, Standing, Told, Totals, Written};
use crate::interrupt::Interrupt;
use crate::outlet;
use crate::state::StateDir;
use crate::words::{Exit, Failure, counted};

/// Write the prompts of plans: to read them, or for a batch engine to run them
#[derive(Debug, Args)]
pub(crate) struct ExportArgs {
    /// Plans, or folders with plans
    #[arg(required = true)]
    paths: Vec<PathBuf>,
    /// What is written
    #[arg(long, value_enum)]
    format: Shape,
    /// The folder to make, or `-` for standard output
    #[arg(short, long, value_name = "DIR")]
    output: PathBuf,
    /// Only steps that are not done
    #[arg(long, conflicts_with = "ready")]
    open: bool,
    /// Only steps that may run now: what they depend on is done
    #[arg(long)]
    ready: bool,
    #[command(flatten)]
    chosen: ChosenSteps,
    /// The endpoint whose requests are meant: its model and its settings
    #[arg(long, value_name = "NAME")]
    endpoint: Option<String>,
    /// The most requests in a file, where that is less than the engine takes
    #[arg(long, value_name = "N")]
    max_requests: Option<NonZeroUsize>,
    /// The most bytes of a file, where that is less than the engine takes
    #[arg(long, value_name = "N")]
    max_bytes: Option<NonZeroU64>,
    /// End at the first plan that cannot be exported, and write nothing
    #[arg(long)]
    fail_fast: bool,
    /// Print a JSON document that tells what was written
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Shape {
    /// A folder a plan, a file a step, with indexes
    Md,
    /// A document a plan
    Json,
    /// Lines for OpenAI's batch engine, which vLLM's and Ray's batch runners read too
    OpenaiBatch,
    /// Documents for Anthropic's message batches
    AnthropicBatch,
}

impl From<Shape> for Format {
    fn from(shape: Shape) -> Self {
        match shape {
            Shape::Md => Self::Md,
            Shape::Json => Self::Json,
            Shape::OpenaiBatch => Self::OpenaiBatch,
            Shape::AnthropicBatch => Self::AnthropicBatch,
        }
    }
}

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    format: &'static str,
    output: String,
    #[serde(flatten)]
    totals: &'a Totals,
    failed: &'a [FailedPlan],
    /// Files of folders that were passed over.
    templates: &'a [String],
}

pub(super) fn run(args: &ExportArgs, global: &Global, world: &World) -> Result<Exit, Failure> {
    let output = match args.output.as_os_str() == "-" {
        true if args.json => {
            let text = "`--json` and `-o -` both want standard output";
            return Err(Failure::new(Exit::Usage, "usage", text).help("name a folder with `-o DIR`"));
        }
        true => Output::Stdout,
        false => Output::Folder(args.output.clone()),
    };
    let format = Format::from(args.format);
    let book = book(args, format, global, world)?;
    let interrupt = Interrupt::listen()?;
    let attending = interrupt.attend();
    // Nothing that goes into a prompt was read before.
    let began = SystemTime::now();
    let templates = Templates::default();
    let files: Vec<Exportable<'_>> = files(&args.paths)?
        .into_iter()
        .map(|named| Exportable {
            named,
            templates: &templates,
        })
        .collect();
    let export = Export {
        book: &book,
        format,
        limits: limits(format, args.max_requests, args.max_bytes),
        fail_fast: args.fail_fast,
        interrupt: &interrupt,
    };
    let progress = Progress::of(files.len(), world);
    let mut told = |told: Told<'_>| {
        progress.show(&told);
    };
    let written = export.run(&files, &output, &mut outlet::stdout(), &mut told);
    progress.end();
    drop(attending);
    drop(files);
    let templates = templates.take();
    if let Some(line) = left_out(&templates) {
        tell(&line);
    }
    let written = written?;
    if let Output::Folder(folder) = &output
        && written.totals.prompts > 0
    {
        // Without a date, more is asked about before replies to it are used, and nothing else.
        let _ = Manifest::date(folder, began);
    }
    if args.json {
        world.print_json(&Document {
            schema: "stepgate.exported/1",
            format: format.word(),
            output: args.output.display().to_string(),
            totals: &written.totals,
            failed: &written.failed,
            templates: &templates,
        })?;
    }
    tell(&summary(&written, &output));
    Ok(written.exit)
}

/// What makes the requests, by the configuration and the flags.
fn book(args: &ExportArgs, format: Format, global: &Global, world: &World) -> Result<Book, Failure> {
    let flags = Flags {
        config: global.config.clone(),
        endpoint: args.endpoint.clone(),
        state_dir: global.state_dir.clone(),
        insecure_http: global.insecure_http,
    };
    let config = Config::load(&world.environment, &flags)?;
    // A name that is none is refused, also where nothing of the endpoint is written.
    let needs_endpoint = args.endpoint.is_some() || format.limits().is_some();
    let wire = match needs_endpoint {
        true => format.wire(config.endpoint()?)?,
        false => None,
    };
    let state = StateDir::new(config.state_dir()?.value.clone());
    let mut book = Book::new(state, format, wire).rooted(global.root.clone(), world.current.clone())?;
    if needs_endpoint {
        book.terms = terms(config.endpoint()?);
    }
    book.selection = args.chosen.selection(match (args.open, args.ready) {
        (_, true) => Standing::Ready,
        (true, false) => Standing::Open,
        (false, false) => Standing::All,
    });
    Ok(book)
}

fn summary(written: &Written, output: &Output) -> String {
    let Totals {
        plans,
        prompts,
        files,
        bytes,
        tokens,
    } = written.totals;
    let failed = match written.failed.len() {
        0 => String::new(),
        count => {
            let names: Vec<&str> = written.failed.iter().map(|plan| plan.path.as_str()).collect();
            let plans = counted(count, "plan was", "plans were");
            format!("; {plans} not exported: {}", some_of(&names))
        }
    };
    if prompts == 0 {
        return format!("nothing was written{failed}\n");
    }
    let place = match output {
        Output::Stdout => "standard output".to_owned(),
        Output::Folder(path) => format!("{} in `{}`", counted(files, "file", "files"), path.display()),
    };
    format!(
        "{} of {}: {bytes} bytes, about {tokens} tokens, to {place}{failed}\n",
        counted(prompts, "prompt", "prompts"),
        counted(plans, "plan", "plans"),
    )
}
