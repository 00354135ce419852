//! Results of an engine of one's own, home by the manifest of the export that it answered.

use std::fs;

use serde_json::{Value, json};

use crate::points::{each_point, killed};
use crate::site::{KINDS, PLANS, Site};
use crate::support::project::{SMALL, reply_with};

/// A site whose steps are exported to `out`; the ids of the requests.
fn exported(kind: &'static str) -> (Site, Vec<String>) {
    let site = Site::new(kind);
    site.second_plan();
    let format = match kind {
        "anthropic" => "anthropic-batch",
        _ => "openai-batch",
    };
    site.run(0, &["export", ".", "--open", "--format", format, "-o", "out"]);
    let manifest: Value = serde_json::from_str(&site.project.read("out/manifest.json")).unwrap();
    let plans = manifest["plans"].as_array().unwrap();
    let steps = plans.iter().flat_map(|plan| plan["steps"].as_array().unwrap());
    let ids = steps.map(|step| step["id"].as_str().unwrap().to_owned());
    (site, ids.collect())
}

/// A result as an engine of a kind writes it.
fn result(kind: &str, id: &str, text: &str) -> String {
    let usage = json!({"input_tokens": 7, "output_tokens": 3, "prompt_tokens": 7, "completion_tokens": 3, "total_tokens": 10});
    let line = match kind {
        "anthropic" => json!({"custom_id": id, "result": {"type": "succeeded", "message": {
            "id": "msg", "type": "message", "role": "assistant", "model": "own",
            "content": [{"type": "text", "text": text}], "stop_reason": "end_turn", "usage": usage}}}),
        "openai-responses" => {
            json!({"id": "r", "custom_id": id, "error": null, "response": {"status_code": 200, "request_id": "q", "body": {
            "id": "resp", "object": "response", "status": "completed", "model": "own", "usage": usage,
            "output": [{"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": text}]}]}}})
        }
        // As vLLM's `run-batch` writes it.
        _ => {
            json!({"id": "vllm-1", "custom_id": id, "error": null, "response": {"status_code": 200, "request_id": "vllm-batch-1", "body": {
            "id": "chatcmpl", "object": "chat.completion", "created": 1, "model": "own", "usage": usage,
            "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": text}}]}}})
        }
    };
    format!("{line}\n")
}

fn one() -> String {
    reply_with("one.txt", "one")
}

/// What `fetch --from` tells, as a document.
fn fetch(site: &Site, code: i32, results: &[&str]) -> Value {
    let args = [&["batch", "fetch", "--json", "--from", "out"], results].concat();
    let home = site.json(code, &args);
    assert_eq!(home["schema"], "stepgate.batch-fetched/1");
    home["batches"][0].clone()
}

#[test]
fn results_of_an_engine_of_ones_own_become_the_replies_of_their_steps() {
    for kind in KINDS {
        let (site, ids) = exported(kind);
        assert_eq!(ids.len(), 4);
        // In any order, and only a part of them.
        let lines = [&ids[2], &ids[0]].map(|id| result(kind, id, &one()));
        site.project.write("home/a.jsonl", lines.concat());
        let home = fetch(&site, 0, &["home/a.jsonl"]);
        assert_eq!(home["landed"]["replies"], 2, "{kind} {home}");
        assert_eq!(
            home["notes"],
            json!(["2 steps of the export have no result there"]),
            "{kind}"
        );
        let log = site.log("1.1");
        let mark = home["mark"].as_str().unwrap();
        assert!(
            log[0].contains(&format!("answered by an engine of your own, from {mark}"))
                && !log[0].contains("sent to"),
            "{kind} {log:?}"
        );
        assert!(log[1].contains("received"), "{kind} {log:?}");
        // Once more, and with the rest: what is here is here.
        site.project
            .write("home/b.jsonl", result(kind, &ids[1], "Nothing to do."));
        let home = fetch(&site, 0, &["home"]);
        let landed = &home["landed"];
        assert_eq!(
            (&landed["replies"], &landed["earlier"]),
            (&json!(1), &json!(2)),
            "{kind} {home}"
        );
        site.run_both();
        let home = fetch(&site, 0, &["home"]);
        assert_eq!(home["landed"]["earlier"], 3, "{kind} {home}");
        assert_eq!(site.sent_alone(), 0, "{kind}");
    }
}

