//! What an agent is given: the prompt, a folder, an environment by list.

use std::fs;

use super::fixture::{GOOD, configure, is_ticked, left, with_agent, write_agent};
use super::support::project::{Project, SMALL};

const FIRST: [&str; 5] = ["run", "plan.md", "--unattended", "--until", "1.1"];

#[test]
fn the_prompt_is_the_one_that_can_be_printed() {
    let project = with_agent(GOOD);
    let printed = project.run(&["prompt", "plan.md", "1.1"]).out;
    assert!(
        printed.contains("you read and write its files yourself"),
        "{printed}"
    );
    assert!(!printed.contains("path=bin/hello"), "{printed}");
    let ran = project.run(&FIRST);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert_eq!(left(&project, "given").trim_end(), printed.trim_end());
}

/// A project whose prompts begin with a dash and are of more than 5 MB.
fn dashed() -> Project {
    let project = Project::small();
    project.write(
        "stepgate.toml",
        "[prompt]\ntemplates = \"words\"\n[context]\nfiles = [\"a.md\", \"b.md\"]\n",
    );
    project.write("words/agent.md", "--version -rf $(touch hacked) `touch hacked`\n");
    for name in ["a.md", "b.md"] {
        project.write(
            name,
            format!("{name}\n{}", "A line of a long document.\n".repeat(100_000)),
        );
    }
    project
}

#[test]
fn a_long_prompt_that_begins_with_a_dash_is_only_text() {
    let project = dashed();
    let path = write_agent(&project, &format!("echo \"$# $*\" >\"$HOME/arguments\"\n{GOOD}"));
    configure(
        &project,
        &format!("command = [\"{}\", \"exec\", \"-\"]\n", path.display()),
    );
    let printed = project.run(&["prompt", "plan.md", "1.1"]).out;
    assert!(printed.len() > 5_000_000 && printed.starts_with("--version -rf "));
    let ran = project.run(&FIRST);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(
        left(&project, "given").trim_end() == printed.trim_end(),
        "another prompt"
    );
    assert_eq!(left(&project, "arguments"), "2 exec -\n");
    assert!(!project.root().join("hacked").exists());
}

#[test]
fn one_that_does_not_read_it_is_no_fault() {
    let project = dashed();
    let path = write_agent(&project, "exec <&-; echo one >one.txt; echo two >two.txt");
    configure(&project, &format!("command = [\"{}\"]\n", path.display()));
    let ran = project.run(&["run", "plan.md", "--unattended"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(is_ticked(&project));
    // Nor is one that reads a little of it and stays.
    let project = dashed();
    let path = write_agent(&project, "head -c 10 >/dev/null; sleep 0.3; echo one >one.txt");
    configure(&project, &format!("command = [\"{}\"]\n", path.display()));
    let ran = project.run(&FIRST);
    assert_eq!(ran.code, 0, "{}", ran.err);
}

#[test]
fn a_file_holds_it_in_private() {
    let project = dashed();
    let path = write_agent(
        &project,
        r#"file=${2#--message=}
stat -c %a "$file" >"$HOME/mode"
echo "$file" >"$HOME/path"
head -c 1 >"$HOME/stdin"
cp "$file" "$HOME/given"
echo one >one.txt"#,
    );
    let line = "\"run\", \"--message={prompt_file}\"";
    configure(
        &project,
        &format!("command = [\"{}\", {line}]\nprompt = \"file\"\n", path.display()),
    );
    let printed = project.run(&["prompt", "plan.md", "1.1"]).out;
    let ran = project.run(&FIRST);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(
        left(&project, "given").trim_end() == printed.trim_end(),
        "another prompt"
    );
    assert_eq!(left(&project, "mode"), "600\n");
    assert_eq!(left(&project, "stdin"), "");
    let file = left(&project, "path");
    assert!(!file.starts_with(&project.root().display().to_string()), "{file}");
    assert!(!fs::exists(file.trim()).unwrap(), "it is removed");
}

#[test]
fn the_environment_is_passed_by_list() {
    let mut project = with_agent(&format!(
        "env | cut -d = -f 1 >\"$HOME/names\"\npwd >\"$HOME/pwd\"\n{GOOD}\necho token $AGENT_TOKEN"
    ));
    for (name, value) in [
        ("OPENAI_API_KEY", "sk-from-elsewhere"),
        ("OTHER_KEY", "other-key-value"),
        ("AGENT_TOKEN", "agent-token-value"),
        ("BASH_ENV", "/nonexistent"),
        ("LC_ALL", "C"),
        ("HTTPS_PROXY", "http://127.0.0.1:1"),
    ] {
        project.set(name, value);
    }
    let path = project.home().join("agent");
    project.configure(&format!(
        "default = \"helper\"\n[endpoint.helper]\nkind = \"command\"\ncommand = [\"{}\"]\nenv = [\"AGENT_TOKEN\", \"NOT_SET\"]\n\
         [endpoint.model]\nkind = \"openai\"\nurl = \"http://127.0.0.1:1\"\nmodel = \"m\"\nkey_env = \"OTHER_KEY\"\n",
        path.display()
    ));
    let ran = project.run(&FIRST);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let names = left(&project, "names");
    let own = ["PWD", "SHLVL", "_", "OLDPWD"];
    let mut names: Vec<&str> = names.lines().filter(|name| !own.contains(name)).collect();
    names.sort_unstable();
    assert_eq!(
        names,
        [
            "AGENT_TOKEN",
            "HOME",
            "HTTPS_PROXY",
            "LC_ALL",
            "PATH",
            "TERM",
            "TZ",
            "USER"
        ]
    );
    assert_eq!(left(&project, "pwd").trim(), project.root().display().to_string());
    // What it was trusted with leaves in nobody's text.
    assert!(ran.err.contains("token [key]"), "{}", ran.err);
    for entry in ignore::WalkBuilder::new(project.state()).build() {
        let entry = entry.unwrap();
        let bytes = fs::read(entry.path()).unwrap_or_default();
        let text = String::from_utf8_lossy(&bytes);
        assert!(!text.contains("agent-token-value"), "{}", entry.path().display());
    }
}

#[test]
fn a_program_of_the_repository_is_not_found_by_its_name() {
    let mut project = Project::small();
    project.write("helper", "#!/bin/sh\ntouch hacked\n");
    let status = std::process::Command::new("chmod")
        .args(["+x", "helper"])
        .current_dir(project.root())
        .status();
    assert!(status.unwrap().success());
    let path = std::env::var("PATH").unwrap();
    project.set("PATH", &format!(".::{path}"));
    configure(&project, "command = [\"helper\"]\n");
    let ran = project.run(&FIRST);
    assert_eq!(ran.code, 12, "{}", ran.err);
    assert_eq!(project.read("plan.md"), SMALL);
}
