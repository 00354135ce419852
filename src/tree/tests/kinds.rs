//! Edits of every kind: what they become, and which are refused.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};

use super::super::{Change, ChangeKind, Links, RelativePath, diff};
use super::Bench;
use crate::words::Exit;

fn edit(path: &str, blocks: &[(&str, &str)]) -> String {
    let blocks: String = blocks
        .iter()
        .map(|(search, replace)| format!("<<<<<<< SEARCH\n{search}=======\n{replace}>>>>>>> REPLACE\n"))
        .collect();
    format!("```edit={path}\n{blocks}```\n")
}

/// The rules and messages that a reply is refused for, and the exit code.
fn refused(bench: &Bench, reply: &str) -> Vec<(&'static str, String)> {
    let before = bench.tree();
    let failure = bench.preview(reply, &[]).unwrap_err();
    assert_eq!((failure.exit, bench.tree()), (Exit::ReplyUnusable, before));
    let problems = failure.diagnostics.into_iter();
    problems.map(|problem| (problem.rule, problem.message)).collect()
}

#[test]
fn every_kind_is_previewed() {
    let bench = Bench::new(&[
        ("a.c", "1\r\n2\r\n"),
        ("bom", "\u{feff}x\r\ny\r\n"),
        ("go", "g\n"),
        ("Makefile", "all:\n"),
    ]);
    fs::set_permissions(bench.path("Makefile"), fs::Permissions::from_mode(0o640)).unwrap();
    fs::write(bench.path("go"), b"\xff\n").unwrap();
    let reply = [
        edit("a.c", &[("1\n", "one\n")]),
        "```delete=go\n```\n```rename=Makefile to=build/rules\n```\n```path=bom\nz\n```\n".to_owned(),
        edit("./a.c", &[("one\n2\n", "two\n")]),
        edit("fresh", &[("", "f\n")]),
        edit("bom2", &[("", "")]),
    ]
    .concat();
    let path = |path: &str| RelativePath::parse(path).unwrap();
    let bytes = |text: &str| Some(text.as_bytes().to_vec());
    let mode = |name: &str| Some(fs::metadata(bench.path(name)).unwrap().permissions().mode() & 0o777);
    let plain = |name: &str, before: Option<Vec<u8>>, after: Option<Vec<u8>>| Change {
        path: path(name),
        from: None,
        mode: before.as_ref().and_then(|_| mode(name)),
        after_mode: None,
        link: Links::default(),
        before,
        after,
        protection: None,
        declared: false,
    };
    let expected = vec![
        Change {
            declared: true,
            ..plain("a.c", bytes("1\r\n2\r\n"), bytes("two\r\n"))
        },
        plain("go", Some(b"\xff\n".to_vec()), None),
        Change {
            path: path("build/rules"),
            from: Some(path("Makefile")),
            mode: Some(0o640),
            after_mode: None,
            link: Links::default(),
            protection: Some("build"),
            declared: true,
            ..plain("Makefile", bytes("all:\n"), bytes("all:\n"))
        },
        plain("bom", bytes("\u{feff}x\r\ny\r\n"), bytes("\u{feff}z\r\n")),
        plain("fresh", None, bytes("f\n")),
        plain("bom2", None, bytes("")),
    ];
    let declared = ["a.c", "Makefile", "build/"].map(str::to_owned);
    let changes = bench.preview(&reply, &declared).unwrap();
    assert_eq!(changes, expected);
    let kinds: Vec<_> = changes.iter().map(Change::kind).collect();
    use ChangeKind::{Changed, Deleted, New, Renamed};
    assert_eq!(kinds, [Changed, Deleted, Renamed, Changed, New, New]);
    assert_eq!(changes[2].name(), "Makefile → build/rules");
}

#[test]
fn all_that_is_wrong_is_told_together() {
    let bench = Bench::new(&[("a", "x\n  y\nx\n"), ("b", "b\n"), ("bin", ""), ("dir/x", "")]);
    fs::write(bench.path("bin"), b"\xff").unwrap();
    let reply = [
        edit("a", &[("x\n", "z\n"), ("y\n", "z\n"), ("", "z\n"), ("  y\n", "k\n")]),
        edit("bin", &[("x\n", "z\n")]),
        edit("none", &[("x\n", "z\n")]),
        "```delete=gone\n```\n```delete=dir\n```\n```rename=nothing to=else\n```\n```rename=b to=dir/x\n```\n"
            .to_owned(),
        "```path=../up\nx\n```\n```rename=/etc/passwd to=p\n```\n```rename=c to=C:\\x\n```\n".to_owned(),
    ]
    .concat();
    let expected: Vec<(&str, String)> = [
        ("unsafe-path", "the reply names a path that is not followed: it is a folder"),
        ("unsafe-path", "the reply names a path that is not followed: the path has a `.` or `..` in it"),
        ("unsafe-path", "the reply names a path that is not followed: the path is absolute"),
        ("unsafe-path", "the reply names a path that is not followed: the path has a backslash or a colon in it"),
        ("search-ambiguous", "change 1 to `a` (line 2 of the reply) looks for lines that are in the file 2 times"),
        (
            "search-not-found",
            "change 2 to `a` (line 7 of the reply) looks for lines that are not in the file; these are most like them",
        ),
        (
            "search-empty",
            "change 3 to `a` (line 12 of the reply) looks for nothing, and the file is not empty",
        ),
        (
            "unsafe-path",
            "the reply names a path that is not followed: its content is not UTF-8 text, so nothing can be looked for in it",
        ),
        ("no-such-file", "the reply changes a file that is not there: `none`"),
        ("no-such-file", "the reply changes a file that is not there: `gone`"),
        ("no-such-file", "the reply changes a file that is not there: `nothing`"),
        ("rename-target", "the reply renames `b` to `dir/x`, and that is there already"),
    ]
    .map(|(rule, message)| (rule, message.to_owned()))
    .to_vec();
    assert_eq!(refused(&bench, &reply), expected);
}

