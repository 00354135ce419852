//! Records of plans that are put aside or damaged while their prompts are with a batch: nothing goes out a second time
//! without a word.

use std::fs;
use std::path::PathBuf;

use serde_json::json;

use crate::site::{KINDS, Site};
use crate::support::project::SMALL;
use crate::support::pty::{DOWN, ENTER};

const RUN: [&str; 5] = ["run", "plan.md", "--unattended", "--until", "1.1"];
const FORGET: [&str; 6] = [
    "run",
    "plan.md",
    "--unattended",
    "--until",
    "1.1",
    "--forget-session",
];

/// A site whose plan was submitted; the mark.
fn out(kind: &'static str) -> (Site, String) {
    let site = Site::new(kind);
    let mark = site.submit()["mark"].as_str().unwrap().to_owned();
    (site, mark)
}

/// The journal of the plan.
fn journal(site: &Site) -> PathBuf {
    let folders = fs::read_dir(site.project.state()).unwrap();
    let mut folders = folders.map(|entry| entry.unwrap().path());
    let folder = folders.find(|path| path.file_name().unwrap().to_string_lossy().starts_with("plan-"));
    folder.unwrap().join("journal")
}

#[test]
fn a_step_whose_record_was_put_aside_is_not_sent_again_unasked() {
    for kind in KINDS {
        let (site, mark) = out(kind);
        let ran = site.run(5, &FORGET);
        let text = format!("step 1.1 is with batch {mark}, and the record of the plan does not know it");
        assert!(ran.err.contains(&text), "{kind}: {}", ran.err);
        // Nor is it submitted again.
        let submitted = site.json(0, &["batch", "submit", ".", "--yes", "--json"]);
        assert_eq!(
            submitted["left_out"],
            json!([{"plan": "plan.md", "step": "1.1", "why": "with a batch already"}]),
            "{kind}"
        );
        site.run(5, &RUN);
        assert_eq!((site.sent_alone(), site.batches().len()), (0, 1), "{kind}");
        // Whoever gives up on the batch may send it.
        site.run(0, &["batch", "cancel", &mark, "--forget", "--yes"]);
        site.run(0, &RUN);
        assert_eq!(site.sent_alone(), 1, "{kind}");
    }
}

#[test]
fn a_record_that_lost_its_only_line_is_no_leave_to_send_again() {
    let (site, mark) = out("openai");
    let path = journal(&site);
    let mut bytes = fs::read(&path).unwrap();
    bytes[20] ^= 1;
    fs::write(&path, bytes).unwrap();
    let ran = site.run(5, &RUN);
    assert!(ran.err.contains(&format!("is with batch {mark}")), "{}", ran.err);
    assert_eq!(site.sent_alone(), 0);
}

#[test]
fn a_person_waits_for_the_batch_and_its_reply_comes_to_the_step() {
    for kind in KINDS {
        let (site, mark) = out(kind);
        let mut pty = site
            .project
            .terminal(&["run", "plan.md", "--until", "1.1", "--forget-session"]);
        pty.wait_for(&format!("step 1.1 is with batch {mark}"));
        pty.answer("wait for the batch?", 0);
        assert_eq!(pty.end(), 5, "{}", pty.text());
        assert!(pty.text().contains("waits for batch"), "{}", pty.text());
        site.wait();
        assert_eq!(site.fetch(0)["batches"][0]["landed"]["replies"], 1, "{kind}");
        site.run(0, &RUN);
        assert_eq!(site.sent_alone(), 0, "{kind}");
    }
}

#[test]
fn a_person_has_it_sent_again() {
    let (site, _) = out("openai");
    let mut pty = site
        .project
        .terminal(&["run", "plan.md", "--until", "1.1", "--forget-session"]);
    pty.answer("wait for the batch?", 1);
    pty.wait_for("send the prompt?");
    pty.keys(&format!("{DOWN}{ENTER}"));
    pty.wait_for("write these files?");
    pty.leave();
    assert_eq!(site.sent_alone(), 1);
    // That was said, and is not asked a second time.
    site.run(0, &RUN);
    assert_eq!(site.sent_alone(), 1);
}

#[test]
fn a_damaged_record_of_the_batch_still_names_its_steps() {
    let (site, mark) = out("openai");
    let ledger = site.project.state().join("batches").join(&mark).join("ledger");
    let text = fs::read_to_string(&ledger).unwrap();
    fs::write(&ledger, text.replacen("intent", "intend", 1)).unwrap();
    let ran = site.run(5, &FORGET);
    assert!(ran.err.contains(&format!("is with batch {mark}")), "{}", ran.err);
    site.run(0, &["batch", "cancel", &mark, "--forget", "--yes"]);
    site.run(0, &RUN);
    assert_eq!(site.sent_alone(), 1);
}

#[test]
fn a_plan_that_was_moved_and_forgotten_is_known_by_its_id() {
    let (site, _) = out("openai");
    let root = site.project.root();
    fs::create_dir(root.join("approved")).unwrap();
    fs::rename(root.join("plan.md"), root.join("approved/plan.md")).unwrap();
    site.run(
        5,
        &["run", "approved/plan.md", "--unattended", "--forget-session"],
    );
    assert_eq!(site.sent_alone(), 0);
    // Another plan beside it is not meant.
    site.project
        .write("other.md", SMALL.replace("EP-0007", "EP-0009"));
    site.run(0, &["run", "other.md", "--unattended", "--until", "1.1"]);
}

#[test]
fn what_came_home_or_was_freed_may_be_sent() {
    let (site, mark) = out("openai");
    site.wait();
    site.fetch(0);
    site.run(0, &FORGET);
    assert_eq!(site.sent_alone(), 1);
    let status = site.run(0, &["batch", "status", "--all"]);
    assert!(status.out.contains(&mark), "{}", status.out);
}
