use super::super::Script;
use super::super::tests::Bench;
use super::{Doubt, Why};

fn doubts(text: &str) -> Vec<(usize, Why)> {
    let outcome = Bench::new().run(text);
    let doubts = outcome.doubts();
    assert!(doubts.is_empty() || outcome.passed(), "{text}");
    doubts.iter().map(|Doubt { line, why }| (*line, *why)).collect()
}

#[test]
fn a_command_that_the_shell_went_past_is_a_doubt() {
    let table: &[(&str, &[(usize, Why)])] = &[
        ("grep -q a none && echo ok\ntrue", &[(1, Why::Failed(2))]),
        ("[ -f none ] && echo ok\ntrue", &[(1, Why::Failed(1))]),
        ("! true\ntrue", &[(1, Why::Failed(1))]),
        (
            "set +e\nfalse\n(exit 3)\ntrue",
            &[(2, Why::Failed(1)), (3, Why::Failed(3))],
        ),
        ("cd none && true\ntrue", &[(1, Why::Failed(1))]),
        ("if true; then\n  false && true\nfi\ntrue", &[(1, Why::Failed(1))]),
        (
            "for i in 1; do false && echo ok; done\ntrue",
            &[(1, Why::Failed(1))],
        ),
        ("false \\\n  && true\ntrue", &[(1, Why::Failed(1))]),
        ("exit 0\nfalse\nfalse", &[(2, Why::NotRun)]),
        ("if true; then exit 0; fi\n\n(true)\ntrue", &[(3, Why::NotRun)]),
        ("exec true\nfalse", &[(2, Why::NotRun)]),
        ("! true\nexit 0\nls", &[(1, Why::Failed(1)), (3, Why::NotRun)]),
    ];
    for (text, expected) in table {
        assert_eq!(doubts(text), *expected, "{text}");
    }
}

#[test]
fn a_failure_that_is_handled_on_purpose_is_none() {
    let table = [
        "true\n(true)\ntrue",
        "false\ntrue",
        "if ! false; then true; fi\ntrue",
        "if false && true; then true; fi\ntrue",
        "false || true\ntrue",
        "grep -q a none || true\ntrue",
        "while false; do true; done\ntrue",
        "[ -f none ] && rm none\ntrue",
        "false && exit 1\ntrue",
        "false && { echo bad; exit 1; }\ntrue",
        "false && {\n  echo bad\n  exit 1\n}\ntrue",
        "until [ \"$x\" ]; do\n  x=1\n  [ \"$x\" = 2 ] && exit 1\ndone\ntrue",
        "set +e\nfalse\ncode=$?\nset -e\ntest $code = 1",
        "false && true\ntest $? = 1",
        "cat <<E >/dev/null\na && b\nE\ntrue",
        "true\nf() { true; }",
        "true\nfunction f {\n  true\n}",
        "trap 'true' DEBUG\ntrue",
        "true | true\necho ${PIPESTATUS[0]}",
        "true\nexit 0",
        "true\nexit 0\n# no more",
        "sleep 0 &\nwait",
        "true; true",
        "case a in\n a) true ;;\nesac\n[[ a == a ]]\n((1))\nx=(1 2)\ntime true",
        "coproc true\ntrue",
    ];
    for text in table {
        assert_eq!(doubts(text), [], "{text}");
    }
}

