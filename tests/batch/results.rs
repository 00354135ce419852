//! Results that are not there yet, or cannot be read: nothing that was paid for is lost.

use serde_json::{Value, json};

use crate::exchange::{edited, is_result};
use crate::site::{KINDS, Site};

#[test]
fn results_that_are_not_there_yet_are_waited_for() {
    // What of the results is held back, and how many replies are home before it comes.
    for (kept, before) in [(0, 0), (1, 1)] {
        for kind in KINDS {
            let (site, cutter) = Site::behind_cutter(kind);
            site.submit();
            site.end_all();
            cutter.change(move |_, path, text| {
                if is_result(path) {
                    return text.split_inclusive('\n').take(kept).collect();
                }
                match kept == 0 && kind != "anthropic" && path.contains("/batches/") {
                    true => edited(&text, |batch| batch["output_file_id"] = Value::Null),
                    false => text,
                }
            });
            for look in 0..2 {
                let home = site.fetch(7);
                let batch = &home["batches"][0];
                let landed = if look == 0 { before } else { 0 };
                assert_eq!(
                    (&batch["landed"]["replies"], &batch["waiting"]),
                    (&json!(landed), &json!(2 - before)),
                    "{kind} {home}"
                );
                assert_eq!(batch["landed"]["failed"], 0, "{kind} {home}");
                let said = format!("2 requests are done, and gave {before} of their results");
                assert!(home.to_string().contains(&said), "{home}");
            }
            assert_eq!(site.submit()["requests"], 0, "{kind}");
            cutter.change(|_, _, text| text);
            let home = site.fetch(0);
            assert_eq!(
                home["batches"][0]["landed"]["replies"],
                2 - before,
                "{kind} {home}"
            );
            assert_eq!(site.status(0), Vec::<Value>::new());
            assert_eq!(site.batches().len(), 1);
        }
    }
}

#[test]
fn what_never_comes_is_given_up_on_by_a_person_and_what_came_is_kept() {
    for kind in KINDS {
        let (site, cutter) = Site::behind_cutter(kind);
        site.submit();
        site.end_all();
        // A line that is none, for good.
        cutter.change(|_, path, text| match is_result(path) {
            true => text
                .lines()
                .enumerate()
                .map(|(index, line)| {
                    if index == 0 {
                        "{\"cut\n".to_owned()
                    } else {
                        format!("{line}\n")
                    }
                })
                .collect(),
            false => text,
        });
        let home = site.fetch(7);
        let batch = &home["batches"][0];
        assert_eq!(
            (&batch["landed"]["replies"], &batch["waiting"]),
            (&json!(1), &json!(1)),
            "{kind} {home}"
        );
        let note = home.to_string();
        assert!(
            note.contains("1 line of the results cannot be read") && note.contains("results-"),
            "{note}"
        );
        site.run(0, &["batch", "cancel", "--forget", "--yes"]);
        assert_eq!(site.submit()["requests"], 1, "{kind}");
        // The line is where it was said to be.
        let folders = std::fs::read_dir(site.project.state().join("batches")).unwrap();
        let kept = folders
            .flatten()
            .flat_map(|folder| std::fs::read_dir(folder.path()).unwrap().flatten());
        let kept = kept.filter(|file| file.file_name().to_string_lossy().starts_with("results-"));
        assert_eq!(kept.count(), 1, "{kind}");
    }
}

#[test]
fn a_result_that_cannot_be_read_is_kept() {
    for kind in KINDS {
        let (site, cutter) = Site::behind_cutter(kind);
        site.submit();
        site.end_all();
        cutter.change(move |_, path, text| match is_result(path) {
            true => text
                .lines()
                .map(|line| {
                    let edit = |line: &mut Value| match kind {
                        "anthropic" => line["result"]["message"] = json!({ "words": "paid for" }),
                        _ => line["response"]["body"] = json!({ "words": "paid for" }),
                    };
                    format!("{}\n", edited(line, edit))
                })
                .collect(),
            false => text,
        });
        let home = site.fetch(7);
        let batch = &home["batches"][0];
        assert_eq!(
            (&batch["landed"]["failed"], &batch["landed"]["replies"]),
            (&json!(2), &json!(0)),
            "{home}"
        );
        let notes = batch["notes"].to_string();
        assert!(notes.contains("its result cannot be read"), "{notes}");
        // All of it is where it is said to be, and each line is in the record of its plan.
        let notes = batch["notes"].as_array().unwrap();
        let place = notes
            .iter()
            .find_map(|note| note.as_str()?.strip_prefix("what could not be read is kept: `"));
        let place = place.unwrap_or_else(|| panic!("{notes:?}")).trim_end_matches('`');
        let kept = std::fs::read_to_string(place).unwrap();
        assert_eq!(kept.matches("paid for").count(), 2, "{kept}");
        let log = site.run(0, &["log", "plan.md", "1.1", "--json"]).out;
        assert!(log.contains(r#""partial":""#), "{log}");
        // They can be asked for again.
        assert_eq!(site.submit()["requests"], 2, "{kind}");
    }
}
