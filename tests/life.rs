//! The whole life of a proposal, from an empty repository to the folder of what is implemented: `docs/life.md` is both the
//! script and what is expected of it.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "what helps a test may fail like a test"
)]

mod support;

use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use regex::Regex;
use support::plain::Plain;
use support::project::Project;

const IMPLEMENTED: &str = "docs/enhancements/implemented";

#[test]
fn the_page_is_so_and_the_proposal_is_closed() {
    let project = Project::new();
    // An empty repository, without what other tests have in theirs.
    fs::remove_file(project.root().join("stepgate.toml")).unwrap();
    let page = fs::read_to_string(page()).unwrap();
    configure(&project, &page);
    let came = walk(&project, &page);
    if std::env::var_os("STEPGATE_BLESS").is_some() {
        fs::write(self::page(), &came).unwrap();
    }
    let expected = fs::read_to_string(self::page()).unwrap();
    let diff = similar::TextDiff::from_lines(&expected, &came);
    assert!(
        expected == came,
        "docs/life.md differs; `STEPGATE_BLESS=1 cargo test --test life` takes what came\n{}",
        diff.unified_diff().header("expected", "came")
    );
    closed(&project);
}

#[test]
fn what_is_left_out_of_a_page_keeps_its_beginning_and_its_end() {
    let came = "a\nb\nc\nd\n";
    assert_eq!(shown("a\n…\nd\n", came), "a\n…\nd\n");
    assert_eq!(shown("x\n…\ny\nz\n", came), "a\n…\nc\nd\n");
    assert_eq!(shown("a\nb\n", came), came);
    assert_eq!(shown("", came), came);
    assert_eq!(
        shown("a\nb\n…\nc\nd\n", came),
        came,
        "nothing is left that could be left out"
    );
}

fn page() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/life.md")
}

/// The page's configuration, with the scenario that it names beside it.
fn configure(project: &Project, page: &str) {
    let (_, rest) = page.split_once("```toml\n").unwrap();
    project.configure(rest.split_once("```\n").unwrap().0);
    let mocks = Path::new(env!("CARGO_MANIFEST_DIR")).join("mocks");
    let beside = project.home().join(".config/stepgate");
    fs::copy(mocks.join("life.toml"), beside.join("life.toml")).unwrap();
    fs::create_dir(beside.join("life")).unwrap();
    for reply in fs::read_dir(mocks.join("life")).unwrap() {
        let reply = reply.unwrap();
        fs::copy(reply.path(), beside.join("life").join(reply.file_name())).unwrap();
    }
}

/// Runs the page's commands in their order; the page as it came.
fn walk(project: &Project, page: &str) -> String {
    let plain = Plain::of(project);
    let mut came = String::new();
    let mut lines = page.split_inclusive('\n').peekable();
    let mut console = false;
    while let Some(line) = lines.next() {
        came.push_str(line);
        if line.starts_with("```") {
            console = line == "```console\n";
        }
        let Some(command) = line.strip_prefix("$ ").filter(|_| console) else {
            continue;
        };
        let mut said = String::new();
        while let Some(line) = lines.next_if(|line| !line.starts_with("$ ") && !line.starts_with("```")) {
            said.push_str(line);
        }
        came.push_str(&shown(&said, &plain.text(&run(project, command))));
    }
    came
}

/// Runs a line in a shell that finds stepgate; what a terminal would have shown of it.
fn run(project: &Project, line: &str) -> String {
    let (mut reader, writer) = std::io::pipe().unwrap();
    let tools = Path::new(env!("CARGO_BIN_EXE_stepgate")).parent().unwrap();
    let path = format!("{}:{}", tools.display(), std::env::var("PATH").unwrap());
    // Its folder, its variables and its standard input are those of every command of a test.
    let like = project.command(&[]);
    let mut command = Command::new("sh");
    command
        .args(["-c", line])
        .current_dir(like.get_current_dir().unwrap())
        .env_clear()
        .envs(like.get_envs().filter_map(|(name, value)| Some((name, value?))))
        .env("PATH", path)
        .stdin(std::process::Stdio::null())
        .stdout(writer.try_clone().unwrap())
        .stderr(writer);
    let mut child = command.spawn().unwrap();
    // It holds the pipe's other end, too.
    drop(command);
    let mut text = String::new();
    reader.read_to_string(&mut text).unwrap();
    let status = child.wait().unwrap();
    assert!(status.success(), "{line}: {status}\n{text}");
    text
}

/// What came, left out in the middle where the page has `…`, with as many lines before and after it as the page has.
fn shown(said: &str, came: &str) -> String {
    let Some((before, after)) = said.split_once("…\n") else {
        return came.to_owned();
    };
    assert!(!after.contains("…\n"), "one `…` a command:\n{said}");
    let lines: Vec<&str> = came.split_inclusive('\n').collect();
    let (head, tail) = (before.lines().count(), after.lines().count());
    if head + tail >= lines.len() {
        return came.to_owned();
    }
    format!(
        "{}…\n{}",
        lines[..head].concat(),
        lines[lines.len() - tail..].concat()
    )
}

/// What is so in the end.
fn closed(project: &Project) {
    let kinds = ["design", "implementation", "requirements"];
    let names = kinds.map(|kind| format!("EP-0001-greeting-{kind}.md"));
    let mut there: Vec<String> = fs::read_dir(project.root().join(IMPLEMENTED))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    there.sort();
    assert_eq!(there, names);

    let plan = project.read(&format!("{IMPLEMENTED}/EP-0001-greeting-implementation.md"));
    assert!(plan.contains("\n**Status:** Completed\n"), "{plan}");
    assert_eq!(
        (plan.matches("- [ ]").count(), plan.matches("- [x]").count()),
        (0, 33)
    );

    // Whatever is named as a path of the documents is there: the plan's header names two, the design's one, the next steps two.
    let named = Regex::new(r"docs/enhancements/[\w/.-]+\.md").unwrap();
    let mut paths = Vec::new();
    for name in &names {
        let text = project.read(&format!("{IMPLEMENTED}/{name}"));
        assert!(!text.contains("<!-- AI:") && !text.contains("XXXX"), "{text}");
        paths.extend(named.find_iter(&text).map(|path| path.as_str().to_owned()));
    }
    let dead: Vec<&String> = paths
        .iter()
        .filter(|path| !project.root().join(path).is_file())
        .collect();
    assert_eq!((paths.len(), dead), (5, Vec::new()));

    let registry = project.read("docs/enhancements/README.md");
    let (before, after) = registry.split_once("## Implemented Proposals").unwrap();
    let rows = |text: &str| text.matches("EP-0001").count();
    assert_eq!((rows(before), rows(after)), (0, 1), "{registry}");
}