#[test]
fn a_file_that_is_no_text_is_not_given_as_a_whole() {
    let why = "the reply names a path that is not followed: what is there is not UTF-8 text, and a reply can give nothing else";
    let bench = Bench::new(&[("empty", ""), ("text", "\u{feff}é\r\n")]);
    for bytes in [b"caf\xe9\n".as_slice(), b"\xff\xfea\0\n\0", b"a\0\n\0"] {
        fs::write(bench.path("other"), bytes).unwrap();
        let reply = "```path=empty\nx\n```\n```path=other\né\n```\n";
        assert_eq!(refused(&bench, reply), [("unsafe-path", why.to_owned())]);
        assert_eq!(bench.changes("```delete=other\n```\n").len(), 1);
        assert_eq!(bench.changes("```rename=other to=another\n```\n").len(), 1);
    }
    assert_eq!(
        bench
            .changes("```path=empty\né\n```\n```path=text\nx\n```\n")
            .len(),
        2
    );
}

#[test]
fn a_near_match_is_shown_and_never_taken() {
    let bench = Bench::new(&[("a.rs", "fn a() {\n    b();\n}\n")]);
    let failure = bench
        .preview(&edit("a.rs", &[("fn a() {\n  b();\n", "")]), &[])
        .unwrap_err();
    let problem = &failure.diagnostics[0];
    let place = problem.place.as_ref().unwrap();
    assert_eq!(
        (place.path.as_str(), place.line, place.excerpt.as_str()),
        ("a.rs", 2, "    b();")
    );
    assert_eq!(
        problem.found.as_deref(),
        Some("only the blanks before it are others: 4 here, 2 in the reply")
    );
    let failure = bench
        .preview(&edit("a.rs", &[("fn a() {\n    c();\n", "")]), &[])
        .unwrap_err();
    assert_eq!(
        failure.diagnostics[0].found.as_deref(),
        Some("the reply has `    c();`")
    );
}

#[test]
fn edits_that_do_not_go_together_are_refused() {
    let bench = Bench::new(&[("a", "a\n"), ("b", "b\n"), ("dir/c", "c\n")]);
    let table = [
        "```delete=a\n```\n```path=A\nx\n```\n",
        "```delete=a\n```\n```path=a/x\nx\n```\n",
        "```rename=a to=A\n```\n",
        "```rename=a to=./a\n```\n",
        "```rename=a to=a/b\n```\n",
        "```rename=a to=n\n```\n```path=N\nx\n```\n",
        "```rename=a to=é\n```\n```rename=b to=e\u{301}\n```\n",
        "```edit=a\n<<<<<<< SEARCH\na\n=======\nb\n>>>>>>> REPLACE\n```\n```delete=./a\n```\n",
        "```edit=a\n<<<<<<< SEARCH\na\n=======\nb\n>>>>>>> REPLACE\n```\n```edit=A\n<<<<<<< SEARCH\n=======\nb\n>>>>>>> REPLACE\n```\n",
    ];
    for reply in table {
        let problems = refused(&bench, reply);
        assert!(
            problems
                .iter()
                .any(|(rule, why)| *rule == "colliding-edits" || why.ends_with("is not a folder")),
            "{reply}: {problems:?}"
        );
    }
}

