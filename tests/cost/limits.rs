use serde_json::Value;

use crate::support::mock_server::MockServer;
use crate::support::project::{Project, SMALL, reply_with};
use crate::support::wire_server::{WireServer, reply, response};

/// The small plan against a server, at a price of one for each thousand tokens.
fn project(settings: &str) -> (Project, MockServer) {
    let project = Project::small();
    let mut scenario = "description = \"for a test\"\n".to_owned();
    for (step, path, text) in [("1.1", "one.txt", "one"), ("1.2", "two.txt", "two")] {
        let reply = reply_with(path, text);
        scenario += &format!(
            "[[rule]]\ndescription = \"{step}\"\nwhen = {{ step = \"{step}\" }}\n[[rule.reply]]\ntext = '''\n{reply}'''\n"
        );
    }
    let server = MockServer::of(&project, &scenario);
    project.configure(&format!(
        "default = \"x\"\n[endpoint.x]\nkind = \"openai\"\nurl = \"{}/v1\"\nmodel = \"m\"\nmax_tokens = 200\n{settings}\n",
        server.url
    ));
    (project, server)
}

const PRICE: &str = "price = { input = 1000, output = 1000, currency = \"EUR\" }";

fn count(server: &MockServer) -> usize {
    server.requests()["requests"].as_array().unwrap().len()
}

/// What the first prompt of the small plan has.
fn tokens(project: &Project) -> u64 {
    let ran = project.run(&["prompt", "plan.md", "1.1", "--json"]);
    let prompt: Value = serde_json::from_str(&ran.out).unwrap();
    prompt["tokens"].as_u64().unwrap()
}

/// What a prompt counts with whose tokens are estimated.
fn at_most(tokens: u64) -> u64 {
    tokens + tokens.div_ceil(8)
}

