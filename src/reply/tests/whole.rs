use super::super::{FileEdit, file_edits};
use crate::words::Exit;

fn files(reply: &str) -> Vec<(String, String)> {
    let edits = file_edits(reply).unwrap();
    edits.into_iter().map(|edit| (edit.path, edit.content)).collect()
}

fn pair(path: &str, content: &str) -> (String, String) {
    (path.to_owned(), content.to_owned())
}

#[test]
fn reads_whole_files() {
    let table: &[(&str, &[(&str, &str)])] = &[
        ("no files at all", &[]),
        ("```sh\nls\n```\n", &[]),
        ("```sh path=a.sh\nls\n```\n", &[("a.sh", "ls\n")]),
        ("```path=a.sh\nls\n```", &[("a.sh", "ls\n")]),
        ("```sh title=x path=a.sh numbered\nls\n```", &[("a.sh", "ls\n")]),
        ("~~~ path=\"a b/c.txt\"\n```\n~~~\n", &[("a b/c.txt", "```\n")]),
        (
            "```` md path=a.md\n```sh\nls\n```\n````\n",
            &[("a.md", "```sh\nls\n```\n")],
        ),
        ("````path=a\n```\n`````\n", &[("a", "```\n")]),
        (
            "1. first\n\n   ```c path=a.c\n   int a;\n     b\n\n   ```\n2. next\n",
            &[("a.c", "int a;\n  b\n\n")],
        ),
        ("- ```path=a\n  x\n  ```\n", &[("a", "x\n")]),
        ("```path=a\r\nx\r\n\r\ny\r\n```\r\n", &[("a", "x\n\ny\n")]),
        ("```path=empty\n```\n", &[("empty", "")]),
        ("```path=a\n\n\n```\n\n\n", &[("a", "\n\n")]),
        ("> ```path=a\n> x\n> ```\n", &[]),
        ("<!--\n```path=a\nx\n```\n-->\n", &[]),
        (
            "```path=a\nx\n```\ntext\n```path=b\ny\n```",
            &[("a", "x\n"), ("b", "y\n")],
        ),
        ("```path=a\nx\n    ```\n```\n", &[("a", "x\n    ```\n")]),
    ];
    for (reply, expected) in table {
        let expected: Vec<_> = expected
            .iter()
            .map(|(path, content)| pair(path, content))
            .collect();
        assert_eq!(files(reply), expected, "{reply:?}");
    }
}

#[test]
fn span_is_the_block() {
    let reply = "text\n\n```path=a\nx\n```\nmore";
    let expected = FileEdit {
        path: "a".to_owned(),
        content: "x\n".to_owned(),
        span: 6..21,
    };
    assert_eq!(file_edits(reply), Ok(vec![expected]));
}

#[test]
fn part_of_a_reply_is_never_used() {
    let table = [
        ("```path=a\nx\n", "unclosed-fence", 1),
        ("```path=a\nx", "unclosed-fence", 1),
        ("```path=a", "unclosed-fence", 1),
        ("```path=a\nx\n\n\n", "unclosed-fence", 1),
        ("```path=a\nx\n    ```", "unclosed-fence", 1),
        ("````path=a\nx\n```", "unclosed-fence", 1),
        ("```path=a\nx\n~~~", "unclosed-fence", 1),
        ("- ```path=a\n  x\n\ntext\n", "unclosed-fence", 1),
        ("```md path=a\n```sh\nls\n```\nmore\n```\n", "unclosed-fence", 6),
        ("```path=a\nx\n```\n```py\ny\n", "unclosed-fence", 4),
        ("\n```sh path=\nx\n```\n", "bad-edit-path", 2),
        ("```sh path=\"\"\nx\n```\n", "bad-edit-path", 1),
        ("```sh path=\"a\nx\n```\n", "bad-edit-path", 1),
        ("```sh path=\"a\"b\nx\n```\n", "bad-edit-path", 1),
        ("```sh path=a path=b\nx\n```\n", "bad-edit-path", 1),
        ("```path=a\nx\n```\n\n```path=a\nx\n```\n", "edit-twice", 5),
    ];
    for (reply, rule, line) in table {
        let failure = file_edits(reply).unwrap_err();
        let diagnostic = &failure.diagnostics[0];
        let place = diagnostic.place.as_ref().unwrap();
        assert_eq!(
            (failure.exit, diagnostic.rule, place.line),
            (Exit::ReplyUnusable, rule, line),
            "{reply:?}"
        );
    }
}

#[test]
fn names_both_blocks() {
    let failure = file_edits("```path=a\nx\n```\n\n```path=a\nx\n```\n").unwrap_err();
    assert_eq!(
        failure.diagnostics[0].found.as_deref(),
        Some("blocks in line 1 and line 5")
    );
    assert_eq!(failure.diagnostics[0].related[0].0.line, 1);
}

proptest::proptest! {
    #[test]
    fn survives_any_reply(reply in "([`~> \\-\\n\"=a]|path=|```|\\r\\n|<!--|-->){0,60}") {
        if let Ok(edits) = file_edits(&reply) {
            for edit in edits {
                proptest::prop_assert!(reply.get(edit.span).is_some());
            }
        }
    }

    #[test]
    fn content_comes_back(content in "([a-z` ~]{0,9}\\n){0,8}") {
        let reply = format!("``````````path=x\n{content}``````````\n");
        proptest::prop_assert_eq!(files(&reply), vec![pair("x", &content)]);
    }
}
