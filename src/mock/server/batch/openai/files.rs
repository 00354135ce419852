use std::path::{Path, PathBuf};
use std::{fs, io};

use http::Method;
use http::header::CONTENT_TYPE;
use serde_json::{Value, json};

use super::create::{check_seconds, invalid_value, missing};
use super::list::list;
use crate::mock::server::batch::ids::id;
use crate::mock::server::batch::lines::discard;
use crate::mock::server::batch::multipart::{Part, parts};
use crate::mock::server::batch::refusal::Refusal;
use crate::mock::server::batch::shelf::{Cursor, Shelf};
use crate::mock::server::batch::{Call, Response};

/// How many files are kept: an input and two results for each batch.
const MOST_FILES: usize = 3_000;

/// What a client may upload files for.
const PURPOSES: [&str; 6] = ["assistants", "batch", "fine-tune", "vision", "user_data", "evals"];

/// Seconds that files of batches are kept: 30 days.
const KEPT: i64 = 2_592_000;

/// The files of OpenAI's users: records here, contents on disk, each under its id.
#[derive(Debug)]
pub(super) struct Files {
    folder: PathBuf,
    shelf: Shelf<Record>,
    made: u64,
}

/// A file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Record {
    pub(super) id: String,
    pub(super) filename: String,
    pub(super) purpose: String,
    pub(super) bytes: u64,
    pub(super) created_at: i64,
    pub(super) expires_at: Option<i64>,
}

impl Record {
    /// The file as OpenAI shows it.
    fn to_json(&self) -> Value {
        json!({
            "object": "file",
            "id": self.id,
            "purpose": self.purpose,
            "filename": self.filename,
            "bytes": self.bytes,
            "created_at": self.created_at,
            "expires_at": self.expires_at,
            "status": "processed",
            "status_details": null,
        })
    }
}

impl Files {
    /// No files, their contents in `folder`.
    pub(super) fn new(folder: PathBuf) -> Self {
        Self {
            folder,
            shelf: Shelf::new(MOST_FILES),
            made: 0,
        }
    }

    /// Answers a request, with the parts of its path.
    ///
    /// # Errors
    ///
    /// Where it is refused.
    pub(super) fn handle(&mut self, call: &Call<'_>, path: &[&str]) -> Result<Response, Refusal> {
        match (call.method, path) {
            (&Method::POST, []) => self.upload(call),
            (&Method::GET, []) => self.list(call),
            (&Method::GET, [id]) => Ok(Response::json(200, &self.get(id)?.to_json())),
            (&Method::DELETE, [id]) => self.delete(id),
            (&Method::GET, [id, "content"]) => self.content(id),
            (_, [] | [_] | [_, "content"]) => Err(Refusal::method()),
            _ => Err(Refusal::new(
                404,
                format!("Invalid URL ({} {})", call.method, call.path),
            )),
        }
    }

    /// Forgets all files.
    pub(super) fn reset(&mut self) {
        for file in self.shelf.clear() {
            discard(&self.folder.join(file.id));
        }
        self.made = 0;
    }

    /// The file of this id.
    ///
    /// # Errors
    ///
    /// Where there is none.
    pub(super) fn get(&self, id: &str) -> Result<&Record, Refusal> {
        self.shelf.get(id).ok_or_else(|| unknown(id))
    }

    /// Makes a file of what was written at `path`, of the results of a batch; its id.
    ///
    /// # Errors
    ///
    /// Where it cannot be moved.
    pub(super) fn adopt(
        &mut self,
        path: &Path,
        filename: String,
        created_at: i64,
        seconds: Option<i64>,
    ) -> io::Result<String> {
        let id = self.next_id();
        fs::rename(path, self.folder.join(&id))?;
        let record = Record {
            id: id.clone(),
            filename,
            purpose: "batch_output".to_owned(),
            bytes: fs::metadata(self.folder.join(&id))?.len(),
            created_at,
            expires_at: Some(created_at + seconds.unwrap_or(KEPT)),
        };
        self.add(record);
        Ok(id)
    }

    fn next_id(&mut self) -> String {
        self.made += 1;
        id("file-", 22, self.made)
    }

    fn add(&mut self, record: Record) {
        if let Some(gone) = self.shelf.add(record.id.clone(), record, |_| true) {
            discard(&self.folder.join(gone.id));
        }
    }

