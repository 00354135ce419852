//! Small rules that keep the house easy to read.

use std::collections::BTreeSet;

use super::{assert_none, files, read, root};

/// A file past this many lines wants a reason.
const LINES: usize = 400;

/// Files past the limit, each with its reason.
const LONG: [(&str, &str); 2] = [
    (
        "src/plan/read.rs",
        "one walk over the blocks of a plan, top to bottom",
    ),
    (
        "tests/guided.rs",
        "sessions at a terminal, which share their plans and servers",
    ),
];

/// What stands at the top of the repository.
const TOP: [&str; 22] = [
    ".ci",
    ".gitattributes",
    ".github",
    ".gitignore",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "Cargo.lock",
    "Cargo.toml",
    "LICENSE",
    "README.md",
    "benches",
    "build.rs",
    "clippy.toml",
    "deny.toml",
    "docs",
    "examples",
    "justfile",
    "mocks",
    "prompts",
    "rustfmt.toml",
    "src",
    "tests",
];

fn rust() -> impl Iterator<Item = String> {
    files("").into_iter().filter(|path| path.ends_with(".rs"))
}

#[test]
fn no_file_is_long_without_a_reason() {
    let long: BTreeSet<String> = rust().filter(|path| read(path).lines().count() > LINES).collect();
    let known: BTreeSet<String> = LONG.iter().map(|(path, _)| (*path).to_owned()).collect();
    assert_eq!(long, known, "files past {LINES} lines, and those with a reason");
}

#[test]
fn nothing_is_left_over() {
    // Put together here, so that this file does not hold what it looks for.
    let anywhere = ["dbg", "todo", "unimplemented"].map(|name| format!("{name}!"));
    let attributes = ["#[", "#!["].map(|open| format!("{open}{}", "allow"));
    let remarks = [["TO", "DO"], ["FIX", "ME"], ["X", "XX"]].map(|parts| parts.concat());
    let mut found = Vec::new();
    for path in rust() {
        for (index, line) in read(&path).lines().enumerate() {
            let comment = line.split_once("//").map_or("", |(_, comment)| comment);
            let mut words = comment.split(|c: char| !c.is_alphanumeric());
            let left = anywhere
                .iter()
                .chain(&attributes)
                .any(|needle| line.contains(needle.as_str()))
                || words.any(|word| remarks.iter().any(|remark| word.eq_ignore_ascii_case(remark)));
            if left {
                found.push(format!("{path}:{}: {}", index + 1, line.trim()));
            }
        }
    }
    assert_none("left over", &found);
}

/// Files that may write to the standard streams themselves, each with its reason.
const WRITERS: [(&str, &str); 2] = [
    ("src/outlet.rs", "the door itself"),
    (
        "src/main.rs",
        "what is wrong with a command line, before any key is known",
    ),
];

#[test]
fn text_leaves_by_the_one_door() {
    let ways = ["io::stdout()", "io::stderr()", "println!", "print!(", "eprint!("];
    let may = |path: &str| WRITERS.iter().any(|(file, _)| *file == path) || path.contains("tests");
    let mut found = Vec::new();
    for path in rust().filter(|path| path.starts_with("src/") && !may(path)) {
        for (index, line) in read(&path).lines().enumerate() {
            // The descriptors themselves are another matter: they are asked what they are.
            let line = line.replace("rustix::stdio::", "");
            let goes_around = ways.iter().any(|way| line.contains(way)) && !line.contains("is_terminal");
            if goes_around && !line.trim_start().starts_with("//") {
                found.push(format!("{path}:{}: {}", index + 1, line.trim()));
            }
        }
    }
    assert_none("goes around `crate::outlet`, where keys are taken out", &found);
}

#[test]
fn the_top_of_the_repository_holds_what_is_known() {
    let top: BTreeSet<String> = files("")
        .iter()
        .map(|path| path.split('/').next().unwrap().to_owned())
        .collect();
    assert_eq!(top, TOP.map(str::to_owned).into());
}

#[test]
fn nothing_names_a_registry_or_a_folder_of_one_machine() {
    // Put together here, so that this file does not hold what it looks for.
    let hosts = [
        ["crates", "io"],
        ["npmjs", "org"],
        ["npmjs", "com"],
        ["pypi", "org"],
        ["rubygems", "org"],
    ];
    let hosts = hosts.map(|parts| parts.join("."));
    let folders = [["", "work", ""], ["", "tmp", "wt"]].map(|parts| parts.join("/"));
    // A short path such as `/src` is a word of its own in many a file.
    let here = Some(root()).filter(|root| root.components().count() > 3);
    let here = here.map(|root| root.display().to_string());
    let needles: Vec<&String> = hosts.iter().chain(&folders).chain(&here).collect();
    let mut found = Vec::new();
    for path in files("") {
        let bytes = std::fs::read(root().join(&path)).unwrap();
        for (index, line) in String::from_utf8_lossy(&bytes).lines().enumerate() {
            // cargo writes there where each package came from.
            if path == "Cargo.lock" && line.starts_with("source = ") {
                continue;
            }
            if let Some(needle) = needles.iter().find(|needle| line.contains(needle.as_str())) {
                found.push(format!("{path}:{}: names `{needle}`", index + 1));
            }
        }
    }
    assert_none("a registry's host, or a folder of one machine", &found);
}
