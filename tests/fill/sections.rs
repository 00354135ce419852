use super::support::mock_server::MockServer;
use super::support::project::{Project, shared};
use super::support::pty::ENTER;
use super::{ANSWERS, FILLED_IN, LAID_OUT, editor, laid_out, mock, scenario};

const SEND: &str = "send this prompt? ›";
const SAVE: &str = "save this? ›";

#[test]
fn every_section_is_filled_in_and_no_other_byte_changes() {
    let project = laid_out();
    let mut pty = project.terminal(&["fill", "doc.md"]);
    pty.wait_for("EP-0009: Kettle - Requirements Document");
    pty.wait_for("4 parts to fill in · prompts go to test");
    for (section, _) in ANSWERS {
        pty.wait_for(&format!("▸ {section}  line"));
        pty.answer(SEND, 0);
        pty.answer(SAVE, 0);
        pty.wait_for(&format!("saved: {section}"));
    }
    pty.wait_for("4 parts filled in, nothing is left");
    assert_eq!(pty.end(), 0, "{}", pty.text());
    assert_eq!(project.read("doc.md"), FILLED_IN);
    let again = project.run(&["fill", "doc.md"]);
    let told = "nothing to fill in: doc.md has no hint and no placeholder below a heading\n";
    assert_eq!((again.code, again.err.as_str()), (0, told));
}

