//! A folder as it is, to be compared whole.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

/// Every entry beneath a folder but `.git`: its bits, and its bytes or where it leads.
pub(crate) fn tree(folder: &Path) -> BTreeMap<String, (u32, String)> {
    let mut entries = BTreeMap::new();
    read(folder, "", &mut entries, false);
    entries
}

/// All that is in `.git` but objects, which nobody can tell apart from garbage, and what is ours.
pub(crate) fn repository(folder: &Path) -> BTreeMap<String, (u32, String)> {
    let mut entries = BTreeMap::new();
    read(&folder.join(".git"), "", &mut entries, true);
    entries.retain(|path, _| !path.starts_with("objects/") && !path.starts_with("refs/stepgate"));
    entries
}

fn read(folder: &Path, name: &str, entries: &mut BTreeMap<String, (u32, String)>, all: bool) {
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let data = entry.metadata().unwrap();
        let name = format!("{name}{}", entry.file_name().display());
        if name == ".git" && !all {
            continue;
        }
        let mut content = String::new();
        if data.is_dir() {
            read(&entry.path(), &format!("{name}/"), entries, all);
        } else if data.is_symlink() {
            content = fs::read_link(entry.path()).unwrap().display().to_string();
        } else {
            content = fs::read(entry.path()).unwrap().escape_ascii().to_string();
        }
        entries.insert(name, (data.permissions().mode(), content));
    }
}

/// Runs git in a folder, with an identity and no settings of the machine.
pub(crate) fn git(folder: &Path, args: &[&str]) -> String {
    let output = Command::new("git")
        .args(["-c", "user.name=t", "-c", "user.email=t@localhost"])
        .args(args)
        .current_dir(folder)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .output()
        .unwrap();
    assert!(output.status.success(), "{args:?}: {output:?}");
    String::from_utf8(output.stdout).unwrap()
}
