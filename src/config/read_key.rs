use super::document::{Section, kind};
use super::origin::{Origin, Traced};
use super::secret::looks_like_key;
use crate::words::Diagnostic;

/// Reads the variable that holds the key.
pub(super) fn read_key_env(section: &mut Section<'_, '_>) -> Option<Traced<String>> {
    let (span, value) = section.take("key_env")?;
    let document = section.document();
    let is_name = |text: &&str| {
        text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
            && !looks_like_key(text)
    };
    if let Some(name) = value.as_str().filter(is_name) {
        return Some(Traced::new(name.to_owned(), document.origin(&span)));
    }
    let message = format!(
        "`key_env` in {} must be the name of an environment variable",
        section.name
    );
    let diagnostic = Diagnostic::error("wrong-type", message)
        .help("write the variable's name, such as `key_env = \"LOCAL_KEY\"`, never the key itself");
    // It may be the key itself: it is not shown.
    document.secret_problem(&span, &(span.start..span.start), diagnostic);
    None
}

/// Reads `key`, which knows one word; where it stands.
pub(super) fn read_keyring(section: &mut Section<'_, '_>) -> Option<Origin> {
    let (span, value) = section.take("key")?;
    let document = section.document();
    if value.as_str() == Some("keyring") {
        return Some(document.origin(&span));
    }
    let message = format!("`key` in {} can be `\"keyring\"` and nothing else", section.name);
    let diagnostic = Diagnostic::error("key-in-file", message)
        .help("take the key out of this file, and put it into the keyring with `stepgate key set NAME`")
        .help("or name the variable that holds it: `key_env = \"VARIABLE\"`");
    // It may be the key itself: it is not shown.
    document.secret_problem(&span, &(span.start..span.start), diagnostic);
    None
}

/// Reads the command that prints the key.
pub(super) fn read_key_command(section: &mut Section<'_, '_>) -> Option<Traced<Vec<String>>> {
    let (span, value) = section.take("key_command")?;
    let document = section.document();
    let argv: Option<Vec<String>> = value.as_array().and_then(|list| {
        let texts = list.iter().map(|item| item.get_ref().as_str());
        texts.map(|text| text.map(str::to_owned)).collect()
    });
    // A path that is relative would be looked up where stepgate was started, which is a repository.
    let runs = |program: &String| !program.is_empty() && (!program.contains('/') || program.starts_with('/'));
    let wrong = match &argv {
        Some(argv) if argv.first().is_some_and(runs) => {
            return Some(Traced::new(argv.clone(), document.origin(&span)));
        }
        Some(argv) if !argv.is_empty() => "must begin with a program in `PATH`, or with an absolute path",
        _ => "must be a list of texts, the program first",
    };
    let message = format!("`key_command` in {} {wrong}", section.name);
    let diagnostic = Diagnostic::error("wrong-type", message)
        .found(kind(&value))
        .help("write it such as `key_command = [\"pass\", \"show\", \"stepgate\"]`; no shell reads it");
    // It may be the key itself: it is not shown.
    document.secret_problem(&span, &(span.start..span.start), diagnostic);
    None
}
