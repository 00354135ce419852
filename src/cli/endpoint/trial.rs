use std::time::{Duration, Instant};

use clap::Args;
use serde::Serialize;

use super::origin::OriginJson;
use crate::agent::Agent;
use crate::cli::World;
use crate::cli::global::Global;
use crate::cli::tell::tell;
use crate::config::{Config, EndpointConfig, EndpointKind, Origin, ProviderConfig, Traced};
use crate::interrupt::Interrupt;
use crate::keys::Key;
use crate::llm::client::Provider;
use crate::llm::{Endpoint as _, EndpointError, Finish, Progress, Reply, Request, Usage};
use crate::mock::Scenario;
use crate::words::{Exit, Failure, counted, printable_line, secrets};

/// Tokens that the reply may have: the least that all providers take.
const REPLY: u64 = 16;

/// How much of the reply is shown, in characters.
const SHOWN: usize = 60;

/// Send an endpoint the smallest request, and tell what comes back
#[derive(Debug, Args)]
pub(super) struct TestArgs {
    /// The endpoint [default: the one that `run` uses]
    name: Option<String>,
    /// Print a JSON document
    #[arg(long)]
    json: bool,
}

/// What came of it.
#[derive(Serialize)]
struct Trial<'a> {
    schema: &'static str,
    endpoint: &'a str,
    kind: &'static str,
    /// What it is, where no request is sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
    #[serde(flatten)]
    answer: Option<Answered>,
}

#[derive(Serialize)]
struct Answered {
    address: String,
    model: Option<String>,
    key: Option<OriginJson>,
    reply: String,
    cut: bool,
    usage: Option<Usage>,
    requests: u32,
    first_seconds: f64,
    seconds: f64,
    #[serde(skip)]
    key_words: String,
}

pub(super) fn run(args: &TestArgs, global: &Global, world: &World) -> Result<Exit, Failure> {
    let config = Config::load(&world.environment, &global.flags(args.name.clone()))?;
    let endpoint = config.endpoint()?;
    let mut trial = Trial {
        schema: "stepgate.endpoint-test/1",
        endpoint: &endpoint.name,
        kind: endpoint.kind.word(),
        note: None,
        answer: None,
    };
    match &endpoint.kind {
        EndpointKind::Manual => {
            trial.note = Some(
                "sends nothing: stepgate shows the prompt, and you take it to a tool of your own".to_owned(),
            );
        }
        EndpointKind::Mock { scenario } => {
            let path = scenario.value.to_string_lossy().into_owned();
            Scenario::load(&path, &|path| std::fs::read(path))?;
            trial.note = Some(format!(
                "sends nothing: a model in this process answers, from `{}`, which can be read",
                printable_line(&path)
            ));
        }
        EndpointKind::Command(command) => {
            let agent = Agent::new(&endpoint.name, command, &world.environment)?;
            trial.note = Some(format!(
                "starts nothing: with a prompt, `{}` would work in the tree",
                printable_line(&agent.program().to_string_lossy())
            ));
        }
        EndpointKind::Provider(provider) => match ask(endpoint, provider, world)? {
            Ok(answer) => trial.answer = Some(answer),
            Err(signal) => return Ok(Exit::Signal(signal)),
        },
    }
    if args.json {
        world.print_json(&trial)?;
    } else {
        world.print(&text(&trial))?;
    }
    Ok(Exit::Done)
}

/// Sends the request; the number of the signal that ended it instead.
fn ask(
    endpoint: &EndpointConfig,
    config: &ProviderConfig,
    world: &World,
) -> Result<Result<Answered, u8>, Failure> {
    let key = Key::of(&endpoint.name, config, &world.environment)?;
    let interrupt = Interrupt::listen()?;
    let _attending = interrupt.attend();
    let mut course = Course::default();
    let bounded = bounded(config);
    let wanted = bounded.as_ref().unwrap_or(config);
    let mut result = course.send(&mut Provider::new(
        &endpoint.name,
        wanted,
        key.clone(),
        interrupt.clone(),
    )?);
    // The limit was ours. Where it is what the server does not take, `run` would work all the same.
    if bounded.is_some() && matches!(&result, Err(EndpointError::Failed(failure)) if was_the_limit(failure)) {
        tell("asked once more, without a limit of tokens, which this server does not take\n");
        result = course.send(&mut Provider::new(
            &endpoint.name,
            config,
            key.clone(),
            interrupt,
        )?);
    }
    let reply = match result {
        Ok(reply) => reply,
        Err(EndpointError::Failed(failure)) => return Err(failure),
        Err(EndpointError::Interrupted(signal)) => return Ok(Err(signal)),
        // Nobody is asked while it is waited, so nobody leaves.
        Err(left @ EndpointError::Left) => {
            return Err(Failure::new(Exit::NotPassed, "left", left.to_string()));
        }
    };
    unusable(&endpoint.name, &reply)?;
    let origin = key.as_ref().map(Key::origin);
    // Before it is cut: half of a secret is none that is known.
    let said = secrets::redact(reply.text.trim());
    let mut shown_reply: String = said.chars().take(SHOWN).collect();
    if said.chars().count() > SHOWN {
        shown_reply.push('…');
    }
    let mut address = config.address();
    address.set_query(None);
    Ok(Ok(Answered {
        address: address.to_string(),
        model: reply.model.clone(),
        key: origin.map(OriginJson::from),
        key_words: origin.map_or_else(|| "none was sent".to_owned(), |origin| format!("from {origin}")),
        reply: shown_reply,
        cut: reply.finish == Finish::Length,
        usage: reply.usage,
        requests: course.requests,
        first_seconds: course.first.unwrap_or(course.whole).as_secs_f64(),
        seconds: course.whole.as_secs_f64(),
    }))
}