#[test]
fn a_step_that_is_done_or_has_a_reply_or_was_changed_is_told() {
    let (site, ids) = exported("openai");
    site.run(0, &["tick", "other/plan.md", "1.1"]);
    let changed = SMALL.replace("- [ ] Write one", "- [ ] Write one, better");
    site.project.write("plan.md", changed);
    site.json(
        0,
        &[
            "batch",
            "submit",
            "other/plan.md",
            "--open",
            "--step",
            "1.2",
            "--yes",
            "--json",
        ],
    );
    let lines: String = ids.iter().map(|id| result("openai", id, &one())).collect();
    site.project.write("home.jsonl", lines);
    let home = fetch(&site, 0, &["home.jsonl"]);
    let notes: Vec<&str> = home["notes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|note| note.as_str().unwrap())
        .collect();
    let batch = site.json(0, &["batch", "status", "--json"])["batches"][0]["mark"].clone();
    let with = format!(
        "step 1.2 of `other/plan.md` is with batch {}: its reply is not taken",
        batch.as_str().unwrap()
    );
    assert_eq!(
        notes,
        [
            "step 1.1 of `other/plan.md` is done: its reply is not taken",
            with.as_str(),
            "step 1.1 of `plan.md` was changed since it was exported: the difference is asked about before its reply is used",
        ]
    );
    let landed = &home["landed"];
    assert_eq!((&landed["replies"], &landed["unasked"]), (&json!(2), &json!(2)));
    let ran = site.run(11, &["run", "plan.md", "--unattended"]);
    assert!(ran.err.contains("step 1.1 was edited"), "{}", ran.err);
    // A reply of another export does not take the place of the one that waits.
    fs::remove_dir_all(site.project.root().join("out")).unwrap();
    site.run(0, &["export", "plan.md", "--format", "openai-batch", "-o", "out"]);
    let home = fetch(&site, 7, &["home.jsonl"]);
    let note = home["notes"][0].as_str().unwrap();
    assert_eq!(
        note,
        "step 1.1 of `plan.md` has a reply already: its reply is not taken"
    );
}

#[test]
fn nothing_is_claimed_that_is_not_found_or_no_reply() {
    let (site, ids) = exported("openai");
    let failed = json!({"id": "v", "custom_id": ids[0], "response": {"status_code": 400, "request_id": "q", "body": {"error": {"message": "too long"}}}, "error": null});
    let lines = [
        format!("{failed}\n"),
        result("openai", "EP-0099_1-1", "who?"),
        "no line\n".to_owned(),
    ];
    site.project.write("home.jsonl", lines.concat());
    let home = fetch(&site, 7, &["home.jsonl"]);
    assert_eq!(
        (&home["landed"]["replies"], &home["landed"]["failed"]),
        (&json!(0), &json!(1))
    );
    let notes: Vec<&str> = home["notes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|note| note.as_str().unwrap())
        .collect();
    assert!(
        notes[0].contains("has no reply: the server refused it") && notes[0].contains("too long"),
        "{notes:?}"
    );
    assert_eq!(
        notes[1..],
        [
            "2 lines of the results cannot be read, or belong to no step of the export",
            "3 steps of the export have no result there",
        ]
    );
    // Every step is as free as before.
    assert_eq!(site.submit()["requests"], 2);
    // What is no export of requests, or no longer what it was, brings nothing home.
    site.run(0, &["export", ".", "--format", "md", "-o", "md"]);
    let ran = site.run(2, &["batch", "fetch", "--from", "md", "home.jsonl"]);
    assert!(ran.err.contains("--format openai-batch"), "{}", ran.err);
    site.run(2, &["batch", "fetch", "--from", "out"]);
    let requests = site.project.read("out/requests-0001.jsonl");
    site.project.write(
        "out/requests-0001.jsonl",
        requests.replace("make one", "make none"),
    );
    let ran = site.run(11, &["batch", "fetch", "--from", "out", "home.jsonl"]);
    assert!(
        ran.err.contains("was changed since it was exported"),
        "{}",
        ran.err
    );
}

#[test]
fn a_reply_that_answers_another_prompt_is_asked_about() {
    let (site, ids) = exported("anthropic");
    site.project
        .write("home.jsonl", result("anthropic", &ids[2], &one()));
    site.project.write("one.txt", "of somebody else\n");
    fetch(&site, 0, &["home.jsonl"]);
    let ran = site.run(11, &["run", "plan.md", "--unattended", "--until", "1.1"]);
    assert!(ran.err.contains("+`one.txt` (new):"), "{}", ran.err);
}

#[test]
fn what_only_a_person_can_see_is_vouched_for_before_such_a_reply_is_used() {
    let site = Site::new("openai");
    let plan = SMALL.replace("- None", "- The new server has been bought");
    site.project.write("plan.md", plan);
    site.run(
        0,
        &[
            "export",
            "plan.md",
            "--step",
            "1.1",
            "--format",
            "openai-batch",
            "-o",
            "out",
        ],
    );
    site.project
        .write("home.jsonl", result("openai", "EP-0007_1-1", &one()));
    fetch(&site, 0, &["home.jsonl"]);
    let ran = site.run(5, &["run", "plan.md", "--unattended", "--until", "1.1"]);
    assert!(ran.err.contains("The new server has been bought"), "{}", ran.err);
    site.run(
        0,
        &["run", "plan.md", "--unattended", "--attest", "--until", "1.1"],
    );
}

#[test]
fn every_point_on_the_way_home_survives_a_kill() {
    each_point("an export", 8, |at, case| {
        let (site, ids) = exported("openai");
        let lines = [&ids[2], &ids[0]].map(|id| result("openai", id, &one()));
        site.project.write("home.jsonl", lines.concat());
        let was = killed(&site, at, &["batch", "fetch", "--from", "out", "home.jsonl"]);
        fetch(&site, 0, &["home.jsonl"]);
        for plan in PLANS {
            let log = site.run(0, &["log", plan, "1.1"]).out;
            let counts = ["answered by", "received"].map(|word| log.matches(word).count());
            assert_eq!(counts, [1, 1], "{case}: {log}");
            site.run(0, &["run", plan, "--unattended", "--until", "1.1"]);
        }
        assert_eq!(site.sent_alone(), 0, "{case}");
        was
    });
}

#[test]
fn a_plan_that_was_moved_is_looked_for_in_one_repository_only() {
    let (site, ids) = exported("openai");
    site.project
        .write("home.jsonl", result("openai", &ids[2], &one()));
    // Above the repository, which is none itself.
    let above = |more: &[&str]| {
        let args = [&["batch", "fetch", "--from", "work/out", "work/home.jsonl"], more].concat();
        let ran = site
            .project
            .command(&args)
            .current_dir(site.project.folder())
            .output()
            .unwrap();
        (ran.status.code().unwrap(), String::from_utf8(ran.stderr).unwrap())
    };
    let (code, text) = above(&[]);
    assert_eq!(code, 3, "{text}");
    assert!(
        text.contains("stand in the repository of the plan, or name it with `--root DIR`"),
        "{text}"
    );
    assert!(!site.run(0, &["log", "plan.md"]).out.contains("received"));
    // Where several could be it, that is one line, whatever they are.
    fs::create_dir(site.project.root().join("approved")).unwrap();
    fs::rename(
        site.project.root().join("plan.md"),
        site.project.root().join("approved/plan.md"),
    )
    .unwrap();
    for copy in 0..9 {
        site.project.write(&format!("copies/{copy}.md"), SMALL);
    }
    let ran = site.run(3, &["batch", "fetch", "--from", "out", "home.jsonl"]);
    let several: Vec<&str> = ran.err.lines().filter(|line| line.contains("EP-0007")).collect();
    assert_eq!(several.len(), 1, "{}", ran.err);
    assert!(several[0].ends_with("and 7 more"), "{}", ran.err);
    fs::remove_dir_all(site.project.root().join("copies")).unwrap();
    let (code, text) = above(&["--root", "work"]);
    assert_eq!(code, 0, "{text}");
    assert!(text.contains("approved/plan.md` now"), "{text}");
    site.run(0, &["run", "approved/plan.md", "--unattended", "--until", "1.1"]);
}
