//! What it takes to get a reply and to show it, as ratios to `curl` against the same server, in turn with it.
//!
//! `cargo bench --bench endpoint [WORD…]` measures the rows that hold one of the words. Nothing is asserted. The yardstick
//! `ceiling` is looked for in `$STEPGATE_YARDSTICKS` (or `target/bench-yardsticks/release`), `curl` on the PATH; without
//! them nothing is measured. The server runs on the first core and the client on the second.
#![expect(clippy::unwrap_used, reason = "a measurement that cannot be made ends here")]

mod flood;
#[path = "../support/median.rs"]
mod median;
#[path = "../support/server.rs"]
mod server;
#[path = "../support/took.rs"]
mod took;
#[path = "../support/words.rs"]
mod words;
#[path = "../support/yardsticks.rs"]
mod yardsticks;

use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use server::Server;
use took::Took;
use words::Words;

/// A plan whose only step asks for words and checks nothing.
const PLAN: &str = "\
# EP-0001: Words - Implementation Plan

**Status:** Approved

## Phase 1: Only

#### Step 1.1: Words
**AI Prompt:** `Say it.`

**Tasks:**
- [ ] Said

**Success Check:**
```bash
true
```
";

fn main() {
    if took::was_once() {
        return;
    }
    let words = Words::given();
    let Some(bench) = Bench::new() else {
        println!("skipped: the yardstick `ceiling` or `curl` is not there");
        return;
    };
    let rows: [(&str, &str, Measure); 3] = [
        (
            "100,000 chunks, shown as they come / curl -N",
            "at most 3.0",
            Bench::chunks,
        ),
        (
            "one chunk, the whole process / curl -N",
            "at most 0.8",
            Bench::one_chunk,
        ),
        (
            "memory while a stream of 1 GB comes / while one of 16 MB comes",
            "flat",
            Bench::memory,
        ),
    ];
    for (name, goal, measure) in rows {
        if words.want(name) {
            println!("{name}  (goal: {goal})");
            measure(&bench);
        }
    }
}

/// Measures a row and prints what came of it.
type Measure = fn(&Bench);

struct Bench {
    folder: PathBuf,
    ceiling: PathBuf,
}

impl Bench {
    fn new() -> Option<Self> {
        let ceiling = yardsticks::folder().join("ceiling");
        let curl = Command::new("curl").arg("--version").output();
        if !ceiling.exists() || curl.is_err() {
            return None;
        }
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("endpoint-bench");
        fs::create_dir_all(folder.join("home")).unwrap();
        fs::create_dir_all(folder.join("tree/.git")).unwrap();
        Some(Self { folder, ceiling })
    }

    /// A server whose replies are all made beforehand.
    fn serve(&self) -> Server {
        Server::ceiling(&self.ceiling, Some("CANNED"))
    }

    /// A session of one step, from nothing to the tick.
    fn ours(&self, port: u16, model: &str, more: &str) -> Vec<OsString> {
        let tree = self.folder.join("tree");
        fs::write(tree.join("plan.md"), PLAN).unwrap();
        let config = self.folder.join("config.toml");
        let text = format!(
            "default = \"bench\"\n[endpoint.bench]\nkind = \"openai\"\nurl = \"http://127.0.0.1:{port}/v1\"\nmodel = \"{model}\"\n{more}"
        );
        fs::write(&config, text).unwrap();
        let _ = fs::remove_dir_all(self.folder.join("state"));
        let mut command: Vec<OsString> = vec![env!("CARGO_BIN_EXE_stepgate").into(), "--config".into()];
        command.extend([
            config.into(),
            "--state-dir".into(),
            self.folder.join("state").into(),
        ]);
        command.extend(["run".into(), tree.join("plan.md").into()]);
        command.extend(["--unattended", "--attempts", "1"].map(OsString::from));
        command
    }

    /// The smallest request there is.
    fn test(&self, port: u16) -> Vec<OsString> {
        let mut command = self.ours(port, "chunks-1", "");
        command.truncate(5);
        command.extend(["endpoint", "test"].map(OsString::from));
        command
    }

    fn curl(port: u16, model: &str) -> Vec<OsString> {
        let body = format!(
            r#"{{"model":"{model}","stream":true,"messages":[{{"role":"user","content":"Say it."}}]}}"#
        );
        let url = format!("http://127.0.0.1:{port}/v1/chat/completions");
        let words = [
            "curl",
            "-sN",
            "-X",
            "POST",
            "-H",
            "content-type: application/json",
        ];
        let mut command: Vec<OsString> = words.map(OsString::from).into();
        command.extend(["-d".into(), body.into(), url.into()]);
        command
    }

    /// Runs a command on the second core.
    fn run(&self, command: &[OsString]) -> Took {
        let pin = ["taskset", "-c", "1"].map(OsStr::new);
        let words: Vec<&OsStr> = pin
            .into_iter()
            .chain(command.iter().map(OsString::as_os_str))
            .collect();
        Took::of(&self.folder, &words)
    }

    fn chunks(&self) {
        let server = self.serve();
        let port = server.port;
        let model = "chunks-100000";
        self.in_turn(15, || self.ours(port, model, ""), || Self::curl(port, model));
    }

    fn one_chunk(&self) {
        let server = self.serve();
        let port = server.port;
        self.in_turn(51, || self.test(port), || Self::curl(port, "chunks-1"));
    }

    /// Runs both in turn, and prints how their medians compare.
    fn in_turn(&self, rounds: usize, ours: impl Fn() -> Vec<OsString>, theirs: impl Fn() -> Vec<OsString>) {
        let (mut us, mut them) = (Vec::new(), Vec::new());
        for round in 0..=rounds {
            let (one, other) = (self.run(&ours()), self.run(&theirs()));
            if round > 0 {
                us.push(one);
                them.push(other);
            }
        }
        let (us, them) = (Took::median(&us).milliseconds, Took::median(&them).milliseconds);
        println!("    {:.2}x   {us:.1} ms / {them:.1} ms", us / them);
    }

    fn memory(&self) {
        // The text is the same; what differs is how much is wrapped around it.
        let limit = "body_limit = 268435456\n";
        let peak = |padding: usize| {
            let port = flood::serve(16 << 10, padding);
            self.run(&self.ours(port, "flood", limit)).mebibytes
        };
        let (large, small) = (peak(64 << 10), peak(1 << 10));
        println!("    {:.2}x   {large:.1} MiB / {small:.1} MiB", large / small);
    }
}
