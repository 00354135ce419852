use super::super::{Block, Edit, Edits, What, edits};

fn read(reply: &str) -> Vec<(String, What)> {
    let Edits { edits, problems } = edits(reply);
    assert_eq!(problems, [], "{reply}");
    edits.into_iter().map(|edit| (edit.path, edit.what)).collect()
}

fn block(search: &str, replace: &str, line: usize) -> Block {
    Block {
        search: search.to_owned(),
        replace: replace.to_owned(),
        line,
    }
}

fn edit_of(path: &str) -> String {
    format!("```edit={path}\n<<<<<<< SEARCH\na\n=======\nb\n>>>>>>> REPLACE\n```\n")
}

#[test]
fn reads_every_kind() {
    let reply = "\
Words.

```rust edit=src/a.rs
<<<<<<< SEARCH
old
=======
new
>>>>>>> REPLACE

<<<<<<< SEARCH
gone

=======
>>>>>>> REPLACE
```

```delete=\"old name.txt\"
```

~~~~ text rename=a/b to=\"c d\"

~~~~
- ```edit=src/a.rs
  <<<<<<<< SEARCH
  =======
  <<<<<<< SEARCH
  ========  
    in
  >>>>>>>> REPLACE
  ```
";
    let a = "src/a.rs".to_owned();
    let expected = [
        (
            a.clone(),
            What::Blocks(vec![block("old\n", "new\n", 4), block("gone\n\n", "", 10)]),
        ),
        ("old name.txt".to_owned(), What::Delete),
        ("a/b".to_owned(), What::Rename("c d".to_owned())),
        (
            a,
            What::Blocks(vec![block("=======\n<<<<<<< SEARCH\n", "  in\n", 24)]),
        ),
    ];
    assert_eq!(read(reply), expected);
}

#[test]
fn carriage_returns_at_line_ends_do_not_matter() {
    let reply = "```edit=a\r\n<<<<<<< SEARCH\r\nx\r\n=======\r\ny\r\n>>>>>>> REPLACE\r\n```\r\n";
    assert_eq!(
        read(reply),
        [("a".to_owned(), What::Blocks(vec![block("x\n", "y\n", 2)]))]
    );
}

#[test]
fn other_words_mean_nothing() {
    for reply in [
        "```sh to=a\n```\n",
        "```sh to=\"a\n```\n",
        "```sh xdelete=a edits=b\n```\n",
        "```sh delete\n```\n",
        "```sh title=\"a b\n```\n",
        "```sh title='it is' x=it's\n```\n",
        "```{.python #path}\n```\n",
        "~~~sh filepath=a mypath=\"b c\"\n~~~\n",
        "<!--\n```delete=a\n```\n-->\n",
        "<!-- a\n\n    ```delete=a\n-->\n",
        "Words <!--\n    ```delete=a\n--> more.\n",
        "````md\n    ```delete=a\n    ```\n````\n",
        "> - x\n>\n>       ```delete=a\n>       ```\n",
        "```delete=a``` takes a file away.\n",
        "    ```sh\n    ls\n    ```\n",
        "> ```delete=a\n> ```\n",
        "<<<<<<< SEARCH\na\n=======\nb\n>>>>>>> REPLACE\n",
    ] {
        assert_eq!(read(reply), [], "{reply}");
    }
}

