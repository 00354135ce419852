//! Bad input for every command: a clear error or an answer, in bounded time and memory.

use std::fmt::Write as _;

use crate::place::{PLAN, Place, Ran, json};

/// The commands that take a plan.
const ONE: [&[&str]; 4] = [&["show"], &["show", "--json"], &["status"], &["status", "--json"]];
/// The same, and the one that takes many.
const ALL: [&[&str]; 6] = [
    &["show"],
    &["show", "--json"],
    &["status"],
    &["status", "--json"],
    &["lint"],
    &["lint", "--format=json"],
];

fn with<'a>(command: &[&'a str], path: &'a str) -> Vec<&'a str> {
    command.iter().copied().chain([path]).collect()
}

/// No panic, no signal, no code that means a bug.
fn sound(ran: &Ran) -> bool {
    matches!(ran.code, Some(0 | 2..=12)) && !ran.err.contains("panicked")
}

#[test]
fn a_missing_file() {
    let place = Place::new();
    for command in ALL {
        let ran = place.run(&with(command, "no/such.md"));
        assert_eq!(ran.code, Some(3), "{command:?}");
        let told = format!("{}{}", ran.out, ran.err);
        assert!(
            told.contains("there is no file `no/such.md`"),
            "{command:?}: {told}"
        );
    }
    let ran = place.run(&["show", "no/such.md"]);
    assert_eq!(
        ran.err,
        "error[not-found]: there is no file `no/such.md`\nhelp: name the plan's Markdown file\n"
    );
}

#[test]
fn a_folder() {
    let place = Place::new();
    place
        .write("plans/a.md", PLAN)
        .write("plans/notes.md", "# Notes\n");
    let expected = "\
error[not-a-file]: `plans` is a folder, not a plan
help: name a plan in it, or run `stepgate status plans`
";
    let ran = place.run(&["show", "plans"]);
    assert_eq!(
        ran,
        Ran {
            code: Some(3),
            out: String::new(),
            err: expected.to_owned()
        }
    );
    assert_eq!(place.run(&["status", "plans"]).code, Some(0));
    assert_eq!(
        place.run(&["lint", "plans"]).err,
        "0 errors, 0 warnings in 1 plan\n"
    );
    place.write("empty/notes.txt", "");
    let ran = place.run(&["status", "empty"]);
    assert_eq!((ran.code, ran.out.as_str()), (Some(0), ""));
    assert!(ran.err.starts_with("no plans in `empty`"), "{}", ran.err);
}

#[test]
fn a_pipe_does_not_block() {
    let place = Place::new();
    let made = std::process::Command::new("mkfifo")
        .arg(place.path("pipe.md"))
        .status()
        .unwrap();
    assert!(made.success());
    for command in ALL {
        let ran = place.run(&with(command, "pipe.md"));
        assert_eq!(ran.code, Some(3), "{command:?}");
        assert!(
            format!("{}{}", ran.out, ran.err).contains("`pipe.md` is not a regular file"),
            "{ran:?}"
        );
    }
    // In a folder it is no plan.
    assert_eq!(place.write("a.md", PLAN).run(&["status", "."]).code, Some(0));
}

#[test]
fn a_step_that_is_not_there() {
    let place = Place::new();
    place.write("p.md", PLAN);
    for step in ["9.9", "", "one", "1.2.3.4"] {
        let expected = format!(
            "error[no-such-step]: there is no step `{step}` in `p.md`\n\
             help: its steps are 1.1 to 1.2; `stepgate status p.md` lists them\n"
        );
        assert_eq!(
            place.run(&["show", "p.md", step]),
            Ran {
                code: Some(2),
                out: String::new(),
                err: expected
            }
        );
    }
}

#[test]
fn a_command_line_that_cannot_be_understood() {
    let place = Place::new();
    for args in [
        &[][..],
        &["lint"],
        &["show"],
        &["shw", "p.md"],
        &["lint", "p.md", "--format", "xml"],
        &["--no"],
    ] {
        let ran = place.run(args);
        assert_eq!((ran.code, ran.out.as_str()), (Some(2), ""), "{args:?}");
        assert!(!ran.err.is_empty(), "{args:?}");
    }
    let ran = place.run(&["--version"]);
    assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""));
    assert_eq!(place.run(&["status", "--help"]).code, Some(0));
}

