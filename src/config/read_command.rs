use std::path::PathBuf;
use std::time::Duration;

use super::document::Section;
use super::endpoint::{CommandConfig, PromptBy};
use super::origin::Traced;
use super::secret::looks_like_key;
use super::surroundings::Surroundings;
use crate::words::{Diagnostic, printable_line};

/// How long an agent may take where nobody says.
const TIMEOUT: Duration = Duration::from_secs(30 * 60);

/// What stands in an argument for the file that holds the prompt.
pub(crate) const PROMPT_FILE: &str = "{prompt_file}";

/// Reads what only an endpoint has that is a program.
pub(super) fn read_command(
    section: &mut Section<'_, '_>,
    around: &Surroundings<'_>,
) -> Option<CommandConfig> {
    let prompt = read_prompt(section);
    let timeout = section.time("timeout").unwrap_or(Traced::built_in(TIMEOUT));
    let env = read_env(section);
    let (whole, there) = (section.span.clone(), section.has("command"));
    let argv = section.texts("command");
    section.required("command", (!argv.is_empty()).then_some(()));
    let Some((span, first)) = argv.first() else {
        if there {
            let message = format!("`command` in {} names no program", section.name);
            let help = "write a list of texts: the program first, then its arguments";
            let diagnostic = Diagnostic::error("command", message).help(help);
            section.document().problem(&whole, diagnostic);
        }
        return None;
    };
    let (span, first) = (span.clone(), first.clone());
    let words: Vec<String> = argv.into_iter().map(|(_, word)| word.value).collect();
    let document = section.document();
    let refuse = |message: String, help: &str| {
        document.problem(&span, Diagnostic::error("command", message).help(help));
    };
    let name = &section.name;
    let by = prompt?;
    if words.iter().any(|word| word.contains('\0')) {
        refuse(
            format!("`command` in {name} holds a NUL character"),
            "a program cannot be given one",
        );
        return None;
    }
    if first.value.trim().is_empty() {
        refuse(
            format!("`command` in {name} names no program"),
            "write the program first, and each argument as a text of its own",
        );
        return None;
    }
    if words.len() == 1 && first.value.contains(char::is_whitespace) && !first.value.contains('/') {
        refuse(
            format!(
                "`command` in {name} is one text with blanks: `{}`",
                printable_line(&first.value)
            ),
            "no shell reads it: write each argument as a text of its own, such as `[\"codex\", \"exec\", \"-\"]`",
        );
        return None;
    }
    if first.value.starts_with('~') {
        refuse(
            format!(
                "`command` in {name} begins with `~`, which only a shell would replace: `{}`",
                printable_line(&first.value)
            ),
            "write the whole path of your home folder",
        );
        return None;
    }
    let asked = words.iter().skip(1).any(|word| word.contains(PROMPT_FILE));
    match by.value {
        PromptBy::File if !asked => {
            refuse(
                format!("no argument of `command` in {name} holds `{PROMPT_FILE}`"),
                "with `prompt = \"file\"` an argument has to say where the prompt is, such as `\"--message-file={prompt_file}\"`",
            );
            return None;
        }
        PromptBy::Stdin if asked => {
            refuse(
                format!("`command` in {name} holds `{PROMPT_FILE}`, and the prompt comes on standard input"),
                "set `prompt = \"file\"`, or take it out",
            );
            return None;
        }
        PromptBy::File | PromptBy::Stdin => {}
    }
    // A bare name is looked for in PATH; a path is relative to this file, as the others in it are.
    let program = if first.value.contains('/') {
        around.folder.join(&first.value)
    } else {
        PathBuf::from(&first.value)
    };
    Some(CommandConfig {
        command: Traced::new(words, first.origin),
        program,
        prompt: by,
        timeout,
        env,
    })
}

fn read_prompt(section: &mut Section<'_, '_>) -> Option<Traced<PromptBy>> {
    if !section.has("prompt") {
        section.take("prompt");
        return Some(Traced::built_in(PromptBy::Stdin));
    }
    section.word("prompt", &[("stdin", PromptBy::Stdin), ("file", PromptBy::File)])
}

fn read_env(section: &mut Section<'_, '_>) -> Vec<Traced<String>> {
    let name = section.name.clone();
    let document = section.document();
    let mut names = Vec::new();
    for (span, variable) in section.texts("env") {
        let fine = !variable.value.is_empty()
            && !variable.value.contains(['=', '\0', ' '])
            && !looks_like_key(&variable.value);
        if fine {
            names.push(variable);
            continue;
        }
        let message = format!("`env` in {name} lists names of variables, and one is none");
        // What stands there in place of a name may be a value.
        let diagnostic = Diagnostic::error("command", message)
            .help("write only the name: the value is taken from the environment of stepgate");
        document.secret_problem(&span, &(span.start..span.start), diagnostic);
    }
    names
}
