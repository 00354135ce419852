use std::num::{NonZeroU64, NonZeroUsize};
use std::path::PathBuf;

use clap::Args;

use super::candidates::{Candidates, Sieve};
use super::consent::agree;
use super::leaving::Leaving;
use super::limits::LimitArgs;
use super::submitted::{LeftOut, document, of_prompts};
use super::yard::{Tally, Yard, settle};
use crate::batch::{Agreement, Part, PartStage, Shelf, Shelved, Staging, Submission, submit};
use crate::cli::World;
use crate::cli::exporting::{ChosenSteps, Progress, files, limits, terms};
use crate::cli::global::Global;
use crate::cli::tell::tell;
use crate::config::{EndpointConfig, EndpointKind, ProviderConfig};
use crate::export::{Book, Export, Format, Manifest, Output, Standing, Told, Wave, Written};
use crate::keys::Key;
use crate::llm::client::BatchClient;
use crate::llm::wire::batch::Engine;
use crate::session::Hindrance;
use crate::words::{Digest, Exit, Failure, counted, printable_line};

/// How many plans are listed before a person is asked.
const LISTED: usize = 40;

/// Submit the prompts of steps that may run now; those that are out or replied to are left out
#[derive(Debug, Args)]
pub(super) struct SubmitArgs {
    /// Plans, or folders with plans
    #[arg(required = true)]
    paths: Vec<PathBuf>,
    /// Where prompts go: a name from the configuration
    #[arg(long, value_name = "NAME")]
    endpoint: Option<String>,
    /// Only steps that may run now: what they depend on is done. This is the default
    #[arg(long)]
    ready: bool,
    /// All steps that are not done, whatever they wait for
    #[arg(long, conflicts_with = "ready")]
    open: bool,
    #[command(flatten)]
    chosen: ChosenSteps,
    /// Vouch, on record, for what steps depend on and only a person can see
    #[arg(long)]
    attest: bool,
    /// Show all that would be submitted, with what it costs, and submit nothing
    #[arg(long)]
    dry_run: bool,
    /// Submit without asking
    #[arg(long, alias = "unattended")]
    yes: bool,
    /// The most requests in a batch, where that is less than the engine takes
    #[arg(long, value_name = "N")]
    max_requests: Option<NonZeroUsize>,
    /// The most bytes of a batch, where that is less than the engine takes
    #[arg(long, value_name = "N")]
    max_bytes: Option<NonZeroU64>,
    #[command(flatten)]
    limits: LimitArgs,
    /// Print a JSON document that tells what was submitted
    #[arg(long)]
    json: bool,
}

/// A wave that is ready to be shown.
struct Staged {
    staging: Staging,
    manifest: Manifest,
    digest: Digest,
}

pub(super) fn run(args: &SubmitArgs, global: &Global, world: &World) -> Result<Exit, Failure> {
    let yard = Yard::open(global, world, args.endpoint.clone())?;
    let endpoint = yard.config.endpoint()?;
    args.limits.can_be_kept(endpoint)?;
    let (config, format) = provider(endpoint)?;
    // A dry run asks no engine, and needs no key.
    let client = match args.dry_run {
        true => None,
        false => Some(client(&endpoint.name, config, &yard, world)?),
    };
    let model = &config.model.value;
    let shelf = Shelf::new(&yard.state);
    let mut tally = Tally::default();
    // Steps of batches that were never made are free again before it is looked which may run. A dry run changes nothing.
    let before = match args.dry_run {
        true => shelf.look()?,
        false => shelf.open()?,
    };
    for shelved in before {
        match shelved {
            Shelved::Open(mut submission) => settle(&mut submission, &yard, &mut tally, world)?,
            Shelved::Seen(submission) if args.dry_run => match submission.unsettled() {
                Ok(notes) => notes.iter().for_each(|note| tell(&format!("{note}\n"))),
                Err(failure) => tally.tell(&failure, world.stderr_colour)?,
            },
            Shelved::Seen(_) => {}
            Shelved::Damaged(_, failure) => tally.tell(&failure, world.stderr_colour)?,
        }
    }
    let sieve = Sieve::default();
    let (staged, written) = stage(args, global, world, &yard, (format, &shelf, &sieve))?;
    let left_out: Vec<LeftOut> = sieve
        .take()
        .into_iter()
        .map(|(plan, step, why)| LeftOut { plan, step, why })
        .collect();
    if let Some(written) = &written {
        tally.note_unless_done(written.exit);
    }
    let listed = if args.dry_run { usize::MAX } else { LISTED };
    tell(&told_left_out(&left_out, args.dry_run));
    let Some(staged) = staged else {
        tell("nothing to submit\n");
        if args.json {
            world.print_json(&document(endpoint, model, None, left_out, args.dry_run))?;
        }
        return Ok(tally.exit());
    };
    tell(&shown(&staged, endpoint, listed));
    args.limits.check(&staged.manifest, endpoint)?;
    let Some(mut client) = client else {
        tell("nothing was submitted: this is what would be\n");
        if args.json {
            let would = Some((None, &staged.manifest));
            world.print_json(&document(endpoint, model, would, left_out, true))?;
        }
        return Ok(tally.exit());
    };
    if !args.yes {
        consent(&staged, &yard, world)?;
    }
    let agreement = Agreement {
        endpoint: endpoint.name.clone(),
        url: client.address(),
        model: staged.manifest.model.clone().unwrap_or_default(),
        manifest: staged.digest,
        by: yard.user.clone(),
    };
    let manifest = staged.manifest;
    let attending = yard.interrupt.attend();
    let mut submission = Submission::agree(staged.staging, agreement)?;
    let attested = args.attest.then_some(yard.user.as_str());
    let leaving = Leaving::new(world);
    client.tell(leaving.sent());
    let submitted = submit(&mut submission, &mut client, &yard.dock(), attested, &|way| {
        leaving.show(way);
    });
    leaving.end();
    drop(attending);
    let interrupted = matches!(&submitted, Err(failure) if matches!(failure.exit, Exit::Signal(_)));
    tell(&outcome(&submission, interrupted));
    if args.json {
        let submitted = Some((Some(&submission), &manifest));
        world.print_json(&document(endpoint, model, submitted, left_out, false))?;
    }
    submitted?;
    Ok(tally.exit())
}

