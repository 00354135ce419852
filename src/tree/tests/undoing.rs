//! What a reply changed is undone: whole, or not at all.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use proptest::prelude::{Just, Strategy, prop, prop_oneof};
use proptest::{prop_assert_eq, proptest};
use rustix::io::Errno;

use super::super::apply::apply_watched;
use super::super::moment::{Moment, Stop};
use super::super::{Planned, Recovery, Undo, apply, prepare, preview, put_back, put_back_rest, undo};
use super::Bench;
use crate::reply::{Edit, What};
use crate::state::Blobs;

const BEFORE: &[(&str, &str)] = &[
    ("a", "old a\r\n"),
    ("dir/b", "old b\n"),
    ("dir/goes", "gone\n"),
    ("moves", "moved\n"),
    ("other", "other\n"),
];

/// Everything beneath the root, with its bits.
type Tree = Vec<(String, String, u32)>;

fn tree(bench: &Bench) -> Tree {
    let mode = |path: &str| {
        fs::symlink_metadata(bench.path(path))
            .unwrap()
            .permissions()
            .mode()
    };
    let tree = bench.tree().into_iter();
    tree.map(|(path, content)| {
        let bits = mode(&path);
        (path, content, bits)
    })
    .collect()
}

struct Done {
    bench: Bench,
    blobs: Blobs,
    _dir: tempfile::TempDir,
    before: Tree,
    history: Vec<Vec<Planned>>,
}

impl Done {
    fn new(files: &[(&str, &str)], bits: &[(&str, u32)]) -> Self {
        let bench = Bench::new(files);
        for (path, mode) in bits {
            fs::set_permissions(bench.path(path), fs::Permissions::from_mode(*mode)).unwrap();
        }
        let dir = tempfile::tempdir().unwrap();
        let blobs = Blobs::open(dir.path().join("blobs")).unwrap();
        let before = tree(&bench);
        Self {
            bench,
            blobs,
            _dir: dir,
            before,
            history: Vec::new(),
        }
    }

    /// Applies edits where they can be.
    fn apply(&mut self, edits: &[Edit]) {
        let root = self.bench.root();
        let Ok(changes) = preview(&root, edits, &[]) else {
            return;
        };
        let planned = prepare(&root, &self.blobs, &changes).unwrap();
        apply(&root, &changes, "s-1").unwrap();
        self.history.push(planned);
    }

    fn undo(&self) -> Undo {
        undo(&self.bench.root(), &self.blobs, &self.history).unwrap()
    }
}

fn whole(path: &str, content: &str) -> Edit {
    edit(path, What::Whole(content.to_owned()))
}

fn edit(path: &str, what: What) -> Edit {
    Edit {
        path: path.to_owned(),
        what,
        span: 0..0,
    }
}

/// A step of two attempts, applied.
fn step() -> Done {
    let mut done = Done::new(BEFORE, &[("a", 0o751), ("dir/goes", 0o604), ("moves", 0o4710)]);
    done.apply(&[
        whole("a", "new a\n"),
        whole("new/deep/c", "c\n"),
        edit("dir/goes", What::Delete),
        edit("moves", What::Rename("far/off/moved".to_owned())),
    ]);
    done.apply(&[
        whole("a", "newer a\n"),
        edit("new/deep/c", What::Delete),
        whole("new/d", "d\n"),
        edit("dir/b", What::Delete),
    ]);
    assert_eq!(done.history.len(), 2);
    done
}

#[test]
fn attempts_are_undone_together() {
    let done = step();
    let undo = done.undo();
    assert_eq!((&undo.conflicts[..], &undo.kept[..]), (&[][..], &[][..]));
    put_back(&done.bench.root(), &undo.changes, &undo.folders, "s-1").unwrap();
    assert_eq!(tree(&done.bench), done.before);
    assert_eq!(done.undo().changes, [], "twice is once");
}

#[test]
fn a_failing_disk_leaves_all_as_the_step_left_it() {
    for n in 1.. {
        let done = step();
        let (undo, after) = (done.undo(), tree(&done.bench));
        let mut seen = 0;
        let mut watch = |_: Moment| {
            seen += 1;
            let error = if n % 2 == 0 { Errno::NOSPC } else { Errno::IO };
            if seen == n {
                Err(Stop::Fails(error))
            } else {
                Ok(())
            }
        };
        let failed = apply_watched(&done.bench.root(), &undo.changes, "s-1", &mut watch);
        if seen < n {
            failed.unwrap();
            assert!(n > 12, "{n} moments");
            return;
        }
        assert_eq!(failed.unwrap_err().exit, crate::words::Exit::LocalIo);
        assert_eq!(tree(&done.bench), after, "failed at moment {n}");
    }
}

#[test]
fn a_crash_anywhere_goes_on_to_the_same_end() {
    for n in 1.. {
        let done = step();
        let undo = done.undo();
        let root = done.bench.root();
        let intent = prepare(&root, &done.blobs, &undo.changes).unwrap();
        let mut seen = 0;
        let mut watch = |_: Moment| {
            seen += 1;
            if seen == n { Err(Stop::Crashes) } else { Ok(()) }
        };
        let _ = apply_watched(&root, &undo.changes, "s-1", &mut watch);
        if seen < n {
            assert!(n > 12, "{n} moments");
            return;
        }
        for _ in 0..2 {
            let rest = put_back_rest(&root, &done.blobs, (&intent, &undo.folders), "s-1");
            assert_eq!(rest.unwrap(), Recovery::AllWritten);
            assert_eq!(tree(&done.bench), done.before, "crashed at moment {n}");
        }
    }
}

