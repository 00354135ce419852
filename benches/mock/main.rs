//! How fast the mock model server is, as ratios to the least that such a server can do, measured in turn with it.
//!
//! `cargo bench --bench mock [WORD…]` measures the rows that hold one of the words. Nothing is asserted. The yardsticks
//! `ceiling` and `loadgen` are looked for in `$STEPGATE_YARDSTICKS` (or `target/bench-yardsticks/release`); without them
//! nothing is measured. Servers run on the first core and the load on the second.
#![expect(clippy::unwrap_used, reason = "a measurement that cannot be made ends here")]

#[path = "../support/median.rs"]
mod median;
#[path = "../support/server.rs"]
mod server;
#[path = "../support/words.rs"]
mod words;
#[path = "../support/yardsticks.rs"]
mod yardsticks;

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use median::median;
use server::{Server, on_core};
use words::Words;

/// Rounds of each comparison; the medians are told.
const ROUNDS: usize = 5;
/// How long a round lasts, in seconds.
const SECONDS: &str = "2";
/// Tokens of the reply: chunks of the stream.
const CHUNKS: usize = 200;

fn main() {
    let words = Words::given();
    let Some(bench) = Bench::new() else {
        println!("skipped: the yardsticks `ceiling` and `loadgen` are not there");
        return;
    };
    let rows: [(&str, f64, Measure); 8] = [
        ("JSON, 16 connections", 0.8, |bench| bench.load(&JSON, 16)),
        ("JSON, 64 connections", 0.8, |bench| bench.load(&JSON, 64)),
        ("SSE of 200 chunks, 16 connections", 0.8, |bench| {
            bench.load(&STREAM, 16)
        }),
        ("SSE of 200 chunks, 64 connections", 0.8, |bench| {
            bench.load(&STREAM, 64)
        }),
        ("SSE, one write a chunk, 16 connections", 0.9, |bench| {
            bench.load(&FLUSHED, 16)
        }),
        ("SSE, one write a chunk, 64 connections", 0.9, |bench| {
            bench.load(&FLUSHED, 64)
        }),
        ("start to first reply, time", 1.5, Bench::start),
        ("memory after 300,000 requests", 4.0, Bench::memory),
    ];
    for (name, goal, measure) in rows {
        if !words.want(name) {
            continue;
        }
        let bound = if goal < 1.0 { "at least" } else { "at most" };
        println!("{name}  (goal: {bound} {goal}x of the ceiling)");
        measure(&bench);
    }
}

/// Measures a row and prints what came of it.
type Measure = fn(&Bench);

/// What is asked, and how the ceiling is to answer.
struct Load {
    model: &'static str,
    stream: bool,
    flush: bool,
}

const JSON: Load = Load {
    model: "short",
    stream: false,
    flush: false,
};
const STREAM: Load = Load {
    model: "chunks-200",
    stream: true,
    flush: false,
};
const FLUSHED: Load = Load {
    model: "chunks-200-flush",
    stream: true,
    flush: true,
};

struct Bench {
    folder: PathBuf,
    yardsticks: PathBuf,
}

