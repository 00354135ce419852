//! What is written to files is valid for those who read them.

use std::io::Write as _;
use std::process::{Command, Stdio};

use super::{Tree, edits, model, one_step, say, tree};

/// A goal that ends, escapes or misleads wherever it can.
const GOAL: &str = "Say */ and --> and \"\"\" and ' and ?> and \\u12 with coding: x and `code`";

/// The new file for a path, by a step with a goal full of traps.
fn fresh(path: &str) -> String {
    let text = format!(
        "# EP-7: Tea\n\n## Phase 1: All\n\n#### Step 1.1: Brew & <pour>\n**Goal:** {GOAL}\n\n**Files:**\n- `{path}` (new)\n"
    );
    let mut edits = edits(&say(&model(&text), "1.1", &Tree::new()));
    edits.remove(path).unwrap_or_else(|| panic!("no edit for {path}"))
}

/// What a file becomes; `None` where there is no edit.
fn changed(path: &str, text: &str) -> Option<String> {
    let reply = say(
        &one_step(&[&format!("`{path}` (modify)")]),
        "1.1",
        &tree(&[(path, text)]),
    );
    edits(&reply).remove(path)
}

#[test]
fn new_files() {
    let line = "EP-7, step 1.1: Say */ and --> and \"\"\" and ' and ? > and /u12 with coding : x and `code`";
    let xml = line.replace("-->", "- - >");
    let slashes = format!("// {line}\n");
    let hash = format!("# {line}\n");
    let table = [
        ("a.py", hash.clone()),
        (
            "tests/test_a.py",
            format!("{hash}\n\ndef test_step_1_1():\n    assert True\n"),
        ),
        ("src/a.rs", slashes.clone()),
        ("src/main.rs", format!("{slashes}\nfn main() {{}}\n")),
        ("tests/a.rs", format!("{slashes}\n#[test]\nfn step_1_1() {{}}\n")),
        ("a.ts", format!("{slashes}export {{}};\n")),
        ("a.js", slashes.clone()),
        (
            "a.test.ts",
            format!("{slashes}\ntest(\"EP-7, step 1.1\", () => {{\n  expect(true).toBe(true);\n}});\n"),
        ),
        ("pkg/2fa/a.go", format!("{slashes}package pkg2fa\n")),
        (
            "cmd/tea/main.go",
            format!("{slashes}package main\n\nfunc main() {{}}\n"),
        ),
        (
            "tea/a_test.go",
            format!(
                "{slashes}package tea\n\nimport \"testing\"\n\nfunc Test_atest_step_1_1(t *testing.T) {{}}\n"
            ),
        ),
        (
            "src/main/java/org/tea/Pot.java",
            format!("{slashes}package org.tea;\n\npublic class Pot {{\n}}\n"),
        ),
        ("a.sh", format!("#!/usr/bin/env bash\n{hash}set -euo pipefail\n")),
        (
            "bin/tea",
            format!("#!/usr/bin/env bash\n{hash}set -euo pipefail\n"),
        ),
        ("a.php", format!("<?php\n{slashes}")),
        ("a.sql", format!("-- {line}\n")),
        ("a.css", format!("/* {} */\n", line.replace("*/", "* /"))),
        ("a.ini", format!("; {line}\n")),
        ("a.json", "{}\n".to_owned()),
        ("tsconfig.json", slashes),
        ("Dockerfile", format!("{hash}FROM scratch\n")),
        ("Makefile", format!("{hash}\n.PHONY: all\nall:\n")),
        ("requirements.txt", hash),
        (
            "a.txt",
            format!("{line}\n")
                .replace("? >", "?>")
                .replace("coding :", "coding:"),
        ),
        (
            "a.unknown",
            format!("{line}\n")
                .replace("? >", "?>")
                .replace("coding :", "coding:"),
        ),
        ("py.typed", String::new()),
        ("a.md", format!("# Brew & <pour>\n\n<!-- {xml} -->\n")),
        (
            "a.svg",
            format!(
                "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 1 1\">\n  <!-- {xml} -->\n</svg>\n"
            ),
        ),
    ];
    for (path, expected) in table {
        assert_eq!(fresh(path), expected, "{path}");
    }
}

