//! What requests take and cost, in lines for a person.

use super::paint::Paint;
use crate::session::{Account, Event, Spent};
use crate::words::{counted, printable_line};

/// Sections that were left out and are named one by one; the rest are in the prompt, the record and `stepgate prompt`.
const NAMED: usize = 40;

/// The lines of a prompt that is ready, or of a reply that came.
pub(super) fn lines(event: &Event<'_>, paint: Paint) -> Vec<String> {
    match event {
        Event::Prompt {
            tokens,
            estimated,
            parts,
            left_out,
            room,
            cost,
            spent,
            ..
        } => {
            let about = if *estimated { "~" } else { "" };
            let mut first = format!("  prompt  {about}{tokens} tokens");
            if let Some(room) = room {
                first += &format!(" of {room} that there is room for");
            }
            if let Some(cost) = cost {
                first += &format!(", {about}{} without the reply", printable_line(&cost.to_string()));
            }
            if let Some(cost) = spent.cost.as_ref().filter(|_| spent.requests > 0) {
                first += &format!("; this session so far {}", printable_line(&cost.to_string()));
            }
            let sizes: Vec<String> = parts
                .iter()
                .map(|part| format!("{} {about}{}", printable_line(&part.name), part.tokens))
                .collect();
            let mut lines = vec![
                first,
                paint.faint(&format!("  {}", sizes.join(" · "))).to_string(),
            ];
            if !left_out.is_empty() {
                let all: u64 = left_out.iter().map(|section| section.tokens).sum();
                let count = counted(left_out.len(), "section does", "sections do");
                let line = format!("  {count} not fit, {about}{all} tokens, and will not be sent:");
                lines.push(paint.warn(&line).to_string());
            }
            for section in left_out.iter().take(NAMED) {
                let words = section.words();
                lines.push(format!(
                    "  - {} ({about}{})",
                    printable_line(&words),
                    section.tokens
                ));
            }
            if left_out.len() > NAMED {
                let rest = left_out.len() - NAMED;
                lines.push(format!(
                    "  - and {rest} more: `stepgate prompt` names all of them"
                ));
            }
            lines
        }
        Event::Replied {
            usage,
            foreseen,
            cost,
            stored,
            ..
        } => {
            let mut line = format!("  {} reply complete", paint.good("✓"));
            if let Some(usage) = usage {
                let foreseen = foreseen
                    .map(|tokens| format!(", {tokens} foreseen"))
                    .unwrap_or_default();
                line += &format!(
                    ", {} tokens in ({} cached{foreseen}), {} out",
                    usage.input, usage.cached, usage.output
                );
            }
            if let Some(cost) = cost {
                line += &format!(", {}", printable_line(&cost.to_string()));
            }
            if *stored {
                line += " (as stored; nothing was sent)";
            }
            vec![line]
        }
        _ => Vec::new(),
    }
}

/// The lines of what a session spent, and of what came by batch before it.
pub(super) fn session(own: &Spent, by_batch: Option<&Spent>) -> Vec<String> {
    let by_batch = by_batch.and_then(spent);
    let by_batch = by_batch.map(|line| format!("by batch, for this plan: {line}"));
    spent(own).into_iter().chain(by_batch).collect()
}

/// The lines of what is on record of a plan or a step.
pub(crate) fn account(account: &Account) -> Vec<String> {
    let Account { sessions, batches } = account;
    let sessions = spent(sessions).map(|line| format!("by sessions: {line}"));
    let batches = spent(batches).map(|line| format!("by batch: {line}"));
    sessions.into_iter().chain(batches).collect()
}

/// What requests took and cost; `None` where there were none.
pub(super) fn spent(spent: &Spent) -> Option<String> {
    if spent.requests == 0 {
        return None;
    }
    let cost = spent
        .cost
        .as_ref()
        .map(|cost| format!(", {}", printable_line(&cost.to_string())))
        .unwrap_or_default();
    Some(format!(
        "{}: {} tokens in ({} read from a cache), {} out{cost}",
        counted(spent.requests as usize, "request", "requests"),
        spent.input,
        spent.cached,
        spent.output
    ))
}