#[test]
fn bits_that_others_changed_stop_it_but_not_what_was_begun() {
    let done = step();
    let undo = done.undo();
    let root = done.bench.root();
    let intent = prepare(&root, &done.blobs, &undo.changes).unwrap();
    fs::set_permissions(done.bench.path("a"), fs::Permissions::from_mode(0o600)).unwrap();
    let after = tree(&done.bench);
    let failure = put_back(&root, &undo.changes, &undo.folders, "s-1").unwrap_err();
    assert_eq!(
        (failure.exit, tree(&done.bench)),
        (crate::words::Exit::Changed, after)
    );
    let rest = put_back_rest(&root, &done.blobs, (&intent, &undo.folders), "s-1");
    assert_eq!(rest, Ok(Recovery::AllWritten));
    assert_eq!(tree(&done.bench), done.before);
}

#[test]
fn what_others_changed_is_told_path_by_path() {
    let done = step();
    let path = |path| done.bench.path(path);
    fs::write(path("a"), "mine\n").unwrap();
    fs::remove_file(path("new/d")).unwrap();
    fs::create_dir_all(path("dir/goes")).unwrap();
    fs::write(path("dir/b"), "mine too\n").unwrap();
    let undo = done.undo();
    let changes: Vec<&str> = undo.changes.iter().map(|change| change.path.as_str()).collect();
    let conflicts: Vec<(&str, &str)> = undo
        .conflicts
        .iter()
        .map(|conflict| (conflict.change.path.as_str(), conflict.why))
        .collect();
    assert_eq!(changes, ["far/off/moved", "moves"]);
    assert_eq!(
        conflicts,
        [
            ("a", "somebody changed it since"),
            ("dir/b", "somebody changed it since")
        ]
    );
    let kept: Vec<String> = undo.kept.iter().map(ToString::to_string).collect();
    assert_eq!(kept, ["`dir/goes` is something else now, and stays"]);
}

#[test]
fn a_file_that_moved_away_and_back_gets_all_of_its_bits_again() {
    let mut done = Done::new(BEFORE, &[("a", 0o2711)]);
    done.apply(&[edit("a", What::Rename("far/a".to_owned()))]);
    done.apply(&[edit("far/a", What::Rename("a".to_owned()))]);
    let undo = done.undo();
    assert_eq!(undo.conflicts, []);
    put_back(&done.bench.root(), &undo.changes, &undo.folders, "s-1").unwrap();
    assert_eq!(tree(&done.bench), done.before);
}

#[test]
fn a_change_between_two_attempts_is_asked_about() {
    let mut done = Done::new(BEFORE, &[]);
    done.apply(&[whole("a", "first\n")]);
    fs::write(done.bench.path("a"), "mine\n").unwrap();
    done.apply(&[whole("a", "second\n")]);
    let undo = done.undo();
    assert_eq!(undo.changes, []);
    assert_eq!(
        undo.conflicts[0].why,
        "another step, or somebody else, changed it between two attempts at the step"
    );
}

const NAMES: [&str; 7] = [
    "a",
    "dir/b",
    "dir/goes",
    "moves",
    "new/x",
    "new/deep/y",
    "with space/z",
];

fn edits() -> impl Strategy<Value = Vec<Edit>> {
    let name = || (0..NAMES.len()).prop_map(|at| NAMES[at]);
    let content = prop_oneof![
        Just("one\n".to_owned()),
        Just("one\r\ntwo".to_owned()),
        Just(String::new()),
        ".{0,20}\n"
    ];
    let one = prop_oneof![
        (name(), content).prop_map(|(name, content)| whole(name, &content)),
        name().prop_map(|name| edit(name, What::Delete)),
        (name(), name()).prop_map(|(from, to)| edit(from, What::Rename(to.to_owned()))),
    ];
    prop::collection::vec(one, 1..4)
}

proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig { cases: 150, ..Default::default() })]

    #[test]
    fn applying_and_rolling_back_is_the_identity(
        attempts in prop::collection::vec(edits(), 1..6),
        bits in prop::collection::vec(prop_oneof![Just(0o644), Just(0o600), Just(0o755), Just(0o2711), Just(0o666)], 4),
    ) {
        let paths = ["a", "dir/b", "dir/goes", "moves"];
        let bits: Vec<(&str, u32)> = paths.into_iter().zip(bits).collect();
        let mut done = Done::new(BEFORE, &bits);
        for edits in &attempts {
            done.apply(edits);
        }
        let undo = done.undo();
        prop_assert_eq!((undo.conflicts.len(), undo.kept.len()), (0, 0));
        put_back(&done.bench.root(), &undo.changes, &undo.folders, "s-1").unwrap();
        prop_assert_eq!(tree(&done.bench), done.before.clone());
    }
}
