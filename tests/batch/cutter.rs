use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use crate::support::mock_server::Talk;

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
}

/// What decides.
type Decide = Box<dyn FnMut(&str, &str) -> Fate + Send>;

/// Stands between a client and a server, and loses what it is told to. It ends with the process.
pub(crate) struct Cutter {
    pub(crate) url: String,
    decide: Arc<Mutex<Decide>>,
}

impl Cutter {
    /// Passes on to a port whatever `decide` lets through, by method and path.
    pub(crate) fn before(port: u16, decide: impl FnMut(&str, &str) -> Fate + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let decide: Arc<Mutex<Decide>> = Arc::new(Mutex::new(Box::new(decide)));
        let shared = Arc::clone(&decide);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                // A client that was killed is no reason to end.
                let _ = pass(&stream, port, &shared);
            }
        });
        Self { url, decide }
    }

    /// Decides otherwise from now on.
    pub(crate) fn set(&self, decide: impl FnMut(&str, &str) -> Fate + Send + 'static) {
        *self.decide.lock().unwrap() = Box::new(decide);
    }
}

fn pass(stream: &TcpStream, port: u16, decide: &Mutex<Decide>) -> std::io::Result<()> {
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
    let fate = decide.lock().unwrap()(&method, path.split('?').next().unwrap_or(""));
    let (status, kind, body) = match fate {
        Fate::LoseRequest => return Ok(()),
        Fate::Status(status) => (
            status,
            "application/json".to_owned(),
            b"{\"error\":{\"message\":\"in the way\"}}".to_vec(),
        ),
        Fate::Pass | Fate::LoseAnswer | Fate::Half => {
            let mut talk = Talk::to(port);
            let headers: Vec<(&str, &str)> = headers
                .iter()
                .map(|(name, value)| (name.as_str(), value.as_str()))
                .collect();
            talk.ask(&method, &path, &headers, &body);
            let heard = talk.hear();
            let kind = heard
                .header("content-type")
                .unwrap_or("application/json")
                .to_owned();
            (heard.status, kind, heard.body)
        }
    };
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
