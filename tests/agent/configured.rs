//! How an agent is set up, and what is refused of it.

use super::fixture::configure;
use super::support::project::Project;

fn refusal(lines: &str) -> String {
    let project = Project::small();
    configure(&project, lines);
    let ran = project.run(&["run", "plan.md", "--unattended"]);
    assert_eq!(ran.code, 6, "{lines}: {}", ran.err);
    ran.err
}

#[test]
fn what_cannot_be_meant_is_refused_with_its_place() {
    let table = [
        ("", "`[endpoint.helper]` has no `command`"),
        (
            "command = \"codex exec -\"",
            "`command` in `[endpoint.helper]` must be a list of texts",
        ),
        ("command = []", "names no program"),
        ("command = [\"\"]", "names no program"),
        (
            "command = [\"codex exec -\"]",
            "no shell reads it: write each argument as a text of its own",
        ),
        (
            "command = [\"~/agent\"]",
            "write the whole path of your home folder",
        ),
        ("command = [\"a\", \"\\u0000\"]", "holds a NUL character"),
        (
            "command = [\"a\"]\nprompt = \"file\"",
            "no argument of `command` in `[endpoint.helper]` holds `{prompt_file}`",
        ),
        (
            "command = [\"a\", \"{prompt_file}\"]",
            "and the prompt comes on standard input",
        ),
        (
            "command = [\"a\"]\nprompt = \"argument\"",
            "must be one of `stdin`, `file`",
        ),
        (
            "command = [\"a\"]\ntimeout = 0",
            "`timeout` in `[endpoint.helper]` must be a time",
        ),
        ("command = [\"a\"]\nenv = [\"A=b-secret\"]", "write only the name"),
        (
            "command = [\"a\"]\nenv = [\"sk_b_secret0123456789\"]",
            "write only the name",
        ),
        ("command = [\"a\"]\nurl = \"http://x\"", "unknown key `url`"),
        ("command = [\"a\"]\ncomand = 1", "did you mean `command`?"),
    ];
    for (lines, told) in table {
        let err = refusal(lines);
        assert!(err.contains(told), "{lines}: {err}");
        assert!(err.contains("config.toml:"), "{lines}: {err}");
        assert!(!err.contains("b-secret") && !err.contains("b_secret"), "{err}");
    }
}

#[test]
fn a_path_is_relative_to_the_configuration() {
    let project = Project::small();
    let folder = project.home().join(".config/stepgate/agents");
    std::fs::create_dir_all(&folder).unwrap();
    let made = super::fixture::write_agent(&project, "cat >/dev/null; echo one >one.txt");
    std::fs::rename(made, folder.join("one")).unwrap();
    configure(&project, "command = [\"agents/one\"]\n");
    let ran = project.run(&["run", "plan.md", "--unattended", "--until", "1.1"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
}

#[test]
fn a_repository_can_set_none() {
    let project = Project::small();
    project.write(
        "stepgate.toml",
        "[endpoint.helper]\nkind = \"command\"\ncommand = [\"true\"]\n",
    );
    let ran = project.run(&["run", "plan.md", "--unattended"]);
    assert_eq!(ran.code, 6, "{}", ran.err);
}
