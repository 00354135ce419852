use super::support::project::Project;
use super::{FILLED_IN, LAID_OUT, laid_out, mock};

#[test]
fn without_a_terminal_nothing_is_asked_and_nothing_sent() {
    let project = laid_out();
    let ran = project.run(&["fill", "doc.md"]);
    assert_eq!(ran.code, 5, "{}", ran.err);
    assert!(
        ran.err
            .contains("`stepgate fill doc.md --unattended` asks nobody"),
        "{}",
        ran.err
    );
    assert_eq!(project.read("doc.md"), LAID_OUT);
    assert_eq!(project.run(&["log", "doc.md"]).out, "");
    let ran = project.run(&["fill", "doc.md", "--unattended"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert_eq!(project.read("doc.md"), FILLED_IN);
}

#[test]
fn an_answer_with_findings_is_not_saved_and_the_next_run_tells_the_model() {
    let project = Project::new();
    project.write("doc.md", LAID_OUT);
    mock(
        &project,
        &[(
            "Wishes › Must",
            &["### Must\n- [ ] [A wish]\n- [x] Boil", "### Must\n- [ ] Boil"],
        )],
    );
    let fill = ["fill", "doc.md", "--unattended", "--section", "Must"];
    let ran = project.run(&fill);
    assert_eq!(ran.code, 8, "{}", ran.err);
    assert!(
        ran.err.contains("the placeholder `[A wish]` is left"),
        "{}",
        ran.err
    );
    assert!(
        ran.err
            .contains("the box `Boil` is ticked, and nobody verified it"),
        "{}",
        ran.err
    );
    assert_eq!(project.read("doc.md"), LAID_OUT);
    let ran = project.run(&fill);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(project.read("doc.md").contains("### Must\n- [ ] Boil\n"));
    let log = project.run(&["log", "doc.md", "--json"]).out;
    let last = log
        .lines()
        .rfind(|line| line.contains("\"did\":\"send\""))
        .unwrap();
    let record: serde_json::Value = serde_json::from_str(last).unwrap();
    let digits = &record["act"]["prompt"].as_str().unwrap()[..12];
    let sent = project.run(&["log", "doc.md", "--text", digits]).out;
    assert!(
        sent.contains("- line 2: the placeholder `[A wish]` is left"),
        "{sent}"
    );
}

#[test]
fn what_lint_finds_in_a_step_keeps_it_from_being_saved() {
    let project = Project::small();
    let plan = project
        .read("plan.md")
        .replace("**Goal:** Make one", "**Goal:** [What it is for]");
    project.write("plan.md", &plan);
    let (_, step) = plan.split_once("#### Step 1.1").unwrap();
    let (step, _) = step.split_once("\n\n#### Step 1.2").unwrap();
    let good = format!("#### Step 1.1{}", step.replace("[What it is for]", "Make one"));
    let bad = good.replace("grep -q one one.txt", "grep -q one one.txt || true");
    let section = "Phase 1: Only › Step 1.1: First";
    mock(&project, &[(section, &[&bad, &good])]);
    let ran = project.run(&["fill", "plan.md", "--unattended"]);
    assert_eq!(ran.code, 8, "{}", ran.err);
    assert!(ran.err.contains("check-masked"), "{}", ran.err);
    assert_eq!(project.read("plan.md"), plan);
    let ran = project.run(&["fill", "plan.md", "--unattended"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert_eq!(
        project.read("plan.md"),
        plan.replace("[What it is for]", "Make one")
    );
}

#[test]
fn a_prompt_to_be_carried_by_hand_needs_a_person() {
    let project = laid_out();
    let ran = project.run(&["fill", "doc.md", "--unattended", "--endpoint", "manual"]);
    assert_eq!(ran.code, 5, "{}", ran.err);
    assert!(ran.err.contains("the endpoint is `manual`"), "{}", ran.err);
    assert_eq!(project.read("doc.md"), LAID_OUT);
}

#[test]
fn what_would_pass_a_limit_is_not_sent() {
    let project = laid_out();
    let ran = project.run(&["fill", "doc.md", "--unattended", "--max-tokens", "10"]);
    assert_eq!(ran.code, 6, "{}", ran.err);
    assert!(ran.err.contains("limit of 10 tokens"), "{}", ran.err);
    assert_eq!(project.read("doc.md"), LAID_OUT);
    let log = project.run(&["log", "doc.md"]).out;
    assert!(!log.contains("about to send"), "{log}");
}

#[test]
fn an_agent_that_works_in_the_tree_writes_no_section() {
    let project = laid_out();
    project.configure("default = \"a\"\n[endpoint.a]\nkind = \"command\"\ncommand = [\"true\"]\n");
    let ran = project.run(&["fill", "doc.md", "--unattended"]);
    assert_eq!(ran.code, 6, "{}", ran.err);
    assert!(
        ran.err.contains("works in the tree and gives no answer"),
        "{}",
        ran.err
    );
    assert_eq!(project.read("doc.md"), LAID_OUT);
}
