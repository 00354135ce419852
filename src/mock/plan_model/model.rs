use super::file::{Entry, Files};
use super::mark::Mark;
use super::own::Own;
use super::reply::Said;
use crate::llm::Finish;
use crate::mock::{Answer, Batching, Pace, Reply, Rule, Scenario, Speech, When};
use crate::plan::{Plan, Step, one_line};
use crate::words::{Place, Source, Span};

/// The model of a plan: knows its steps and what each of them touches.
///
/// It keeps what it needs of the plan, and does not hear of later changes to it.
#[derive(Debug, Clone)]
pub struct PlanModel {
    /// The proposal's id.
    id: String,
    title: String,
    own: Own,
    steps: Vec<Known>,
    /// Where the plan begins.
    place: Place,
}

/// A step, as far as the model knows it. All words are on one line.
#[derive(Debug, Clone)]
struct Known {
    id: String,
    title: String,
    goal: String,
    tasks: Vec<String>,
    files: Vec<Entry>,
    place: Place,
}

impl PlanModel {
    /// Learns a plan as read. `source` is its text; its name tells which file is the plan, which no reply writes to.
    pub fn new(plan: &Plan, source: &Source) -> Self {
        let words = |span: &Span| one_line(source.slice(span));
        let id = plan.id(source).unwrap_or_else(|| "the plan".to_owned());
        let title = plan.header.title.as_ref();
        Self {
            title: title.map_or_else(|| id.clone(), words),
            place: source.place(title.unwrap_or(&(0..0))),
            own: Own::of(plan, source),
            steps: plan.steps().map(|(_, step)| Known::of(step, source)).collect(),
            id,
        }
    }

    /// A rule a step in the plan's order, each of which answers [`Answer::OfPlan`]; and a last one without condition for
    /// requests that are about no step of the plan (a document, the prompt that closes the plan), which says so.
    pub fn scenario(&self) -> Scenario {
        let steps = self.steps.iter().map(|step| Rule {
            description: format!("step {} of {}: {}", step.id, self.id, step.title),
            when: When {
                step: Some(step.id.clone()),
                ..When::default()
            },
            replies: vec![reply(Answer::OfPlan, &step.place)],
            place: step.place.clone(),
        });
        let other = Rule {
            description: format!("what is about no step of {}", self.id),
            when: When::default(),
            replies: vec![reply(Answer::Said(self.otherwise()), &self.place)],
            place: self.place.clone(),
        };
        Scenario {
            description: format!("the steps of {}", self.title),
            seed: 0,
            models: Vec::new(),
            batch: Batching::default(),
            rules: steps.chain([other]).collect(),
        }
    }

    /// What it says to a step: what it would do, and each file that the step names as a file edit where that can be. A
    /// file that is not there is new; one that is there gets a word about the step, once; what cannot be said as a file
    /// edit is said in words.
    ///
    /// `step` is the step's id (`1.2`). `current` gives the text of a file by its path from the repository root, `None`
    /// where there is none. What is there and is no text may be told as a text with a NUL: no edit holds one, so that it is
    /// never written over. `None` for a step that the plan does not have.
    pub fn say(&self, step: &str, current: &dyn Fn(&str) -> Option<String>) -> Option<String> {
        let step = self.steps.iter().find(|known| known.id == step)?;
        let mark = Mark {
            plan: &self.id,
            step: &step.id,
            title: &step.title,
            goal: &step.goal,
        };
        let files = Files {
            entries: &step.files,
            own: &self.own,
            mark,
            current,
        };
        let said = Said {
            mark,
            tasks: &step.tasks,
            entries: &step.files,
            outcomes: files.outcomes(),
        };
        Some(said.text())
    }

    fn otherwise(&self) -> Speech {
        let text = format!(
            "I am the mock model of {}, and know its steps only. This request is about none of them, so I have \
             nothing to say to it and no file to change.\n",
            self.id
        );
        Speech {
            text: text.into(),
            template: None,
            calls: Vec::new(),
            finish: Finish::Stop,
        }
    }
}

impl Known {
    fn of(step: &Step, source: &Source) -> Self {
        let words = |span: &Span| one_line(source.slice(span));
        let title = words(&step.title);
        let file = |entry: &crate::plan::FileEntry| Entry {
            path: source.slice(&entry.path).to_owned(),
            action: entry.action.as_ref().map(words),
            note: entry.note.as_ref().map(words),
        };
        let goal = step.goal.as_ref().map(words).filter(|goal| !goal.is_empty());
        Self {
            id: step.id.to_string(),
            goal: goal.unwrap_or_else(|| title.clone()),
            title,
            tasks: step.tasks.iter().map(|task| task.text(source)).collect(),
            files: step.files.iter().map(file).collect(),
            place: source.place(&step.heading),
        }
    }
}

fn reply(answer: Answer, place: &Place) -> Reply {
    Reply {
        answer,
        times: None,
        headers: Vec::new(),
        pace: Pace::default(),
        fault: None,
        place: place.clone(),
    }
}
