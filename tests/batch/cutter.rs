use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use crate::support::mock_server::{Heard, Talk};

/// What is done with a request on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    /// It gets there, and its answer comes back.
    Pass,
    /// It gets there, and the answer is lost.
    LoseAnswer,
    /// It does not get there.
    LoseRequest,
    /// This status comes back in place of what was asked for.
    Status(u16),
    /// The first half of the answer comes back.
    Half,
    /// It gets there when it is [released](Cutter::release), and nobody hears the answer.
    Hold,
}

/// What decides.
type Decide = Box<dyn FnMut(&str, &str) -> Fate + Send>;

/// What changes answers.
type Change = Box<dyn FnMut(&str, &str, String) -> String + Send>;

/// A request on its way.
struct Request {
    method: String,
    path: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

/// Stands between a client and a server, and loses what it is told to. It ends with the process.
pub(crate) struct Cutter {
    pub(crate) url: String,
    port: u16,
    way: Arc<Mutex<Way>>,
}

/// What becomes of requests.
struct Way {
    decide: Decide,
    change: Change,
    held: Vec<Request>,
}

impl Cutter {
    /// Passes on to a port whatever `decide` lets through, by method and path.
    pub(crate) fn before(port: u16, decide: impl FnMut(&str, &str) -> Fate + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let way = Arc::new(Mutex::new(Way {
            decide: Box::new(decide),
            change: Box::new(|_, _, body| body),
            held: Vec::new(),
        }));
        let shared = Arc::clone(&way);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                // A client that was killed is no reason to end.
                let _ = pass(&stream, port, &shared);
            }
        });
        Self { url, port, way }
    }

    /// Decides otherwise from now on.
    pub(crate) fn set(&self, decide: impl FnMut(&str, &str) -> Fate + Send + 'static) {
        self.way.lock().unwrap().decide = Box::new(decide);
    }

    /// Changes answers from now on, by method, path and body.
    pub(crate) fn change(&self, change: impl FnMut(&str, &str, String) -> String + Send + 'static) {
        self.way.lock().unwrap().change = Box::new(change);
    }

    /// Lets go what was held; how many requests that were.
    pub(crate) fn release(&self) -> usize {
        let held = std::mem::take(&mut self.way.lock().unwrap().held);
        held.iter().for_each(|request| drop(request.to(self.port)));
        held.len()
    }
}

impl Request {
    fn read(stream: &TcpStream) -> std::io::Result<Self> {
        let mut reader = BufReader::new(stream);
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let mut words = line.split_whitespace();
        let (method, path) = (
            words.next().unwrap_or("").to_owned(),
            words.next().unwrap_or("").to_owned(),
        );
        let mut headers = Vec::new();
        let mut length = 0;
        loop {
            let mut line = String::new();
            reader.read_line(&mut line)?;
            let Some((name, value)) = line.trim_end().split_once(": ") else {
                break;
            };
            match name {
                "content-length" => length = value.parse().unwrap_or(0),
                "host" => {}
                _ => headers.push((name.to_owned(), value.to_owned())),
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body)?;
        Ok(Self {
            method,
            path,
            headers,
            body,
        })
    }

    /// Sends it to a server, and hears the answer.
    fn to(&self, port: u16) -> Heard {
        let mut talk = Talk::to(port);
        let headers: Vec<(&str, &str)> = self
            .headers
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        talk.ask(&self.method, &self.path, &headers, &self.body);
        talk.hear()
    }

    /// Its path, without a query.
    fn place(&self) -> &str {
        self.path.split('?').next().unwrap_or("")
    }
}

fn pass(stream: &TcpStream, port: u16, way: &Mutex<Way>) -> std::io::Result<()> {
    let request = Request::read(stream)?;
    let mut way = way.lock().unwrap();
    let fate = (way.decide)(&request.method, request.place());
    let (status, kind, body) = match fate {
        Fate::LoseRequest => return Ok(()),
        Fate::Hold => {
            way.held.push(request);
            return Ok(());
        }
        Fate::Status(status) => (
            status,
            "application/json".to_owned(),
            b"{\"error\":{\"message\":\"in the way\"}}".to_vec(),
        ),
        Fate::Pass | Fate::LoseAnswer | Fate::Half => {
            let heard = request.to(port);
            let kind = heard
                .header("content-type")
                .unwrap_or("application/json")
                .to_owned();
            let body = match String::from_utf8(heard.body) {
                Ok(text) => (way.change)(&request.method, request.place(), text).into_bytes(),
                Err(error) => error.into_bytes(),
            };
            (heard.status, kind, body)
        }
    };
    drop(way);
    let half = match fate {
        Fate::LoseAnswer => return Ok(()),
        Fate::Half => body.len() / 2,
        _ => body.len(),
    };
    let mut stream = stream;
    write!(
        stream,
        "HTTP/1.1 {status} Status\r\ncontent-type: {kind}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        body.len()
    )?;
    stream.write_all(&body[..half])
}
