//! Ten thousand prompts of some 20 KB, into memory, against writing as many bytes.

use std::ffi::OsStr;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use super::plans::{self, Steps};
use super::{Bench, Took, compare, stepgate, yardstick};

const PLANS: usize = 200;
const STEPS: usize = 50;
/// Of each of the two documents: then a prompt has some 20 KB.
const DOCUMENT: usize = 6_600;

/// Endpoints whose settings the bodies take.
const ENDPOINTS: &str = "[endpoint.openai-batch]\nkind = \"openai\"\nurl = \"http://127.0.0.1:1/v1\"\nmodel = \"m\"\n\
     [endpoint.anthropic-batch]\nkind = \"anthropic\"\nmodel = \"m\"\n";

/// A folder in memory, gone when it is dropped.
struct Memory(PathBuf);

impl Memory {
    fn new() -> Result<Self, String> {
        let path = Path::new("/dev/shm").join(format!("stepgate-export-{}", std::process::id()));
        fs::create_dir(&path).map_err(|error| format!("/dev/shm ({error})"))?;
        Ok(Self(path))
    }
}

impl Drop for Memory {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A format against the yardstick that writes alike: one file, or a file a prompt.
pub(crate) fn export(bench: &Bench, format: &str, way: &str) -> Result<String, String> {
    let floor = yardstick("iofloor")?;
    let memory = Memory::new()?;
    let (folder, theirs) = (memory.0.join("out"), memory.0.join("theirs"));
    write_plans(&memory.0.join("plans"));
    let config = memory.0.join("config.toml");
    fs::write(&config, ENDPOINTS).unwrap();
    let mut command: Vec<&OsStr> = vec![
        stepgate(),
        "export".as_ref(),
        memory.0.as_ref(),
        "--format".as_ref(),
    ];
    command.extend([format.as_ref(), "-o".as_ref(), folder.as_os_str()]);
    command.extend(["--config".as_ref(), config.as_os_str()]);
    if format.ends_with("batch") {
        command.extend(["--endpoint", format].map(OsStr::new));
    }
    let mut ours_took = Vec::new();
    let mut theirs_took = Vec::new();
    let mut size = 0;
    for round in 0..=9 {
        let run = bench.run(&command);
        size = bytes_in(&folder) / (PLANS * STEPS);
        fs::remove_dir_all(&folder).unwrap();
        let size = size.to_string();
        let written = bench.run(&[
            floor.as_ref(),
            way.as_ref(),
            theirs.as_ref(),
            "10000".as_ref(),
            size.as_ref(),
        ]);
        let _ = fs::remove_dir_all(&theirs);
        let _ = fs::remove_file(&theirs);
        if round > 0 {
            ours_took.push(run);
            theirs_took.push(written);
        }
    }
    let told = compare(Took::median(&ours_took), Took::median(&theirs_took));
    Ok(format!("{told}   {size} bytes a prompt"))
}

fn write_plans(folder: &Path) {
    fs::create_dir(folder).unwrap();
    for index in 0..PLANS {
        let id = format!("EP-{:04}", index + 1);
        let plan = plans::plan(Steps::Whole, STEPS, usize::MAX)
            .replace("EP-0100", &id)
            .replacen(
                "**Updated:**",
                &format!(
                    "**Requirements Document:** `plans/{id}-requirements.md`\n**Design Document:** `plans/{id}-design.md`\n**Updated:**"
                ),
                1,
            );
        fs::write(folder.join(format!("{id}.md")), plan).unwrap();
        for role in ["requirements", "design"] {
            let mut text = format!("# {id}: {role}\n\n");
            while text.len() < DOCUMENT {
                let line = text.len();
                writeln!(
                    text,
                    "- \"Stone {line}\" is laid before the next one, and its record says who laid it."
                )
                .unwrap();
            }
            fs::write(folder.join(format!("{id}-{role}.md")), text).unwrap();
        }
    }
}

/// Bytes of the files in a folder, and in those within.
fn bytes_in(folder: &Path) -> usize {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
    let sizes = entries.map(|entry| {
        let data = entry.metadata().unwrap();
        if data.is_dir() {
            bytes_in(&entry.path())
        } else {
            usize::try_from(data.len()).unwrap()
        }
    });
    sizes.sum()
}
