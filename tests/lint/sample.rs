use stepgate::assets;

use crate::support::project::Project;

/// Whoever tries stepgate sees the sample first: it shows how a plan is to be.
#[test]
fn the_sample_has_nothing_to_warn_of() {
    let project = Project::new();
    for file in assets::sample() {
        project.write(file.path, file.bytes);
    }
    let ran = project.run(&["lint", "docs", "--deny-warnings"]);
    let told = (ran.out.as_str(), ran.err.as_str(), ran.code);
    assert_eq!(told, ("", "0 errors, 0 warnings in 1 plan\n", 0));
}