#[test]
fn files_that_are_there() {
    let word = "EP-7, step 1.1: Brew it";
    let table = [
        ("a.py", "x = 1", Some(format!("x = 1\n# {word}\n"))),
        ("a.md", "# A\n", Some(format!("# A\n\n<!-- {word} -->\n"))),
        ("bin/tea", "#!/bin/sh\n", Some(format!("#!/bin/sh\n# {word}\n"))),
        (
            "bin/tea",
            "#!/usr/bin/env -S node --x\n",
            Some(format!("#!/usr/bin/env -S node --x\n// {word}\n")),
        ),
        (
            "bin/tea",
            "#!/usr/bin/python3.11\n",
            Some(format!("#!/usr/bin/python3.11\n# {word}\n")),
        ),
        ("README", "read\n", Some(format!("read\n{word}\n"))),
        ("a.php", "<?php\n", Some(format!("<?php\n// {word}\n"))),
        (
            "a.json",
            "{}",
            Some(format!("{{\n  \"_stepgate\": [\"{word}\"]\n}}\n")),
        ),
        (
            "a.json",
            "{\n\t\"a\": {\"b\": 1}\n}\n",
            Some(format!(
                "{{\n\t\"_stepgate\": [\"{word}\"],\n\t\"a\": {{\"b\": 1}}\n}}\n"
            )),
        ),
        (
            "a.json",
            "{\"a\": 1}",
            Some(format!("{{\"_stepgate\": [\"{word}\"], \"a\": 1}}\n")),
        ),
        (
            "a.json",
            "{ \"_stepgate\": [\"EP-6, step 1.1: x\"], \"a\": 1 }",
            Some(format!(
                "{{ \"_stepgate\": [\"{word}\", \"EP-6, step 1.1: x\"], \"a\": 1 }}\n"
            )),
        ),
        (
            "a.json",
            " \n",
            Some(format!("{{\n  \"_stepgate\": [\"{word}\"]\n}}\n")),
        ),
        (
            "a.json",
            "{}\n",
            Some(format!("{{\n  \"_stepgate\": [\"{word}\"]\n}}\n")),
        ),
        ("a.json", "[1]", None),
        ("a.json", "{\"a\": 1,}", None),
        ("a.json", "{\"_stepgate\": []}", None),
        ("a.json", "{\"_stepgate\": 1}", None),
        (
            "a.json",
            "{\"a\": 1, \"a\": 2}",
            Some(format!("{{\"_stepgate\": [\"{word}\"], \"a\": 1, \"a\": 2}}\n")),
        ),
        ("a.csv", "a,b\n", None),
        ("a.unknown", "?\n", None),
        ("LICENSE", "free\n", None),
        ("a.php", "<?php ?>\n<p>\n", None),
        ("a.rb", "x\n__END__\ndata\n", None),
        ("Makefile", "all:\n\techo \\\n", None),
        ("a.css", "a {}\n/* open\n", None),
        ("a.py", "x = 1\r\n", None),
        ("a.png", "?", None),
        ("a.py", "\0", None),
        ("py.typed", "", None),
    ];
    for (path, text, expected) in table {
        assert_eq!(changed(path, text), expected, "{path} {text:?}");
    }
}

const KINDS: [&str; 24] = [
    "a.py",
    "__init__.py",
    "test_a.py",
    "a.pyi",
    "a.sh",
    "b.bash",
    "bin/tea",
    "a.json",
    "package.json",
    "a.webmanifest",
    "a.ipynb",
    "a.jsonl",
    "a.toml",
    "Cargo.toml",
    "pyproject.toml",
    "a.js",
    "a.mjs",
    "a.cjs",
    "a.yaml",
    ".github/workflows/a.yml",
    "compose.yaml",
    "a.pl",
    "a.xml",
    "a.svg",
];

#[test]
fn new_files_and_changed_ones_are_valid() {
    for path in KINDS {
        let fresh = fresh(path);
        valid(path, &fresh);
        if let Some(changed) = changed(path, &fresh) {
            assert_ne!(changed, fresh, "{path}");
            valid(path, &changed);
        }
    }
}

fn valid(path: &str, text: &str) {
    let end = path.rsplit('.').next().unwrap();
    match end {
        "json" | "webmanifest" | "ipynb" | "jsonl" => {
            serde_json::from_str::<serde_json::Value>(text).unwrap();
        }
        "toml" => {
            text.parse::<toml::Table>().unwrap();
        }
        "py" | "pyi" => {
            let code = "import sys; compile(sys.stdin.buffer.read(), sys.argv[1], 'exec')";
            passes("python3", &["-c", code, path], path, text);
        }
        "xml" | "svg" => {
            let code = "import sys, xml.dom.minidom as m; m.parseString(sys.stdin.buffer.read())";
            passes("python3", &["-c", code], path, text);
        }
        "sh" | "bash" | "bin/tea" => passes("bash", &["-n"], path, text),
        "js" | "cjs" => passes("node", &["--check", "-"], path, text),
        "mjs" => passes("node", &["--input-type=module", "--check", "-"], path, text),
        "pl" => passes("perl", &["-c", "-"], path, text),
        // There is no reader of YAML at hand that is surely there.
        "yaml" | "yml" => {}
        other => panic!("nobody tells whether {other} is valid"),
    }
}

/// Runs a program that reads the text, where it is there.
fn passes(program: &str, args: &[&str], path: &str, text: &str) {
    let started = Command::new(program)
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn();
    let Ok(mut child) = started else {
        eprintln!("skipped: whether {path} is valid, for there is no {program}");
        return;
    };
    child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    let done = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "{path}: {said}\n{text}");
}
