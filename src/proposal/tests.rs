use std::collections::BTreeMap;

use super::{
    Column, Edit, Entry, Id, Name, Place, Registry, Role, Scaffold, Stage, repair, scaffold, slug, title_of,
};
use crate::words::Source;

const OLD: &str = "docs/ep/approved/EP-0003-x-design.md";
const NEW: &str = "docs/ep/implemented/EP-0003-x-design.md";

fn moved(before: &str, after: &str, text: &str) -> String {
    let moves = [
        (OLD.to_owned(), NEW.to_owned()),
        (
            "docs/ep/approved/EP-0003-x-implementation.md".to_owned(),
            "docs/ep/implemented/EP-0003-x-implementation.md".to_owned(),
        ),
    ];
    let there = |path: &str| path.starts_with("docs/");
    let place = Place {
        before,
        after,
        moves: &moves,
        exists: &there,
    };
    Edit::all(repair(text, &place), text)
}

#[test]
fn links_that_point_at_what_moves_are_mended() {
    let text = "\
[d](approved/EP-0003-x-design.md#top \"approved/\") and `docs/ep/approved/EP-0003-x-design.md`, see\r\n\
docs/ep/approved/EP-0003-x-design.md. Not mydocs/ep/approved/EP-0003-x-design.md, nor `docs/ep/approved/EP-0003-x-design.md-old`.\r\n\
![i](<approved/EP-0003-x-design.md>) [r][r] [a](/docs/ep/approved/EP-0003-x-design.md) [u](https://x/approved/EP-0003-x-design.md)\r\n\
\r\n[r]: ./approved/EP-0003-x-design.md 'title'\r\n\
```\r\ndocs/ep/approved/EP-0003-x-design.md\r\n```\r\n<!-- docs/ep/approved/EP-0003-x-design.md -->\r\n";
    let expected = "\
[d](implemented/EP-0003-x-design.md#top \"approved/\") and `docs/ep/implemented/EP-0003-x-design.md`, see\r\n\
docs/ep/implemented/EP-0003-x-design.md. Not mydocs/ep/approved/EP-0003-x-design.md, nor `docs/ep/approved/EP-0003-x-design.md-old`.\r\n\
![i](<implemented/EP-0003-x-design.md>) [r][r] [a](/docs/ep/implemented/EP-0003-x-design.md) [u](https://x/approved/EP-0003-x-design.md)\r\n\
\r\n[r]: implemented/EP-0003-x-design.md 'title'\r\n\
```\r\ndocs/ep/approved/EP-0003-x-design.md\r\n```\r\n<!-- docs/ep/approved/EP-0003-x-design.md -->\r\n";
    let found = moved("docs/ep/README.md", "docs/ep/README.md", text);
    assert_eq!(found, expected);
    assert_eq!(moved("other.md", "other.md", "nothing"), "nothing");
}

#[test]
fn links_of_what_moves_lead_where_they_led() {
    let text = "[p](EP-0003-x-implementation.md) [t](../../t.md?q#f) [o](../README.md) [h](#here) `../x.md` [dead](gone/../../../../nowhere.md)";
    assert_eq!(moved(OLD, NEW, text), text, "the folder is as deep as before");
    let moves = [("docs/a.md".to_owned(), "docs/done/a.md".to_owned())];
    let place = Place {
        before: "docs/a.md",
        after: "docs/done/a.md",
        moves: &moves,
        exists: &|path| path != "docs/gone.md",
    };
    let text = "[b](b%20c.md#x) [up](../r.md) [me](a.md) [gone](gone.md) `./b.md`";
    let expected = "[b](../b%20c.md#x) [up](../../r.md) [me](a.md) [gone](gone.md) `../b.md`";
    assert_eq!(Edit::all(repair(text, &place), text), expected);
}

const TABLES: &str = "\
# R\r\n\r\n```\r\n| EP # | Title |\r\n|---|---|\r\n| EP-0001 | No |\r\n```\r\n\r\n## Pending Proposals\r\n\r\n\
| EP # | Title      | Status | Created    | Priority |\r\n\
|------|------------|:------:|------------|---------:|\r\n\
| EP-0001 | a \\| b  | Draft  | 2024-01-01 | High     |\r\n\r\n\
## Approved Proposals\r\n\r\n\
| EP # | Title | Status | Created | Priority |\r\n|------|-------|--------|---------|----------|\r\n| - | - | - | - | - |\r\n\r\n\
## Implemented\r\n\r\n| EP # | Title | Implemented |\r\n|------|-------|-------------|\r\n| EP-9 | z | 2020-01-01 |";

fn entry(id: &str, stage: Stage) -> Entry {
    Entry {
        id: Id::parse(id).unwrap(),
        stage,
        known: BTreeMap::from([
            (Column::Id, id.to_owned()),
            (Column::Title, "New | one".to_owned()),
            (Column::Status, "Approved".to_owned()),
            (Column::Implemented, "2025-05-05".to_owned()),
        ]),
        given: BTreeMap::new(),
    }
}

