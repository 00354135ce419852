//! An HTTP server that plays raw bytes from scripts and records what it was asked.
//!
//! It waits at gates instead of sleeping, so a test decides when the next bytes come. One script answers one connection;
//! a connection that no script is left for gets a 599, which no test expects.

use std::collections::VecDeque;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

/// A request as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Recorded {
    pub(crate) method: String,
    pub(crate) path: String,
    /// Names in lower case, in the order that they came.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Recorded {
    /// The value of a header.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.as_str())
    }
}

/// What the server does next on a connection, after it has read the request.
pub(crate) enum Act {
    /// Sends these bytes.
    Send(Vec<u8>),
    /// Sends these bytes again and again until the client closes.
    Flood(Vec<u8>),
    /// Tells the test that this point was reached.
    Tell(Sender<()>),
    /// Waits until the test opens the gate, or drops it.
    Wait(Receiver<()>),
    /// Waits until the client closes the connection, then tells the test.
    UntilClosed(Sender<()>),
}

/// What one connection gets. At its end the server closes.
pub(crate) type Script = Vec<Act>;

/// A response with a length, whole.
pub(crate) fn response(status: u16, headers: &[(&str, &str)], body: &str) -> Script {
    let mut text = format!("HTTP/1.1 {status} Status\r\ncontent-length: {}\r\n", body.len());
    for (name, value) in headers {
        text += &format!("{name}: {value}\r\n");
    }
    vec![Act::Send(format!("{text}\r\n{body}").into_bytes())]
}

/// The head of a stream of events that ends with the connection.
pub(crate) fn stream_head() -> Act {
    send("HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\nx-request-id: req-1\r\n\r\n")
}

/// Some bytes.
pub(crate) fn send(text: &str) -> Act {
    Act::Send(text.as_bytes().to_vec())
}

/// One event.
pub(crate) fn event(data: &str) -> Act {
    send(&format!("data: {data}\n\n"))
}

/// An event with more text.
pub(crate) fn delta(text: &str) -> Act {
    let text = serde_json::to_string(text).unwrap();
    event(&format!(
        r#"{{"id":"c-1","model":"m-1","choices":[{{"index":0,"delta":{{"content":{text}}}}}]}}"#
    ))
}

/// The event that says why the model stopped.
pub(crate) fn finish(reason: &str) -> Act {
    event(&format!(
        r#"{{"choices":[{{"index":0,"delta":{{}},"finish_reason":"{reason}"}}]}}"#
    ))
}

/// A reply in one piece, as a good server streams it.
pub(crate) fn reply(text: &str) -> Script {
    let usage = r#"{"choices":[],"usage":{"prompt_tokens":10,"completion_tokens":5,"total_tokens":15}}"#;
    vec![
        stream_head(),
        delta(text),
        finish("stop"),
        event(usage),
        event("[DONE]"),
    ]
}

/// A server on a port of its own. It ends when it is dropped.
pub(crate) struct WireServer {
    address: SocketAddr,
    state: Arc<State>,
    thread: Option<JoinHandle<()>>,
}

/// Makes a script for a request.
type Answer = dyn Fn(&Recorded) -> Script + Send + Sync;

struct State {
    answer: Box<Answer>,
    requests: Mutex<Vec<Recorded>>,
    connections: AtomicUsize,
    ended: AtomicBool,
}

impl WireServer {
    /// Starts a server that answers one connection with each script, in their order.
    pub(crate) fn start(scripts: impl IntoIterator<Item = Script>) -> Self {
        let scripts: Mutex<VecDeque<Script>> = Mutex::new(scripts.into_iter().collect());
        Self::answering(move |_| {
            let script = scripts.lock().unwrap().pop_front();
            script.unwrap_or_else(|| response(599, &[], "no script is left"))
        })
    }

    /// Starts a server that answers each request as it is told by it.
    pub(crate) fn answering(answer: impl Fn(&Recorded) -> Script + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let state = Arc::new(State {
            answer: Box::new(answer),
            requests: Mutex::default(),
            connections: AtomicUsize::new(0),
            ended: AtomicBool::new(false),
        });
        let shared = Arc::clone(&state);
        let thread = std::thread::spawn(move || shared.accept(&listener));
        Self {
            address,
            state,
            thread: Some(thread),
        }
    }

    /// The base URL.
    pub(crate) fn url(&self) -> String {
        format!("http://{}/v1", self.address)
    }

    /// The port.
    pub(crate) fn port(&self) -> u16 {
        self.address.port()
    }

    /// Everything that was asked so far.
    pub(crate) fn requests(&self) -> Vec<Recorded> {
        self.state.requests.lock().unwrap().clone()
    }

    /// Connections so far, those without a request among them.
    pub(crate) fn connections(&self) -> usize {
        self.state.connections.load(Ordering::SeqCst)
    }
}

impl Drop for WireServer {
    fn drop(&mut self) {
        self.state.ended.store(true, Ordering::SeqCst);
        // Wakes the accepting thread.
        let _ = TcpStream::connect(self.address);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl State {
    fn accept(self: &Arc<Self>, listener: &TcpListener) {
        for connection in listener.incoming() {
            if self.ended.load(Ordering::SeqCst) {
                return;
            }
            self.connections.fetch_add(1, Ordering::SeqCst);
            let Ok(connection) = connection else { continue };
            let state = Arc::clone(self);
            // Not joined: a script may wait at a gate that a failed test never opens.
            std::thread::spawn(move || state.serve(&connection));
        }
    }

    fn serve(&self, connection: &TcpStream) {
        let Some(request) = read(connection) else {
            return;
        };
        let script = (self.answer)(&request);
        self.requests.lock().unwrap().push(request);
        for act in script {
            if play(connection, act).is_err() {
                return;
            }
        }
    }
}

fn play(mut connection: &TcpStream, act: Act) -> std::io::Result<()> {
    match act {
        Act::Send(bytes) => connection.write_all(&bytes)?,
        Act::Flood(bytes) => loop {
            connection.write_all(&bytes)?;
        },
        Act::Tell(test) => {
            let _ = test.send(());
        }
        Act::Wait(gate) => {
            let _ = gate.recv();
        }
        Act::UntilClosed(test) => {
            let mut rest = [0; 512];
            while connection.read(&mut rest).is_ok_and(|read| read > 0) {}
            let _ = test.send(());
        }
    }
    Ok(())
}

fn read(connection: &TcpStream) -> Option<Recorded> {
    let mut reader = BufReader::new(connection);
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let mut words = line.split_whitespace();
    let (method, path) = (words.next()?.to_owned(), words.next()?.to_owned());
    let mut headers = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end().split_once(':') else {
            break;
        };
        headers.push((name.to_lowercase(), value.trim().to_owned()));
    }
    let length = headers.iter().find(|(name, _)| name == "content-length");
    let mut body = vec![0; length.and_then(|(_, value)| value.parse().ok()).unwrap_or(0)];
    reader.read_exact(&mut body).ok()?;
    Some(Recorded {
        method,
        path,
        headers,
        body,
    })
}

/// A signal from the test to the server, or back.
pub(crate) fn gate() -> (Sender<()>, Receiver<()>) {
    channel()
}
