//! A key that a check or an agent prints in pieces, across two reads, or where its output is capped, is found all the same.

use std::fs;
use std::io::Read as _;
use std::process::Stdio;

use super::marker::{MARKER, assert_clean, assert_folder_clean};
use super::support::project::{Project, reply_with};
use super::support::wire_server::{WireServer, reply};

/// Prints half of the key behind a word that is waited for, and the rest when it is told to.
const HALVES: &str = r#"printf 'begun\n\xe2\x82%s' ""
while ! test -e "$HOME/go-on"; do sleep 0.02; done
printf '\xac and '; head -c 12 "$HOME/key"
printf 'half\n' >"$HOME/half"
while ! test -e "$HOME/go"; do sleep 0.02; done
tail -c +13 "$HOME/key"; echo over"#;

/// A step whose check is this, and whose endpoint has the marker for a key.
fn checked(check: &str) -> (Project, WireServer) {
    let server = WireServer::start([reply(&reply_with("one.txt", "one"))]);
    let mut project = Project::small();
    fs::write(project.home().join("key"), MARKER).unwrap();
    fs::write(project.home().join("check.sh"), check).unwrap();
    project.set("LOCAL_KEY", MARKER);
    project.configure(&format!(
        "default = \"local\"\n[endpoint.local]\nkind = \"openai\"\nurl = \"{}\"\nmodel = \"m\"\nkey_env = \"LOCAL_KEY\"\n",
        server.url()
    ));
    let plan = project
        .read("plan.md")
        .replace("grep -q one one.txt", "bash \"$HOME/check.sh\"");
    project.write("plan.md", plan);
    (project, server)
}

/// An agent that is this, and is trusted with the marker.
fn delegated(script: &str) -> Project {
    use std::os::unix::fs::PermissionsExt as _;
    let mut project = Project::small();
    fs::write(project.home().join("key"), MARKER).unwrap();
    let path = project.home().join("agent");
    fs::write(
        &path,
        format!("#!/usr/bin/env bash\ncat >/dev/null\necho one >one.txt\n{script}"),
    )
    .unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    project.set("AGENT_TOKEN", MARKER);
    project.configure(&format!(
        "default = \"helper\"\n[endpoint.helper]\nkind = \"command\"\ncommand = [\"{}\"]\nenv = [\"AGENT_TOKEN\"]\n",
        path.display()
    ));
    project
}

/// Runs the first step, opening gates when the words before them were shown; returns all that was shown.
fn watched(project: &Project, gates: &[(&str, &str)]) -> String {
    let mut command = project.command(&["run", "plan.md", "--unattended", "--attest", "--until", "1.1"]);
    let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
    let mut pipe = child.stderr.take().unwrap();
    let mut gates = gates.iter().peekable();
    let mut shown = Vec::new();
    let mut bytes = [0; 4096];
    loop {
        let length = pipe.read(&mut bytes).unwrap();
        if length == 0 {
            break;
        }
        shown.extend_from_slice(&bytes[..length]);
        let text = String::from_utf8_lossy(&shown);
        while let Some((_, gate)) = gates.next_if(|(word, _)| text.contains(word)) {
            fs::write(project.home().join(gate), "").unwrap();
        }
    }
    let text = String::from_utf8_lossy(&shown).into_owned();
    assert_eq!(child.wait().unwrap().code(), Some(0), "{text}");
    text
}

fn assert_nowhere(project: &Project, shown: &str) {
    assert_clean("standard error", shown.as_bytes());
    assert!(assert_folder_clean(&project.state()) > 2);
}

#[test]
fn a_key_in_two_pieces_is_not_shown() {
    // The second gate opens when what stands before the half of the key was shown: it came in the same piece.
    let gates = [("begun", "go-on"), ("€ and", "go")];
    let (project, _server) = checked(HALVES);
    let shown = watched(&project, &gates);
    assert!(shown.contains("€ and [key]over"), "{shown}");
    assert_nowhere(&project, &shown);
    let project = delegated(HALVES);
    let shown = watched(&project, &gates);
    assert!(shown.contains("€ and [key]over"), "{shown}");
    assert_nowhere(&project, &shown);
}

/// Prints the key over and over, so that each cut falls into one: between two reads, and where the middle is dropped.
fn flood(bytes: usize) -> String {
    format!("k=$(cat \"$HOME/key\"); set +o pipefail; yes \"$k\" | tr -d '\\n' | head -c {bytes}; true")
}

#[test]
fn no_half_of_a_key_is_kept_where_the_output_is_capped() {
    let times = MARKER.len();
    let (project, _server) = checked(&flood(20_000 * times));
    assert_nowhere(&project, &watched(&project, &[]));
    let project = delegated(&flood(100_000 * times));
    assert_nowhere(&project, &watched(&project, &[]));
}
