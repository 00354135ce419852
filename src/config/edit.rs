use std::fs;
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use toml_edit::{Array, DocumentMut, Item, Table, Value};

use super::file::{self, Trust};
use crate::words::{Exit, Failure, Source, printable_line};

/// The user's configuration file as it is changed by a command: whatever is not changed stays as it is, byte for byte.
///
/// What is added is put behind the text; what is taken away is taken out of it by `toml_edit`, which keeps comments and
/// spaces. Nothing is written before [`save`](Self::save).
#[derive(Debug)]
pub struct ConfigEdit {
    /// The file itself: a link to it is followed, and stays.
    path: PathBuf,
    /// What was read; `None` where there is no file yet.
    before: Option<String>,
    text: String,
}

/// A value of a new setting.
#[derive(Debug, Clone, PartialEq)]
pub enum NewValue {
    /// A text.
    Text(String),
    /// A list of texts.
    List(Vec<String>),
    /// A whole number.
    Whole(i64),
    /// A number.
    Number(f64),
    /// A table, written in one line.
    Table(Vec<(String, NewValue)>),
}

impl NewValue {
    fn written(&self) -> Value {
        match self {
            Self::Text(text) => text.into(),
            Self::List(texts) => texts.iter().collect::<Array>().into(),
            Self::Whole(number) => (*number).into(),
            Self::Number(number) => (*number).into(),
            Self::Table(entries) => {
                let entries = entries
                    .iter()
                    .map(|(name, value)| (name.as_str(), value.written()));
                Value::InlineTable(entries.collect())
            }
        }
    }
}

impl ConfigEdit {
    /// Opens the file at `path`, which need not be there.
    ///
    /// Fails with exit code 6 when it is not to be trusted, is no TOML, or is a link that leads nowhere.
    pub fn open(path: &Path) -> Result<Self, Failure> {
        let read = file::read(path, Trust::User)?;
        let real = match (&read, path.symlink_metadata().is_ok()) {
            (None, true) => {
                let text = format!("`{}` is a link that leads nowhere", shown(path));
                return Err(Failure::new(Exit::Configuration, "settings-file", text));
            }
            (None, false) => path.to_path_buf(),
            (Some(_), _) => path
                .canonicalize()
                .map_err(|error| Failure::io("find", path, &error))?,
        };
        let before = read.map(|source| source.text().to_owned());
        Ok(Self {
            path: real,
            text: before.clone().unwrap_or_default(),
            before,
        })
    }

    /// The text as it will be.
    ///
    /// Fails when it is no text that can be read again.
    pub fn source(&self) -> Result<Source, Failure> {
        Source::new(shown(&self.path), self.text.clone().into_bytes()).map_err(|diagnostic| Failure {
            exit: Exit::Configuration,
            diagnostics: vec![*diagnostic],
        })
    }

    /// Adds `[endpoint.NAME]` behind all else.
    ///
    /// Fails with exit code 6 where TOML does not let it be added there.
    pub fn add(&mut self, name: &str, settings: &[(&str, NewValue)]) -> Result<(), Failure> {
        let mut table = Table::new();
        for (key, value) in settings {
            table.insert(key, Item::Value(value.written()));
        }
        let mut endpoints = Table::new();
        endpoints.set_implicit(true);
        endpoints.insert(name, Item::Table(table));
        let mut added = DocumentMut::new();
        added.insert("endpoint", Item::Table(endpoints));
        let added = added.to_string();
        let mut text = self.text.clone();
        if !text.is_empty() && !text.ends_with('\n') {
            text.push('\n');
        }
        if !text.trim_matches(is_gap).is_empty() && !text.ends_with("\n\n") && !text.ends_with("\r\n\r\n") {
            text.push('\n');
        }
        text.push_str(added.trim_start());
        self.become_text(&text)
    }

    /// Makes `name` the default.
    pub fn set_default(&mut self, name: &str) -> Result<(), Failure> {
        let (mut document, marks) = self.document()?;
        if let Some(value) = document.get_mut("default").and_then(Item::as_value_mut) {
            replace(value, name);
            return self.become_text(&marks.restore(&document.to_string()));
        }
        let mark = if self.text.starts_with(BOM) { BOM } else { "" };
        let rest = &self.text[mark.len()..];
        let gap = if rest.is_empty() || rest.starts_with(is_gap) {
            ""
        } else {
            "\n"
        };
        let text = format!("{mark}default = {}\n{gap}{rest}", Value::from(name));
        self.become_text(&text)
    }

