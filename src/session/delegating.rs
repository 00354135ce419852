//! An external agent, from the prompt to the moment when it has ended: shown, agreed to, run, put on record.

use super::agent_question::{DelegateQuestion, DelegateVerdict};
use super::asking::{self, Prepared};
use super::desk::{Delivery, Desk};
use super::event::Event;
use super::gate::{Answer, Stop};
use super::plan_after_agent::{self, Stands, is_plan};
use super::record_after_agent;
use super::turn::Turn;
use crate::agent::{Agent, GitState, Guarded, Job, NoOutcome, Outcome};
use crate::process::{self, Status};
use crate::prompt::Prompt;
use crate::state::{AgentRecord, Delegation, Record, Safeguard};
use crate::tree::{self, Difference, Keep, Snapshot};
use crate::words::{Diagnostic, Digest, Exit, Failure, counted};

/// Shows which program would run on the prompt, and runs it on consent.
pub(crate) fn ask(turn: &mut Turn<'_, '_>) -> Answer<()> {
    let Prepared {
        subject,
        mut prompt,
        not_runnable,
    } = asking::prepare(turn)?;
    let mut again: Option<String> = None;
    loop {
        let session = &mut *turn.session;
        let agent = agent(&session.desk)?;
        // Before it is asked about: a program that is not there needs no consent.
        agent.check()?;
        let question = DelegateQuestion {
            subject: &subject,
            prompt: &prompt,
            endpoint: agent.name(),
            command: agent.command(),
            program: &agent.program().display().to_string(),
            folder: &session.desk.root.path().display().to_string(),
            by_file: agent.prompt_by() == crate::config::PromptBy::File,
            timeout: agent.timeout(),
            again: again.as_deref(),
            not_runnable: not_runnable.as_deref(),
        };
        match session.gate.delegate(&question)? {
            DelegateVerdict::Run => {}
            DelegateVerdict::Edited(user) => {
                prompt = prompt.edited(&user, &turn.session.desk.options.terms);
            }
            DelegateVerdict::Skip => return asking::by_hand(turn, None),
        }
        match asking::unfit(turn, &prompt) {
            None => return run(turn, &prompt),
            why => again = why,
        }
    }
}

fn agent(desk: &Desk) -> Result<&Agent, Failure> {
    match &desk.delivery {
        Delivery::Agent(agent) => Ok(agent),
        Delivery::Endpoint(_) | Delivery::Manual => {
            Err(Failure::new(Exit::Configuration, "no-agent", "there is no agent"))
        }
    }
}

