//! Base URLs as the providers' manuals give them: what is appended, and what of them is kept.

use super::support::project::Project;
use super::support::wire_server::{WireServer, reply};

#[test]
fn what_is_appended_goes_behind_the_path_and_before_the_query() {
    let table = [
        // OpenAI, OpenRouter, vLLM, LM Studio, LiteLLM; llama.cpp also without a path.
        ("openai", "/v1", "/v1/chat/completions"),
        ("openai", "/api/v1/", "/api/v1/chat/completions"),
        ("openai", "", "/chat/completions"),
        // Azure: the deployment's path and the version.
        (
            "openai",
            "/openai/deployments/gpt-5?api-version=2024-10-21",
            "/openai/deployments/gpt-5/chat/completions?api-version=2024-10-21",
        ),
        (
            "openai",
            "/openai/v1/?api-version=preview",
            "/openai/v1/chat/completions?api-version=preview",
        ),
    ];
    for (kind, base, address) in table {
        let server = WireServer::start([reply("ready")]);
        let root = server.url().trim_end_matches("/v1").to_owned();
        let mut project = Project::new();
        project.set("AZURE_KEY", "sk-marker-0123456789abcdef");
        let key = "--key-env=AZURE_KEY";
        let url = format!("--url={root}{base}");
        let kind = format!("--kind={kind}");
        let ran = project.run(&[
            "endpoint",
            "add",
            "it",
            &kind,
            &url,
            "--model=m",
            key,
            "--key-header=api-key",
        ]);
        assert_eq!(ran.code, 0, "{}", ran.err);
        let ran = project.run(&["endpoint", "test", "it"]);
        assert_eq!(ran.code, 0, "{}", ran.err);
        let requests = server.requests();
        assert_eq!(requests.len(), 1, "{base}");
        assert_eq!(requests[0].path, address);
        assert_eq!(requests[0].header("api-key"), Some("sk-marker-0123456789abcdef"));
        assert_eq!(requests[0].header("authorization"), None);
    }
}

#[test]
fn the_examples_of_the_manual_are_endpoints() {
    let text = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/endpoints.md")).unwrap();
    let fences: Vec<&str> = text
        .split("```toml\n")
        .skip(1)
        .map(|rest| rest.split("```").next().unwrap())
        .collect();
    assert!(fences.len() > 8, "{fences:?}");
    for fence in fences {
        let project = Project::new();
        project.configure(fence);
        let ran = project.run(&["endpoint", "list"]);
        assert_eq!(ran.code, 0, "{fence}\n{}", ran.err);
        assert!(ran.out.contains("config.toml:"), "{fence}\n{}", ran.out);
    }
}
