use std::collections::BTreeMap;

use super::{Shelf, markdown};
use crate::config::RepositorySettings;
use crate::documents;
use crate::plan::{Address, Plan};
use crate::plan_file::{PlanFile, Reading};
use crate::proposal::{
    Column, Edit, Entry, Id, Name, Place, Registry, Role, Stage, folder_of, join, last, repair, restamp,
    title_of,
};
use crate::tree::{Change, Links, RelativePath, Root};
use crate::words::{Exit, Failure, Source};

/// A proposal that is to come to another stage.
pub struct Wanted<'a> {
    /// The repository.
    pub root: &'a Root,
    /// What it says of itself.
    pub settings: &'a RepositorySettings,
    /// The plan.
    pub file: &'a PlanFile,
    /// The plan as it was read.
    pub reading: &'a Reading,
    /// The stage.
    pub stage: Stage,
    /// What the plan's header says then.
    pub status: &'a str,
    /// Whether the other two documents say so too.
    pub all: bool,
    /// The day.
    pub today: &'a str,
    /// Boxes of the plan to tick on the way.
    pub ticks: &'a [Address],
    /// What a user says of columns of the registry, by their headings in lowercase.
    pub cells: &'a BTreeMap<String, String>,
}

/// What would change.
#[derive(Debug, Clone)]
pub struct Relocation {
    /// What becomes of which file: the documents first, then the registry, then whatever points at them.
    pub changes: Vec<Change>,
    /// Documents that move, from where to where.
    pub moves: Vec<(String, String)>,
    /// Where the plan is, and where it will be.
    pub plan: (String, String),
    /// What a person should know.
    pub notes: Vec<String>,
}

/// Works out everything that changes when a proposal comes to another stage. Nothing is written.
///
/// Fails with exit 3 for documents that are missing or in each other's way, two proposals of one number, and a registry
/// that does not say where the row belongs.
pub fn relocate(wanted: &Wanted<'_>) -> Result<Relocation, Failure> {
    let root = wanted.root;
    let plan = path_in(root, wanted.file)?;
    let shelf = Shelf::around(root.path(), wanted.settings, &plan);
    let source = &wanted.reading.source;
    let id = wanted.reading.plan.id(source).and_then(|id| Id::find(&id));
    let id = id.or_else(|| Name::parse(last(&plan)).map(|name| name.id));
    if let Some(id) = &id {
        shelf.check_numbers(Some(id))?;
    }
    let mut work = Work {
        wanted,
        changes: Vec::new(),
        moves: Vec::new(),
        notes: Vec::new(),
    };
    let others = work.documents(&plan)?;
    let folder = shelf.folder(wanted.stage, folder_of(&plan));
    let beside = |path: &str| folder_of(path) == folder_of(&plan) || shelf.is_staged(folder_of(path));
    for path in std::iter::once(&plan).chain(&others).filter(|path| beside(path)) {
        work.moves.push((path.clone(), join(&folder, last(path))));
    }
    work.moves.retain(|(from, to)| from != to);
    for path in others.iter().filter(|path| !beside(path)) {
        work.notes
            .push(format!("`{path}` stands elsewhere, and stays there"));
    }
    work.free()?;
    let after = work.after(&plan);
    work.document(&plan, true)?;
    for path in &others {
        work.document(path, false)?;
    }
    let entry = id.map(|id| entry(wanted, id));
    work.registry(&shelf, entry, &after)?;
    let done: Vec<String> = [plan.clone(), shelf.registry.clone()]
        .into_iter()
        .chain(others)
        .collect();
    for path in markdown::files(root.path()) {
        if !done.contains(&path) {
            work.pointer(&path)?;
        }
    }
    Ok(Relocation {
        changes: work.changes,
        moves: work.moves,
        plan: (plan, after),
        notes: work.notes,
    })
}

/// A file's path from the root.
fn path_in(root: &Root, file: &PlanFile) -> Result<String, Failure> {
    let inside = file
        .real()
        .strip_prefix(root.path())
        .ok()
        .and_then(|path| path.to_str());
    inside.map(str::to_owned).ok_or_else(|| {
        let text = format!("`{}` has no path of text beneath the root", file.shown());
        Failure::new(Exit::Usage, "root", text)
    })
}