/// Runs the agent between two looks at the tree.
fn run(turn: &mut Turn<'_, '_>, prompt: &Prompt) -> Answer<()> {
    let attempt = turn.memory.attempt;
    let given = prompt.text();
    let begun = begin(turn, &given)?;
    let outcome = watch(turn, &given);
    let outcome = match outcome {
        Ok(outcome) => outcome,
        Err(NoOutcome::NotStarted(failure)) => {
            // The tree is as it was.
            turn.no_reply(failure.to_string(), None)?;
            return Err(failure.into());
        }
        // The record stays at "begun": the next session looks at the tree, and at the plan.
        Err(NoOutcome::Lost(failure)) => return Err(failure.into()),
    };
    let name = begun.delegation.endpoint.clone();
    // The record first: what follows is to be written to it. Where it was changed, what is known of the run is void.
    // A copy in its place is another file than the one that we write to: the next session opens it.
    let same = begun.journal.are_the_same_files();
    let journal_changed = !begun.journal.restore()?.is_empty() || !same;
    let desk = &turn.session.desk;
    let texts_changed =
        record_after_agent::put_back(&begun.texts, &desk.blobs, desk.journal.entries(), &name)?;
    if journal_changed || texts_changed {
        let help = "`--forget-session` puts the record aside, should you not trust it";
        return Err(refused(&name, "stepgate's record of this plan").help(help).into());
    }
    // Who changed the plan is not known, so nothing of it is lost, and it is put back on somebody's word only.
    let plan = match begun.plan.is_unchanged() {
        true => None,
        false => Some(Stands::look(turn.session)?),
    };
    let output = outcome.output.text();
    let difference = since(turn, &begun.delegation.snapshot)?;
    let desk = &turn.session.desk;
    let record = AgentRecord {
        exit: match outcome.status {
            Status::Exited(code) => Some(code),
            _ => None,
        },
        outcome: outcome.describe(),
        interrupted: matches!(outcome.status, Status::Interrupted(_)),
        output: (!outcome.output.is_empty())
            .then(|| desk.keep(&output))
            .transpose()?,
        took: u64::try_from(outcome.took.as_millis()).unwrap_or(u64::MAX),
        changed: difference.changes.iter().map(|change| change.name()).collect(),
        diff: kept_diff(desk, &difference)?,
        plan: plan.as_ref().map(Stands::digest),
    };
    let files = desk.depot().witness(&difference)?;
    turn.record(Record::AgentEnded {
        step: turn.name(),
        attempt,
        agent: record.clone(),
        files: Some(files),
        beyond: difference.beyond,
        folders: difference.folders,
    })?;
    turn.session.listener.tell(&Event::AgentEnded {
        step: turn.step,
        attempt,
        agent: &record,
    });
    if outcome.left_processes {
        let text = "the agent left processes behind; they were ended";
        turn.session.listener.note(text);
    }
    if let Status::Interrupted(signal) = outcome.status {
        if let Some(plan) = plan {
            if plan.is_nothing() {
                begun.plan.restore()?;
            }
            let shown = turn.session.desk.file.shown();
            let told = plan.told();
            let text =
                format!("the plan `{shown}` was changed while the agent ran: the next session asks; {told}");
            turn.session.listener.note(&text);
        }
        return Err(Stop::Interrupted(signal));
    }
    if plan.is_some() {
        let before = turn.reading.source.text().as_bytes();
        plan_after_agent::settle(turn.session, (&name, false), before, &begun.plan)?;
    }
    Ok(())
}

/// An agent that was put on record, and what it must not change.
struct Begun {
    delegation: Delegation,
    journal: Guarded,
    texts: Safeguard,
    plan: Guarded,
}

fn begin(turn: &mut Turn<'_, '_>, given: &str) -> Answer<Begun> {
    let attempt = turn.memory.attempt;
    agent(&turn.session.desk)?.check()?;
    let text = turn.keep_text()?;
    let desk = &turn.session.desk;
    let prompt = desk.keep(given)?;
    let plan_bytes = turn.reading.source.text().as_bytes();
    let plan = Guarded::take(&[desk.file.real()])?;
    let plan_digest = desk.blobs.put_exact(plan_bytes)?;
    if plan_digest != crate::words::Digest::of(std::fs::read(desk.file.real()).unwrap_or_default()) {
        let text = format!("the plan `{}` changed after it was shown", desk.file.shown());
        return Err(Failure::new(Exit::Changed, "plan-changed", text)
            .help("nothing was run; run again to go on with the plan as it stands")
            .into());
    }
    let snapshot = take(turn)?;
    for text in &snapshot.without {
        turn.session.listener.note(text);
    }
    turn.record(Record::Snapshot {
        step: turn.name(),
        attempt,
        snapshot: snapshot.clone(),
    })?;
    let desk = &turn.session.desk;
    let agent = agent(desk)?;
    let delegation = Delegation {
        endpoint: agent.name().to_owned(),
        command: agent.command().to_vec(),
        program: agent.program().display().to_string(),
        plan: plan_digest,
        git: GitState::of(desk.root.path()).0,
        snapshot,
    };
    let texts = Safeguard::take(&desk.blobs)?;
    if texts.uncopied > 0 {
        let text = format!(
            "{} of stepgate's record are more than it copies: should the agent destroy them, they cannot be put back",
            counted(texts.uncopied, "old text", "old texts")
        );
        turn.session.listener.note(&text);
    }
    // On record before the first process starts: a crash from here on is a tree that an agent may have worked in.
    turn.record(Record::AgentBegun {
        step: turn.name(),
        attempt,
        text,
        prompt,
        delegation: delegation.clone(),
    })?;
    turn.session.listener.tell(&Event::AgentStarted {
        step: turn.step,
        attempt,
        endpoint: &delegation.endpoint,
        command: &delegation.command,
    });
    let journal = turn.session.desk.scratch.join("journal");
    Ok(Begun {
        delegation,
        journal: Guarded::take(&[journal.as_path()])?,
        texts,
        plan,
    })
}