#[test]
fn line_ends_a_byte_order_mark_and_a_missing_last_line_end_stay() {
    let project = laid_out();
    let as_bytes = |text: &str| format!("\u{feff}{}", text.trim_end().replace('\n', "\r\n"));
    // The last section is one of those that are filled in.
    let cut = |text: &str| text.split("\n\n---\n\n## How").next().unwrap().to_owned();
    project.write("doc.md", as_bytes(&cut(LAID_OUT)));
    let ran = project.run(&["fill", "doc.md", "--unattended"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert_eq!(project.read("doc.md"), as_bytes(&cut(FILLED_IN)));
}

#[test]
fn only_the_section_that_is_asked_for_and_those_below_it() {
    let project = laid_out();
    let ran = project.run(&["fill", "doc.md", "--unattended", "--section", "wishes"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let (head, _) = LAID_OUT.split_once("## Wishes").unwrap();
    let (_, tail) = FILLED_IN.split_once("## Wishes").unwrap();
    assert_eq!(project.read("doc.md"), format!("{head}## Wishes{tail}"));
    assert!(ran.err.contains("doc.md:9  Summary: 1 hint"), "{}", ran.err);
    let none = project.run(&["fill", "doc.md", "--section", "Hopes"]);
    assert_eq!(none.code, 2, "{}", none.err);
    assert!(
        none.err.contains("`doc.md` has no section `Hopes`"),
        "{}",
        none.err
    );
    assert!(none.err.contains("below `Summary`"), "{}", none.err);
}

#[test]
fn an_answer_is_edited_asked_again_or_left() {
    let mut project = Project::new();
    editor(&mut project, "## Summary\n\nBy hand.");
    project.write("doc.md", LAID_OUT);
    mock(
        &project,
        &[
            ("Summary", &["## Summary\n\nFirst.", "## Summary\n\nSecond."]),
            ("Wishes", &["## Wishes\n\nAll."]),
            ("Wishes › Must", &["### Must\n- [ ] Boil"]),
        ],
    );
    let mut pty = project.terminal(&["fill", "doc.md"]);
    pty.answer(SEND, 0);
    pty.wait_for("+First.");
    pty.answer(SAVE, 2);
    pty.wait_for("a note for the model (may be empty)");
    pty.keys(&format!("say more{ENTER}"));
    pty.answer(SEND, 2);
    pty.wait_for("What the person says who read it: say more");
    pty.answer(SEND, 0);
    pty.wait_for("+Second.");
    pty.answer(SAVE, 1);
    pty.wait_for("+By hand.");
    pty.answer(SAVE, 0);
    pty.wait_for("saved: Summary");
    // Left before it is sent, and left when it is answered.
    pty.answer(SEND, 3);
    pty.wait_for("left as it is: Wishes");
    pty.answer(SEND, 0);
    pty.answer(SAVE, 3);
    pty.wait_for("left as it is: Wishes › Must");
    pty.answer(SEND, 4);
    pty.wait_for("1 part filled in; what is left:");
    pty.wait_for("doc.md:13  Wishes: 1 hint");
    pty.wait_for("doc.md:17  Wishes › Must: 2 placeholders");
    pty.wait_for("doc.md:21  Wishes › May: 1 hint, 1 placeholder");
    pty.wait_for("left; `stepgate fill doc.md` goes on here");
    assert_eq!(pty.end(), 4, "{}", pty.text());
    let hint = "<!-- AI: Say in two sentences what it is for. -->";
    assert_eq!(project.read("doc.md"), LAID_OUT.replace(hint, "\nBy hand."));

    // What was answered is shown as it was stored; what was never sent is asked for.
    let mut pty = project.terminal(&["fill", "doc.md", "--section", "Must"]);
    pty.wait_for("answer complete (as stored; nothing was sent)");
    pty.answer(SAVE, 0);
    assert_eq!(pty.end(), 0, "{}", pty.text());
    assert!(project.read("doc.md").contains("### Must\n- [ ] Boil\n"));
    let log = project.run(&["log", "doc.md"]).out;
    assert_eq!(log.matches("Wishes › Must: about to send").count(), 1, "{log}");
}

#[test]
fn an_answer_that_breaks_the_document_cannot_be_saved() {
    let project = Project::new();
    project.write("doc.md", LAID_OUT);
    mock(
        &project,
        &[("Summary", &["## Summary\n\nIt boils.\n\n## Wishes\n\nNone."])],
    );
    let mut pty = project.terminal(&["fill", "doc.md"]);
    pty.answer(SEND, 0);
    pty.wait_for("the heading `Wishes` would end the section");
    // The first answer is no longer to save it.
    pty.answer("this answer cannot be saved as it is; what now? ›", 3);
    assert_eq!(pty.end(), 4, "{}", pty.text());
    assert_eq!(project.read("doc.md"), LAID_OUT);
}

#[test]
fn a_document_that_changed_since_the_answer_was_shown_is_not_written() {
    let project = laid_out();
    let mut pty = project.terminal(&["fill", "doc.md"]);
    pty.answer(SEND, 0);
    pty.wait_for(SAVE);
    let changed = LAID_OUT.replace("Read by somebody", "Read by two");
    project.write("doc.md", &changed);
    pty.keys(&format!("\x1b[B{ENTER}"));
    assert_eq!(pty.end(), 11, "{}", pty.text());
    assert!(
        pty.text().contains("`doc.md` changed since it was shown"),
        "{}",
        pty.text()
    );
    assert_eq!(project.read("doc.md"), changed);
    // The answer is kept, and the next session shows it against what stands there now.
    let mut pty = project.terminal(&["fill", "doc.md", "--section", "Summary"]);
    pty.wait_for("as stored; nothing was sent");
    pty.answer(SAVE, 0);
    assert_eq!(pty.end(), 0);
    let hint = "<!-- AI: Say in two sentences what it is for. -->";
    let filled = changed.replace(hint, "\nIt boils water. It stops by itself.");
    assert_eq!(project.read("doc.md"), filled);
}

#[test]
fn a_design_is_written_from_the_requirements_over_http() {
    let project = Project::new();
    project.write("docs/r.md", FILLED_IN);
    let design = "# EP-0009: Kettle - Design Document\n\n**Requirements Document:** `docs/r.md`\n\n## Parts\n<!-- AI: List them -->\n";
    project.write("docs/d.md", design);
    let server = MockServer::of(&project, &scenario(&[("Parts", &["## Parts\n\n- A heater"])]));
    let url = server.url.clone();
    project.configure(&format!(
        "default = \"wire\"\n[endpoint.wire]\nkind = \"openai\"\nurl = \"{url}/v1\"\nmodel = \"m\"\n"
    ));
    let ran = project.run(&["fill", "docs/d.md", "--unattended"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert_eq!(
        project.read("docs/d.md"),
        design.replace("<!-- AI: List them -->", "\n- A heater")
    );
    let requests = server.requests().to_string();
    assert_eq!(
        requests.matches("# The section to fill in: Parts").count(),
        1,
        "{requests}"
    );
    assert!(requests.contains("It boils a litre in 3 minutes"), "{requests}");
}

#[test]
fn the_real_templates_are_filled_in_to_their_last_placeholder() {
    let Some(plans) = shared("the_real_templates_are_filled_in_to_their_last_placeholder") else {
        return;
    };
    let template = std::fs::read_to_string(plans.join("docs/templates/ep-requirements-template.md")).unwrap();
    let project = Project::new();
    project.write("doc.md", &template);
    let text =
        "description = \"any\"\n[[rule]]\ndescription = \"any\"\n[[rule.reply]]\ntext = \"- one\\n- two\"\n";
    std::fs::write(project.home().join(".config/stepgate/test.toml"), text).unwrap();
    project.configure("default = \"test\"\n[endpoint.test]\nkind = \"mock\"\nscenario = \"test.toml\"\n");
    let ran = project.run(&["fill", "doc.md", "--unattended"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let filled = project.read("doc.md");
    let headings = |text: &str| {
        text.lines()
            .filter(|line| line.starts_with('#'))
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    assert_eq!(headings(&filled), headings(&template));
    let (header, body) = filled.split_once("\n---\n").unwrap();
    assert!(template.starts_with(header));
    assert!(!body.contains("<!-- AI:") && !body.contains("- [ ] ["), "{body}");
    assert_eq!(project.run(&["fill", "doc.md"]).code, 0);
}
