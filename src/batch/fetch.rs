use std::fs::File;
use std::path::{Path, PathBuf};

use super::adopted::{Adopted, later};
use super::dock::{Awaited, Berth, Claim, Dock, find};
use super::results::{Results, line_limit, promised};
use super::staging::prompts;
use super::{Contents, PartStage, Submission};
use crate::export::{PlanEntry, StepEntry};
use crate::llm::client::{BatchClient, BatchError};
use crate::llm::wire::batch::{Outcome, Told};
use crate::llm::{Price, Reply, Usage};
use crate::plan::{Progress, State};
use crate::plan_file::Reading;
use crate::state::Landed;
use crate::words::{Failure, counted, printable_line, secrets};

/// What a look at a batch came to.
#[derive(Debug)]
pub struct Arrival {
    /// What the engine told of it.
    pub told: Told,
    /// What came home; `None` while it runs.
    pub landed: Option<Landed>,
    /// What is worth knowing: requests without a reply, steps that were changed.
    pub notes: Vec<String>,
    /// Steps that still wait, though the batch has ended: not all of its results are there, or can be told apart.
    pub waiting: usize,
    /// Steps without a reply that may not run yet: they went out with others that they wait for.
    pub blocked: usize,
    /// The steps whose replies came home.
    pub replied: Vec<Contents>,
    /// Plans whose replies are home, and that cannot be run as they are: why.
    pub invalid: Vec<Failure>,
    /// Plans that could not be written to: their results wait for another time.
    pub failures: Vec<Failure>,
}

/// What results are brought home with.
struct Landing<'a> {
    /// What the steps went out with.
    claim: Claim<'a>,
    /// When that was agreed to.
    at: &'a str,
    client: &'a BatchClient,
    price: Option<&'a Price>,
    told: &'a Told,
    results: Results,
    landed: Landed,
    notes: Vec<String>,
    /// How many requests have a result.
    found: usize,
    /// Steps of which nothing is said.
    waiting: usize,
    /// Steps without a reply that may not run yet.
    blocked: usize,
    /// Steps whose result is there and cannot be read.
    unread: usize,
    /// Steps whose replies came home.
    replied: Vec<Contents>,
    /// Plans that cannot be run as they are.
    invalid: Vec<Failure>,
    /// Steps whose results wait for another time.
    later: Vec<Failure>,
    /// Where the results are.
    paths: Vec<PathBuf>,
}

/// Looks at a batch that was made and, where it has ended, brings its results home: each becomes the reply of its step.
///
/// `price` is that of the batch engine, where it is known. It can be cut off anywhere and done again: what is on record is
/// not put there twice.
pub fn fetch(
    submission: &mut Submission,
    index: usize,
    client: &mut BatchClient,
    dock: &Dock<'_>,
    price: Option<&Price>,
) -> Result<Option<Arrival>, Failure> {
    let part = submission.parts[index].clone();
    let PartStage::Made(id) = &part.stage else {
        return Ok(None);
    };
    let told = client.look(id).map_err(BatchError::plain)?;
    if !told.ended {
        return Ok(Some(Arrival {
            told,
            landed: None,
            notes: Vec::new(),
            waiting: 0,
            blocked: 0,
            replied: Vec::new(),
            invalid: Vec::new(),
            failures: Vec::new(),
        }));
    }
    let paths = download(submission, &part.file, part.requests, client, &told)?;
    let results = Results::of(paths.clone(), client.engine(), line_limit(client))?;
    let plans = submission.of_file(&part.file);
    let steps = plans.iter().flat_map(|(_, steps)| steps);
    let found = steps.filter(|step| results.has(step.id.as_str())).count();
    let prompts = prompts(&submission.folder);
    let mut landing = Landing {
        claim: Claim {
            mark: &submission.mark,
            endpoint: &submission.agreement.endpoint,
            model: &submission.agreement.model,
            attested: None,
            prompts: &prompts,
            made_at: None,
        },
        at: &submission.at,
        client,
        price,
        told: &told,
        results,
        landed: Landed::default(),
        notes: Vec::new(),
        found,
        waiting: 0,
        blocked: 0,
        unread: 0,
        replied: Vec::new(),
        invalid: Vec::new(),
        later: Vec::new(),
        paths,
    };
    let mut failures = Vec::new();
    for (plan, steps) in plans {
        let moored = dock.moor(&plan.real);
        if let Err(failure) = moored.and_then(|mut berth| landing.plan(&mut berth, plan, &steps)) {
            let help = format!(
                "the replies wait: fetch again, or give up on them with `stepgate batch cancel {} --forget`",
                told.id
            );
            let failure = match Path::new(&plan.real).exists() {
                true => failure,
                false => {
                    failure.help("a plan that was moved is found by its id, below the root that it stood in")
                }
            };
            failures.push(failure.help(help));
        }
    }
    failures.append(&mut landing.later);
    let home = failures.is_empty() && landing.waiting == 0;
    landing.sum_up(home);
    let Landing {
        landed,
        notes,
        waiting,
        blocked,
        unread,
        replied,
        invalid,
        paths,
        results,
        ..
    } = landing;
    if home {
        submission.home(&part.file, landed)?;
        if landed.unasked + unread + results.unread == 0 {
            // They are in the records of the plans now.
            paths.iter().for_each(|path| drop(std::fs::remove_file(path)));
        }
    }
    Ok(Some(Arrival {
        told,
        landed: Some(landed),
        notes,
        waiting,
        blocked,
        replied,
        invalid,
        failures,
    }))
}

