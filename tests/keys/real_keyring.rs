//! A keyring that others wrote, where there is one to start.

use std::process::Command;

use super::support::project::Project;
use super::support::wire_server::{WireServer, reply};

const MARKER: &str = "sk-marker/0123+456789abcdef";

/// On a bus of its own: the keyring is opened with a password, then a key is set, used and removed.
const SCRIPT: &str = r#"
printf %s a-password | gnome-keyring-daemon --unlock --components=secrets >/dev/null || exit 99
printf '%s\n' "$1" | "$2" key set local && "$2" key list && "$2" endpoint test && "$2" key remove local
"#;

#[test]
fn gnomes_keyring_keeps_a_key() {
    let there = |program: &str| {
        let folders = std::env::var_os("PATH").unwrap_or_default();
        std::env::split_paths(&folders).any(|folder| folder.join(program).is_file())
    };
    if let Some(missing) = ["dbus-run-session", "gnome-keyring-daemon"]
        .into_iter()
        .find(|program| !there(program))
    {
        eprintln!("skipped: gnomes_keyring_keeps_a_key: there is no `{missing}`");
        return;
    }
    let server = WireServer::start([reply("ready")]);
    let mut project = Project::new();
    project.configure(&format!(
        "default = \"local\"\n[endpoint.local]\nkind = \"openai\"\nurl = \"{}\"\nmodel = \"m\"\nkey = \"keyring\"\n",
        server.url()
    ));
    let runtime = tempfile::tempdir().unwrap();
    project.set("XDG_RUNTIME_DIR", &runtime.path().display().to_string());
    let stepgate = project.command(&[]);
    let mut session = Command::new("dbus-run-session");
    session
        .args(["--", "sh", "-c", SCRIPT, "sh", MARKER])
        .arg(stepgate.get_program());
    session.current_dir(project.root()).env_clear();
    session.envs(
        stepgate
            .get_envs()
            .filter_map(|(name, value)| Some((name, value?))),
    );
    let output = session.output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let (out, err) = (text(&output.stdout), text(&output.stderr));
    assert!(output.status.success(), "{out}{err}");
    assert!(out.contains("(entry `local`): is there\n"), "{out}");
    assert!(
        out.contains("key       from the system's keyring (entry `local`)\n"),
        "{out}"
    );
    assert!(err.contains("is no longer in the system's keyring\n"), "{err}");
    assert!(!format!("{out}{err}").contains("marker"), "{out}{err}");
    let requests = server.requests();
    assert_eq!(
        requests[0].header("authorization"),
        Some(format!("Bearer {MARKER}").as_str())
    );
}
