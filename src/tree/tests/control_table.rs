use super::super::control::CONTROL;
use super::super::control_table::ControlTable;
use super::super::path::folded;

type Words<'a> = Vec<(&'static str, &'a str)>;

fn words<'a>(table: &[(&'static str, &'a str)]) -> Words<'a> {
    let rows = table.iter();
    rows.flat_map(|(what, words)| words.split_whitespace().map(move |word| (*what, word)))
        .collect()
}

/// What the table says of a path, read word by word as its documentation has it.
fn plainly(words: &Words<'_>, path: &str) -> Option<&'static str> {
    let names: Vec<&str> = path.split('/').collect();
    let found = words.iter().find(|(_, word)| is_meant(&names, word));
    found.map(|(what, _)| *what)
}

fn is_meant(names: &[&str], word: &str) -> bool {
    let (name, above) = names.split_last().unwrap();
    if let Some(folder) = word.strip_suffix('/') {
        return (0..above.len()).any(|from| begins(&above[from..], folder));
    }
    if let Some((begin, end)) = word.split_once('*') {
        let rest = name.strip_prefix(begin);
        let is_source = || {
            ".rs .md .py .ts .js .go .java .kt .rb .php .c .h .cc .cpp .cs .swift .html .css .txt .svg"
                .split(' ')
                .any(|end| name.ends_with(end))
        };
        return rest.is_some_and(|rest| rest.ends_with(end))
            && (!end.is_empty() || begin.starts_with('.') || !is_source());
    }
    let count = word.matches('/').count() + 1;
    let from = names.len().checked_sub(count);
    from.is_some_and(|from| begins(&names[from..], word))
}

fn begins(names: &[&str], path: &str) -> bool {
    let mut names = names.iter();
    path.split('/').all(|name| names.next() == Some(&name))
}

/// Names that a word of the table stands for, and some that come near.
fn near(word: &str) -> Vec<String> {
    let bare = word.trim_end_matches('/');
    let mut near: Vec<String> = ["", "x.", "/"].map(|middle| bare.replace('*', middle)).into();
    near.extend(["x", ".md"].map(|end| format!("{}{end}", bare.replace('*', "."))));
    near.push(format!("x{}", bare.replace('*', "")));
    near.extend(bare.split('/').map(str::to_owned));
    near.push(bare.replacen('/', "/x/", 1));
    near.push(bare[1..].to_owned());
    near.push(bare[..bare.len() - 1].to_owned());
    near
}

#[test]
fn a_path_is_what_the_first_row_says_that_has_it() {
    let table = ControlTable::get();
    let words = words(CONTROL);
    let (mut known, mut ordinary) = (0, 0);
    for (_, word) in &words {
        for name in near(word) {
            for path in [
                name.clone(),
                format!("a/b.c/{name}. "),
                format!("a/{}/x/y.rs", name.to_uppercase()),
                format!("a{name}/x"),
            ] {
                let path = folded(&path);
                let expected = plainly(&words, &path);
                assert_eq!(table.what(&path), expected, "`{path}`");
                *if expected.is_some() {
                    &mut known
                } else {
                    &mut ordinary
                } += 1;
            }
        }
    }
    assert!(known > 5_000 && ordinary > 5_000, "{known} {ordinary}");
}

#[test]
fn of_two_rows_that_have_a_file_the_first_says_what_it_is() {
    let table = ControlTable::get();
    let of_all = words(CONTROL);
    let firsts = CONTROL
        .iter()
        .flat_map(|(_, words)| words.split_whitespace().next());
    for folder in of_all.iter().filter(|(_, word)| word.ends_with('/')) {
        for word in firsts.clone().chain(["makefile", "claude.md", "x.csproj"]) {
            let path = format!("a/{}{}", folder.1, word.replace('*', "x"));
            assert_eq!(table.what(&path), plainly(&of_all, &path), "`{path}`");
        }
    }
    let turned: &[(&str, &str)] = &[
        ("one", "b* in/ of/x"),
        ("two", "build in/deep/ x *.y"),
        ("three", "a in/deep/a *.z deep/"),
    ];
    let (table, of_turned) = (ControlTable::of(turned), words(turned));
    let said = [
        ("build", Some("one")),
        ("a", Some("three")),
        ("in/a", Some("one")),
        ("in/deep/a", Some("one")),
        ("deep/a", Some("three")),
        ("deep/x", Some("two")),
        ("of/x", Some("one")),
        ("loof/x", Some("two")),
        ("c.y", Some("two")),
        ("b.y", Some("one")),
        ("b.md", None),
        ("b.z", Some("one")),
        ("c.z", Some("three")),
        ("bin/y", None),
        ("in", None),
        ("", None),
    ];
    for (path, what) in said {
        assert_eq!(table.what(path), what, "`{path}`");
        assert_eq!(plainly(&of_turned, path), what, "plainly `{path}`");
    }
}

mod any_path {
    use proptest::prelude::*;

    use super::*;

    fn name() -> impl Strategy<Value = String> {
        let words: Vec<String> = CONTROL
            .iter()
            .flat_map(|(_, words)| words.split_whitespace())
            .flat_map(|word| word.split('/').map(str::to_owned))
            .filter(|name| !name.is_empty())
            .collect();
        let word = prop::sample::select(words);
        prop_oneof![
            (word, "[a-z.]{0,3}").prop_map(|(word, middle)| word.replace('*', &middle)),
            "[A-Za-z.\u{212a}-]{1,6}",
        ]
    }

    proptest! {
        #[test]
        fn is_what_the_first_row_says_that_has_it(names in prop::collection::vec(name(), 1..5)) {
            let path = folded(&names.join("/"));
            prop_assert_eq!(ControlTable::get().what(&path), plainly(&words(CONTROL), &path), "`{}`", path);
        }
    }
}
