//! Five floors: imports go downward only, and neighbours do not lean on each other in a ring.

use std::collections::{BTreeMap, BTreeSet};

use super::imports::{Import, imports, module_of};
use super::{assert_none, files, read};

/// Where each module stands; the most specific entry counts.
const FLOORS: [(&str, u8); 30] = [
    // The words that everybody speaks.
    ("words", 1),
    ("interrupt", 1),
    ("crash", 1),
    ("assets", 1),
    ("outlet", 1),
    // Documents: text in, values out.
    ("plan", 2),
    ("prompt", 2),
    ("reply", 2),
    ("llm", 2),
    ("mock", 2),
    ("proposal", 2),
    // The world, one outside each.
    ("llm/client", 3),
    ("mock/server", 3),
    ("process", 3),
    ("check", 3),
    ("agent", 3),
    ("tree", 3),
    ("plan_file", 3),
    ("documents", 3),
    ("config", 3),
    ("keys", 3),
    ("state", 3),
    ("moving", 3),
    // What takes the floors below together: the session, all that is wrong with a plan, and all its prompts at once.
    ("session", 4),
    ("lint", 4),
    ("export", 4),
    ("batch", 4),
    // Documents that a model writes, a section at a time.
    ("fill", 4),
    // Faces.
    ("ui", 5),
    ("cli", 5),
];

/// Neighbours that lean on each other, each with its reason.
const RINGS: [(&str, &str, &str); 1] = [(
    "state",
    "tree",
    "a pre-image is kept as a blob before the files that the journal announces are written",
)];

/// Files that lean on each other, each with its reason.
const FILE_RINGS: [(&str, &str, &str); 1] = [(
    "cli/args",
    "cli/completions",
    "completions are made of the whole command line, which names them too",
)];

/// Tests that need a floor above their own, each with its reason.
const UPWARD: [(&str, &str, &str); 1] = [(
    "interrupt/tests",
    "check",
    "what a signal does to a child is seen with a child only",
)];

/// The wiring, which may name everything.
const EXEMPT: [&str; 2] = ["main", "lib"];

/// The entry of the table that a module, or a path that begins with one, falls under.
fn entry(path: &str) -> Option<(&'static str, u8)> {
    let within = |name: &str| {
        path.strip_prefix(name)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    FLOORS
        .into_iter()
        .filter(|(name, _)| within(name))
        .max_by_key(|(name, _)| name.len())
}

/// The modules of the crate: each with its file below `src`.
fn modules() -> Vec<(String, String)> {
    let paths = files("src").into_iter().filter(|path| path.ends_with(".rs"));
    paths
        .map(|path| (module_of(path.strip_prefix("src/").unwrap()), path))
        .filter(|(module, _)| !EXEMPT.contains(&module.as_str()))
        .collect()
}

#[test]
fn every_module_has_a_floor_and_every_floor_entry_a_module() {
    let modules = modules();
    let homeless: Vec<String> = modules
        .iter()
        .filter(|(module, _)| entry(module).is_none())
        .map(|(_, path)| path.clone())
        .collect();
    assert_none("on no floor: give it one in `FLOORS`", &homeless);
    let empty: Vec<String> = FLOORS
        .iter()
        .filter(|(name, _)| {
            !modules
                .iter()
                .any(|(module, _)| entry(module).unwrap().0 == *name)
        })
        .map(|(name, _)| (*name).to_owned())
        .collect();
    assert_none("in `FLOORS`, and nowhere else", &empty);
}

#[test]
fn imports_go_downward_only() {
    let mut upward = Vec::new();
    for (module, path) in modules() {
        let Some((_, floor)) = entry(&module) else {
            continue;
        };
        for import in imports(&module, &read(&path)) {
            let Some((name, above)) = entry(&import.target) else {
                continue;
            };
            let known = |(test, to, _): &(&str, &str, &str)| *test == module && *to == name;
            if above > floor && !UPWARD.iter().any(known) {
                upward.push(format!(
                    "{path}:{}: floor {floor} imports `{}`, and `{name}` is on floor {above}",
                    import.line, import.target
                ));
            }
        }
    }
    assert_none("upward imports", &upward);
}

#[test]
fn neighbours_do_not_lean_on_each_other_in_a_ring() {
    let mut leans = Leans::new();
    for (module, path) in modules() {
        let Some((from, floor)) = entry(&module) else {
            continue;
        };
        for import in imports(&module, &read(&path)) {
            if let Some((to, other)) = entry(&import.target)
                && other == floor
            {
                leans.entry(from.to_owned()).or_default().insert(to.to_owned());
            }
        }
    }
    let known = RINGS.map(|(one, other, _)| (one.to_owned(), other.to_owned()));
    assert_eq!(
        rings(&leans),
        known.into(),
        "rings that are, and rings that may be"
    );
}

#[test]
fn files_do_not_lean_on_each_other_in_a_ring() {
    let modules: BTreeMap<String, Vec<Import>> = modules()
        .into_iter()
        .map(|(module, path)| {
            let imports = imports(&module, &read(&path)).into_iter();
            (module, imports.filter(|import| !import.tests).collect())
        })
        .collect();
    let mut leans = Leans::new();
    for (module, imports) in &modules {
        let within = format!("{module}/");
        // A folder that names its own files passes them on: it does not lean on them.
        for import in imports
            .iter()
            .filter(|import| !import.target.starts_with(&within))
        {
            if let Some(file) = home(&modules, &import.target, 0) {
                leans.entry(module.clone()).or_default().insert(file);
            }
        }
    }
    let known = FILE_RINGS.map(|(one, other, _)| (one.to_owned(), other.to_owned()));
    assert_eq!(
        rings(&leans),
        known.into(),
        "rings that are, and rings that may be"
    );
}

/// The module in whose file a path's item stands: the longest that the path begins with, or the one that it is passed on
/// from.
fn home(modules: &BTreeMap<String, Vec<Import>>, path: &str, depth: usize) -> Option<String> {
    let ends = path.match_indices('/').map(|(at, _)| at).chain([path.len()]);
    let end = ends.filter(|end| modules.contains_key(&path[..*end])).max()?;
    let module = &path[..end];
    let item = path[end..].split('/').nth(1).unwrap_or_default();
    let (within, named) = (format!("{module}/"), format!("/{item}"));
    let passed = modules[module]
        .iter()
        .find(|import| import.target.starts_with(&within) && import.target.ends_with(&named));
    match passed {
        Some(import) if !item.is_empty() && depth < 9 => home(modules, &import.target, depth + 1),
        _ => Some(module.to_owned()),
    }
}

type Leans = BTreeMap<String, BTreeSet<String>>;

/// Every pair that lead to each other.
fn rings(leans: &Leans) -> BTreeSet<(String, String)> {
    let reached: BTreeMap<&str, BTreeSet<&str>> = leans
        .keys()
        .map(|from| (from.as_str(), reach(leans, from)))
        .collect();
    let mut rings = BTreeSet::new();
    for (one, others) in &reached {
        for other in others.iter().filter(|other| one < *other) {
            if reached.get(other).is_some_and(|back| back.contains(one)) {
                rings.insert(((*one).to_owned(), (*other).to_owned()));
            }
        }
    }
    rings
}

/// Everything that something leans on, by one way or another.
fn reach<'a>(leans: &'a Leans, from: &'a str) -> BTreeSet<&'a str> {
    let mut reached = BTreeSet::new();
    let mut open = vec![from];
    while let Some(at) = open.pop() {
        let next = leans.get(at).into_iter().flatten();
        open.extend(next.map(String::as_str).filter(|next| reached.insert(*next)));
    }
    reached
}
