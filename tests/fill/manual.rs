use super::support::project::Project;
use super::support::pty::ENTER;
use super::{LAID_OUT, editor};

#[test]
fn the_answer_of_another_tool_comes_by_the_editor_or_from_a_file() {
    let mut project = Project::new();
    editor(&mut project, "```markdown\n## Summary\n\nOut of the editor.\n```");
    project.write("doc.md", LAID_OUT);
    project.write("answer.txt", "Out of a file.\n");
    let mut pty = project.terminal(&["fill", "doc.md"]);
    pty.answer("send this prompt? ›", 0);
    pty.wait_for("# The section to fill in: Summary");
    pty.wait_for("copied to the clipboard, if your terminal allows it");
    pty.answer("where is the answer of your tool? ›", 0);
    pty.answer("save this? ›", 0);
    pty.wait_for("saved: Summary");
    pty.answer("send this prompt? ›", 0);
    pty.answer("where is the answer of your tool? ›", 1);
    pty.wait_for("path of the file");
    pty.keys(&format!("missing.txt{ENTER}"));
    pty.wait_for("cannot read `missing.txt`: no such file or directory");
    pty.answer("where is the answer of your tool? ›", 1);
    pty.wait_for("path of the file");
    pty.keys(&format!("answer.txt{ENTER}"));
    pty.answer("save this? ›", 0);
    pty.wait_for("saved: Wishes");
    pty.answer("send this prompt? ›", 4);
    assert_eq!(pty.end(), 4, "{}", pty.text());
    let expected = LAID_OUT
        .replace(
            "<!-- AI: Say in two sentences what it is for. -->",
            "\nOut of the editor.",
        )
        .replace(
            "<!-- AI: Say what is wished for,\nand by whom. -->",
            "\nOut of a file.",
        );
    assert_eq!(project.read("doc.md"), expected);
}
