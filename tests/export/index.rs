//! What stands in the indexes of an export.

use crate::project::{Project, SMALL};

#[test]
fn titles_and_paths_of_plans_do_nothing_in_an_index() {
    let project = Project::new();
    let plan = SMALL
        .replace("EP-0007: Small", "EP-0007: <b>[x](y) `z`")
        .replace("Step 1.1: First", "Step 1.1: ![img](http://x) *First*");
    let path = "we ird\n\u{1b}[31mname \"q\" `x`.md";
    project.write(path, plan);
    let ran = project.run(&["export", path, "--format", "md", "-o", "out"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let top = project.read("out/index.md");
    let of_plan = project.read("out/EP-0007/index.md");
    assert!(!format!("{top}{of_plan}").contains('\u{1b}'), "{top}{of_plan}");
    let line = top.lines().nth(2).unwrap();
    let title = r"EP-0007: \<b\>\[x\](y) \`z\` - Implementation Plan";
    assert!(
        line.starts_with(&format!("- [EP-0007](EP-0007/index.md): {title}, 2 prompts")),
        "{top}"
    );
    let lines: Vec<&str> = of_plan.lines().collect();
    assert_eq!(lines[0], format!("# {title}"));
    assert!(
        lines[2].starts_with(r#"``we ird\u{a}\u{1b}[31mname "q" `x`.md``: 2 prompts"#),
        "{of_plan}"
    );
    assert!(
        of_plan.contains(r"[Step 1.1](step-1.1.md): !\[img\](http&#58;//x) \*First\*, about"),
        "{of_plan}"
    );
}
