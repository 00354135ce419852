//! A recorder that runs, what is asked of it, and what it leaves.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, ChildStderr, Stdio};
use std::sync::mpsc::Receiver;

use crate::support::project::Project;
use crate::support::wire_server::{Act, WireServer, send};

pub(crate) const KEY: &str = "sk-live/0123456789+abcdef";

/// A recorder that runs.
pub(crate) struct Recorder {
    pub(crate) child: Child,
    pub(crate) port: u16,
    pub(crate) told: BufReader<ChildStderr>,
}

impl Recorder {
    pub(crate) fn start(project: &Project, upstream: &str, more: &[&str]) -> Self {
        let args = [&["mock", "record", "--upstream", upstream], more].concat();
        let mut command = project.command(&args);
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        let told = BufReader::new(child.stderr.take().unwrap());
        let port = line
            .strip_prefix("{\"schema\":\"stepgate.mock/1\",\"url\":\"http://127.0.0.1:")
            .and_then(|rest| rest.strip_suffix("\"}\n"));
        let port = port.unwrap_or_else(|| panic!("{line}")).parse().unwrap();
        Self { child, port, told }
    }

    pub(crate) fn send(&self, request: &str) -> TcpStream {
        let mut client = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        client.write_all(request.as_bytes()).unwrap();
        client
    }

    /// Sends a request and reads to the end: status, headers without the date, and body.
    pub(crate) fn answer(&self, request: &str) -> (u16, Vec<String>, String) {
        let mut whole = Vec::new();
        self.send(request).read_to_end(&mut whole).unwrap();
        let whole = String::from_utf8(whole).unwrap();
        let (head, body) = whole.split_once("\r\n\r\n").unwrap();
        let mut lines = head.split("\r\n");
        let status = lines.next().unwrap()[9..12].parse().unwrap();
        let mut headers: Vec<String> = lines
            .filter(|line| !line.starts_with("date:"))
            .map(str::to_owned)
            .collect();
        headers.sort();
        (status, headers, body.to_owned())
    }

    /// The next line on standard error, its time as `T`.
    pub(crate) fn told(&mut self) -> String {
        let mut line = String::new();
        self.told.read_line(&mut line).unwrap();
        timeless(&line)
    }

    pub(crate) fn signal(&self, signal: rustix::process::Signal) {
        let pid = rustix::process::Pid::from_raw(i32::try_from(self.child.id()).unwrap()).unwrap();
        rustix::process::kill_process(pid, signal).unwrap();
    }

    /// Asks it to end and returns its exit code and what it still told.
    pub(crate) fn end(mut self) -> (Option<i32>, String) {
        self.signal(rustix::process::Signal::TERM);
        let mut rest = String::new();
        self.told.read_to_string(&mut rest).unwrap();
        (self.child.wait().unwrap().code(), timeless(&rest))
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub(crate) fn timeless(text: &str) -> String {
    let seconds = regex::Regex::new(r" in \d+\.\d{3} s").unwrap();
    seconds.replace_all(text, " in T s").into_owned()
}

pub(crate) fn base(server: &WireServer) -> String {
    format!("http://127.0.0.1:{}", server.port())
}

pub(crate) fn post(path: &str, headers: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "POST {path} HTTP/1.1\r\nhost: recorder\r\nconnection: close\r\ncontent-length: {length}\r\n{headers}\r\n{body}"
    )
}

/// A request that differs from others in its model.
pub(crate) fn ask(model: &str) -> String {
    post("/v1/chat/completions", "", &format!("{{\"model\":\"{model}\"}}"))
}

pub(crate) fn chunk(text: &str) -> Act {
    send(&format!("{:x}\r\n{text}\r\n", text.len()))
}

pub(crate) fn chunked_head(headers: &str) -> Act {
    send(&format!(
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n{headers}\r\n"
    ))
}

pub(crate) fn end() -> Act {
    send("0\r\n\r\n")
}

/// Reads until this text has come.
pub(crate) fn until(client: &mut TcpStream, text: &str) -> String {
    let mut came = Vec::new();
    let mut byte = [0];
    while !String::from_utf8_lossy(&came).ends_with(text) {
        assert_eq!(
            client.read(&mut byte).unwrap(),
            1,
            "{}",
            String::from_utf8_lossy(&came)
        );
        came.push(byte[0]);
    }
    String::from_utf8(came).unwrap()
}

/// The scenario with its times and its day replaced.
pub(crate) fn scenario(project: &Project, file: &str) -> toml::Table {
    let text = project.read(file);
    let times = regex::Regex::new(r"\[\d+\.\d, ").unwrap();
    let day = regex::Regex::new(r"on \d{4}-\d\d-\d\d").unwrap();
    let text = times.replace_all(&text, "[0.0, ");
    toml::from_str(&day.replace(&text, "on DAY")).unwrap()
}

pub(crate) fn digest(method: &str, path: &str, body: &str) -> String {
    stepgate::mock::recording::digest(method, path, body.as_bytes())
}

pub(crate) fn bodies(project: &Project) -> BTreeMap<String, String> {
    let entries = fs::read_dir(project.root().join("recorded")).unwrap();
    entries
        .map(|entry| entry.unwrap().path())
        .map(|path| {
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            (name, fs::read_to_string(path).unwrap())
        })
        .collect()
}

pub(crate) fn expected(bodies: &[(&str, &str)]) -> BTreeMap<String, String> {
    let own = |(name, text): &(&str, &str)| ((*name).to_owned(), (*text).to_owned());
    bodies.iter().map(own).collect()
}

/// All bytes of all files beneath a folder.
pub(crate) fn everything(folder: &Path) -> String {
    let mut text = String::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        text += &path.display().to_string();
        if path.is_dir() {
            text += &everything(&path);
        } else {
            text += &String::from_utf8_lossy(&fs::read(&path).unwrap());
        }
    }
    text
}

pub(crate) fn wait(gate: &Receiver<()>) {
    gate.recv().unwrap();
}