#[test]
fn a_file_is_renamed_and_changed() {
    let files = [("src/a.rs", "one\r\ntwo\r\nthree\r\n"), ("b", "b\n")];
    let rename = "```rename=src/a.rs to=lib/b.rs\n```\n";
    let (one, two) = (("one\n", "1\n"), ("two\n", "2\n"));
    let replies = [
        // Before it moves it goes by its old path, then by its new one; blocks of both follow each other.
        [&edit("src/a.rs", &[one]), rename, &edit("lib/b.rs", &[two])].concat(),
        [&edit("./src/a.rs", &[one, two]), rename].concat(),
        [rename, &edit("lib/b.rs", &[one]), &edit("./lib/b.rs", &[two])].concat(),
    ];
    for reply in replies {
        let bench = Bench::new(&files);
        fs::set_permissions(bench.path("src/a.rs"), fs::Permissions::from_mode(0o755)).unwrap();
        let changes = bench.changes(&reply);
        let expected = Change {
            path: RelativePath::parse("lib/b.rs").unwrap(),
            from: Some(RelativePath::parse("src/a.rs").unwrap()),
            before: Some(b"one\r\ntwo\r\nthree\r\n".to_vec()),
            after: Some(b"1\r\n2\r\nthree\r\n".to_vec()),
            mode: Some(0o755),
            after_mode: None,
            link: Links::default(),
            protection: None,
            declared: false,
        };
        assert_eq!(changes, [expected], "{reply}");
        let diff = diff(&changes[0]);
        let lines: Vec<_> = diff.lines.into_iter().map(|line| line.text).collect();
        let text =
            "rename from src/a.rs\nrename to lib/b.rs\n--- a/src/a.rs\n+++ b/lib/b.rs\n@@ -1,3 +1,3 @@";
        assert!(lines.join("\n").starts_with(text), "{lines:?}");
        assert_eq!((diff.added, diff.removed), (2, 2));
        crate::tree::apply(&bench.root(), &changes, "s").unwrap();
        let expected = [
            ("b", "b\n"),
            ("lib/", ""),
            ("lib/b.rs", "1\r\n2\r\nthree\r\n"),
            ("src/", ""),
        ];
        assert_eq!(
            bench.tree(),
            expected
                .map(|(path, text)| (path.to_owned(), text.to_owned()))
                .into()
        );
        assert_eq!(
            fs::metadata(bench.path("lib/b.rs")).unwrap().permissions().mode() & 0o777,
            0o755
        );
    }
}

#[test]
fn what_a_rename_and_a_change_do_not_say_is_not_guessed() {
    let files = [("a", "a\n"), ("b", "b\n")];
    let rename = |from: &str, to: &str| format!("```rename={from} to={to}\n```\n");
    let edit_of = |path: &str| edit(path, &[("a\n", "x\n")]);
    let table = [
        // By its old path after it moved, by its new one before.
        ([rename("a", "n"), edit_of("./a")], "colliding-edits"),
        ([edit_of("n"), rename("a", "./n")], "colliding-edits"),
        // Moved on, moved onto what is changed, changed as a whole.
        ([rename("a", "n"), rename("./n", "m")], "colliding-edits"),
        ([edit_of("b"), rename("a", "./b")], "colliding-edits"),
        (
            [rename("a", "n"), "```path=./n\nx\n```\n".to_owned()],
            "colliding-edits",
        ),
        // The same exactness as without the rename.
        (
            [rename("a", "n"), edit("n", &[("nothing\n", "x\n")])],
            "search-not-found",
        ),
        ([rename("gone", "n"), edit_of("n")], "no-such-file"),
    ];
    for (reply, rule) in table {
        let bench = Bench::new(&files);
        let before = bench.tree();
        let problems = refused(&bench, &reply.concat());
        assert!(
            problems.iter().any(|(found, _)| *found == rule),
            "{reply:?}: {problems:?}"
        );
        assert_eq!(bench.tree(), before);
    }
}

#[test]
fn links_and_read_only_files_are_neither_deleted_nor_renamed() {
    let bench = Bench::new(&[("a", "a\n"), ("ro", "r\n"), ("dir/x", "x\n")]);
    symlink("a", bench.path("link")).unwrap();
    symlink("dir", bench.path("inner")).unwrap();
    fs::set_permissions(bench.path("ro"), fs::Permissions::from_mode(0o444)).unwrap();
    for path in ["link", "inner", "inner/x", "ro", "dir", ".git/config"] {
        for reply in [
            format!("```delete={path}\n```\n"),
            format!("```rename={path} to=new\n```\n"),
            format!("```rename=a to={path}\n```\n"),
        ] {
            let rule = refused(&bench, &reply)[0].0;
            assert!(
                ["unsafe-path", "rename-target"].contains(&rule),
                "{reply}: {rule}"
            );
        }
    }
}

#[test]
fn too_many_changes_to_one_file_are_refused() {
    let bench = Bench::new(&[("a", "a\n")]);
    let blocks = vec![("a\n", "a\n"); 1_001];
    let problems = refused(&bench, &edit("a", &blocks));
    assert!(
        problems[0]
            .1
            .ends_with("it has 1001 changes, and the limit is 1000")
    );
}

#[test]
fn diffs_of_every_kind() {
    let bench = Bench::new(&[("a", "1\n2\n"), ("empty", ""), ("b", "b\n")]);
    let reply = "```delete=a\n```\n```delete=empty\n```\n```rename=b to=c/d\n```\n";
    let shown: Vec<_> = bench
        .changes(reply)
        .iter()
        .map(diff)
        .map(|diff| {
            let lines: Vec<_> = diff.lines.into_iter().map(|line| line.text).collect();
            (lines.join("\n"), diff.added, diff.removed)
        })
        .collect();
    let expected = [
        ("delete a\n--- a/a\n+++ /dev/null\n@@ -1,2 +0,0 @@\n-1\n-2", 0, 2),
        ("delete empty\n--- a/empty\n+++ /dev/null\nan empty file", 0, 0),
        ("rename from b\nrename to c/d", 0, 0),
    ];
    assert_eq!(
        shown,
        expected.map(|(text, added, removed)| (text.to_owned(), added, removed))
    );
}
