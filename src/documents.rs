//! What a plan rests on: its documents, and the files that its steps name. Found by rule, read beneath the root only.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::config::RepositorySettings;
use crate::plan::{DocumentLink, Plan, Step};
use crate::plan_file::PlanFile;
use crate::prompt::{Document, Override, StepFile, Template, Templates};
use crate::tree::{DocumentError, Reader, RelativePath, Root, Seen};
use crate::words::{Diagnostic, Exit, Failure, Source, unix_lines};

/// A file past this size is named in a prompt and not shown.
const FILE_LIMIT: usize = 1 << 20;

/// The repository that a folder is in: the folder itself or the next one above it that has `.git` or `stepgate.toml`.
pub fn repository_above(folder: &Path) -> Option<&Path> {
    let mut above = folder.ancestors();
    above.find(|folder| folder.join(".git").exists() || folder.join("stepgate.toml").is_file())
}

/// Finds the repository that a plan belongs to.
///
/// The nearest folder above the plan that holds `.git` or `stepgate.toml`; else the nearest from which the paths in the
/// plan's header lead to files; else the folder that the process stands in, if the plan is beneath it; else the plan's
/// own folder.
pub fn root_of(plan: &Plan, file: &PlanFile, current: Option<&Path>) -> PathBuf {
    let real = file.real();
    let above = || real.ancestors().skip(1);
    let marked = real.parent().and_then(repository_above);
    let holds = |folder: &&Path| {
        links(plan).any(|(_, link)| {
            let relative = Path::new(&link.path).is_relative() && !link.path.contains("..");
            !link.from_plan && relative && link.path.contains('/') && folder.join(&link.path).is_file()
        })
    };
    let current = current
        .and_then(|path| path.canonicalize().ok())
        .filter(|path| real.starts_with(path));
    marked
        .or_else(|| above().find(holds))
        .map(Path::to_path_buf)
        .or(current)
        .or_else(|| real.parent().map(Path::to_path_buf))
        .unwrap_or_else(|| PathBuf::from("/"))
}

/// Every place where a document of the plan may stand, for those who must not write there.
pub fn paths(plan: &Plan, root: &Path, file: &PlanFile) -> Vec<PathBuf> {
    let folder = file.real().parent().unwrap_or(root);
    links(plan)
        .filter_map(|(_, link)| RelativePath::parse(link.target().trim_start_matches("./")).ok())
        .flat_map(|path| {
            let name = Path::new(path.as_str())
                .file_name()
                .unwrap_or_default()
                .to_owned();
            [
                root.join(path.as_str()),
                folder.join(path.as_str()),
                folder.join(name),
            ]
        })
        .filter(|path| path.exists())
        .collect()
}

/// Reads the requirements, the design and the further documents of the repository, in this order.
///
/// Fails with exit 3, at the plan's line, for one that is missing, outside the root, a link, or not text.
pub fn of_plan(
    plan: &Plan,
    source: &Source,
    root: &Root,
    file: &PlanFile,
    context: &[String],
) -> Result<Vec<Document>, Failure> {
    let beside = file
        .real()
        .parent()
        .and_then(|folder| folder.strip_prefix(root.path()).ok());
    let beside = beside
        .map(|folder| folder.to_string_lossy().into_owned())
        .unwrap_or_default();
    let mut documents = Vec::new();
    for (role, link) in links(plan) {
        let read = read(root, link, &beside)
            .map_err(|(tried, error)| missing(source, role, link, &tried, &error))?;
        documents.push(Document {
            role,
            path: read.path().to_owned(),
            text: unix_lines(read.text()).into_owned(),
        });
    }
    for path in context {
        let read = root.document(path).map_err(|error| {
            Failure::new(
                Exit::Invalid,
                "document",
                format!("cannot read the context file `{path}`: {error}"),
            )
            .help("it is named in `stepgate.toml` under `[context]`")
        })?;
        documents.push(Document {
            role: "context",
            path: path.clone(),
            text: unix_lines(read.text()).into_owned(),
        });
    }
    Ok(documents)
}

/// The templates for prompts, those that the repository has of its own among them.
///
/// Fails with exit 6 for one that cannot be read, or cannot be read as a template.
pub fn templates(settings: &RepositorySettings, root: &Root) -> Result<Templates, Failure> {
    let mut overrides = BTreeMap::new();
    if let Some(folder) = &settings.templates {
        for template in Template::ALL {
            let name = template.file_name();
            let path = folder.value.join(name).to_string_lossy().into_owned();
            let text = match root.document(&path) {
                Ok(source) => Source::text(&source).to_owned(),
                Err(DocumentError::Missing) => continue,
                Err(error) => {
                    let text = format!("cannot read the template `{path}`: {error}");
                    return Err(Failure::new(Exit::Configuration, "template", text)
                        .help(format!("{} names its folder", folder.origin)));
                }
            };
            overrides.insert(name.to_owned(), Override { path, text });
        }
    }
    Templates::new(overrides)
}

