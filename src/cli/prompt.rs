use std::io::Write as _;
use std::path::PathBuf;

use clap::Args;
use serde::Serialize;

use super::World;
use super::global::Global;
use super::named_step::named_step;
use super::setup::{SessionChoice, Setup};
use crate::config::EndpointKind;
use crate::llm::{Amount, Terms};
use crate::plan::{Phase, Step};
use crate::plan_file::Reading;
use crate::prompt::{LeftOut, Part, Prompt, Template};
use crate::session::{Found, History, Sources, foreseen};
use crate::words::{Exit, Failure, printable_line};

/// Print exactly what would be sent for a step; tokens by part on standard error
#[derive(Debug, Args)]
pub(crate) struct PromptArgs {
    /// The plan
    plan: PathBuf,
    /// The step, such as 1.2
    step: String,
    /// Print a JSON document with the messages and their parts
    #[arg(long, conflicts_with = "body")]
    json: bool,
    /// Print the body of the request, byte for byte, as the endpoint would get it
    #[arg(long)]
    body: bool,
    /// The endpoint whose request is meant
    #[arg(long, value_name = "NAME")]
    endpoint: Option<String>,
}

#[derive(Serialize)]
struct PromptView<'a> {
    schema: &'static str,
    step: &'a str,
    system: &'a str,
    user: &'a str,
    tokens: u64,
    estimated: bool,
    parts: &'a [Part],
    left_out: &'a [LeftOut],
    room: Option<u64>,
    cost: Option<Amount>,
}

pub(crate) fn run(args: &PromptArgs, global: &Global, world: &World) -> Result<Exit, Failure> {
    let setup = Setup::open(world, global, &args.plan, args.endpoint.clone())?;
    let reading = &setup.reading;
    reading.check()?;
    let found = named_step(&reading.plan, &args.step, &args.plan)?;
    // The context of the endpoint decides how much of the documents there is room for.
    let terms = setup.terms()?;
    let prompt = prompt(&setup, reading, found, &terms)?;
    if args.json {
        let request = &prompt.request;
        let view = PromptView {
            schema: "stepgate.prompt/1",
            step: &request.step,
            system: &request.system,
            user: &request.user(),
            tokens: prompt.tokens(),
            estimated: prompt.estimated,
            parts: &prompt.parts,
            left_out: &prompt.left_out,
            room: terms.room(),
            cost: foreseen(&prompt, &terms).cost,
        };
        world.print_json(&view)?;
    } else if args.body {
        let endpoint = setup.config.endpoint()?;
        let EndpointKind::Provider(config) = &endpoint.kind else {
            let text = format!(
                "the endpoint `{}` has no request body: its kind is {}",
                endpoint.name,
                endpoint.kind.word()
            );
            return Err(Failure::new(Exit::Usage, "no-body", text)
                .help("name one of kind `openai`, `openai-responses`, `anthropic` or `ollama` with `--endpoint NAME`"));
        };
        let body = config.encode(&prompt.request);
        world.print(&String::from_utf8_lossy(&body))?;
    } else {
        world.print(&prompt.text())?;
    }
    let table = table(&prompt, &terms);
    // Beside the data: where standard error is gone, nobody asked for it.
    let _ = crate::outlet::stderr().write_all(table.as_bytes());
    Ok(Exit::Done)
}

/// Tokens by part, what was left out, and the price.
fn table(prompt: &Prompt, terms: &Terms) -> String {
    let mut table = String::new();
    for part in &prompt.parts {
        let path = part
            .path
            .as_deref()
            .map(|path| format!(" {path}"))
            .unwrap_or_default();
        table.push_str(&format!("{:>8}  {}{path}\n", part.tokens, part.name));
    }
    let how = if prompt.estimated {
        ", estimated at 4 bytes each"
    } else {
        ""
    };
    let room = terms
        .room()
        .map(|room| format!(", and there is room for {room}"))
        .unwrap_or_default();
    let cost = foreseen(prompt, terms)
        .cost
        .map(|cost| format!("; without the reply {cost}"))
        .unwrap_or_default();
    let tokens = prompt.tokens();
    table.push_str(&format!("{tokens:>8}  tokens in all{how}{room}{cost}\n"));
    for left_out in &prompt.left_out {
        table.push_str(&format!(
            "{:>8}  left out: {}\n",
            left_out.tokens,
            printable_line(&left_out.words())
        ));
    }
    table
}

fn prompt(
    setup: &Setup,
    reading: &Reading,
    (phase, step): (&Phase, &Step),
    terms: &Terms,
) -> Result<Prompt, Failure> {
    let found = Found {
        source: &reading.source,
        plan: &reading.plan,
        phase,
        step,
    };
    // What an earlier attempt came to is part of what comes next.
    let (attempt, retry) = History::of(&setup.state, &setup.file)?.upcoming(&found.id());
    let sources = Sources {
        root: &setup.root,
        file: &setup.file,
        templates: &setup.templates,
        role: match setup.config.endpoint().map(|endpoint| &endpoint.kind) {
            Ok(EndpointKind::Command(_)) => Template::Agent,
            // Which endpoint it would be matters to nobody but an agent.
            _ => Template::System,
        },
        context: &setup.options(&SessionChoice::default()).context,
        terms,
    };
    sources.prompt(&found, attempt, retry.as_ref())
}
