//! Whatever happens on the way, the output is whole or it is not there, and nothing else is left.

use std::fs;
use std::io::Read as _;
use std::os::unix::process::ExitStatusExt as _;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use stepgate::export::Manifest;

use super::folders::{files, names};
use super::project::Project;
use super::{ENDPOINTS, add_plan};

const MD: [&str; 5] = ["export", "plans", "--format", "md", "-o"];

fn project(plans: usize, steps: usize) -> Project {
    let project = Project::new();
    project.configure(ENDPOINTS);
    for number in 1..=plans {
        add_plan(&project, number, steps);
    }
    project
}

#[test]
fn an_empty_folder_is_filled_and_keeps_its_mode() {
    use std::os::unix::fs::PermissionsExt as _;
    let project = project(1, 2);
    let out = project.root().join("out");
    fs::create_dir(&out).unwrap();
    fs::set_permissions(&out, fs::Permissions::from_mode(0o750)).unwrap();
    let ran = project.run(&[&MD[..], &["out"]].concat());
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert_eq!(out.metadata().unwrap().permissions().mode() & 0o777, 0o750);
    assert_eq!(names(&out), ["EP-0001", "index.md", "manifest.json"]);
    let again = project.run(&[&MD[..], &["out"]].concat());
    let told = "error[not-empty]: the folder `out` is not empty\n";
    assert_eq!(
        (again.code, again.err.starts_with(told)),
        (2, true),
        "{}",
        again.err
    );
}

