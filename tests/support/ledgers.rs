//! The records of batches in a state folder.

use std::fs;
use std::path::Path;

use serde_json::Value;

/// Makes everything that is on record about batches this much older.
pub(crate) fn age(state: &Path, by: jiff::SignedDuration) {
    for folder in fs::read_dir(state.join("batches")).unwrap() {
        let path = folder.unwrap().path().join("ledger");
        let lines: String = fs::read_to_string(&path)
            .unwrap()
            .lines()
            .map(|line| {
                let mut entry: Value = serde_json::from_str(line.split_once(' ').unwrap().1).unwrap();
                let at: jiff::Timestamp = entry["at"].as_str().unwrap().parse().unwrap();
                entry["at"] = (at - by).strftime("%Y-%m-%dT%H:%M:%SZ").to_string().into();
                let json = entry.to_string();
                format!("{:08x} {json}\n", crc32fast::hash(json.as_bytes()))
            })
            .collect();
        fs::write(path, lines).unwrap();
    }
}
