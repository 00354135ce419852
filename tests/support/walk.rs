//! Walks through a session at a terminal, as a person who agrees to everything.

use super::project::{Project, reply_with};
use super::pty::Pty;
use super::wire_server::{Recorded, WireServer};

/// Configures an endpoint that is this server.
pub(crate) fn over_http(project: &Project, server: &WireServer) {
    project.configure(&format!(
        "default = \"wire\"\n[endpoint.wire]\nkind = \"openai\"\nurl = \"{}\"\nmodel = \"m\"\n",
        server.url()
    ));
}

/// What the model was asked: the last message.
pub(crate) fn asked(request: &Recorded) -> String {
    let body: serde_json::Value = serde_json::from_slice(&request.body).unwrap();
    let messages = body["messages"].as_array().unwrap();
    messages.last().unwrap()["content"].as_str().unwrap().to_owned()
}

/// Today's date, where tests live.
pub(crate) fn today() -> String {
    jiff::Zoned::now()
        .with_time_zone(jiff::tz::TimeZone::UTC)
        .date()
        .to_string()
}

/// From the prompt to the ticks, agreeing to everything.
pub(crate) fn walk_step(pty: &mut Pty, step: &str) {
    pty.answer("send the prompt? ›", 0);
    pty.answer("write these files? ›", 0);
    pty.answer("run this check? ›", 0);
    confirm_step(pty, step);
}

/// From the criteria to the ticks.
pub(crate) fn confirm_step(pty: &mut Pty, step: &str) {
    pty.tick_all("which criteria did you verify? (space ticks, a ticks all, enter goes on) ›");
    pty.tick_all("which tasks are complete? (space ticks, a ticks all, enter goes on) ›");
    pty.answer(&format!("is step {step} done? ›"), 0);
    pty.wait_for(&format!("step {step} is done"));
}

/// The small plan, and a mock model that answers it.
pub(crate) fn small_mock() -> Project {
    let project = Project::small();
    project.mock(&[
        ("1.1", &reply_with("one.txt", "one")),
        ("1.2", &reply_with("two.txt", "two")),
    ]);
    project
}
