use std::fs;
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::{Command, Stdio};

use super::super::{Outcome, Status};
use super::Bench;

/// Exit status and merged output of plain `bash -e FILE`.
fn plain(text: &str, folder: &Path, name: &str) -> (Status, String) {
    let file = tempfile::tempdir().unwrap();
    let path = file.path().join("check");
    fs::write(&path, text).unwrap();
    let output = Command::new("bash")
        .args(["-c", "exec bash -e \"$0\" 2>&1"])
        .arg(&path)
        .current_dir(folder)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let status = match (output.status.code(), output.status.signal()) {
        (Some(code), _) => Status::Exited(code),
        (None, signal) => Status::Signaled(signal.unwrap()),
    };
    (status, cleaned(&output.stdout, path.to_str().unwrap(), name))
}

fn cleaned(output: &[u8], path: &str, name: &str) -> String {
    String::from_utf8_lossy(output).replace(path, name)
}

/// The output with the script's path, which differs from run to run, made one.
fn output_of(outcome: &Outcome, scratch: &Path) -> String {
    let text = outcome.output.text();
    let prefix = format!("{}/check-", scratch.display());
    let mut parts = text.split(&prefix);
    let mut clean = parts.next().unwrap().to_owned();
    for part in parts {
        clean.push_str("CHECK");
        clean.push_str(part.split_once("/check").unwrap().1);
    }
    clean
}

/// bash tells the number of a process that was killed.
fn without_pids(output: &str) -> String {
    let is_number = |word: &str| word.chars().all(|c| c.is_ascii_digit());
    let mut kept = String::new();
    // What bash says of a killed child: `line 1:   234 Killed`, padded to five columns, however small the number.
    let mut after_line = false;
    for word in output.split_inclusive([' ', '\n']) {
        let bare = word.trim_end();
        let is_pid = is_number(bare) && (after_line || bare.len() > 3);
        if !is_pid {
            kept.push_str(word);
        }
        after_line = bare.strip_suffix(':').is_some_and(is_number) || (after_line && is_pid);
    }
    kept
}

#[test]
fn behaves_like_plain_bash() {
    let table = [
        "true",
        "false",
        "exit 7",
        "ls\nfalse\necho never",
        "false || true\nfalse && true\necho $?",
        "if false; then :; fi; echo $?",
        "set +e\nfalse\necho $?\n(exit 4)\necho $?\nexit $?",
        "set -u\necho a\necho $nope\necho never",
        "set -x\necho a\nfor i in 1 2; do echo $i; done\n[ 1 = 1 ]",
        "set -eux\ncd /\npwd",
        "set -T\nf() { echo f; false || :; }\nf\n(echo s)\necho $(echo c)",
        "set -E\ntrap 'echo err $LINENO' ERR\ntrue\nfalse",
        "mkdir -p a/b\ncd \"$_\"\npwd | tail -c 5\necho $_",
        "true | false | true\necho ${PIPESTATUS[*]}",
        "false | true\n( echo ${PIPESTATUS[*]} )",
        "false | true\nfor i in ${PIPESTATUS[*]}; do echo $i; done | cat",
        "echo $LINENO\n\n# c\necho $LINENO \\\n  $LINENO\n( echo $LINENO )\nfor i in a; do echo $LINENO; done | cat",
        "f() {\n  echo $LINENO\n  return 3\n}\nf && true\necho $?\nf",
        "(exit 3)\necho never",
        "! (exit 0)\necho $?\n! true\necho $?",
        "false && true\n( echo $? )\necho $?",
        "sleep 0.01 & pid=$!\nwait $!\n[ $pid = $! ]\necho same",
        // Whether bash says that the job was terminated, and still knows it as `%1`, depends on which of the two is quicker.
        "exec 2>/dev/null\nsleep 30 &\nkill $!\nwait $!",
        "trap 'echo bye; exit 9' EXIT\nfalse",
        "trap 'echo debug $BASH_COMMAND' DEBUG\necho a\ntrap - DEBUG\necho b",
        "trap 'echo usr' USR1\nkill -USR1 $$\necho after",
        "shopt -s extdebug\necho a\nf() { echo f; }\nf",
        "bash -c 'echo ${BASH_ENV-none}; exit 5'",
        "env | grep -c stepgate || echo none",
        "bash -ec 'false; echo never'\necho never",
        "cat <<EOF\nx $((1 + 1))\nEOF\ncat <<'A' <<B\n$x\nA\ny\nB",
        "cat <<EOF\nnever ends",
        "echo a\nif\necho b",
        "echo a\n)\necho b",
        "echo 'unclosed",
        "read x || echo eof $?\ncat",
        "no-such-command-at-all",
        "/etc/passwd",
        "kill -9 $$",
        "kill -TERM $$",
        "bash -c 'kill -9 $$'\necho never",
        "exec echo replaced\necho never",
        "exec 2>&1 >/dev/null\necho gone\necho err >&2",
        "exec >&- 2>&-\ntrue",
        "IFS=0123456789\nset -f\necho a 1 b\necho $IFS",
        "LINENO=100\necho $LINENO\necho b",
        "unset LINENO\nset -u\necho b\nfalse",
        "set -o posix\necho a\nfalse",
        "set -C\necho a > x\necho b > x",
        "set -a\nX=1\nenv | grep ^X=\nenv | grep -c __stepgate || :",
        "printf() { echo mine; }\n:() { echo colon; }\necho a\nprintf b\n: c",
        "exit() { echo exits; }\n(echo sub)\nexit",
        "while read l; do echo $l; done < <(echo a; echo b)\nseq 3 | while read l; do echo $l; done\nfor i in 1 2; do false || echo $i; done | sort -r",
        "case x in x) echo case; false;; esac\necho never",
        "((0))\necho never",
        "[[ a == b ]]",
        "x=$(false)\necho never",
        "local y=1\necho never",
        "eval 'echo a\necho b\nfalse'\necho never",
        "source /dev/stdin <<< 'echo sourced; false'\necho never",
        "{ echo a; exit 6; } | cat\necho ${PIPESTATUS[0]}",
        "coproc cat\nkill $COPROC_PID\necho b",
        "TIMEFORMAT=t\ntime true | cat\n! time (false)",
        "shopt -s extglob\ntouch a b\necho !(a)",
        "echo a; echo b; false; echo c",
        "select x in a b; do echo $x; done",
        "a=1 \\\n\nb=2\necho $a$b",
        "set -- 1 2\necho $# $0 | grep -c check",
        "echo é > 'ü x'\ncat *x",
        "declare -F\ndeclare -x | grep -c BASH_ENV || true",
        "return 3\necho after",
        "set -n\nfalse",
    ];
    for text in table {
        let bench = Bench::new();
        let outcome = bench.run(text);
        let ours = (outcome.status.clone(), output_of(&outcome, bench.scratch.path()));
        let folder = tempfile::tempdir().unwrap();
        let expected = plain(text, folder.path(), "CHECK");
        // Traces of the words that make a subshell's moment are the one difference that is known.
        let ours = (ours.0, ours.1.replace("++ builtin exit 0\n+ :\n", ""));
        let numberless = |(status, output): (Status, String)| (status, without_pids(&output));
        assert_eq!(numberless(ours), numberless(expected), "{text}\n{outcome:?}");
    }
}
