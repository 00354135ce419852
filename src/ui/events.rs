use std::io::Write;

use serde::Serialize;

use crate::session::{Event, Listener};

/// Tells a program what a session does: a JSON document a line, schema `stepgate.event/1`.
pub struct JsonLines<W: Write> {
    out: W,
    broken: Option<std::io::ErrorKind>,
}

impl<W: Write> JsonLines<W> {
    /// Writes to `out`.
    pub fn new(out: W) -> Self {
        Self { out, broken: None }
    }
}

#[derive(Serialize)]
struct Line<'a> {
    schema: &'static str,
    #[serde(flatten)]
    event: &'a Event<'a>,
}

impl<W: Write> Listener for JsonLines<W> {
    fn tell(&mut self, event: &Event<'_>) {
        if self.broken.is_some() {
            return;
        }
        let line = Line {
            schema: "stepgate.event/1",
            event,
        };
        let written = serde_json::to_vec(&line)
            .map_err(std::io::Error::from)
            .and_then(|mut line| {
                line.push(b'\n');
                self.out.write_all(&line).and_then(|()| self.out.flush())
            });
        self.broken = written.err().map(|error| error.kind());
    }

    fn broken(&self) -> Option<std::io::ErrorKind> {
        self.broken
    }
}

/// Tells two listeners the same.
pub struct Both<'a>(pub &'a mut dyn Listener, pub &'a mut dyn Listener);

impl Listener for Both<'_> {
    fn tell(&mut self, event: &Event<'_>) {
        self.0.tell(event);
        self.1.tell(event);
    }

    fn settle(&mut self) {
        self.0.settle();
        self.1.settle();
    }

    fn broken(&self) -> Option<std::io::ErrorKind> {
        self.0.broken().or_else(|| self.1.broken())
    }
}
