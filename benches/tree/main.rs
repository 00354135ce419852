//! What a step costs that touches 1,000 files in a repository of 50,000, as ratios to the least that it could: git's own
//! `add -A` into a temporary index, and writing the files.
//!
//! `cargo bench --bench tree` works in `$STEPGATE_BENCH_DIR`, else in the target folder. Nothing is asserted.
//! `cargo bench --bench tree -- writing` leaves the snapshots out.
#![expect(clippy::unwrap_used, reason = "a measurement that cannot be made ends here")]

#[path = "../support/median.rs"]
mod median;

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use median::median;
use stepgate::reply::{Edit, What};
use stepgate::state::Blobs;
use stepgate::tree::{Change, Depot, Keep, Root, apply, prepare, preview, put_back, undo};

const FILES: usize = 50_000;
const TOUCHED: usize = 1_000;
const ROUNDS: usize = 7;

fn main() {
    let parent = std::env::var_os("STEPGATE_BENCH_DIR")
        .map_or_else(|| PathBuf::from(env!("CARGO_TARGET_TMPDIR")), PathBuf::from);
    let folder = tempfile::tempdir_in(parent).unwrap();
    let tree = folder.path().join("tree");
    let state = folder.path().join("state/plan-1");
    fs::create_dir_all(&state).unwrap();
    for number in 0..FILES {
        let path = tree.join(path(number));
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content(number, "first")).unwrap();
    }
    git(&tree, &["init", "-q"], None);
    git(&tree, &["add", "-A"], None);
    git(&tree, &["commit", "-q", "-m", "first"], None);
    git(&tree, &["gc", "-q"], None);
    let root = Root::open(&tree, &[]).unwrap();
    let blobs = Blobs::open(state.join("blobs")).unwrap();
    let depot = Depot {
        root: &root,
        blobs: &blobs,
        state: &state,
    };
    if !std::env::args().any(|word| word == "writing") {
        snapshots(&depot, &tree, folder.path());
    }
    writing(&root, &blobs, folder.path());
}

fn snapshots(depot: &Depot<'_>, tree: &Path, folder: &Path) {
    let (copy, empty) = (folder.join("copy"), folder.join("empty"));
    let (mut listed, mut whole, mut of_copy, mut of_empty) = (vec![], vec![], vec![], vec![]);
    for round in 0..=ROUNDS {
        // Other files each time, for both sides to take in anew.
        for number in 0..TOUCHED {
            let number = number * (FILES / TOUCHED);
            let text = content(number, &format!("round {round}"));
            fs::write(tree.join(path(number)), text).unwrap();
        }
        // Git writes the objects first: whoever comes second finds them. The order changes with the round.
        let mut ours = || {
            listed.push(timed(|| {
                depot.take(&format!("1.1/{round}"), Keep::Listed).unwrap();
            }));
        };
        let mut theirs = || {
            fs::copy(tree.join(".git/index"), &copy).unwrap();
            of_copy.push(timed(|| git(tree, &["add", "-A"], Some(&copy))));
        };
        if round % 2 == 0 {
            ours();
            theirs();
        } else {
            theirs();
            ours();
        }
        whole.push(timed(|| {
            let snapshot = depot.take(&format!("1.2/{round}"), Keep::Contents).unwrap();
            assert_eq!(snapshot.without, Vec::<String>::new());
        }));
        let _ = fs::remove_file(&empty);
        of_empty.push(timed(|| git(tree, &["add", "-A"], Some(&empty))));
    }
    let (listed, whole, of_copy, of_empty) = (
        settled(listed),
        settled(whole),
        settled(of_copy),
        settled(of_empty),
    );
    println!("snapshot before a reply is written / `git add -A`  (goal: at most 1.5)");
    row("into a copy of the index", listed, of_copy);
    row("into an empty index", listed, of_empty);
    println!("snapshot before an agent works / `git add -A`");
    row("into a copy of the index", whole, of_copy);
    row("into an empty index", whole, of_empty);
}

