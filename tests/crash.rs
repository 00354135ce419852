//! `kill -9` between any two acts of a session: nothing is lost, nothing is sent twice unasked, no plan is damaged.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "what helps a test may fail like a test"
)]

mod support;

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use support::project::{Project, SMALL};
use support::pty::{DOWN, ENTER};
use support::wire_server::{WireServer, reply};

/// A reply that serves both steps, so that it does not matter which of them asks: a second one finds all as it is.
const REPLY: &str = "Both.\n\n```text path=one.txt\none\n```\n\n```text path=sub/two.txt\ntwo\n```\n";

/// A reply with edits of every kind, which can be carried out once only. What goes and moves comes first, so that a kill
/// behind it has to bring it back with its mode.
const KINDS: &str = "All kinds.\n\n```text rename=from.sh to=moved/to.sh\n```\n\n```text delete=old/gone.txt\n```\n\n\
```text edit=lines.txt\n<<<<<<< SEARCH\nb\n=======\nB\n>>>>>>> REPLACE\n```\n\n\
```text path=one.txt\none\n```\n\n```text path=sub/two.txt\ntwo\n```\n";

/// Every question of the session, with the keys that agree.
fn rules() -> Vec<(String, String)> {
    let nth = |n: usize| format!("{}{ENTER}", DOWN.repeat(n + 1));
    let all = || format!("a{ENTER}");
    [
        ("send the prompt? ›", nth(0)),
        ("send it again? ›", nth(0)),
        ("write these files? ›", nth(0)),
        ("run this check? ›", nth(0)),
        ("does that still hold? ›", nth(0)),
        ("make the changes in the tree, then come back ›", nth(0)),
        (
            "which criteria did you verify? (space ticks, a ticks all, enter goes on) ›",
            all(),
        ),
        (
            "which tasks are complete? (space ticks, a ticks all, enter goes on) ›",
            all(),
        ),
        (
            "which of these hold? (space ticks, a ticks all, enter goes on) ›",
            all(),
        ),
        ("is step 1.1 done? ›", nth(0)),
        ("is step 1.2 done? ›", nth(0)),
    ]
    .map(|(question, keys)| (question.to_owned(), keys))
    .to_vec()
}

fn plan() -> String {
    let plan = SMALL.replace("two.txt", "sub/two.txt");
    format!(
        "{plan}\n### Phase 1 Completion Criteria\n- [ ] Both are there\n\n## Checklist\n\n### Pre-Implementation\n- [ ] Agreed\n\n### After\n- [ ] Told\n"
    )
}

/// A fresh project whose prompts go to a server over HTTP.
fn project(plan: &str, answer: &str) -> (Project, WireServer) {
    let project = Project::new();
    project.write("plan.md", plan);
    let server = WireServer::start((0..40).map(|_| reply(answer)));
    project.configure(&format!(
        "default = \"wire\"\n[endpoint.wire]\nkind = \"openai\"\nurl = \"{}\"\nmodel = \"m\"\n",
        server.url()
    ));
    (project, server)
}

/// One session that ends by itself or is killed at a point; whether it was killed, and how many sends were agreed to.
fn session(project: &Project, crash_at: Option<usize>) -> (bool, usize) {
    let rules = rules();
    let rules: Vec<(&str, &str)> = rules
        .iter()
        .map(|(question, keys)| (question.as_str(), keys.as_str()))
        .collect();
    let crash = crash_at.map(|at| at.to_string());
    let mut pty = project.terminal_with(
        &["run", "plan.md"],
        crash.as_deref().map(|at| ("STEPGATE_CRASH_AT", at)),
    );
    let asked = pty.drive(&rules);
    let code = pty.end();
    let text = pty.text();
    assert!(code == 0 || crash_at.is_some(), "exit {code}:\n{text}");
    // To send it again is no more than a wish: what is sent is consented to at the prompt that follows.
    (code != 0, asked[0])
}

/// Every file below a folder: its mode and its content.
fn files(folder: &Path) -> BTreeMap<String, (u32, String)> {
    let mut files = BTreeMap::new();
    for entry in ignore::WalkBuilder::new(folder).standard_filters(false).build() {
        let entry = entry.unwrap();
        if entry.file_type().is_some_and(|kind| kind.is_file()) {
            let name = entry.path().strip_prefix(folder).unwrap().display().to_string();
            let bytes = fs::read(entry.path()).unwrap();
            let mode = entry.metadata().unwrap().permissions().mode() & 0o777;
            files.insert(name, (mode, String::from_utf8_lossy(&bytes).into_owned()));
        }
    }
    files
}

/// What is left of temporary files, beside the tree and the state.
fn leftovers(project: &Project) -> Vec<String> {
    let mut names: Vec<String> = files(&project.root()).into_keys().collect();
    names.extend(files(&project.state()).into_keys());
    names.retain(|name| name.contains("tmp") || name.contains(".stepgate") || name.contains("check-"));
    names
}

#[test]
fn every_point_of_a_session_survives_a_kill() {
    let points = every_point(2, || project(&plan(), REPLY));
    assert!(points > 40, "only {points} points were passed");
}

