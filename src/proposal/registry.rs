use pulldown_cmark::{Event, Parser, Tag, TagEnd};

use super::entry::{Column, Entry};
use super::links::options;
use super::row::{Row, padded};
use super::{Edit, Id, Stage};
use crate::words::{Diagnostic, Exit, Failure, Source, Span};

/// The registry of proposals: the tables of a Markdown file that have a column of ids.
pub struct Registry<'a> {
    source: &'a Source,
    tables: Vec<Table>,
}

struct Table {
    stage: Option<Stage>,
    columns: Vec<Column>,
    /// As they are headed, for who asks what to put there.
    headings: Vec<String>,
    head: Row,
    /// Where its last line ends: behind it comes a new row.
    end: usize,
    rows: Vec<Row>,
}

impl<'a> Registry<'a> {
    /// Finds the tables. Fails with exit 3 where there is none with a column of ids.
    pub fn read(source: &'a Source) -> Result<Self, Failure> {
        let tables = tables(source);
        if !tables.is_empty() {
            return Ok(Self { source, tables });
        }
        let text = format!("the registry `{}` has no table of proposals", source.path());
        Err(Failure::new(Exit::Invalid, "registry-tables", text)
            .found("no table with a column `ID`, `EP #`, `Number` or `Proposal`")
            .help("add a table with such a column and a column `Title` under a heading such as `Pending Proposals`")
            .help("or name the registry with `registry` in `[documents]` of `stepgate.toml`"))
    }

    /// Every id that has a row, and the line it stands in.
    pub fn ids(&self) -> Vec<(Id, usize)> {
        let all = self.tables.iter().flat_map(|table| {
            table
                .rows
                .iter()
                .filter_map(|row| Some((self.id(table, row)?, self.source.line(row.line.start))))
        });
        all.collect()
    }

    /// Whether cells with ids are links, so that a new row has one too.
    pub fn links(&self) -> bool {
        self.tables.iter().any(|table| {
            table.rows.iter().any(|row| {
                let cell = row.cell(self.source.text(), table.at(&Column::Id).unwrap_or(0));
                cell.contains("](")
            })
        })
    }

    fn id(&self, table: &Table, row: &Row) -> Option<Id> {
        let cell = row.cell(self.source.text(), table.at(&Column::Id)?);
        let bare = cell.trim_matches(|c: char| !c.is_ascii_alphanumeric());
        Id::find(cell).or_else(|| Id::given(bare, None))
    }

    /// The edits after which the registry says of a proposal what `entry` says: its row moves to the table of its stage,
    /// is changed where it stands, or comes anew. Every other byte stays.
    ///
    /// Fails with exit 3 for an id with two rows, and for a column of a new row that nobody can fill.
    pub fn enter(&self, entry: &Entry) -> Result<Vec<Edit>, Failure> {
        let old = self.find(&entry.id)?;
        let target = self.target(entry.stage, old.map(|(table, _)| table))?;
        let Some((at, row)) = old else {
            return self.insert(target, entry, None);
        };
        if at == target {
            return Ok(self.change(&self.tables[at], row, entry));
        }
        let mut edits = vec![self.remove(at, row)];
        edits.extend(self.insert(target, entry, Some((&self.tables[at], row)))?);
        Ok(edits)
    }

    /// The row of a proposal, and its table.
    fn find(&self, id: &Id) -> Result<Option<(usize, &Row)>, Failure> {
        let mut found = Vec::new();
        for (index, table) in self.tables.iter().enumerate() {
            for row in &table.rows {
                if self.id(table, row).is_some_and(|other| other.is(id)) {
                    found.push((index, row));
                }
            }
        }
        if let [_, (_, second), ..] = found[..] {
            let diagnostic =
                Diagnostic::error("registry-twice", format!("the registry has two rows for `{id}`"))
                    .at(self.source.place(&second.line))
                    .related(self.source.place(&found[0].1.line), "the other row")
                    .help("take one of them out; nothing was changed");
            return Err(diagnostic.into());
        }
        Ok(found.first().copied())
    }

    /// The table that a row belongs into: the first of its stage, else the one that it is in, else the only one.
    fn target(&self, stage: Stage, now: Option<usize>) -> Result<usize, Failure> {
        let of_stage = self.tables.iter().position(|table| table.stage == Some(stage));
        let only = (self.tables.len() == 1).then_some(0);
        of_stage.or(now).or(only).ok_or_else(|| {
            let text = format!(
                "the registry `{}` has no table of {} proposals",
                self.source.path(),
                stage.folder()
            );
            Failure::new(Exit::Invalid, "registry-tables", text).help(format!(
                "a heading over the table says so, such as `{} Proposals`",
                heading(stage)
            ))
        })
    }

    fn change(&self, table: &Table, row: &Row, entry: &Entry) -> Vec<Edit> {
        let text = self.source.text();
        let changes = table.columns.iter().enumerate().filter_map(|(index, column)| {
            let told = entry.given.get(&table.headings[index].to_lowercase());
            // What a person wrote of the rest is theirs.
            let moves = matches!(column, Column::Status | Column::Updated | Column::Implemented);
            let value = told.or_else(|| entry.known.get(column).filter(|_| moves))?;
            let span = row.cells.get(index)?;
            (row.cell(text, index) != value).then(|| Edit {
                span: span.clone(),
                text: padded(value, &text[span.clone()]),
            })
        });
        changes.collect()
    }

