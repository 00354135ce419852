use std::collections::BTreeMap;

use super::{Known, Shelf};
use crate::assets;
use crate::proposal::{
    Column, Edit, Entry, Id, Name, Registry, Role, Scaffold, Stage, folder_of, join, scaffold, slug,
};
use crate::tree::{Change, DocumentError, Links, RelativePath, Root};
use crate::words::{Exit, Failure, Source};

/// The registry that a repository gets which has none.
const REGISTRY: &str = "templates/registry.md";

/// A proposal that is to be begun.
pub struct Beginning<'a> {
    /// The repository.
    pub root: &'a Root,
    /// Where its proposals stand.
    pub shelf: &'a Shelf,
    /// The id; `None` for the next free number.
    pub id: Option<&'a str>,
    /// The title.
    pub title: &'a str,
    /// The day.
    pub today: &'a str,
    /// What a user says of columns of the registry, by their headings in lowercase.
    pub cells: &'a BTreeMap<String, String>,
}

/// What would be written.
#[derive(Debug, Clone)]
pub struct Begun {
    /// The new files, and the registry.
    pub changes: Vec<Change>,
    /// The three documents, in the order in which they are written.
    pub documents: Vec<String>,
    /// The id.
    pub id: Id,
}

/// Works out the three documents of a new proposal and its row in the registry. Nothing is written.
///
/// Fails with exit 2 for an id that is none or taken, with 3 for two proposals of one number and for a registry that
/// takes no row.
pub fn begin(new: &Beginning<'_>) -> Result<Begun, Failure> {
    let known = new.shelf.documents();
    let registry = registry_of(new)?;
    let rows = match &registry {
        (source, true) => Registry::read(source)?.ids(),
        _ => Vec::new(),
    };
    let ids: Vec<&Id> = known
        .iter()
        .map(|known| &known.name.id)
        .chain(rows.iter().map(|(id, _)| id))
        .collect();
    let id = choose(new, &ids, &known)?;
    let slug = slug(new.title);
    let folder = folder(new.shelf, new.root);
    let path = |role| {
        let (id, slug) = (id.clone(), slug.clone());
        join(&folder, &Name { id, slug, role }.to_string())
    };
    let words = Scaffold {
        id: &id,
        title: new.title,
        slug: &slug,
        today: new.today,
        home: &new.shelf.home,
        folder: &folder,
    };
    let (mut changes, mut documents) = (Vec::new(), Vec::new());
    for role in Role::ALL {
        let text = scaffold(&template(new, role)?, &words);
        let path = path(role);
        if new.root.path().join(&path).symlink_metadata().is_ok() {
            let text = format!("`{path}` is there already");
            return Err(Failure::new(Exit::Usage, "taken", text)
                .help("nothing existing is overwritten; take another id or title"));
        }
        changes.push(change(&path, None, text.into_bytes(), new.root)?);
        documents.push(path);
    }
    let (source, there) = registry;
    let tables = Registry::read(&source)?;
    let mut shown = id.to_string();
    if tables.links() {
        let way = crate::proposal::way(folder_of(&new.shelf.registry), &documents[0]);
        shown = format!("[{id}]({way})");
    }
    let edits = tables.enter(&Entry {
        id: id.clone(),
        stage: Stage::Pending,
        known: BTreeMap::from([
            (Column::Id, shown),
            (Column::Title, new.title.to_owned()),
            (Column::Phase, "Requirements".to_owned()),
            (Column::Status, "Draft".to_owned()),
            (Column::Created, new.today.to_owned()),
            (Column::Updated, new.today.to_owned()),
        ]),
        given: new.cells.clone(),
    })?;
    let after = Edit::all(edits, source.text()).into_bytes();
    let before = there.then(|| source.text().as_bytes().to_vec());
    changes.push(change(&new.shelf.registry, before, after, new.root)?);
    Ok(Begun {
        changes,
        documents,
        id,
    })
}

/// The id: the one that was given and is free, or the number after the highest.
fn choose(new: &Beginning<'_>, ids: &[&Id], known: &[Known]) -> Result<Id, Failure> {
    let like = ids.iter().max_by_key(|id| id.number).copied();
    let Some(given) = new.id else {
        new.shelf.check_numbers(None)?;
        return Ok(Id::numbered(like.map_or(0, |id| id.number) + 1, like));
    };
    let Some(id) = Id::given(given, like) else {
        let text = format!("`{}` is no id of a proposal", crate::words::printable_line(given));
        return Err(Failure::new(Exit::Usage, "no-id", text)
            .help("write one as `EP-0007`, or `7`, or `next` for the next free number"));
    };
    if ids.iter().any(|other| other.is(&id)) {
        let place = known.iter().find(|known| known.name.id.is(&id));
        let place = place.map_or(&new.shelf.registry, |known| &known.path);
        let text = format!("the number {} is taken", id.digits());
        return Err(Failure::new(Exit::Usage, "taken", text)
            .found(format!("`{id}` in `{place}`"))
            .help("take `next` for the next free number; nothing was written"));
    }
    Ok(id)
}

/// Where documents are written that are new: the folder of what is pending, unless proposals stand side by side.
fn folder(shelf: &Shelf, root: &Root) -> String {
    let pending = join(&shelf.home, Stage::Pending.folder());
    let flat = shelf
        .documents()
        .iter()
        .any(|known| folder_of(&known.path) == shelf.home);
    if flat && !root.path().join(&pending).is_dir() {
        shelf.home.clone()
    } else {
        pending
    }
}

/// The repository's own template, else ours.
fn template(new: &Beginning<'_>, role: Role) -> Result<String, Failure> {
    let path = join(&new.shelf.templates, role.template());
    match new.root.document(&path) {
        Ok(source) => Ok(source.text().to_owned()),
        Err(DocumentError::Missing) => {
            let ours = assets::prompt(&format!("templates/{}.md", role.word()));
            Ok(ours.unwrap_or_default().to_owned())
        }
        Err(error) => {
            let text = format!("cannot read the template `{path}`: {error}");
            Err(Failure::new(Exit::Invalid, "template", text)
                .help("mend it or take it away; nothing was written"))
        }
    }
}

/// The registry, and whether it is there.
fn registry_of(new: &Beginning<'_>) -> Result<(Source, bool), Failure> {
    let path = &new.shelf.registry;
    match new.root.document(path) {
        Ok(source) => Ok((source, true)),
        Err(DocumentError::Missing) => {
            let text = assets::prompt(REGISTRY).unwrap_or_default();
            let source =
                Source::new(path, text.as_bytes().to_vec()).map_err(|problem| Failure::from(*problem))?;
            Ok((source, false))
        }
        Err(error) => {
            let text = format!("cannot read the registry `{path}`: {error}");
            Err(Failure::new(Exit::Invalid, "registry", text).help("nothing was written"))
        }
    }
}

fn change(path: &str, before: Option<Vec<u8>>, after: Vec<u8>, root: &Root) -> Result<Change, Failure> {
    use std::os::unix::fs::PermissionsExt as _;
    let data = before
        .as_ref()
        .and_then(|_| root.path().join(path).symlink_metadata().ok());
    Ok(Change {
        path: RelativePath::parse(path)?,
        from: None,
        before,
        after: Some(after),
        mode: data.map(|data| data.permissions().mode() & 0o777),
        after_mode: None,
        link: Links::default(),
        protection: None,
        declared: true,
    })
}