#[test]
fn a_limit_holds_where_the_server_counts_more_than_was_estimated() {
    let project = Project::small();
    let estimated = tokens(&project);
    let (counted, limit) = (at_most(estimated), estimated + 200);
    let body = serde_json::json!({
        "model": "m",
        "choices": [{"message": {"content": reply_with("one.txt", "one")}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": counted, "completion_tokens": 200},
    });
    let answer = || response(200, &[("content-type", "application/json")], &body.to_string());
    let server = WireServer::start([answer()]);
    project.configure(&format!(
        "default = \"x\"\n[endpoint.x]\nkind = \"openai\"\nurl = \"{}\"\nmodel = \"m\"\nmax_tokens = 200\n",
        server.url()
    ));
    let run = |most: u64| {
        let most = most.to_string();
        project.run(&[
            "run",
            "plan.md",
            "--until",
            "1.1",
            "--unattended",
            "--max-tokens",
            &most,
        ])
    };
    // By the estimate alone it would fit, and by the server's count it would not.
    assert_eq!(run(limit).code, 6);
    assert_eq!(run(counted + 199).code, 6);
    assert_eq!(server.requests().len(), 0);
    let ran = run(counted + 200);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn a_limit_stops_before_the_request_that_would_pass_it_and_the_session_goes_on_later() {
    let (project, server) = project(PRICE);
    let first = at_most(tokens(&project)) + 200;
    for args in [["--max-tokens", &(first - 1).to_string()], ["--max-cost", "0.5"]] {
        let ran = project.run(&["run", "plan.md", "--unattended", args[0], args[1]]);
        assert_eq!(ran.code, 6, "{}", ran.err);
        assert!(
            ran.err
                .contains("the next request would pass the session's limit of"),
            "{}",
            ran.err
        );
        assert!(ran.err.contains(args[0]), "{}", ran.err);
    }
    assert_eq!(count(&server), 0);
    assert_eq!(project.read("plan.md"), SMALL);
    // What the first one may take at most is there, and what the second one needs is not.
    let ran = project.run(&[
        "run",
        "plan.md",
        "--unattended",
        "--max-tokens",
        &first.to_string(),
    ]);
    assert_eq!(ran.code, 6, "{}", ran.err);
    assert_eq!(count(&server), 1);
    assert!(ran.err.contains("step 1.1 is done"), "{}", ran.err);
    assert!(ran.err.contains("every session counts from zero"), "{}", ran.err);
    let ran = project.run(&[
        "run",
        "plan.md",
        "--unattended",
        "--max-cost",
        "100",
        "--max-tokens",
        "100000",
    ]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert_eq!(count(&server), 2);
    assert!(ran.err.contains("1 request: "), "{}", ran.err);
    assert!(ran.err.contains(" EUR"), "{}", ran.err);
}

#[test]
fn a_repository_lowers_a_limit_and_never_raises_it() {
    let (project, server) = project(PRICE);
    project.write("stepgate.toml", "[budget]\nmax_tokens = 10\n");
    for args in [&[][..], &["--max-tokens", "100000"]] {
        let ran = project.run(&[&["run", "plan.md", "--unattended"], args].concat());
        assert_eq!(ran.code, 6, "{}", ran.err);
        assert!(
            ran.err
                .contains("of 10 tokens, which `ROOT/stepgate.toml:2` sets"),
            "{}",
            ran.err
        );
    }
    project.write(
        "stepgate.toml",
        "[budget]\nmax_cost = 1000000\nmax_tokens = 100000000\n",
    );
    let ran = project.run(&["run", "plan.md", "--unattended", "--max-tokens", "11"]);
    assert_eq!(ran.code, 6, "{}", ran.err);
    assert!(
        ran.err.contains("of 11 tokens, which `--max-tokens` sets"),
        "{}",
        ran.err
    );
    assert_eq!(count(&server), 0);
}

#[test]
fn a_limit_of_the_cost_needs_a_price() {
    let (project, server) = project("");
    let ran = project.run(&["run", "plan.md", "--unattended", "--max-cost", "1"]);
    assert_eq!(ran.code, 6, "{}", ran.err);
    assert!(
        ran.err
            .contains("`--max-cost` cannot be kept: endpoint `x` has no price"),
        "{}",
        ran.err
    );
    assert_eq!(count(&server), 0);
    let ran = project.run(&["run", "plan.md", "--unattended", "--max-cost", "-1"]);
    assert_eq!(ran.code, 2, "{}", ran.err);
    project.write("stepgate.toml", "[budget]\nmax_cost = 1\n");
    let ran = project.run(&["run", "plan.md", "--unattended"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(
        ran.err
            .contains("note: endpoint `x` has no price, so the limit in `ROOT/stepgate.toml:2` is not kept"),
        "{}",
        ran.err
    );
}

#[test]
fn an_automatic_retry_counts_and_is_not_made_past_a_limit() {
    let project = Project::small();
    let busy = || {
        response(
            429,
            &[("retry-after", "0"), ("content-type", "application/json")],
            "{}",
        )
    };
    let server = WireServer::start([busy(), busy(), reply(&reply_with("one.txt", "one"))]);
    project.configure(&format!(
        "default = \"x\"\n[endpoint.x]\nkind = \"openai\"\nurl = \"{}\"\nmodel = \"m\"\nmax_tokens = 200\nretry_wait = 0.01\n",
        server.url()
    ));
    // Room for two requests and the reply of one.
    let most = (2 * at_most(tokens(&project)) + 200).to_string();
    let ran = project.run(&[
        "run",
        "plan.md",
        "--until",
        "1.1",
        "--unattended",
        "--max-tokens",
        &most,
    ]);
    assert_eq!(ran.code, 6, "{}", ran.err);
    assert!(
        ran.err
            .contains("the next request would pass the session's limit"),
        "{}",
        ran.err
    );
    assert_eq!(server.requests().len(), 2);
    // Nothing is open: it is not asked whether something was billed.
    let ran = project.run(&["run", "plan.md", "--until", "1.1", "--unattended"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert_eq!(server.requests().len(), 3);
}

#[test]
fn a_reply_that_may_not_be_so_long_names_the_setting() {
    let project = Project::small();
    let body = r#"{"type":"error","error":{"type":"invalid_request_error","message":"max_tokens: 32000 > 8192, which is the maximum allowed number of output tokens for this model"}}"#;
    let server = WireServer::start([response(400, &[("content-type", "application/json")], body)]);
    project.configure(&format!(
        "default = \"x\"\n[endpoint.x]\nkind = \"anthropic\"\nurl = \"{}\"\nmodel = \"m\"\n",
        server.url()
    ));
    let ran = project.run(&["run", "plan.md", "--unattended"]);
    assert_eq!(ran.code, 7, "{}", ran.err);
    let help =
        "set a lower `max_tokens` in `[endpoint.x]`: 32000 were asked for, as it is where nothing is set";
    assert!(ran.err.contains(help), "{}", ran.err);
}
