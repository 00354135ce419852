//! `stepgate mock serve` as users run it, and a client that sees every byte.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use super::project::Project;

/// How long anything may take that comes in a moment, on a machine that is busy.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// A server that runs; it is killed when it is dropped.
pub(crate) struct MockServer {
    child: Child,
    /// Without a path.
    pub(crate) url: String,
    pub(crate) port: u16,
}

impl MockServer {
    /// Starts a server for a scenario, which is written into the project as `scenario.toml`.
    pub(crate) fn of(project: &Project, scenario: &str) -> Self {
        project.write("scenario.toml", scenario);
        Self::start(project, &["scenario.toml"])
    }

    /// Starts `mock serve` with arguments, and waits until it says where it is reached.
    pub(crate) fn start(project: &Project, args: &[&str]) -> Self {
        let mut command = project.command(&[]);
        command.args(["mock", "serve"]).args(args);
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        stdout.read_line(&mut line).unwrap();
        if line.is_empty() {
            let mut told = String::new();
            child.stderr.take().unwrap().read_to_string(&mut told).unwrap();
            panic!("the server did not begin: {told}");
        }
        let ready: Value = serde_json::from_str(&line).unwrap();
        assert_eq!(ready["schema"], "stepgate.mock/1");
        let url = ready["url"].as_str().unwrap().to_owned();
        let port = url.rsplit_once(':').unwrap().1.parse().unwrap();
        Self { child, url, port }
    }

    /// Ends the server with a signal; its exit code and what it told.
    pub(crate) fn end(mut self, signal: Signal) -> (Option<i32>, String) {
        let pid = Pid::from_raw(i32::try_from(self.child.id()).unwrap()).unwrap();
        kill_process(pid, signal).unwrap();
        let mut told = String::new();
        self.child
            .stderr
            .take()
            .unwrap()
            .read_to_string(&mut told)
            .unwrap();
        (self.child.wait().unwrap().code(), told)
    }

    /// Ends the server with a signal while nobody reads what it tells.
    pub(crate) fn end_unheard(mut self, signal: Signal) -> Option<i32> {
        let pid = Pid::from_raw(i32::try_from(self.child.id()).unwrap()).unwrap();
        kill_process(pid, signal).unwrap();
        let mut ended = None;
        wait_until("the end", || {
            ended = self.child.try_wait().unwrap();
            ended.is_some()
        });
        ended.unwrap().code()
    }

    /// Waits until it holds no more descriptors than at its beginning; where there is no `/proc`, nothing is known.
    pub(crate) fn wait_for_descriptors(&self, most: usize) {
        let Some(_) = self.descriptors() else { return };
        wait_until("connections are let go", || {
            self.descriptors().is_some_and(|held| held <= most)
        });
    }

    /// How many descriptors it holds.
    pub(crate) fn descriptors(&self) -> Option<usize> {
        Some(
            std::fs::read_dir(format!("/proc/{}/fd", self.child.id()))
                .ok()?
                .count(),
        )
    }

    /// The number of the process.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// A connection to it.
    pub(crate) fn connect(&self) -> Talk {
        Talk::to(self.port)
    }

    /// Asks once, on a connection of its own.
    pub(crate) fn ask(&self, method: &str, path: &str, body: &str) -> Heard {
        let mut talk = self.connect();
        talk.ask(method, path, &[], body.as_bytes());
        talk.hear()
    }

    /// Asks a model for a reply by Chat Completions.
    pub(crate) fn chat(&self, model: &str, stream: bool) -> Heard {
        self.ask("POST", "/v1/chat/completions", &chat(model, stream))
    }

    /// What it says that it was asked.
    pub(crate) fn requests(&self) -> Value {
        serde_json::from_slice(&self.ask("GET", "/_stepgate/requests", "").body).unwrap()
    }
}

impl Drop for MockServer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The body of a request for a reply.
pub(crate) fn chat(model: &str, stream: bool) -> String {
    format!(r#"{{"model":"{model}","stream":{stream},"messages":[{{"role":"user","content":"hello"}}]}}"#)
}

/// A connection of a client.
pub(crate) struct Talk {
    stream: TcpStream,
}

/// How a response ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// In order: all that was promised came.
    Whole,
    /// The connection was closed before that.
    Closed,
    /// The connection was reset before that.
    Reset,
}

/// A response as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Heard {
    /// 0 where not even a head came.
    pub(crate) status: u16,
    /// Names in lower case.
    pub(crate) headers: Vec<(String, String)>,
    /// Without the marks of its transfer.
    pub(crate) body: Vec<u8>,
    /// The pieces of a chunked transfer.
    pub(crate) pieces: Vec<Vec<u8>>,
    pub(crate) end: End,
}

