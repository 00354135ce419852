use std::fs;
use std::os::unix::fs::{MetadataExt as _, symlink};
use std::os::unix::net::UnixListener;

use super::super::{DocumentError, PathProblem, RelativePath, Root, preview};
use super::{Bench, file_edits};
use crate::words::Exit;

#[test]
fn hostile_paths_are_refused_by_their_text() {
    use PathProblem::{Absolute, Dots, Empty, Git, Invisible, Tilde, TooLong, Windows};
    let long = "x".repeat(256);
    let deep = "a/".repeat(64) + "a";
    let wide = vec!["y".repeat(200); 6].join("/");
    let table = [
        ("", Empty),
        (".", Dots),
        ("./", Empty),
        (" ", Empty),
        ("a//b", Empty),
        ("a/", Empty),
        ("/etc/passwd", Absolute),
        (".//etc/passwd", Absolute),
        ("..", Dots),
        ("../x", Dots),
        ("a/../../x", Dots),
        ("a/./x", Dots),
        ("././x", Dots),
        ("a/..", Dots),
        ("~/x", Tilde),
        ("~root/x", Tilde),
        ("a/~", Tilde),
        ("C:/x", Windows),
        ("C:x", Windows),
        ("a\\..\\x", Windows),
        ("\\\\host\\x", Windows),
        ("a:stream", Windows),
        (".git::$INDEX_ALLOCATION/config", Windows),
        ("a\0b", Invisible),
        ("a\nb", Invisible),
        ("a\u{1b}[2J", Invisible),
        ("a\u{7f}", Invisible),
        ("a\u{202e}txt.sh", Invisible),
        (".g\u{200c}it/config", Invisible),
        (".git\u{feff}/config", Invisible),
        (".\u{ad}git/config", Invisible),
        (".git", Git),
        (".git/hooks/pre-commit", Git),
        ("a/.git/config", Git),
        (".GIT/config", Git),
        (".gIt/config", Git),
        (".git./config", Git),
        (".git /config", Git),
        (".git . ./config", Git),
        ("git~1/config", Git),
        ("GIT~2", Git),
        ("./.git/x", Git),
        (long.as_str(), TooLong),
        (deep.as_str(), TooLong),
        (wide.as_str(), TooLong),
    ];
    let bench = Bench::new(&[]);
    for (path, problem) in table {
        assert_eq!(RelativePath::parse(path), Err(problem), "{path:?}");
        let failure = bench.root().admit(path).unwrap_err();
        assert_eq!(
            (failure.exit, failure.diagnostics[0].rule),
            (Exit::ReplyUnusable, "unsafe-path"),
            "{path:?}"
        );
        let shown = failure.diagnostics[0].found.as_ref().unwrap();
        assert!(!shown.chars().any(char::is_control), "{shown}");
    }
}

#[test]
fn ordinary_paths_are_admitted() {
    let bench = Bench::new(&[("src/a.rs", "")]);
    let fine = [
        "src/a.rs",
        "src/b.rs",
        "new/dir/x",
        ".gitignore",
        "a.git",
        "x/git~",
        "ä ö/ü.txt",
        "a..b",
        "[id].tsx",
        "$x",
    ];
    for path in fine {
        assert_eq!(bench.root().admit(path).unwrap().as_str(), path);
    }
    assert_eq!(bench.root().admit("./src/a.rs").unwrap().as_str(), "src/a.rs");
}

