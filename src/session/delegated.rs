//! What an agent did to the tree, at the gate: shown as a difference, kept or put back.

use super::agent_question::{AgentQuestion, AgentVerdict};
use super::delegating::{kept_diff, since};
use super::event::Event;
use super::gate::Answer;
use super::turn::Turn;
use super::working::changed_file;
use crate::agent::{GitChange, GitState};
use crate::state::{AgentRecord, Delegation, Record};
use crate::tree::{self, Change, Difference, RelativePath};

/// Asks what becomes of it, and does so. `agent` says how it ended, where that is known.
///
/// It is looked at afresh each time: a crash while it is put back leaves less of it, and the same question.
pub(crate) fn settle(
    turn: &mut Turn<'_, '_>,
    delegation: &Delegation,
    agent: Option<&AgentRecord>,
    at: &str,
) -> Answer<()> {
    let mut difference = since(turn, &delegation.snapshot)?;
    if !turn.memory.this.put_back.is_empty() {
        // A session that was killed while it put these back may have left files of ours beside them.
        let desk = &turn.session.desk;
        let planned = desk.depot().witness(&difference)?;
        tree::sweep(&desk.root, &planned, &desk.session)?;
        difference = since(turn, &delegation.snapshot)?;
    }
    let root = turn.session.desk.root.path();
    let git = GitState::of(root).changes(&GitState(delegation.git.clone()));
    for change in &git {
        turn.session.listener.note(change.what);
    }
    for beyond in &difference.beyond {
        let text = format!("`{}` is other too: {}", beyond.path, beyond.why);
        turn.session.listener.note(&text);
    }
    let files: Vec<_> = difference
        .changes
        .iter()
        .map(|change| changed_file(turn, change))
        .collect();
    if !files.is_empty() {
        turn.session.listener.tell(&Event::Changes {
            step: turn.step,
            files: &files,
        });
    }
    let verdict = verdict(turn, (delegation, agent, at), &difference, &git)?;
    if !matches!(verdict, AgentVerdict::PutBack(_)) && since(turn, &delegation.snapshot)? != difference {
        let text = "the tree changed while it was asked about: it is shown anew";
        turn.session.listener.note(text);
        return Ok(());
    }
    match verdict {
        AgentVerdict::Keep => keep(turn, &difference),
        AgentVerdict::Again(note) => {
            keep(turn, &difference)?;
            let (step, attempt) = (turn.name(), turn.memory.attempt);
            turn.record(Record::Again { step, attempt, note })?;
            let (step, attempt) = (turn.step, attempt + 1);
            turn.session.listener.tell(&Event::Again { step, attempt });
            Ok(())
        }
        AgentVerdict::PutBack(chosen) => put_back(turn, &difference.some(&chosen)),
        AgentVerdict::PutBackAll => {
            put_back(turn, &difference)?;
            Ok(turn.no_reply("what the agent did was put back", None)?)
        }
    }
}

fn verdict(
    turn: &mut Turn<'_, '_>,
    (delegation, agent, at): (&Delegation, Option<&AgentRecord>, &str),
    difference: &Difference,
    git: &[GitChange],
) -> Answer<AgentVerdict> {
    let subject = turn.subject()?;
    let fine = agent.is_some_and(AgentRecord::succeeded);
    if fine && git.is_empty() && *difference == Difference::default() {
        turn.session.listener.note("the agent changed no files");
        turn.session.gate.worked(&subject)?;
        return Ok(AgentVerdict::Keep);
    }
    let changes = difference.changes.iter().enumerate();
    let guarded: Vec<(usize, String)> = changes
        .filter_map(|(index, change)| Some((index, guard(turn, change)?)))
        .collect();
    turn.session.gate.agent(&AgentQuestion {
        subject: &subject,
        endpoint: &delegation.endpoint,
        agent,
        at,
        difference,
        guarded: &guarded,
        git,
    })
}

/// What a change is that is asked about by itself; `None` for an ordinary one.
fn guard(turn: &Turn<'_, '_>, change: &Change) -> Option<String> {
    if let Some(what) = change.protection {
        return Some(format!("a file of {what}"));
    }
    if change.link.after {
        return Some("a symbolic link".to_owned());
    }
    // What is gone runs nothing, and what its name is like does not matter: no reply named it.
    if change.after.is_none() || RelativePath::parse(change.path.as_str()).is_err() {
        return None;
    }
    // A file that no reply could name: the plan's documents, above all.
    let admitted = turn.session.desk.root.admit(change.path.as_str());
    let why = admitted.err().filter(|_| !change.link.before)?;
    let told = why.to_string();
    Some(told.rsplit(": ").next().unwrap_or_default().to_owned())
}

/// The changes stay: from here on they are the step's.
fn keep(turn: &mut Turn<'_, '_>, difference: &Difference) -> Answer<()> {
    let desk = &turn.session.desk;
    let files = desk.depot().witness(difference)?;
    let diff = kept_diff(desk, difference)?;
    Ok(turn.record(Record::Made {
        step: turn.name(),
        attempt: turn.memory.attempt,
        files,
        beyond: difference.beyond.clone(),
        folders: difference.folders.clone(),
        diff,
    })?)
}

fn put_back(turn: &mut Turn<'_, '_>, difference: &Difference) -> Answer<()> {
    let by = turn.session.gate.by();
    let files: Vec<String> = difference.changes.iter().map(Change::name).collect();
    let many = files.len();
    turn.record(Record::AgentPutBack {
        step: turn.name(),
        attempt: turn.memory.attempt,
        by,
        files,
    })?;
    let desk = &turn.session.desk;
    desk.depot().restore(difference, &desk.session)?;
    let what = crate::words::counted(many, "file is", "files are");
    turn.session.listener.note(&format!("{what} as before"));
    Ok(())
}
