use std::time::Duration;

use super::*;
use crate::mock::server::record::wash::Piece;

fn output(folder: &Path, existing: Existing) -> Output {
    Output {
        file: folder.join("r.toml"),
        existing,
    }
}

fn open(folder: &Path, existing: Existing) -> Result<Shelf, Failure> {
    Shelf::open(&output(folder, existing), "description = \"d\"\n".to_owned())
}

/// Keeps an exchange whose request is known by one letter.
fn keep(shelf: &mut Shelf, request: &str, body: &str) -> io::Result<u64> {
    let mut part = shelf.part()?;
    part.file.write_all(body.as_bytes())?;
    let taken = Taken {
        request: request.repeat(64),
        name: format!("GET /{request}"),
        model: None,
        status: 200,
        headers: Vec::new(),
        pieces: vec![Piece {
            wait: Duration::from_millis(1),
            bytes: body.len(),
        }],
    };
    shelf.keep(&taken, &part.path)
}

fn rule(request: &str, number: u64, replies: &[u64]) -> String {
    let when = request.repeat(64);
    let replies: String = replies
        .iter()
        .map(|reply| {
            format!(
                "[[rule.reply]]\nrecorded = {{ status = 200, headers = [], file = \"r/{reply}.body\", pieces = [[1.0, 1]] }}\n"
            )
        })
        .collect();
    format!(
        "\n[[rule]]\ndescription = \"GET /{request}, #{number}\"\nwhen = {{ request = \"{when}\" }}\n{replies}"
    )
}

fn text(folder: &Path) -> String {
    let text = fs::read_to_string(folder.join("r.toml")).unwrap();
    toml::from_str::<toml::Table>(&text).unwrap();
    text
}

fn files(folder: &Path) -> Vec<(String, String)> {
    let entries = fs::read_dir(folder.join("r")).unwrap();
    let mut files: Vec<_> = entries
        .map(|entry| entry.unwrap().path())
        .map(|path| {
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            (name, fs::read_to_string(path).unwrap())
        })
        .collect();
    files.sort();
    files
}

fn pairs(files: &[(&str, &str)]) -> Vec<(String, String)> {
    let own = |(name, text): &(&str, &str)| ((*name).to_owned(), (*text).to_owned());
    files.iter().map(own).collect()
}

#[test]
fn replies_stand_with_their_request_in_the_order_that_they_came() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let mut shelf = open(folder, Existing::Refused).unwrap();
    assert!(!folder.join("r.toml").exists());
    for (number, request) in (1..).zip(["a", "b", "a", "c", "b", "a"]) {
        assert_eq!(keep(&mut shelf, request, &number.to_string()).unwrap(), number);
        text(folder);
    }
    let first = format!(
        "description = \"d\"\n{}{}{}",
        rule("a", 1, &[1, 3, 6]),
        rule("b", 2, &[2, 5]),
        rule("c", 4, &[4])
    );
    assert_eq!(text(folder), first);
    let bodies = [
        ("1.body", "1"),
        ("2.body", "2"),
        ("3.body", "3"),
        ("4.body", "4"),
        ("5.body", "5"),
        ("6.body", "6"),
    ];
    assert_eq!(files(folder), pairs(&bodies));
    drop(shelf);

    // Gone on with: known requests get more replies, what was never finished goes, and foreign rules stay.
    fs::write(folder.join("r/9.part"), "half").unwrap();
    let foreign = "\n[[rule]]\ndescription = \"by hand\"\n[[rule.reply]]\ntext = \"t\"";
    fs::write(folder.join("r.toml"), format!("{first}{foreign}")).unwrap();
    let mut shelf = open(folder, Existing::Continued).unwrap();
    for (number, request) in (7..).zip(["b", "d", "c", "d"]) {
        assert_eq!(keep(&mut shelf, request, "x").unwrap(), number);
    }
    let second = format!(
        "description = \"d\"\n{}{}{}{foreign}\n{}",
        rule("a", 1, &[1, 3, 6]),
        rule("b", 2, &[2, 5, 7]),
        rule("c", 4, &[4, 9]),
        rule("d", 8, &[8, 10])
    );
    assert_eq!(text(folder), second);
    assert!(!folder.join("r/9.part").exists());
    assert_eq!(shelf.kept(), 4);
    drop(shelf);

    // Replaced: it is as if nothing had been.
    let mut shelf = open(folder, Existing::Replaced).unwrap();
    assert_eq!(files(folder), []);
    assert_eq!(keep(&mut shelf, "a", "1").unwrap(), 1);
    assert_eq!(
        text(folder),
        format!("description = \"d\"\n{}", rule("a", 1, &[1]))
    );
}

#[test]
fn what_is_not_ours_to_write_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let file = folder.join("r.toml").display().to_string();
    let failed = |existing| {
        let failure = open(folder, existing).err().unwrap();
        (failure.exit, failure.to_string())
    };
    let mut shelf = open(folder, Existing::Refused).unwrap();
    let held = format!("another recorder writes `{file}`");
    assert_eq!(failed(Existing::Refused), (Exit::Held, held));

    keep(&mut shelf, "a", "1").unwrap();
    let refused = format!("`{file}` is there already");
    assert_eq!(failed(Existing::Refused), (Exit::Usage, refused));

    fs::write(folder.join("r.toml"), "other").unwrap();
    let changed = keep(&mut shelf, "a", "2").unwrap_err();
    assert_eq!(changed.to_string(), "someone else changed it");
    assert_eq!(fs::read_to_string(folder.join("r.toml")).unwrap(), "other");
    assert_eq!(files(folder), pairs(&[("1.body", "1")]));
    drop(shelf);

    let (exit, said) = failed(Existing::Continued);
    assert_eq!(exit, Exit::Configuration);
    assert!(
        said.starts_with(&format!("cannot go on with `{file}`: ")),
        "{said}"
    );

    let nameless = Output {
        file: folder.join("r"),
        existing: Existing::Refused,
    };
    let failure = Shelf::open(&nameless, String::new()).err().unwrap();
    assert_eq!(failure.exit, Exit::Usage);
}
