//! Bad configuration: file, line and column, exit 6, and nothing is sent.

use super::support::project::Project;
use super::support::wire_server::WireServer;

#[test]
fn each_fault_is_told_with_its_place_and_nothing_is_sent() {
    let endpoint = "[endpoint.a]\nkind = \"openai\"\nurl = \"URL\"\nmodel = \"m\"\n";
    let default = format!("default = \"a\"\n{endpoint}");
    let table: [(&str, String, &str, &str); 10] = [
        (
            "syntax",
            format!("{default}retries = \n"),
            "6:",
            "error[toml-syntax]",
        ),
        (
            "unknown key",
            format!("{default}retires = 1\n"),
            "6:1",
            "did you mean `retries`?",
        ),
        (
            "wrong type",
            format!("{default}retries = \"two\"\n"),
            "6:11",
            "must be a whole number from 0 to 10",
        ),
        (
            "two defaults",
            format!("default = \"b\"\n{default}"),
            "2:1",
            "duplicate key",
        ),
        ("twice", format!("{default}{endpoint}"), "6:11", "duplicate key"),
        (
            "a key in the file",
            format!("{default}key = \"sk-marker-0123456789\"\n"),
            "6:7",
            "`stepgate key set NAME`",
        ),
        (
            "another word for it",
            format!("{default}api_key = \"sk-marker-0123456789\"\n"),
            "6:1",
            "key_env",
        ),
        (
            "a shell line",
            format!("{default}key_command = \"pass show sk-marker\"\n"),
            "6:15",
            "no shell reads it",
        ),
        (
            "a program of the repository",
            format!("{default}key_command = [\"./key-marker\"]\n"),
            "6:15",
            "absolute path",
        ),
        (
            "a key in the URL",
            default.replace("URL", "https://me:sk-marker-0123456789@host/v1"),
            "4:7",
            "a user name or a password",
        ),
    ];
    for (what, text, place, told) in table {
        let server = WireServer::start([]);
        let project = Project::small();
        project.configure(&text.replace("URL", &server.url()));
        for args in [
            &["run", "plan.md", "--unattended"][..],
            &["endpoint", "test"],
            &["endpoint", "list"],
            &["endpoint", "remove", "a"],
            &["endpoint", "add", "b", "--kind=manual"],
            &["key", "list"],
            &["key", "set", "a"],
        ] {
            let ran = project.run(args);
            assert_eq!(ran.code, 6, "{what}: {args:?}: {}", ran.err);
            let at = format!("config.toml:{place}");
            assert!(
                ran.err.contains(&at) && ran.err.contains(told),
                "{what}: {args:?}: {}",
                ran.err
            );
            assert!(
                !ran.err.contains("marker") && ran.out.is_empty(),
                "{what}: {args:?}: {ran:?}"
            );
        }
        assert_eq!(server.connections(), 0, "{what}");
    }
}

#[test]
fn an_endpoint_that_is_not_there_is_told_with_the_nearest() {
    let project = Project::small();
    project.configure("default = \"locla\"\n[endpoint.local]\nkind = \"ollama\"\nmodel = \"m\"\n");
    for args in [
        &["run", "plan.md", "--unattended"][..],
        &["endpoint", "test"],
        &["endpoint", "list"],
    ] {
        let ran = project.run(args);
        assert_eq!(ran.code, 6, "{}", ran.err);
        assert!(
            ran.err.contains("config.toml:1") && ran.err.contains("did you mean `local`?"),
            "{}",
            ran.err
        );
    }
}
