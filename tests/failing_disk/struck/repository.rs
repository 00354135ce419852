//! A session in a repository of git, which commits each step: its own calls in git's folders, and those of git itself.

use super::judge::Stages;
use super::kernel::{Ended, Whose, refused};
use super::pass::{Pass, Way, all};
use super::session;
use super::site::Site;
use super::support::repository::{git, without_git};

const COMMITTING: &[&str] = &["run", "plan.md", "--unattended", "--attest", "--commit"];

fn judge(stages: &Stages, site: &Site, ended: &Ended) -> Vec<String> {
    // A lock that git could not take away is a person's to mend, as the message of the session says.
    for lock in ["HEAD.lock", "index.lock"] {
        let _ = std::fs::remove_file(site.project.root().join(".git").join(lock));
    }
    let mut wrong = session::judge(stages, site, (COMMITTING, ended));
    // A commit that git could not make is made by the next session, and may come after that of a later step; those of lists
    // may come as one or as several.
    let log = git(&site.project, &["log", "--format=%s"]);
    let (lists, mut subjects): (Vec<&str>, Vec<&str>) =
        log.lines().partition(|subject| subject.starts_with("EP-0007: "));
    subjects.sort_unstable();
    if subjects != ["EP-0007 1.1: First", "EP-0007 1.2: Second", "begin"] || lists.is_empty() {
        wrong.push(format!("the commits are others: {subjects:?}"));
    }
    wrong
}

#[test]
fn a_session_survives_calls_of_git_that_are_refused() {
    let name = "a_session_survives_calls_of_git_that_are_refused";
    if without_git(name) || refused(name) {
        return;
    }
    let stages = Stages::of(&mut Site::in_git(), COMMITTING);
    // Git takes its time, and its calls are much alike.
    let (whose, stride): (&[Whose], usize) = if all() {
        (&[Whose::Started("git"), Whose::Own], 1)
    } else {
        (&[Whose::Started("git")], 16)
    };
    for whose in whose {
        let pass = Pass {
            args: COMMITTING,
            whose: *whose,
            way: Way::Unchanged(0),
            stride,
            fresh: &Site::in_git,
            judge: &|site, ended| judge(&stages, site, ended),
        };
        pass.all_well(&format!("{whose:?} in a repository"), 10);
    }
}
