//! Where the output goes: colours, a full disk, a reader that is gone.

use std::fs::File;
use std::process::Stdio;

use crate::place::{PLAN, Place, ran};

const COMMANDS: [&[&str]; 8] = [
    &["show", "p.md"],
    &["show", "--json", "p.md"],
    &["status", "p.md"],
    &["status", "--json", "p.md"],
    &["status", "."],
    &["lint", "p.md"],
    &["lint", "--format", "json", "p.md"],
    &["--help"],
];

fn place() -> Place {
    let place = Place::new();
    place.write("p.md", PLAN.replace("It shows the hour", "[Goal]"));
    place
}

#[test]
fn colour_only_where_it_is_wanted() {
    let place = place();
    for args in [
        &["show", "p.md"][..],
        &["status", "p.md"],
        &["status", "."],
        &["lint", "p.md"],
    ] {
        let plain = place.run(args);
        assert!(!plain.out.contains('\u{1b}'), "{args:?}");
        let forced = ran(place.command(args).env("CLICOLOR_FORCE", "1").output().unwrap());
        assert!(forced.out.contains('\u{1b}'), "{args:?}");
        assert_eq!(console::strip_ansi_codes(&forced.out), plain.out, "{args:?}");
        let variables = [("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")];
        assert_eq!(
            ran(place.command(args).envs(variables).output().unwrap()),
            plain,
            "{args:?}"
        );
    }
}

#[test]
fn a_full_disk_is_told() {
    let place = place();
    for args in COMMANDS {
        let full = File::options().write(true).open("/dev/full").unwrap();
        let ran = ran(place.command(args).stdout(full).output().unwrap());
        assert_eq!(ran.code, Some(9), "{args:?}: {}", ran.err);
        if args != ["--help"] {
            let told = "error[local-io]: cannot write to `standard output`: no space left on device\n";
            assert!(ran.err.starts_with(told), "{args:?}: {}", ran.err);
        }
    }
}

#[test]
fn a_reader_that_is_gone_ends_it_silently() {
    let place = place();
    for args in COMMANDS {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let ran = ran(place.command(args).stdout(writer).output().unwrap());
        assert_eq!((ran.code, ran.err.as_str()), (Some(141), ""), "{args:?}");
    }
}

#[test]
fn nobody_listens_to_the_errors() {
    let place = Place::new();
    for args in [&["show", "no.md"][..], &["status", "no.md"], &["lint", "no.md"]] {
        let full = File::options().write(true).open("/dev/full").unwrap();
        let mut command = place.command(args);
        let status = command.stdout(Stdio::null()).stderr(full).status().unwrap();
        assert_eq!(status.code(), Some(3), "{args:?}");
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let status = place
            .command(args)
            .stdout(Stdio::null())
            .stderr(writer)
            .status()
            .unwrap();
        assert_eq!(status.code(), Some(3), "{args:?}");
    }
}

#[test]
fn a_plan_cannot_redraw_the_terminal() {
    let place = Place::new();
    let text = PLAN
        .replace("The Hour Hand", "The \u{1b}[2J[Hour] \u{202e}Hand\u{7}")
        .replace("Cut it", "Cut\u{9b}it");
    place.write("p.md", text.replace("test -f hour.txt", "test \u{1b}[2J"));
    for args in &COMMANDS[..7] {
        let ran = place.run(args);
        let told = format!("{}{}", ran.out, ran.err);
        assert!(!told.contains(['\u{1b}', '\u{7}']), "{args:?}: {told:?}");
        // In JSON only what its strings must not hold is escaped.
        let json = args.iter().any(|arg| arg.ends_with("json"));
        assert!(
            json || !told.contains(['\u{202e}', '\u{9b}']),
            "{args:?}: {told:?}"
        );
    }
}
