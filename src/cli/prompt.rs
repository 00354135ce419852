use std::io::Write as _;
use std::path::PathBuf;

use clap::Args;
use serde::Serialize;

use super::World;
use super::global::Global;
use super::setup::{SessionChoice, Setup};
use crate::config::EndpointKind;
use crate::plan::Number;
use crate::plan_file::Reading;
use crate::prompt::{Part, Prompt};
use crate::session::{Found, Sources, upcoming};
use crate::state::{Blobs, Journal};
use crate::words::{Exit, Failure};

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
    tokens: usize,
    parts: &'a [Part],
}

pub(crate) fn run(args: &PromptArgs, global: &Global, world: &World) -> Result<Exit, Failure> {
    let setup = Setup::open(world, global, &args.plan, args.endpoint.clone())?;
    if args.endpoint.is_some() {
        // A name that is none is refused, also where nothing of the endpoint is shown.
        setup.config.endpoint()?;
    }
    let reading = &setup.reading;
    reading.check()?;
    let id = setup.step(reading, &args.step)?;
    let prompt = prompt(&setup, reading, id)?;
    if args.json {
        let request = &prompt.request;
        let view = PromptView {
            schema: "stepgate.prompt/1",
            step: &request.step,
            system: &request.system,
            user: &request.user,
            tokens: prompt.tokens(),
            parts: &prompt.parts,
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
    let mut table = String::new();
    for part in &prompt.parts {
        let path = part
            .path
            .as_deref()
            .map(|path| format!(" {path}"))
            .unwrap_or_default();
        table.push_str(&format!("{:>8}  {}{path}\n", part.tokens, part.name));
    }
    table.push_str(&format!(
        "{:>8}  tokens in all, estimated at 4 bytes each\n",
        prompt.tokens()
    ));
    // Beside the data: where standard error is gone, nobody asked for it.
    let _ = std::io::stderr().write_all(table.as_bytes());
    Ok(Exit::Done)
}

fn prompt(setup: &Setup, reading: &Reading, id: Number) -> Result<Prompt, Failure> {
    let (plan, source) = (&reading.plan, &reading.source);
    let Some((phase, step)) = plan.step(id) else {
        return Err(Failure::new(
            Exit::Usage,
            "unknown-step",
            format!("there is no step {id}"),
        ));
    };
    let found = Found {
        source,
        plan,
        phase,
        step,
    };
    // What an earlier attempt came to is part of what comes next.
    let (attempt, retry) = match setup.state.existing(&setup.file) {
        Some(folder) => {
            let blobs = Blobs::open(folder.join("blobs"))?;
            upcoming(&id.to_string(), &Journal::read(&folder)?, Some(&blobs))
        }
        None => (1, None),
    };
    let sources = Sources {
        root: &setup.root,
        file: &setup.file,
        templates: &setup.templates,
        context: &setup.options(&SessionChoice::default()).context,
    };
    sources.prompt(&found, attempt, retry.as_ref())
}
