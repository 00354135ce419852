//! What must hold after a command whose disk failed.

use super::kernel::{Ended, Fault};
use super::site::{Site, Tree};

/// What the tree is before the first step, after it, and after the second one, where nothing happens.
pub(crate) struct Stages {
    pub(crate) trees: [Tree; 3],
    /// Whether empty folders are there on the way: a rollback takes them away one by one.
    pub(crate) folders_last: bool,
}

/// Boxes of each step and of what comes after them that are ticked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Ticked {
    pub(crate) first: usize,
    pub(crate) second: usize,
    pub(crate) others: usize,
}

/// Where a tree was left: after how many steps, and with which boxes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stand {
    pub(crate) steps: usize,
    pub(crate) ticked: Ticked,
}

impl Stages {
    /// Walks through a session that nothing happens to.
    pub(crate) fn of(site: &mut Site, args: &[&str]) -> Self {
        let before = site.tree();
        let run = |more: &[&str]| {
            let args: Vec<&str> = args.iter().chain(more).copied().collect();
            let ran = site.project.run(&args);
            assert_eq!(ran.code, 0, "{}", ran.err);
            site.tree()
        };
        let trees = [before, run(&["--until", "1.1"]), run(&[])];
        assert_eq!(site.requests(), 2);
        assert!(!site.project.read("plan.md").contains("[ ]"));
        assert_eq!(site.leftovers(), Vec::<String>::new());
        site.begin();
        Self {
            trees,
            folders_last: false,
        }
    }

    /// Where the tree and the plan were left; in words what is wrong with them: a step is carried out or it is not, and a plan is
    /// what it was but for ticks and its header.
    pub(crate) fn stand(&self, site: &Site) -> Result<Stand, String> {
        let now = site.tree();
        let files = |tree: &Tree| {
            let mut tree = tree.clone();
            // What could not be taken away goes with the next session; so do folders, where they are the last to go.
            tree.retain(|path, (bits, _)| {
                path != "plan.md"
                    && !is_beside(path)
                    && !(self.folders_last && *bits & 0o170_000 == 0o040_000)
            });
            tree
        };
        let steps = self.trees.iter().position(|tree| files(tree) == files(&now));
        let steps =
            steps.ok_or_else(|| format!("the tree is neither before nor after a step: {:?}", files(&now)))?;
        let plan = &now["plan.md"].1;
        let open = |plan: &str| {
            let open = plan.replace("[x]", "[ ]").replace("In Progress", "Approved");
            let updated = plan.split("Updated:** ").nth(1).map(|rest| rest[..10].to_owned());
            (open.replace(updated.as_deref().unwrap_or("-"), ""), updated)
        };
        let [before, _, after] = self.trees.each_ref().map(|tree| open(&tree["plan.md"].1));
        let (plain, updated) = open(plan);
        // A date may stand twice in a header: what is left of it is compared as a whole.
        if (plain != before.0 && plain != after.0) || (updated != before.1 && updated != after.1) {
            return Err(format!("the plan is damaged: {plan}"));
        }
        let boxes: Vec<bool> = plan
            .match_indices("- [")
            .map(|(at, _)| plan[at..].starts_with("- [x]"))
            .collect();
        let count = |range: std::ops::Range<usize>| boxes[range].iter().filter(|ticked| **ticked).count();
        let ticked = Ticked {
            first: count(0..2),
            second: count(2..4),
            others: count(4..6),
        };
        Ok(Stand { steps, ticked })
    }
}

/// What is wrong with how a command ended that was struck, and with what it said.
pub(crate) fn wrong_words(ended: &Ended) -> Vec<String> {
    let mut wrong = Vec::new();
    let (code, err) = (ended.code, &ended.err);
    if err.contains("panicked") {
        wrong.push("it panicked".to_owned());
    }
    if code == 0 {
        return wrong;
    }
    if code != 9 {
        wrong.push(format!("it ended with {code}"));
    }
    if let Some((_, Fault::Error(error))) = ended.struck.first() {
        let said = std::io::Error::from(*error).to_string().to_lowercase();
        if !err.contains(said.split(" (os error").next().unwrap()) {
            wrong.push("what the system said is not told".to_owned());
        }
    }
    if !err.contains("cannot ") || !err.contains('`') {
        wrong.push("it is not told what failed and where".to_owned());
    }
    if !err.contains("help: ") {
        wrong.push("it is not told what to do".to_owned());
    }
    wrong
}

/// Whether a file is one of ours beside another.
pub(crate) fn is_beside(path: &str) -> bool {
    path.rsplit('/')
        .next()
        .is_some_and(|name| name.contains(".stepgate-"))
}
