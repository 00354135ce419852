use std::path::Path;

use crate::batch::Contents;
use crate::cli::World;
use crate::words::{printable_line, shell_word};

/// How many plans are named.
const NAMED: usize = 40;

/// Whose replies came home, and how they are gone on with.
pub(super) fn words(replied: &[Contents], world: &World) -> String {
    let mut text = String::new();
    for plan in replied.iter().take(NAMED) {
        text += &format!("  {}: {}\n", printable_line(&plan.plan), plan.steps.join(", "));
    }
    if let Some(more) = replied.len().checked_sub(NAMED).filter(|more| *more > 0) {
        text += &format!("  and {more} plans more: `stepgate status` tells where replies wait\n");
    }
    match replied {
        [] => {}
        [only] => {
            text += &format!(
                "`stepgate run {}` goes on with it\n",
                shell_word(&near(only, world))
            )
        }
        _ => {
            text += "`stepgate run PLAN` goes on with what is stored; with `--stored`, it ends before anything is sent\n";
        }
    }
    text
}

/// A plan's path as it is shortest to type: from the folder that one stands in, where it is below that.
fn near<'a>(plan: &'a Contents, world: &World) -> std::borrow::Cow<'a, Path> {
    let real = Path::new(&plan.real);
    let here = world.current.as_ref().and_then(|here| here.canonicalize().ok());
    let below = here.and_then(|here| real.strip_prefix(here).ok());
    below.unwrap_or(real).into()
}
