//! Which rule answers, and with which of its replies.

use super::{Ask, Fault, Reply, Rule, Scenario};
use crate::words::{Exit, Failure};

/// A rule that answers, and the reply that it gives to this call.
#[derive(Debug, Clone, Copy)]
pub struct Chosen<'a> {
    /// Index of the rule.
    pub index: usize,
    /// The rule.
    pub rule: &'a Rule,
    /// Its reply.
    pub reply: &'a Reply,
    /// Number of the call of this rule, from 1.
    pub call: u32,
    /// Number of the call that this reply is given to, from 1.
    pub turn: u32,
}

impl<'a> Chosen<'a> {
    /// What goes wrong with this call, if anything does. By the scenario's seed, the rule and the number of the call
    /// alone: neither the order of other requests nor an earlier answer changes it.
    pub fn fault(&self, seed: u64) -> Option<&'a Fault> {
        let fault = self.reply.fault.as_ref()?;
        if fault.times.is_some_and(|times| self.turn > times) {
            return None;
        }
        match fault.chance {
            Some(chance) if dice(seed, self.index, self.call) >= chance => None,
            _ => Some(fault),
        }
    }
}

/// A number from 0 to below 1. Each part is stirred in by itself, so that neighbours have nothing in common.
fn dice(seed: u64, rule: usize, call: u32) -> f64 {
    let stir = |state: u64, part: u64| fastrand::Rng::with_seed(state ^ part).u64(..);
    let state = stir(stir(seed, 0), rule as u64);
    fastrand::Rng::with_seed(state ^ u64::from(call)).f64()
}

impl Scenario {
    /// The rule that answers a request, and its reply. `call` counts: it is told the index of a rule whose conditions
    /// hold, but for the number of the call, and gives the number that this call has for it, from 1.
    ///
    /// Fails with exit code 6 and the nearest rule where none fits.
    pub fn choose(&self, ask: &Ask<'_>, call: &mut dyn FnMut(usize) -> u32) -> Result<Chosen<'_>, Failure> {
        let mut passed = None;
        for (index, rule) in self.rules.iter().enumerate() {
            if !rule.when.holds(ask) {
                continue;
            }
            let call = call(index);
            if let Some((reply, turn)) = rule.reply(call) {
                return Ok(Chosen {
                    index,
                    rule,
                    reply,
                    call,
                    turn,
                });
            }
            passed = passed.or(Some((rule, call)));
        }
        Err(self.unmatched(ask, passed))
    }

    /// The rule that answers a recorded request, and its reply; `None` where there is none. `call` is as for
    /// [`choose`](Self::choose).
    pub fn choose_recorded(&self, digest: &str, call: &mut dyn FnMut(usize) -> u32) -> Option<Chosen<'_>> {
        let rules = self.rules.iter().enumerate();
        let mut recorded = rules.filter(|(_, rule)| rule.when.request.as_deref() == Some(digest));
        recorded.find_map(|(index, rule)| {
            let call = call(index);
            let (reply, turn) = rule.reply(call)?;
            Some(Chosen {
                index,
                rule,
                reply,
                call,
                turn,
            })
        })
    }

    /// Whether a rule goes by the digest of a request, which costs time to make.
    pub fn wants_digest(&self) -> bool {
        self.rules.iter().any(|rule| rule.when.request.is_some())
    }

    /// `passed` is a rule that fits, but for the number of its call.
    fn unmatched(&self, ask: &Ask<'_>, passed: Option<(&Rule, u32)>) -> Failure {
        let asked = match ask.step {
            Some(step) => format!("no rule of the scenario answers step `{step}`"),
            None => "no rule of the scenario answers this request".to_owned(),
        };
        let failure = Failure::new(Exit::Configuration, "mock-unmatched", asked)
            .help("add a rule whose `when` fits, or one without `when` as the last");
        if let Some((rule, call)) = passed {
            let found = format!(
                "the rule \"{}\" fits, but has no reply to call {call}",
                rule.description
            );
            return failure.at(rule.place.clone()).found(found);
        }
        // Of rules that are equally near, the first: the order that a reader of the scenario expects.
        let nearest = self.rules.iter().rev().max_by(|one, other| {
            let [one, other] = [one, other].map(|rule| rule.when.nearness(ask));
            one.0.cmp(&other.0).then(one.1.total_cmp(&other.1))
        });
        match nearest {
            Some(rule) => {
                let found = format!(
                    "the nearest rule, \"{}\", wants {}",
                    rule.description,
                    rule.when.unmet(ask).join(" and ")
                );
                failure.at(rule.place.clone()).found(found)
            }
            None => failure,
        }
    }
}

impl Rule {
    /// Whether it never has an end: the last of its replies repeats, and it is not bound to some of its calls.
    pub(super) fn is_endless(&self) -> bool {
        self.when.call.is_none() && self.replies.last().is_some_and(|reply| reply.times.is_none())
    }

    /// The reply to the nth call, from 1, and which of its own calls this is; `None` when the rule is spent, or does not
    /// answer this call.
    fn reply(&self, call: u32) -> Option<(&Reply, u32)> {
        let (first, last) = self.when.call.unwrap_or((1, u32::MAX));
        if !(first..=last).contains(&call) {
            return None;
        }
        let mut left = call - first + 1;
        for (index, reply) in self.replies.iter().enumerate() {
            let is_last = index + 1 == self.replies.len();
            let times = match reply.times {
                None if is_last => u32::MAX,
                None => 1,
                Some(times) => times,
            };
            if left <= times {
                return Some((reply, left));
            }
            left -= times;
        }
        None
    }
}

#[cfg(test)]
#[path = "choose_tests.rs"]
mod tests;