#[test]
fn a_question_is_one_only_where_its_answer_is_used() {
    let failed = [
        "(exit 3) && VERSION=1 true\ntrue",
        "cd none && CI=1 make\ntrue",
        "cd none && export PYTHONPATH=.\ntrue",
        "(exit 3) && exit 0\necho on",
        "(exit 3) && exit\necho on",
        "(exit 3) && break\necho on",
        "(exit 3) && (( n++ ))\necho on",
        "(exit 3) && n=1\necho $n",
        "for i in 1 2; do (exit 3) && break; done\ntrue",
        "[ -d . ] && (exit 3) && set +a\ntrue",
        "[ -f none ] && cat none\ntrue",
        "X=$(true)\n[ -n \"$X\" ] && echo found\ntrue",
        "read -r X </dev/null || true\n[ -n \"$X\" ] && echo found\ntrue",
        "[ -n \"$(true)\" ] && echo found\ntrue",
        "[ -n \"$NONE\" ] && make\ntrue",
        "fail() { echo \"$1\"; true; }\nfalse && fail no\ntrue",
    ];
    for text in failed {
        let found = doubts(text);
        assert!(
            matches!(found.as_slice(), [(_, Why::Failed(1..))]),
            "{text}: {found:?}"
        );
    }
    let meant = [
        "[ -f .env ] && . .env\ntrue",
        "[ -f .env ] && set -a && . .env && set +a\ntrue",
        "[ -s \"$NONE/nvm.sh\" ] && \\. \"$NONE/nvm.sh\"\ntrue",
        "[ -f package-lock.json ] && npm ci\ntrue",
        "[ -f .nvmrc ] && nvm use\ntrue",
        "[ -d b ] && rm -r b\ntrue",
        "[ -d b ] && cd b && export PATH\ntrue",
        "[ -n \"$NONE\" ] && echo ci\ntrue",
        "[[ -n $NONE && $NONE == true ]] && echo \"ci $NONE\"\ntrue",
        "[ \"${NONE:-}\" = true ] && echo ci\ntrue",
        "command -v nonesuch >/dev/null && nonesuch install\ntrue",
        "fail() { echo \"$1\"; exit 1; }\nfalse && fail no\ntrue",
        "fail() {\n  echo \"$1\"\n  exit 1\n}\n[ -f none ] && fail no\ntrue",
        "grep -q x /dev/null && { echo found; exit 1; }\ntrue",
        "grep -q x /dev/null && (echo found; false)\ntrue",
        "grep -q x /dev/null && n=1\n[ -z \"$n\" ]",
        "grep -q x /dev/null && (( n++ ))\n[ \"${n-0}\" = 0 ]",
        "[ -f none ] && PORT=1\ntrue",
        "[ -f none ] && exit 0\ntrue",
        "for i in 1 2; do grep -q x /dev/null && break; done\ntrue",
        "for i in 1 2; do\n  (exit 3) && break\n  sleep 0\ndone\ntrue",
        "false || { echo no; true; }\ntrue",
        // What is advised.
        "if [ -f none ]; then cat none; fi\ntrue",
    ];
    for text in meant {
        assert_eq!(doubts(text), [], "{text}");
    }
}

