use serde_json::{Value, json};
use stepgate::lint::RULES;

use crate::rules::{case, project};

const PLAN: &str = "EP-0007-implementation.md";

#[test]
fn github_is_told_in_its_own_words() {
    let ran = project(&case("prompt-step", "has.md")).run(&["lint", PLAN, "--format", "github"]);
    let expected = "::warning file=EP-0007-implementation.md,line=40,col=27,endColumn=35,title=prompt-step::the prompt of step 1.2 speaks of step 1.1%0Athe model is asked for another step's work%0Awrite `Step 1.2`\n";
    assert_eq!((ran.out.as_str(), ran.err.as_str(), ran.code), (expected, "", 0));
}

#[test]
fn sarif_has_each_finding_with_its_rule_and_its_place() {
    let ran = project(&case("cycle", "has.md")).run(&["lint", PLAN, "--format", "sarif"]);
    assert_eq!((ran.err.as_str(), ran.code), ("", 3));
    let log: Value = serde_json::from_str(&ran.out).unwrap();
    let run = &log["runs"][0];
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    assert_eq!(rules.len(), RULES.len());
    let index = RULES.iter().position(|rule| rule.id == "cycle").unwrap();
    assert_eq!(
        rules[index],
        json!({
            "id": "cycle",
            "shortDescription": { "text": "steps wait for each other" },
            "defaultConfiguration": { "level": "error" },
        })
    );
    assert_eq!(
        run["results"],
        json!([{
            "ruleId": "cycle",
            "ruleIndex": index,
            "level": "error",
            "message": { "text": "steps wait for each other: step 1.1 → step 1.2 → step 1.1; this closes the circle; take one of these dependencies out of the plan" },
            "locations": [{ "physicalLocation": {
                "artifactLocation": { "uri": "EP-0007-implementation.md" },
                "region": { "startLine": 21, "startColumn": 3, "endColumn": 11 },
            } }],
        }])
    );
    let head = json!([log["version"], run["columnKind"], run["tool"]["driver"]["name"]]);
    assert_eq!(head, json!(["2.1.0", "unicodeCodePoints", "stepgate"]));
}
