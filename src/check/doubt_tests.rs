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
