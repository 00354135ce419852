//! A file that is not there yet: a word about the step, and the least that makes it valid.

use serde_json::json;

use super::kind::{Form, Kind};
use super::mark::Mark;
use super::path::{folders, name};

/// The whole text of a new file.
///
/// Fails with the reason where a text cannot be that file.
pub(super) fn content(path: &str, kind: Kind, mark: Mark<'_>) -> Result<String, &'static str> {
    let file = File::new(path, mark);
    match kind.form {
        Form::Commented(comment) => Ok(file.commented(kind.language, &comment.line(&mark.words()))),
        Form::Json => Ok("{}\n".to_owned()),
        Form::Data => Ok(file.data(kind.language)),
        Form::Plain | Form::Unknown => Ok(mark.words() + "\n"),
        Form::Empty => Ok(String::new()),
        Form::Binary => Err("it is no text"),
        Form::Made => Err("it is not written by hand: a tool makes it"),
    }
}

struct File<'a> {
    path: &'a str,
    /// In lower case.
    name: String,
    stem: &'a str,
    mark: Mark<'a>,
}

impl<'a> File<'a> {
    fn new(path: &'a str, mark: Mark<'a>) -> Self {
        let whole = name(path);
        Self {
            path,
            name: whole.to_lowercase(),
            stem: whole.split('.').next().unwrap_or(whole),
            mark,
        }
    }

    fn commented(&self, language: &str, line: &str) -> String {
        let after = |body: &str| format!("{line}\n{body}");
        match language {
            "python" => self.python(line),
            "rust" => after(&self.rust()),
            "javascript" | "jsx" | "typescript" | "tsx" => after(&self.script(language)),
            "go" => after(&self.go()),
            "go-mod" if self.name == "go.mod" => after(&format!("module {}\n", self.project())),
            "java" if is_ident(self.stem) => after(&self.java()),
            "kotlin" if self.name == "main.kt" => after("\nfun main() {\n}\n"),
            "dart" if self.name == "main.dart" => after("\nvoid main() {\n}\n"),
            "c" | "cpp" if self.stem == "main" => after("\nint main(void) {\n    return 0;\n}\n"),
            "h" | "hpp" => after("\n#pragma once\n"),
            "php" => format!("<?php\n{line}\n"),
            "bash" if self.name.ends_with(".bats") => format!("#!/usr/bin/env bats\n{line}\n"),
            "bash" => format!("#!/usr/bin/env bash\n{line}\nset -euo pipefail\n"),
            "zsh" | "fish" => format!("#!/usr/bin/env {language}\n{line}\n"),
            "dockerfile" => after("FROM scratch\n"),
            "makefile" => after("\n.PHONY: all\nall:\n"),
            "toml" if self.name == "cargo.toml" => after(&format!(
                "\n[package]\nname = \"{}\"\nversion = \"0.1.0\"\nedition = \"2021\"\n",
                self.project()
            )),
            "yaml" => after(self.yaml()),
            "markdown" => format!("# {}\n\n{line}\n", super::mark::plain(self.mark.title)),
            "html" => self.html(line),
            "xml" => format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{line}\n<root/>\n"),
            "svg" => {
                format!("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 1 1\">\n  {line}\n</svg>\n")
            }
            "vue" => format!("{line}\n<template>\n  <div></div>\n</template>\n"),
            _ => after(""),
        }
    }

    fn python(&self, line: &str) -> String {
        match self.name.as_str() {
            "__init__.py" => {
                let words = self.mark.words().replace('"', "'");
                format!("\"\"\"{words}\"\"\"\n")
            }
            name if name.starts_with("test_") || name.ends_with("_test.py") => {
                let test = self.mark.ident();
                format!("{line}\n\n\ndef test_{test}():\n    assert True\n")
            }
            _ => format!("{line}\n"),
        }
    }

    fn rust(&self) -> String {
        let folder = folders(self.path).next_back().unwrap_or_default();
        let runs = matches!(self.name.as_str(), "main.rs" | "build.rs");
        if runs || matches!(folder, "bin" | "examples" | "benches") {
            return "\nfn main() {}\n".to_owned();
        }
        let tests = self.stem == "tests" || self.stem.ends_with("_test") || self.stem.ends_with("_tests");
        if tests || (folder == "tests" && self.name != "mod.rs") {
            return format!("\n#[test]\nfn {}() {{}}\n", self.mark.ident());
        }
        String::new()
    }

