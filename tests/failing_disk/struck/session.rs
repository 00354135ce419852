//! The whole session.

use super::judge::{Stages, Stand, is_beside, wrong_words};
use super::kernel::{Ended, refused};
use super::pass::{Pass, Way};
use super::site::{RUN, Site};

/// What is wrong with a session that was struck, and with the one after it.
pub(crate) fn judge(stages: &Stages, site: &Site, (args, ended): (&[&str], &Ended)) -> Vec<String> {
    let mut wrong = wrong_words(ended);
    if site.requests() > 2 {
        wrong.push(format!("{} requests", site.requests()));
    }
    match stages.stand(site) {
        Err(why) => wrong.push(why),
        Ok(stand) => wrong.extend(too_early(stand)),
    }
    if ended.code == 0 {
        let mut tree = site.tree();
        tree.retain(|path, _| !is_beside(path));
        if tree != stages.trees[2] {
            wrong.push("it ended well, and the end is another".to_owned());
        }
    }
    match site.go_on(args) {
        Err(why) => wrong.push(why),
        Ok(again) if site.requests() > 2 + again => {
            let asked = site.requests();
            wrong.push(format!("{asked} requests, {again} of them asked for again"));
        }
        Ok(_) => {}
    }
    if site.tree() != stages.trees[2] {
        wrong.push(format!("the end is another: {:?}", site.tree()));
    }
    let left = site.leftovers();
    if !left.is_empty() {
        wrong.push(format!("left: {left:?}"));
    }
    wrong
}

/// A box is ticked of a step only that was carried out, and after all those of the step before.
fn too_early(stand: Stand) -> Option<String> {
    let ticked = stand.ticked;
    let early = (ticked.first > 0 && stand.steps < 1)
        || (ticked.second > 0 && (stand.steps < 2 || ticked.first < 2))
        || (ticked.others > 0 && ticked.first + ticked.second < 4);
    early.then(|| format!("boxes are ticked too early: {stand:?}"))
}

#[test]
fn a_session_survives_every_call_that_is_refused() {
    if refused("a_session_survives_every_call_that_is_refused") {
        return;
    }
    let stages = Stages::of(&mut Site::new(), RUN);
    for way in Way::beginning_with(0) {
        Pass::own(RUN, way, &Site::new)
            .judged(&|site, ended| judge(&stages, site, (RUN, ended)))
            .all_well("a session", 50);
    }
}

#[test]
fn a_session_tells_nothing_of_signals_and_of_short_writes() {
    if refused("a_session_tells_nothing_of_signals_and_of_short_writes") {
        return;
    }
    let mut site = Site::new();
    let stages = Stages::of(&mut site, RUN);
    for way in [Way::Interrupted, Way::Short] {
        site.begin();
        let ended = Pass::own(RUN, way, &Site::new).at_once(&site);
        assert_eq!(ended.code, 0, "{way:?}: {:?}\n{}", ended.struck.last(), ended.err);
        eprintln!("a session, {way:?}: {} calls at once", ended.struck.len());
        assert!(
            ended.struck.len() > 20,
            "only {} calls were struck",
            ended.struck.len()
        );
        assert_eq!(site.tree(), stages.trees[2]);
        assert_eq!((site.requests(), site.leftovers()), (2, Vec::new()));
    }
}
