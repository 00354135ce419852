//! What a reply and a fault cannot be at once.

use super::refusal_tests::{TAKE, fault, refuses, reply};

#[test]
fn what_a_reply_cannot_be_at_once() {
    let one_of = "a reply has exactly one of `text`, `file`, `error` and `recorded`, or `calls`";
    for fields in ["{ cut = true }", "{ text = \"\", file = \"one.md\" }"] {
        let text = format!("description = \"x\"\n[[rule]]\ndescription = \"r\"\nreply = [«{fields}»]\n");
        refuses(&text, one_of, &[]);
    }
    let error = "error = { status = 500, message = \"\" }";
    for (name, value) in [
        ("finish", "\"stop\""),
        ("cut", "true"),
        ("template", "true"),
        ("pace", "{ chunk = 2 }"),
        ("calls", "[]"),
    ] {
        let message = format!("`{name}` means nothing beside `error`");
        refuses(&reply(&format!("{error}, {name} = «{value}»")), &message, &[TAKE]);
    }
    for (name, value) in [
        ("endless", "true"),
        ("split_characters", "true"),
        ("pings", "\"doubled\""),
        ("error_event", "{ status = 500, message = \"\" }"),
    ] {
        let message = format!("`{name}` means nothing beside `error`");
        refuses(
            &reply(&format!("{error}, fault = {{ {name} = «{value}» }}")),
            &message,
            &[TAKE],
        );
    }
    let recorded = "recorded = { status = 200, file = \"one.md\", pieces = [[0, 4]] }";
    for (name, value) in [
        ("finish", "\"stop\""),
        ("headers", "{ a = \"1\" }"),
        ("fault", "{ hang_up = true }"),
    ] {
        let message = format!("`{name}` means nothing beside `recorded`");
        refuses(
            &reply(&format!("{recorded}, {name} = «{value}»")),
            &message,
            &[TAKE],
        );
    }
    refuses(
        &reply("calls = [{ name = \"x\" }], template = «true»"),
        "`template` means nothing beside `calls` alone",
        &[TAKE],
    );
    refuses(
        &reply("calls = [{ name = \"x\" }], finish = «\"stop\"»"),
        "`finish` means nothing beside `calls`",
        &[TAKE],
    );
    refuses(
        &reply("calls = «[]»"),
        "no tool is called here",
        &["name one, or take `calls` away"],
    );
}

#[test]
fn what_a_fault_cannot_be_at_once() {
    refuses(
        &reply("text = \"\", fault = { endless = true }, finish = «\"stop\"»"),
        "`finish` means nothing beside `endless`",
        &[TAKE],
    );
    refuses(
        &reply("text = \"\", fault = { endless = true }, cut = «true»"),
        "`cut` means nothing beside `endless`",
        &[TAKE],
    );
    refuses(
        &reply("text = \"\", fault = { cut = { after_chunks = 1 } }, cut = «true»"),
        "`cut` means nothing beside a `cut` of the fault",
        &[TAKE],
    );
    for point in ["{}", "{ after_chunks = 1, after_bytes = 1 }"] {
        for table in ["stall", "cut"] {
            refuses(
                &fault(&format!("{table} = «{point}»")),
                "this wants exactly one of `after_chunks` and `after_bytes`",
                &[],
            );
        }
    }
    refuses(
        &fault("hang_up = true, stall = «{ after_chunks = 1 }»"),
        "`stall` means nothing beside `hang_up`",
        &[TAKE],
    );
    refuses(
        &fault("hang_up = true, refuse = «\"1s\"»"),
        "`refuse` means nothing beside `hang_up`",
        &[TAKE],
    );
    refuses(
        &fault("refuse = \"1s\", endless = «true»"),
        "`endless` means nothing beside `refuse`",
        &[TAKE],
    );
    for nothing in ["{}", "{ times = 2 }", "{ hang_up = false, delay = \"0s\" }"] {
        refuses(
            &reply(&format!("text = \"\", fault = «{nothing}»")),
            "a fault in which nothing goes wrong",
            &["say what does, such as `delay = \"2s\"`, or take it away"],
        );
    }
}
