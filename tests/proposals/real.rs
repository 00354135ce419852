use super::support::project::{Project, shared};
use super::support::walk::today;
use super::tree;

const FOLDER: &str = "docs/enhancements/approved/EP-0003-alert-processing-history";
const NEW: &str = "docs/enhancements/implemented/EP-0003-alert-processing-history";

#[test]
fn the_real_documents_are_finished_and_no_other_byte_changes() {
    let Some(plans) = shared("the_real_documents_are_finished_and_no_other_byte_changes") else {
        return;
    };
    let project = Project::new();
    for entry in ignore::WalkBuilder::new(&plans).build() {
        let entry = entry.unwrap();
        if entry.file_type().is_some_and(|kind| kind.is_file()) {
            let path = entry.path().strip_prefix(&plans).unwrap().display().to_string();
            project.write(&path, std::fs::read(entry.path()).unwrap());
        }
    }
    let plan = format!("{FOLDER}-implementation.md");
    // All is ticked but the step that moves the plan, and what waits for it.
    let text = project.read(&plan);
    let (above, below) = text.split_once("#### Step 4.3").unwrap();
    let (step, rest) = below
        .split_once("## Testing")
        .map_or((below, ""), |(step, rest)| (step, rest));
    project.write(
        &plan,
        format!(
            "{}#### Step 4.3{step}{}{}",
            above.replace("- [ ]", "- [x]"),
            if rest.is_empty() { "" } else { "## Testing" },
            rest.replace("- [ ]", "- [x]")
        ),
    );
    let before = tree(&project);
    let ran = project.run(&["finish", &plan, "--unattended", "--attest", "--skip-prompt"]);
    assert_eq!(ran.code, 0, "{}", ran.err);

    let mut expected = before;
    for kind in ["requirements", "design", "implementation"] {
        let text = expected.remove(&format!("{FOLDER}-{kind}.md")).unwrap();
        assert!(text.contains(FOLDER));
        expected.insert(format!("{NEW}-{kind}.md"), text.replace(FOLDER, NEW));
    }
    let plan = expected.get_mut(&format!("{NEW}-implementation.md")).unwrap();
    *plan = plan
        .replace("- [ ]", "- [x]")
        .replacen("**Status:** Approved", "**Status:** Completed", 1)
        .replacen("**Updated:** 2024-12-19", &format!("**Updated:** {}", today()), 1);
    let registry = expected.get_mut("docs/enhancements/README.md").unwrap();
    let (head, tail) = registry.split_once("### Implemented Proposals").unwrap();
    let nothing = "| -    | -     | -           | -                    | -              |";
    assert!(tail.contains(nothing));
    let row = format!(
        "| EP-0003 | Alert Processing History Service | {}  | Yes                  | Yes            |",
        today()
    );
    *registry = format!("{head}### Implemented Proposals{}", tail.replace(nothing, &row));
    assert_eq!(tree(&project), expected);
    let lint = project.run(&["lint", &format!("{NEW}-implementation.md")]);
    assert!(!lint.out.contains("dead-link"), "{}", lint.out);
    let ran = project.run(&["finish", &format!("{NEW}-implementation.md"), "--undo"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(
        project
            .read(&format!("{FOLDER}-implementation.md"))
            .contains("- [ ] Move EP-0003")
    );
}
