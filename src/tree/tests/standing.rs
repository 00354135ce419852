//! Files that became folders, folders that became files or links: whatever was done to a tree, undoing it is the identity.

use std::fs;
use std::os::unix::fs::symlink;

use proptest::prelude::{Just, Strategy, prop, prop_oneof};
use proptest::{prop_assert_eq, proptest};

use super::super::{Keep, as_shown, prepare, put_back, put_back_rest, undo};
use super::ground::{Ground, Tree, has_git};
use crate::words::{Exit, Failure};

/// What somebody makes of a path, and of all that stands in its way.
#[derive(Debug, Clone)]
enum Act {
    File(&'static str, u8),
    Link(&'static str),
    Gone(&'static str),
}

const PATHS: [&str; 8] = ["a", "a/b", "a/b/c", "d", "d/e", "d/f/g", "l", "l/m:n"];

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let path = || (0..PATHS.len()).prop_map(|at| PATHS[at]);
    let one = prop_oneof![
        3 => (path(), 0..3_u8).prop_map(|(path, content)| Act::File(path, content)),
        1 => path().prop_map(Act::Link),
        1 => path().prop_map(Act::Gone),
        1 => Just(Act::Gone("d")),
    ];
    prop::collection::vec(one, 1..6)
}

fn remove(ground: &Ground, path: &str) {
    let path = ground.path(path);
    match fs::symlink_metadata(&path) {
        Ok(found) if found.is_dir() => fs::remove_dir_all(path).unwrap(),
        Ok(_) => fs::remove_file(path).unwrap(),
        Err(_) => {}
    }
}

fn act(ground: &Ground, act: &Act) {
    let clear = |path: &str| {
        for (at, _) in path.match_indices('/') {
            let is_folder = fs::symlink_metadata(ground.path(&path[..at])).is_ok_and(|found| found.is_dir());
            if !is_folder {
                remove(ground, &path[..at]);
            }
        }
        remove(ground, path);
        fs::create_dir_all(ground.path(path).parent().unwrap()).unwrap();
    };
    match act {
        Act::File(path, content) => {
            clear(path);
            fs::write(ground.path(path), [b'0' + content, b'\n']).unwrap();
        }
        Act::Link(path) => {
            clear(path);
            symlink("d/e", ground.path(path)).unwrap();
        }
        Act::Gone(path) => {
            // Beneath a file or a link there is nothing.
            if fs::canonicalize(ground.path(path)).is_ok() || fs::symlink_metadata(ground.path(path)).is_ok()
            {
                let above = path.match_indices('/').map(|(at, _)| ground.path(&path[..at]));
                if above
                    .into_iter()
                    .all(|folder| fs::symlink_metadata(folder).is_ok_and(|found| found.is_dir()))
                {
                    remove(ground, path);
                }
            }
        }
    }
}

/// A tree with files, after these acts; folders that are left empty go, for nothing tells of them.
fn begun(before: &[Act], git: bool) -> Ground {
    let ground = Ground::new(git);
    ground.write("a/b/c", b"c\n", 0o640);
    ground.write("d/f/g", b"g\r\n", 0o755);
    for one in before {
        act(&ground, one);
    }
    while prune(&ground.path("")) {}
    ground
}

fn prune(folder: &std::path::Path) -> bool {
    let mut pruned = false;
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        if entry.file_type().unwrap().is_dir() && entry.file_name() != ".git" {
            pruned |= fs::remove_dir(entry.path()).is_ok() || prune(&entry.path());
        }
    }
    pruned
}

/// The tree after these attempts are undone, and as it was before them.
fn undone(before: &[Act], attempts: &[Vec<Act>]) -> (Tree, Tree) {
    let ground = begun(before, false);
    let tree = ground.tree();
    let (mut history, mut folders) = (Vec::new(), Vec::new());
    for (number, acts) in attempts.iter().enumerate() {
        let name = format!("1.1/{number}");
        let snapshot = ground.with(|depot| depot.take(&name, Keep::Contents)).unwrap();
        for one in acts {
            act(&ground, one);
        }
        let made = ground.with(|depot| {
            let difference = depot.since(&snapshot, &[]).unwrap();
            assert_eq!(difference.beyond, []);
            // An attempt may leave folders and no file.
            folders.extend(difference.folders.iter().cloned());
            depot.witness(&difference)
        });
        history.push(made.unwrap());
    }
    ground.with(|depot| {
        let mut undo = undo(depot.root, depot.blobs, &history).unwrap();
        undo.folders.append(&mut folders);
        undo.folders.sort();
        undo.folders.dedup();
        assert_eq!((&undo.conflicts[..], &undo.kept[..]), (&[][..], &[][..]));
        let intent = prepare(depot.root, depot.blobs, &undo.changes).unwrap();
        put_back(depot.root, &undo.changes, &undo.folders, "s").unwrap();
        // What goes on with one that was cut off at its end.
        put_back_rest(depot.root, depot.blobs, (&intent, &undo.folders), "s").unwrap();
    });
    (ground.tree(), tree)
}

proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig {
        cases: 120,
        failure_persistence: None,
        ..Default::default()
    })]

    #[test]
    fn attempts_that_swap_files_and_folders_are_undone(before in acts(), attempts in prop::collection::vec(acts(), 1..4)) {
        let (now, then) = undone(&before, &attempts);
        prop_assert_eq!(now, then);
    }
}