    /// Takes `[endpoint.NAME]` out, with the comment that stands right above it. Where it is the default, `manual` becomes
    /// that; returns whether it was.
    ///
    /// Fails with exit code 6 when there is none of that name in the file.
    pub fn remove(&mut self, name: &str) -> Result<bool, Failure> {
        let (mut document, marks) = self.document()?;
        let endpoints = document.get_mut("endpoint").and_then(Item::as_table_like_mut);
        let Some(removed) = endpoints.and_then(|endpoints| endpoints.remove(name)) else {
            let text = format!(
                "there is no `[endpoint.{}]` in `{}`",
                printable_line(name),
                shown(&self.path)
            );
            return Err(Failure::new(Exit::Configuration, "no-endpoint", text));
        };
        let mut gone = Vec::new();
        sections(&removed, &mut gone);
        let mut others = Vec::new();
        sections(document.as_item(), &mut others);
        let before = |position: isize, tables: &[(isize, String)]| {
            let positions = tables.iter().map(|(at, _)| *at);
            positions.filter(|at| *at < position).max()
        };
        // From the end, so that what two of them leave to the same section stays in its order.
        gone.sort_by_key(|(position, _)| std::cmp::Reverse(*position));
        for (position, above) in &gone {
            // Within the endpoint, what stands between two of its sections is the endpoint's.
            let within = before(*position, &gone) > before(*position, &others);
            let kept = not_attached(above);
            if !within && !kept.is_empty() {
                leave_behind(&mut document, *position, kept);
            }
        }
        let default = document.get_mut("default").and_then(Item::as_value_mut);
        let default = default.filter(|value| value.as_str() == Some(name));
        let was_default = default.is_some();
        if let Some(value) = default {
            replace(value, "manual");
        }
        self.become_text(&marks.restore(&document.to_string()))?;
        Ok(was_default)
    }

    fn document(&self) -> Result<(DocumentMut, Marks), Failure> {
        let marks = Marks::of(&self.text);
        let plain = marks.strip(&self.text);
        let document: DocumentMut = plain.parse().map_err(|_| self.by_hand("it is no TOML"))?;
        // What the library would not give back as it was is not given to it.
        if marks.restore(&document.to_string()) != self.text {
            return Err(self.by_hand("its line ends are mixed"));
        }
        Ok((document, marks))
    }

    fn become_text(&mut self, text: &str) -> Result<(), Failure> {
        let marks = Marks::of(&self.text);
        let text = marks.restore(&marks.strip(text));
        if marks.strip(&text).parse::<DocumentMut>().is_err() {
            return Err(self.by_hand("it has `endpoint` in a form that a section cannot be added to"));
        }
        self.text = text;
        Ok(())
    }

    fn by_hand(&self, why: &str) -> Failure {
        let text = format!("cannot change `{}`: {why}", shown(&self.path));
        Failure::new(Exit::Configuration, "settings-file", text).help("change it with an editor")
    }

    /// Writes the file, all or nothing: 0600 where it is new, with its mode where it is not.
    ///
    /// Fails with exit code 11 when somebody else changed it meanwhile, with 9 when the disk fails.
    pub fn save(&self) -> Result<(), Failure> {
        let now = match fs::read(&self.path) {
            Ok(bytes) => Some(bytes),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(Failure::io("read", &self.path, &error)),
        };
        if now.as_deref() != self.before.as_deref().map(str::as_bytes) {
            let text = format!("`{}` was changed meanwhile", shown(&self.path));
            return Err(Failure::new(Exit::Changed, "changed", text).help("run the command again"));
        }
        self.write()
            .map_err(|error| Failure::io("write", &self.path, &error))
    }