#[test]
fn no_status_is_lost() {
    let table: &[(&str, &[(usize, Why)])] = &[
        ("(exit 3) && echo ok\nf() { true; }\nf", &[(1, Why::Failed(3))]),
        ("set +e\n(exit 3)\nhelp() { :; }\ntrue", &[(2, Why::Failed(3))]),
        (
            "false && echo ok\nfunction f {\n  true\n}",
            &[(1, Why::Failed(1))],
        ),
        (
            "eval \"$(printf 'true\\ntrue\\ntrue\\ntrue\\n')\"\nfalse && echo ok\ntrue",
            &[(2, Why::Failed(1))],
        ),
        (
            "eval '\ntrue\ntrue\ntrue\n'\nexit 0\nfalse\nfalse",
            &[(7, Why::NotRun)],
        ),
        (
            "[ . ] && eval 'a=1\nb=2\nc=3'\nfalse && true\ntrue\ntrue",
            &[(4, Why::Failed(1))],
        ),
        (
            "set +e\ntrap 'true\ntrue\ntrue\ntrue' ERR\nfalse\ntrue",
            &[(6, Why::Failed(1))],
        ),
        // The word is no trap, and the name is another.
        (
            "[ -d none ] || exit 0\nLOG_LEVEL=DEBUG false",
            &[(2, Why::NotRun)],
        ),
        ("[ -d none ] || exit 0\nfalse \"$_FOO\"", &[(2, Why::NotRun)]),
        // Printed is not looked at.
        ("set +e\n(exit 3)\necho \"exit code: $?\"", &[(2, Why::Failed(3))]),
        (
            "set +e\n(exit 3)\nrc=$?\necho \"exit code: $rc\"",
            &[(2, Why::Failed(3))],
        ),
        (
            "false && echo ok\ntrap 'rc=$?; rm -f t; exit $rc' EXIT\ntrue",
            &[(1, Why::Failed(1))],
        ),
        ("trap 'rm -f t; exit 0' EXIT\nfalse", &[(2, Why::Unknown)]),
        (
            "end() { rm -f t; exit 0; }\ntrap end EXIT\nfalse",
            &[(3, Why::Unknown)],
        ),
        (
            "trap 'exit 0' ERR\nfalse\ntrue",
            &[(2, Why::Unknown), (3, Why::NotRun)],
        ),
        ("false || exit 0\necho no\nexit 1", &[(2, Why::NotRun)]),
    ];
    for (text, expected) in table {
        assert_eq!(doubts(text), *expected, "{text}");
    }
    let none = [
        "set +e\n(exit 3)\n[ $? -eq 3 ]",
        "set +e\n(exit 3)\nrc=$?\nset -e\n[ $rc -eq 3 ]",
        "set +e\n(exit 3)\nrc=$?; set -e\nif [ \"$rc\" = 0 ]; then exit 1; fi",
        "trap 'rc=$?; rm -f t; exit $rc' EXIT\ntrue",
        "trap 'exit 0' TERM\ntrue",
        "trap 'rm -f t' EXIT\ntrue",
        "eval '\ntrue\ntrue\n'\ntrue\n(true)\ntrue",
        "eval true\ntrue | true\n[ \"${PIPESTATUS[0]}\" = 0 ]\ntrue",
    ];
    for text in none {
        assert_eq!(doubts(text), [], "{text}");
    }
}

#[test]
fn what_ran_and_what_can_only_fail_is_not_left_out() {
    let none = [
        "true\nfor f in $(ls *.none 2>/dev/null); do false; done",
        "shopt -s nullglob\nfor f in *.none; do\n  false\ndone",
        "true\nselect f in; do false; done </dev/null",
        "true\nns::f() { true; }",
        "true\nfunction\tf { true; }",
        "for i in 1 2 3; do true && exit 0; sleep 1; done\nexit 1",
        "for i in 1 2 3; do\n  if true; then exit 0; fi\n  sleep 1\ndone\necho 'never came up' >&2\ncat log\nexit 1",
        "if true; then exit 0; fi\necho no\ndocker logs x\nexit 3",
    ];
    for text in none {
        assert_eq!(doubts(text), [], "{text}");
    }
    for text in [
        "if true; then exit 0; fi\nmake\nexit 1",
        "if true; then exit 0; fi\necho no",
    ] {
        assert_eq!(doubts(text), [(2, Why::NotRun)], "{text}");
    }
}

#[test]
fn what_is_advised_works() {
    for (text, passes) in [
        ("false && echo ok || exit 1\ntrue", false),
        ("true && echo ok || exit 1\ntrue", true),
        ("! true || exit 1\ntrue", false),
        ("! false || exit 1\ntrue", true),
        ("false || { echo no; exit 1; }\ntrue", false),
        ("if false; then echo ok; fi\ntrue", true),
        ("if true; then false; fi\ntrue", false),
        ("trap 'rc=$?; exit $rc' EXIT\nfalse", false),
    ] {
        let outcome = Bench::new().run(text);
        assert_eq!((outcome.passed(), outcome.doubts()), (passes, vec![]), "{text}");
        let odd = Script { language: "", text }.remarks();
        assert_eq!(odd, [], "{text}");
    }
}