/// How an endpoint is set up, and the format that its engine takes.
fn provider(endpoint: &EndpointConfig) -> Result<(&ProviderConfig, Format), Failure> {
    let name = &endpoint.name;
    let EndpointKind::Provider(config) = &endpoint.kind else {
        return Err(BatchClient::none(name, endpoint.kind.word()));
    };
    match Engine::of(config.dialect) {
        None => Err(BatchClient::none(name, config.dialect.word())),
        Some(Engine::OpenAi) => Ok((config, Format::OpenaiBatch)),
        Some(Engine::Anthropic) => Ok((config, Format::AnthropicBatch)),
    }
}

/// The engine of an endpoint.
fn client(name: &str, config: &ProviderConfig, yard: &Yard, world: &World) -> Result<BatchClient, Failure> {
    let key = Key::of(name, config, &world.environment)?;
    BatchClient::new(name, config, key, yard.interrupt.clone())
}

/// Exports the wave into a folder of its own; nothing is left of it where there is nothing to submit.
fn stage(
    args: &SubmitArgs,
    global: &Global,
    world: &World,
    yard: &Yard,
    (format, shelf, sieve): (Format, &Shelf<'_>, &Sieve),
) -> Result<(Option<Staged>, Option<Written>), Failure> {
    let attending = yard.interrupt.attend();
    let staging = shelf.begin()?;
    let wire = format.wire(yard.config.endpoint()?)?;
    let mut book =
        Book::new(yard.state.clone(), format, wire).rooted(global.root.clone(), world.current.clone())?;
    book.selection = args.chosen.selection(if args.open {
        Standing::Open
    } else {
        Standing::Ready
    });
    book.terms = terms(yard.config.endpoint()?);
    book.wave = Some(Wave {
        mark: staging.mark().to_owned(),
        attested: args.attest,
        outstanding: shelf.outstanding(|_| true)?,
    });
    let files = files(&args.paths)?;
    let dock = yard.dock();
    let candidates = Candidates::of(files, &dock, sieve);
    let export = Export {
        book: &book,
        format,
        limits: limits(format, args.max_requests, args.max_bytes),
        fail_fast: false,
        interrupt: &yard.interrupt,
    };
    let progress = Progress::of(candidates.items.len(), world);
    let mut unkept = None;
    let mut told = |told: Told<'_>| {
        let Some(plan) = progress.show(&told) else { return };
        for (step, why) in &plan.left_out {
            sieve.leave(&plan.path, Some(step), why.words());
        }
        if unkept.is_none() {
            unkept = staging.keep(plan).err();
        }
    };
    let output = Output::Folder(staging.export());
    let written = export.run(&candidates.items, &output, &mut std::io::sink(), &mut told);
    progress.end();
    drop(attending);
    if let Some(failure) = unkept {
        return Err(failure);
    }
    let written = match written {
        Ok(written) => written,
        // That there is nothing to be done now is no mistake. A step that no plan has is one, and fails otherwise.
        Err(failure) if is_nothing(&failure) => return Ok((None, None)),
        Err(failure) => return Err(failure),
    };
    if written.totals.prompts == 0 {
        return Ok((None, Some(written)));
    }
    let (manifest, digest) = staging.manifest()?;
    let staged = Staged {
        staging,
        manifest,
        digest,
    };
    Ok((Some(staged), Some(written)))
}