#[test]
fn what_is_not_clear_is_a_problem() {
    const SEARCH: &str = "<<<<<<< SEARCH";
    const END: &str = ">>>>>>> REPLACE";
    let edit = |content: &str| format!("```edit=a\n{content}\n```\n");
    let table = [
        ("```delete=a\nx\n```\n".to_owned(), "bad-edit-block", 1),
        ("```rename=a to=b\nx\n```\n".to_owned(), "bad-edit-block", 1),
        ("```rename=a\n```\n".to_owned(), "bad-edit-path", 1),
        ("```delete=a to=b\n```\n".to_owned(), "bad-edit-path", 1),
        ("```rename=a to=b to=c\n```\n".to_owned(), "bad-edit-path", 1),
        ("```path=a delete=a\n```\n".to_owned(), "bad-edit-path", 1),
        ("```delete=\n```\n".to_owned(), "bad-edit-path", 1),
        ("```rename=a to=\"b\n```\n".to_owned(), "bad-edit-path", 1),
        (
            format!("```path=a\n\n{SEARCH}\na\n=======\nb\n{END}\n```\n"),
            "bad-edit-block",
            1,
        ),
        ("```edit=a\n```\n".to_owned(), "bad-edit-block", 1),
        (edit("x"), "bad-edit-block", 2),
        (edit(&format!("{SEARCH}\na")), "bad-edit-block", 2),
        (edit(&format!("{SEARCH}\na\n=======\nb")), "bad-edit-block", 2),
        (
            edit(&format!("{SEARCH}\na\n=======\nb\n=======\nc\n{END}")),
            "bad-edit-block",
            6,
        ),
        (
            edit(&format!("{SEARCH}\n{SEARCH}\n=======\n{END}")),
            "bad-edit-block",
            3,
        ),
        (edit(&format!("{SEARCH}\na\n{END}")), "bad-edit-block", 4),
        (
            edit(&format!("{SEARCH}\na\n=======\nb\n{END}\nwords")),
            "bad-edit-block",
            7,
        ),
        (
            edit(&format!("{SEARCH}\na\n======\nb\n{END}")),
            "bad-edit-block",
            6,
        ),
        (
            "```path=a\nx\n```\n```delete=a\n```\n".to_owned(),
            "edit-twice",
            4,
        ),
        (
            "```rename=b to=a\n```\n```path=a\n```\n".to_owned(),
            "edit-twice",
            3,
        ),
        ("```rename=a to=a\n```\n".to_owned(), "edit-twice", 1),
        (
            format!("```rename=a to=b\n```\n{}", edit_of("a")),
            "edit-twice",
            3,
        ),
        (
            format!("{}```rename=a to=b\n```\n", edit_of("b")),
            "edit-twice",
            8,
        ),
        (
            "```rename=a to=b\n```\n```rename=b to=c\n```\n".to_owned(),
            "edit-twice",
            3,
        ),
        (
            format!("```rename=a to=b\n```\n{}```rename=b to=c\n```\n", edit_of("b")),
            "edit-twice",
            10,
        ),
        ("```edit=a\n<<<<<<< SEARCH\na\n".to_owned(), "unclosed-fence", 1),
    ];
    assert_problems(table);
}

