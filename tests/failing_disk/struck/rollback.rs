//! The rollback of what a session did.

use super::judge::{Stages, Stand, is_beside, wrong_words};
use super::kernel::{Ended, refused};
use super::pass::{Pass, Way};
use super::site::{RUN, Site, Tree};

const BOTH: &[&str] = &["rollback", "plan.md", "--last=2", "--unattended"];

fn judge((stages, end): (&Stages, &Tree), site: &Site, ended: &Ended) -> Vec<String> {
    let mut wrong = wrong_words(ended);
    match stages.stand(site) {
        Err(why) => wrong.push(why),
        Ok(stand) => wrong.extend(too_late(stand)),
    }
    if ended.code == 0 {
        let mut tree = site.tree();
        tree.retain(|path, _| !is_beside(path));
        if tree != *end {
            wrong.push("it ended well, and the end is another".to_owned());
        }
    }
    wrong.extend(site.go_on(BOTH).err());
    if site.tree() != *end {
        wrong.push(format!("the end is another: {:?}", site.tree()));
    }
    if site.requests() > 0 {
        wrong.push("something was sent".to_owned());
    }
    let left = site.leftovers();
    if !left.is_empty() {
        wrong.push(format!("left: {left:?}"));
    }
    wrong
}

/// A step that is there has its ticks; the second one goes first, and what a person said outside of them stays.
fn too_late(stand: Stand) -> Option<String> {
    let ticked = stand.ticked;
    let wrong = (stand.steps > 1 && ticked.second < 2)
        || (stand.steps > 0 && ticked.first < 2)
        || (stand.steps == 0 && ticked.second > 0)
        || ticked.others < 2;
    wrong.then(|| format!("boxes are not ticked any more, or still: {stand:?}"))
}

#[test]
fn a_rollback_survives_every_call_that_is_refused() {
    if refused("a_rollback_survives_every_call_that_is_refused") {
        return;
    }
    let mut stages = Stages::of(&mut Site::new(), RUN);
    stages.folders_last = true;
    let mut site = Site::done();
    assert_eq!(site.go_on(BOTH), Ok(0));
    let end = site.tree();
    let files = |tree: &Tree| {
        let mut tree = tree.clone();
        tree.remove("plan.md");
        tree
    };
    assert_eq!(files(&end), files(&stages.trees[0]));
    site.begin();
    for way in Way::beginning_with(1) {
        Pass::own(BOTH, way, &Site::done)
            .judged(&|site, ended| judge((&stages, &end), site, ended))
            .all_well("a rollback", 10);
    }
    for way in [Way::Interrupted, Way::Short] {
        site.begin();
        let ended = Pass::own(BOTH, way, &Site::done).at_once(&site);
        assert_eq!(ended.code, 0, "{way:?}: {:?}\n{}", ended.struck.last(), ended.err);
        assert_eq!(site.tree(), end);
    }
}
