use serde_json::Value;

use crate::spoken::{asked, good, point};
use crate::support::mock_server::MockServer;
use crate::support::project::Project;

/// A project whose prompts all begin with 8 KiB of the same text.
fn large() -> Project {
    let project = Project::small();
    project.write("docs/rules.md", "Mind the gap. ".repeat(600));
    let settings = "[check]\ntimeout = \"1m\"\n[context]\nfiles = [\"docs/rules.md\"]\n";
    project.write("stepgate.toml", settings);
    project
}

/// Input and cached tokens of the two replies, as they were told.
fn counted(told: &str) -> Vec<(u64, u64)> {
    let lines = told.lines().filter(|line| line.contains("reply complete"));
    let numbers = lines.map(|line| {
        let words: Vec<u64> = line
            .split(|c: char| !c.is_ascii_digit())
            .filter_map(|word| word.parse().ok())
            .collect();
        (words[0], words[1])
    });
    numbers.collect()
}

#[test]
fn the_second_step_reads_what_the_first_one_shared_from_the_cache() {
    for kind in ["openai", "openai-responses", "anthropic"] {
        let mut project = large();
        let server = MockServer::of(&project, &format!("description = \"good\"\n{}", good()));
        point(&mut project, &server, kind, "m");
        let ran = project.run(&["run", "plan.md", "--unattended", "--attest"]);
        assert_eq!(ran.code, 0, "{kind}\n{}", ran.err);
        let counted = counted(&ran.err);
        assert_eq!(counted.len(), 2, "{kind}\n{}", ran.err);
        assert_eq!(counted[0].1, 0, "{kind} {counted:?}");
        assert!(counted[1].1 >= 2100, "{kind} {counted:?}");
        assert!(counted[1].0 - counted[1].1 < 900, "{kind} {counted:?}");
    }
}

#[test]
fn what_all_steps_share_is_marked_for_anthropic() {
    let mut project = large();
    let server = MockServer::of(&project, &format!("description = \"good\"\n{}", good()));
    point(&mut project, &server, "anthropic", "m");
    let ran = project.run(&["run", "plan.md", "--unattended", "--attest"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let requests = asked(&server, "m");
    let block = |at: usize, block: usize| &requests[at]["body"]["messages"][0]["content"][block];
    let shared = block(0, 0);
    assert_eq!(shared["cache_control"], serde_json::json!({"type": "ephemeral"}));
    assert!(shared["text"].as_str().unwrap().contains("Mind the gap."));
    assert_eq!(shared, block(1, 0));
    assert_eq!(requests[0]["body"]["system"], requests[1]["body"]["system"]);
    for (at, step) in ["1.1", "1.2"].into_iter().enumerate() {
        let own = block(at, 1);
        assert_eq!(own["cache_control"], Value::Null);
        let heading = format!("# The step to carry out: {step}, ");
        assert!(own["text"].as_str().unwrap().contains(&heading), "{own}");
    }
}