#[test]
fn a_new_file_has_a_name_that_windows_takes_as_it_is() {
    let ending = "a part of the path ends in a dot or a blank, which Windows leaves out";
    let device = "a part of the path is the name of a device on Windows";
    let table = [
        ("...", ending),
        ("a.", ending),
        ("a ", ending),
        ("foo./a", ending),
        ("foo /a", ending),
        ("aux", device),
        ("AUX/x", device),
        ("foo/NUL.txt", device),
        ("nul.tar.gz", device),
        ("con .txt", device),
        ("com1", device),
        ("a/LPT9.log", device),
        ("com\u{b9}", device),
        ("conin$", device),
    ];
    let bench = Bench::new(&[]);
    for (path, why) in table {
        let failure = bench.root().admit(path).unwrap_err();
        let found = &failure.diagnostics[0];
        assert_eq!(
            (failure.exit, found.rule),
            (Exit::ReplyUnusable, "unsafe-path"),
            "{path}"
        );
        assert!(found.message.ends_with(why), "{path}: {}", found.message);
        // One that is there already is changed like others.
        let there = Bench::new(&[(path, "")]);
        assert!(there.root().admit(path).is_ok(), "{path}");
    }
    for path in [
        "auxiliary",
        "a/nul_",
        "com",
        "com10",
        "lpt",
        "console.log",
        ".aux",
        "a.con",
        "a .b",
    ] {
        assert!(bench.root().admit(path).is_ok(), "{path}");
    }
}

#[test]
fn what_a_path_leads_to_is_looked_at() {
    let bench = Bench::new(&[("dir/file", "x"), ("file", "x")]);
    fs::write(bench.outside().join("secret"), "secret").unwrap();
    symlink(bench.outside().join("secret"), bench.path("link")).unwrap();
    symlink(bench.outside(), bench.path("out")).unwrap();
    symlink("dir", bench.path("inner")).unwrap();
    symlink("nowhere", bench.path("dangling")).unwrap();
    let _socket = UnixListener::bind(bench.path("socket")).unwrap();
    let made = std::process::Command::new("mkfifo")
        .arg(bench.path("fifo"))
        .status()
        .unwrap();
    assert!(made.success());
    let table = [
        ("link", "it is a symbolic link"),
        ("dangling", "it is a symbolic link"),
        ("out/secret", "`out` is a symbolic link"),
        ("out/new", "`out` is a symbolic link"),
        ("inner/file", "`inner` is a symbolic link"),
        ("dangling/x", "`dangling` is a symbolic link"),
        ("dir", "it is a folder"),
        ("file/x", "`file` is not a folder"),
        ("fifo", "it is a fifo"),
        ("socket", "it is a socket"),
    ];
    let root = bench.root();
    for (path, why) in table {
        let failure = root.admit(path).unwrap_err();
        let message = &failure.diagnostics[0].message;
        assert_eq!(
            (failure.exit, message.rsplit(": ").next()),
            (Exit::ReplyUnusable, Some(why)),
            "{path}"
        );
        // A path that became so after it was admitted is not read either.
        assert!(root.read(&RelativePath::parse(path).unwrap()).is_err(), "{path}");
    }
    let read = |path: &str| root.read(&RelativePath::parse(path).unwrap());
    assert_eq!(read("dir/file"), Ok(Some(b"x".to_vec())));
    assert_eq!(read("none"), Ok(None));
    assert_eq!(read("none/none"), Ok(None));
}

#[test]
fn our_own_files_are_refused_by_any_name() {
    let bench = Bench::new(&[
        ("docs/Plan.md", "plan"),
        ("docs/Entwürfe/straße.md", "plan"),
        ("state/journal", ""),
        ("src/x", ""),
    ]);
    fs::hard_link(bench.path("docs/Plan.md"), bench.path("hard")).unwrap();
    let own = [
        bench.path("docs/Plan.md"),
        bench.path("docs/Entwürfe/straße.md"),
        bench.path("state"),
        bench.path("not/yet"),
        bench.outside().join("gone"),
    ];
    let root = Root::open(&bench.path(""), &own).unwrap();
    for path in [
        "docs/Plan.md",
        "docs/plan.MD",
        "DOCS/PLAN.md",
        "docs/Entwu\u{308}rfe/stra\u{df}e.md",
        "docs/ENTWÜRFE/STRASSE.md",
        "hard",
        "state/journal",
        "state/new",
        "STATE/x",
        "not/yet",
    ] {
        assert!(root.admit(path).is_err(), "{path}");
    }
    for path in ["docs/other.md", "statement", "src/x"] {
        assert!(root.admit(path).is_ok(), "{path}");
    }
}

