use super::super::{Oddity, Script};

fn odd(text: &str) -> Vec<(usize, Oddity)> {
    let script = Script { language: "", text };
    let remarks = script.remarks();
    remarks
        .iter()
        .map(|remark| (remark.line, remark.oddity))
        .collect()
}

#[test]
fn a_line_that_a_shell_goes_past_is_seen() {
    let table: &[(&str, &[(usize, Oddity)])] = &[
        ("grep -q a b && echo ok\nls", &[(1, Oddity::GoesOn)]),
        ("[ -f a ] && echo ok\nls", &[(1, Oddity::GoesOn)]),
        ("cd a && npm test\nls", &[(1, Oddity::GoesOn)]),
        ("ls a &&\n  ls b\nls", &[(1, Oddity::GoesOn)]),
        ("ls a && \\\n  ls b\nls", &[(1, Oddity::GoesOn)]),
        ("ls a && ls b; ls", &[(1, Oddity::GoesOn)]),
        ("ls a || ls b && ls c\nls", &[(1, Oddity::GoesOn)]),
        ("make && rm -r b\nls", &[(1, Oddity::GoesOn)]),
        (
            "for f in a b; do [ -f $f ] && echo ok; done",
            &[(1, Oddity::GoesOn)],
        ),
        (
            "for f in a b; do\n  [ -f $f ] && echo ok\ndone",
            &[(2, Oddity::GoesOn)],
        ),
        ("if ls; then\n  ls a && ls b\n  ls c\nfi", &[(2, Oddity::GoesOn)]),
        ("! grep -q a b\nls", &[(1, Oddity::Negated)]),
        ("[ -f b ] && ! grep -q a b\nls", &[(1, Oddity::Negated)]),
        ("set +e\nls\nls", &[(1, Oddity::KeepsOn)]),
        ("set +ex\nls\nls", &[(1, Oddity::KeepsOn)]),
        ("set +o errexit\nls\nls", &[(1, Oddity::KeepsOn)]),
        ("set +e; ls\nset -e\necho $?", &[(1, Oddity::KeepsOn)]),
        ("exit 0\nls", &[(1, Oddity::EndsEarly)]),
        ("ls && exit 0\nls", &[(1, Oddity::EndsEarly)]),
        (
            "if ! type -p x; then\n  exit 0\nfi\nls",
            &[(2, Oddity::EndsEarly)],
        ),
        ("ls || exit 0\nls", &[(1, Oddity::Masked)]),
        ("ls || exit\nls", &[(1, Oddity::EndsEarly)]),
        ("if ls; then exit 0; fi\nls\nexit 1", &[(1, Oddity::EndsEarly)]),
        ("ls && VERSION=1 make\nls", &[(1, Oddity::GoesOn)]),
        ("ls && export A=.\nls", &[(1, Oddity::GoesOn)]),
        ("ls && (( n++ ))\nls", &[(1, Oddity::GoesOn)]),
        ("ls && n=1\necho $n", &[(1, Oddity::GoesOn)]),
        ("for i in 1 2; do ls && break; done\nls", &[(1, Oddity::GoesOn)]),
        ("x=$(ls)\n[ -n \"$x\" ] && echo ok\nls", &[(2, Oddity::GoesOn)]),
        ("ls && ls a\necho $?", &[(1, Oddity::GoesOn)]),
        ("set +e\nls\necho \"exit code: $?\"", &[(1, Oddity::KeepsOn)]),
        ("ls || echo failed || exit 1\nls", &[(1, Oddity::Masked)]),
        ("trap 'rm -f t; exit 0' EXIT\nls", &[(1, Oddity::Overwrites)]),
        (
            "end() {\n  exit 0\n}\ntrap end EXIT\nls",
            &[(2, Oddity::EndsEarly), (4, Oddity::Overwrites)],
        ),
    ];
    for (text, expected) in table {
        assert_eq!(odd(text), *expected, "{text}");
    }
}

#[test]
fn what_is_handled_on_purpose_is_left_alone() {
    let table = [
        "ls\nls",
        // The last command tells how the check ends.
        "ls\ngrep -q a b && echo ok",
        "ls\n! grep -q a b",
        "ls a &&\n  ls b",
        "ls\nif ls; then\n  ls a && ls b\nfi",
        "ls\nif ls; then ls a && ls b; fi",
        "ls\nexit 0",
        // Another way is taken.
        "ls a && ls b || exit 1\nls",
        "! grep -q a b || exit 1\nls",
        "grep -q a b && exit 1\nls",
        "grep -q a b && { echo bad; exit 1; }\nls",
        "grep -q a b && {\n  echo bad\n  exit 1\n}\nls",
        "grep -q a b && (echo bad; exit 1)\nls",
        "for i in 1 2; do ls && break; sleep 1; done\nls",
        "until ls; do\n  n=$((n + 1))\n  [ $n -gt 9 ] && exit 1\ndone\nls",
        // A condition.
        "if ls a && ls b; then ls; fi\nls",
        "if ! ls; then ls; fi\nls",
        "while ls && ls a; do ls; done\nls",
        "grep -q a b || ls\nls",
        "[ -f .env ] && . ./.env\nls",
        "[ -d b ] && rm -r b\nls",
        "command -v x >/dev/null && pip install x\nls",
        "kill -0 $pid && kill $pid\nls",
        "grep -q a b && found=1\n[ -z \"$found\" ]\nls",
        "for i in 1 2; do\n  ls && break\n  sleep 1\ndone\nls",
        "fail() {\n  echo \"$1\"\n  exit 1\n}\nls && fail no\nls",
        "[ -f .env ] && set -a && . .env && set +a\nls",
        "[ -n \"$CI\" ] && echo ci\nls",
        "[ -f package-lock.json ] && npm ci\nls",
        "for i in 1 2; do\n  ls && exit 0\n  sleep 1\ndone\necho no\nexit 1",
        "trap 'rc=$?; exit $rc' EXIT\nls",
        // The status is looked at.
        "set +e\nls\ncode=$?\nset -e\ntest $code = 2",
        "ls a && ls b\ntest $? = 1",
        // No commands.
        "echo 'ls && ls'\nls",
        "python3 -c '\na && b\nc'\nls",
        "cat > x <<EOF\nls && ls\nexit 0\nEOF\nls",
        "(cd a && ls)\nls",
        "x=$(cd a && ls)\nls",
        "ls # a && b\nls",
        "set -e\nset -euo pipefail\nls",
    ];
    for text in table {
        assert_eq!(odd(text), [], "{text}");
    }
}
