use std::collections::BTreeSet;

use super::budget::Spent;
use crate::llm::{Amount, Usage};
use crate::state::{Entry, Record};

/// What the requests of a plan took that are on record with a reply, by whom they went out.
///
/// What failed without a word of the provider's about tokens is in neither: nobody knows what it cost.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Account {
    /// Those that sessions sent.
    pub sessions: Spent,
    /// Those that went out in batches, at what batches cost.
    pub batches: Spent,
}

impl Account {
    /// Adds up what is on record, of one step or of all.
    pub fn of(entries: &[Entry], step: Option<&str>) -> Self {
        let mut account = Self::default();
        let mut out: BTreeSet<&str> = BTreeSet::new();
        for entry in entries {
            let of = entry.record.step();
            if step.is_some() && of != step {
                continue;
            }
            match (&entry.record, of) {
                (Record::Send { batch: Some(_), .. }, Some(of)) => drop(out.insert(of)),
                (Record::Send { batch: None, .. }, Some(of)) => drop(out.remove(of)),
                (Record::Reply { usage, cost, .. } | Record::NoReply { usage, cost, .. }, Some(of)) => {
                    let spent = match out.contains(of) {
                        true => &mut account.batches,
                        false => &mut account.sessions,
                    };
                    if let Some(usage) = usage {
                        spent.bill(usage, cost.as_ref());
                    }
                }
                _ => {}
            }
        }
        account
    }
}

impl Spent {
    /// Adds a request whose cost is on record. Where amounts are in two currencies no sum is told.
    fn bill(&mut self, usage: &Usage, cost: Option<&Amount>) {
        self.requests += 1;
        self.input += usage.input;
        self.cached += usage.cached;
        self.output += usage.output;
        self.cost = match (self.cost.take(), cost) {
            (sum, None) if self.requests == 1 => sum,
            (None, Some(cost)) if self.requests == 1 => Some(cost.clone()),
            (Some(sum), Some(cost)) if sum.currency == cost.currency => Some(Amount {
                amount: ((sum.amount + cost.amount) * 1e9).round() / 1e9,
                currency: sum.currency,
            }),
            _ => None,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::Digest;

    fn entries(records: Vec<Record>) -> Vec<Entry> {
        let entries = records.into_iter().zip(1..).map(|(record, number)| Entry {
            number,
            at: String::new(),
            record,
        });
        entries.collect()
    }

    fn send(step: &str, batch: Option<&str>) -> Record {
        Record::Send {
            step: step.to_owned(),
            attempt: 1,
            text: Digest::of("text"),
            prompt: Digest::of("prompt"),
            made: None,
            endpoint: "far".to_owned(),
            model: None,
            batch: batch.map(str::to_owned),
            made_at: None,
            foreseen: None,
        }
    }

    fn reply(step: &str, input: u64, cost: Option<(f64, &str)>) -> Record {
        Record::Reply {
            step: step.to_owned(),
            attempt: 1,
            reply: Digest::of("reply"),
            model: None,
            usage: Some(Usage {
                input,
                cached: 1,
                output: 2,
            }),
            request_id: None,
            cost: cost.map(|(amount, currency)| Amount {
                amount,
                currency: Some(currency.to_owned()),
            }),
        }
    }

    fn spent(requests: u32, input: u64, cost: Option<(f64, &str)>) -> Spent {
        Spent {
            requests,
            input,
            cached: u64::from(requests),
            output: 2 * u64::from(requests),
            cost: cost.map(|(amount, currency)| Amount {
                amount,
                currency: Some(currency.to_owned()),
            }),
        }
    }

    #[test]
    fn what_went_by_batch_is_told_apart() {
        let entries = entries(vec![
            send("1.1", Some("mark")),
            send("1.2", None),
            reply("1.2", 10, Some((0.1, "EUR"))),
            reply("1.1", 20, Some((0.2, "EUR"))),
            send("1.1", None),
            reply("1.1", 30, Some((0.2, "EUR"))),
        ]);
        let expected = Account {
            sessions: spent(2, 40, Some((0.3, "EUR"))),
            batches: spent(1, 20, Some((0.2, "EUR"))),
        };
        assert_eq!(Account::of(&entries, None), expected);
        let expected = Account {
            sessions: spent(1, 10, Some((0.1, "EUR"))),
            batches: Spent::default(),
        };
        assert_eq!(Account::of(&entries, Some("1.2")), expected);
    }

    #[test]
    fn amounts_that_cannot_be_added_up_are_no_sum() {
        for other in [Some((0.2, "USD")), None] {
            let entries = entries(vec![
                reply("1.1", 1, Some((0.1, "EUR"))),
                reply("1.2", 1, other),
                reply("1.3", 1, Some((0.1, "EUR"))),
            ]);
            assert_eq!(Account::of(&entries, None).sessions, spent(3, 3, None));
        }
    }
}
