use super::*;
use crate::config::Origin;
use crate::config::told::told;

fn load(text: &str) -> Result<RepositorySettings, String> {
    let root = tempfile::tempdir().unwrap();
    std::fs::write(root.path().join(NAME), text).unwrap();
    RepositorySettings::load(root.path())
        .map(|settings| {
            let show = |origin: Origin| match origin {
                Origin::File { line, .. } => Origin::File {
                    path: NAME.to_owned(),
                    line,
                },
                other => other,
            };
            let moved = |path: Traced<PathBuf>| Traced::new(path.value, show(path.origin));
            RepositorySettings {
                check_timeout: settings
                    .check_timeout
                    .map(|time| Traced::new(time.value, show(time.origin))),
                templates: settings.templates.map(moved),
                context_files: settings.context_files.into_iter().map(moved).collect(),
                max_cost: settings
                    .max_cost
                    .map(|most| Traced::new(most.value, show(most.origin))),
                max_tokens: settings
                    .max_tokens
                    .map(|most| Traced::new(most.value, show(most.origin))),
                documents: DocumentSettings {
                    folder: settings.documents.folder.map(moved),
                    templates: settings.documents.templates.map(moved),
                    registry: settings.documents.registry.map(moved),
                },
            }
        })
        .map_err(|failure| told(&failure, root.path()))
}

#[test]
fn what_is_told_about_the_repository_is_read() {
    let line = |line| Origin::File {
        path: NAME.to_owned(),
        line,
    };
    let text = "[check]\ntimeout = \"10m\"\n[prompt]\ntemplates = \"docs/prompts\"\n[context]\nfiles = [\n\"docs/x.md\",\n\"./y.md\"]\n[budget]\nmax_cost = 1.5\nmax_tokens = 90_000\n[documents]\nfolder = \"d\"\nregistry = \"d/all.md\"\n";
    let expected = RepositorySettings {
        check_timeout: Some(Traced::new(Duration::from_secs(600), line(2))),
        templates: Some(Traced::new("docs/prompts".into(), line(4))),
        context_files: vec![
            Traced::new("docs/x.md".into(), line(7)),
            Traced::new("./y.md".into(), line(8)),
        ],
        max_cost: Some(Traced::new(1.5, line(10))),
        max_tokens: Some(Traced::new(90_000, line(11))),
        documents: DocumentSettings {
            folder: Some(Traced::new("d".into(), line(13))),
            templates: None,
            registry: Some(Traced::new("d/all.md".into(), line(14))),
        },
    };
    assert_eq!(load(text), Ok(expected));
    let seconds = load("[check]\ntimeout = 1.5\n").unwrap().check_timeout.unwrap();
    assert_eq!(seconds.value, Duration::from_millis(1500));
    assert_eq!(load(""), Ok(RepositorySettings::default()));
    let empty = tempfile::tempdir().unwrap();
    assert_eq!(
        RepositorySettings::load(empty.path()),
        Ok(RepositorySettings::default())
    );
}

#[test]
fn what_is_the_users_to_say_is_refused_by_name() {
    for (text, key, place, line) in [
        (
            "[endpoint.x]\nkind = \"manual\"",
            "endpoint",
            "1:2",
            "[endpoint.x]",
        ),
        ("default = \"x\"", "default", "1:1", "default = ···"),
        ("key_env = \"HOME\"", "key_env", "1:1", "key_env = ······"),
        (
            "[check]\ncommand = [\"sh\"]",
            "command",
            "2:1",
            "command = ······",
        ),
        ("[prompt]\nmodel = \"m\"", "model", "2:1", "model = ···"),
        ("[context]\nconsent = true", "consent", "2:1", "consent = ····"),
        ("unattended = true", "unattended", "1:1", "unattended = ····"),
    ] {
        let expected = format!(
            "exit 6\nnot-the-repositorys: `{key}` cannot be set in a repository: a repository may not decide where prompts go, with which key, or what runs\n  at DIR/stepgate.toml:{place} |{line}|\n  help set it in your own configuration, or take it out of `stepgate.toml`"
        );
        assert_eq!(load(text), Err(expected), "{text}");
    }
}

#[test]
fn each_other_fault_is_told_with_its_place() {
    let cases = [
        (
            "[chekc]\ntimeout = 3",
            "unknown-key: unknown key `chekc` in the file\n  at DIR/stepgate.toml:1:2 |[chekc]|\n  help did you mean `check`?\n  help known here: `check`, `prompt`, `context`, `budget`, `documents`",
        ),
        (
            "[check]\ntimeout = \"soon\"",
            "wrong-type: `timeout` in `[check]` must be a time from above 0 to a day: seconds, or a text such as `\"10m\"`\n  at DIR/stepgate.toml:2:11 |timeout = \"soon\"|\n  found a text",
        ),
        (
            "[prompt]\ntemplates = \"../x\"",
            "outside: `../x` in `[prompt]` leads out of the repository\n  at DIR/stepgate.toml:2:13 |templates = \"../x\"|\n  help write a path relative to the repository's root, without `..`",
        ),
        (
            "[prompt]\ntemplates = 3",
            "wrong-type: `templates` in `[prompt]` must be the path of a folder\n  at DIR/stepgate.toml:2:13 |templates = 3|\n  found a whole number",
        ),
        (
            "[context]\nfiles = [\"ok.md\", \"/etc/passwd\"]",
            "outside: `/etc/passwd` in `[context]` leads out of the repository\n  at DIR/stepgate.toml:2:19 |files = [\"ok.md\", \"/etc/passwd\"]|\n  help write a path relative to the repository's root, without `..`",
        ),
        (
            "[context]\nfiles = [\"ok.md\", 3]",
            "wrong-type: `files` in `[context]` must be a list of texts\n  at DIR/stepgate.toml:2:9 |files = [\"ok.md\", 3]|\n  found a list",
        ),
    ];
    for (text, expected) in cases {
        assert_eq!(load(text), Err(format!("exit 6\n{expected}")), "{text}");
    }
}

#[test]
fn a_link_or_a_pipe_is_not_read() {
    let root = tempfile::tempdir().unwrap();
    let elsewhere = root.path().join("elsewhere");
    std::fs::write(&elsewhere, "root:x:0").unwrap();
    std::os::unix::fs::symlink(&elsewhere, root.path().join(NAME)).unwrap();
    let failure = RepositorySettings::load(root.path()).unwrap_err();
    assert_eq!(
        told(&failure, root.path()),
        "exit 6\nsettings-file: cannot take settings from `DIR/stepgate.toml`: it is a symbolic link, which could show any file's lines"
    );
    let root = tempfile::tempdir().unwrap();
    let made = std::process::Command::new("mkfifo")
        .arg(root.path().join(NAME))
        .status();
    assert!(made.unwrap().success());
    let failure = RepositorySettings::load(root.path()).unwrap_err();
    assert_eq!(
        told(&failure, root.path()),
        "exit 6\nsettings-file: cannot take settings from `DIR/stepgate.toml`: it is not a regular file"
    );
}