    fn upload(&mut self, call: &Call<'_>) -> Result<Response, Refusal> {
        let content_type = call.headers.get(CONTENT_TYPE);
        let content_type = content_type
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        let parts = parts(content_type, &call.body)
            .map_err(|error| Refusal::new(400, format!("Could not parse multipart form: {error}")))?;
        let part = |name: &str| parts.iter().find(|part| part.name == name);
        let text = |name: &str| part(name).map(|part| String::from_utf8_lossy(&part.data).into_owned());
        let purpose = text("purpose").ok_or_else(|| missing("purpose"))?;
        let file = part("file").ok_or_else(|| missing("file"))?;
        let filename = file.filename.clone().ok_or_else(|| missing("file"))?;
        check_purpose(&purpose, &filename)?;
        let seconds = match text("expires_after[seconds]") {
            None => (purpose == "batch").then_some(KEPT),
            Some(text) => {
                let name = "expires_after[seconds]";
                let seconds = text.parse().map_err(|_| invalid_value(name, &text, "integers"))?;
                Some(check_seconds(name, seconds)?)
            }
        };
        let record = Record {
            id: self.next_id(),
            filename,
            purpose,
            bytes: u64::try_from(file.data.len()).unwrap_or(u64::MAX),
            created_at: call.now,
            expires_at: seconds.map(|seconds| call.now + seconds),
        };
        self.keep(&record, file)?;
        let response = Response::json(200, &record.to_json());
        self.add(record);
        Ok(response)
    }

    fn keep(&self, record: &Record, part: &Part) -> Result<(), Refusal> {
        let path = self.folder.join(&record.id);
        fs::write(&path, &part.data).map_err(|error| {
            discard(&path);
            error.into()
        })
    }

    fn list(&self, call: &Call<'_>) -> Result<Response, Refusal> {
        let limit = call.limit(10_000, 10_000)?;
        let newest_first = match call.parameter("order").as_deref() {
            None | Some("desc") => true,
            Some("asc") => false,
            Some(other) => return Err(invalid_value("order", other, "'asc' and 'desc'")),
        };
        let purpose = call.parameter("purpose");
        let keep = |file: &Record| purpose.as_ref().is_none_or(|purpose| *purpose == file.purpose);
        let after = call.parameter("after");
        let cursor = after.clone().map_or(Cursor::Start, Cursor::After);
        let page = self.shelf.page(&cursor, limit, newest_first, keep);
        let page = page.ok_or_else(|| unknown(&after.unwrap_or_default()))?;
        let data: Vec<_> = page.items.into_iter().map(Record::to_json).collect();
        Ok(Response::json(200, &list(&data, page.more)))
    }

    fn content(&self, id: &str) -> Result<Response, Refusal> {
        let file = self.get(id)?;
        let response = Response::file(&self.folder.join(id), "application/octet-stream")?;
        // A header is ASCII and one line, a name of a client's choice may be neither.
        let name: String = file.filename.chars().map(plain).collect();
        Ok(response.header("content-disposition", format!("attachment; filename=\"{name}\"")))
    }

    fn delete(&mut self, id: &str) -> Result<Response, Refusal> {
        self.shelf.remove(id).ok_or_else(|| unknown(id))?;
        discard(&self.folder.join(id));
        Ok(Response::json(
            200,
            &json!({"object": "file", "deleted": true, "id": id}),
        ))
    }
}

fn plain(character: char) -> char {
    match character {
        '"' | '\\' => '_',
        ' '..='~' => character,
        _ => '_',
    }
}

fn check_purpose(purpose: &str, filename: &str) -> Result<(), Refusal> {
    if !PURPOSES.contains(&purpose) {
        let supported = PURPOSES.map(|purpose| format!("'{purpose}'")).join(", ");
        return Err(invalid_value("purpose", purpose, &supported));
    }
    let lines = filename.to_ascii_lowercase().ends_with(".jsonl");
    if purpose == "batch" && !lines {
        return Err(Refusal::new(
            400,
            "Invalid file format for Batch API. Must be .jsonl",
        ));
    }
    Ok(())
}

fn unknown(id: &str) -> Refusal {
    Refusal::new(404, format!("No such File object: {id}")).param("id")
}

#[cfg(test)]
#[path = "files_tests.rs"]
mod tests;