/// Brings the results to the disk as they come.
fn download(
    submission: &Submission,
    file: &str,
    requests: usize,
    client: &mut BatchClient,
    told: &Told,
) -> Result<Vec<PathBuf>, Failure> {
    let mut paths = Vec::new();
    let limit = line_limit(client).saturating_mul(requests as u64 + 1);
    client
        .results(told, limit, &mut |index| {
            let path = submission.folder.join(format!("results-{file}-{index}.jsonl"));
            let made = File::create(&path).map_err(|error| Failure::io("write", &path, &error))?;
            paths.push(path.clone());
            Ok((path, made))
        })
        .map_err(BatchError::plain)?;
    Ok(paths)
}

impl Landing<'_> {
    fn plan(&mut self, berth: &mut Berth, plan: &PlanEntry, steps: &[&StepEntry]) -> Result<(), Failure> {
        let path = printable_line(&plan.path).into_owned();
        let reading = match berth.read() {
            Ok(reading) => Some(reading),
            // Its replies are kept all the same: they were paid for, and the plan can be mended.
            Err(failure) => {
                self.invalid.push(failure);
                None
            }
        };
        for step in steps {
            let id = step.id.as_str();
            match berth.awaited(step, self.claim.mark) {
                Awaited::Yes => {}
                Awaited::Answered(usage) => {
                    self.landed.earlier += 1;
                    self.take(Some(usage));
                    continue;
                }
                Awaited::No => {
                    let adopted = berth.adopt(step, &self.claim, self.at, reading.as_ref())?;
                    self.adopted(adopted, step, &path);
                    if adopted != Adopted::Waits {
                        continue;
                    }
                }
            }
            let line = self.results.line(id)?;
            if line.is_none() && self.is_partial() {
                self.waiting += 1;
                continue;
            }
            let read = |line: &Vec<u8>| self.client.engine().read_line(self.client.dialect(), line);
            let outcome = line.as_ref().map(read);
            let usable = match outcome {
                Some(Ok(Outcome::Reply(reply))) => self.reply(berth, step, &reply, &path)?,
                other => {
                    let unreadable = matches!(other, Some(Err(_)));
                    self.unread += usize::from(unreadable);
                    let why = self.why(other);
                    self.notes
                        .push(format!("step {} of `{path}` has no reply: {why}", step.step));
                    match line.filter(|_| unreadable) {
                        // What was paid for is not thrown away, whatever it is.
                        Some(line) => berth.unreadable(step, why, &String::from_utf8_lossy(&line))?,
                        None => berth.no_reply(step, why, None)?,
                    }
                    false
                }
            };
            let blocked = |reading: &Reading| {
                let found = find(reading, &step.step);
                found.is_some_and(|found| {
                    let state = Progress::of(found.plan).state(found.phase, found.step);
                    matches!(state, State::Blocked(_))
                })
            };
            self.blocked += usize::from(!usable && reading.as_ref().is_some_and(blocked));
            if usable {
                Contents::add(&mut self.replied, plan, step);
            }
            let changed = reading.as_ref().is_some_and(|reading| {
                let now = find(reading, &step.step);
                now.is_none_or(|found| found.step.fingerprint(found.source) != step.text)
            });
            if usable && changed {
                self.notes.push(format!(
                    "step {} of `{path}` was changed since its prompt was sent: the difference is asked about before its reply is used",
                    step.step
                ));
            }
        }
        Ok(())
    }

    /// Notes what became of a result that no step waited for.
    fn adopted(&mut self, adopted: Adopted, step: &StepEntry, path: &str) {
        let id = &step.step;
        match adopted {
            Adopted::Waits => self.notes.push(format!(
                "the record of `{path}` did not know that step {id} was with the batch, and does so now"
            )),
            Adopted::Unasked => {
                self.landed.unasked += 1;
                let place = self.paths.first().map(|path| path.display().to_string());
                self.notes.push(format!(
                    "step {id} of `{path}` no longer waits for its reply, which stays in `{}`",
                    place.unwrap_or_default()
                ));
            }
            Adopted::Later => self.later.push(later(step, path, self.claim.mark)),
        }
    }

    /// Whether there are results that were not found: nothing is said then of a step without one.
    fn is_partial(&self) -> bool {
        self.results.unread > 0 || self.found < promised(self.told)
    }

    /// Notes what there is to say of all results together.
    fn sum_up(&mut self, home: bool) {
        let (found, promised) = (self.found, promised(self.told));
        if self.waiting > 0 && found < promised {
            self.notes.push(format!(
                "the engine says that {}, and gave {found} of their results: {}",
                counted(promised, "request is done", "requests are done"),
                counted(self.waiting, "step waits", "steps wait")
            ));
        }
        let lines = self.results.unread;
        if lines > 0 {
            let lines = counted(lines, "line", "lines");
            self.notes.push(format!("{lines} of the results cannot be read"));
        }
        // Those that are not home yet are fetched anew.
        if home && self.unread + lines > 0 || self.waiting > 0 && lines > 0 {
            for path in &self.paths {
                let path = path.display();
                self.notes
                    .push(format!("what could not be read is kept: `{path}`"));
            }
        }
    }

    /// Keeps a reply; whether it can be used.
    fn reply(
        &mut self,
        berth: &mut Berth,
        step: &StepEntry,
        reply: &Reply,
        path: &str,
    ) -> Result<bool, Failure> {
        self.take(reply.usage);
        let cost = reply.usage.zip(self.price);
        let cost = cost.map(|(usage, price)| price.amount(price.cost(&usage)));
        let Some(why) = reply.unusable() else {
            berth.reply(step, reply, cost)?;
            self.landed.replies += 1;
            return Ok(true);
        };
        berth.no_reply(step, why.to_owned(), Some((reply, cost)))?;
        self.landed.unusable += 1;
        self.notes.push(format!(
            "step {} of `{path}` has no reply that can be used: {why}",
            step.step
        ));
        Ok(false)
    }

    /// Counts tokens.
    fn take(&mut self, usage: Option<Usage>) {
        let sum = &mut self.landed.usage;
        let usage = usage.unwrap_or_default();
        sum.input += usage.input;
        sum.cached += usage.cached;
        sum.output += usage.output;
    }

    /// Why there is no reply, counted.
    fn why(&mut self, outcome: Option<Result<Outcome, crate::llm::wire::Malformed>>) -> String {
        let landed = &mut self.landed;
        let count = match (&outcome, self.told.status.as_str()) {
            (Some(Ok(Outcome::Expired)), _) | (None, "expired") => &mut landed.expired,
            (Some(Ok(Outcome::Cancelled)), _) | (None, "cancelled") => &mut landed.cancelled,
            _ => &mut landed.failed,
        };
        *count += 1;
        match outcome {
            Some(Ok(Outcome::Expired)) => "it expired: the engine had no time for it".to_owned(),
            Some(Ok(Outcome::Cancelled)) => "its batch was cancelled before it was asked".to_owned(),
            Some(Ok(Outcome::Refused(error))) => format!("the server refused it: {}", shown(&error.line())),
            Some(Err(malformed)) => format!("its result cannot be read: {}", shown(&malformed.0)),
            Some(Ok(Outcome::Reply(_))) | None => match (&self.told.failure, self.told.status.as_str()) {
                (Some(why), _) => format!("the engine refused its batch: {}", shown(why)),
                (None, "ended" | "completed") => "its batch ended without a result for it".to_owned(),
                (None, status) => format!("its batch is {}", shown(status)),
            },
        }
    }
}

/// A server's words, without keys, short, on one line.
fn shown(text: &str) -> String {
    let clean = secrets::redact(text);
    let short: String = printable_line(&clean).chars().take(300).collect();
    short
}
