use std::io;

use crate::assets;
use crate::mock::Scenario;

#[test]
fn every_bundled_scenario_can_be_read() {
    for name in ["demo.toml", "faults.toml", "hello.toml", "tools.toml"] {
        if let Err(failure) = Scenario::load(name, &assets::mock) {
            panic!("{failure}\n{failure:#?}");
        }
    }
}

#[test]
fn every_fault_has_its_model_and_its_line_in_the_reference() {
    let scenario = Scenario::load("faults.toml", &assets::mock).unwrap();
    let of_rules: Vec<String> = scenario
        .rules
        .iter()
        .filter_map(|rule| rule.when.model.clone())
        .collect();
    assert_eq!(sorted(&scenario.models), sorted(&of_rules));
    let document = include_str!("../../../docs/scenarios.md");
    let named = document.split('`').filter(|word| word.starts_with("fault-"));
    let named: Vec<String> = named.map(str::to_owned).collect();
    assert_eq!(sorted(&named), sorted(&of_rules));
}

fn sorted(names: &[String]) -> Vec<String> {
    let mut names = names.to_vec();
    names.sort();
    names
}

/// A document's examples: whole scenarios, rules, or what stands in a reply.
#[test]
fn every_example_of_the_reference_can_be_read() {
    let read = |text: &str| {
        let name = "scenario.toml";
        Scenario::load(name, &|path| match path {
            "scenario.toml" => Ok(text.into()),
            "recorded/1.body" => Ok(b"data: {}\n\ndata: [DONE]\n\n".into()),
            "replies/pour.md" => Ok("Pour.\n".into()),
            _ => Err(io::Error::from(io::ErrorKind::NotFound)),
        })
    };
    let document = include_str!("../../../docs/scenarios.md");
    let mut read_so_far = 0;
    for (index, fence) in document.split("```").enumerate() {
        let Some(example) = fence.strip_prefix("toml\n").filter(|_| index % 2 == 1) else {
            continue;
        };
        let before = if example.starts_with("description") || example.starts_with('#') {
            ""
        } else if example.starts_with("[[rule]]") {
            "description = \"x\"\n"
        } else if example.starts_with("when") {
            "description = \"x\"\n[[rule]]\ndescription = \"r\"\nreply = [{ text = \"\" }]\n"
        } else {
            "description = \"x\"\n[[rule]]\ndescription = \"r\"\n[[rule.reply]]\n"
        };
        if let Err(failure) = read(&format!("{before}{example}")) {
            panic!("{failure}\n{example}");
        }
        read_so_far += 1;
    }
    assert!(read_so_far > 15, "{read_so_far}");
    assert_eq!(read_so_far, document.matches("```toml").count());
}