fn entry(wanted: &Wanted<'_>, id: Id) -> Entry {
    let (plan, source) = (&wanted.reading.plan, &wanted.reading.source);
    let title = plan.header.title.as_ref().map_or("", |span| source.slice(span));
    let created = plan
        .header
        .created
        .as_ref()
        .map(|span| source.slice(span).trim().to_owned());
    let mut known = BTreeMap::from([
        (Column::Id, id.to_string()),
        (Column::Title, title_of(title).to_owned()),
        (Column::Phase, "Implementation".to_owned()),
        (Column::Status, wanted.status.to_owned()),
        (Column::Updated, wanted.today.to_owned()),
        (Column::RequirementsUpdated, updated(plan, source, "requirements")),
        (Column::DesignUpdated, updated(plan, source, "design")),
    ]);
    known.extend(created.map(|created| (Column::Created, created)));
    if wanted.stage == Stage::Implemented {
        known.insert(Column::Implemented, wanted.today.to_owned());
    }
    Entry {
        id,
        stage: wanted.stage,
        known,
        given: wanted.cells.clone(),
    }
}

/// Whether a living document was brought up to date, by the boxes under a heading such as `design.md Updates`.
fn updated(plan: &Plan, source: &Source, document: &str) -> String {
    let lists = plan.checklists.iter().filter(|list| {
        let heading = list
            .path(source)
            .last()
            .map(|last| last.to_lowercase())
            .unwrap_or_default();
        heading.contains(document) && heading.contains("update")
    });
    let mut boxes = lists.flat_map(|list| &list.boxes).peekable();
    if boxes.peek().is_none() {
        "-".to_owned()
    } else if boxes.all(|one| one.done) {
        "Yes".to_owned()
    } else {
        "No".to_owned()
    }
}

struct Work<'a> {
    wanted: &'a Wanted<'a>,
    changes: Vec<Change>,
    moves: Vec<(String, String)>,
    notes: Vec<String>,
}

