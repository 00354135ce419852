//! What happens when the disk, the state or the output fails.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "what helps a test may fail like a test"
)]

mod support;

use std::fs;
use std::process::{Command, Stdio};

use support::contents::{obstruct, of_state};
use support::project::{Project, SMALL, reply_with};
use support::pty::{DOWN, ENTER};
use support::walk::{over_http, small_mock};
use support::wire_server::{WireServer, delta, event, finish, reply, stream_head};

/// Runs a shell line in the project, where `stepgate` is the binary.
fn shell(project: &Project, line: &str) -> (i32, String, String) {
    let binary = project.command(&[]);
    let mut command = Command::new("bash");
    command
        .current_dir(project.root())
        .env_clear()
        .stdin(Stdio::null());
    for (name, value) in binary.get_envs() {
        command.env(name, value.unwrap());
    }
    let line = format!(
        "stepgate() {{ {} \"$@\"; }}\n{line}",
        binary.get_program().display()
    );
    let output = command.args(["-c", &line]).output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (
        output.status.code().unwrap_or(-1),
        text(&output.stdout),
        text(&output.stderr),
    )
}

#[test]
fn a_disk_that_fills_up_at_any_write() {
    let done = {
        let project = small_mock();
        assert_eq!(project.run(&["run", "plan.md", "--unattended"]).code, 0);
        project.read("plan.md")
    };
    let mut failures = 0;
    // The system refuses to let any file grow past this many KiB, as a full disk would.
    for limit in 0.. {
        let project = small_mock();
        let line = format!("trap '' XFSZ; ulimit -f {limit}; stepgate run plan.md --unattended");
        let (code, _, err) = shell(&project, &line);
        if code == 0 {
            assert_eq!(project.read("plan.md"), done);
            break;
        }
        failures += 1;
        assert_eq!(code, 9, "at {limit} KiB: {err}");
        assert!(!err.contains("panicked"), "{err}");
        // With room again, the plan comes to its end: nothing was ticked that is not on record, nothing was lost.
        let nth = format!("{DOWN}{ENTER}");
        let mut pty = project.terminal(&["run", "plan.md"]);
        let rules = [
            ("send the prompt? ›", nth.as_str()),
            ("send it again? ›", &nth),
            ("write these files? ›", &nth),
            ("run this check? ›", &nth),
            ("does that still hold? ›", &nth),
            (
                "did you verify? (space ticks, a ticks all, enter goes on) ›",
                "a\r",
            ),
            ("are complete? (space ticks, a ticks all, enter goes on) ›", "a\r"),
            ("is step 1.1 done? ›", &nth),
            ("is step 1.2 done? ›", &nth),
        ];
        pty.drive(&rules);
        assert_eq!(pty.end(), 0, "after {limit} KiB: {}", pty.text());
        assert_eq!(project.read("plan.md"), done);
    }
    assert!(failures > 3, "only {failures} limits failed");
}

#[test]
fn a_reply_that_cannot_be_kept_stays_where_the_message_says() {
    let project = Project::small();
    let text = reply_with("one.txt", "one");
    let server = WireServer::start([reply(&text)]);
    over_http(&project, &server);
    let mut pty = project.terminal(&["run", "plan.md"]);
    pty.wait_for("send the prompt? ›");
    let obstacle = obstruct(&project, &text);
    pty.keys(&format!("{DOWN}{ENTER}"));
    assert_eq!(pty.end(), 9, "{}", pty.text());
    let rescued = of_state(&project, "partial-1.1.md");
    let told = format!("the whole reply is in `{}`", rescued.display());
    assert!(pty.text().contains(&told), "{}", pty.text());
    assert_eq!(fs::read_to_string(&rescued).unwrap(), text);
    fs::remove_dir(obstacle).unwrap();
    let mut pty = project.terminal(&["run", "plan.md"]);
    pty.wait_for("a request may have been billed");
    pty.wait_for(&format!("what came of the answer is in {}", rescued.display()));
    pty.answer("send it again? ›", 2);
    assert_eq!((pty.end(), server.requests().len()), (4, 1), "{}", pty.text());
}

