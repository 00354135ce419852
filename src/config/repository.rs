use std::path::{Component, Path, PathBuf};
use std::time::Duration;

use super::document::{Document, Section};
use super::file::{self, Trust};
use super::origin::Traced;
use crate::words::{Diagnostic, Failure, Span, printable_line};

/// The name of the file at the root of a repository.
const NAME: &str = "stepgate.toml";

/// Words that say where prompts go, with which key, or what runs.
const THE_USERS: [&str; 26] = [
    "api_key",
    "base_url",
    "body",
    "command",
    "consent",
    "default",
    "endpoint",
    "endpoints",
    "env",
    "environment",
    "headers",
    "hooks",
    "insecure_http",
    "key",
    "key_command",
    "key_env",
    "keys",
    "kind",
    "model",
    "proxy",
    "shell",
    "state_dir",
    "token",
    "trust",
    "unattended",
    "url",
];

/// What a repository may say about itself (`stepgate.toml` at its root), and nothing else.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RepositorySettings {
    /// How long a success check may run (`[check] timeout`).
    pub check_timeout: Option<Traced<Duration>>,
    /// The folder of prompt templates (`[prompt] templates`), relative to the root and beneath it by its words. A link
    /// may still lead out: whoever opens it looks.
    pub templates: Option<Traced<PathBuf>>,
    /// Further files that every prompt shows (`[context] files`), with the same care.
    pub context_files: Vec<Traced<PathBuf>>,
}

impl RepositorySettings {
    /// Reads `stepgate.toml` in `root`. Without one, nothing is set.
    ///
    /// Fails with exit code 6 and all the places when it sets what is the user's to say, or has any other fault.
    pub fn load(root: &Path) -> Result<Self, Failure> {
        let Some(source) = file::read(&root.join(NAME), Trust::Repository)? else {
            return Ok(Self::default());
        };
        let document = Document::new(&source);
        let mut top = document.root()?;
        let mut settings = Self::default();
        if let Some(mut check) = top.section("check", "`[check]`") {
            settings.check_timeout = check.time("timeout");
            check.finish(the_users);
        }
        if let Some(mut prompt) = top.section("prompt", "`[prompt]`") {
            settings.templates = read_templates(&mut prompt);
            prompt.finish(the_users);
        }
        if let Some(mut context) = top.section("context", "`[context]`") {
            for (span, file) in context.texts("files") {
                let file = file.map(PathBuf::from);
                settings.context_files.extend(beneath(&context, &span, file));
            }
            context.finish(the_users);
        }
        top.finish(the_users);
        document.finish()?;
        Ok(settings)
    }
}

fn read_templates(prompt: &mut Section<'_, '_>) -> Option<Traced<PathBuf>> {
    let (span, value) = prompt.take("templates")?;
    match value.as_str().filter(|path| !path.is_empty()) {
        Some(path) => {
            let origin = prompt.document().origin(&span);
            beneath(prompt, &span, Traced::new(PathBuf::from(path), origin))
        }
        None => {
            let message = "`templates` in `[prompt]` must be the path of a folder";
            let diagnostic = Diagnostic::error("wrong-type", message).found(super::document::kind(&value));
            prompt.document().problem(&span, diagnostic);
            None
        }
    }
}

/// Passes on a path that stays beneath the root by its words; notes any other.
fn beneath(section: &Section<'_, '_>, span: &Span, path: Traced<PathBuf>) -> Option<Traced<PathBuf>> {
    let inside = |part: Component<'_>| matches!(part, Component::Normal(_) | Component::CurDir);
    let home = path.value.starts_with("~");
    if !path.value.as_os_str().is_empty() && path.value.components().all(inside) && !home {
        return Some(path);
    }
    let shown = path.value.to_string_lossy();
    let message = format!(
        "`{}` in {} leads out of the repository",
        printable_line(&shown),
        section.name
    );
    let diagnostic = Diagnostic::error("outside", message)
        .help("write a path relative to the repository's root, without `..`");
    section.document().problem(span, diagnostic);
    None
}

fn the_users(key: &str) -> Option<Diagnostic> {
    THE_USERS.contains(&key.to_lowercase().as_str()).then(|| {
        let message = format!(
            "`{key}` cannot be set in a repository: a repository may not decide where prompts go, with which key, or what runs"
        );
        Diagnostic::error("not-the-repositorys", message)
            .help("set it in your own configuration, or take it out of `stepgate.toml`")
    })
}

#[cfg(test)]
mod tests;