#[test]
fn a_huge_file_is_not_read() {
    let bench = Bench::new(&[("big", "")]);
    fs::File::options()
        .write(true)
        .open(bench.path("big"))
        .unwrap()
        .set_len((16 << 20) + 1)
        .unwrap();
    let failure = bench
        .root()
        .read(&RelativePath::parse("big").unwrap())
        .unwrap_err();
    assert!(failure.to_string().contains("it has 16777217 bytes"), "{failure}");
}

#[test]
fn documents_are_read_or_told_why_not() {
    let bench = Bench::new(&[("docs/req.md", "# Req\n"), ("docs/nul.md", "a\0b")]);
    fs::write(bench.path("docs/latin.md"), b"caf\xe9\n").unwrap();
    fs::write(bench.outside().join("secret"), "secret").unwrap();
    symlink(bench.outside().join("secret"), bench.path("docs/link.md")).unwrap();
    symlink(bench.outside(), bench.path("out")).unwrap();
    fs::File::create(bench.path("docs/big.md"))
        .unwrap()
        .set_len(5 << 20)
        .unwrap();
    let root = bench.root();
    let text = root.document("./docs/req.md").unwrap();
    assert_eq!((text.path(), text.text()), ("docs/req.md", "# Req\n"));
    let not_a_file = |path: &str, kind| DocumentError::NotAFile {
        path: path.to_owned(),
        kind,
    };
    let table = [
        ("docs/none.md", DocumentError::Missing),
        ("none/none.md", DocumentError::Missing),
        ("../secret", DocumentError::Outside(PathProblem::Dots)),
        ("/etc/passwd", DocumentError::Outside(PathProblem::Absolute)),
        ("~/x.md", DocumentError::Outside(PathProblem::Tilde)),
        (
            "https://example.org/x.md",
            DocumentError::Outside(PathProblem::Windows),
        ),
        (".git/config", DocumentError::Outside(PathProblem::Git)),
        ("docs/link.md", DocumentError::Link("docs/link.md".to_owned())),
        ("out/secret", DocumentError::Link("out".to_owned())),
        ("docs", not_a_file("docs", "a folder")),
        ("docs/req.md/x", not_a_file("docs/req.md", "not a folder")),
        (
            "docs/big.md",
            DocumentError::TooBig {
                size: 5 << 20,
                limit: 4 << 20,
            },
        ),
    ];
    for (path, error) in table {
        assert_eq!(root.document(path).unwrap_err(), error, "{path}");
    }
    let rule = |path: &str| match root.document(path) {
        Err(DocumentError::NotText(diagnostic)) => diagnostic.rule,
        other => panic!("{other:?}"),
    };
    assert_eq!(
        (rule("docs/latin.md"), rule("docs/nul.md")),
        ("not-utf8", "nul-byte")
    );
}

