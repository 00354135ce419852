use serde::Deserialize;

use crate::mock::{BatchOrder, Batching};

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct BatchTable {
    polls: Option<u32>,
    #[serde(default)]
    expire: Vec<String>,
    order: Option<OrderWord>,
    fail: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum OrderWord {
    Reversed,
    Given,
}

impl BatchTable {
    pub(super) fn read(self) -> Batching {
        let default = Batching::default();
        Batching {
            polls: self.polls.unwrap_or(default.polls),
            expire: self.expire,
            order: match self.order {
                None | Some(OrderWord::Reversed) => BatchOrder::Reversed,
                Some(OrderWord::Given) => BatchOrder::Given,
            },
            fail: self.fail,
        }
    }
}
