//! What an agent must not write to: the plan, and stepgate's record of it.

use std::fs;

use super::fixture::{GOOD, is_ticked, is_untouched, with_agent};
use super::support::project::Project;

const RUN: [&str; 3] = ["run", "plan.md", "--unattended"];

fn journal(project: &Project) -> std::path::PathBuf {
    let walk = ignore::WalkBuilder::new(project.state()).build();
    let mut paths = walk.map(|entry| entry.unwrap().into_path());
    paths.find(|path| path.ends_with("journal")).unwrap()
}

#[test]
fn the_plan_is_put_back() {
    let ways = [
        "sed -i 's/\\[ \\]/[x]/' plan.md",
        "rm plan.md",
        "echo nothing >plan.md",
        "rm plan.md; ln -s one.txt plan.md",
        "rm plan.md; mkdir plan.md",
        "chmod 400 plan.md; mv plan.md old; cp old plan.md; echo >>plan.md",
    ];
    for way in ways {
        let once = format!("{GOOD}\ntest -e \"$HOME/once\" || {{ touch \"$HOME/once\"; {way}\n}}");
        let project = with_agent(&once);
        let ran = project.run(&RUN);
        assert_eq!(ran.code, 11, "{way}: {}", ran.err);
        let told = "the plan `plan.md` was changed while the agent `helper` ran; it is put back as it was";
        assert!(ran.err.contains(told), "{way}: {}", ran.err);
        assert!(is_untouched(&project), "{way}");
        assert_eq!(project.read("one.txt"), "one\n", "{way}");
        // What it did to the tree is there, and is looked at by the next session.
        let ran = project.run(&RUN);
        assert_eq!(ran.code, 0, "{way}: {}", ran.err);
        assert!(is_ticked(&project), "{way}");
    }
}

#[test]
fn a_plan_of_several_names_keeps_them() {
    let project = with_agent(&format!("{GOOD}\necho >>plan.md"));
    fs::hard_link(project.root().join("plan.md"), project.home().join("other.md")).unwrap();
    let ran = project.run(&RUN);
    assert_eq!(ran.code, 11, "{}", ran.err);
    assert!(is_untouched(&project));
    let other = fs::read_to_string(project.home().join("other.md")).unwrap();
    assert_eq!(other, project.read("plan.md"));
}

#[test]
fn the_record_is_put_back() {
    let project = with_agent(&format!(
        "{GOOD}\nj=$(find \"$HOME/.local\" -name journal); cp \"$j\" \"$HOME/before\"; rm \"$j\"; echo forged >\"$j\""
    ));
    let ran = project.run(&RUN);
    assert_eq!(ran.code, 11, "{}", ran.err);
    let told = "the agent `helper` changed stepgate's record of this plan; it is put back as it was";
    assert!(ran.err.contains(told), "{}", ran.err);
    let before = fs::read(project.home().join("before")).unwrap();
    assert_eq!(fs::read(journal(&project)).unwrap(), before);
    assert!(is_untouched(&project));
    // How that run ended is not known to the record: a person decides.
    let ran = project.run(&RUN);
    assert_eq!(ran.code, 5, "{}", ran.err);
    assert!(
        ran.err
            .contains("the agent `helper` was cut off while it worked on step 1.1"),
        "{}",
        ran.err
    );
}

#[test]
fn a_copy_in_the_place_of_the_record_is_refused() {
    let project = with_agent(&format!(
        "{GOOD}\nj=$(find \"$HOME/.local\" -name journal); cp \"$j\" \"$j.new\"; mv \"$j.new\" \"$j\""
    ));
    let ran = project.run(&RUN);
    assert_eq!(ran.code, 11, "{}", ran.err);
    assert!(ran.err.contains("--forget-session"), "{}", ran.err);
    let ran = project.run(&RUN);
    assert_eq!(ran.code, 5, "{}", ran.err);
}

#[test]
fn a_document_of_the_plan_needs_a_person() {
    let project = with_agent(&format!("{GOOD}\necho >>docs/r.md"));
    project.write("docs/r.md", "# What is wanted\n");
    let plan = project.read("plan.md").replace(
        "**Updated:** 2025-01-01\n",
        "**Updated:** 2025-01-01\n**Requirements Document:** docs/r.md\n",
    );
    project.write("plan.md", &plan);
    let ran = project.run(&RUN);
    assert_eq!(ran.code, 5, "{}", ran.err);
    assert!(
        ran.err.contains("changed `docs/r.md` for step 1.1, which is "),
        "{}",
        ran.err
    );
    assert_eq!(project.read("plan.md"), plan);
}

/// The texts of the record, by name, each as what it is now.
fn texts(project: &Project) -> Vec<(String, Vec<u8>)> {
    let folder = journal(project).parent().unwrap().join("blobs");
    let files = fs::read_dir(folder).unwrap().flatten();
    let mut texts: Vec<_> = files
        .map(|file| {
            let name = file.file_name().to_string_lossy().into_owned();
            (name, fs::read(file.path()).unwrap())
        })
        .collect();
    texts.sort();
    texts
}

/// Keeps the texts of the record in `~/before`, and then destroys all of them, each in its way.
const DESTROY: &str = "
b=$(find \"$HOME/.local\" -name blobs); cp -r \"$b\" \"$HOME/before\"
n=0
for f in \"$b\"/*; do
    n=$((n + 1))
    case $((n % 3)) in
    0) rm \"$f\" ;;
    1) echo other >\"$f\" ;;
    2) mv \"$f\" \"$HOME/moved-$n\"; ln -s \"$HOME/moved-$n\" \"$f\" ;;
    esac
done
test $n -gt 2
";

#[test]
fn the_texts_of_the_record_are_put_back() {
    let project = with_agent(&format!("{GOOD}\n{DESTROY}"));
    let ran = project.run(&RUN);
    assert_eq!(ran.code, 11, "{}", ran.err);
    let told = "the agent `helper` changed stepgate's record of this plan; it is put back as it was";
    assert!(ran.err.contains(told), "{}", ran.err);
    let texts = texts(&project);
    let before = fs::read_dir(project.home().join("before")).unwrap().flatten();
    let mut before: Vec<_> = before
        .map(|file| {
            let name = file.file_name().to_string_lossy().into_owned();
            (name, fs::read(file.path()).unwrap())
        })
        .collect();
    before.sort();
    assert_eq!(texts, before);
    // How that run ended is not known to the record: a person decides.
    assert_eq!(project.run(&RUN).code, 5);
}

#[test]
#[cfg(target_os = "linux")]
fn texts_that_cannot_be_put_back_are_named() {
    // The copy has no name: only somebody who means to finds it.
    let script = format!(
        "{GOOD}\n{DESTROY}\nfor f in /proc/$PPID/fd/*; do case $(readlink \"$f\") in */blobs/*deleted*) : >\"$f\" ;; esac; done"
    );
    let project = with_agent(&script);
    let ran = project.run(&RUN);
    assert_eq!(ran.code, 12, "{}", ran.err);
    for part in [
        "of stepgate's record of this plan that cannot be put back",
        "(prompt of step 1.1)",
        "(text of step 1.1)",
    ] {
        assert!(ran.err.contains(part), "`{part}` is not in: {}", ran.err);
    }
    assert!(is_untouched(&project));
}