impl Heard {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.as_str())
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }

    /// All text of a streamed reply in Chat Completions.
    pub(crate) fn said(&self) -> String {
        let text = self.text();
        let data = text.lines().filter_map(|line| line.strip_prefix("data: "));
        let chunks = data.filter_map(|data| serde_json::from_str::<Value>(data).ok());
        chunks
            .filter_map(|chunk| Some(chunk["choices"].get(0)?["delta"]["content"].as_str()?.to_owned()))
            .collect()
    }
}

impl Talk {
    pub(crate) fn to(port: u16) -> Self {
        let stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.set_nodelay(true).unwrap();
        Self { stream }
    }

    pub(crate) fn ask(&mut self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) {
        let mut head = format!(
            "{method} {path} HTTP/1.1\r\nhost: localhost\r\ncontent-length: {}\r\n",
            body.len()
        );
        for (name, value) in headers {
            head += &format!("{name}: {value}\r\n");
        }
        self.send(format!("{head}\r\n").as_bytes());
        self.send(body);
    }

    pub(crate) fn send(&mut self, bytes: &[u8]) {
        // A server that closed already shows in what is heard.
        let _ = self.stream.write_all(bytes);
    }

    /// The next bytes; none at the end.
    pub(crate) fn some(&mut self) -> Result<Vec<u8>, End> {
        let mut bytes = vec![0; 64 * 1024];
        match self.stream.read(&mut bytes) {
            Ok(0) => Err(End::Closed),
            Ok(read) => {
                bytes.truncate(read);
                Ok(bytes)
            }
            Err(error) if error.kind() == std::io::ErrorKind::ConnectionReset => Err(End::Reset),
            Err(error) => panic!("{error}"),
        }
    }

    /// Bytes up to the first that make `enough` true, or the end.
    pub(crate) fn until(&mut self, enough: impl Fn(&[u8]) -> bool) -> Result<Vec<u8>, (Vec<u8>, End)> {
        let mut bytes = Vec::new();
        while !enough(&bytes) {
            match self.some() {
                Ok(more) => bytes.extend(more),
                Err(end) => return Err((bytes, end)),
            }
        }
        Ok(bytes)
    }

    /// The whole response.
    pub(crate) fn hear(&mut self) -> Heard {
        let mut heard = Heard {
            status: 0,
            headers: Vec::new(),
            body: Vec::new(),
            pieces: Vec::new(),
            end: End::Whole,
        };
        let is_head = |bytes: &[u8]| bytes.windows(4).any(|four| four == b"\r\n\r\n");
        let bytes = match self.until(is_head) {
            Ok(bytes) => bytes,
            Err((_, end)) => {
                heard.end = end;
                return heard;
            }
        };
        let at = bytes.windows(4).position(|four| four == b"\r\n\r\n").unwrap() + 4;
        let head = String::from_utf8(bytes[..at].to_vec()).unwrap();
        let mut lines = head.lines();
        heard.status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
        for line in lines {
            if let Some((name, value)) = line.split_once(": ") {
                heard.headers.push((name.to_lowercase(), value.to_owned()));
            }
        }
        if heard.status == 100 {
            return self.hear();
        }
        let mut rest = bytes[at..].to_vec();
        if heard.header("transfer-encoding") == Some("chunked") {
            self.hear_chunks(&mut heard, rest);
        } else {
            let length: usize = heard.header("content-length").unwrap_or("0").parse().unwrap();
            while rest.len() < length {
                match self.some() {
                    Ok(more) => rest.extend(more),
                    Err(end) => {
                        heard.end = end;
                        break;
                    }
                }
            }
            heard.body = rest;
        }
        heard
    }

    fn hear_chunks(&mut self, heard: &mut Heard, mut rest: Vec<u8>) {
        loop {
            let line_end = rest.windows(2).position(|two| two == b"\r\n");
            let whole = line_end.and_then(|at| {
                let size = usize::from_str_radix(std::str::from_utf8(&rest[..at]).ok()?, 16).ok()?;
                (rest.len() >= at + 2 + size + 2).then_some((at + 2, size))
            });
            match whole {
                Some((_, 0)) => return,
                Some((at, size)) => {
                    let piece = rest[at..at + size].to_vec();
                    heard.body.extend(&piece);
                    heard.pieces.push(piece);
                    rest.drain(..at + size + 2);
                }
                None => match self.some() {
                    Ok(more) => rest.extend(more),
                    Err(end) => {
                        heard.end = end;
                        return;
                    }
                },
            }
        }
    }
}

/// Waits for something that comes in a moment.
pub(crate) fn wait_until(what: &str, mut is_so: impl FnMut() -> bool) {
    let until = Instant::now() + PATIENCE;
    while !is_so() {
        assert!(Instant::now() < until, "waited in vain: {what}");
        std::thread::yield_now();
    }
}
