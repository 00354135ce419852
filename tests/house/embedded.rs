//! What the program carries is what stands in the repository.

use std::fs;

use stepgate::assets;

use super::{assert_none, files, root};

#[test]
fn every_file_is_carried_as_it_stands() {
    let sample = assets::sample();
    let carried = |path: &str| -> Option<Vec<u8>> {
        if let Some(name) = path.strip_prefix("prompts/") {
            return Some(assets::prompt(name)?.as_bytes().to_vec());
        }
        if let Some(name) = path.strip_prefix("mocks/") {
            return assets::mock(name).ok();
        }
        let name = path.strip_prefix("examples/tally/")?;
        let asset = sample.iter().find(|asset| asset.path == name)?;
        Some(asset.bytes.to_vec())
    };
    let mut other = Vec::new();
    for folder in ["prompts", "mocks", "examples"] {
        for path in files(folder) {
            if carried(&path) != fs::read(root().join(&path)).ok() {
                other.push(path);
            }
        }
    }
    assert_none(
        "not carried as it stands; `build.rs` names the folders at which cargo looks again",
        &other,
    );
    let stand: Vec<String> = files("examples/tally");
    let stand: Vec<&str> = stand
        .iter()
        .map(|path| path.strip_prefix("examples/tally/").unwrap())
        .collect();
    let carry: Vec<&str> = sample.iter().map(|asset| asset.path).collect();
    assert_eq!(
        carry, stand,
        "the sample that is carried, and the one that stands in the repository"
    );
}
