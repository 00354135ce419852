use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;
use std::process::Command;

use proptest::prelude::{Just, Strategy, prop, prop_oneof};
use proptest::{prop_assert_eq, proptest};

use super::super::Keep;
use super::ground::{Ground, Tree, has_git};

/// What somebody does to the tree between two moments.
#[derive(Debug, Clone)]
enum Act {
    Write(usize, Vec<u8>),
    Delete(usize),
    Move(usize, usize),
    Bits(usize, u32),
    Link(usize),
}

const NAMES: [&str; 12] = [
    "a.txt",
    "b.crlf",
    "sub/c.txt",
    "sub/deep/d.bin",
    "x.lfs",
    "ignored.log",
    "build/out.o",
    "new/e.txt",
    "-dash",
    "spaß €",
    "with space",
    "sub/.gitattributes",
];

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let bytes = prop_oneof![
        Just(b"one\r\ntwo\r\n".to_vec()),
        Just(b"one\ntwo\n".to_vec()),
        Just(b"mixed\r\nends\n$Id$\n".to_vec()),
        Just(b"\xff\x00\r\n".to_vec()),
        Just(Vec::new()),
        prop::collection::vec(prop::num::u8::ANY, 0..40),
    ];
    let name = 0..NAMES.len();
    let bits = prop_oneof![
        Just(0o644),
        Just(0o600),
        Just(0o755),
        Just(0o640),
        Just(0o4755),
        Just(0o444)
    ];
    let act = prop_oneof![
        (name.clone(), bytes).prop_map(|(name, bytes)| Act::Write(name, bytes)),
        name.clone().prop_map(Act::Delete),
        (name.clone(), name.clone()).prop_map(|(from, to)| Act::Move(from, to)),
        (name.clone(), bits).prop_map(|(name, bits)| Act::Bits(name, bits)),
        name.prop_map(Act::Link),
    ];
    prop::collection::vec(act, 0..12)
}

fn act(ground: &Ground, act: &Act) {
    let path = |name: &usize| ground.path(NAMES[*name]);
    let room = |path: &Path| fs::create_dir_all(path.parent().unwrap()).unwrap();
    match act {
        Act::Write(name, bytes) => {
            let _ = fs::remove_file(path(name));
            ground.write(NAMES[*name], bytes, 0o644);
        }
        Act::Delete(name) => {
            let _ = fs::remove_file(path(name));
        }
        Act::Move(from, to) => {
            room(&path(to));
            let _ = fs::rename(path(from), path(to));
        }
        Act::Bits(name, bits) => {
            if path(name).exists() {
                fs::set_permissions(path(name), fs::Permissions::from_mode(*bits)).unwrap();
            }
        }
        Act::Link(name) => {
            room(&path(name));
            let _ = fs::remove_file(path(name));
            symlink("a.txt", path(name)).unwrap();
        }
    }
}

const ATTRIBUTES: [&str; 4] = [
    "",
    "* text=auto\n*.crlf eol=crlf\n",
    "*.lfs filter=upper -text\n*.txt text eol=lf ident\n",
    "* text working-tree-encoding=UTF-16\n",
];

fn filled(git: bool, attributes: &str, first: &[Act]) -> Ground {
    let ground = Ground::new(git);
    ground.write(".gitignore", b"*.log\nbuild/\n", 0o644);
    ground.write("kept.txt", b"kept\r\n", 0o640);
    if !attributes.is_empty() {
        ground.write(".gitattributes", attributes.as_bytes(), 0o644);
    }
    for one in &first[..first.len() / 2] {
        act(&ground, one);
    }
    if git {
        ground.git(&["config", "filter.upper.clean", "tr a-z A-Z"]);
        // What git cannot convert it does not take, and that is fine here.
        let _ = Command::new("git")
            .args(["add", "--ignore-errors", "."])
            .current_dir(ground.path(""))
            .output()
            .unwrap();
    }
    for one in &first[first.len() / 2..] {
        act(&ground, one);
    }
    ground
}

proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig { cases: 40, ..Default::default() })]

    #[test]
    fn what_somebody_did_is_put_back_byte_and_bit(
        git: bool,
        attributes in 0..ATTRIBUTES.len(),
        first in acts(),
        then in acts(),
    ) {
        if git && !has_git() {
            return Ok(());
        }
        let ground = filled(git, ATTRIBUTES[attributes], &first);
        let (before, repository) = (ground.tree(), if git { ground.repository() } else { Tree::new() });
        let snapshot = ground.with(|depot| depot.take("1.1/1", Keep::Contents)).unwrap();
        prop_assert_eq!(snapshot.commit.is_some(), git, "{:?}", snapshot.without);
        prop_assert_eq!(&ground.tree(), &before, "taking it changes nothing");
        for one in &then {
            act(&ground, one);
        }
        let after = ground.tree();
        let difference = ground.with(|depot| depot.since(&snapshot, &[])).unwrap();
        prop_assert_eq!(&difference.beyond, &[]);
        // The same by two snapshots.
        let second = ground.with(|depot| depot.take("1.1/2", Keep::Contents)).unwrap();
        prop_assert_eq!(&ground.with(|depot| depot.changes(&snapshot, &second, &[])).unwrap(), &difference);
        prop_assert_eq!(difference.changes.is_empty() && difference.folders.is_empty(), before == after);
        ground.with(|depot| depot.restore(&difference, "s")).unwrap();
        let mut restored = ground.tree();
        let files = |tree: &mut Tree| tree.retain(|path, _| !ground.path(path.to_str().unwrap()).is_dir());
        let mut expected = before;
        files(&mut expected);
        files(&mut restored);
        prop_assert_eq!(restored, expected);
        if git {
            prop_assert_eq!(ground.repository(), repository);
        }
    }
}

#[test]
fn a_repository_in_the_tree_and_one_without_a_commit_are_left_apart() {
    if !has_git() {
        return;
    }
    let ground = Ground::new(true);
    ground.write("a", b"a", 0o644);
    ground.write("inner/b", b"b", 0o644);
    let inner = Command::new("git")
        .args(["init", "-q", "inner"])
        .current_dir(ground.path(""))
        .output();
    assert!(inner.unwrap().status.success());
    let (before, hooks) = (ground.tree(), ground.repository());
    let snapshot = ground.with(|depot| depot.take("1.1/1", Keep::Contents)).unwrap();
    assert_eq!(snapshot.without, Vec::<String>::new());
    ground.write("inner/b", b"other", 0o600);
    ground.write("a", b"other", 0o600);
    let difference = ground.with(|depot| depot.since(&snapshot, &[])).unwrap();
    let paths: Vec<&str> = difference
        .changes
        .iter()
        .map(|change| change.path.as_str())
        .collect();
    assert_eq!(paths, ["a", "inner/b"]);
    ground.with(|depot| depot.restore(&difference, "s")).unwrap();
    assert_eq!((ground.tree(), ground.repository()), (before, hooks));
}

