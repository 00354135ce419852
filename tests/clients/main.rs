//! The providers' own clients, as the registries have them, against the real `stepgate mock serve`.
//!
//! They are installed into `target/clients` once for each list of versions. Where there is no Python, no Node or no
//! registry, the suite is skipped and says so by name; with `STEPGATE_CLIENTS=required` that is a failure.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "what helps a test may fail like a test"
)]

mod bounded;
mod installed;
mod server;

use std::io::Write;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use installed::Missing;
use server::Server;

/// Far more than a suite takes.
const PATIENCE: Duration = Duration::from_secs(300);

/// What is in the folder of these tests.
fn here() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/clients"))
}

/// Runs a suite against a server of its own.
fn suite(name: &str, command: Result<Command, Missing>) {
    let mut command = match command {
        Ok(command) => command,
        Err(Missing(why)) => {
            assert_ne!(
                std::env::var("STEPGATE_CLIENTS").as_deref(),
                Ok("required"),
                "the {name} clients cannot be had: {why}"
            );
            // Past the test harness, which keeps to itself what a test prints that passes.
            let mut stderr = std::io::stderr();
            writeln!(stderr, "skipped: the {name} clients ({why})").unwrap();
            return;
        }
    };
    let server = Server::start(&here().join("scenario.toml"));
    let home = tempfile::tempdir().unwrap();
    // Nothing of the machine decides where a client goes or which key it takes.
    command
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("HOME", home.path())
        .env("LANG", "C.UTF-8")
        .env("STEPGATE", env!("CARGO_BIN_EXE_stepgate"))
        .env(
            "STEPGATE_EXAMPLE",
            concat!(env!("CARGO_MANIFEST_DIR"), "/examples/tally"),
        )
        .env("STEPGATE_MOCK_URL", &server.url)
        .env("STEPGATE_MOCK_REPLIES", here().join("replies"));
    let output = bounded::output(&mut command, PATIENCE).unwrap();
    let output = output.unwrap_or_else(|| panic!("the {name} clients wait for ever"));
    let ended = server.stop();
    assert!(
        output.status.success(),
        "the {name} clients are not content:\n{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    assert_eq!(ended.code(), Some(0), "the server ends in order");
}

#[test]
fn python() {
    let command = installed::python(&here().join("python/requirements.txt")).map(|python| {
        let mut command = Command::new(python);
        command
            .args(["-B", "-m", "pytest"])
            .current_dir(here().join("python"));
        command
    });
    suite("Python", command);
}

#[test]
fn node() {
    let command = installed::node(&here().join("node")).map(|folder| {
        let mut command = Command::new("node");
        command
            .args(["--test", "--test-timeout=60000", "suite.mjs"])
            .current_dir(folder);
        command
    });
    suite("Node", command);
}