/// Memory of a server in KiB: what it takes up now.
fn memory(server: &Server) -> u64 {
    let status = fs::read_to_string(format!("/proc/{}/status", server.child.id())).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

impl Bench {
    fn new() -> Option<Self> {
        let yardsticks = yardsticks::folder();
        if !yardsticks.join("ceiling").exists() || !yardsticks.join("loadgen").exists() {
            return None;
        }
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("mock-bench");
        fs::create_dir_all(&folder).unwrap();
        let text = "word "
            .repeat(CHUNKS)
            .chars()
            .take(CHUNKS * 4)
            .collect::<String>();
        let scenario = format!(
            "description = \"what the benchmark asks\"\n\
             [[rule]]\ndescription = \"short\"\nwhen = {{ model = \"short\" }}\n\
             [[rule.reply]]\ntext = \"Hello from the mock.\"\n\
             [[rule]]\ndescription = \"long\"\nwhen = {{ model = \"chunks-200\" }}\n\
             [[rule.reply]]\ntext = \"{text}\"\n\
             [[rule]]\ndescription = \"long, one write a chunk\"\nwhen = {{ model = \"chunks-200-flush\" }}\n\
             [[rule.reply]]\ntext = \"{text}\"\npace = {{ flush = true }}\n"
        );
        fs::write(folder.join("scenario.toml"), scenario).unwrap();
        Some(Self { folder, yardsticks })
    }

    fn ours(&self) -> Server {
        let child = on_core(0, Path::new(env!("CARGO_BIN_EXE_stepgate")))
            .args(["mock", "serve"])
            .arg(self.folder.join("scenario.toml"))
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn();
        let mut child = child.unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        let port = line
            .trim()
            .trim_end_matches("\"}")
            .rsplit_once(':')
            .unwrap()
            .1
            .parse()
            .unwrap();
        Server { child, port }
    }

    fn ceiling(&self, flush: bool) -> Server {
        Server::ceiling(&self.yardsticks.join("ceiling"), flush.then_some("FLUSH"))
    }

    /// Requests a second of a round.
    fn round(&self, server: &Server, load: &Load, connections: usize, seconds: &str) -> f64 {
        // The ceiling reads the number of chunks from the model's name alone.
        let body = format!(
            r#"{{"model":"{}","stream":{},"messages":[{{"role":"system","content":"You are a careful engineer."}},{{"role":"user","content":"Implement the step. Say what you did."}}]}}"#,
            load.model, load.stream
        );
        let path = self.folder.join("body.json");
        fs::write(&path, body).unwrap();
        let output = on_core(1, &self.yardsticks.join("loadgen"))
            .arg(server.port.to_string())
            .args([&connections.to_string(), seconds])
            .arg(&path)
            .output()
            .unwrap();
        let line = String::from_utf8(output.stdout).unwrap();
        let columns: Vec<&str> = line.trim_end().split('\t').collect();
        assert_eq!(columns[6], "0", "errors: {line}");
        columns[1].parse().unwrap()
    }

    fn load(&self, load: &Load, connections: usize) {
        let (ours, ceiling) = (self.ours(), self.ceiling(load.flush));
        let mut rates = (Vec::new(), Vec::new());
        for round in 0..=ROUNDS {
            let ours = self.round(&ours, load, connections, SECONDS);
            let theirs = self.round(&ceiling, load, connections, SECONDS);
            if round > 0 {
                rates.0.push(ours);
                rates.1.push(theirs);
            }
        }
        let (ours, theirs) = (median(rates.0), median(rates.1));
        println!(
            "    {:.2}x: {ours:.0} against {theirs:.0} a second",
            ours / theirs
        );
    }

    fn start(&self) {
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        for round in 0..=20 {
            let begun = Instant::now();
            let server = self.ours();
            reply(server.port);
            let took = begun.elapsed();
            drop(server);
            let begun = Instant::now();
            let server = self.ceiling(false);
            reply(server.port);
            let other = begun.elapsed();
            if round > 0 {
                ours.push(took.as_secs_f64() * 1e3);
                theirs.push(other.as_secs_f64() * 1e3);
            }
        }
        let (ours, theirs) = (median(ours), median(theirs));
        println!("    {:.2}x: {ours:.1} ms against {theirs:.1} ms", ours / theirs);
    }

    fn memory(&self) {
        let grown = |server: &Server| {
            let mut after = Vec::new();
            let mut done = 0.0;
            let mut next = 100_000.0;
            while done < 300_000.0 {
                done += self.round(server, &JSON, 16, "1");
                if done >= next {
                    after.push(memory(server));
                    next += 100_000.0;
                }
            }
            after
        };
        let (ours, theirs) = (grown(&self.ours()), grown(&self.ceiling(false)));
        let (last, other) = (ours.last().unwrap(), theirs.last().unwrap());
        #[expect(clippy::cast_precision_loss, reason = "kibibytes of a process")]
        let ratio = *last as f64 / *other as f64;
        println!(
            "    {ratio:.2}x: {last} KiB against {other} KiB; after each 100,000: {ours:?} against {theirs:?}"
        );
    }
}

/// Asks for one reply and reads it.
fn reply(port: u16) {
    let begun = Instant::now();
    let mut connection = loop {
        match TcpStream::connect(("127.0.0.1", port)) {
            Ok(connection) => break connection,
            Err(error) => assert!(begun.elapsed() < Duration::from_secs(10), "{error}"),
        }
    };
    let body = r#"{"model":"short","messages":[{"role":"user","content":"hello"}]}"#;
    write!(
        connection,
        "POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
    .unwrap();
    let mut answer = String::new();
    connection.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}
