//! `run --stored`: on with the replies that are here, and nothing is sent.

use crate::points::killed;
use crate::site::{KINDS, Site};
use crate::support::project::{SMALL, reply_with};

const STORED: [&str; 4] = ["run", "plan.md", "--stored", "--unattended"];

#[test]
fn a_session_ends_before_it_would_send_the_next_prompt() {
    for kind in KINDS {
        let site = Site::new(kind);
        // With a batch: nothing is stored yet.
        let mark = site.submit()["mark"].as_str().unwrap().to_owned();
        let ran = site.run(0, &STORED);
        let text =
            format!("no more replies are stored, and nothing is sent: step 1.1 waits for batch {mark}");
        assert!(ran.err.contains(&text), "{kind}: {}", ran.err);
        site.wait();
        site.fetch(0);
        let ran = site.run(0, &STORED);
        let text = "no more replies are stored, and nothing is sent: step 1.2 may be sent";
        assert!(ran.err.contains(text), "{kind}: {}", ran.err);
        assert!(
            site.project.read("plan.md").contains("- [x] One is there"),
            "{kind}"
        );
        // Once more: there is nothing to be done, and that is no failure.
        site.run(0, &STORED);
        site.run(0, &[&STORED[..], &["--step", "1.2"]].concat());
        assert_eq!(site.sent_alone(), 0, "{kind}");
        // The next wave.
        assert_eq!(site.submit()["requests"], 1, "{kind}");
        site.wait();
        site.fetch(0);
        site.run(0, &[&STORED[..], &["--attest"]].concat());
        assert_eq!(site.sent_alone(), 0, "{kind}");
        assert!(
            site.project.read("plan.md").contains("- [x] Two is there"),
            "{kind}"
        );
    }
}

#[test]
fn a_reply_of_a_later_step_is_gone_on_with_where_the_first_has_none() {
    let site = Site::new("openai");
    site.project
        .write("plan.md", SMALL.replace("- Step 1.1 must be complete", "- None"));
    site.json(0, &["batch", "submit", ".", "--yes", "--json", "--step", "1.2"]);
    site.wait();
    site.fetch(0);
    let ran = site.run(0, &STORED);
    assert!(ran.err.contains("step 1.1 may be sent"), "{}", ran.err);
    assert_eq!(site.project.read("two.txt"), "two\n");
    assert_eq!(site.sent_alone(), 0);
}

#[test]
fn a_check_that_does_not_pass_is_no_reason_to_send() {
    let reply = reply_with("one.txt", "other");
    let site = Site::of(
        "openai",
        &format!(
            "description = \"fails\"\n[[rule]]\ndescription = \"answers\"\n[[rule.reply]]\ntext = '''\n{reply}'''\n"
        ),
    );
    site.submit();
    site.wait();
    site.fetch(0);
    let ran = site.run(4, &STORED);
    assert!(
        ran.err.contains("the check of step 1.1 did not pass"),
        "{}",
        ran.err
    );
    assert_eq!(site.sent_alone(), 0);
}

#[test]
fn a_reply_that_is_asked_for_again_is_left_to_the_next_wave() {
    let site = Site::new("openai");
    site.project.write("one.txt", "before\n");
    site.submit();
    site.wait();
    site.fetch(0);
    site.project.write("one.txt", "of a person\n");
    site.run(11, &STORED);
    // Beforehand nobody throws a reply away for a prompt that is not sent.
    let ran = site.run(2, &[&STORED[..], &["--stale-reply", "again"]].concat());
    assert!(ran.err.contains("`--stored` sends nothing"), "{}", ran.err);
    site.run(11, &STORED);
    let mut pty = site.project.terminal(&["run", "plan.md", "--stored"]);
    pty.answer("use this reply all the same?", 1);
    assert_eq!(pty.end(), 0, "{}", pty.text());
    assert!(pty.text().contains("step 1.1 may be sent"), "{}", pty.text());
    let log = site.log("1.1").join("\n");
    assert!(log.contains("the model is to be asked again"), "{log}");
    assert_eq!(
        (site.sent_alone(), site.project.read("one.txt").as_str()),
        (0, "of a person\n")
    );
    assert_eq!(site.submit()["requests"], 1);
}

#[test]
fn a_person_is_asked_as_always_and_sends_nothing() {
    let site = Site::new("openai");
    site.submit();
    site.wait();
    site.fetch(0);
    let mut pty = site
        .project
        .terminal(&["run", "plan.md", "--stored", "--step", "1.2"]);
    // It waits for the first step.
    assert_eq!(pty.end(), 5, "{}", pty.text());
    let mut pty = site.project.terminal(&["run", "plan.md", "--stored"]);
    pty.wait_for("write these files?");
    pty.leave();
    site.run(0, &STORED);
    let mut pty = site.project.terminal(&["run", "plan.md", "--stored"]);
    assert_eq!(pty.end(), 0, "{}", pty.text());
    assert!(pty.text().contains("step 1.2 may be sent"), "{}", pty.text());
    assert_eq!(site.sent_alone(), 0);
}

#[test]
fn a_step_whose_answer_was_lost_may_have_been_sent() {
    let cut_off = (1..60).find_map(|at| {
        let site = Site::new("openai");
        let was = killed(&site, at, &["run", "plan.md", "--unattended", "--until", "1.1"]);
        assert!(was, "no point lies between a prompt and its reply");
        let told = site.project.run(&STORED).err;
        told.contains("nothing is sent: step 1.1 was sent")
            .then_some(told)
    });
    let told = cut_off.unwrap();
    assert!(
        told.contains("its answer is lost (`run` asks about it)"),
        "{told}"
    );
}