impl Work<'_> {
    /// The other two documents: those that the header names, else those beside the plan that are called like it.
    fn documents(&mut self, plan: &str) -> Result<Vec<String>, Failure> {
        let Wanted {
            root, file, reading, ..
        } = self.wanted;
        let named = documents::of_plan(&reading.plan, &reading.source, root, file, &[])?;
        let mut paths = Vec::new();
        for (role, word) in [(Role::Requirements, "requirements"), (Role::Design, "design")] {
            if let Some(document) = named.iter().find(|document| document.role == word) {
                paths.push(document.path.clone());
                continue;
            }
            let name = Name::parse(last(plan)).map(|name| name.of(role).to_string());
            let path = name.map(|name| join(folder_of(plan), &name));
            match path.filter(|path| root.path().join(path).is_file()) {
                Some(path) => paths.push(path),
                None => self.notes.push(format!("the plan names no {word} document")),
            }
        }
        paths.dedup();
        Ok(paths)
    }

    /// Nothing may stand where a document is to come.
    fn free(&self) -> Result<(), Failure> {
        for (from, to) in &self.moves {
            if self.wanted.root.path().join(to).symlink_metadata().is_ok() {
                let text = format!("`{from}` cannot move to `{to}`: there is a file");
                return Err(Failure::new(Exit::Invalid, "in-the-way", text)
                    .help("move one of them away, or give one another name; nothing was changed"));
            }
        }
        Ok(())
    }

    fn after(&self, path: &str) -> String {
        let found = self.moves.iter().find(|(from, _)| from == path);
        found.map_or(path, |(_, to)| to).to_owned()
    }

    /// One of the three: its header, its links, its place.
    fn document(&mut self, path: &str, is_plan: bool) -> Result<(), Failure> {
        let (bytes, mode) = self.read(path)?;
        let source = text_of(path, bytes.clone())?;
        let own;
        let plan = if is_plan && source.text() == self.wanted.reading.source.text() {
            &self.wanted.reading.plan
        } else {
            own = Plan::read(&source);
            &own
        };
        let status = (is_plan || self.wanted.all).then_some(self.wanted.status);
        let changes_header = is_plan || self.wanted.all;
        let mut edits = if changes_header {
            restamp(plan, &source, status, self.wanted.today)
        } else {
            Vec::new()
        };
        if is_plan {
            for address in self.wanted.ticks {
                let Some(checkbox) = address.find(plan, &source) else {
                    let text = format!("the box `{}` is gone or reads otherwise", address.text);
                    return Err(Failure::new(Exit::Changed, "plan-changed", text)
                        .help("nothing was changed; run again"));
                };
                edits.push(Edit {
                    span: checkbox.offset..checkbox.offset + 1,
                    text: "x".to_owned(),
                });
            }
        }
        edits.extend(self.links(path, source.text()));
        let after = Edit::all(edits, source.text()).into_bytes();
        self.change(path, bytes, after, mode)
    }

    fn registry(&mut self, shelf: &Shelf, entry: Option<Entry>, after: &str) -> Result<(), Failure> {
        let path = &shelf.registry;
        if !self.wanted.root.path().join(path).exists() {
            self.notes.push(format!("there is no registry `{path}`"));
            return Ok(());
        }
        let Some(mut entry) = entry else {
            self.notes.push(format!(
                "the plan's title has no id, so that it is not in `{path}`"
            ));
            return self.pointer(path);
        };
        let (bytes, mode) = self.read(path)?;
        let source = text_of(path, bytes.clone())?;
        let registry = Registry::read(&source)?;
        if registry.links() {
            let way = crate::proposal::way(folder_of(path), after);
            entry.known.insert(Column::Id, format!("[{}]({way})", entry.id));
        }
        let text = Edit::all(registry.enter(&entry)?, source.text());
        let edits = self.links(path, &text);
        let text = Edit::all(edits, &text);
        self.change(path, bytes, text.into_bytes(), mode)
    }

    /// Any other file: its links, where one leads to what moves.
    fn pointer(&mut self, path: &str) -> Result<(), Failure> {
        if self.moves.is_empty() {
            return Ok(());
        }
        let Ok((bytes, mode)) = self.read(path) else {
            return Ok(());
        };
        let Ok(text) = std::str::from_utf8(&bytes) else {
            return Ok(());
        };
        // Reading Markdown takes longer than looking for a name; a target may be percent-encoded.
        let decoded = percent_encoding::percent_decode_str(text).decode_utf8_lossy();
        if !self
            .moves
            .iter()
            .any(|(from, _)| text.contains(last(from)) || decoded.contains(last(from)))
        {
            return Ok(());
        }
        let after = Edit::all(self.links(path, text), text).into_bytes();
        self.change(path, bytes, after, mode)
    }

    fn links(&self, path: &str, text: &str) -> Vec<Edit> {
        let root = self.wanted.root.path();
        repair(
            text,
            &Place {
                before: path,
                after: &self.after(path),
                moves: &self.moves,
                exists: &|path| root.join(path).symlink_metadata().is_ok(),
            },
        )
    }

    fn read(&self, path: &str) -> Result<(Vec<u8>, Option<u32>), Failure> {
        use std::os::unix::fs::PermissionsExt as _;
        let root = self.wanted.root;
        let bytes = root.read(&RelativePath::parse(path)?)?;
        let mode = root
            .path()
            .join(path)
            .symlink_metadata()
            .map(|data| data.permissions().mode() & 0o777);
        let bytes = bytes.ok_or_else(|| {
            Failure::new(Exit::Changed, "document-gone", format!("`{path}` is gone")).help("run again")
        })?;
        Ok((bytes, mode.ok()))
    }

    fn change(
        &mut self,
        path: &str,
        before: Vec<u8>,
        after: Vec<u8>,
        mode: Option<u32>,
    ) -> Result<(), Failure> {
        let to = self.after(path);
        if to == path && before == after {
            return Ok(());
        }
        let from = (to != path).then(|| RelativePath::parse(path)).transpose()?;
        self.changes.push(Change {
            path: RelativePath::parse(&to)?,
            from,
            before: Some(before),
            after: Some(after),
            mode,
            after_mode: None,
            link: Links::default(),
            protection: None,
            declared: true,
        });
        Ok(())
    }
}

fn text_of(path: &str, bytes: Vec<u8>) -> Result<Source, Failure> {
    Source::new(path, bytes).map_err(|diagnostic| Failure::from(*diagnostic))
}