#[test]
fn killed_before_the_end_there_is_no_output_and_after_it_all_of_it() {
    let project = project(2, 3);
    let before = names(&project.root());
    let crashed = |at: &str, out: &str| {
        let mut command = project.command(&[&MD[..], &[out]].concat());
        let status = command.env("STEPGATE_CRASH_AT", at).status().unwrap();
        assert_eq!(status.signal(), Some(9));
        project.root().join(out)
    };
    assert!(!crashed("1", "one").exists());
    let left: Vec<_> = names(&project.root())
        .into_iter()
        .filter(|name| !before.contains(name))
        .collect();
    assert_eq!(left.len(), 1);
    assert!(left[0].starts_with(".stepgate-export-"), "{left:?}");

    let two = crashed("2", "two");
    Manifest::read(&two).unwrap().check(&two).unwrap();
    // What was left is not in the way, and no plan is found in it.
    let ran = project.run(&["export", ".", "--format", "md", "-o", "three"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert_eq!(files(&project.root().join("three")), files(&two));
}

#[test]
fn ctrl_c_leaves_nothing() {
    for signal in [Signal::SIGINT, Signal::SIGTERM] {
        let project = project(60, 60);
        let before = names(&project.root());
        let mut child = project
            .command(&[&MD[..], &["out"]].concat())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // Once it writes it is at work, and far from its end.
        let begun = Instant::now();
        while names(&project.root()) == before {
            assert!(begun.elapsed() < Duration::from_secs(60), "it never begins");
            std::thread::yield_now();
        }
        kill(Pid::from_raw(i32::try_from(child.id()).unwrap()), signal).unwrap();
        let mut told = String::new();
        child.stderr.take().unwrap().read_to_string(&mut told).unwrap();
        let code = child.wait().unwrap().code();
        assert_eq!((code, told.as_str()), (Some(128 + signal as i32), ""));
        assert_eq!(names(&project.root()), before);
    }
}

#[test]
fn a_reader_that_leaves_ends_it_without_a_word() {
    let project = project(8, 30);
    let mut child = project
        .command(&["export", "plans", "--format", "json", "-o", "-"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut some = [0; 10];
    child.stdout.take().unwrap().read_exact(&mut some).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(
        (output.status.code(), output.stderr.as_slice()),
        (Some(141), &b""[..])
    );
    assert_eq!(&some, b"{\"schema\":");
}

#[test]
fn a_stream_that_cannot_be_written_is_told() {
    let project = project(1, 1);
    let full = fs::File::options().write(true).open("/dev/full").unwrap();
    let output = project
        .command(&["export", "plans", "--format", "md", "-o", "-"])
        .stdout(full)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(9));
    assert_eq!(
        String::from_utf8(output.stderr).unwrap(),
        "error[local-io]: cannot write to `standard output`: no space left on device\n\
         help: make room there, then run again\n"
    );
}

#[test]
fn a_file_that_grows_too_large_leaves_nothing() {
    let project = project(3, 10);
    let before = names(&project.root());
    let binary = env!("CARGO_BIN_EXE_stepgate");
    let export = "plans --format openai-batch --endpoint chat -o out";
    let script = format!("trap '' XFSZ; ulimit -f 200; exec {binary} export {export}");
    let mut command = project.command(&[]);
    let envs: Vec<_> = command
        .get_envs()
        .map(|(k, v)| (k.to_owned(), v.unwrap().to_owned()))
        .collect();
    command = Command::new("bash");
    command
        .args(["-c", &script])
        .current_dir(project.root())
        .env_clear()
        .envs(envs);
    let output = command.output().unwrap();
    let told = String::from_utf8(output.stderr).unwrap();
    assert_eq!(
        told,
        "error[local-io]: cannot write `out/requests-0001.jsonl`: file too large\n"
    );
    assert_eq!(output.status.code(), Some(9));
    assert_eq!(names(&project.root()), before);
}

/// Runs a script where it may mount a file system; `None`, said by the test's name, where it may not.
pub(crate) fn with_mount(test: &str, project: &Project, script: &str) -> Option<(i32, String)> {
    let mount = project.root().join("mount");
    fs::create_dir(&mount).unwrap();
    let unshared = |script: &str| {
        let mut command = Command::new("unshare");
        let args = ["--user", "--map-root-user", "--mount", "sh", "-c"];
        command.args(args).arg(script).current_dir(project.root());
        command.env("HOME", project.home());
        command.output()
    };
    let probe = unshared("mount -t tmpfs tmpfs mount");
    if !probe.is_ok_and(|output| output.status.success()) {
        eprintln!("skipped: {test}: nothing can be mounted here");
        return None;
    }
    let script = script.replace("stepgate", env!("CARGO_BIN_EXE_stepgate"));
    let output = unshared(&script).unwrap();
    let told = String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap();
    Some((output.status.code().unwrap(), told))
}

#[test]
fn a_full_disk_leaves_nothing() {
    let project = project(3, 10);
    for (format, said) in [
        ("md", "no space left on device"),
        ("json", "no space left on device"),
    ] {
        let script = format!(
            "mount -t tmpfs -o size=200k tmpfs mount && stepgate export plans --format {format} -o mount/out; code=$?; \
             ls -A mount; exit $code"
        );
        let Some((code, told)) = with_mount("a full disk", &project, &script) else {
            return;
        };
        assert!(
            told.starts_with("error[local-io]: cannot write `mount/out/"),
            "{told}"
        );
        let help = "help: make room there, then run again\n";
        assert!(told.ends_with(&format!("`: {said}\n{help}")), "{told}");
        assert_eq!((code, told.lines().count()), (9, 2), "{told}");
        fs::remove_dir(project.root().join("mount")).unwrap();
    }
}

#[test]
fn a_read_only_folder_is_told_before_anything_is_read() {
    let project = project(1, 1);
    let script = "mount -t tmpfs -o ro tmpfs mount && stepgate export plans --format md -o mount/out";
    let Some(ran) = with_mount("a read-only folder", &project, script) else {
        return;
    };
    let told = "error[local-io]: cannot make the folder `mount/out`: read-only file system\n\
                help: make it possible to write there, then run again\n";
    let (code, said) = ran;
    // The name of the folder in the making is nobody's business.
    assert_eq!((code, said.as_str()), (9, told));
}
