use crate::llm::Finish;
use crate::mock::wire::{Saying, Spent};
use crate::mock::{Dialect, Refusal, ToolCall};

/// Seconds since 1970: 2026-09-21T14:13:20Z.
pub(super) const NOW: i64 = 1_790_000_000;

/// A reply to the seventh request, with so many tool calls.
pub(super) fn saying(dialect: Dialect, finish: Finish, text: &str, calls: usize) -> Saying {
    let call = |name: &&str| ToolCall {
        name: (*name).to_owned(),
        arguments: "{\"path\":\n[1,\"b\"]}".to_owned(),
    };
    Saying {
        dialect,
        number: 7,
        created: NOW,
        model: "m-1".to_owned(),
        text: text.into(),
        calls: ["read", "write"][..calls].iter().map(call).collect(),
        finish,
        spent: Spent {
            input: 3000,
            read: 1024,
            written: 512,
            output: 9,
        },
        usage: true,
    }
}

/// A refusal that leaves every word to the dialect.
pub(super) fn refusal(status: u16, message: &str) -> Refusal {
    Refusal {
        status,
        message: message.to_owned(),
        kind: None,
        code: None,
        retry_after: None,
        body: None,
    }
}