    /// Takes a row out. The last one leaves a row of dashes, where the registry has such rows for nothing.
    fn remove(&self, at: usize, row: &Row) -> Edit {
        let text = self.source.text();
        let table = &self.tables[at];
        let dashes = self
            .tables
            .iter()
            .any(|table| table.rows.iter().any(|row| row.is_empty(text)));
        if dashes && table.rows.len() == 1 {
            let cells = vec!["-".to_owned(); table.columns.len()];
            return Edit {
                span: row.line.clone(),
                text: table.head.like(text, &cells),
            };
        }
        let end = text[row.line.end..].find('\n').map(|at| row.line.end + at + 1);
        match end {
            Some(end) => Edit {
                span: row.line.start..end,
                text: String::new(),
            },
            // The last line of a file without a last line end: the end before it goes instead.
            None => Edit {
                span: text[..row.line.start].trim_end_matches(['\r', '\n']).len()..text.len(),
                text: String::new(),
            },
        }
    }

    fn insert(&self, at: usize, entry: &Entry, old: Option<(&Table, &Row)>) -> Result<Vec<Edit>, Failure> {
        let text = self.source.text();
        let table = &self.tables[at];
        let mut cells = Vec::new();
        for (column, heading) in table.columns.iter().zip(&table.headings) {
            let kept = old.and_then(|(table, row)| {
                let cell = row.cell(text, table.at(column)?);
                (!cell.is_empty()).then(|| cell.to_owned())
            });
            let told = entry.given.get(&heading.to_lowercase()).cloned();
            let known = entry.known.get(column).cloned();
            let person = matches!(
                column,
                Column::Id | Column::Title | Column::Phase | Column::Created | Column::Priority
            );
            let value = if person { kept.or(known) } else { known.or(kept) };
            let value = told.or(value);
            match (value, column) {
                (Some(value), _) => cells.push(value),
                (None, Column::Other(name)) => return Err(self.unknown(table, name)),
                (None, _) => cells.push("-".to_owned()),
            }
        }
        let row = table.head.like(text, &cells);
        let nothing = table.rows.iter().find(|row| row.is_empty(text));
        if let Some(nothing) = nothing.filter(|_| table.rows.len() == 1) {
            return Ok(vec![Edit {
                span: nothing.line.clone(),
                text: row,
            }]);
        }
        let end_of_line =
            if text[..table.end].ends_with("\r\n") || text[table.head.line.end..].starts_with("\r\n") {
                "\r\n"
            } else {
                "\n"
            };
        let whole = text[..table.end].ends_with('\n');
        Ok(vec![Edit {
            span: table.end..table.end,
            text: if whole {
                format!("{row}{end_of_line}")
            } else {
                format!("{end_of_line}{row}")
            },
        }])
    }

    fn unknown(&self, table: &Table, name: &str) -> Failure {
        let text = format!("the registry has a column `{name}`, and nothing is known to put there");
        Failure::new(Exit::Invalid, "registry-column", text)
            .at(self.source.place(&table.head.line))
            .help(format!(
                "say what it holds with `--cell '{name}=TEXT'`; nothing was changed"
            ))
    }
}

impl Table {
    fn at(&self, column: &Column) -> Option<usize> {
        self.columns.iter().position(|other| other == column)
    }
}

fn heading(stage: Stage) -> &'static str {
    match stage {
        Stage::Pending => "Pending",
        Stage::Approved => "Approved",
        Stage::Implemented => "Implemented",
    }
}

/// The tables that stand by themselves and have a column of ids, each with the stage that a heading above it speaks of.
fn tables(source: &Source) -> Vec<Table> {
    let text = source.text();
    let (mut found, mut stage, mut heading) = (Vec::new(), None, None::<Span>);
    let mut depth = 0_usize;
    for (event, range) in Parser::new_ext(text, options()).into_offset_iter() {
        match event {
            Event::Start(Tag::Heading { .. }) => heading = Some(range),
            Event::End(TagEnd::Heading(_)) => {
                stage = heading.take().and_then(|span| Stage::of_heading(&text[span]));
            }
            Event::Start(Tag::BlockQuote(_) | Tag::List(_)) => depth += 1,
            Event::End(TagEnd::BlockQuote(_) | TagEnd::List(_)) => depth -= 1,
            Event::Start(Tag::Table(_)) if depth == 0 => found.extend(table(source, stage, &range)),
            _ => {}
        }
    }
    found
}

fn table(source: &Source, stage: Option<Stage>, range: &Span) -> Option<Table> {
    let text = source.text();
    let mut lines = Vec::new();
    let mut start = text[..range.start].rfind('\n').map_or(0, |at| at + 1);
    while start < range.end {
        let end = text[start..].find('\n').map_or(text.len(), |at| start + at + 1);
        let line = text[start..end].trim_end_matches(['\r', '\n']).len();
        if !text[start..start + line].trim().is_empty() {
            lines.push((start..start + line, end));
        }
        start = end;
    }
    let head = Row::read(text, lines.first()?.0.clone());
    let headings: Vec<String> = (0..head.cells.len())
        .map(|at| head.cell(text, at).to_owned())
        .collect();
    let columns: Vec<Column> = headings.iter().map(|heading| Column::of(heading)).collect();
    columns.contains(&Column::Id).then_some(())?;
    let rows = lines
        .iter()
        .skip(2)
        .map(|(line, _)| Row::read(text, line.clone()))
        .collect();
    Some(Table {
        stage,
        columns,
        headings,
        head,
        end: lines.last()?.1,
        rows,
    })
}
