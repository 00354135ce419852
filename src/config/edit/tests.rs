use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

use super::*;

fn file(text: &str) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("config.toml");
    fs::write(&path, text).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
    (folder, path)
}

const FULL: &str = "\
# How I work.

default =   \"b\"   # for now

# The first,
# in two lines.
[endpoint.a]
kind = \"ollama\"
model = \"x\" # small

[endpoint.a.body]
temperature = 0.1

# Of the second.

[endpoint.b]  # odd  spaces
kind   = \"manual\"
# the end";

fn local() -> [(&'static str, NewValue); 2] {
    [
        ("kind", NewValue::Text("ollama".to_owned())),
        (
            "key_command",
            NewValue::List(vec!["pass".to_owned(), "a \"b\"".to_owned()]),
        ),
    ]
}

const ADDED: &str = "[endpoint.\"c.d\"]\nkind = \"ollama\"\nkey_command = [\"pass\", 'a \"b\"']\n";

fn changed(text: &str, change: impl FnOnce(&mut ConfigEdit)) -> String {
    let (_folder, path) = file(text);
    let mut edit = ConfigEdit::open(&path).unwrap();
    change(&mut edit);
    edit.save().unwrap();
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o640);
    fs::read_to_string(&path).unwrap()
}

#[test]
fn what_is_added_stands_behind_all_else_and_nothing_else_moves() {
    let add = |edit: &mut ConfigEdit| edit.add("c.d", &local()).unwrap();
    assert_eq!(changed("", add), ADDED);
    assert_eq!(changed("a = 1\n\n", add), format!("a = 1\n\n{ADDED}"));
    assert_eq!(changed(FULL, add), format!("{FULL}\n\n{ADDED}"));
    let crlf = FULL.replace('\n', "\r\n");
    let expected = format!("\u{feff}{crlf}\r\n\r\n{}", ADDED.replace('\n', "\r\n"));
    assert_eq!(changed(&format!("\u{feff}{crlf}"), add), expected);
}

#[test]
fn the_default_is_changed_in_its_place() {
    let choose = |edit: &mut ConfigEdit| edit.set_default("a").unwrap();
    assert_eq!(changed(FULL, choose), FULL.replace("\"b\"   #", "\"a\"   #"));
    assert_eq!(
        changed("[endpoint.a]\n", choose),
        "default = \"a\"\n\n[endpoint.a]\n"
    );
    assert_eq!(changed("", choose), "default = \"a\"\n");
}

#[test]
fn what_is_taken_out_takes_its_own_comment_along_and_no_other() {
    let remove = |name: &'static str| move |edit: &mut ConfigEdit| _ = edit.remove(name).unwrap();
    let own = FULL.find("# The first").unwrap()..FULL.find("# Of the second").unwrap();
    let mut without = FULL.to_owned();
    without.replace_range(own, "");
    assert_eq!(changed(FULL, remove("a")), without);
    let crlf = |text: &str| text.replace('\n', "\r\n");
    assert_eq!(changed(&crlf(FULL), remove("a")), crlf(&without));
    let own = FULL.find("[endpoint.b]").unwrap()..FULL.find("# the end").unwrap();
    let mut without = FULL.replace("\"b\"   #", "\"manual\"   #");
    without.replace_range(own.start + 4..own.end + 4 + 1, "");
    let kept = changed(FULL, remove("b"));
    assert!(kept.contains("# Of the second.\n\n# the end"), "{kept}");
    assert!(kept.contains("default =   \"manual\"   # for now"), "{kept}");
    assert!(!kept.contains("endpoint.b"), "{kept}");
    let inline = "endpoint = { a = { kind = \"manual\" }, b = { kind = \"manual\" } } # both\n";
    assert_eq!(
        changed(inline, remove("a")),
        "endpoint = { b = { kind = \"manual\" } } # both\n"
    );
}

#[test]
fn a_general_remark_above_a_part_that_stands_elsewhere_stays() {
    let text = "\
# of a
[endpoint.a]
kind = \"ollama\"

# its options
# and more

# of the body
[endpoint.a.body]
x = 1

# of b
[endpoint.b]
kind = \"manual\"

# keep: a general remark

# headers of a
[endpoint.a.headers]
X = \"1\"

# of c
[endpoint.c]
kind = \"manual\"

# keep: the last

[endpoint.a.price]
input = 1
";
    let expected = "\
# of b
[endpoint.b]
kind = \"manual\"

# keep: a general remark

# of c
[endpoint.c]
kind = \"manual\"

# keep: the last

";
    let kept = changed(text, |edit| _ = edit.remove("a").unwrap());
    assert_eq!(kept.trim_start_matches('\n'), expected);
}

#[test]
fn what_cannot_be_changed_safely_is_left_to_a_person() {
    let (_folder, path) = file("endpoint = { a = { kind = \"manual\" } }\n");
    let mut edit = ConfigEdit::open(&path).unwrap();
    let failure = edit.add("b", &local()).unwrap_err();
    assert!(
        failure.to_string().contains("a section cannot be added to"),
        "{failure}"
    );
    let failure = edit.remove("b").unwrap_err();
    assert!(
        failure.to_string().starts_with("there is no `[endpoint.b]`"),
        "{failure}"
    );
    let (_folder, path) = file("# one\r\n# two\n[endpoint.a]\nkind = \"manual\"\n");
    let failure = ConfigEdit::open(&path).unwrap().remove("a").unwrap_err();
    assert!(
        failure.to_string().ends_with("its line ends are mixed"),
        "{failure}"
    );
}

#[test]
fn a_file_that_is_new_is_nobody_elses_and_a_link_stays_one() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("new/config.toml");
    let mut edit = ConfigEdit::open(&path).unwrap();
    edit.add("c.d", &local()).unwrap();
    edit.save().unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&path), mode(path.parent().unwrap())), (0o600, 0o700));
    let link = folder.path().join("link.toml");
    std::os::unix::fs::symlink("new/config.toml", &link).unwrap();
    let mut edit = ConfigEdit::open(&link).unwrap();
    edit.remove("c.d").unwrap();
    edit.save().unwrap();
    assert_eq!(fs::read_to_string(&path).unwrap(), "");
    assert!(link.symlink_metadata().unwrap().is_symlink());
    fs::remove_file(&path).unwrap();
    let failure = ConfigEdit::open(&link).unwrap_err();
    assert!(
        failure.to_string().ends_with("is a link that leads nowhere"),
        "{failure}"
    );
}

#[test]
fn a_file_that_somebody_else_changed_is_not_written_over() {
    let (_folder, path) = file(FULL);
    let mut edit = ConfigEdit::open(&path).unwrap();
    edit.set_default("a").unwrap();
    fs::write(&path, "# mine\n").unwrap();
    assert_eq!(edit.save().unwrap_err().exit, Exit::Changed);
    assert_eq!(fs::read_to_string(&path).unwrap(), "# mine\n");
}
