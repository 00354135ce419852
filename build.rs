//! Makes cargo look again when a file is added to a folder that the program carries: `include_dir` does not say so.

fn main() {
    for folder in ["prompts", "mocks", "examples"] {
        println!("cargo:rerun-if-changed={folder}");
    }
}
