use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};

use rustix::io::Errno;

use super::super::apply::{apply_cramped, apply_linking, apply_watched};
use super::super::moment::{Moment, Stop, Watcher};
use super::super::{
    Change, Planned, Recovery, RelativePath, Root, apply, none_written, prepare, recover, unchanged,
};
use super::Bench;
use crate::state::Blobs;
use crate::words::{Exit, Failure};

const BEFORE: &[(&str, &str)] = &[
    ("a", "old a\n"),
    ("dir/b", "old b\n"),
    ("dir/other", "kept\n"),
    ("dir/goes", "gone\n"),
    ("moves", "moved\n"),
];
const REPLY: &str = "```path=a\nnew a\n```\n```path=new/deep/c\nc\n```\n\
```edit=dir/b\n<<<<<<< SEARCH\nold b\n=======\nnew b\n>>>>>>> REPLACE\n```\n```path=new/d\nd\n```\n\
```delete=dir/goes\n```\n```rename=moves to=far/off/moved\n```\n";

fn after() -> BTreeMap<String, String> {
    let tree = [
        ("a", "new a\n"),
        ("dir/", ""),
        ("dir/b", "new b\n"),
        ("dir/other", "kept\n"),
        ("far/", ""),
        ("far/off/", ""),
        ("far/off/moved", "moved\n"),
        ("new/", ""),
        ("new/d", "d\n"),
        ("new/deep/", ""),
        ("new/deep/c", "c\n"),
    ];
    tree.map(|(path, content)| (path.to_owned(), content.to_owned()))
        .into()
}

const MODES: &[(&str, u32)] = &[("a", 0o751), ("dir/goes", 0o604), ("moves", 0o710)];

struct Job {
    bench: Bench,
    blobs: Blobs,
    _blobs_dir: tempfile::TempDir,
    changes: Vec<Change>,
    intent: Vec<Planned>,
}

fn job() -> Job {
    let bench = Bench::new(BEFORE);
    for (path, mode) in MODES {
        fs::set_permissions(bench.path(path), fs::Permissions::from_mode(*mode)).unwrap();
    }
    let dir = tempfile::tempdir().unwrap();
    let blobs = Blobs::open(dir.path().join("blobs")).unwrap();
    let changes = bench.changes(REPLY);
    let intent = prepare(&bench.root(), &blobs, &changes).unwrap();
    Job {
        bench,
        blobs,
        _blobs_dir: dir,
        changes,
        intent,
    }
}

