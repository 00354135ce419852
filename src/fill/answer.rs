//! What a model answered, made ready to stand in a document.

use crate::words::unix_lines;

/// The answer without what a model puts around it: blank lines, and a fence that says it is Markdown.
pub(crate) fn bare(reply: &str) -> String {
    let text = unix_lines(reply);
    let text = text.trim_start_matches(['\n', '\u{feff}']).trim_end();
    unfenced(text).trim_start_matches('\n').trim_end().to_owned()
}

fn unfenced(text: &str) -> &str {
    let Some((first, rest)) = text.split_once('\n') else {
        return text;
    };
    let Some((inner, last)) = rest.rsplit_once('\n') else {
        return text;
    };
    let info = first.trim_start_matches('`');
    let marks = first.len() - info.len();
    let markdown = matches!(info.trim().to_ascii_lowercase().as_str(), "markdown" | "md");
    let closes = last.len() >= marks && last.bytes().all(|byte| byte == b'`');
    if marks >= 3 && markdown && closes {
        inner
    } else {
        text
    }
}

/// The answer with the line ends of the document.
pub(crate) fn with_ends(answer: &str, crlf: bool) -> String {
    if crlf {
        answer.replace('\n', "\r\n")
    } else {
        answer.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_around_an_answer_is_taken_away() {
        let cases = [
            ("\n\n## A\r\nb\r\n\r\n", "## A\nb"),
            (
                "```markdown\n## A\n\n```bash\nls\n```\n```\n",
                "## A\n\n```bash\nls\n```",
            ),
            ("````md\n## A\n````", "## A"),
            ("```\ncode\n```", "```\ncode\n```"),
            (
                "```markdown\n## A\n```\n\nand more",
                "```markdown\n## A\n```\n\nand more",
            ),
            ("    code", "    code"),
            ("", ""),
        ];
        for (reply, expected) in cases {
            assert_eq!(bare(reply), expected, "{reply:?}");
        }
    }
}
