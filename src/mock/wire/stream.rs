use super::json::Json;
use super::responses::Events;
use super::{Saying, chat, error, messages, ollama, responses};
use crate::mock::{Dialect, MalformedWhat, Refusal};

/// Writes a reply as a stream, piece by piece.
///
/// What a chunk of text has around it is made once: a chunk is three copies of bytes.
#[derive(Debug, Clone)]
pub struct Stream {
    saying: Saying,
    before: Vec<u8>,
    after: Vec<u8>,
    /// The number of the next event, where a dialect numbers them.
    next: u64,
}

/// The `content-type` of a reply that is streamed.
pub fn stream_type(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::Ollama => "application/x-ndjson",
        _ => "text/event-stream; charset=utf-8",
    }
}

impl Stream {
    /// A stream that has not begun.
    pub fn new(saying: &Saying) -> Self {
        let (before, after) = match saying.dialect {
            Dialect::Chat => chat::delta(saying),
            Dialect::Responses => responses::delta(saying),
            Dialect::Messages => messages::delta(),
            Dialect::Ollama => ollama::delta(saying),
        };
        Self {
            saying: saying.clone(),
            before,
            after,
            next: 0,
        }
    }

    /// Writes what comes before the text. Ollama has nothing there.
    pub fn begin(&mut self, out: &mut Vec<u8>) {
        match self.saying.dialect {
            Dialect::Chat => chat::begin(&self.saying, out),
            Dialect::Responses => self.events(out).begin(),
            Dialect::Messages => messages::begin(&self.saying, out),
            Dialect::Ollama => {}
        }
    }

    /// Writes a chunk of text.
    pub fn chunk(&mut self, text: &str, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.before);
        Json(out).text(text);
        out.extend_from_slice(&self.after);
        if self.saying.dialect == Dialect::Responses {
            Json(out).number(self.next).raw("}\n\n");
            self.next += 1;
        }
    }

    /// Writes all that comes after the text: tool calls, the reason to stop, the tokens, the mark of the end.
    pub fn end(&mut self, out: &mut Vec<u8>) {
        match self.saying.dialect {
            Dialect::Chat => chat::end(&self.saying, out),
            Dialect::Responses => self.events(out).end(),
            Dialect::Messages => messages::end(&self.saying, out),
            Dialect::Ollama => ollama::end(&self.saying, out),
        }
    }

    /// Writes what keeps a connection open and says nothing: Anthropic's event, for OpenAI a comment. Ollama has no
    /// such thing, and its clients take an empty line for a broken one: nothing is written.
    pub fn ping(&self, out: &mut Vec<u8>) {
        match self.saying.dialect {
            Dialect::Chat | Dialect::Responses => out.extend_from_slice(b": ping\n\n"),
            Dialect::Messages => messages::ping(out),
            Dialect::Ollama => {}
        }
    }

    /// Writes an error as the provider sends it once the status was 200. Nothing follows it.
    pub fn error(&mut self, refusal: &Refusal, out: &mut Vec<u8>) {
        let dialect = self.saying.dialect;
        let mut payload = Vec::new();
        if dialect == Dialect::Responses && refusal.body.is_none() {
            self.numbered_error(refusal, &mut payload);
        } else {
            error::body(dialect, self.saying.number, refusal, &mut payload);
        }
        if dialect == Dialect::Ollama {
            out.extend_from_slice(&payload);
            out.push(b'\n');
            return;
        }
        if dialect != Dialect::Chat {
            out.extend_from_slice(b"event: error\n");
        }
        for line in payload.split(|byte| *byte == b'\n') {
            out.extend_from_slice(b"data: ");
            out.extend_from_slice(line);
            out.push(b'\n');
        }
        out.push(b'\n');
    }

    /// Writes a chunk of text that no client can read: JSON without its last brace, or a line that its format does not
    /// know (an event without `data:`; JSON lines with one).
    pub fn malformed(&mut self, text: &str, what: MalformedWhat, out: &mut Vec<u8>) {
        let mut chunk = Vec::new();
        self.chunk(text, &mut chunk);
        let end = chunk.trim_ascii_end().len();
        let (payload, tail) = chunk.split_at(end);
        match (what, self.saying.dialect) {
            (MalformedWhat::Json, _) => out.extend_from_slice(&payload[..end.saturating_sub(1)]),
            (MalformedWhat::Event, Dialect::Ollama) => {
                out.extend_from_slice(b"data: ");
                out.extend_from_slice(payload);
            }
            (MalformedWhat::Event, _) => {
                let start = memchr::memchr(b'{', payload).unwrap_or(0);
                out.extend_from_slice(&payload[start..]);
            }
        }
        out.extend_from_slice(tail);
    }

    fn events<'a>(&'a mut self, out: &'a mut Vec<u8>) -> Events<'a> {
        Events {
            saying: &self.saying,
            next: &mut self.next,
            out,
        }
    }

    /// The error event of Responses, which is flat and numbered like every other.
    fn numbered_error(&mut self, refusal: &Refusal, out: &mut Vec<u8>) {
        let words = error::Words::openai(refusal);
        let mut json = Json(out);
        json.raw(r#"{"type":"error","code":"#)
            .text(words.code.unwrap_or(words.kind));
        json.raw(r#","message":"#).text(&refusal.message);
        json.raw(r#","param":null,"sequence_number":"#)
            .number(self.next)
            .raw("}");
        self.next += 1;
    }
}
