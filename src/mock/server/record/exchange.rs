use std::io::{self, Write as _};
use std::ops::RangeInclusive;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use http::{HeaderMap, header};

use super::head;
use super::heard::Heard;
use super::rule::Taken;
use super::secrets::Secrets;
use super::shelf::{Part, Shelf};
use super::wash::{Wash, clean};
use crate::words::printable_line;

/// The statuses that a scenario's reader takes.
const STATUSES: RangeInclusive<u16> = 200..=599;

/// What all exchanges of a recorder share.
pub(super) struct Desk {
    pub(super) shelf: Mutex<Shelf>,
    /// Tells the user a line.
    pub(super) tell: Box<dyn Fn(&str) + Send + Sync>,
    /// Exchanges that the disk did not take.
    pub(super) failed: AtomicU64,
    /// Whether what is under way is being ended.
    pub(super) stopped: AtomicBool,
}

impl Desk {
    pub(super) fn shelf(&self) -> MutexGuard<'_, Shelf> {
        self.shelf.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One request and its response, from the first byte to the verdict. Dropped without one, it is told as unrecorded.
pub(super) struct Exchange {
    desk: Arc<Desk>,
    heard: Heard,
    secrets: Secrets,
    /// Method and path, for people.
    name: String,
    start: Instant,
    /// When the last piece came.
    last: Instant,
    bytes: u64,
    answer: Option<Answer>,
    settled: bool,
}

/// The response as far as it came.
struct Answer {
    status: u16,
    headers: Vec<(String, String)>,
    /// Whether a header held a secret.
    redacted: bool,
    wash: Wash,
    part: io::Result<Part>,
    /// Whether the bytes hide what they say.
    compressed: bool,
}

impl Exchange {
    /// Begins with a request; `name` is its method and its path without keys.
    pub(super) fn begin(desk: Arc<Desk>, heard: Heard, secrets: Secrets, name: &str) -> Self {
        let name = clean(&secrets, name);
        let start = Instant::now();
        Self {
            desk,
            heard,
            secrets,
            name,
            start,
            last: start,
            bytes: 0,
            answer: None,
            settled: false,
        }
    }

    /// A text of this exchange without its secrets.
    pub(super) fn clean(&self, text: &str) -> String {
        clean(&self.secrets, text)
    }

    /// Takes the head of the response.
    pub(super) fn answered(&mut self, status: u16, headers: &HeaderMap) {
        let encoding = headers.get(header::CONTENT_ENCODING);
        let compressed = encoding.is_some_and(|encoding| encoding != "identity");
        self.secrets.learn(headers);
        let (headers, redacted) = head::recorded(headers, &self.secrets);
        self.answer = Some(Answer {
            status,
            headers,
            redacted,
            wash: Wash::new(&self.secrets),
            part: self.desk.shelf().part(),
            compressed,
        });
    }

    /// Takes a piece of the body. A disk that does not take it does not keep it from the client.
    pub(super) fn piece(&mut self, bytes: &[u8]) {
        let now = Instant::now();
        let wait = now - self.last;
        self.last = now;
        self.bytes += bytes.len() as u64;
        if let Some(answer) = &mut self.answer
            && !answer.compressed
        {
            let clean = answer.wash.pass(wait, bytes);
            answer.write(&clean);
        }
    }

    /// Ends it in order: it is recorded, before the client learns of the end.
    pub(super) fn end(&mut self) {
        let (Some(answer), false) = (self.answer.take(), self.settled) else {
            return;
        };
        let Some((request, model)) = self.heard.whole() else {
            return self.discard(answer, "the response ended before the request had");
        };
        if answer.compressed {
            return self.discard(
                answer,
                "the response came compressed, and keys cannot be looked for in it",
            );
        }
        // One such reply would make the whole scenario unreadable.
        if !STATUSES.contains(&answer.status) {
            return self.discard(answer, "a scenario holds no status but 200 to 599");
        }
        self.settled = true;
        let status = answer.status;
        match self.keep(answer, request, model) {
            Ok((number, redacted)) => {
                let stands = if redacted {
                    "; a key that it held was replaced by `[key]`"
                } else {
                    ""
                };
                self.tell(&format!(
                    "{status}, {} bytes in {:.3} s, recorded as #{number}{stands}",
                    self.bytes,
                    self.start.elapsed().as_secs_f64(),
                ));
            }
            Err(error) => {
                self.desk.failed.fetch_add(1, Ordering::SeqCst);
                let file = self.desk.shelf().file().display().to_string();
                self.tell(&format!("{status}, not recorded: cannot write `{file}`: {error}"));
            }
        }
    }

    /// Ends it without a recording.
    pub(super) fn lost(&mut self, why: &str) {
        if self.settled {
            return;
        }
        match self.answer.take() {
            Some(answer) => self.discard(answer, why),
            None => {
                self.settled = true;
                self.tell(&format!("not recorded: {why}"));
            }
        }
    }

    fn keep(&self, mut answer: Answer, request: String, model: Option<String>) -> io::Result<(u64, bool)> {
        let wash = std::mem::replace(&mut answer.wash, Wash::new(&Secrets::default()));
        let washed = wash.finish();
        answer.write(&washed.rest);
        let part = answer.part?;
        let taken = Taken {
            request,
            name: self.clean(&self.name),
            model: model.map(|model| self.clean(&model)),
            status: answer.status,
            headers: answer.headers,
            pieces: washed.pieces,
        };
        let number = self.desk.shelf().keep(&taken, &part.path);
        if number.is_err() {
            let _ = std::fs::remove_file(&part.path);
        }
        Ok((number?, washed.found || answer.redacted))
    }

    fn discard(&mut self, answer: Answer, why: &str) {
        self.settled = true;
        if let Ok(part) = answer.part {
            // What remains is removed by the next recorder.
            let _ = std::fs::remove_file(part.path);
        }
        self.tell(&format!("{}, not recorded: {why}", answer.status));
    }

    fn tell(&self, what: &str) {
        (self.desk.tell)(&format!("{}: {what}", printable_line(&self.clean(&self.name))));
    }
}

impl Answer {
    fn write(&mut self, bytes: &[u8]) {
        if let Ok(part) = &mut self.part
            && let Err(error) = part.file.write_all(bytes)
        {
            let _ = std::fs::remove_file(&part.path);
            self.part = Err(error);
        }
    }
}

impl Drop for Exchange {
    fn drop(&mut self) {
        let why = if self.desk.stopped.load(Ordering::SeqCst) {
            "the recorder was stopped before the response had ended"
        } else {
            "the client left before the response had ended"
        };
        self.lost(why);
    }
}
