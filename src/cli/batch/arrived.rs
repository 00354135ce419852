use super::landed::rest;
use crate::batch::{Arrival, Searched};
use crate::llm::{Amount, Price, Usage};
use crate::state::Landed;
use crate::words::{counted, printable_line};

/// What is said of a batch that nobody is sure of.
pub(super) fn lost(mark: &str, searched: &Searched) -> String {
    match searched {
        Searched::Perhaps(ids) => format!(
            "batch {mark}: not known whether it was made; it may be {}, which is known when that has ended",
            ids.join(" or ")
        ),
        Searched::Unseen => format!(
            "batch {mark}: the answer to its making was lost, and the engine does not show it yet: fetch again in some minutes"
        ),
        Searched::Nothing | Searched::Found(_) => format!(
            "batch {mark}: the answer to its making was lost, and the engine has no such batch; `stepgate batch cancel {mark} --forget` frees its steps"
        ),
    }
}

/// What all replies cost that are home; `None` where there is no price, or none came.
pub(super) fn cost(landed: &Landed, price: Option<&Price>) -> Option<Amount> {
    let price = price.filter(|_| landed.usage != Usage::default())?;
    Some(price.amount(price.cost(&landed.usage)))
}

/// What is said of what arrived.
pub(super) fn words(mark: &str, arrival: &Arrival, price: Option<&Price>) -> String {
    let mut text: String = arrival.notes.iter().map(|note| format!("{note}\n")).collect();
    let (id, status) = (&arrival.told.id, printable_line(&arrival.told.status));
    let Some(landed) = &arrival.landed else {
        let counts = arrival.told.counts;
        let done = counts.succeeded + counts.failed;
        text += &format!("batch {mark} ({id}) is not home yet: {status}, {done} done\n");
        return text;
    };
    let rest = rest(landed, "that no step waits for");
    let replies = counted(landed.replies, "reply", "replies");
    let home = match arrival.failures.is_empty() && arrival.waiting == 0 {
        true => "is home",
        false => "is home in part: fetch again",
    };
    let usage = landed.usage;
    let cost =
        cost(landed, price).map(|cost| format!(", {} at batch price", printable_line(&cost.to_string())));
    let spent = match usage == Usage::default() {
        true => String::new(),
        false => format!(
            "; {} tokens in ({} read from a cache), {} out{}",
            usage.input,
            usage.cached,
            usage.output,
            cost.unwrap_or_default()
        ),
    };
    text += &format!("batch {mark} ({id}) {home}: {replies}{rest}{spent}\n");
    if arrival.waiting > 0 {
        text += &format!(
            "if they never come, `stepgate batch cancel {id} --forget` gives up on them; what is home stays\n"
        );
    }
    if landed.failed + landed.expired + landed.cancelled + landed.unusable > 0 {
        text += "`stepgate batch submit` takes the steps without a reply again, and only them";
        text += &match arrival.blocked {
            0 => String::new(),
            1 => "; 1 of them waits for another step, and goes with `--open` only".to_owned(),
            count => format!("; {count} of them wait for other steps, and go with `--open` only"),
        };
        text += "\n";
    }
    text
}