/// Fails where a reply has other problems than the one of this rule in this line.
fn assert_problems<S: std::borrow::Borrow<str>>(table: impl IntoIterator<Item = (S, &'static str, usize)>) {
    for (reply, rule, line) in table {
        let reply = reply.borrow();
        let problems = edits(reply).problems;
        let found: Vec<_> = problems
            .iter()
            .map(|problem| (problem.rule, problem.place.as_ref().unwrap().line))
            .collect();
        assert_eq!(found, [(rule, line)], "{reply}");
    }
}

#[test]
fn a_path_whose_end_is_in_doubt_is_a_problem() {
    assert_problems(
        [
            "```x title=\"x path=evil.txt\"\n```\n",
            "```x title='x path=evil.txt'\n```\n",
            "```x title=\"x path=evil.txt\n```\n",
            "```x path=a title=\"x y\n```\n",
            "```{.python path=one.py}\n```\n",
            "```{path=one.py}\n```\n",
            "```{.python path=\"one.py\"}\n```\n",
            "```python,path=one.py\n```\n",
            "```python:path=one.py\n```\n",
            "```x Path=one.py\n```\n",
            "```x DELETE=one.py\n```\n",
            "```x path=c.txt,\n```\n",
            "```x path=c.txt; x\n```\n",
            "```x path='c.txt'\n```\n",
            "```x path=a'b\n```\n",
            "~~~x path=`c.txt`\n~~~\n",
            "```x path={c}.txt\n```\n",
            "```x path=a\u{3000}b.txt\n```\n",
            "```x path=a\u{a0}b.txt\n```\n",
        ]
        .map(|reply| (reply, "bad-edit-path", 1)),
    );
    let fine = [
        ("```x path=\"it's {a}, b,\"\n```\n", "it's {a}, b,"),
        ("```x title=\"a b\" path=a\n```\n", "a"),
        ("```x path=a title='x y'\n```\n", "a"),
        ("```x path=a\tb\n```\n", "a"),
        ("```x path=[id].tsx\u{3000}\n```\n", "[id].tsx"),
    ];
    for (reply, path) in fine {
        assert_eq!(
            read(reply),
            [(path.to_owned(), What::Whole(String::new()))],
            "{reply}"
        );
    }
}

#[test]
fn an_edit_that_markdown_takes_for_text_is_a_problem() {
    let table = [
        (
            "<details>\n<summary>s</summary>\n```x path=a\nb\n```\n</details>\n",
            3,
        ),
        ("<div>\n    ~~~x edit=a\n    ~~~\n</div>\n", 2),
        ("<details>\n<!--\n```delete=a\n```\n-->\n</details>\n", 3),
        ("1. x\n\n       ```x path=a\n       b\n       ```\n", 3),
        ("1. x\n        ```x path=a\n", 2),
        ("Words\n    ```rename=a to=b\n    ```\n", 2),
        ("    ```x path=a\n    b\n    ```\n", 1),
        ("-     ```x path=a\n      ```\n", 1),
        ("\t```{path=a}\n\t```\n", 1),
        ("```x path=good\n```\n\n    ```x path=a\n", 4),
        ("````md\n```x path=a\n```\n````\n    ```delete=b\n", 5),
    ];
    assert_problems(table.map(|(reply, line)| (reply, "unread-edit", line)));
}

#[test]
fn all_problems_are_told_and_the_rest_is_read() {
    let read = edits("```delete=a\nx\n```\n```path=ok\n```\n```rename=a\n```\n");
    let rules: Vec<_> = read.problems.iter().map(|problem| problem.rule).collect();
    let edit = Edit {
        path: "ok".to_owned(),
        what: What::Whole(String::new()),
        span: 18..32,
    };
    assert_eq!(
        (rules, read.edits),
        (vec!["bad-edit-block", "bad-edit-path"], vec![edit])
    );
}

/// The reply that asks for an edit, as the documentation has it.
fn written(edit: &Edit) -> String {
    let path = &edit.path;
    match &edit.what {
        What::Whole(content) => format!("``````````x path=\"{path}\"\n{content}``````````\n"),
        What::Blocks(blocks) => {
            let blocks: String = blocks
                .iter()
                .map(|block| {
                    format!(
                        "<<<<<<<<< SEARCH\n{}=========\n{}>>>>>>>>> REPLACE\n",
                        block.search, block.replace
                    )
                })
                .collect();
            format!("``````````x edit=\"{path}\"\n{blocks}``````````\n")
        }
        What::Delete => format!("``````````delete=\"{path}\"\n``````````\n"),
        What::Rename(to) => format!("``````````rename=\"{path}\" to=\"{to}\"\n``````````\n"),
    }
}

proptest::proptest! {
    #[test]
    fn survives_any_reply(reply in "([`~> \\-\\n\"=a\\r]|path=|edit=|delete=|rename=|to=|```|\\r\\n|<<<<<<< SEARCH\\n|=======\\n|>>>>>>> REPLACE\\n){0,60}") {
        let read = edits(&reply);
        let mut last = 0;
        for edit in &read.edits {
            proptest::prop_assert!(reply.get(edit.span.clone()).is_some() && edit.span.start >= last);
            last = edit.span.end;
        }
        // What was understood, written as it is documented, is understood as the same.
        for edit in read.edits {
            let plain = |text: &str| !text.contains(['\r', '"', '`']) && !text.is_empty();
            let fine = match &edit.what {
                What::Rename(to) => plain(to),
                What::Whole(content) => !content.contains('\r'),
                What::Blocks(blocks) => blocks.iter().all(|block| !block.search.contains('\r') && !block.replace.contains('\r')),
                What::Delete => true,
            };
            if !fine || !plain(&edit.path) || edit.path.trim() != edit.path {
                continue;
            }
            let again = edits(&written(&edit));
            proptest::prop_assert_eq!(&again.problems, &[]);
            let lines = |what: &What| match what {
                What::Blocks(blocks) => What::Blocks(blocks.iter().map(|block| Block { line: 0, ..block.clone() }).collect()),
                other => other.clone(),
            };
            let [read] = &again.edits[..] else { panic!("{again:?}") };
            proptest::prop_assert_eq!((&read.path, lines(&read.what)), (&edit.path, lines(&edit.what)));
        }
    }

    #[test]
    fn no_half_of_a_reply_is_another_one(cut in 0_usize..200) {
        let reply = "```edit=a\n<<<<<<< SEARCH\na\n=======\nb\n>>>>>>> REPLACE\n<<<<<<< SEARCH\nc\n=======\nd\n>>>>>>> REPLACE\n```\n```delete=b\n```\n";
        let whole = edits(reply);
        let half = edits(&reply[..cut.min(reply.len())]);
        let same = half.edits.iter().zip(&whole.edits).all(|(half, whole)| (&half.path, &half.what) == (&whole.path, &whole.what));
        proptest::prop_assert!(same && half.edits.len() <= whole.edits.len());
        let open = reply[..cut.min(reply.len())].matches("```").count() % 2 == 1;
        proptest::prop_assert_eq!(open, !half.problems.is_empty());
    }
}