#[test]
fn a_reply_that_no_disk_has_room_for_is_not_called_whole() {
    let project = Project::small();
    let piece = "x".repeat(3 << 10);
    let pieces = std::iter::repeat_with(|| delta(&piece)).take(40);
    let mut script = vec![stream_head()];
    script.extend(pieces.chain([finish("stop"), event("[DONE]")]));
    let server = WireServer::start([script]);
    over_http(&project, &server);
    let line = "trap '' XFSZ; ulimit -f 64; stepgate run plan.md --unattended";
    let (code, _, err) = shell(&project, line);
    assert_eq!(code, 9, "{err}");
    let rescued = of_state(&project, "partial-1.1.md");
    let told = format!("what could be written of the reply is in `{}`", rescued.display());
    assert!(err.contains(&told), "{err}");
    assert_eq!(fs::read(&rescued).unwrap(), vec![b'x'; 64 << 10]);
}

#[test]
fn a_state_folder_that_cannot_be() {
    let project = small_mock();
    let ran = project.run(&["run", "plan.md", "--unattended", "--state-dir", "plan.md/state"]);
    assert_eq!(ran.code, 9, "{}", ran.err);
    assert!(ran.err.contains("--state-dir"), "{}", ran.err);
    let mut command = project.command(&["run", "plan.md", "--unattended"]);
    let output = command.env_remove("HOME").output().unwrap();
    let err = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(9), "{err}");
    assert!(err.contains("--state-dir"), "{err}");
    assert_eq!(project.read("plan.md"), SMALL);
}