fn writing(root: &Root, blobs: &Blobs, folder: &Path) {
    let (mut ours, mut prepared, mut back, mut plain, mut synced) = (vec![], vec![], vec![], vec![], vec![]);
    let mut previewed = vec![];
    for round in 0..=ROUNDS {
        // Other pre-images each time: what is kept already is not kept again.
        for number in 0..TOUCHED {
            let number = number * (FILES / TOUCHED);
            let text = content(number, &format!("before edit {round}"));
            fs::write(root.path().join(path(number)), text).unwrap();
        }
        let edits: Vec<Edit> = (0..TOUCHED)
            .map(|number| Edit {
                path: path(number * (FILES / TOUCHED)),
                what: What::Whole(content(number, &format!("edit {round}"))),
                span: 0..0,
            })
            .collect();
        let mut changes = Vec::new();
        previewed.push(timed(|| changes = preview(root, &edits, &[]).unwrap()));
        assert_eq!(changes.len(), TOUCHED);
        let mut intent = Vec::new();
        prepared.push(timed(|| intent = prepare(root, blobs, &changes).unwrap()));
        ours.push(timed(|| apply(root, &changes, "bench").unwrap()));
        back.push(timed(|| {
            let undo = undo(root, blobs, &[intent.clone()]).unwrap();
            assert_eq!(undo.changes.len(), TOUCHED);
            put_back(root, &undo.changes, &undo.folders, "bench").unwrap();
        }));
        let beside = folder.join("beside");
        for change in &changes {
            let path = beside.join(change.path.as_str());
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, change.before.as_deref().unwrap()).unwrap();
        }
        plain.push(timed(|| write(&beside, &changes, false)));
        synced.push(timed(|| write(&beside, &changes, true)));
    }
    let (ours, prepared, back) = (settled(ours), settled(prepared), settled(back));
    let (plain, synced, previewed) = (settled(plain), settled(synced), settled(previewed));
    println!("apply {TOUCHED} files / writing them  (goal: at most 2)");
    row("to a file beside, synced, renamed", ours, synced);
    row("over what is there, unsynced", ours, plain);
    println!("previewing them / writing them");
    row("to a file beside, synced, renamed", previewed, synced);
    println!("keeping their pre-images / writing them");
    row("to a file beside, synced, renamed", prepared, synced);
    println!("roll them back / writing them  (goal: at most 2)");
    row("to a file beside, synced, renamed", back, synced);
}

/// The least that writes files: as whoever does not mind a half written one, or as whoever does.
fn write(folder: &Path, changes: &[Change], safely: bool) {
    for change in changes {
        let path = folder.join(change.path.as_str());
        let bytes = change.after.as_deref().unwrap();
        if !safely {
            fs::write(path, bytes).unwrap();
            continue;
        }
        let fresh = path.with_extension("fresh");
        let mut file = fs::File::create_new(&fresh).unwrap();
        file.write_all(bytes).unwrap();
        file.sync_all().unwrap();
        fs::rename(&fresh, &path).unwrap();
        fs::File::open(path.parent().unwrap())
            .unwrap()
            .sync_all()
            .unwrap();
    }
}

fn path(number: usize) -> String {
    format!("part-{:03}/file-{number:05}.txt", number / 100)
}

fn content(number: usize, word: &str) -> String {
    format!("{word} of {number}\n").repeat(20 + number % 100)
}

fn git(tree: &Path, args: &[&str], index: Option<&Path>) {
    let mut command = Command::new("git");
    command
        .args([
            "-c",
            "user.name=b",
            "-c",
            "user.email=b@localhost",
            "-c",
            "gc.auto=0",
            "-c",
            "maintenance.auto=false",
        ])
        .args(args)
        .current_dir(tree);
    if let Some(index) = index {
        command.env("GIT_INDEX_FILE", index);
    }
    assert!(command.status().unwrap().success());
}

fn timed(act: impl FnOnce()) -> f64 {
    let begun = Instant::now();
    act();
    begun.elapsed().as_secs_f64() * 1e3
}

/// The median but for the first round, which does not count.
fn settled(figures: Vec<f64>) -> f64 {
    median(figures.into_iter().skip(1).collect())
}

fn row(name: &str, ours: f64, theirs: f64) {
    println!(
        "    {:.2}x   {ours:.1} ms / {theirs:.1} ms   {name}",
        ours / theirs
    );
}