fn entered(text: &str, entry: &Entry) -> Result<String, String> {
    let source = Source::new("r.md", text.as_bytes().to_vec()).unwrap();
    let edits = Registry::read(&source).and_then(|registry| registry.enter(entry));
    edits
        .map(|edits| Edit::all(edits, text))
        .map_err(|failure| failure.diagnostics[0].message.clone())
}

#[test]
fn a_row_moves_from_table_to_table_and_nothing_else_does() {
    let approved = entered(TABLES, &entry("EP-0001", Stage::Approved)).unwrap();
    let expected = TABLES
        .replace(
            "| EP-0001 | a \\| b  | Draft  | 2024-01-01 | High     |",
            "| -    | -          | -      | -          | -        |",
        )
        .replace(
            "| - | - | - | - | - |",
            "| EP-0001 | a \\| b | Approved | 2024-01-01 | High     |",
        );
    assert_eq!(approved, expected);
    let implemented = entered(&approved, &entry("EP-0001", Stage::Implemented)).unwrap();
    let expected = approved.replace(
        "| EP-0001 | a \\| b | Approved | 2024-01-01 | High     |",
        "| -    | -     | -      | -       | -        |",
    );
    assert_eq!(
        implemented,
        format!("{expected}\r\n| EP-0001 | a \\| b | 2025-05-05  |")
    );
}

#[test]
fn a_row_comes_anew_or_is_changed_where_it_stands() {
    let new = entered(TABLES, &entry("EP-0002", Stage::Pending)).unwrap();
    let row = "| EP-0001 | a \\| b  | Draft  | 2024-01-01 | High     |\r\n";
    let expected = TABLES.replace(
        row,
        &format!("{row}| EP-0002 | New \\| one | Approved | -          | -        |\r\n"),
    );
    assert_eq!(new, expected);
    let changed = entered(TABLES, &entry("EP-1", Stage::Pending)).unwrap();
    assert_eq!(changed, TABLES.replace("| Draft  |", "| Approved |"));
}

#[test]
fn a_registry_that_does_not_say_where_is_refused() {
    let of = |text: &str, stage| entered(text, &entry("EP-0001", stage)).unwrap_err();
    assert_eq!(
        of("# None\n", Stage::Pending),
        "the registry `r.md` has no table of proposals"
    );
    let twice = TABLES.replace("EP-9", "EP-1");
    assert_eq!(
        of(&twice, Stage::Pending),
        "the registry has two rows for `EP-0001`"
    );
    let owner = TABLES.replace("| Implemented |\r\n", "| Owner |\r\n");
    assert_eq!(
        of(&owner, Stage::Implemented),
        "the registry has a column `Owner`, and nothing is known to put there"
    );
    let mut told = entry("EP-0001", Stage::Implemented);
    told.given.insert("owner".to_owned(), "me".to_owned());
    assert!(
        entered(&owner, &told)
            .unwrap()
            .ends_with("| EP-0001 | a \\| b | me    |")
    );
}

#[test]
fn names_are_read_and_made() {
    let name = Name::parse("EP-0003-alert-history-design.md").unwrap();
    assert_eq!(
        (name.id.number, name.slug.as_str(), name.role),
        (3, "alert-history", Role::Design)
    );
    assert_eq!(name.to_string(), "EP-0003-alert-history-design.md");
    assert_eq!(
        Name::parse("EP-0003-design.md")
            .unwrap()
            .of(Role::Requirements)
            .to_string(),
        "EP-0003-requirements.md"
    );
    assert_eq!(Name::parse("design.md"), None);
    assert_eq!(slug("  Faster: Search & `Sort`, Été! "), "faster-search-sort-été");
    assert_eq!(slug(&"word ".repeat(40)).len(), 59);
    assert_eq!(
        title_of("EP-0003: Alert - History - Implementation Plan"),
        "Alert - History"
    );
    assert_eq!(title_of("Plan of a day"), "Plan of a day");
    assert_eq!(Id::find("see [EP-12](x)").unwrap().to_string(), "EP-12");
}

#[test]
fn a_template_is_filled_in_where_it_is_known() {
    let id = Id::parse("EP-0007").unwrap();
    let new = Scaffold {
        id: &id,
        title: "Fast $1 search",
        slug: "fast-search",
        today: "2025-05-05",
        home: "d",
        folder: "d/pending",
    };
    let text = "# EP-XXXX: [Title]\r\n**Status:** Draft | Review | In Progress  \r\n**Created:** YYYY-MM-DD\r\n\
`docs/enhancements/pending/EP-XXXX-design.md` EP-XXXX-requirements.md `x/implemented/EP-XXXX-design.md` [a | b]\r\n";
    let expected = "# EP-0007: Fast $1 search\r\n**Status:** Draft  \r\n**Created:** 2025-05-05\r\n\
`d/pending/EP-0007-fast-search-design.md` EP-0007-fast-search-requirements.md `d/implemented/EP-0007-fast-search-design.md` [a | b]\r\n";
    assert_eq!(scaffold(text, &new), expected);
}
