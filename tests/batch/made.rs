//! Files that people change between the making of a prompt and the moment that it goes out or its reply comes home.

use std::fs::{self, File};
use std::time::{Duration, SystemTime};

use serde_json::json;

use crate::site::{KINDS, Site};
use crate::support::project::reply_with;
use crate::support::pty::{DOWN, ENTER};

const RUN: [&str; 5] = ["run", "plan.md", "--unattended", "--until", "1.1"];

/// A site whose model changes a file that the step does not name, and its prompt does not show.
fn unseen(kind: &'static str) -> Site {
    let reply = format!(
        "{}\n{}",
        reply_with("one.txt", "one"),
        reply_with("other.txt", "of the model")
    );
    let site = Site::of(
        kind,
        &format!(
            "description = \"changes another file\"\n[[rule]]\ndescription = \"answers\"\n[[rule.reply]]\ntext = '''\n{reply}'''\n"
        ),
    );
    site.project.write("other.txt", "before\n");
    site
}

/// Exports the plan to `out`, and has an engine of one's own answer its first step.
fn answered(site: &Site) {
    site.run(
        0,
        &["export", ".", "--open", "--format", "openai-batch", "-o", "out"],
    );
    answer(site);
}

fn answer(site: &Site) {
    let text = reply_with("other.txt", "of the model");
    let line = json!({"id": "r", "custom_id": "EP-0007_1-1", "error": null, "response": {"status_code": 200, "request_id": "q", "body": {
        "id": "chatcmpl", "object": "chat.completion", "created": 1, "model": "own",
        "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": text}}]}}});
    site.project.write("home.jsonl", format!("{line}\n"));
}

fn fetch(site: &Site) {
    site.run(0, &["batch", "fetch", "--from", "out", "home.jsonl"]);
}

/// What was written before now is older than what is exported from now on: exports are dated by the second.
fn next_second() {
    let second = || SystemTime::UNIX_EPOCH.elapsed().unwrap().as_secs();
    let now = second();
    while second() == now {
        std::thread::yield_now();
    }
}

fn is_asked(site: &Site, says: &str) {
    let before = site.project.read("other.txt");
    let ran = site.run(11, &RUN);
    assert!(ran.err.contains(says), "{}", ran.err);
    assert_eq!(site.project.read("other.txt"), before);
}

#[test]
fn a_file_that_was_changed_while_the_wave_was_agreed_to_is_not_overwritten_unasked() {
    for kind in KINDS {
        let site = unseen(kind);
        let mut pty = site.project.terminal(&["batch", "submit", "."]);
        pty.wait_for("submit these prompts?");
        site.project.write("other.txt", "of a person\n");
        pty.keys(&format!("{DOWN}{ENTER}"));
        assert_eq!(pty.end(), 0, "{}", pty.text());
        site.wait();
        site.fetch(0);
        is_asked(
            &site,
            "+other.txt was changed since then, and the prompt did not show it",
        );
        // A person sees when the prompt was made.
        let mut pty = site.project.terminal(&["run", "plan.md", "--until", "1.1"]);
        pty.wait_for("this reply answers a prompt that was made at");
        pty.wait_for("use this reply all the same?");
        pty.leave();
    }
    // Nobody was faster: nothing is asked.
    let site = unseen("openai");
    next_second();
    site.submit();
    site.wait();
    site.fetch(0);
    site.run(0, &RUN);
    assert_eq!(site.project.read("other.txt"), "of the model\n");
}

#[test]
fn a_file_that_was_changed_after_an_export_is_not_overwritten_unasked() {
    let site = unseen("openai");
    answered(&site);
    site.project.write("other.txt", "of a person\n");
    fetch(&site);
    is_asked(
        &site,
        "+other.txt was changed since then, and the prompt did not show it",
    );
    // Nobody was faster: nothing is asked.
    let site = unseen("openai");
    next_second();
    answered(&site);
    fetch(&site);
    // That the reply does not do what the step is about is its check's to tell.
    site.run(4, &[&RUN[..], &["--attempts", "1"]].concat());
    assert_eq!(site.project.read("other.txt"), "of the model\n");
}

#[test]
fn where_nobody_can_tell_when_an_export_was_made_every_file_is_asked_about() {
    let copied = |site: &Site| {
        let out = site.project.root().join("out");
        let copy = site.project.root().join("copy");
        fs::create_dir(&copy).unwrap();
        for entry in fs::read_dir(&out).unwrap() {
            let name = entry.unwrap().file_name();
            fs::copy(out.join(&name), copy.join(&name)).unwrap();
        }
        fs::remove_dir_all(&out).unwrap();
        fs::rename(copy, out).unwrap();
        answer(site);
    };
    let dated = |site: &Site, by: i64| {
        let path = site.project.root().join("out/manifest.json");
        let made = path.metadata().unwrap().modified().unwrap();
        let moved = match u64::try_from(by) {
            Ok(by) => made + Duration::from_secs(by),
            Err(_) => made - Duration::from_secs(by.unsigned_abs()),
        };
        File::options()
            .write(true)
            .open(path)
            .unwrap()
            .set_modified(moved)
            .unwrap();
    };
    type Harm<'a> = (&'a str, &'a dyn Fn(&Site));
    let later = |site: &Site| dated(site, 3600);
    let older_results = |site: &Site| {
        let file = File::options()
            .write(true)
            .open(site.project.root().join("home.jsonl"));
        file.unwrap().set_modified(SystemTime::UNIX_EPOCH).unwrap();
    };
    // As archives, memory sticks and object stores have times: of the copy, or of a commit.
    let whole = |site: &Site| {
        let now = SystemTime::UNIX_EPOCH.elapsed().unwrap().as_secs();
        for entry in fs::read_dir(site.project.root().join("out")).unwrap() {
            let file = File::options().write(true).open(entry.unwrap().path());
            let second = SystemTime::UNIX_EPOCH + Duration::from_secs(now);
            file.unwrap().set_modified(second).unwrap();
        }
    };
    let harms: [Harm<'_>; 4] = [
        ("a copy without times", &copied),
        ("a copy with times in whole seconds", &whole),
        ("of the future", &later),
        ("results from before it", &older_results),
    ];
    for (what, harm) in harms {
        let site = unseen("openai");
        next_second();
        answered(&site);
        harm(&site);
        fetch(&site);
        eprintln!("{what}");
        is_asked(&site, "+other.txt is there, and the prompt did not show it");
        site.run(
            4,
            &[&RUN[..], &["--attempts", "1", "--stale-reply", "use"]].concat(),
        );
        assert_eq!(site.project.read("other.txt"), "of the model\n", "{what}");
    }
    // One that was brought along with its times is as good as the first.
    let site = unseen("openai");
    answered(&site);
    dated(&site, -3600);
    fetch(&site);
    is_asked(&site, "+other.txt was changed since then");
}

#[test]
fn the_same_plans_give_the_same_bytes_whenever_they_are_exported() {
    let site = unseen("openai");
    answered(&site);
    let first = site.project.read("out/manifest.json");
    fs::remove_dir_all(site.project.root().join("out")).unwrap();
    next_second();
    answered(&site);
    assert_eq!(site.project.read("out/manifest.json"), first);
}
