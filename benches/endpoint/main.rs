//! What it takes to get a reply and to show it, as ratios to `curl` against the same server, in turn with it.
//!
//! `cargo bench --bench endpoint [WORD…]` measures the rows that hold one of the words. Nothing is asserted. The yardstick
//! `ceiling` is looked for in `$STEPGATE_YARDSTICKS` (or `target/bench-yardsticks/release`), `curl` on the PATH; without
//! them nothing is measured. The server runs on the first core and the client on the second.
#![expect(clippy::unwrap_used, reason = "a measurement that cannot be made ends here")]

mod flood;

use std::env;
use std::ffi::OsString;
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Instant;

use nix::sys::resource::{UsageWho, getrusage};

/// Makes this program run another one once and tell what it took: what it waits for is then that one alone.
const ONCE: &str = "--once";

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
    let mut args = env::args_os().skip(1);
    if args.next().is_some_and(|first| first == ONCE) {
        return once(&args.collect::<Vec<_>>());
    }
    let words: Vec<String> = env::args()
        .skip(1)
        .filter(|word| !word.starts_with('-'))
        .collect();
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
        if words.is_empty() || words.iter().any(|word| name.contains(word.as_str())) {
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

/// A server that runs. It ends when it is dropped.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// What a command took.
#[derive(Clone, Copy)]
struct Took {
    milliseconds: f64,
    mebibytes: f64,
}

impl Bench {
    fn new() -> Option<Self> {
        let built = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/bench-yardsticks/release");
        let ceiling = env::var_os("STEPGATE_YARDSTICKS")
            .map_or(built, PathBuf::from)
            .join("ceiling");
        let curl = Command::new("curl").arg("--version").output();
        if !ceiling.exists() || curl.is_err() {
            return None;
        }
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("endpoint-bench");
        fs::create_dir_all(folder.join("home")).unwrap();
        fs::create_dir_all(folder.join("tree/.git")).unwrap();
        Some(Self { folder, ceiling })
    }

    /// The least that a server can do; every reply is made beforehand.
    fn serve(&self) -> (Server, u16) {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        drop(listener);
        let mut child = Command::new("taskset")
            .args(["-c", "0"])
            .arg(&self.ceiling)
            .arg(port.to_string())
            .env("CANNED", "1")
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stderr.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        (Server(child), port)
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

    fn run(&self, command: &[OsString]) -> Took {
        let output = Command::new(env::current_exe().unwrap())
            .arg(ONCE)
            .args(["taskset", "-c", "1"])
            .args(command)
            .current_dir(&self.folder)
            .env_clear()
            .env("PATH", env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.folder.join("home"))
            .output()
            .unwrap();
        let said = String::from_utf8(output.stdout).unwrap();
        assert!(
            output.status.success(),
            "{command:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        let (milliseconds, mebibytes) = said.trim().split_once(' ').unwrap();
        Took {
            milliseconds: milliseconds.parse().unwrap(),
            mebibytes: mebibytes.parse().unwrap(),
        }
    }

    fn chunks(&self) {
        let (_server, port) = self.serve();
        let model = "chunks-100000";
        self.in_turn(15, || self.ours(port, model, ""), || Self::curl(port, model));
    }

    fn one_chunk(&self) {
        let (_server, port) = self.serve();
        self.in_turn(51, || self.test(port), || Self::curl(port, "chunks-1"));
    }

    /// Runs both in turn, and prints how their medians compare.
    fn in_turn(&self, rounds: usize, ours: impl Fn() -> Vec<OsString>, theirs: impl Fn() -> Vec<OsString>) {
        let (mut us, mut them) = (Vec::new(), Vec::new());
        for round in 0..=rounds {
            let (one, other) = (self.run(&ours()), self.run(&theirs()));
            if round > 0 {
                us.push(one.milliseconds);
                them.push(other.milliseconds);
            }
        }
        let (us, them) = (median(us), median(them));
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

/// Runs a program, and prints how many milliseconds and MiB it took.
fn once(command: &[OsString]) {
    let mut run = Command::new(&command[0]);
    let sink = env::temp_dir().join(format!("stepgate-endpoint-{}", std::process::id()));
    // Files and not /dev/null: some programs do less where nothing is read.
    let file = fs::File::create(&sink).unwrap();
    run.args(&command[1..])
        .stdin(Stdio::null())
        .stdout(file.try_clone().unwrap())
        .stderr(file);
    let begun = Instant::now();
    let status = run.status().unwrap();
    let milliseconds = begun.elapsed().as_secs_f64() * 1e3;
    let said = fs::read_to_string(&sink).unwrap_or_default();
    let _ = fs::remove_file(&sink);
    assert!(status.success(), "{command:?}: {status}\n{said}");
    let kibibytes = getrusage(UsageWho::RUSAGE_CHILDREN).unwrap().max_rss();
    #[expect(clippy::cast_precision_loss, reason = "a figure to look at")]
    let mebibytes = kibibytes as f64 / 1024.0;
    println!("{milliseconds} {mebibytes}");
}

fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}
