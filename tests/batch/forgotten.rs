//! Records of plans that are put aside or damaged while their prompts are with a batch: nothing goes out a second time
//! without a word.

use std::fs;
use std::path::PathBuf;

use serde_json::json;

use crate::site::{KINDS, Site};
use crate::support::project::{SMALL, reply_with};
use crate::support::pty::{DOWN, ENTER, Pty};
use crate::support::walk::walk_step;

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

/// Damages the only line of the plan's journal.
fn lose(site: &Site) {
    let path = journal(site);
    let mut bytes = fs::read(&path).unwrap();
    bytes[20] ^= 1;
    fs::write(&path, bytes).unwrap();
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
    lose(&site);
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
fn a_reply_comes_home_to_a_step_whose_record_lost_its_request() {
    for kind in KINDS {
        for damage in [true, false] {
            let (site, mark) = out(kind);
            if damage {
                lose(&site);
            } else {
                site.run(5, &FORGET);
            }
            site.wait();
            // Nobody has opened a session since: this is the first to see it.
            let home = site.fetch(0);
            assert_eq!(
                home["batches"][0]["landed"]["replies"], 1,
                "{kind} {damage}: {home}"
            );
            let notes = home["batches"][0]["notes"].to_string();
            assert!(
                notes.contains("did not know that step 1.1 was with the batch"),
                "{notes}"
            );
            let out = json!([{"step": "1.1", "for": "run", "batch": mark}]);
            let told = site.json(0, &["status", ".", "--json"]);
            assert_eq!(told["plans"][0]["waiting"], out, "{kind} {damage}");
            // It is not submitted again, and the next session takes it.
            site.submit();
            site.run(0, &RUN);
            assert_eq!(
                (site.sent_alone(), site.batches().len()),
                (0, 1),
                "{kind} {damage}"
            );
            assert_eq!(site.project.read("one.txt"), "one\n");
        }
    }
}

#[test]
fn a_request_without_a_reply_frees_a_step_whose_record_lost_it() {
    let (site, mark) = out("openai");
    lose(&site);
    site.run(0, &["batch", "cancel", &mark, "--yes"]);
    site.end_all();
    site.fetch(0);
    site.run(0, &RUN);
    assert_eq!(site.sent_alone(), 1);
}

/// On with a step whose check did not pass: one more attempt.
fn again(pty: &mut Pty) {
    pty.answer("does that still hold? ›", 0);
    // After so many attempts, that is no longer the first that is offered.
    pty.answer("the check did not pass; what now? ›", 2);
    pty.wait_for("a note for the model (may be empty)");
    pty.keys(ENTER);
}

#[test]
fn a_reply_waits_while_an_older_record_has_something_else_under_way() {
    let reply = reply_with("one.txt", "other");
    let scenario = format!(
        "description = \"fails\"\n[[rule]]\ndescription = \"answers\"\n[[rule.reply]]\ntext = '''\n{reply}'''\n"
    );
    let site = Site::of("openai", &scenario);
    site.run(4, &RUN);
    let older = fs::read(journal(&site)).unwrap();
    let mut pty = site.project.terminal(&["run", "plan.md", "--until", "1.1"]);
    again(&mut pty);
    pty.wait_for("send the prompt? ›");
    pty.leave();
    site.submit();
    // Records know seconds: the batch is one that was agreed to after the first attempt.
    site.age(jiff::SignedDuration::from_secs(-2));
    // A backup is put back, of before the second attempt.
    fs::write(journal(&site), older).unwrap();
    site.wait();
    let ran = site.run(5, &["batch", "fetch"]);
    for text in ["something else is under way of the step", "is home in part"] {
        assert!(ran.err.contains(text), "{text}: {}", ran.err);
    }
    let mut pty = site.project.terminal(&["run", "plan.md", "--until", "1.1"]);
    again(&mut pty);
    pty.wait_for("wait for the batch? ›");
    pty.leave();
    assert_eq!(site.fetch(0)["batches"][0]["landed"]["replies"], 1);
}

#[test]
fn a_step_that_waits_for_a_batch_that_is_over_can_be_freed() {
    let (site, mark) = out("openai");
    let older = fs::read(journal(&site)).unwrap();
    site.wait();
    site.fetch(0);
    fs::write(journal(&site), older).unwrap();
    let free = format!("`stepgate batch cancel {mark} --forget PLAN` frees it");
    let ran = site.run(5, &RUN);
    assert!(ran.err.contains(&free), "{}", ran.err);
    site.run(0, &["batch", "cancel", &mark, "--forget", "plan.md", "--yes"]);
    site.run(0, &RUN);
    assert_eq!(site.sent_alone(), 1);
}

#[test]
fn a_step_that_was_done_meanwhile_takes_no_reply() {
    let (site, _) = out("openai");
    lose(&site);
    site.run(0, &["tick", "plan.md", "1.1"]);
    site.wait();
    let home = site.fetch(0);
    assert_eq!(home["batches"][0]["landed"]["unasked"], 1, "{home}");
}

#[test]
fn sent_again_is_said_of_one_step_only() {
    let site = Site::new("openai");
    let ran = site.json(0, &["batch", "submit", ".", "--yes", "--json", "--open"]);
    let mark = ran["mark"].as_str().unwrap().to_owned();
    let mut pty = site.project.terminal(&["run", "plan.md", "--forget-session"]);
    pty.answer("wait for the batch?", 1);
    walk_step(&mut pty, "1.1");
    pty.wait_for(&format!("step 1.2 is with batch {mark}"));
    pty.answer("wait for the batch?", 0);
    pty.end();
    assert_eq!(site.sent_alone(), 1);
}

#[test]
fn every_batch_that_a_step_is_with_is_asked_about() {
    let (site, first) = out("openai");
    lose(&site);
    site.age(jiff::SignedDuration::from_mins(2));
    // Another record says nothing of the first batch, and takes the step along a second time.
    let hidden = site.project.folder().join("hidden");
    let batches = site.project.state().join("batches");
    fs::rename(batches.join(&first), &hidden).unwrap();
    let second = site.submit()["mark"].as_str().unwrap().to_owned();
    lose(&site);
    fs::rename(&hidden, batches.join(&first)).unwrap();
    let mut pty = site.project.terminal(&["run", "plan.md", "--until", "1.1"]);
    // The later one first.
    pty.wait_for(&format!("step 1.1 is with batch {second}"));
    pty.answer("wait for the batch?", 1);
    pty.wait_for(&format!("step 1.1 is with batch {first}"));
    pty.answer("wait for the batch?", 0);
    assert_eq!(pty.end(), 5, "{}", pty.text());
    assert_eq!(site.sent_alone(), 0);
}

#[test]
fn what_only_looks_says_that_a_step_is_with_a_batch() {
    let (site, mark) = out("openai");
    lose(&site);
    let ran = site.run(0, &["run", "plan.md", "--unattended", "--stored"]);
    let text = format!(
        "nothing is sent: step 1.1 is with batch {mark}, which the record of the plan does not know (`run` asks about it)"
    );
    assert!(ran.err.contains(&text), "{}", ran.err);
    let table = site.run(0, &["status"]).out;
    assert!(table.contains("next: step 1.1; with a batch: 1.1\n"), "{table}");
    let tree = site.run(0, &["status", "plan.md"]).out;
    assert!(tree.contains(&format!("ready, with batch {mark}")), "{tree}");
    let out = json!([{"step": "1.1", "for": "batch", "batch": mark}]);
    assert_eq!(site.json(0, &["show", "plan.md", "--json"])["waiting"], out);
    site.run(0, &["batch", "cancel", &mark, "--forget", "--yes"]);
    assert_eq!(site.json(0, &["show", "plan.md", "--json"])["waiting"], json!([]));
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
