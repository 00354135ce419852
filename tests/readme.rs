//! What the README says is so.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "what helps a test may fail like a test"
)]

mod support;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};
use stepgate::words::Exit;
use support::project::{Project, SMALL};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn readme() -> String {
    fs::read_to_string(root().join("README.md")).unwrap()
}

/// The fences of a language.
fn fences(markdown: &str, language: &str) -> Vec<String> {
    let mut fences = Vec::new();
    let mut inside = false;
    for event in Parser::new(markdown) {
        match event {
            Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(info))) => inside = *info == *language,
            Event::End(TagEnd::CodeBlock) => inside = false,
            Event::Text(text) if inside => fences.push(text.into_string()),
            _ => {}
        }
    }
    fences
}

/// The code at the start of each row of each table.
fn rows(markdown: &str) -> Vec<(String, String)> {
    let mut rows = Vec::new();
    let mut cells: Vec<String> = Vec::new();
    for event in Parser::new_ext(markdown, Options::ENABLE_TABLES) {
        match event {
            Event::Start(Tag::TableRow) => cells.clear(),
            Event::Start(Tag::TableCell) => cells.push(String::new()),
            Event::Text(text) | Event::Code(text) => {
                if let Some(cell) = cells.last_mut() {
                    cell.push_str(&text);
                }
            }
            Event::End(TagEnd::TableRow) => rows.push((cells[0].clone(), cells[1].clone())),
            _ => {}
        }
    }
    rows
}

#[test]
fn its_endpoint_is_one() {
    let mut project = Project::small();
    project.configure(&fences(&readme(), "toml")[0]);
    project.set("LOCAL_KEY", "sk-example-0123456789");
    let ran = project.run(&["prompt", "plan.md", "1.1", "--body"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(ran.out.contains(r#""model":"qwen3-coder""#), "{}", ran.out);
}

#[test]
fn its_header_and_its_step_are_a_plan() {
    let project = Project::new();
    let readme = readme();
    let [header, step] = fences(&readme, "markdown").try_into().unwrap();
    let first = SMALL.find("#### Step 1.1").unwrap()..SMALL.find("#### Step 1.2").unwrap();
    let first = SMALL[first].replace("EP-0007", "EP-0001");
    project.write("plan.md", format!("{header}\n{first}{step}"));
    project.write("lib/entries.awk", "");
    let ran = project.run(&["lint", "plan.md"]);
    assert_eq!((ran.code, ran.out.as_str()), (0, ""), "{}", ran.err);
    let shown = project.run(&["show", "plan.md", "1.2"]);
    assert!(
        shown.out.starts_with("Step 1.2: Work Past Midnight"),
        "{}",
        shown.out
    );
}

#[test]
fn its_commands_are_all_that_there_are() {
    let project = Project::new();
    let mut told: BTreeSet<String> = BTreeSet::from(["demo".to_owned()]);
    for (first, _) in rows(&readme()) {
        if let Some(rest) = first.strip_prefix("stepgate ") {
            told.insert(rest.split([' ', ',']).next().unwrap().to_owned());
            told.extend(first.split(", ").nth(1).map(str::to_owned));
        }
    }
    let help = project.run(&["--help"]).out;
    let commands = help
        .split("Commands:\n")
        .nth(1)
        .unwrap()
        .split("\n\n")
        .next()
        .unwrap();
    let there: BTreeSet<String> = commands
        .lines()
        .map(|line| line.split_whitespace().next().unwrap().to_owned())
        .collect();
    assert_eq!(told, there);
}

#[test]
fn its_exit_codes_are_all_that_there_are() {
    let told: Vec<String> = rows(&readme())
        .into_iter()
        .map(|(code, _)| code)
        .filter(|code| code.starts_with(|c: char| c.is_ascii_digit()))
        .collect();
    let exits = [
        Exit::Done,
        Exit::Usage,
        Exit::Invalid,
        Exit::NotPassed,
        Exit::NeedsHuman,
        Exit::Configuration,
        Exit::EndpointFailed,
        Exit::ReplyUnusable,
        Exit::LocalIo,
        Exit::Held,
        Exit::Changed,
        Exit::AgentFailed,
    ];
    let mut chosen: Vec<String> = exits.iter().map(|exit| exit.code().to_string()).collect();
    chosen.push("128 + n".to_owned());
    assert_eq!(told, chosen);
}

#[test]
fn every_link_of_a_document_leads_somewhere() {
    let mut dead = Vec::new();
    let docs = fs::read_dir(root().join("docs"))
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let top = [
        "README.md",
        "CONTRIBUTING.md",
        "CHANGELOG.md",
        "tests/golden/README.md",
    ];
    for path in top.iter().map(|name| root().join(name)).chain(docs) {
        if path.extension().is_none_or(|extension| extension != "md") {
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        for event in Parser::new_ext(&text, Options::ENABLE_TABLES) {
            let (Event::Start(Tag::Link { dest_url, .. }) | Event::Start(Tag::Image { dest_url, .. })) =
                event
            else {
                continue;
            };
            let target = dest_url.split('#').next().unwrap();
            let file: PathBuf = path.parent().unwrap().join(target);
            if !dest_url.contains("://") && !file.exists() {
                dead.push(format!("{}: {dest_url}", path.display()));
            }
        }
    }
    assert_eq!(dead, Vec::<String>::new());
}
