//! Why is this box ticked? The record of it, in words and as a document.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "what helps a test may fail like a test"
)]

mod support;

use serde_json::{Value, json};
use support::project::{Project, SMALL, reply_with};
use support::pty::ENTER;
use support::repository::{commit_all, git, without_git};
use support::walk::{small_mock, walk_step};

/// The document of `log --why`, and what it says of each box: its text and its state.
fn why(project: &Project, more: &[&str]) -> (Value, Vec<(String, String)>) {
    let ran = project.run(&[&["log", "plan.md", "--why", "--json"], more].concat());
    assert_eq!(ran.code, 0, "{}", ran.err);
    let document: Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(document["schema"], "stepgate.evidence/1");
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let boxes = document["boxes"].as_array().unwrap().iter();
    let states = boxes
        .map(|one| (text(&one["text"]), text(&one["state"])))
        .collect();
    (document, states)
}

fn said(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    let pairs = pairs.iter();
    pairs
        .map(|(text, state)| ((*text).to_owned(), (*state).to_owned()))
        .collect()
}

#[test]
fn every_way_to_a_tick_is_told_from_the_others() {
    let project = small_mock();
    project.write("plan.md", format!("{SMALL}\n## After\n- [ ] Told\n- [ ] Kept\n"));
    let mut pty = project.terminal(&["run", "plan.md", "--until", "1.1"]);
    walk_step(&mut pty, "1.1");
    assert_eq!(pty.end(), 0, "{}", pty.text());
    let (_, states) = why(&project, &[]);
    let open = [
        ("Write two", "open"),
        ("Two is there", "open"),
        ("Told", "open"),
        ("Kept", "open"),
    ];
    let first = [("Write one", "confirmed"), ("One is there", "confirmed")];
    assert_eq!(states, said(&[&first[..], &open[..]].concat()));

    assert_eq!(project.run(&["tick", "plan.md", "1.2", "--task", "1"]).code, 0);
    project.write(
        "plan.md",
        project.read("plan.md").replace("[ ] Two is", "[x] Two is"),
    );
    let (_, states) = why(&project, &["1.2"]);
    assert_eq!(
        states,
        said(&[("Write two", "by-hand"), ("Two is there", "outside")])
    );

    let mut pty = project.terminal(&["run", "plan.md"]);
    pty.wait_for("which of these hold? (space ticks, a ticks all, enter goes on) ›");
    pty.keys(&format!(" {ENTER}"));
    pty.wait_for("why do the others stay open? (may be empty)");
    pty.keys(&format!("later{ENTER}"));
    pty.end();
    let (document, _) = why(&project, &[]);
    let after: Vec<&Value> = document["boxes"].as_array().unwrap().iter().skip(4).collect();
    let left: Vec<&Value> = after.iter().map(|one| &one["left"]).collect();
    assert!(left.contains(&&json!("later")), "{document}");
}

#[test]
fn unattended_ticks_say_so() {
    let project = small_mock();
    let run = |more: &[&str]| {
        let args = [&["run", "plan.md", "--unattended"], more].concat();
        let ran = project.run(&args);
        assert_eq!(ran.code, 0, "{}", ran.err);
    };
    run(&["--until", "1.1"]);
    run(&["--attest"]);
    let (document, states) = why(&project, &[]);
    let expected = [
        ("Write one", "unattended"),
        ("One is there", "unattended"),
        ("Write two", "unattended"),
        ("Two is there", "unattended"),
    ];
    assert_eq!(states, said(&expected));
    let boxes = &document["boxes"];
    assert_eq!((&boxes[0]["by"], &boxes[2]["by"]), (&Value::Null, &Value::Null));
    assert!(boxes[0]["at"].as_str().unwrap().ends_with('Z'));
    assert_eq!(boxes[0]["list"], json!({ "tasks": "1.1" }));
    assert_eq!(boxes[0]["line"], 17);
}

