//! Commands and what comes of them, a folder a case: see `tests/golden/README.md`.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "what helps a test may fail like a test"
)]

mod support;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use libtest_mimic::{Arguments, Failed, Trial};
use support::plain::Plain;
use support::project::Project;

fn main() -> ExitCode {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let mut cases: Vec<PathBuf> = fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir())
        .collect();
    cases.sort();
    let trials = cases.into_iter().map(|case| {
        let name = case.file_name().unwrap().to_string_lossy().into_owned();
        Trial::test(name, move || Case::of(case).run())
    });
    libtest_mimic::run(&Arguments::from_args(), trials.collect()).exit_code()
}

/// Files by their paths.
type Files = BTreeMap<String, Vec<u8>>;

struct Case {
    folder: PathBuf,
    project: Project,
    plain: Plain,
}

impl Case {
    fn of(folder: PathBuf) -> Self {
        let project = Project::new();
        copy(&folder.join("project"), &project.root());
        copy(&folder.join("config"), &project.home().join(".config/stepgate"));
        let plain = Plain::of(&project);
        Self {
            folder,
            project,
            plain,
        }
    }

    fn run(&self) -> Result<(), Failed> {
        let before = files(&self.project.root());
        let said = fs::read_to_string(self.folder.join("cmd"))?;
        let came = self.commands(&said);
        let mut after = files(&self.project.root());
        let gone = before.keys().filter(|path| !after.contains_key(*path));
        let gone: String = gone.map(|path| format!("{path}\n")).collect();
        after.retain(|path, bytes| before.get(path) != Some(bytes));
        for bytes in after.values_mut() {
            *bytes = self.plain.bytes(bytes);
        }
        if std::env::var_os("STEPGATE_BLESS").is_some() {
            self.bless(&came, &after, &gone)?;
        }
        let mut differs = String::new();
        tell(
            &mut differs,
            "cmd",
            &fs::read_to_string(self.folder.join("cmd"))?,
            &came,
        );
        let expected = fs::read_to_string(self.folder.join("gone")).unwrap_or_default();
        tell(&mut differs, "gone", &expected, &gone);
        let expected = files(&self.folder.join("after"));
        let mut paths: Vec<_> = expected.keys().chain(after.keys()).collect();
        paths.sort();
        paths.dedup();
        for path in paths {
            let text = |files: &Files| {
                let bytes = files.get(path).map(Vec::as_slice);
                bytes.map_or("(as before)".to_owned(), |bytes| {
                    String::from_utf8_lossy(bytes).into_owned()
                })
            };
            tell(
                &mut differs,
                &format!("after/{path}"),
                &text(&expected),
                &text(&after),
            );
        }
        if differs.is_empty() {
            return Ok(());
        }
        let name = self.folder.file_name().unwrap_or_default().display();
        Err(format!(
            "{differs}`STEPGATE_BLESS=1 cargo test --test golden {name}` takes what came for what is expected"
        )
        .into())
    }

    /// Runs the commands of a transcript; returns the transcript as it came.
    fn commands(&self, said: &str) -> String {
        // What stands above the first command tells what the case is about.
        let mut came: String = said
            .split_inclusive('\n')
            .take_while(|line| !line.starts_with("$ "))
            .collect();
        for line in said.lines().filter(|line| line.starts_with("$ ")) {
            let _ = writeln!(came, "{line}");
            let words: Vec<&str> = line.split_whitespace().skip(1).collect();
            let (variables, words) =
                words.split_at(words.iter().take_while(|word| is_variable(word)).count());
            assert_eq!(words[0], "stepgate", "a case runs stepgate and nothing else");
            let mut command = self.project.command(&words[1..]);
            command.envs(variables.iter().filter_map(|variable| variable.split_once('=')));
            let output = command.output().unwrap();
            came.push_str(&self.plain.text(&String::from_utf8_lossy(&output.stdout)));
            if !came.ends_with('\n') {
                came.push_str("(no line end)\n");
            }
            for line in self.plain.text(&String::from_utf8_lossy(&output.stderr)).lines() {
                let _ = writeln!(came, "{}", format!("! {line}").trim_end());
            }
            match output.status.code() {
                Some(0) => {}
                Some(code) => came.push_str(&format!("? {code}\n")),
                None => came.push_str(&format!("? {}\n", output.status)),
            }
        }
        came
    }

    fn bless(&self, came: &str, after: &Files, gone: &str) -> std::io::Result<()> {
        fs::write(self.folder.join("cmd"), came)?;
        if gone.is_empty() {
            let _ = fs::remove_file(self.folder.join("gone"));
        } else {
            fs::write(self.folder.join("gone"), gone)?;
        }
        let folder = self.folder.join("after");
        if folder.exists() {
            fs::remove_dir_all(&folder)?;
        }
        for (path, bytes) in after {
            let path = folder.join(path);
            fs::create_dir_all(path.parent().unwrap_or(&folder))?;
            fs::write(path, bytes)?;
        }
        Ok(())
    }
}

/// Adds a difference, if there is one.
fn tell(differs: &mut String, name: &str, expected: &str, came: &str) {
    if expected != came {
        let diff = similar::TextDiff::from_lines(expected, came);
        let diff = diff.unified_diff().header("expected", "came").to_string();
        let _ = writeln!(differs, "{name} differs:\n{diff}");
    }
}

fn is_variable(word: &str) -> bool {
    word.split_once('=').is_some_and(|(name, _)| {
        !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_')
    })
}

/// Everything below a folder that is a file, by its path from it.
fn files(folder: &Path) -> Files {
    let mut files = Files::new();
    for entry in ignore::WalkBuilder::new(folder)
        .standard_filters(false)
        .build()
        .flatten()
    {
        if entry.file_type().is_some_and(|kind| kind.is_file()) {
            let path = entry.path().strip_prefix(folder).unwrap().to_str().unwrap();
            files.insert(path.to_owned(), fs::read(entry.path()).unwrap());
        }
    }
    files
}

/// Copies a folder, if it is there; links stay links.
fn copy(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).into_iter().flatten() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        let kind = entry.file_type().unwrap();
        if kind.is_dir() {
            fs::create_dir_all(&to).unwrap();
            copy(&entry.path(), &to);
        } else if kind.is_symlink() {
            symlink(fs::read_link(entry.path()).unwrap(), &to).unwrap();
        } else {
            fs::copy(entry.path(), &to).unwrap();
        }
    }
}
