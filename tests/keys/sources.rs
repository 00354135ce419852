//! Where a key comes from.

use std::io::Write as _;
use std::os::unix::net::UnixListener;
use std::process::Stdio;

use super::secret_service::SecretService;
use super::support::project::{Project, Ran};
use super::support::pty::ENTER;
use super::support::wire_server::{WireServer, reply};

const MARKER: &str = "sk-marker/0123+456789abcdef";

/// A project with one endpoint, and these settings of its key.
fn project(server: &WireServer, settings: &str) -> Project {
    let project = Project::new();
    project.configure(&format!(
        "default = \"local\"\n[endpoint.local]\nkind = \"openai\"\nurl = \"{}\"\nmodel = \"m\"\n{settings}\n",
        server.url()
    ));
    project
}

/// Runs a command that reads `input`.
fn typed(project: &Project, args: &[&str], input: &str) -> Ran {
    let mut child = project
        .command(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    Ran {
        code: output.status.code().unwrap(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

fn sent(server: &WireServer) -> Vec<Option<String>> {
    let requests = server.requests();
    let key = requests.iter().map(|request| request.header("authorization"));
    key.map(|key| key.map(str::to_owned)).collect()
}

#[test]
fn a_key_is_set_used_listed_and_removed() {
    let server = WireServer::start([reply("ready"), reply("ready")]);
    let mut project = project(
        &server,
        "key = \"keyring\"\nkey_command = [\"echo\", \"sk-command-0123456789\"]",
    );
    let keyring = SecretService::start();
    project.set("DBUS_SESSION_BUS_ADDRESS", &keyring.address());
    let ran = typed(
        &project,
        &["key", "set", "local"],
        &format!("{MARKER}\nand more\n"),
    );
    let told = "the key of endpoint `local` is in the system's keyring\n";
    assert_eq!((ran.code, ran.out.as_str(), ran.err.as_str()), (0, "", told));
    assert_eq!(keyring.names(), ["local"]);
    let ran = project.run(&["endpoint", "test"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(
        ran.out
            .contains("  key       from the system's keyring (entry `local`)\n"),
        "{}",
        ran.out
    );
    let ran = project.run(&["key", "list"]);
    let listed = "local\n  the system's keyring (entry `local`): is there\n  the command `echo`: is run when a key is needed\n";
    assert_eq!((ran.code, ran.out.as_str()), (0, listed), "{}", ran.err);
    let ran = project.run(&["key", "remove", "local"]);
    assert_eq!(
        (ran.code, ran.err.as_str()),
        (
            0,
            "the key of endpoint `local` is no longer in the system's keyring\n"
        )
    );
    assert_eq!(keyring.names(), [""; 0]);
    let ran = project.run(&["key", "remove", "local"]);
    assert_eq!(
        (ran.code, ran.err.as_str()),
        (0, "the system's keyring has no key of endpoint `local`\n")
    );
    // Without one there, the command is next.
    let ran = project.run(&["endpoint", "test"]);
    assert!(
        ran.out.contains("  key       from the command `echo`\n"),
        "{}{}",
        ran.out,
        ran.err
    );
    let bearer = |key: &str| Some(format!("Bearer {key}"));
    assert_eq!(sent(&server), [bearer(MARKER), bearer("sk-command-0123456789")]);
}

#[test]
fn a_key_is_typed_at_a_terminal_and_never_shown() {
    let server = WireServer::start([]);
    let mut project = project(&server, "key_env = \"LOCAL_KEY\"");
    let keyring = SecretService::start();
    project.set("DBUS_SESSION_BUS_ADDRESS", &keyring.address());
    project.set("LOCAL_KEY", "sk-other-0123456789");
    let mut pty = project.terminal_with_echo(&["key", "set", "local"]);
    pty.wait_for("the key of `local` (it is not shown)");
    pty.wait_for_secrecy();
    pty.keys(MARKER);
    pty.keys(ENTER);
    pty.wait_for("it is not used yet: add `key = \"keyring\"` to `[endpoint.local]`");
    pty.wait_for("the environment variable `LOCAL_KEY` is set, and goes before it");
    assert_eq!(pty.end(), 0);
    assert!(!pty.text().contains("marker"), "{}", pty.text());
    assert_eq!(keyring.names(), ["local"]);
}

#[test]
fn no_key_is_set_where_none_can_be() {
    let server = WireServer::start([]);
    let project = project(&server, "key = \"keyring\"");
    for (input, why) in [
        ("", "no key was given"),
        ("\nsk-0123456789abcdef\n", "no key was given"),
        (
            "sk-marker-0123456789 x\n",
            "what was given has a space or a character that no key has",
        ),
    ] {
        let ran = typed(&project, &["key", "set", "local"], input);
        let told = format!("error[bad-key]: {why}: nothing was changed for endpoint `local`\n");
        assert_eq!(ran.code, 6, "{}", ran.err);
        assert!(
            ran.err.starts_with(&told) && !ran.err.contains("marker"),
            "{}",
            ran.err
        );
    }
    let ran = project.run(&["key", "set", "local", "sk-marker-0123456789"]);
    assert_eq!(ran.code, 2);
    assert!(
        ran.err.contains("a key is never an argument") && !ran.err.contains("marker"),
        "{}",
        ran.err
    );
    let ran = typed(&project, &["key", "set", "manual"], "x\n");
    assert_eq!(ran.code, 6);
    assert!(
        ran.err
            .contains("endpoint `manual` is of kind `manual` and has no key"),
        "{}",
        ran.err
    );
    let ran = typed(&project, &["key", "set", "locla"], "x\n");
    assert!(ran.err.contains("did you mean `local`?"), "{}", ran.err);
}

#[test]
fn an_absent_keyring_is_said_with_both_ways_out_and_nothing_is_sent() {
    let server = WireServer::start([]);
    let mut project = project(&server, "key = \"keyring\"");
    project.set("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere/at/all");
    let ran = project.run(&["endpoint", "test"]);
    assert_eq!(ran.code, 6, "{}", ran.err);
    assert!(
        ran.err.contains("no key for endpoint `local`: the system's keyring (entry `local`) has none that can be read: there is no keyring that can be reached from here ("),
        "{}",
        ran.err
    );
    assert!(ran.err.contains("`stepgate key set local`"), "{}", ran.err);
    assert!(
        ran.err.contains("`key_env = \"VARIABLE\"`") || ran.err.contains("key_env = \"VARIABLE\""),
        "{}",
        ran.err
    );
    let ran = typed(&project, &["key", "set", "local"], MARKER);
    assert_eq!(ran.code, 6);
    assert!(
        ran.err
            .contains("cannot keep the key of endpoint `local`: there is no keyring"),
        "{}",
        ran.err
    );
    assert!(
        ran.err.contains("without a keyring, name a variable"),
        "{}",
        ran.err
    );
    assert!(!ran.err.contains("marker"), "{}", ran.err);
    let ran = project.run(&["key", "list"]);
    assert!(
        ran.out
            .starts_with("local\n  the system's keyring (entry `local`): cannot be asked: there is no"),
        "{}",
        ran.out
    );
    assert_eq!(server.connections(), 0);
}

#[test]
fn a_keyring_that_does_not_answer_is_not_waited_for() {
    let server = WireServer::start([]);
    let mut project = project(&server, "key = \"keyring\"");
    let folder = tempfile::tempdir().unwrap();
    // Whoever connects is never answered.
    let _bus = UnixListener::bind(folder.path().join("bus")).unwrap();
    let address = format!("unix:path={}", folder.path().join("bus").display());
    project.set("DBUS_SESSION_BUS_ADDRESS", &address);
    let ran = project.run(&["endpoint", "test"]);
    assert_eq!(ran.code, 6, "{}", ran.err);
    assert!(
        ran.err
            .contains("the keyring did not answer within 3 s; it may be locked, and wait for its password"),
        "{}",
        ran.err
    );
    assert_eq!(server.connections(), 0);
}

#[test]
fn a_key_command_that_fails_is_told_by_its_status_alone() {
    let server = WireServer::start([]);
    let project = project(
        &server,
        "key_command = [\"sh\", \"-c\", \"echo sk-marker-0123456789; echo a-secret >&2; exit 7\"]",
    );
    let ran = project.run(&["endpoint", "test"]);
    assert_eq!(
        (ran.code, ran.err.lines().next().unwrap()),
        (
            6,
            "error[no-key]: no key for endpoint `local`: the command `sh` gave none: it ended with exit status 7"
        )
    );
    assert!(
        !ran.err.contains("marker") && !ran.err.contains("a-secret"),
        "{}",
        ran.err
    );
    assert_eq!(server.connections(), 0);
}
