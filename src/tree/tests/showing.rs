use super::super::{Change, Diff, LineKind, Links, RelativePath, diff, preview};
use super::{Bench, file_edits};

fn change(before: Option<&[u8]>, after: &[u8]) -> Change {
    Change {
        path: RelativePath::parse("dir/a").unwrap(),
        before: before.map(<[u8]>::to_vec),
        from: None,
        after: Some(after.to_vec()),
        mode: None,
        after_mode: None,
        link: Links::default(),
        protection: None,
        declared: true,
    }
}

fn text(diff: &Diff) -> String {
    diff.lines.iter().map(|line| format!("{}\n", line.text)).collect()
}

#[test]
fn a_preview_holds_what_would_change() {
    use std::os::unix::fs::PermissionsExt as _;
    let bench = Bench::new(&[("same", "x\n"), ("src/old", "a\n")]);
    std::fs::set_permissions(bench.path("src/old"), std::fs::Permissions::from_mode(0o750)).unwrap();
    let edits = file_edits(&[
        ("same", "x\n"),
        ("./src/old", "b\n"),
        ("new/f", "n\n"),
        ("Makefile", "all:\n"),
    ]);
    let declared = ["src/old".to_owned(), "new/".to_owned()];
    let path = |path| RelativePath::parse(path).unwrap();
    let expected = vec![
        Change {
            path: path("src/old"),
            before: Some(b"a\n".to_vec()),
            from: None,
            after: Some(b"b\n".to_vec()),
            mode: Some(0o750),
            after_mode: None,
            link: Links::default(),
            protection: None,
            declared: true,
        },
        Change {
            path: path("new/f"),
            before: None,
            from: None,
            after: Some(b"n\n".to_vec()),
            mode: None,
            after_mode: None,
            link: Links::default(),
            protection: None,
            declared: true,
        },
        Change {
            path: path("Makefile"),
            before: None,
            from: None,
            after: Some(b"all:\n".to_vec()),
            mode: None,
            after_mode: None,
            link: Links::default(),
            protection: Some("build"),
            declared: false,
        },
    ];
    assert_eq!(preview(&bench.root(), &edits, &declared), Ok(expected));
    assert_eq!(bench.tree().len(), 3, "nothing written");
}

#[test]
fn a_read_only_file_stays() {
    use std::os::unix::fs::PermissionsExt as _;
    let bench = Bench::new(&[("ro", "x\n")]);
    std::fs::set_permissions(bench.path("ro"), std::fs::Permissions::from_mode(0o444)).unwrap();
    let failure = preview(&bench.root(), &file_edits(&[("ro", "y\n")]), &[]).unwrap_err();
    assert!(failure.to_string().ends_with("it is read-only"), "{failure}");
}

#[test]
fn a_diff_is_unified_and_counted() {
    let before = b"1\n2\n3\n4\n5\n6\n7\n8\n9\n";
    let after = b"1\n2\n3\n4\nfive\n6\n7\n8\n9\n10";
    let diff = diff(&change(Some(before), after));
    let expected = "--- a/dir/a\n+++ b/dir/a\n@@ -2,8 +2,9 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n 9\n+10\n\\ no newline at end of file\n";
    assert_eq!((text(&diff).as_str(), diff.added, diff.removed), (expected, 2, 1));
    let kinds: Vec<_> = diff.lines.iter().map(|line| line.kind).collect();
    use LineKind::{Added, Context, File, Hunk, Note, Removed};
    let c = Context;
    assert_eq!(
        kinds,
        [File, File, Hunk, c, c, c, Removed, Added, c, c, c, c, Added, Note]
    );
}

#[test]
fn new_empty_and_binary_files_are_told() {
    let new = diff(&change(None, b"a\n"));
    assert_eq!(text(&new), "--- /dev/null\n+++ b/dir/a\n@@ -0,0 +1 @@\n+a\n");
    assert_eq!(
        text(&diff(&change(None, b""))),
        "--- /dev/null\n+++ b/dir/a\nan empty file\n"
    );
    let binary = diff(&change(Some(b"\xff\xfe"), b"a\n"));
    assert_eq!(
        text(&binary),
        "--- a/dir/a\n+++ b/dir/a\na binary file: 2 bytes before, 2 after\n"
    );
    assert_eq!((binary.added, binary.removed), (0, 0));
}

#[test]
fn a_diff_hides_nothing() {
    let diff = diff(&change(
        Some(b"a\r\n\tb\n"),
        "a\n\tb\u{202e}\u{1b}[2J\n".as_bytes(),
    ));
    assert_eq!(
        text(&diff),
        "--- a/dir/a\n+++ b/dir/a\n@@ -1,2 +1,2 @@\n-a\\u{d}\n-\tb\n+a\n+\tb\\u{202e}\\u{1b}[2J\n"
    );
}
