//! Engines that are late, have another clock, or ids of their own: what is not known is not said.

use serde_json::{Value, json};

use crate::cutter::Fate;
use crate::exchange::{edited, is_result, makes};
use crate::site::{KINDS, Site};

const HALF_AN_HOUR: jiff::SignedDuration = jiff::SignedDuration::from_mins(30);

#[test]
fn a_batch_that_is_made_late_is_waited_for() {
    for kind in KINDS {
        let (site, cutter) = Site::behind_cutter(kind);
        cutter.set(|method, path| match makes(method, path) {
            true => Fate::Hold,
            false => Fate::Pass,
        });
        site.run(7, &["batch", "submit", ".", "--yes"]);
        let status = site.status(0);
        assert_eq!(status[0]["state"], "unseen", "{kind}");
        let text = site.run(0, &["batch", "status"]).out;
        assert!(
            text.contains("look again") && !text.contains("--forget"),
            "{text}"
        );
        let ran = site.run(5, &["batch", "fetch"]);
        assert!(
            ran.err.contains("fetch again") && !ran.err.contains("--forget"),
            "{}",
            ran.err
        );
        let mark = status[0]["mark"].as_str().unwrap().to_owned();
        let ran = site.run(5, &["batch", "cancel", &mark, "--yes"]);
        assert!(!ran.err.contains("no such batch"), "{}", ran.err);
        assert_eq!(site.submit()["requests"], 0, "{kind}");
        assert_eq!(cutter.release(), 1);
        site.end_all();
        assert_eq!(site.fetch(0)["batches"][0]["landed"]["replies"], 2, "{kind}");
        assert_eq!(site.batches().len(), 1, "{kind}");
    }
}

#[test]
fn whoever_gives_up_on_a_batch_that_may_still_come_is_warned() {
    for kind in KINDS {
        for old in [false, true] {
            let (site, cutter) = Site::behind_cutter(kind);
            cutter.set(|method, path| match makes(method, path) {
                true => Fate::LoseRequest,
                false => Fate::Pass,
            });
            site.run(7, &["batch", "submit", ".", "--yes"]);
            if old {
                site.age(HALF_AN_HOUR);
            }
            let ran = site.run(0, &["batch", "cancel", "--forget", "--yes"]);
            let warned = ran.err.contains("the engine may still make it");
            assert_eq!(warned, !old, "{kind} {}", ran.err);
        }
    }
}

#[test]
fn a_clock_that_is_off_hides_no_batch() {
    for kind in KINDS {
        for hours in [-3, 3] {
            let (site, cutter) = Site::behind_cutter(kind);
            cutter.set(|method, path| match makes(method, path) {
                true => Fate::LoseAnswer,
                false => Fate::Pass,
            });
            site.run(7, &["batch", "submit", ".", "--yes"]);
            // As if the clock of the engine were that far off.
            cutter.change(
                move |_, path, text| match path.contains("/batches") && !is_result(path) {
                    true => edited(&text, |value| {
                        let shift = |batch: &mut Value| match &batch["created_at"] {
                            Value::Number(at) => {
                                batch["created_at"] = (at.as_i64().unwrap() + hours * 3600).into()
                            }
                            Value::String(at) => {
                                let at: jiff::Timestamp = at.parse().unwrap();
                                let at = at + jiff::SignedDuration::from_hours(hours);
                                batch["created_at"] = at.to_string().into();
                            }
                            _ => {}
                        };
                        match value["data"].as_array_mut() {
                            Some(list) => list.iter_mut().for_each(shift),
                            None => shift(value),
                        }
                    }),
                    false => text,
                },
            );
            site.age(HALF_AN_HOUR);
            let state = &site.status(0)[0]["state"];
            assert!(
                ["running", "uncertain"].contains(&state.as_str().unwrap()),
                "{kind} {hours} {state}"
            );
            site.end_all();
            assert_eq!(
                site.fetch(0)["batches"][0]["landed"]["replies"],
                2,
                "{kind} {hours}"
            );
        }
    }
}

#[test]
fn long_ids_are_ids_and_those_of_others_may_be_any() {
    let long = "A".repeat(1200);
    for kind in KINDS {
        let (site, cutter) = Site::behind_cutter(kind);
        // The answer is lost, so the list is looked through; it has a batch whose id is none.
        cutter.set(|method, path| match makes(method, path) {
            true => Fate::LoseAnswer,
            false => Fate::Pass,
        });
        site.run(7, &["batch", "submit", ".", "--yes"]);
        let name = long.clone();
        cutter.change(move |_, path, text| match path.ends_with("/batches") {
            true => edited(&text, |page| {
                if let Some(list) = page["data"].as_array_mut() {
                    let mut odd = list[0].clone();
                    odd["id"] = json!("../../odd");
                    odd["metadata"] = Value::Null;
                    odd["input_file_id"] = json!("other");
                    list.insert(0, odd);
                }
            }),
            false if kind != "anthropic" && path.contains("/batches/") => edited(&text, |batch| {
                if !batch["output_file_id"].is_null() {
                    batch["output_file_id"] = json!(name);
                }
            }),
            false => text,
        });
        assert_eq!(site.status(0).len(), 1, "{kind}");
        site.end_all();
        if kind == "anthropic" {
            assert_eq!(site.fetch(0)["batches"][0]["landed"]["replies"], 2);
            continue;
        }
        // The server knows no file of that name; that it was asked for it is what counts.
        site.run(5, &["batch", "fetch"]);
        assert_eq!(
            site.asked("GET", &format!("/v1/files/{long}/content")),
            1,
            "{kind}"
        );
        cutter.change(|_, _, text| text);
        assert_eq!(site.fetch(0)["batches"][0]["landed"]["replies"], 2, "{kind}");
    }
}
