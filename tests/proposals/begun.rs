use super::support::project::Project;
use super::support::repository::git;
use super::support::walk::today;
use super::tree;

#[test]
fn a_blank_page_becomes_three_documents_and_a_row() {
    let project = Project::new();
    let ran = project.run(&["new", "next", "Faster: `search`"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let path = |kind: &str| format!("docs/enhancements/pending/EP-0001-faster-search-{kind}.md");
    let expected: String = ["requirements", "design", "implementation"]
        .map(|kind| path(kind) + "\n")
        .concat();
    assert_eq!(ran.out, expected);
    let plan = project.read(&path("implementation"));
    let head = format!(
        "# EP-0001: Faster: `search` - Implementation Plan\n\n**Status:** Draft\n**Created:** {0}\n**Updated:** {0}\n\
**Phase:** Implementation Planning & Execution\n**Requirements Document:** `{1}`\n**Design Document:** `{2}`\n",
        today(),
        path("requirements"),
        path("design")
    );
    assert!(plan.starts_with(&head), "{plan}");
    assert!(!plan.contains("EP-XXXX") && !plan.contains("YYYY"));
    let row = format!(
        "| EP-0001 | Faster: `search` | Requirements | Draft  | {} | -        |\n",
        today()
    );
    assert!(project.read("docs/enhancements/README.md").contains(&row));
    // Nothing but hints and placeholders, and every document that it names is there.
    let ran = project.run(&["lint", &path("implementation"), "--format", "json"]);
    let found: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    let rules: Vec<&str> = found["files"][0]["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|finding| finding["rule"].as_str().unwrap())
        .filter(|rule| !["hint", "placeholder"].contains(rule))
        .collect();
    assert_eq!((ran.code, rules), (0, Vec::new()));
    assert!(
        project
            .run(&["prompt", &path("implementation"), "1.1"])
            .out
            .contains("requirements")
    );
}

#[test]
fn the_next_number_is_free_in_the_registry_and_among_the_files() {
    let project = Project::new();
    project.write(
        "docs/enhancements/README.md",
        "## Pending\n\nID | Title\n---|---\nEP-012 | Old\n",
    );
    project.write("docs/enhancements/implemented/EP-007-x-design.md", "");
    let ran = project.run(&["new", "next", "A | b"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(ran.out.contains("docs/enhancements/pending/EP-013-a-b-design.md"));
    assert_eq!(
        project.read("docs/enhancements/README.md"),
        "## Pending\n\nID | Title\n---|---\nEP-012 | Old\nEP-013 | A \\| b\n"
    );
    let before = tree(&project);
    for taken in ["EP-012", "7", "ep-13"] {
        let ran = project.run(&["new", taken, "B"]);
        assert_eq!(ran.code, 2, "{}", ran.err);
        assert!(ran.err.contains("is taken"), "{}", ran.err);
    }
    assert_eq!(project.run(&["new", "x/../y", "B"]).code, 2);
    assert_eq!(project.run(&["new", "next", " "]).code, 2);
    assert_eq!(tree(&project), before);
}

#[test]
fn the_repositorys_own_templates_and_folders_count() {
    let project = Project::new();
    project.write(
        "stepgate.toml",
        "[documents]\nfolder = \"rfc\"\ntemplates = \"rfc/t\"\nregistry = \"rfc.md\"\n",
    );
    project.write(
        "rfc/t/ep-design-template.md",
        "# EP-XXXX: [Title]\r\n`docs/x/pending/EP-XXXX-requirements.md`\r\n",
    );
    let ran = project.run(&["new", "RFC-3", "Own"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert_eq!(
        project.read("rfc/pending/RFC-3-own-design.md"),
        "# RFC-3: Own\r\n`rfc/pending/RFC-3-own-requirements.md`\r\n"
    );
    assert!(
        project
            .read("rfc.md")
            .contains("| RFC-3 | Own   | Requirements |")
    );
    let ran = project.run(&["new", "next", "Dry", "--dry-run"]);
    assert!(
        ran.out.contains("+# RFC-4: Dry - Requirements Document"),
        "{}",
        ran.out
    );
    assert!(!project.root().join("rfc/pending/RFC-4-dry-design.md").exists());
}

#[test]
fn a_proposal_is_promoted_from_folder_to_folder_and_from_table_to_table() {
    let project = Project::new();
    git(&project, &["init", "-q"]);
    project.run(&["new", "next", "Up"]);
    project.write("docs/enhancements/approved/.keep", "");
    git(&project, &["add", "-A"]);
    let pending = "docs/enhancements/pending/EP-0001-up-implementation.md";
    let ran = project.run(&["promote", pending, "--to", "review"]);
    assert_eq!(
        (ran.code, ran.out.as_str()),
        (0, "docs/enhancements/pending/EP-0001-up-implementation.md\n"),
        "{}",
        ran.err
    );
    assert!(
        project
            .read("docs/enhancements/README.md")
            .contains("| Up    | Requirements | Review |")
    );
    let ran = project.run(&["promote", pending, "--to", "approved"]);
    let approved = "docs/enhancements/approved/EP-0001-up-implementation.md";
    assert_eq!((ran.code, ran.out), (0, format!("{approved}\n")), "{}", ran.err);
    for kind in ["requirements", "design", "implementation"] {
        let text = project.read(&approved.replace("implementation", kind));
        assert!(text.contains("**Status:** Approved\n"), "{text}");
        assert!(!text.contains("enhancements/pending/EP-0001"), "{text}");
    }
    let registry = project.read("docs/enhancements/README.md");
    let (above, below) = registry.split_once("## Approved").unwrap();
    assert!(
        !above.contains("EP-0001") && below.contains("| EP-0001 | Up    | Requirements | Approved |"),
        "{registry}"
    );
    assert!(git(&project, &["ls-files"]).contains(approved));
    let ran = project.run(&["promote", approved, "--to", "review"]);
    assert_eq!(ran.code, 2, "{}", ran.err);
}