type Way = fn(&Root, &[Change], &str, Watcher<'_>) -> Result<Option<Failure>, Failure>;

/// On a file system that swaps files, on one that knows hard links only, and where few files may be open.
const WAYS: [Way; 3] = [apply_watched, apply_linking, apply_cramped];

/// Runs an apply that stops at its `n`th moment; tells whether there was one.
fn apply_stopped(job: &Job, way: Way, n: usize, stop: fn() -> Stop) -> bool {
    let mut seen = 0;
    let mut watch = |_: Moment| {
        seen += 1;
        if seen == n { Err(stop()) } else { Ok(()) }
    };
    let _ = way(&job.bench.root(), &job.changes, "s-1", &mut watch);
    seen >= n
}

fn mode(bench: &Bench, path: &str) -> u32 {
    fs::metadata(bench.path(path)).unwrap().permissions().mode() & 0o777
}

/// Files are as they were, or as they were to become, with the modes that they had.
fn modes_stay(bench: &Bench) {
    for (path, expected) in MODES.iter().chain(&[("far/off/moved", 0o710)]) {
        if bench.path(path).exists() {
            assert_eq!(mode(bench, path), *expected, "{path}");
        }
    }
}

#[test]
fn an_intent_names_hashes_and_new_folders() {
    let job = job();
    let folders: Vec<Vec<&str>> = job
        .intent
        .iter()
        .map(|planned| planned.folders.iter().map(RelativePath::as_str).collect())
        .collect();
    let expected: [Vec<&str>; 7] = [
        vec![],
        vec!["new", "new/deep"],
        vec![],
        vec!["new"],
        vec![],
        vec!["far", "far/off"],
        vec![],
    ];
    assert_eq!(folders, expected);
    let before = job.intent[2].before.clone().unwrap();
    assert_eq!(job.blobs.get(&before).unwrap(), b"old b\n");
    let text = serde_json::to_string(&job.intent).unwrap();
    assert_eq!(serde_json::from_str::<Vec<Planned>>(&text).unwrap(), job.intent);
    assert!(serde_json::from_str::<Vec<Planned>>(&text.replace("new/d\"", "../d\"")).is_err());
}

#[test]
fn an_intent_of_an_older_version_is_read() {
    let job = job();
    let digest = |planned: &Option<crate::words::Digest>| serde_json::to_string(planned).unwrap();
    let (before, after) = (digest(&job.intent[0].before), digest(&job.intent[0].after));
    let text = format!(r#"{{"path":"a","before":{before},"after":{after},"folders":[]}}"#);
    let expected = Planned {
        mode: None,
        ..job.intent[0].clone()
    };
    assert_eq!(serde_json::from_str::<Planned>(&text).unwrap(), expected);
    // And what an older version may have to read of a new file is as it was.
    let new = serde_json::to_string(&job.intent[3]).unwrap();
    assert!(
        new.ends_with(r#","folders":["new"]}"#) && !new.contains("mode"),
        "{new}"
    );
}

#[test]
fn a_file_does_not_come_back_into_a_folder_that_went() {
    let job = job();
    apply(&job.bench.root(), &job.changes, "s-1").unwrap();
    fs::remove_dir_all(job.bench.path("dir")).unwrap();
    let tree = job.bench.tree();
    let recovery = recover(&job.bench.root(), &job.blobs, &job.intent, "s-1").unwrap();
    let paths = ["dir/b", "dir/goes"].map(|path| RelativePath::parse(path).unwrap());
    assert_eq!(
        (recovery, job.bench.tree()),
        (Recovery::Foreign(paths.to_vec()), tree)
    );
}

#[test]
fn an_undo_does_not_write_over_a_file_that_came_meanwhile() {
    let job = job();
    let mut deleted = false;
    let mut watch = |moment: Moment| {
        if moment == Moment::Replaced && !job.bench.path("dir/goes").exists() && !deleted {
            deleted = true;
            fs::write(job.bench.path("dir/goes"), "mine\n").unwrap();
            return Err(Stop::Fails(Errno::IO));
        }
        Ok(())
    };
    let failure = apply_watched(&job.bench.root(), &job.changes, "s-1", &mut watch).unwrap_err();
    assert!(failure.to_string().contains("cannot put back"), "{failure}");
    assert_eq!(fs::read_to_string(job.bench.path("dir/goes")).unwrap(), "mine\n");
}

#[test]
fn all_is_written_and_modes_stay() {
    let job = job();
    apply(&job.bench.root(), &job.changes, "s-1").unwrap();
    assert_eq!(job.bench.tree(), after());
    modes_stay(&job.bench);
    assert_eq!(mode(&job.bench, "new/d") & 0o600, 0o600);
}

#[test]
fn a_failing_disk_leaves_all_as_it_was() {
    WAYS.iter().for_each(|way| fails_anywhere(*way));
}

fn fails_anywhere(way: Way) {
    for n in 1.. {
        let job = job();
        let before = job.bench.tree();
        if !apply_stopped(&job, way, n, || Stop::Fails(Errno::NOSPC)) {
            assert_eq!(job.bench.tree(), after());
            assert!(n > 20, "{n} moments");
            break;
        }
        assert_eq!(job.bench.tree(), before, "failed at moment {n}");
        modes_stay(&job.bench);
    }
}

#[test]
fn a_crash_anywhere_is_recovered_to_one_side() {
    WAYS.iter().for_each(|way| crashes_anywhere(*way));
}

fn crashes_anywhere(way: Way) {
    let mut seen = Vec::new();
    for n in 1.. {
        let job = job();
        let before = job.bench.tree();
        if !apply_stopped(&job, way, n, || Stop::Crashes) {
            break;
        }
        let recover = || recover(&job.bench.root(), &job.blobs, &job.intent, "s-1").unwrap();
        let recovery = recover();
        let expected = if recovery == Recovery::AllWritten {
            after()
        } else {
            before
        };
        assert_eq!(job.bench.tree(), expected, "crashed at moment {n}: {recovery:?}");
        modes_stay(&job.bench);
        let again = if recovery == Recovery::AllWritten {
            Recovery::AllWritten
        } else {
            Recovery::NothingWritten
        };
        assert_eq!((recover(), job.bench.tree()), (again, expected), "again");
        if seen.last() != Some(&recovery) {
            seen.push(recovery);
        }
    }
    assert_eq!(
        seen,
        [
            Recovery::NothingWritten,
            Recovery::RolledBack,
            Recovery::AllWritten
        ]
    );
}

#[test]
fn a_recovery_that_was_killed_half_way_goes_on() {
    let job = job();
    let before = job.bench.tree();
    apply(&job.bench.root(), &job.changes, "s-1").unwrap();
    // One file back, and the file of a killed recovery beside it.
    fs::write(job.bench.path("dir/b"), "old b\n").unwrap();
    fs::write(job.bench.path("dir/.stepgate-s_1-00"), "old").unwrap();
    let recovery = recover(&job.bench.root(), &job.blobs, &job.intent, "s-1").unwrap();
    assert_eq!((recovery, job.bench.tree()), (Recovery::RolledBack, before));
}

#[test]
fn third_content_is_left_alone() {
    let path = |path| RelativePath::parse(path).unwrap();
    let job = job();
    apply_stopped(&job, apply_watched, 15, || Stop::Crashes);
    fs::write(job.bench.path("dir/b"), "mine\n").unwrap();
    fs::remove_file(job.bench.path("a")).unwrap();
    let tree = job.bench.tree();
    let recovery = recover(&job.bench.root(), &job.blobs, &job.intent, "s-1").unwrap();
    assert_eq!(
        (recovery, job.bench.tree()),
        (Recovery::Foreign(vec![path("a"), path("dir/b")]), tree)
    );
    symlink("dir/other", job.bench.path("a")).unwrap();
    let recovery = recover(&job.bench.root(), &job.blobs, &job.intent, "s-1").unwrap();
    assert_eq!(recovery, Recovery::Foreign(vec![path("a"), path("dir/b")]));
}

#[test]
fn only_our_own_leftovers_are_removed() {
    let job = job();
    fs::write(job.bench.path("dir/.stepgate-s_2-00"), "theirs").unwrap();
    fs::write(job.bench.path("dir/.stepgate-s_1-00"), "ours").unwrap();
    recover(&job.bench.root(), &job.blobs, &job.intent, "s-1").unwrap();
    let tree = job.bench.tree();
    assert!(tree.contains_key("dir/.stepgate-s_2-00") && !tree.contains_key("dir/.stepgate-s_1-00"));
}

#[test]
fn a_file_that_someone_changed_stops_all() {
    WAYS[..2].iter().for_each(|way| stopped_by_someone(*way));
}

fn stopped_by_someone(way: Way) {
    type Meddle = fn(&Bench);
    let table: &[Meddle] = &[
        |bench| fs::write(bench.path("dir/b"), "mine\n").unwrap(),
        |bench| fs::remove_file(bench.path("dir/b")).unwrap(),
        |bench| fs::write(bench.path("new/d"), "mine\n").unwrap(),
        |bench| fs::write(bench.path("dir/goes"), "mine\n").unwrap(),
        |bench| fs::write(bench.path("moves"), "mine\n").unwrap(),
        |bench| fs::write(bench.path("far/off/moved"), "mine\n").unwrap(),
        |bench| {
            fs::rename(bench.path("dir"), bench.path("moved")).unwrap();
            fs::create_dir(bench.path("dir")).unwrap();
            fs::write(bench.path("dir/b"), "old b\n").unwrap();
            fs::write(bench.path("dir/goes"), "gone\n").unwrap();
        },
    ];
    for meddle in table {
        let job = job();
        let mut meddled = None;
        let mut watch = |moment: Moment| {
            if moment == Moment::Replaced && meddled.is_none() {
                meddle(&job.bench);
                meddled = Some(job.bench.tree());
            }
            Ok(())
        };
        let failure = way(&job.bench.root(), &job.changes, "s-1", &mut watch).unwrap_err();
        assert_eq!(
            (failure.exit, failure.diagnostics[0].rule),
            (Exit::Changed, "tree-changed")
        );
        // Theirs stays, ours is gone.
        let mut expected = meddled.unwrap();
        expected.retain(|path, _| !path.contains(".stepgate-") && !path.starts_with("new/deep"));
        if !expected.contains_key("new/d") {
            expected.remove("new/");
        }
        if !expected.contains_key("far/off/moved") {
            expected.retain(|path, _| !path.starts_with("far"));
        }
        expected.insert("a".to_owned(), "old a\n".to_owned());
        assert_eq!(job.bench.tree(), expected);
    }
}

#[test]
fn bits_that_someone_changed_stop_all() {
    for path in ["a", "dir/b", "dir/goes", "moves"] {
        let (job, private) = (job(), fs::Permissions::from_mode(0o400));
        let before = job.bench.tree();
        fs::set_permissions(job.bench.path(path), private).unwrap();
        let failure = apply(&job.bench.root(), &job.changes, "s-1").unwrap_err();
        assert_eq!(
            (failure.exit, mode(&job.bench, path)),
            (Exit::Changed, 0o400),
            "{path}"
        );
        assert_eq!(job.bench.tree(), before, "{path}");
    }
}

#[test]
fn a_link_that_came_meanwhile_is_not_followed() {
    let job = job();
    fs::create_dir(job.bench.outside().join("else")).unwrap();
    symlink(job.bench.outside().join("else"), job.bench.path("new")).unwrap();
    let before = job.bench.tree();
    let failure = apply(&job.bench.root(), &job.changes, "s-1").unwrap_err();
    assert_eq!((failure.exit, job.bench.tree()), (Exit::Changed, before));
    assert_eq!(fs::read_dir(job.bench.outside().join("else")).unwrap().count(), 0);
}

#[test]
fn a_folder_that_cannot_be_written_fails_as_the_disk() {
    let job = job();
    if rustix::process::geteuid().is_root() {
        // Root may write everywhere; a folder in the place of the new file's folder name does as well.
        fs::write(job.bench.path("new"), "").unwrap();
        assert!(apply(&job.bench.root(), &job.changes, "s-1").is_err());
        return;
    }
    fs::set_permissions(job.bench.path("dir"), fs::Permissions::from_mode(0o555)).unwrap();
    let before = job.bench.tree();
    let failure = apply(&job.bench.root(), &job.changes, "s-1").unwrap_err();
    assert_eq!((failure.exit, job.bench.tree()), (Exit::LocalIo, before));
    fs::set_permissions(job.bench.path("dir"), fs::Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn a_change_by_somebody_else_in_the_middle_is_theirs_and_nothing_of_ours_stays() {
    let job = job();
    let root = job.bench.root();
    let mut done = 0;
    let failure = apply_watched(&root, &job.changes, "s", &mut |moment| {
        if moment == Moment::Replaced {
            done += 1;
            fs::write(job.bench.path("dir/b"), "mine\n").unwrap();
        }
        Ok(())
    })
    .unwrap_err();
    assert_eq!(failure.exit, Exit::Changed);
    assert!(done > 0, "something was written before");
    assert!(none_written(&root, &job.intent));
    assert_eq!(unchanged(&root, &job.changes).unwrap_err().exit, Exit::Changed);
    assert_eq!(fs::read_to_string(job.bench.path("dir/b")).unwrap(), "mine\n");
    fs::write(job.bench.path("a"), "new a\n").unwrap();
    assert!(!none_written(&root, &job.intent));
}