#[test]
fn nothing_of_the_repository_runs_and_nothing_but_our_ref_is_there() {
    if !has_git() {
        return;
    }
    let ground = Ground::new(true);
    ground.write("a", b"a\r\n", 0o644);
    ground.git(&["add", "."]);
    ground.git(&["commit", "-q", "-m", "one"]);
    ground.write("a", b"stashed", 0o644);
    ground.git(&["stash", "-q"]);
    ground.write("staged", b"staged", 0o644);
    ground.git(&["add", "staged"]);
    ground.write("untracked", b"u", 0o644);
    let ran = ground.temp.path().join("ran");
    let script = format!("#!/bin/sh\ntouch {}\n", ran.display());
    for hook in [
        "reference-transaction",
        "post-index-change",
        "pre-commit",
        "fsmonitor-watchman",
    ] {
        ground.write(&format!(".git/hooks/{hook}"), script.as_bytes(), 0o755);
    }
    ground.git(&["config", "core.hooksPath", ".git/hooks"]);
    ground.git(&["config", "core.fsmonitor", ".git/hooks/fsmonitor-watchman"]);
    ground.git(&["config", "filter.run.clean", &format!("touch {}", ran.display())]);
    ground.write(".git/info/attributes", b"* filter=run\n", 0o644);
    let _ = fs::remove_file(&ran);
    let before = ground.repository();
    let snapshot = ground.with(|depot| depot.take("1.1/1", Keep::Contents)).unwrap();
    assert_eq!((ground.repository(), ran.exists()), (before, false));
    fs::remove_file(ground.path(".git/info/attributes")).unwrap();
    ground.git(&["config", "--unset", "core.hooksPath"]);
    ground.git(&["config", "--unset", "core.fsmonitor"]);
    let commit = snapshot.commit.unwrap();
    assert_eq!(
        ground.git(&[
            "for-each-ref",
            "--format=%(refname) %(objectname)",
            "refs/stepgate"
        ]),
        format!("refs/stepgate/plan-1/1.1/1 {commit}\n")
    );
    assert_eq!(
        ground.git(&["ls-tree", "--name-only", &commit]),
        "a\nstaged\nuntracked\n"
    );
    assert_eq!(ground.git(&["show", &format!("{commit}:a")]), "a\r\n");
    for number in 2..5 {
        ground
            .with(|depot| depot.take(&format!("1.1/{number}"), Keep::Listed))
            .unwrap();
    }
    ground.with(|depot| depot.prune("1.1")).unwrap();
    assert_eq!(
        ground.git(&["for-each-ref", "--format=%(refname)", "refs/stepgate"]),
        "refs/stepgate/plan-1/1.1/4\n"
    );
}

#[test]
fn what_cannot_be_kept_or_followed_is_named() {
    let ground = Ground::new(false);
    ground.write("big", &vec![7; (1 << 20) + 1], 0o644);
    ground.write("small", b"s", 0o644);
    let snapshot = ground.with(|depot| depot.take("1.1/1", Keep::Contents)).unwrap();
    assert_eq!(
        snapshot.without,
        [
            "the tree is not kept in git: it is in no git repository",
            "`big` is listed only, and cannot be put back if the step changes them",
        ]
    );
    ground.write("big", b"less", 0o644);
    ground.write("a:b", b"", 0o644);
    fs::write(ground.path("").join(OsStr::from_bytes(b"no\xfftext")), b"").unwrap();
    let difference = ground.with(|depot| depot.since(&snapshot, &[])).unwrap();
    let beyond: Vec<(&str, &str)> = difference
        .beyond
        .iter()
        .map(|beyond| (beyond.path.as_str(), beyond.why.as_str()))
        .collect();
    assert_eq!(
        beyond,
        [
            ("big", "its bytes before are not kept"),
            ("no\u{fffd}text", "its name is not one that is followed"),
        ]
    );
    let changes: Vec<&str> = difference
        .changes
        .iter()
        .map(|change| change.path.as_str())
        .collect();
    assert_eq!(changes, ["a:b"]);
}

#[test]
fn git_that_is_told_to_look_away_is_not_believed() {
    if !has_git() {
        return;
    }
    let ground = Ground::new(true);
    ground.write("sub/a", b"first", 0o644);
    ground.write("sub/b", b"first", 0o644);
    ground.git(&["add", "."]);
    ground.git(&["update-index", "--assume-unchanged", "sub/a"]);
    ground.git(&["update-index", "--skip-worktree", "sub/b"]);
    ground.write("sub/a", b"later", 0o644);
    ground.write("sub/b", b"later", 0o644);
    let before = ground.tree();
    let snapshot = ground.with(|depot| depot.take("1.1/1", Keep::Contents)).unwrap();
    ground.write("sub/a", b"last!", 0o644);
    fs::remove_file(ground.path("sub/b")).unwrap();
    let difference = ground.with(|depot| depot.since(&snapshot, &[])).unwrap();
    ground.with(|depot| depot.restore(&difference, "s")).unwrap();
    assert_eq!(ground.tree(), before);
}