#[test]
fn a_link_that_was_a_file_for_a_while_is_as_it_was() {
    let attempts = [vec![Act::File("l", 0)], vec![Act::Link("l")]];
    let (now, then) = undone(&[Act::Link("l")], &attempts);
    assert_eq!(now, then);
}

#[test]
fn a_folder_comes_back_by_a_name_that_no_reply_may_use() {
    let ground = begun(&[Act::File("l/m:n", 1)], false);
    for path in ["odd: name/~x/b", "back\\slash/b"] {
        ground.write(path, b"b\n", 0o644);
    }
    let tree = ground.tree();
    let snapshot = ground.with(|depot| depot.take("1.1/1", Keep::Contents)).unwrap();
    for folder in ["odd: name", "back\\slash"] {
        fs::remove_dir_all(ground.path(folder)).unwrap();
    }
    let made = ground.with(|depot| {
        let difference = depot.since(&snapshot, &[]).unwrap();
        depot.witness(&difference).unwrap()
    });
    ground.with(|depot| {
        let undo = undo(depot.root, depot.blobs, &[made]).unwrap();
        put_back(depot.root, &undo.changes, &undo.folders, "s").unwrap();
    });
    assert_eq!(ground.tree(), tree);
}

#[test]
fn what_is_no_longer_reached_was_changed_by_somebody() {
    let ground = begun(&[], false);
    let snapshot = ground.with(|depot| depot.take("1.1/1", Keep::Contents)).unwrap();
    fs::write(ground.path("d/f/g"), "other\n").unwrap();
    let made = ground.with(|depot| {
        let difference = depot.since(&snapshot, &[]).unwrap();
        depot.witness(&difference).unwrap()
    });
    ground.with(|depot| {
        let undo = undo(depot.root, depot.blobs, &[made]).unwrap();
        fs::rename(ground.path("d/f"), ground.path("d/elsewhere")).unwrap();
        symlink("elsewhere", ground.path("d/f")).unwrap();
        let tree = ground.tree();
        let changed = Failure::new(
            Exit::Changed,
            "tree-changed",
            "`d/f/g` was changed by someone else after its change was shown",
        )
        .help("run again to see the change as it is now")
        .found("`d/f` is a symbolic link");
        assert_eq!(
            put_back(depot.root, &undo.changes, &undo.folders, "s"),
            Err(changed.clone())
        );
        assert_eq!(as_shown(depot.root, &undo.changes, &undo.folders), Err(changed));
        assert_eq!(ground.tree(), tree);
    });
}

#[test]
fn a_snapshot_in_git_puts_swaps_back_too() {
    if !has_git() {
        return;
    }
    let ground = begun(&[], true);
    let tree = ground.tree();
    let snapshot = ground.with(|depot| depot.take("1.1/1", Keep::Contents)).unwrap();
    for one in [Act::File("a", 1), Act::Link("d"), Act::File("l/m:n", 2)] {
        act(&ground, &one);
    }
    ground.with(|depot| {
        let difference = depot.since(&snapshot, &[]).unwrap();
        depot.restore(&difference, "s").unwrap();
    });
    assert_eq!(ground.tree(), tree);
}