fn is_nothing(failure: &Failure) -> bool {
    failure
        .diagnostics
        .first()
        .is_some_and(|first| first.rule == "nothing-selected")
}

/// What would be submitted, for a person to look at.
fn shown(staged: &Staged, endpoint: &EndpointConfig, listed: usize) -> String {
    let manifest = &staged.manifest;
    let totals = &manifest.totals;
    let mut text = String::new();
    for plan in manifest.plans.iter().take(listed) {
        let steps: Vec<&str> = plan.steps.iter().map(|step| step.step.as_str()).collect();
        text += &format!("  {}: {}\n", printable_line(&plan.path), steps.join(", "));
    }
    if let Some(more) = manifest.plans.len().checked_sub(listed).filter(|more| *more > 0) {
        let more = counted(more, "plan more", "plans more");
        text += &format!("  and {more}, which `--dry-run` lists\n");
    }
    let price = match endpoint.batch_price() {
        None => "no price is configured".to_owned(),
        Some(price) => format!(
            "about {} at batch price, and {} per million tokens of replies on top",
            printable_line(&of_prompts(totals.tokens, &price).to_string()),
            printable_line(&price.amount(price.output).to_string())
        ),
    };
    let batches = match totals.files {
        1 => String::new(),
        files => format!(", in {files} batches"),
    };
    text += &format!(
        "{} of {} to `{}` for model `{}`{batches}: about {} tokens, {price}\n",
        counted(totals.prompts, "prompt", "prompts"),
        counted(totals.plans, "plan", "plans"),
        endpoint.name,
        printable_line(manifest.model.as_deref().unwrap_or_default()),
        totals.tokens,
    );
    text
}

fn consent(staged: &Staged, yard: &Yard, world: &World) -> Result<(), Failure> {
    if !world.interactive {
        let text = "prompts are submitted only after somebody has agreed, and there is no terminal to ask at";
        return Err(Failure::new(Exit::NeedsHuman, "no-terminal", text)
            .help("agree beforehand with `--yes`")
            .help("`--dry-run` lists all that would be submitted, and `stepgate prompt PLAN STEP` prints what would be sent"));
    }
    let verb = match staged.manifest.totals.prompts {
        1 => "submit it".to_owned(),
        prompts => format!("submit all {prompts}"),
    };
    agree(yard, world, "submit these prompts?", (&verb, "submit nothing")).inspect_err(|failure| {
        if failure.exit == Exit::NotPassed {
            tell("nothing was submitted\n");
        }
    })
}

/// What was left out, by why: `all` of it, or some of each.
fn told_left_out(left_out: &[LeftOut], all: bool) -> String {
    let mut whys: Vec<&str> = left_out.iter().map(|left| left.why.as_str()).collect();
    whys.sort_unstable();
    whys.dedup();
    let mut text = String::new();
    for why in whys {
        let of_it: Vec<&LeftOut> = left_out.iter().filter(|left| left.why == why).collect();
        let names = of_it
            .iter()
            .take(if all { usize::MAX } else { 3 })
            .map(|left| match &left.step {
                Some(step) => format!("step {step} of `{}`", printable_line(&left.plan)),
                None => format!("`{}`", printable_line(&left.plan)),
            });
        let names: Vec<String> = names.collect();
        let more = match of_it.len().saturating_sub(names.len()) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        text += &format!("left out, {why}: {}{more}\n", names.join(", "));
        if why == Hindrance::External.words() {
            text +=
                "`stepgate show PLAN STEP` tells what that is, and `--attest` vouches for it, on record\n";
        }
    }
    text
}

/// What became of it. Where a signal ended it, nobody else says what to do.
fn outcome(submission: &Submission, interrupted: bool) -> String {
    let mut text = String::new();
    let asked = |part: &Part| matches!(part.stage, PartStage::Asked { .. });
    for part in &submission.parts {
        let requests = counted(part.requests, "request", "requests");
        text += &match &part.stage {
            PartStage::Made(id) => {
                let id = printable_line(id);
                format!("submitted: batch {} ({id}), {requests}\n", submission.mark)
            }
            PartStage::Asked { .. } => {
                format!(
                    "not known whether it was submitted: batch {}, {requests}\n",
                    submission.mark
                )
            }
            _ => format!("not submitted: {requests}\n"),
        };
    }
    if submission
        .parts
        .iter()
        .any(|part| matches!(part.stage, PartStage::Made(_)))
    {
        text +=
            "`stepgate batch status` tells how far it is, `stepgate batch fetch` brings the replies home\n";
    }
    if interrupted && submission.parts.iter().any(asked) {
        text += "`stepgate batch status` looks for it among the batches that the engine has; nothing is submitted again by itself\n";
    }
    text
}