#[test]
fn colliding_edits_are_refused() {
    let bench = Bench::new(&[]);
    let table = [
        [("a.txt", "1"), ("A.TXT", "2")],
        [("a", "1"), ("a/b", "2")],
        [("Dir/x/y", "1"), ("dir/X", "2")],
        [("a", "1"), ("./a", "2")],
        [("ä", "1"), ("Ä", "2")],
        [("caf\u{e9}.txt", "1"), ("cafe\u{301}.txt", "2")],
        [("CAFE\u{301}", "1"), ("caf\u{e9}/x", "2")],
        [("straße", "1"), ("STRASSE", "2")],
        [("\u{1e9e}", "1"), ("ss", "2")],
        [("ﬁle", "1"), ("FILE", "2")],
        [("\u{390}", "1"), ("\u{3b9}\u{308}\u{301}", "2")],
        [("σας", "1"), ("ΣΑΣ", "2")],
        [("\u{212b}", "1"), ("\u{e5}", "2")],
        [("o\u{302}\u{323}", "1"), ("\u{1ed9}", "2")],
    ];
    for edits in table {
        let failure = preview(&bench.root(), &file_edits(&edits), &[]).unwrap_err();
        assert_eq!(failure.diagnostics[0].rule, "colliding-edits", "{edits:?}");
    }
    for edits in [
        [("a", "1"), ("ab", "2")],
        [("é", "1"), ("e", "2")],
        [("ı", "1"), ("i", "2")],
    ] {
        assert!(
            preview(&bench.root(), &file_edits(&edits), &[]).is_ok(),
            "{edits:?}"
        );
    }
    // What is there already may have any name.
    let there = Bench::new(&[("a.", "")]);
    let failure = preview(&there.root(), &file_edits(&[("a", "1"), ("a.", "2")]), &[]).unwrap_err();
    assert_eq!(failure.diagnostics[0].rule, "colliding-edits");
}

#[test]
fn a_time_is_told_of_what_is_at_a_path_and_of_nothing_that_a_link_leads_to() {
    let bench = Bench::new(&[("a/b", "1"), ("c", "2")]);
    symlink("a", bench.path("inner")).unwrap();
    symlink(bench.outside(), bench.path("away")).unwrap();
    fs::write(bench.outside().join("x"), "").unwrap();
    let past = fs::File::options().write(true).open(bench.path("a/b")).unwrap();
    past.set_modified(std::time::UNIX_EPOCH).unwrap();
    let later = std::time::SystemTime::now() + std::time::Duration::from_secs(5_000);
    let file = fs::File::options().write(true).open(bench.path("c")).unwrap();
    file.set_modified(later).unwrap();
    let root = bench.root();
    let told = |path: &str| {
        let told = root.changed_at(&RelativePath::parse(path).unwrap());
        told.map_err(|failure| (failure.exit, failure.to_string()))
    };
    let data = |path: &str| fs::symlink_metadata(bench.path(path)).unwrap();
    let of = |second: i64, rest: i64| Ok(Some(i128::from(second) * 1_000_000_000 + i128::from(rest)));
    let changed = |path: &str| of(data(path).ctime(), data(path).ctime_nsec());
    assert_eq!(told("a/b"), changed("a/b"));
    assert_eq!(told("c"), of(data("c").mtime(), data("c").mtime_nsec()));
    assert_eq!((told("a"), told("inner")), (changed("a"), changed("inner")));
    assert_eq!((told("gone"), told("gone/b")), (Ok(None), Ok(None)));
    for (path, why) in [
        ("inner/b", "`inner` is a symbolic link"),
        ("away/x", "`away` is a symbolic link"),
        ("c/b", "`c` is not a folder"),
    ] {
        let message = format!("the reply names a path that is not followed: {why}");
        assert_eq!(told(path), Err((Exit::ReplyUnusable, message)));
    }
}

proptest::proptest! {
    #[test]
    fn what_is_admitted_is_beneath_the_root(path in "(\\.\\.|\\.|/|\\\\|~|[a-cG.: ]|\\.git|link|inner|\\PC){0,8}") {
        let bench = Bench::new(&[("a/b", "")]);
        symlink(bench.outside(), bench.path("link")).unwrap();
        symlink("a", bench.path("inner")).unwrap();
        if let Ok(admitted) = bench.root().admit(&path) {
            let root = fs::canonicalize(bench.path("")).unwrap();
            let target = root.join(admitted.as_str());
            // The deepest part that is there is, in truth, just where it is by name.
            let there = target.ancestors().find(|part| part.exists()).unwrap();
            proptest::prop_assert_eq!(fs::canonicalize(there).unwrap(), there);
            proptest::prop_assert!(there.starts_with(&root));
            proptest::prop_assert!(target.components().count() > root.components().count());
            proptest::prop_assert!(!target.components().any(|part| part.as_os_str() == ".."));
        }
    }
}
