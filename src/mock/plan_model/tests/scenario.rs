use super::model;
use crate::llm::Finish;
use crate::mock::{Answer, Ask, Pace, Reply, Rule, Scenario, Speech, When};
use crate::words::Place;

const PLAN: &str = "# EP-7: Tea\n\n## Phase 1: All\n\n#### Step 1.10: Brew\n\n#### Step 1.2: Pour\n";

fn place(line: usize, excerpt: &str, from: usize) -> Place {
    Place {
        path: "docs/EP-7-plan.md".to_owned(),
        line,
        column: from,
        length: excerpt.len() + 1 - from,
        excerpt: excerpt.to_owned(),
    }
}

fn rule(description: &str, step: Option<&str>, answer: Answer, place: &Place) -> Rule {
    Rule {
        description: description.to_owned(),
        when: When {
            step: step.map(str::to_owned),
            ..When::default()
        },
        replies: vec![Reply {
            answer,
            times: None,
            headers: Vec::new(),
            pace: Pace::default(),
            fault: None,
            place: place.clone(),
        }],
        place: place.clone(),
    }
}

#[test]
fn a_rule_a_step_and_one_for_the_rest() {
    let rest = Speech {
        text: "I am the mock model of EP-7, and know its steps only. This request is about none of them, so I have \
               nothing to say to it and no file to change.\n"
            .into(),
        template: None,
        calls: Vec::new(),
        finish: Finish::Stop,
    };
    let expected = Scenario {
        description: "the steps of EP-7: Tea".to_owned(),
        seed: 0,
        models: Vec::new(),
        batch: crate::mock::Batching::default(),
        rules: vec![
            rule(
                "step 1.10 of EP-7: Brew",
                Some("1.10"),
                Answer::OfPlan,
                &place(5, "#### Step 1.10: Brew", 1),
            ),
            rule(
                "step 1.2 of EP-7: Pour",
                Some("1.2"),
                Answer::OfPlan,
                &place(7, "#### Step 1.2: Pour", 1),
            ),
            rule(
                "what is about no step of EP-7",
                None,
                Answer::Said(rest),
                &place(1, "# EP-7: Tea", 3),
            ),
        ],
    };
    assert_eq!(model(PLAN).scenario(), expected);
}

#[test]
fn every_request_finds_its_rule() {
    let scenario = model(PLAN).scenario();
    for (step, index) in [(Some("1.2"), 1), (Some("1.10"), 0), (Some("1.1"), 2), (None, 2)] {
        let ask = Ask {
            step,
            model: None,
            parts: &[],
            dialect: None,
            headers: None,
        };
        for call in [1, 7] {
            let chosen = scenario.choose(&ask, &mut |_| call).unwrap();
            assert_eq!(chosen.index, index, "{step:?}");
        }
    }
}
