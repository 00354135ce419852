use crate::words::{Diagnostic, Level};

/// A finding as a workflow command of GitHub Actions, which shows it beside the line. Ends with a line feed.
///
/// The form and its escapes are GitHub's ("Workflow commands for GitHub Actions").
pub fn annotation(path: &str, found: &Diagnostic) -> String {
    let kind = match found.level {
        Level::Error => "error",
        Level::Warning => "warning",
        Level::Note => "notice",
    };
    let mut place = format!("file={}", property(path));
    if let Some(at) = &found.place {
        place.push_str(&format!(
            ",line={},col={},endColumn={}",
            at.line,
            at.column,
            at.column + at.length
        ));
    }
    let mut text = found.message.clone();
    for more in found.found.iter().chain(&found.help) {
        text.push('\n');
        text.push_str(more);
    }
    format!(
        "::{kind} {place},title={}::{}\n",
        property(found.rule),
        data(&text)
    )
}

fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::Source;

    #[test]
    fn everything_that_would_end_it_is_escaped() {
        let source = Source::new("p.md", "one\ntwo".into()).unwrap();
        let found = Diagnostic::warning("odd-box", "100 %: a\r\nb")
            .at(source.place(&(4..7)))
            .help("mend it");
        assert_eq!(
            annotation("a,b:c.md", &found),
            "::warning file=a%2Cb%3Ac.md,line=2,col=1,endColumn=4,title=odd-box::100 %25: a%0D%0Ab%0Amend it\n"
        );
    }
}
