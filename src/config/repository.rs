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
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RepositorySettings {
    /// How long a success check may run (`[check] timeout`).
    pub check_timeout: Option<Traced<Duration>>,
    /// The folder of prompt templates (`[prompt] templates`), relative to the root and beneath it by its words. A link
    /// may still lead out: whoever opens it looks.
    pub templates: Option<Traced<PathBuf>>,
    /// Further files that every prompt shows (`[context] files`), with the same care.
    pub context_files: Vec<Traced<PathBuf>>,
    /// The most that a session may cost (`[budget] max_cost`); it only lowers what the user allows.
    pub max_cost: Option<Traced<f64>>,
    /// The most tokens that a session may take (`[budget] max_tokens`), likewise.
    pub max_tokens: Option<Traced<u64>>,
    /// Where the documents of proposals stand (`[documents]`), with the same care.
    pub documents: DocumentSettings,
}

/// Where the documents of proposals stand, each relative to the root.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DocumentSettings {
    /// The folder of all proposals (`folder`), which holds those of the stages.
    pub folder: Option<Traced<PathBuf>>,
    /// The folder of the three templates (`templates`).
    pub templates: Option<Traced<PathBuf>>,
    /// The registry (`registry`).
    pub registry: Option<Traced<PathBuf>>,
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
            settings.templates = read_path(&mut prompt, "templates");
            prompt.finish(the_users);
        }
        if let Some(mut context) = top.section("context", "`[context]`") {
            for (span, file) in context.texts("files") {
                let file = file.map(PathBuf::from);
                settings.context_files.extend(beneath(&context, &span, file));
            }
            context.finish(the_users);
        }
        if let Some(mut budget) = top.section("budget", "`[budget]`") {
            settings.max_cost = budget.number("max_cost");
            settings.max_tokens = budget.whole("max_tokens", 0, 1 << 50);
            budget.finish(the_users);
        }
        if let Some(mut documents) = top.section("documents", "`[documents]`") {
            settings.documents = DocumentSettings {
                folder: read_path(&mut documents, "folder"),
                templates: read_path(&mut documents, "templates"),
                registry: read_path(&mut documents, "registry"),
            };
            documents.finish(the_users);
        }
        top.finish(the_users);
        document.finish()?;
        Ok(settings)
    }

    /// The paths of [`Self::context_files`].
    pub fn context(&self) -> Vec<String> {
        let files = self.context_files.iter();
        files
            .map(|path| path.value.to_string_lossy().into_owned())
            .collect()
    }
}

fn read_path(section: &mut Section<'_, '_>, key: &'static str) -> Option<Traced<PathBuf>> {
    let (span, value) = section.take(key)?;
    match value.as_str().filter(|path| !path.is_empty()) {
        Some(path) => {
            let origin = section.document().origin(&span);
            beneath(section, &span, Traced::new(PathBuf::from(path), origin))
        }
        None => {
            let kind = if key == "registry" { "file" } else { "folder" };
            let message = format!("`{key}` in {} must be the path of a {kind}", section.name);
            let diagnostic = Diagnostic::error("wrong-type", message).found(super::document::kind(&value));
            section.document().problem(&span, diagnostic);
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
