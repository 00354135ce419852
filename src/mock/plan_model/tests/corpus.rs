//! Over plans as they are, and over plans as nobody writes them.

use std::path::Path;

use proptest::prelude::{Just, Strategy, prop, prop_assert_eq, prop_oneof, proptest};
use proptest::test_runner::TestCaseError;

use super::{Tree, edits, model, say};
use crate::assets;
use crate::mock::PlanModel;
use crate::plan::Plan;
use crate::reply::file_edits;
use crate::words::Source;

/// What a reply says of its files is what is read of it, and carried out it has nothing more to say. Gives the number of
/// edits.
fn holds(model: &PlanModel, step: &str, tree: &mut Tree) -> Result<usize, TestCaseError> {
    let reply = say(model, step, tree);
    prop_assert_eq!(&reply, &say(model, step, tree));
    let read = file_edits(&reply);
    let read = read.map_err(|failure| TestCaseError::fail(format!("{failure:?}\n{reply}")))?;
    let prose = read.first().map_or(reply.len(), |edit| edit.span.start);
    let said = reply[..prose].lines().filter(|line| {
        line.starts_with("- ")
            && (line.ends_with(": new, with no more in it than makes it valid")
                || line.ends_with(": as it is, with a word about the step"))
    });
    prop_assert_eq!(said.count(), read.len(), "{}", reply);
    let count = read.len();
    for edit in read {
        if let Some(before) = tree.get(&edit.path) {
            let json = edit.path.ends_with(".json");
            let kept = json || before.trim().is_empty() || edit.content.starts_with(before.as_str());
            prop_assert_eq!(kept, true, "{}", reply);
        }
        tree.insert(edit.path, edit.content);
    }
    let again = say(model, step, tree);
    prop_assert_eq!(edits(&again), Tree::new(), "{}", again);
    Ok(count)
}

/// Every step of a plan, one after the other on one tree. Gives the number of edits of each step.
fn carried_out(path: &str, text: Vec<u8>, tree: &mut Tree) -> Vec<(String, usize)> {
    let source = Source::new(path, text).unwrap();
    let plan = Plan::read(&source);
    let model = PlanModel::new(&plan, &source);
    let steps = plan.steps().map(|(_, step)| step.id.to_string());
    steps
        .map(|id| {
            let edits = holds(&model, &id, tree).unwrap();
            (id, edits)
        })
        .collect()
}

#[test]
fn every_step_of_the_sample_plan_has_file_edits() {
    let sample = assets::sample();
    let text = |asset: &assets::Asset| String::from_utf8(asset.bytes.to_vec()).unwrap();
    let mut tree: Tree = sample
        .iter()
        .map(|asset| (asset.path.to_owned(), text(asset)))
        .collect();
    let plan = tree[assets::SAMPLE_PLAN].clone();
    let before = tree.clone();
    let counts = carried_out(assets::SAMPLE_PLAN, plan.into(), &mut tree);
    let counts: Vec<(&str, usize)> = counts.iter().map(|(id, count)| (id.as_str(), *count)).collect();
    assert_eq!(
        counts,
        [
            ("1.1", 2),
            ("1.2", 1),
            ("1.3", 3),
            ("2.1", 3),
            ("2.2", 2),
            ("2.3", 2),
            ("3.1", 3),
            ("3.2", 2)
        ]
    );
    for path in before.keys().filter(|path| path.starts_with("docs/enhancements")) {
        assert_eq!(before[path], tree[path], "{path}");
    }
}

#[test]
fn every_step_of_the_shared_plans_reads_back() {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared");
    let shared = std::env::var_os("STEPGATE_SHARED").map_or_else(beside, Into::into);
    let mut folders = vec![shared.join("plans")];
    let mut seen = 0;
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|end| end == "md") {
                let steps = carried_out(
                    &path.to_string_lossy(),
                    std::fs::read(&path).unwrap(),
                    &mut Tree::new(),
                );
                seen += steps.len();
            }
        }
    }
    if seen == 0 {
        eprintln!(
            "skipped: every_step_of_the_shared_plans_reads_back, for there are no plans in {}",
            shared.display()
        );
    }
}

/// Words that open something in Markdown or end something in a program.
fn words() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        Just("```"),
        Just("````py path=x.py"),
        Just("~~~"),
        Just("<!--"),
        Just("-->"),
        Just("--"),
        Just("*/"),
        Just("/*"),
        Just("\"\"\""),
        Just("`a`"),
        Just("`"),
        Just("> "),
        Just("1. "),
        Just("# "),
        Just("    "),
        Just("path=y"),
        Just("?>"),
        Just("\\"),
        Just("\\u12"),
        Just("coding: x"),
        Just("ä\u{2028}ö"),
        Just("\r"),
        Just("<script>"),
        Just("word "),
        Just("[a]: b"),
        Just("&amp;"),
        Just("---"),
        Just("\t"),
    ];
    prop::collection::vec(part, 0..5).prop_map(|parts| parts.concat())
}

fn file() -> impl Strategy<Value = String> {
    let folder = prop_oneof![
        Just(""),
        Just("./"),
        Just("a/"),
        Just("tests/"),
        Just("a b/"),
        Just("bin/"),
        Just("../")
    ];
    let name = prop_oneof![
        Just("x.py"),
        Just("__init__.py"),
        Just("x.rs"),
        Just("x.json"),
        Just("x.md"),
        Just("x.html"),
        Just("x"),
        Just("x.css"),
        Just("x.php"),
        Just("x.csv"),
        Just("x.txt"),
        Just("x.svg"),
        Just("Makefile"),
        Just("x.sql"),
        Just("x&amp;y.py"),
        Just("x#y.py"),
        Just("it's.toml"),
        Just("~x.py"),
        Just("x~~~.py"),
        Just("q.unknown"),
    ];
    let action = prop_oneof![
        Just(""),
        Just(" (new)"),
        Just(" (modify - "),
        Just(" (delete)"),
        Just(" (new directory)")
    ];
    (folder, name, action, words()).prop_map(|(folder, name, action, note)| {
        format!("`{folder}{name}`{action}{note}").replace(['\n', '\r'], " ")
    })
}

proptest! {
    #[test]
    fn whatever_the_plan_says_the_reply_reads_back(
        title in words(),
        goal in words(),
        tasks in prop::collection::vec(words(), 0..3),
        files in prop::collection::vec(file(), 0..4),
        current in prop::collection::vec(("[ax]", words(), prop::bool::ANY), 0..3),
    ) {
        let tasks: String = tasks.iter().map(|task| format!("- [ ] {task}\n")).collect();
        let list: String = files.iter().map(|file| format!("- {file}\n")).collect();
        let text = format!(
            "# EP-7: {title}\n\n## Phase 1: All\n\n#### Step 1.1: {title}\n**Goal:** x {goal}\n\n\
             **Files:**\n{list}\n**AI Prompt:** `x`\n\n**Tasks:**\n{tasks}\n"
        );
        let model = model(&text);
        let mut tree = Tree::new();
        for (index, (_, words, ended)) in current.iter().enumerate() {
            let Some(path) = files.get(index).and_then(|file| file.split('`').nth(1)) else { continue };
            let path = path.trim_start_matches("./");
            tree.insert(path.to_owned(), format!("{words}\n{words}{}", if *ended { "\n" } else { "" }));
        }
        if model.say("1.1", &|_| None).is_some() {
            holds(&model, "1.1", &mut tree)?;
        }
    }
}