#[test]
fn every_point_of_writing_deleting_and_renaming_survives_a_kill() {
    let (plan, _) = SMALL.split_once("#### Step 1.2").unwrap();
    let points = every_point(1, || {
        let (project, server) = project(plan, KINDS);
        project.write("lines.txt", "a\r\nb");
        project.write("old/gone.txt", "gone\n");
        project.write("from.sh", "#!/bin/sh\n");
        let mode = fs::Permissions::from_mode(0o750);
        fs::set_permissions(project.root().join("from.sh"), mode).unwrap();
        (project, server)
    });
    assert!(points > 40, "only {points} points were passed");
}

/// Kills a session at each of its points, and goes on with it; returns how many points there are. The sessions
/// together must leave what one that was not killed leaves, after so many requests.
fn every_point(requests: usize, fresh: impl Fn() -> (Project, WireServer)) -> usize {
    let (whole, server) = fresh();
    let (killed, consents) = session(&whole, None);
    assert!(!killed);
    assert_eq!((consents, server.requests().len()), (requests, requests));
    let expected = files(&whole.root());
    assert!(!whole.read("plan.md").contains("[ ]"));

    let mut at = 1;
    loop {
        let (project, server) = fresh();
        let (killed, mut consents) = session(&project, Some(at));
        if killed {
            // Once more in the recovery itself, at each of its first points in turn.
            let (_, more) = session(&project, Some(1 + at % 5));
            let (_, last) = session(&project, None);
            consents += more + last;
        }
        assert_eq!(files(&project.root()), expected, "after a kill at point {at}");
        assert!(
            server.requests().len() <= consents,
            "{} requests at point {at}",
            server.requests().len()
        );
        assert_eq!(
            leftovers(&project),
            Vec::<String>::new(),
            "after a kill at point {at}"
        );
        if !killed {
            return at;
        }
        at += 1;
    }
}

/// What a check stands behind and what somebody vouches for is ticked one after the other, in two names.
#[test]
fn ticks_in_two_names_survive_a_kill() {
    let (plan, _) = SMALL.split_once("#### Step 1.2").unwrap();
    let plan = plan.replace("**Success", "**Also:**\n- [ ] It is beautiful\n\n**Success");
    let args = ["run", "plan.md", "--unattended", "--attest"];
    let (mut at, mut resumed) = (1, 0);
    loop {
        let (project, server) = project(&plan, REPLY);
        let mut command = project.command(&args);
        let killed = !command
            .env("STEPGATE_CRASH_AT", at.to_string())
            .output()
            .unwrap()
            .status
            .success();
        let ran = project.run(&args);
        // A request whose answer is not known is a person's to decide on.
        if ran.code == 0 {
            resumed += 1;
            let why = project.run(&["log", "plan.md", "--why"]).out;
            let said = |what: &str| why.matches(what).count();
            let told = (
                said("nobody was asked"),
                said("tester vouched for it"),
                said("[ ]"),
            );
            assert_eq!(told, (2, 1, 0), "after a kill at point {at}:\n{why}");
            assert_eq!(server.requests().len(), 1, "after a kill at point {at}");
        } else {
            assert_eq!(ran.code, 5, "after a kill at point {at}: {}", ran.err);
        }
        if !killed {
            break;
        }
        at += 1;
    }
    assert!(at > 20 && resumed > at / 2, "{resumed} of {at} went on");
}

#[test]
fn what_a_killed_session_left_is_taken_away_when_the_next_one_begins() {
    let (project, _server) = project(&plan(), REPLY);
    let run = |until: &str| {
        let ran = project.run(&["run", "plan.md", "--unattended", "--attest", "--until", until]);
        assert_eq!(ran.code, 0, "{}", ran.err);
    };
    run("1.1");
    let state = fs::read_dir(project.state())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .find(|path| path.join("journal").exists())
        .unwrap();
    let session = state.file_name().unwrap().to_string_lossy().replace("plan-", "");
    let before = files(&project.root());
    let ours = [
        project.root().join(".plan.md.stepgate-x1Yz"),
        project
            .root()
            .join(format!(".stepgate-{session}-0123456789abcdef")),
        project
            .root()
            .join(format!("sub/.stepgate-{session}-0123456789abcdef")),
        state.join("check-x1Yz/check"),
        state.join("prompt-x1Yz"),
        state.join("partial-1.1.md"),
        state.join("blobs/.put-x1Yz"),
        state.join("escalations/.put-x1Yz"),
    ];
    let theirs = [
        project.root().join(".other.md.stepgate-x1Yz"),
        project.root().join(".stepgate-somebody-0123456789abcdef"),
    ];
    for path in ours.iter().chain(&theirs) {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, "half").unwrap();
    }
    run("1.1");
    let there =
        |paths: &[PathBuf]| -> Vec<PathBuf> { paths.iter().filter(|path| path.exists()).cloned().collect() };
    assert_eq!(there(&ours), Vec::<PathBuf>::new());
    assert_eq!(there(&theirs), theirs);
    theirs.iter().for_each(|path| fs::remove_file(path).unwrap());
    assert_eq!(files(&project.root()), before);
}
