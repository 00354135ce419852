//! What a person sees at a terminal: bars of batches that are out and of no others, and of uploads that end at their end.

use serde_json::Value;

use crate::cutter::{Cutter, Fate};
use crate::site::{APART, KINDS, Site};
use crate::support::project::SMALL;

const WATCH: [&str; 5] = ["batch", "status", "--watch", "--every", "0.05"];

/// Lets a batch stay in this state, whatever the server says.
fn stays(id: &str, status: &'static str) -> impl FnMut(&str, &str, String) -> String + Send + 'static {
    let end = format!("/batches/{id}");
    move |_, path, body| {
        if !path.ends_with(&end) {
            return body;
        }
        let mut batch: Value = serde_json::from_str(&body).unwrap();
        batch["status"] = status.into();
        batch.to_string()
    }
}

#[test]
fn what_another_command_brought_home_leaves_the_screen() {
    let mut site = Site::new("openai");
    site.second_plan();
    let cutter = Cutter::before(site.server.port, |_, _| Fate::Pass);
    site.point(&cutter.url, "");
    let marks = ["plan.md", "other"].map(|path| {
        let submitted = site.json(0, &["batch", "submit", path, "--yes", "--json"]);
        // The next one comes below it.
        site.age(jiff::SignedDuration::from_mins(1));
        (
            submitted["mark"].as_str().unwrap().to_owned(),
            submitted["batches"][0]["id"].as_str().unwrap().to_owned(),
        )
    });
    let [(first, first_id), (second, second_id)] = marks;
    cutter.change(stays(&second_id, "in_progress"));
    let mut pty = site.project.terminal(&WATCH);
    pty.wait_for("(q leaves)");
    site.end(&first_id);
    site.run(0, &["batch", "fetch", &first]);
    cutter.change(stays(&second_id, "finalizing"));
    pty.wait_for("finalizing");
    // A screen that is looked at while it is drawn anew is in part empty.
    let expected = (0, 1, 1);
    for look in 1.. {
        pty.wait_for("(q leaves)");
        let (rows, _) = pty.screen();
        let count = |text: &str| rows.iter().filter(|row| row.contains(text)).count();
        let counts = (count(&first), count(&second), count("(q leaves)"));
        if counts == expected {
            break;
        }
        assert!(look < 200, "{counts:?}: {rows:?}");
    }
    pty.keys("q");
    assert_eq!(pty.end(), 0, "{}", pty.text());
}

#[test]
fn batches_of_one_submission_are_told_apart_and_no_more_are_shown_than_fit() {
    let site = Site::new("openai");
    for number in 8..18 {
        let plan = SMALL.replace("EP-0007", &format!("EP-{number:04}"));
        site.project.write(&format!("{number}/plan.md"), plan);
    }
    let submitted: Value = serde_json::from_str(&site.run(0, &APART).out).unwrap();
    let mark = submitted["mark"].as_str().unwrap();
    let args = ["batch", "status", "--watch", "--every", "3600"];
    let mut pty = site.project.terminal_of(&args, (10, 110));
    pty.wait_for("and 3 more, ");
    pty.wait_for("of 3 requests done  (q leaves)");
    let (rows, _) = pty.screen();
    for number in 1..=8 {
        let label = format!("{mark} {number}/11 ");
        let of_it = rows.iter().filter(|row| row.starts_with(&label)).count();
        assert_eq!(of_it, 1, "{label}: {rows:?}");
    }
    assert!(!rows.iter().any(|row| row.contains("9/11")), "{rows:?}");
    pty.keys("q");
    assert_eq!(pty.end(), 0, "{}", pty.text());
}

/// Bytes, as a bar has them.
fn bytes(text: &str) -> f64 {
    let (number, unit) = text.trim().split_once(' ').unwrap();
    let unit = match unit {
        "B" => 1.0,
        "KiB" => 1024.0,
        other => panic!("{other}"),
    };
    number.parse::<f64>().unwrap() * unit
}

#[test]
fn an_upload_ends_at_its_end() {
    for kind in KINDS {
        let site = Site::new(kind);
        site.second_plan();
        let mut pty = site.project.terminal(&["batch", "submit", ".", "--yes"]);
        assert_eq!(pty.end(), 0, "{}", pty.text());
        let text = pty.text();
        let shown: Vec<&str> = text.split(" uploaded").collect();
        assert!(shown.len() > 1, "{kind}: {text}");
        for before in &shown[..shown.len() - 1] {
            // A bar, and "1.5 KiB of 2 KiB".
            let words: Vec<&str> = before.split_whitespace().collect();
            let [number, unit, "of", most, of] = words[words.len() - 5..] else {
                panic!("{kind}: {before}");
            };
            let (now, most) = (format!("{number} {unit}"), format!("{most} {of}"));
            assert!(bytes(&now) <= bytes(&most), "{kind}: {now} of {most}");
            // What was counted before are plans.
            assert_ne!(now, "2 B", "{kind}");
        }
    }
}
