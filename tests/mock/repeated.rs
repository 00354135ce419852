//! How often a fault happens, and what comes after it.

use crate::faults::{reply, with};
use crate::support::mock_server::{End, MockServer, Talk, chat};
use crate::support::project::Project;

#[test]
fn a_fault_happens_as_often_as_it_is_asked_to() {
    let (_project, server) = with("{ hang_up = true, times = 2 }");
    let statuses: Vec<u16> = (0..4).map(|_| server.chat("m", false).status).collect();
    assert_eq!(statuses, [0, 0, 200, 200]);
}

#[test]
fn chance_is_the_same_for_the_same_seed() {
    let run = |seed: u64| {
        let project = Project::new();
        let scenario = format!(
            "description = \"chance\"\nseed = {seed}\n[[rule]]\ndescription = \"fails at times\"\n[[rule.reply]]\ntext = \"x\"\nfault = {{ hang_up = true, chance = 0.5 }}\n"
        );
        let server = MockServer::of(&project, &scenario);
        (0..32)
            .map(|_| server.chat("m", false).status)
            .collect::<Vec<_>>()
    };
    let first = run(7);
    assert_eq!(run(7), first);
    assert_ne!(run(8), first);
    let failed = first.iter().filter(|status| **status == 0).count();
    assert!((4..=28).contains(&failed), "{first:?}");
}

#[test]
fn a_sequence_of_replies_fails_first_and_then_succeeds() {
    let (_project, server) =
        reply("error = { status = 500, message = \"oops\" }\ntimes = 2\n[[rule.reply]]\ntext = \"here\"");
    let statuses: Vec<u16> = (0..4).map(|_| server.chat("m", false).status).collect();
    assert_eq!(statuses, [500, 500, 200, 200]);
}

#[test]
fn faults_do_not_outlive_their_connection() {
    let (_project, server) = with("{ cut = { after_chunks = 1, how = \"closed\" }, times = 1 }");
    assert_eq!(server.chat("m", true).end, End::Closed);
    // Two requests on one connection.
    let mut talk = Talk::to(server.port);
    for _ in 0..2 {
        talk.ask("POST", "/v1/chat/completions", &[], chat("m", true).as_bytes());
        assert_eq!(talk.hear().said(), "one two three four");
    }
}