fn take(turn: &Turn<'_, '_>) -> Result<Snapshot, Failure> {
    let desk = &turn.session.desk;
    let of_step = |record: &Record| matches!(record, Record::Snapshot { step, .. } if step == turn.step);
    let earlier = desk
        .journal
        .entries()
        .iter()
        .filter(|entry| of_step(&entry.record));
    let name = format!("{}/{}", turn.step, earlier.count() + 1);
    desk.depot().take(&name, Keep::Contents)
}

/// Runs it, and passes on what it prints.
fn watch(turn: &mut Turn<'_, '_>, given: &str) -> Result<Outcome, NoOutcome> {
    let session = &mut *turn.session;
    let (desk, listener) = (&session.desk, &mut *session.listener);
    let job = Job {
        prompt: given,
        folder: desk.root.path(),
        scratch: &desk.scratch,
    };
    let agent = agent(desk).map_err(NoOutcome::NotStarted)?;
    agent.run(&job, &desk.interrupt, &mut |event| match event {
        process::Event::Output(bytes) => {
            let text = String::from_utf8_lossy(bytes);
            listener.tell(&Event::Output { text: &text });
        }
        process::Event::Slow(time) => {
            let text = format!("the agent still works after {} s", time.as_secs());
            listener.note(&text);
        }
    })
}

/// What is other in the tree since a snapshot, beside the plan.
pub(super) fn since(turn: &Turn<'_, '_>, snapshot: &Snapshot) -> Result<Difference, Failure> {
    let desk = &turn.session.desk;
    let found = desk.find(turn.reading, turn.step)?;
    let mut difference = desk.depot().since(snapshot, &found.declared())?;
    let (root, plan) = (desk.root.path(), desk.file.real());
    difference
        .changes
        .retain(|change| !is_plan(root, change.path.as_str(), plan));
    Ok(difference)
}

/// A difference as a text that is kept: it can be long, and nobody has to see it again. Names it, where there is one.
pub(super) fn kept_diff(desk: &Desk, difference: &Difference) -> Result<Option<Digest>, Failure> {
    if difference.changes.is_empty() {
        return Ok(None);
    }
    let mut text = String::new();
    for change in &difference.changes {
        for line in tree::diff(change).lines {
            text.push_str(&line.text);
            text.push('\n');
        }
    }
    desk.keep(&text).map(Some)
}

/// An agent wrote to what is not its own.
fn refused(endpoint: &str, what: &str) -> Failure {
    let text = format!("the agent `{endpoint}` changed {what}; it is put back as it was");
    Failure::new(Exit::Changed, "changed-by-agent", text)
        .help("what the agent did to the tree is as it left it: run again to look at it, and to keep it or put it back")
}

/// What the failure of an agent is called where nobody can be asked.
pub(super) fn failed(endpoint: &str, agent: &AgentRecord) -> Failure {
    let text = format!("the agent `{endpoint}` {}", agent.outcome);
    let failure = Failure::from(Diagnostic::error("agent-failed", text));
    let failure = Failure {
        exit: Exit::AgentFailed,
        ..failure
    };
    let failure = match agent.changed.len() {
        0 => failure.help("it changed no file of the tree"),
        _ => failure.found(format!("it changed `{}`", agent.changed.join("`, `"))),
    };
    failure.help("run at a terminal to look at what it did, and to keep it or put it back; `stepgate rollback` puts it back, too")
}