    fn script(&self, language: &str) -> String {
        let tests = self.name.contains(".test.") || self.name.contains(".spec.");
        if tests || folders(self.path).any(|folder| folder == "__tests__") {
            let test = format!("{}, step {}", self.mark.plan, self.mark.step);
            return format!("\ntest(\"{test}\", () => {{\n  expect(true).toBe(true);\n}});\n");
        }
        // What is no module to a compiler fails beside modules; a script may be of either kind.
        let module = language != "javascript" || self.name.ends_with(".mjs");
        if module { "export {};\n" } else { "" }.to_owned()
    }

    fn go(&self) -> String {
        let mut above = folders(self.path).rev();
        let folder: String = above.next().map_or_else(String::new, package);
        let main = self.name == "main.go" || folder.is_empty() || above.next() == Some("cmd");
        let package = if main { "main" } else { &folder };
        if self.name.ends_with("_test.go") {
            let stem: String = self.stem.chars().filter(|c| c.is_ascii_alphanumeric()).collect();
            let test = self.mark.ident();
            return format!(
                "package {package}\n\nimport \"testing\"\n\nfunc Test_{stem}_{test}(t *testing.T) {{}}\n"
            );
        }
        if main && self.name == "main.go" {
            return "package main\n\nfunc main() {}\n".to_owned();
        }
        format!("package {package}\n")
    }

    fn java(&self) -> String {
        let folder = self.path.rsplit_once('/').map_or("", |(folder, _)| folder);
        let package = folder
            .split_once("/java/")
            .or_else(|| folder.split_once("java/"))
            .map(|(_, package)| package.replace('/', "."))
            .filter(|package| package.split('.').all(is_ident));
        let package = package.map_or_else(String::new, |package| format!("package {package};\n\n"));
        format!("{package}public class {} {{\n}}\n", self.stem)
    }

    fn yaml(&self) -> &'static str {
        let workflow = folders(self.path).eq([".github", "workflows"]);
        if workflow {
            return "on: workflow_dispatch\njobs:\n  step:\n    runs-on: ubuntu-latest\n    steps:\n      - run: \"true\"\n";
        }
        let compose = self.name.starts_with("docker-compose") || self.name.starts_with("compose.");
        if compose { "services: {}\n" } else { "" }
    }

    fn html(&self, line: &str) -> String {
        let title = super::mark::plain(self.mark.title);
        let title = title.replace('&', "&amp;").replace('<', "&lt;");
        format!(
            "<!doctype html>\n{line}\n<html lang=\"en\">\n<head>\n  <meta charset=\"utf-8\">\n  \
             <title>{title}</title>\n</head>\n<body>\n</body>\n</html>\n"
        )
    }

    fn data(&self, language: &str) -> String {
        let goal = self.mark.short_goal();
        let Mark { plan, step, .. } = self.mark;
        match language {
            "csv" => {
                let goal = goal.replace('"', "\"\"");
                format!("proposal,step,goal\n{plan},{step},\"{goal}\"\n")
            }
            "tsv" => format!("proposal\tstep\tgoal\n{plan}\t{step}\t{goal}\n"),
            "jsonl" => json!({ "proposal": plan, "step": step, "goal": goal }).to_string() + "\n",
            _ => {
                json!({ "cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5 }).to_string() + "\n"
            }
        }
    }

    /// A name for a package: that of the folder it is in, else that of the proposal.
    fn project(&self) -> String {
        let folder = folders(self.path).next_back().unwrap_or(self.mark.plan);
        let plain = |c: char| if c.is_ascii_alphanumeric() { c } else { '-' };
        let name: String = folder.to_ascii_lowercase().chars().map(plain).collect();
        let name = name.trim_matches('-');
        if name.starts_with(|c: char| c.is_ascii_alphabetic()) {
            name.to_owned()
        } else {
            "project".to_owned()
        }
    }
}

/// The name of a Go package in a folder; keywords and what begins with a digit are none.
fn package(folder: &str) -> String {
    const KEYWORDS: [&str; 25] = [
        "break",
        "case",
        "chan",
        "const",
        "continue",
        "default",
        "defer",
        "else",
        "fallthrough",
        "for",
        "func",
        "go",
        "goto",
        "if",
        "import",
        "interface",
        "map",
        "package",
        "range",
        "return",
        "select",
        "struct",
        "switch",
        "type",
        "var",
    ];
    let letters = folder.chars().filter(char::is_ascii_alphanumeric);
    let name: String = letters.map(|c| c.to_ascii_lowercase()).collect();
    let digit = name.starts_with(|c: char| c.is_ascii_digit());
    if digit || KEYWORDS.contains(&name.as_str()) {
        return format!("pkg{name}");
    }
    name
}

fn is_ident(name: &str) -> bool {
    let mut chars = name.chars();
    chars.next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_')
        && chars.all(|c| c.is_ascii_alphanumeric() || c == '_')
}
