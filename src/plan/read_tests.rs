use super::*;
use crate::plan::PlanView;

fn read(text: &str) -> (Plan, Source) {
    let source = Source::new("p.md", text.into()).unwrap();
    (Plan::read(&source), source)
}

/// One step with these lines below its heading.
fn step(lines: &str) -> serde_json::Value {
    let (plan, source) = read(&format!("# T\n\n## Phase 1: P\n\n#### Step 1.1: S\n{lines}\n"));
    let view = serde_json::to_value(PlanView::of(&plan, &source)).unwrap();
    view["phases"][0]["steps"][0].clone()
}

#[test]
fn code_among_words_is_no_prompt_and_no_check() {
    let said = step("**AI Prompt:** Write `a()`, and leave `b()` alone.");
    assert_eq!(said["prompt"], "Write `a()`, and leave `b()` alone.");
    let said = step("**AI Prompt:** `Write a` (slowly).");
    assert_eq!(said["prompt"], "Write a");
    let said = step("**AI Prompt:**\n\n```\nWrite\na\n```\n");
    assert_eq!(said["prompt"], "Write\na");
    let said = step("**Success Check:** `make test`\n");
    assert_eq!(said["checks"][0]["script"], "make test");
    let said =
        step("**Success Check:**\n```bash\nmake test\n```\nNever run `touch oops` here.\n\n`touch oops`\n");
    assert_eq!(said["checks"].as_array().unwrap().len(), 1);
    let said = step("**Success Check:** run `make test` by hand\n");
    assert_eq!(said["checks"], serde_json::json!([]));
}

#[test]
fn a_dependency_written_as_a_box_is_waited_for() {
    let said =
        step("**Dependencies:**\n- [ ] Step 1.2 must be complete\n\nHere is how the second file looks.\n");
    assert_eq!(said["dependencies"][0]["steps"], serde_json::json!(["1.2"]));
    assert_eq!(said["dependencies"].as_array().unwrap().len(), 1);
    assert_eq!(said["other"].as_array().unwrap().len(), 1);
}

#[test]
fn a_field_of_the_header_ends_with_its_line() {
    let (plan, source) = read(
        "# T\n\n**Status:** Approved <!-- by Jane -->\n**Updated:** 2025-01-01 (Jane)\nAuthors: Jane\n**Created:** x\\\n\n## S\n",
    );
    let text = |span: &Option<Span>| source.slice(span.as_ref().unwrap()).to_owned();
    assert_eq!(text(&plan.header.status), "Approved");
    assert_eq!(text(&plan.header.updated), "2025-01-01 (Jane)");
    assert_eq!(text(&plan.header.created), "x");
}

#[test]
fn steps_find_the_phase_of_their_number() {
    let phases = |text: &str| {
        let (plan, source) = read(text);
        assert_eq!(plan.verify(&source), []);
        let ids = |phase: &Phase| {
            phase
                .steps
                .iter()
                .map(|step| step.id.to_string())
                .collect::<Vec<_>>()
                .join(" ")
        };
        plan.phases
            .iter()
            .map(|phase| format!("{}: {}", phase.number, ids(phase)))
            .collect::<Vec<_>>()
    };
    let flat =
        "# T\n\n## Phase 2: A\n\n## Step 2.1: a\n\n## Phase 2.5: C\n\n## Step 2.5.1: c\n\n## Step 2.2: b\n";
    assert_eq!(phases(flat), ["2: 2.1 2.2", "2.5: 2.5.1"]);
    let loose = "# T\n\n## Step 1.1: a\n\n## Step 2.1: b\n\n## Step 1.2: c\n";
    assert_eq!(phases(loose), ["1: 1.1 1.2", "2: 2.1"]);
    let nested = "# T\n\n## Phase 7: A\n\n### Step 1.1: a\n";
    assert_eq!(phases(nested), ["7: 1.1"]);
}

#[test]
fn a_near_miss_is_refused() {
    let (plan, source) = read("# T\n\n## Phase 1: P\n\n#### Step 1.1: S\n\n#### Step 1.2 - Lost\n");
    let rules: Vec<&str> = plan.verify(&source).iter().map(|found| found.rule).collect();
    assert_eq!(rules, ["near-step"]);
}

#[test]
fn completion_criteria_inside_a_step_are_its_own() {
    let said = step("##### Completion Criteria\n- [ ] mine\n\n**Tasks:**\n- [ ] t\n");
    assert_eq!(said["other"][0]["text"], "mine");
    assert_eq!(said["tasks"][0]["text"], "t");
}