#[test]
fn a_hundred_megabytes() {
    let place = Place::new();
    let prose = "A sentence of the kind that fills the pages of a plan, and says nothing.\n".repeat(80);
    let mut text = String::from("# EP-0001: Large\n\n## Phase 1: All\n\n");
    let mut steps = 0;
    while text.len() < 100_000_000 {
        steps += 1;
        write!(
            text,
            "#### Step 1.{steps}: One\n{prose}\n**Tasks:**\n- [ ] a\n- [x] b\n\n"
        )
        .unwrap();
    }
    place.write("p.md", &text);
    drop(text);
    let ran = place.run_in_memory(1_000, &["status", "--json", "p.md"]);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    assert_eq!(
        json(&ran)["plans"][0]["boxes"],
        serde_json::json!({"done": steps, "total": 2 * steps})
    );
    let ran = place.run_in_memory(1_000, &["show", "p.md", "1.7"]);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    let ran = place.run_in_memory(1_000, &["lint", "--format", "json", "p.md"]);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    assert!(ran.err.is_empty());
}

#[test]
fn a_line_of_fifty_megabytes() {
    let place = Place::new();
    place.write("p.md", format!("{PLAN}{}", "word ".repeat(10_000_000)));
    for command in ONE {
        let ran = place.run_in_memory(1_000, &with(command, "p.md"));
        assert_eq!(ran.code, Some(3), "{command:?}");
        assert!(
            ran.err
                .starts_with("error[over-limit]: a line is over the limit of 1 MiB\n  --> p.md:63:1\n")
        );
        assert!(ran.err.len() < 1_000, "{command:?}");
    }
}

#[test]
fn a_hundred_thousand_steps() {
    let place = Place::new();
    let mut text = String::from("# EP-0001: Long\n\n");
    for phase in 1..=1_000 {
        write!(text, "## Phase {phase}: P\n\n").unwrap();
        for step in 1..=100 {
            write!(text, "#### Step {phase}.{step}: S\n**Tasks:**\n- [ ] a\n\n").unwrap();
        }
    }
    place.write("p.md", &text);
    for command in ONE {
        let ran = place.run_in_memory(2_000, &with(command, "p.md"));
        assert_eq!(ran.code, Some(0), "{command:?}: {}", ran.err);
    }
    let ran = place.run_in_memory(2_000, &["lint", "--format=json", "p.md"]);
    assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""));
    assert!(
        ran.out
            .ends_with("\"errors\": 0,\n  \"warnings\": 500003,\n  \"templates\": []\n}\n")
    );
    // And all of them wrong.
    place.write("p.md", text.replace("#### Step ", "#### Step 1.1: Not "));
    for command in ONE {
        let ran = place.run_in_memory(2_000, &with(command, "p.md"));
        assert_eq!(ran.code, Some(3), "{command:?}");
        let first = "error[duplicate-step]: there are two steps 1.1\n";
        assert!(
            ran.err.starts_with(first) && ran.err.len() < 40_000,
            "{command:?}"
        );
    }
}

#[test]
fn markdown_that_nests_without_end() {
    let place = Place::new();
    let bodies = [
        format!("{} a\n", ">".repeat(50_000)),
        format!("{}a\n", "- ".repeat(50_000)),
        (0..1_500)
            .map(|depth| format!("{}- [ ] a\n", "  ".repeat(depth)))
            .collect(),
        "[".repeat(100_000),
        format!("{}{}", "[a ".repeat(50_000), "]".repeat(50_000)),
        "**a ".repeat(100_000),
        "`a``b```".repeat(50_000),
        "<!-- AI: a --> ".repeat(30_000),
        "[a b] ".repeat(100_000),
    ];
    for body in bodies {
        place.write("p.md", format!("{PLAN}\n{body}\n"));
        for command in ALL {
            let ran = place.run_in_memory(1_000, &with(command, "p.md"));
            assert!(
                sound(&ran) && ran.code == Some(0),
                "{command:?}: {:?} {}",
                ran.code,
                &body[..20]
            );
        }
    }
}

#[test]
fn a_file_that_may_not_be_read() {
    use std::os::unix::fs::PermissionsExt as _;
    let place = Place::new();
    place.write("a.md", PLAN).write("p.md", PLAN);
    std::fs::set_permissions(place.path("p.md"), std::fs::Permissions::from_mode(0o000)).unwrap();
    if std::fs::read(place.path("p.md")).is_ok() {
        eprintln!("skipped: this user may read everything");
        return;
    }
    let ran = place.run(&["status", "."]);
    assert_eq!(ran.code, Some(9));
    assert!(
        ran.out.starts_with("a.md") && ran.err.contains("`p.md`"),
        "{ran:?}"
    );
}
