//! A file that is there, with a word about a step.

use super::comment::Comment;
use super::json;
use super::kind::{Form, Kind};
use super::mark::Mark;

/// A whole file past this is not given again.
const SIZE_LIMIT: usize = 1 << 20;

/// The text of a file with the word about a step; `Ok(None)` where it says that already.
///
/// Fails with the reason where nothing can be written to it that leaves it valid.
pub(super) fn amended(kind: Kind, current: &str, mark: Mark<'_>) -> Result<Option<String>, &'static str> {
    if current.len() > SIZE_LIMIT {
        return Err("it is too long to be given as a whole");
    }
    if current.contains('\0') {
        return Err("what is there is no text");
    }
    if current.contains('\r') {
        return Err("its line ends are not those of a file edit");
    }
    let line = match kind.form {
        Form::Json => return json::with(current, &mark.words()),
        Form::Commented(comment) => {
            continues(kind, current)?;
            comment.line(&mark.words())
        }
        Form::Plain => mark.words(),
        Form::Empty => return Ok(None),
        Form::Data => return Err("its format has no comments"),
        Form::Unknown => return Err("nothing is known of its format"),
        Form::Binary | Form::Made => return Err("it is not written by hand"),
    };
    if current.lines().any(|present| present.trim() == line) {
        return Ok(None);
    }
    let mut text = current.to_owned();
    if !text.ends_with('\n') {
        text.push('\n');
    }
    let paragraphs = matches!(kind.language, "markdown" | "mdx" | "rst" | "asciidoc");
    if paragraphs && !text.ends_with("\n\n") {
        text.push('\n');
    }
    text.push_str(&line);
    text.push('\n');
    Ok(Some(text))
}

/// Fails where a comment at the end would be something else.
fn continues(kind: Kind, current: &str) -> Result<(), &'static str> {
    if current.trim_end().ends_with('\\') {
        return Err("its last line goes on in the next");
    }
    if current.lines().any(|line| matches!(line, "__END__" | "__DATA__")) {
        return Err("it ends with data");
    }
    if kind.language == "php" && current.rfind("?>") >= current.rfind("<?") {
        return Err("it does not end in PHP");
    }
    let Form::Commented(Comment::Block(open, close)) = kind.form else {
        return Ok(());
    };
    // What an open comment swallows is no comment of its own, and its end would be ours.
    if current.rfind(open) > current.rfind(close) {
        return Err("it ends within a comment");
    }
    Ok(())
}