#[test]
fn a_damaged_journal_is_named_and_can_be_put_aside() {
    let project = small_mock();
    assert_eq!(
        project
            .run(&["run", "plan.md", "--unattended", "--until", "1.1"])
            .code,
        0
    );
    let journal = walk(&project)
        .into_iter()
        .find(|path| path.ends_with("journal"))
        .unwrap();
    let whole = fs::read(&journal).unwrap();
    // A torn last line is cut off.
    fs::write(&journal, &whole[..whole.len() - 7]).unwrap();
    assert_eq!(project.run(&["log", "plan.md"]).code, 0);
    // Damage before it is not passed over.
    let mut damaged = whole;
    damaged[40] ^= 1;
    fs::write(&journal, &damaged).unwrap();
    let ran = project.run(&["run", "plan.md", "--unattended"]);
    assert_eq!(ran.code, 9, "{}", ran.err);
    assert!(
        ran.err.contains("damaged at line 1") && ran.err.contains("`stepgate run PLAN --forget-session`"),
        "{}",
        ran.err
    );
    let ran = project.run(&["run", "plan.md", "--unattended", "--forget-session"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(!project.read("plan.md").contains("[ ]"));
}

#[test]
fn deleted_state_loses_convenience_and_no_facts() {
    let project = small_mock();
    assert_eq!(
        project
            .run(&["run", "plan.md", "--unattended", "--until", "1.1"])
            .code,
        0
    );
    fs::remove_dir_all(project.state()).unwrap();
    let ran = project.run(&["run", "plan.md", "--unattended"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(!ran.err.contains("Step 1.1"), "{}", ran.err);
    assert!(!project.read("plan.md").contains("[ ]"));
}

#[test]
fn a_record_from_another_machine_is_asked_about() {
    let project = small_mock();
    assert_eq!(
        project
            .run(&["run", "plan.md", "--unattended", "--until", "1.1"])
            .code,
        0
    );
    let journal = walk(&project)
        .into_iter()
        .find(|path| path.ends_with("journal"))
        .unwrap();
    let text = fs::read_to_string(&journal).unwrap();
    let host = text
        .split("\"host\":\"")
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap()
        .to_owned();
    let moved: String = text
        .lines()
        .map(|line| {
            let json = line[9..].replace(&format!("\"host\":\"{host}\""), "\"host\":\"elsewhere\"");
            format!("{:08x} {json}\n", crc32fast::hash(json.as_bytes()))
        })
        .collect();
    fs::write(&journal, moved).unwrap();
    let ran = project.run(&["run", "plan.md", "--unattended"]);
    assert_eq!(ran.code, 5, "{}", ran.err);
    assert!(ran.err.contains("`elsewhere`"), "{}", ran.err);
}

#[test]
fn output_that_nobody_reads() {
    let project = small_mock();
    // A full device is an error of the disk; a closed pipe ends quietly, as SIGPIPE would.
    let (code, _, err) = shell(&project, "stepgate run plan.md --unattended --json > /dev/full");
    assert_eq!(code, 9, "{err}");
    let (code, out, err) = shell(
        &project,
        "set -o pipefail; stepgate run plan.md --unattended --json 2>/dev/null | head -n 1",
    );
    assert_eq!((code, out.lines().count()), (141, 1), "{err}");
    // The reader is gone before the first word is said.
    let (code, out, _) = shell(
        &project,
        "mkfifo gone; : < gone & exec 4> gone; wait; stepgate run plan.md --unattended 2>&4",
    );
    assert_eq!((code, out.as_str()), (141, ""));
    let (code, _, err) = shell(&project, "stepgate prompt plan.md 1.2 > /dev/full");
    assert_eq!(code, 9, "{err}");
    assert!(!err.contains("panicked"), "{err}");
}

#[test]
fn state_is_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let project = small_mock();
    assert_eq!(project.run(&["run", "plan.md", "--unattended"]).code, 0);
    for path in walk(&project) {
        let mode = fs::metadata(&path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{}", path.display());
        let folder = fs::metadata(path.parent().unwrap()).unwrap().permissions().mode() & 0o777;
        assert_eq!(folder, 0o700, "{}", path.display());
    }
}

#[test]
fn a_plan_replaced_by_an_editor_is_followed() {
    let project = small_mock();
    let mut pty = project.terminal(&["run", "plan.md", "--until", "1.1"]);
    pty.answer("send the prompt? ›", 0);
    pty.wait_for("write these files? ›");
    project.write("new.md", SMALL.replace("Make two", "Make two, at last"));
    fs::rename(project.root().join("new.md"), project.root().join("plan.md")).unwrap();
    pty.keys(&format!("{DOWN}{ENTER}"));
    pty.answer("run this check? ›", 0);
    pty.tick_all("which criteria did you verify? (space ticks, a ticks all, enter goes on) ›");
    pty.tick_all("which tasks are complete? (space ticks, a ticks all, enter goes on) ›");
    pty.answer("is step 1.1 done? ›", 0);
    assert_eq!(pty.end(), 0);
    let plan = project.read("plan.md");
    assert!(
        plan.contains("- [x] Write one") && plan.contains("Make two, at last"),
        "{plan}"
    );
}

#[test]
fn every_byte_of_a_plan_is_kept() {
    for text in [
        SMALL.replace('\n', "\r\n"),
        format!("\u{feff}{SMALL}"),
        SMALL.trim_end().to_owned(),
        SMALL.replace("- [ ] Write one", "-\t[ ]  Write one   \t"),
        SMALL.replace("- [ ]", "* [ ]").replace("* [ ] Two", "1. [ ] Two"),
    ] {
        let project = small_mock();
        project.write("plan.md", &text);
        let ran = project.run(&["run", "plan.md", "--unattended"]);
        assert_eq!(ran.code, 0, "{}\n{text}", ran.err);
        let after = project.read("plan.md");
        let updated = after.split("**Updated:** ").nth(1).unwrap()[..10].to_owned();
        let expected = text
            .replace("[ ]", "[x]")
            .replace("**Status:** Approved", "**Status:** In Progress")
            .replace("**Updated:** 2025-01-01", &format!("**Updated:** {updated}"));
        assert_eq!(after, expected);
    }
}

fn walk(project: &Project) -> Vec<std::path::PathBuf> {
    let walk = ignore::WalkBuilder::new(project.state())
        .standard_filters(false)
        .build();
    walk.map(|entry| entry.unwrap().into_path())
        .filter(|path| path.is_file())
        .collect()
}
