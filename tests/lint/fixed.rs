use crate::rules::{case, project};

const PLAN: &str = "EP-0007-implementation.md";

#[test]
fn what_is_safe_is_mended_and_every_other_byte_stays() {
    let project = project(&case("odd-box", "has.md"));
    let before = project.read(PLAN);
    let shown = project.run(&["lint", PLAN, "--fix", "--dry-run"]);
    assert_eq!(project.read(PLAN), before);
    let diff = "\
--- a/EP-0007-implementation.md
+++ b/EP-0007-implementation.md
@@ -42,6 +42,6 @@
 **Tasks:**
-- [] Write two
-- [ x] and three
+- [ ] Write two
+- [x] and three
 - [~] and four
-- [x]and five
+- [x] and five
 - [ ] and six
";
    assert!(shown.out.starts_with(diff), "{}", shown.out);
    let ran = project.run(&["lint", PLAN, "--fix"]);
    assert!(ran.out.starts_with(diff), "{}", ran.out);
    let expected = before
        .replace("- [] Write two", "- [ ] Write two")
        .replace("- [ x] and three", "- [x] and three")
        .replace("- [x]and five", "- [x] and five");
    assert_eq!(project.read(PLAN), expected);
    // What is left takes a person.
    assert!(
        ran.err.ends_with("0 errors, 2 warnings in 1 plan\n"),
        "{}",
        ran.err
    );
    let again = project.run(&["lint", PLAN, "--fix"]);
    assert_eq!(
        again.out,
        ran.out
            .split_once("warning")
            .map(|(_, rest)| format!("warning{rest}"))
            .unwrap()
    );
    assert_eq!(project.read(PLAN), expected);
}

#[test]
fn line_ends_and_a_mark_stay() {
    let project = project(&case("odd-box", "has-not.md"));
    let plan = project.read(PLAN).replace("- [ ] Write one", "- [] Write one");
    let plan = format!("\u{feff}{}", plan.replace('\n', "\r\n"));
    project.write(PLAN, &plan);
    let ran = project.run(&["lint", PLAN, "--fix"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let expected = plan.replace("- [] Write one", "- [ ] Write one");
    assert_eq!(project.read(PLAN), expected);
}

#[test]
fn a_plan_that_a_session_holds_is_not_mended() {
    let project = project(&case("odd-box", "has.md"));
    let before = project.read(PLAN);
    project.mock(&[("1.1", "nothing")]);
    let mut session = project.terminal(&["run", PLAN]);
    session.wait_for("send the prompt?");
    let ran = project.run(&["lint", PLAN, "--fix"]);
    assert_eq!(ran.code, 10, "{}", ran.err);
    assert_eq!(
        project.read(PLAN).replace("In Progress", "Approved"),
        before.replace("In Progress", "Approved")
    );
    session.leave();
}
