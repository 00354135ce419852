use std::io;

use toml::Spanned;

use crate::words::{Exit, Failure, Place, Source, Span};

/// Reads a file by its path.
pub(super) type Read<'a> = &'a dyn Fn(&str) -> io::Result<Vec<u8>>;

/// A scenario that is being read.
pub(super) struct File<'a> {
    /// Its text.
    pub(super) source: Source,
    read: Read<'a>,
}

impl<'a> File<'a> {
    pub(super) fn open(path: &str, read: Read<'a>) -> Result<Self, Failure> {
        let bytes = read(path).map_err(|error| {
            let text = format!("cannot read the scenario `{path}`: {}", plain(&error));
            Failure::new(Exit::Configuration, "mock-scenario", text)
        })?;
        let source = text_of(path, bytes)?;
        Ok(Self { source, read })
    }

    /// The text of a file that the scenario names.
    pub(super) fn text(&self, file: &Spanned<String>) -> Result<Source, Failure> {
        let (path, bytes) = self.bytes(file)?;
        text_of(&path, bytes)
    }

    /// The path and the bytes of a file that the scenario names.
    pub(super) fn bytes(&self, file: &Spanned<String>) -> Result<(String, Vec<u8>), Failure> {
        let name = file.get_ref();
        // A scenario may come with a repository: it names its own files, and no others.
        if name.starts_with(['/', '\\']) || name.split(['/', '\\']).any(|part| part == "..") {
            let text = format!("`{name}` does not stand beside the scenario");
            return Err(self
                .refuse(file.span(), text)
                .help("give a path from the scenario's folder, without `..`"));
        }
        let path = match self.source.path().rsplit_once('/') {
            Some((folder, _)) => format!("{folder}/{name}"),
            None => name.clone(),
        };
        match (self.read)(&path) {
            Ok(bytes) => Ok((path, bytes)),
            Err(error) => {
                let text = format!("cannot read the reply `{path}`: {}", plain(&error));
                Err(self
                    .refuse(file.span(), text)
                    .help("the path starts at the scenario's folder"))
            }
        }
    }

    pub(super) fn place(&self, span: &Span) -> Place {
        self.source.place(span)
    }

    pub(super) fn refuse(&self, span: Span, text: impl Into<String>) -> Failure {
        Failure::new(Exit::Configuration, "mock-scenario", text).at(self.place(&span))
    }

    /// Refuses the first of `others` that is there: it means nothing beside `what`.
    pub(super) fn beside(&self, what: &str, others: &[(&str, Option<Span>)]) -> Result<(), Failure> {
        match others.iter().find_map(|(name, span)| Some((name, span.clone()?))) {
            None => Ok(()),
            Some((name, span)) => Err(self
                .refuse(span, format!("`{name}` means nothing beside {what}"))
                .help("take one of the two away")),
        }
    }
}

fn text_of(path: &str, bytes: Vec<u8>) -> Result<Source, Failure> {
    Source::new(path, bytes).map_err(|diagnostic| Failure {
        exit: Exit::Configuration,
        diagnostics: vec![*diagnostic],
    })
}

/// What the system said, without Rust's "(os error N)".
fn plain(error: &io::Error) -> String {
    let text = error.to_string();
    let end = text.find(" (os error").unwrap_or(text.len());
    text[..end].to_lowercase()
}