/// Who vouches beforehand vouches for what no check can show, and for nothing else.
#[test]
fn a_name_stands_only_by_what_no_check_shows() {
    let plan = SMALL.replace(
        "**Success Check:**\n```bash\ngrep -q one",
        "**Also:**\n- [ ] It is beautiful\n\n**Success Check:**\n```bash\ngrep -q one",
    );
    let project = small_mock();
    project.write("plan.md", format!("{plan}\n## After\n- [ ] Told\n"));
    let ran = project.run(&["run", "plan.md", "--unattended", "--attest"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let (document, states) = why(&project, &[]);
    let expected = [
        ("Write one", "unattended"),
        ("One is there", "unattended"),
        ("It is beautiful", "attested"),
        ("Write two", "unattended"),
        ("Two is there", "unattended"),
        ("Told", "attested"),
    ];
    assert_eq!(states, said(&expected));
    let by: Vec<&Value> = document["boxes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one["by"])
        .collect();
    let (nobody, tester) = (&Value::Null, &json!("tester"));
    assert_eq!(by, [nobody, nobody, tester, nobody, nobody, tester]);
    let log = project.run(&["log", "plan.md"]).out;
    let confirmed: Vec<&str> = log
        .lines()
        .filter_map(|line| line.split_once("confirmed by ").map(|(_, rest)| rest))
        .collect();
    assert_eq!(
        confirmed,
        [
            "tester, beforehand (unattended): It is beautiful",
            "nobody (unattended): One is there; Write one",
            "nobody (unattended): Two is there; Write two",
        ]
    );
}

#[test]
fn the_work_behind_a_step_is_told() {
    let plan = SMALL.replace("grep -q one one.txt", "seq 30\ngrep -q one one.txt");
    let project = Project::new();
    project.write("plan.md", plan);
    project.mock(&[
        ("1.1", &reply_with("one.txt", "one")),
        ("1.2", &reply_with("two.txt", "two")),
    ]);
    let ran = project.run(&["run", "plan.md", "--unattended"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let (document, _) = why(&project, &["1.1"]);
    let step = &document["steps"][0];
    let text = |name: &str| {
        let digest = step[name].as_str().or_else(|| step["check"][name].as_str());
        project.run(&["log", "plan.md", "--text", digest.unwrap()]).out
    };
    assert!(text("prompt").contains("Implement Step 1.1 of EP-0007"));
    assert_eq!(text("reply"), reply_with("one.txt", "one"));
    assert_eq!(text("script"), "seq 30\ngrep -q one one.txt\n");
    assert_eq!(text("output").lines().count(), 30);
    assert_eq!((&step["endpoint"], &step["attempt"]), (&json!("test"), &json!(1)));
    assert_eq!(step["files"], json!(["one.txt"]));
    let check = &step["check"];
    assert_eq!((&check["passed"], &check["how"]), (&json!(true), &json!("all")));
    assert_eq!(check["commands"][1]["status"], 0);
    // Without git the hash is one of the step's files, which are named.
    assert_eq!(check["tree"]["kind"], "files");
    assert_eq!(check["tree"]["files"][0]["path"], "one.txt");
    assert_eq!(check["tree"]["files"][0]["kept"], true);

    let shown = project.run(&["log", "plan.md", "1.1", "--why"]).out;
    for part in [
        "Step 1.1\n  [x] task 1: Write one\n      ticked at ",
        ": nobody was asked (unattended)\n",
        "  [x] criterion 1: One is there\n",
        "  check   passed at ",
        ", attempt 1; stepgate ran all of it; text ",
        "          $ grep -q one one.txt  exit 0, ",
        ", the last 20 of 30 lines\n          │ 11\n",
        "  tree    the step's files ",
        " sent to test (",
        "  files   one.txt\n",
    ] {
        assert!(shown.contains(part), "`{part}` is not in:\n{shown}");
    }
    let one = project
        .run(&["log", "plan.md", "1.1", "--why", "--criterion", "1"])
        .out;
    assert!(one.contains("criterion 1:") && !one.contains("task 1:"), "{one}");
    let ran = project.run(&["log", "plan.md", "1.1", "--why", "--task", "2"]);
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("step 1.1 has no such box"), "{}", ran.err);
}

#[test]
fn what_is_verified_by_hand_and_what_no_longer_holds_is_told() {
    let project = small_mock();
    let mut pty = project.terminal(&["run", "plan.md", "--until", "1.1"]);
    // Skipped: nothing is sent, and the person verifies by hand.
    pty.answer("send the prompt? ›", 3);
    pty.answer("make the changes in the tree, then come back ›", 0);
    pty.answer("run this check? ›", 3);
    support::walk::confirm_step(&mut pty, "1.1");
    assert_eq!(pty.end(), 0, "{}", pty.text());
    let shown = project.run(&["log", "plan.md", "1.1", "--why"]).out;
    for part in [
        ": tester confirmed it\n",
        "check   verified by hand at ",
        "nothing was sent: a person did it by hand",
    ] {
        assert!(shown.contains(part), "`{part}` is not in:\n{shown}");
    }
    let ran = project.run(&["run", "plan.md", "--unattended", "--regress"]);
    assert_eq!(ran.code, 4, "{}", ran.err);
    let shown = project.run(&["log", "plan.md", "1.1", "--why"]).out;
    assert!(shown.contains("  later   no longer held at "), "{shown}");
}

#[test]
fn a_plan_ticked_elsewhere_has_no_record() {
    let project = Project::new();
    project.write("plan.md", SMALL.replace("[ ]", "[x]"));
    let shown = project.run(&["log", "plan.md", "--why"]).out;
    assert_eq!(
        shown
            .matches("ticked outside of stepgate: nothing is on record")
            .count(),
        4
    );
    let (document, _) = why(&project, &[]);
    assert_eq!(document["steps"], json!([]));
}

#[test]
fn with_git_the_tree_is_one_that_git_can_show() {
    if without_git("with_git_the_tree_is_one_that_git_can_show") {
        return;
    }
    let project = small_mock();
    project.write(".gitignore", "ignored\n");
    commit_all(&project);
    project.write("ignored", "");
    project.write("loose", "loose\n");
    project.write("staged", "staged\n");
    git(&project, &["add", "staged"]);
    let index = std::fs::read(project.root().join(".git/index")).unwrap();
    let ran = project.run(&["run", "plan.md", "--unattended", "--until", "1.1"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let (document, _) = why(&project, &["1.1"]);
    let tree = &document["steps"][0]["check"]["tree"];
    assert_eq!(tree["kind"], "git-tree");
    let hash = tree["hash"].as_str().unwrap();
    let names = git(&project, &["ls-tree", "-r", "--name-only", hash]);
    assert_eq!(
        names,
        ".gitignore\nloose\none.txt\nplan.md\nstaged\nstepgate.toml\n"
    );
    assert_eq!(git(&project, &["show", &format!("{hash}:one.txt")]), "one\n");
    let after = std::fs::read(project.root().join(".git/index")).unwrap();
    assert!(index == after, "the user's index was written");
    assert_eq!(git(&project, &["stash", "list"]), "");
}

#[test]
fn records_of_an_older_version_are_still_read() {
    let project = small_mock();
    let ran = project.run(&["run", "plan.md", "--unattended", "--until", "1.1"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let folder = std::fs::read_dir(project.state())
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let journal = folder
        .map(|folder| folder.join("journal"))
        .find(|path| path.is_file())
        .unwrap();
    let text = std::fs::read_to_string(&journal).unwrap();
    let older: String = text
        .lines()
        .map(|line| {
            let mut record: Value = serde_json::from_str(&line[9..]).unwrap();
            record.as_object_mut().unwrap().remove("tree");
            let json = serde_json::to_string(&record).unwrap();
            format!("{:08x} {json}\n", crc32(json.as_bytes()))
        })
        .collect();
    assert_ne!(older, text);
    std::fs::write(&journal, older).unwrap();
    let shown = project.run(&["log", "plan.md", "1.1", "--why"]).out;
    assert!(shown.contains("  tree    not on record\n"), "{shown}");
    project.write("one.txt", "broken\n");
    let ran = project.run(&["check", "plan.md", "--done", "--unattended"]);
    assert!(
        ran.err.contains("what changed since it was done is not known"),
        "{}",
        ran.err
    );
}

/// The sum of a journal's line.
fn crc32(bytes: &[u8]) -> u32 {
    let mut sum = !0u32;
    for byte in bytes {
        sum ^= u32::from(*byte);
        for _ in 0..8 {
            sum = (sum >> 1) ^ (0xedb8_8320 & (sum & 1).wrapping_neg());
        }
    }
    !sum
}
