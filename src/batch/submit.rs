use super::dock::{Claim, Dock};
use super::staging::prompts;
use super::{PartStage, Submission};
use crate::crash;
use crate::export::FileEntry;
use crate::llm::client::{BatchClient, BatchError, Input};
use crate::llm::wire::batch::{Create, Engine};
use crate::state::BatchRecord;
use crate::words::{Exit, Failure};

/// How far a submission is on its way out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnTheWay {
    /// The journals of so many plans, of all, say that their steps are out.
    Claimed {
        /// So many.
        plans: usize,
        /// Of so many.
        of: usize,
    },
    /// A file goes out now.
    Sending {
        /// The bytes of the files before it.
        before: u64,
        /// The bytes of all files.
        of: u64,
    },
}

/// Submits what was agreed to: the journal of every plan says that its steps are out, then each file is uploaded and a
/// batch is made of it.
///
/// Fails with what the first file failed with; the steps of all files of which surely no batch was made are free then.
pub fn submit(
    submission: &mut Submission,
    client: &mut BatchClient,
    dock: &Dock<'_>,
    attested: Option<&str>,
    told: &dyn Fn(OnTheWay),
) -> Result<(), Failure> {
    let claimed = claim(submission, dock, attested, told);
    let mut failed = claimed.err();
    let of = submission.manifest.totals.bytes;
    let mut before = 0;
    for index in 0..submission.parts.len() {
        if failed.is_none() {
            told(OnTheWay::Sending { before, of });
            before += submission.manifest.files[index].bytes;
            failed = make(submission, index, client).err();
        }
        let part = &submission.parts[index];
        if matches!(part.stage, PartStage::Waiting | PartStage::Uploaded(_)) {
            let file = part.file.clone();
            let why = match &failed {
                Some(failure) => format!("its batch was not made: {}", said(failure)),
                None => "its batch was not made".to_owned(),
            };
            let why = format!("{}{why}", BatchRecord::NOT_SENT);
            submission.record(BatchRecord::NotMade { file, why })?;
        }
    }
    let Some(failure) = failed else {
        return Ok(());
    };
    // What cannot be freed now is freed by the next command; why nothing was submitted is worth more here.
    let _ = submission.free(dock);
    Err(failure)
}

fn claim(
    submission: &mut Submission,
    dock: &Dock<'_>,
    attested: Option<&str>,
    told: &dyn Fn(OnTheWay),
) -> Result<(), Failure> {
    let prompts = prompts(&submission.folder);
    let claim = Claim {
        mark: &submission.mark,
        endpoint: &submission.agreement.endpoint,
        model: &submission.agreement.model,
        attested,
        prompts: &prompts,
        made_at: submission.made_at.as_ref(),
    };
    let all = &submission.manifest.plans;
    let of = all.len();
    told(OnTheWay::Claimed { plans: 0, of });
    for (before, plan) in all.iter().enumerate() {
        dock.moor(&plan.real)?.claim(plan, &claim)?;
        told(OnTheWay::Claimed {
            plans: before + 1,
            of,
        });
    }
    submission.record(BatchRecord::Claimed)
}

/// Makes a batch of one file.
fn make(submission: &mut Submission, index: usize, client: &mut BatchClient) -> Result<(), Failure> {
    let file = submission.parts[index].file.clone();
    let path = submission.folder.join("export").join(&file);
    let entry = submission.manifest.files.iter().find(|entry| entry.path == file);
    let sha256 = entry.map(|FileEntry { sha256, .. }| sha256.clone());
    let sha256 =
        sha256.ok_or_else(|| Failure::new(Exit::LocalIo, "manifest", "a file is not in the manifest"))?;
    let mark = batch_mark(&submission.mark, &file);
    let url = submission.manifest.url.clone().unwrap_or_default();
    let uploaded = match client.engine() {
        Engine::Anthropic => None,
        Engine::OpenAi => {
            let name = format!("stepgate-{}-{file}", submission.mark);
            // Whatever became of the upload, no batch is made of it.
            let id = client.upload(&path, &name, &sha256).map_err(BatchError::plain)?;
            let record = BatchRecord::Uploaded {
                file: file.clone(),
                id: id.clone(),
            };
            submission.record(record)?;
            Some(id)
        }
    };
    // From here on a batch may have been made.
    submission.record(BatchRecord::Create { file: file.clone() })?;
    let created = client.create(match &uploaded {
        None => Input::Body(&path),
        Some(input) => Input::Uploaded(Create {
            input,
            path: &url,
            mark: &mark,
        }),
    });
    crash::point();
    match created {
        Ok(told) => submission.record(BatchRecord::Created { file, id: told.id }),
        Err(
            BatchError::Refused(failure) | BatchError::Absent(failure) | BatchError::Unsupported(failure),
        ) => {
            let why = format!("its batch was refused: {}", said(&failure));
            submission.record(BatchRecord::NotMade { file, why })?;
            Err(failure)
        }
        Err(BatchError::Unknown(failure)) => Err(failure
            .help("whether the batch was made is not known: nothing is submitted again by itself")
            .help("`stepgate batch status` looks for it among the batches that the engine has")),
        Err(BatchError::Interrupted(signal)) => Err(Failure::silent(Exit::Signal(signal))),
    }
}

/// A failure with what the server said, for the record.
fn said(failure: &Failure) -> String {
    if matches!(failure.exit, Exit::Signal(_)) {
        return "interrupted".to_owned();
    }
    let found = failure.diagnostics.iter().find_map(|one| one.found.as_deref());
    match found {
        Some(found) => format!("{failure}; it said {found}"),
        None => failure.to_string(),
    }
}

/// What a batch is found by at an engine that takes such a thing.
pub(super) fn batch_mark(mark: &str, file: &str) -> String {
    format!("{mark} {file}")
}