    fn write(&self) -> io::Result<()> {
        let folder = self.path.parent().filter(|folder| !folder.as_os_str().is_empty());
        let folder = folder.unwrap_or(Path::new("."));
        fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        let mode = match self.before {
            Some(_) => fs::metadata(&self.path)?.permissions().mode() & 0o7777,
            None => 0o600,
        };
        let mut file = tempfile::Builder::new()
            .prefix(".stepgate-")
            .tempfile_in(folder)?;
        file.write_all(self.text.as_bytes())?;
        file.as_file().set_permissions(fs::Permissions::from_mode(mode))?;
        file.as_file().sync_all()?;
        file.persist(&self.path).map_err(|error| error.error)?;
        fs::File::open(folder)?.sync_all()
    }
}

const BOM: &str = "\u{feff}";

/// What TOML does not tell of a text: the byte order mark, and which line ends it has.
#[derive(Clone, Copy)]
struct Marks {
    bom: bool,
    crlf: bool,
}

impl Marks {
    fn of(text: &str) -> Self {
        Self {
            bom: text.starts_with(BOM),
            crlf: text.contains("\r\n"),
        }
    }

    fn strip(self, text: &str) -> String {
        let text = text.strip_prefix(BOM).unwrap_or(text);
        if self.crlf {
            text.replace("\r\n", "\n")
        } else {
            text.to_owned()
        }
    }

    fn restore(self, text: &str) -> String {
        let text = if self.crlf {
            text.replace('\n', "\r\n")
        } else {
            text.to_owned()
        };
        if self.bom { format!("{BOM}{text}") } else { text }
    }
}

fn is_gap(c: char) -> bool {
    c == '\n' || c == '\r' || c == '\u{feff}'
}

fn shown(path: &Path) -> String {
    printable_line(&path.to_string_lossy()).into_owned()
}

/// Changes a value, and nothing around it.
fn replace(value: &mut Value, text: &str) {
    let decor = value.decor().clone();
    *value = Value::from(text);
    *value.decor_mut() = decor;
}

/// The sections that are written in an item, each with its place among all and with what stands above it.
fn sections(item: &Item, found: &mut Vec<(isize, String)>) {
    let mut tables = Vec::new();
    match item {
        Item::Table(table) => tables.push(table),
        Item::ArrayOfTables(list) => tables.extend(list.iter()),
        _ => {}
    }
    for table in tables {
        if let Some(position) = table.position().filter(|_| !table.is_implicit()) {
            let above = table.decor().prefix().and_then(|prefix| prefix.as_str());
            found.push((position, above.unwrap_or_default().to_owned()));
        }
        table.iter().for_each(|(_, item)| sections(item, found));
    }
}

/// Of what stands above a section, all but the comment that touches it.
fn not_attached(above: &str) -> &str {
    let mut end = above.len();
    for line in above.split_inclusive('\n').rev() {
        if line.trim().is_empty() {
            break;
        }
        end -= line.len();
    }
    let kept = &above[..end];
    if kept.trim().is_empty() { "" } else { kept }
}

/// Puts comments before the section that follows `position`, or at the end.
fn leave_behind(document: &mut DocumentMut, position: isize, comments: &str) {
    fn next<'t>(table: &'t mut Table, after: isize, best: &mut Option<(isize, &'t mut Table)>) {
        if let Some(position) = table.position()
            && position > after
            && !table.is_implicit()
            && best.as_ref().is_none_or(|(least, _)| position < *least)
        {
            *best = Some((position, table));
            return;
        }
        for (_, item) in table.iter_mut() {
            match item {
                Item::Table(table) => next(table, after, best),
                Item::ArrayOfTables(tables) => tables.iter_mut().for_each(|table| next(table, after, best)),
                _ => {}
            }
        }
    }
    let mut best = None;
    next(document.as_table_mut(), position, &mut best);
    if let Some((_, table)) = best {
        let above = table.decor().prefix().and_then(|prefix| prefix.as_str());
        let above = above.unwrap_or_default().trim_start_matches('\n');
        let joined = format!("{comments}{above}");
        table.decor_mut().set_prefix(joined);
        return;
    }
    let trailing = document.trailing().as_str().unwrap_or_default().to_owned();
    document.set_trailing(format!("{comments}{}", trailing.trim_start_matches('\n')));
}

#[cfg(test)]
mod tests;
