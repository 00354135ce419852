use std::fs::File;
use std::io::{self, Cursor, Read};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use futures_util::stream;
use reqwest::header::{ACCEPT, CONTENT_LENGTH, CONTENT_TYPE};
use reqwest::{Body, Client, Method, RequestBuilder, Url};

/// Bytes of a file that are sent at a time.
const PIECE: usize = 64 << 10;

/// Is told how many bytes of a file went out.
pub type Sent = Arc<dyn Fn(u64) + Send + Sync>;

/// A request to an engine.
pub(super) struct Call<'a> {
    pub(super) method: Method,
    pub(super) url: Url,
    pub(super) payload: Payload<'a>,
}

/// What goes with it.
pub(super) enum Payload<'a> {
    None,
    Json(Vec<u8>),
    /// A file that is read while it is sent, with something before and behind it.
    File {
        content_type: String,
        head: Vec<u8>,
        path: &'a Path,
        tail: Vec<u8>,
        /// Is told how much of it went out.
        sent: Option<Sent>,
    },
}

impl Call<'_> {
    /// A request without a body.
    pub(super) fn get(url: Url) -> Self {
        Self {
            method: Method::GET,
            url,
            payload: Payload::None,
        }
    }

    /// Bytes of the body.
    pub(super) fn length(&self) -> u64 {
        match &self.payload {
            Payload::None => 0,
            Payload::Json(body) => body.len() as u64,
            Payload::File { head, path, tail, .. } => {
                let file = path.metadata().map_or(0, |data| data.len());
                file + (head.len() + tail.len()) as u64
            }
        }
    }

    /// The request, ready to be sent; `moved` counts the bytes of its file that went out.
    pub(super) fn request(&self, client: &Client, moved: &Arc<AtomicU64>) -> io::Result<RequestBuilder> {
        let request = client
            .request(self.method.clone(), self.url.clone())
            .header(ACCEPT, "application/json, application/jsonl, */*");
        Ok(match &self.payload {
            Payload::None => request,
            Payload::Json(body) => request.body(Bytes::copy_from_slice(body)),
            Payload::File {
                content_type,
                head,
                path,
                tail,
                sent,
            } => {
                let file = File::open(path)?;
                let (before, size) = (head.len() as u64, file.metadata()?.len());
                let sent = sent.clone().map(|sent| -> Sent {
                    // What stands around the file is no part of what somebody counts on.
                    Arc::new(move |bytes| sent(bytes.saturating_sub(before).min(size)))
                });
                let whole = Cursor::new(head.clone())
                    .chain(file)
                    .chain(Cursor::new(tail.clone()));
                request
                    .header(CONTENT_TYPE, content_type)
                    .header(CONTENT_LENGTH, self.length())
                    .body(pieces(whole, Arc::clone(moved), sent))
            }
        })
    }
}

/// A body that is read piece by piece. The disk is local: it is not worth a thread.
fn pieces(reader: impl Read + Send + 'static, moved: Arc<AtomicU64>, sent: Option<Sent>) -> Body {
    Body::wrap_stream(stream::unfold(
        (reader, moved, sent),
        |(mut reader, moved, sent)| async move {
            let mut piece = vec![0; PIECE];
            match reader.read(&mut piece) {
                Ok(0) => None,
                Ok(count) => {
                    piece.truncate(count);
                    let before = moved.fetch_add(count as u64, Ordering::Relaxed);
                    if let Some(sent) = &sent {
                        sent(before + count as u64);
                    }
                    Some((Ok(Bytes::from(piece)), (reader, moved, sent)))
                }
                Err(error) => Some((Err(error), (reader, moved, sent))),
            }
        },
    ))
}
