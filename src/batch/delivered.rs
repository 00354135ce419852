//! Results that somebody else's engine made of an export: home by the export's manifest.

use std::collections::{BTreeMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::value::RawValue;

use super::Contents;
use super::dock::{Berth, Dock, Foreign, Received, find};
use super::place::Place;
use super::results::Results;
use crate::export::{Format, Manifest, PlanEntry, StepEntry};
use crate::llm::Request;
use crate::llm::wire::batch::{Engine, Outcome};
use crate::llm::wire::{Dialect, Malformed};
use crate::mock::wire;
use crate::session::Stage;
use crate::state::{BatchRecord, Landed, MadeAt};
use crate::words::{Digest, Exit, Failure, printable_line, secrets};

/// The longest line of results.
const LINE: u64 = 256 << 20;

/// What came of results that were brought home.
#[derive(Debug, Default)]
pub struct Delivery {
    /// What the records of the steps call it.
    pub mark: String,
    /// What came home. What no step waits for is counted as unasked.
    pub landed: Landed,
    /// What is worth knowing.
    pub notes: Vec<String>,
    /// The steps whose replies came home.
    pub replied: Vec<Contents>,
    /// Plans whose steps could not be written to.
    pub failures: Vec<Failure>,
    /// Steps of the export that have no result here.
    pub missing: usize,
    /// Lines that cannot be read, and results that belong to no step of the export.
    pub foreign: usize,
}

/// Results on their way to the steps that they answer.
struct Landing {
    results: Results,
    requests: Requests,
    foreign: Foreign,
    delivery: Delivery,
}

/// Brings results home that an engine of one's own made of the export in a folder: each that is a reply of use becomes the
/// reply of its step, where nothing else is under way of it. It can be done again, also with more results.
///
/// Fails with exit 2 for an export that has no requests, and with 11 for one that was changed.
pub fn deliver(
    export: &Path,
    results: &[PathBuf],
    dock: &Dock<'_>,
    place: &Place,
) -> Result<Delivery, Failure> {
    let began = SystemTime::now();
    let manifest = Manifest::read(export)?;
    let dialect = dialect(&manifest, export)?;
    manifest.check(export)?;
    let path = export.join(crate::export::MANIFEST);
    let bytes = fs::read(&path).map_err(|error| Failure::io("read", &path, &error))?;
    let digest = Digest::of(bytes);
    let mark = BatchRecord::export_mark(&digest);
    // Both engines call the id of a result by one name.
    let results = files(results)?;
    let dated = manifest.dated(export, &digest);
    let made_at = made_at(dated, &results, began);
    let results = Results::of(results, Engine::OpenAi, LINE)?;
    let known: HashSet<&str> = manifest
        .plans
        .iter()
        .flat_map(|plan| &plan.steps)
        .map(|step| step.id.as_str())
        .collect();
    let others = results.ids().filter(|id| !known.contains(id)).count();
    let mut landing = Landing {
        delivery: Delivery {
            mark: mark.clone(),
            foreign: results.unread + others,
            ..Delivery::default()
        },
        results,
        requests: Requests {
            folder: export.to_owned(),
            dialect,
            file: None,
            bodies: BTreeMap::new(),
        },
        foreign: Foreign {
            mark,
            endpoint: manifest.endpoint.clone().unwrap_or_default(),
            model: manifest.model.clone(),
            made_at,
        },
    };
    for plan in &manifest.plans {
        let (there, missing): (Vec<_>, Vec<_>) = plan
            .steps
            .iter()
            .partition(|step| landing.results.has(step.id.as_str()));
        landing.delivery.missing += missing.len();
        if there.is_empty() {
            continue;
        }
        let moored = place.moor(plan, dock, &mut landing.delivery.notes);
        if let Err(failure) = moored.and_then(|mut berth| landing.plan(&mut berth, plan, &there)) {
            if matches!(failure.exit, Exit::Signal(_)) {
                return Err(failure);
            }
            let help = "its results stay where they are: the same command brings them home later";
            landing.delivery.failures.push(failure.help(help));
        }
    }
    Ok(landing.delivery)
}

/// When the prompts of an export were made. Nobody can tell where it claims to be younger than what came of it.
fn made_at(dated: Option<SystemTime>, results: &[PathBuf], began: SystemTime) -> MadeAt {
    let modified = |path: &PathBuf| path.metadata().and_then(|data| data.modified()).ok();
    let last = results.iter().filter_map(modified).fold(began, SystemTime::min);
    let made = dated.filter(|made| *made <= last);
    let made = made.and_then(|made| jiff::Timestamp::try_from(made).ok());
    made.map_or(MadeAt::Unknown, MadeAt::since)
}

/// What the requests of an export speak.
fn dialect(manifest: &Manifest, export: &Path) -> Result<Dialect, Failure> {
    let is = |format: Format| manifest.format == format.word();
    match manifest.url.as_deref() {
        Some("/v1/chat/completions") if is(Format::OpenaiBatch) => Ok(Dialect::Chat),
        Some("/v1/responses") if is(Format::OpenaiBatch) => Ok(Dialect::Responses),
        _ if is(Format::AnthropicBatch) => Ok(Dialect::Messages),
        _ => {
            let text = format!(
                "the export in `{}` is of the format `{}`, which has no requests that an engine answers",
                export.display(),
                printable_line(&manifest.format)
            );
            Err(Failure::new(Exit::Usage, "no-requests", text)
                .help("export with `--format openai-batch` or `--format anthropic-batch`"))
        }
    }
}

/// The files of results: of a folder those that end like one.
fn files(paths: &[PathBuf]) -> Result<Vec<PathBuf>, Failure> {
    let mut files = Vec::new();
    for path in paths {
        if !path.is_dir() {
            files.push(path.clone());
            continue;
        }
        let failed = |error: std::io::Error| Failure::io("look into", path, &error);
        let mut inside = Vec::new();
        for entry in fs::read_dir(path).map_err(failed)? {
            let entry = entry.map_err(failed)?.path();
            let end = entry.extension().unwrap_or_default();
            if entry.is_file() && (end == "jsonl" || end == "json") {
                inside.push(entry);
            }
        }
        inside.sort();
        files.extend(inside);
    }
    Ok(files)
}

impl Landing {
    fn plan(&mut self, berth: &mut Berth, plan: &PlanEntry, steps: &[&StepEntry]) -> Result<(), Failure> {
        let path = printable_line(&plan.path).into_owned();
        let reading = berth.read()?;
        for step in steps {
            let name = format!("step {} of `{path}`", step.step);
            let Some(line) = self.results.line(step.id.as_str())? else {
                continue;
            };
            let reply = match read_line(&line) {
                Ok(Outcome::Reply(reply)) => reply,
                other => {
                    let why = self.why(other);
                    self.note(format!("{name} has no reply: {why}"));
                    continue;
                }
            };
            if let Some(why) = reply.unusable() {
                self.delivery.landed.unusable += 1;
                self.note(format!("{name} has no reply that can be used: {why}"));
                continue;
            }
            let Some(found) = find(&reading, &step.step) else {
                self.unasked(format!("{name} is no longer in the plan: its reply is not taken"));
                continue;
            };
            if berth.has_reply(step, &self.foreign.mark) {
                self.delivery.landed.earlier += 1;
                continue;
            }
            let memory = berth.memory(&step.step);
            let why = match &memory.stage {
                _ if found.step.is_done() => Some("is done".to_owned()),
                Stage::Out { batch } if *batch == self.foreign.mark => None,
                Stage::Out { batch } => Some(format!("is with batch {batch}")),
                Stage::Replied { .. } => Some("has a reply already".to_owned()),
                Stage::Fresh | Stage::Escalated if memory.attempt != step.attempt => {
                    Some("was tried since it was exported".to_owned())
                }
                Stage::Fresh | Stage::Escalated => None,
                _ => Some("is under way in a session".to_owned()),
            };
            if let Some(why) = why {
                self.unasked(format!("{name} {why}: its reply is not taken"));
                continue;
            }
            let changed = found.step.fingerprint(found.source) != step.text;
            let prompt = self.requests.prompt(step)?;
            berth.receive(
                step,
                &self.foreign,
                &Received {
                    text: (!changed).then(|| found.step.unticked(found.source)),
                    prompt: &prompt,
                    reply: &reply,
                },
            )?;
            self.delivery.landed.replies += 1;
            let stands = PlanEntry {
                real: berth.real(),
                ..plan.clone()
            };
            Contents::add(&mut self.delivery.replied, &stands, step);
            if changed {
                self.note(format!(
                    "{name} was changed since it was exported: the difference is asked about before its reply is used"
                ));
            }
        }
        Ok(())
    }

    fn note(&mut self, note: String) {
        self.delivery.notes.push(note);
    }

    fn unasked(&mut self, note: String) {
        self.delivery.landed.unasked += 1;
        self.note(note);
    }

    /// Why there is no reply, counted.
    fn why(&mut self, outcome: Result<Outcome, Malformed>) -> String {
        let landed = &mut self.delivery.landed;
        let (count, why) = match outcome {
            Ok(Outcome::Expired) => (&mut landed.expired, "it expired".to_owned()),
            Ok(Outcome::Cancelled) => (&mut landed.cancelled, "it was cancelled".to_owned()),
            Ok(Outcome::Refused(error)) => (
                &mut landed.failed,
                format!("the server refused it: {}", shown(&error.line())),
            ),
            Ok(Outcome::Reply(_)) => (&mut landed.failed, "it is no reply".to_owned()),
            Err(malformed) => (
                &mut landed.failed,
                format!("its result cannot be read: {}", shown(&malformed.0)),
            ),
        };
        *count += 1;
        why
    }
}

/// Reads a line of results, of either engine's shape.
fn read_line(line: &[u8]) -> Result<Outcome, Malformed> {
    #[derive(Deserialize)]
    struct Shape {
        result: Option<IgnoredAny>,
        response: Option<Answer>,
    }
    #[derive(Deserialize)]
    struct Answer {
        body: Option<Body>,
    }
    #[derive(Deserialize)]
    struct Body {
        output: Option<IgnoredAny>,
    }
    let shape: Shape = serde_json::from_slice(line).map_err(|error| Malformed(error.to_string()))?;
    if shape.result.is_some() {
        return Engine::Anthropic.read_line(Dialect::Messages, line);
    }
    let body = shape.response.and_then(|answer| answer.body);
    let dialect = match body.and_then(|body| body.output) {
        Some(_) => Dialect::Responses,
        None => Dialect::Chat,
    };
    Engine::OpenAi.read_line(dialect, line)
}

/// The requests of an export, a file at a time.
struct Requests {
    folder: PathBuf,
    dialect: Dialect,
    file: Option<String>,
    bodies: BTreeMap<String, Box<RawValue>>,
}

/// A request as OpenAI's engine and as Anthropic's has it.
#[derive(Deserialize)]
struct Line {
    custom_id: String,
    #[serde(alias = "params")]
    body: Box<RawValue>,
}

#[derive(Deserialize)]
struct Whole {
    requests: Vec<Line>,
}

impl Requests {
    /// The prompt of a step as it was exported: what is in the body, as the digest of the manifest has it.
    fn prompt(&mut self, step: &StepEntry) -> Result<String, Failure> {
        if self.file.as_deref() != Some(&step.file) {
            self.read(&step.file)?;
        }
        let body = self.bodies.get(step.id.as_str());
        let asked = body.and_then(|body| wire::read(self.dialect, body.get().as_bytes()).ok());
        let text = asked.map(|asked| {
            let of = |system: bool| -> String {
                let is_system = |role: &str| matches!(role, "system" | "developer");
                let parts = asked.parts.iter();
                let wanted = parts.filter(|part| is_system(&part.role) == system);
                wanted.map(|part| part.text.as_ref()).collect()
            };
            Request {
                system: of(true).into(),
                own: of(false),
                ..Request::default()
            }
            .text()
        });
        text.filter(|text| Digest::of(text) == step.prompt)
            .ok_or_else(|| {
                let text = format!(
                    "the request `{}` is not what the manifest of its export says",
                    step.id
                );
                Failure::new(Exit::Changed, "changed-export", text).help("export again, into another folder")
            })
    }

    fn read(&mut self, file: &str) -> Result<(), Failure> {
        let path = self.folder.join(file);
        let bytes = fs::read(&path).map_err(|error| Failure::io("read", &path, &error))?;
        let read: Result<Vec<Line>, _> = match self.dialect {
            Dialect::Messages => serde_json::from_slice::<Whole>(&bytes).map(|whole| whole.requests),
            _ => serde_json::Deserializer::from_slice(&bytes).into_iter().collect(),
        };
        let requests = read.map_err(|error| {
            let text = format!("`{}` holds no requests: {error}", path.display());
            Failure::new(Exit::Changed, "changed-export", text).help("export again, into another folder")
        })?;
        let bodies = requests.into_iter().map(|one| (one.custom_id, one.body));
        self.bodies = bodies.collect();
        self.file = Some(file.to_owned());
        Ok(())
    }
}

/// A server's words, without keys, short, on one line.
fn shown(text: &str) -> String {
    let clean = secrets::redact(text);
    printable_line(&clean).chars().take(300).collect()
}
