//! Folders that cannot be replaced, and places where no folder can be.

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use stepgate::export::{MANIFEST, Manifest};

use super::add_plan;
use super::complete_or_absent::with_mount;
use super::folders::{files, names};
use super::project::Project;

const MD: [&str; 5] = ["export", "plans", "--format", "md", "-o"];

/// Two plans of three steps, and what an export of them is.
fn project() -> (Project, std::collections::BTreeMap<String, Vec<u8>>) {
    let project = Project::new();
    for number in 1..=2 {
        add_plan(&project, number, 3);
    }
    let ran = project.run(&[&MD[..], &["reference"]].concat());
    assert_eq!(ran.code, 0, "{}", ran.err);
    let reference = files(&project.root().join("reference"));
    (project, reference)
}

/// An empty folder, with a command that exports into it while it stands in it.
fn standing_in(project: &Project, name: &str) -> (std::path::PathBuf, std::process::Command) {
    let here = project.root().join(name);
    fs::create_dir(&here).unwrap();
    let mut command = project.command(&["export", "../plans", "--format", "md", "-o", "."]);
    command.current_dir(&here);
    (here, command)
}

#[test]
fn the_folder_that_one_stands_in_is_filled_and_stays_the_same() {
    let (project, reference) = project();
    let (here, mut command) = standing_in(&project, "here");
    let before = here.metadata().unwrap().ino();
    let status = command.status().unwrap();
    assert_eq!(status.code(), Some(0));
    assert_eq!(here.metadata().unwrap().ino(), before);
    assert_eq!(files(&here), reference);
    // By another name it is the same.
    let (again, _) = standing_in(&project, "again");
    let before = again.metadata().unwrap().ino();
    let ran = project
        .command(&["export", "../plans", "--format", "md", "-o", "../again"])
        .current_dir(&again)
        .status()
        .unwrap();
    assert_eq!((ran.code(), again.metadata().unwrap().ino()), (Some(0), before));
    assert_eq!(files(&again), reference);
}

#[test]
fn killed_while_it_is_filled_there_is_no_manifest() {
    let (project, reference) = project();
    for at in 1.. {
        let (here, mut command) = standing_in(&project, &format!("here-{at}"));
        let status = command.env("STEPGATE_CRASH_AT", at.to_string()).status().unwrap();
        let whole = here.join(MANIFEST).exists();
        if status.success() {
            assert!(at > 4, "only {at} points");
            assert_eq!(files(&here), reference);
            return;
        }
        if whole {
            Manifest::read(&here).unwrap().check(&here).unwrap();
        }
    }
}

#[test]
fn a_mounted_folder_is_filled() {
    for mount in [
        "mount -t tmpfs tmpfs mount",
        "mkdir other && mount --bind other mount",
    ] {
        let (project, reference) = project();
        // What it holds can only be seen while it is mounted.
        let script = format!(
            "{mount} && stepgate export plans --format md -o mount && cp -a mount/. copy; ls -A mount"
        );
        let Some((code, told)) = with_mount("a mounted folder", &project, &script) else {
            return;
        };
        assert_eq!(code, 0, "{told}");
        assert!(told.contains("6 prompts of 2 plans"), "{told}");
        assert_eq!(files(&project.root().join("copy")), reference, "{told}");
    }
}

#[test]
fn a_place_that_cannot_be_looked_at_is_a_fault_of_the_disk() {
    let (project, _) = project();
    project.write("file", "x");
    for output in ["file/out", "file/out/deeper", &"x".repeat(300)] {
        let before = names(&project.root());
        let ran = project.run(&[&MD[..], &[output]].concat());
        assert_eq!(ran.code, 9, "{output}: {}", ran.err);
        assert!(
            ran.err
                .starts_with(&format!("error[local-io]: cannot look at `{output}`: ")),
            "{}",
            ran.err
        );
        assert_eq!(names(&project.root()), before);
    }
    // A file is no folder, and a link to nowhere is none.
    std::os::unix::fs::symlink(Path::new("nowhere"), project.root().join("link")).unwrap();
    for output in ["file", "link"] {
        let ran = project.run(&[&MD[..], &[output]].concat());
        assert_eq!(ran.code, 2, "{output}: {}", ran.err);
        assert!(ran.err.contains("is no folder"), "{}", ran.err);
    }
}