/// The endpoint with a small limit of tokens, unless the user has set one of their own.
fn bounded(config: &ProviderConfig) -> Option<ProviderConfig> {
    let own = |name: &str| config.body.iter().any(|(key, _)| key == name);
    let limits = [
        "max_tokens",
        "max_completion_tokens",
        "max_output_tokens",
        "options",
    ];
    if config.max_tokens.is_some() || limits.into_iter().any(own) {
        return None;
    }
    Some(ProviderConfig {
        max_tokens: Some(Traced::new(REPLY, Origin::BuiltIn)),
        ..config.clone()
    })
}

fn was_the_limit(failure: &Failure) -> bool {
    let mut found = failure
        .diagnostics
        .iter()
        .filter_map(|diagnostic| diagnostic.found.as_deref());
    found.any(|found| found.contains("max_tokens") || found.contains("max_output_tokens"))
}

/// A reply that a session could not use either; one that was cut at our limit is none of these.
fn unusable(name: &str, reply: &Reply) -> Result<(), Failure> {
    match reply.unusable() {
        Some(why) if reply.finish != Finish::Length => {
            let text = format!("endpoint `{name}` answers, but {why}");
            Err(Failure::new(Exit::ReplyUnusable, "reply-unusable", text))
        }
        _ => Ok(()),
    }
}

/// How the request went.
#[derive(Default)]
struct Course {
    requests: u32,
    first: Option<Duration>,
    whole: Duration,
}

impl Course {
    fn send(&mut self, endpoint: &mut Provider) -> Result<Reply, EndpointError> {
        let request = Request {
            system: "This is a test of the connection.".into(),
            own: "Answer with the word: ready".to_owned(),
            step: "test".to_owned(),
            attempt: 1,
            ..Request::default()
        };
        self.requests += 1;
        let mut begun = Instant::now();
        let result = endpoint.send(&request, &mut |progress| match progress {
            Progress::Text(_) => {
                self.first.get_or_insert_with(|| begun.elapsed());
            }
            Progress::Retry { wait, why, .. } => {
                self.requests += 1;
                self.first = None;
                begun = Instant::now() + wait;
                let wait = wait.as_secs_f64();
                tell(&format!("asked again in {wait:.1} s: {}\n", printable_line(why)));
            }
            Progress::Wait { .. } => {}
        });
        self.whole = begun.elapsed();
        result
    }
}

fn text(trial: &Trial<'_>) -> String {
    let (name, kind) = (trial.endpoint, trial.kind);
    let Some(answer) = &trial.answer else {
        let note = trial.note.as_deref().unwrap_or_default();
        return format!("`{name}` ({kind}) {note}\n");
    };
    let cut = if answer.cut {
        ", cut at the limit of this test"
    } else {
        ""
    };
    let tokens = answer.usage.map_or_else(
        || "not told".to_owned(),
        |usage| {
            format!(
                "{} in ({} cached), {} out",
                usage.input, usage.cached, usage.output
            )
        },
    );
    let model = answer.model.as_deref().unwrap_or("not told");
    format!(
        "`{name}` ({kind}) answers\n  address   {}\n  model     {}\n  key       {}\n  reply     \"{}\"{cut}\n  tokens    {tokens}\n  time      {:.2} s to the first text, {:.2} s in all, {}\n",
        answer.address,
        printable_line(model),
        answer.key_words,
        printable_line(&answer.reply),
        answer.first_seconds,
        answer.seconds,
        counted(answer.requests as usize, "request", "requests"),
    )
}