/// The files that a step names, as they are now. What cannot be shown (a folder, a link, no text) is named only.
pub fn of_step(step: &Step, source: &Source, reader: &mut Reader<'_>) -> Vec<StepFile> {
    step.files
        .iter()
        .map(|entry| {
            let path = source.slice(&entry.path).to_owned();
            let words = |span: &Option<std::ops::Range<usize>>| {
                span.as_ref().map(|span| source.slice(span).to_owned())
            };
            let (text, hidden) = shown(reader, &path);
            StepFile {
                path,
                action: words(&entry.action),
                note: words(&entry.note),
                missing: text.is_none() && hidden.is_none(),
                text,
                hidden,
            }
        })
        .collect()
}

/// A file's text, or why it is not shown; neither where it does not exist.
fn shown(reader: &mut Reader<'_>, path: &str) -> (Option<String>, Option<String>) {
    let hidden = |why: &str| (None, Some(why.to_owned()));
    if path.ends_with('/') {
        return hidden("it is a folder");
    }
    let path = match RelativePath::parse(path.trim_start_matches("./")) {
        Ok(path) => path,
        Err(problem) => return hidden(&problem.to_string()),
    };
    match reader.read(&path) {
        Ok(Seen::Absent) => (None, None),
        Ok(Seen::Bytes(bytes)) if bytes.len() > FILE_LIMIT => hidden("it is over 1 MiB"),
        Ok(Seen::Bytes(bytes)) => match String::from_utf8(bytes) {
            Ok(text) if !text.contains('\0') => (Some(text), None),
            _ => hidden("it is not UTF-8 text, and a reply can only delete or rename it"),
        },
        Ok(Seen::Refused(why)) => hidden(&why),
        Err(_) => hidden("it cannot be read"),
    }
}

fn links(plan: &Plan) -> impl Iterator<Item = (&'static str, &DocumentLink)> {
    let header = &plan.header;
    let requirements = header.requirements.as_ref().map(|link| ("requirements", link));
    requirements
        .into_iter()
        .chain(header.design.as_ref().map(|link| ("design", link)))
}

/// Reads a document by its path from the root, else beside the plan; a link's target counts from the plan's folder.
fn read(root: &Root, link: &DocumentLink, beside: &str) -> Result<Source, (String, DocumentError)> {
    let given = link.target().trim_start_matches("./").to_owned();
    let join = |name: &str| {
        if beside.is_empty() {
            name.to_owned()
        } else {
            format!("{beside}/{name}")
        }
    };
    let name = given.rsplit('/').next().unwrap_or(&given);
    let candidates = if link.from_plan {
        vec![join(&given), given.clone(), join(name)]
    } else {
        vec![given.clone(), join(&given), join(name)]
    };
    let mut first = None;
    for candidate in candidates {
        match root.document(&candidate) {
            Ok(source) => return Ok(source),
            // Only what is not there is looked for elsewhere: anything else is what the plan means, and wrong.
            Err(DocumentError::Missing) => {
                first.get_or_insert((candidate, DocumentError::Missing));
            }
            Err(error) => return Err((candidate, error)),
        }
    }
    Err(first.unwrap_or((given, DocumentError::Missing)))
}

fn missing(source: &Source, role: &str, link: &DocumentLink, tried: &str, error: &DocumentError) -> Failure {
    let name = crate::words::printable_line(&link.path).into_owned();
    let mut diagnostic = Diagnostic::error("document", format!("cannot read the {role} document `{name}`"))
        .at(source.place(&link.span))
        .found(error.to_string());
    diagnostic = match error {
        DocumentError::Missing => diagnostic
            .help(format!(
                "it was looked for as `{tried}` from the repository root, and beside the plan"
            ))
            .help("correct the path in the plan's header, or put the document there"),
        DocumentError::NotText(inner) => match &inner.place {
            Some(place) => diagnostic.help(format!("see line {} of it", place.line)),
            None => diagnostic,
        },
        _ => diagnostic.help("a document is a text file beneath the repository root, and no link"),
    };
    Failure::from(diagnostic)
}
