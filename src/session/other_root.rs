//! Paths on record are from the root of the session that wrote them: beneath another one they are other files.

use std::path::Path;

use super::session::Session;
use crate::state::{Entry, Record};
use crate::tree::Root;
use crate::words::{Exit, Failure, shell_word};

/// The root that a step's files are beneath, where it is another one than this. `None` where nothing of the step is in the
/// tree, and for records that name no root.
///
/// The path is enough: state goes by the plan's path, and the plan is beneath all its roots.
pub(super) fn other_root<'a>(entries: &'a [Entry], step: &str, root: &Root) -> Option<&'a str> {
    let here = root.name();
    // Of the files that are on record, and of an agent's of which it is not decided what becomes of them.
    let (mut files, mut agent) = (None, None);
    for (entry, root) in with_root(entries) {
        let other = root.filter(|root| *root != here);
        if entry.record.step() != Some(step) {
            continue;
        }
        match &entry.record {
            Record::ApplyIntent { .. } | Record::RollbackIntent(_) => files = files.or(other),
            Record::AgentBegun { .. } => agent = other,
            Record::Made { .. } => files = files.or(agent.take()).or(other),
            Record::NoReply { .. } => agent = None,
            Record::RolledBack { stuck, .. } => {
                agent = None;
                files = files.filter(|_| !stuck.is_empty());
            }
            _ => {}
        }
    }
    files.or(agent)
}

/// Every record with the root of its session, where that is on record.
pub(super) fn with_root(entries: &[Entry]) -> impl Iterator<Item = (&Entry, Option<&str>)> {
    let mut now = None;
    entries.iter().map(move |entry| {
        if let Record::Session { root, .. } = &entry.record {
            now = root.as_deref();
        }
        (entry, now)
    })
}

/// Fails with exit 11, before anything is touched, where a step's files are beneath another root.
pub(super) fn same_root(session: &Session<'_>, step: &str) -> Result<(), Failure> {
    let desk = &session.desk;
    let Some(other) = other_root(desk.journal.entries(), step, &desk.root) else {
        return Ok(());
    };
    let text = format!(
        "the files of step {step} are beneath `{other}`, and the root is `{}` now",
        desk.root.name()
    );
    Err(Failure::new(Exit::Changed, "other-root", text)
        .help(format!(
            "no file was touched; say which root is meant: `--root {}`",
            shell_word(Path::new(other))
        ))
        .help(format!(
            "where that is no root any more, `stepgate run {} --forget-session` puts the record aside",
            shell_word(Path::new(desk.file.shown()))
        )))
}
