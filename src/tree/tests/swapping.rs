//! A file that somebody put in another's place, in the moment between the look at it and the swap.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};

use super::super::disk::{self, Held};
use super::super::folders::Folders;
use super::super::swap::{Swap, exchange, take_away};
use super::super::{RelativePath, apply, prepare, put_back, unchanged, undo};
use super::Bench;
use crate::state::Blobs;
use crate::words::Exit;

const BEFORE: &[(&str, &str)] = &[
    ("dir/a", "old\n"),
    ("dir/.fresh", "new\n"),
    ("dir/other", "kept\n"),
];

fn held(bench: &Bench, path: &str) -> Held {
    let root = bench.root();
    let path = RelativePath::parse(path).unwrap();
    Folders::new(&root).held(&path).unwrap().unwrap()
}

#[test]
fn what_was_looked_at_is_swapped_and_kept_beside() {
    let bench = Bench::new(BEFORE);
    let (folder, seen) = (
        disk::open_root(&bench.path("dir")).unwrap(),
        held(&bench, "dir/a"),
    );
    let swapped = exchange(&folder, ".fresh", "a", seen.inode).unwrap();
    if matches!(swapped, Swap::Unknown) {
        eprintln!("skipped: swaps of files: the file system of temporary files has none");
        return;
    }
    assert!(matches!(swapped, Swap::Done), "{swapped:?}");
    let text = |name: &str| fs::read_to_string(bench.path(name)).unwrap();
    assert_eq!(
        (text("dir/a"), text("dir/.fresh")),
        ("new\n".into(), "old\n".into())
    );
    let seen = held(&bench, "dir/a");
    assert!(matches!(
        take_away(&folder, "a", ".old", seen.inode),
        Ok(Swap::Done)
    ));
    assert!(!bench.path("dir/a").exists());
    assert_eq!(text("dir/.old"), "new\n");
}

#[test]
fn what_came_meanwhile_stays_where_it_is() {
    type Meddle = fn(&Bench);
    let table: &[Meddle] = &[
        |bench| {
            // The same bytes by another file: an editor that saves writes anew.
            fs::write(bench.path("dir/theirs"), "old\n").unwrap();
            fs::rename(bench.path("dir/theirs"), bench.path("dir/a")).unwrap();
        },
        |bench| {
            fs::remove_file(bench.path("dir/a")).unwrap();
            symlink("other", bench.path("dir/a")).unwrap();
        },
        |bench| {
            fs::remove_file(bench.path("dir/a")).unwrap();
            fs::create_dir(bench.path("dir/a")).unwrap();
            fs::write(bench.path("dir/a/inside"), "theirs\n").unwrap();
        },
    ];
    for meddle in table {
        let bench = Bench::new(BEFORE);
        let (folder, seen) = (
            disk::open_root(&bench.path("dir")).unwrap(),
            held(&bench, "dir/a"),
        );
        // Its inode is not given to another while it has a name.
        fs::hard_link(bench.path("dir/a"), bench.path("kept")).unwrap();
        meddle(&bench);
        let before = bench.tree();
        let swapped = exchange(&folder, ".fresh", "a", seen.inode).unwrap();
        assert!(matches!(swapped, Swap::Foreign | Swap::Unknown), "{swapped:?}");
        let taken = take_away(&folder, "a", ".old", seen.inode).unwrap();
        assert!(matches!(taken, Swap::Foreign), "{taken:?}");
        assert_eq!(bench.tree(), before);
    }
}

#[test]
fn a_file_is_read_whole_whatever_its_length() {
    for length in [0, 1, 4095, 4096, 4097, 300_000] {
        let bench = Bench::new(&[("a", &"x".repeat(length))]);
        assert_eq!(held(&bench, "a").bytes.len(), length);
    }
    // What has no length is read to its end.
    if let Ok(folder) = disk::open_root("/proc/self".as_ref()) {
        let found = disk::held(&folder, "status", 1 << 20).unwrap().unwrap();
        assert!(found.bytes.starts_with(b"Name:") && found.bytes.ends_with(b"\n"));
    }
}

#[test]
fn files_get_just_their_mode_whatever_the_mask() {
    for mode in [0o600, 0o640, 0o644, 0o666, 0o755, 0o777] {
        let bench = Bench::new(&[("a", "old\n")]);
        fs::set_permissions(bench.path("a"), fs::Permissions::from_mode(mode)).unwrap();
        let changes = bench.changes("```path=a\nnew\n```\n");
        apply(&bench.root(), &changes, "s").unwrap();
        assert_eq!(held(&bench, "a").mode, mode);
    }
}

#[test]
fn many_files_go_and_come_back() {
    let names: Vec<String> = (0..40)
        .map(|number| format!("d{}/n{number}", number % 40))
        .collect();
    let files: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "old\n")).collect();
    let bench = Bench::new(&files);
    let reply: String = names
        .iter()
        .map(|name| format!("```path={name}\nnew\n```\n"))
        .collect();
    let (root, before) = (bench.root(), bench.tree());
    let dir = tempfile::tempdir().unwrap();
    let blobs = Blobs::open(dir.path().join("blobs")).unwrap();
    let changes = bench.changes(&reply);
    let intent = prepare(&root, &blobs, &changes).unwrap();
    apply(&root, &changes, "s").unwrap();
    let mut after = before.clone();
    after
        .values_mut()
        .filter(|text| !text.is_empty())
        .for_each(|text| *text = "new\n".to_owned());
    assert_eq!(bench.tree(), after);
    let undo = undo(&root, &blobs, &[intent]).unwrap();
    put_back(&root, &undo.changes, &undo.folders, "s").unwrap();
    assert_eq!(bench.tree(), before);
}

#[test]
fn of_many_the_first_that_is_another_is_told() {
    let names: Vec<String> = (0..200).map(|number| format!("n{number}")).collect();
    let files: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "old\n")).collect();
    let bench = Bench::new(&files);
    let reply: String = names
        .iter()
        .map(|name| format!("```path={name}\nnew\n```\n"))
        .collect();
    let changes = bench.changes(&reply);
    for (changed, told) in [("n199", "n199"), ("n100", "n100"), ("n7", "n7")] {
        fs::write(bench.path(changed), "mine\n").unwrap();
        let before = bench.tree();
        for failure in [
            unchanged(&bench.root(), &changes).unwrap_err(),
            apply(&bench.root(), &changes, "s").unwrap_err(),
        ] {
            assert_eq!(failure.exit, Exit::Changed);
            let message = format!("`{told}` was changed by someone else after its change was shown");
            assert_eq!(failure.diagnostics[0].message, message);
        }
        assert_eq!(bench.tree(), before);
    }
}
