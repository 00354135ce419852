use crate::llm::Finish;
use crate::words::{Exit, Failure, Place};

/// What a mock model says to whom: rules in order, the first that fits answers.
#[derive(Debug, Clone, PartialEq)]
pub struct Scenario {
    /// What it is for.
    pub description: String,
    /// At least one.
    pub rules: Vec<Rule>,
}

/// Whom a rule answers, and with what.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    /// What it is for.
    pub description: String,
    /// Whom it answers.
    pub when: When,
    /// At least one. Attempt n gets the nth, later attempts the last.
    pub answers: Vec<Answer>,
    /// Where it stands in the scenario, at its conditions where it has any.
    pub place: Place,
}

/// Conditions; all that are given must hold. None given holds always.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct When {
    /// Id of the step that asks.
    pub step: Option<String>,
    /// Stands somewhere in what is sent.
    pub contains: Option<String>,
    /// The model that is asked for.
    pub model: Option<String>,
}

/// What comes of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// A reply.
    Text {
        /// All that the model says.
        text: String,
        /// Why it stops.
        finish: Finish,
        /// The stream ends after the text, without the end that a whole reply has.
        cut: bool,
    },
    /// The refusal of a server.
    Error {
        /// HTTP status, 400 to 599.
        status: u16,
        /// What the server says.
        message: String,
    },
}

/// What a rule is chosen by.
#[derive(Debug, Clone, Copy)]
pub struct Ask<'a> {
    /// Id of the step that asks, where it is known.
    pub step: Option<&'a str>,
    /// The model that is asked for.
    pub model: Option<&'a str>,
    /// The parts of what is sent.
    pub texts: &'a [&'a str],
    /// Number of the attempt, from 1. It decides alone which answer of a rule is given, so that a session that was
    /// ended and resumed hears the same as one that was not.
    pub attempt: u32,
}

impl Scenario {
    /// The answer to a request. Fails with exit code 6 and the nearest rule where none fits.
    pub fn answer(&self, ask: &Ask<'_>) -> Result<&Answer, Failure> {
        let rule = self.rules.iter().find(|rule| rule.when.holds(ask));
        let nth = usize::try_from(ask.attempt.saturating_sub(1)).unwrap_or(usize::MAX);
        match rule.and_then(|rule| rule.answers.get(nth).or(rule.answers.last())) {
            Some(answer) => Ok(answer),
            None => Err(self.unmatched(ask)),
        }
    }

    fn unmatched(&self, ask: &Ask<'_>) -> Failure {
        let asked = match ask.step {
            Some(step) => format!("no rule of the scenario answers step `{step}`"),
            None => "no rule of the scenario answers this request".to_owned(),
        };
        let failure = Failure::new(Exit::Configuration, "mock-unmatched", asked)
            .help("add a rule whose `when` fits, or one without `when` as the last");
        // Of rules that are equally near, the first: the order that a reader of the scenario expects.
        let nearest = self.rules.iter().rev().max_by_key(|rule| rule.when.nearness(ask));
        match nearest {
            Some(rule) => {
                let found = format!(
                    "the nearest rule, \"{}\", wants {}",
                    rule.description,
                    rule.when.unmet(ask).join(" and ")
                );
                failure.at(rule.place.clone()).found(found)
            }
            None => failure,
        }
    }
}

impl When {
    fn holds(&self, ask: &Ask<'_>) -> bool {
        self.unmet(ask).is_empty()
    }

    /// The conditions that do not hold, in words.
    fn unmet(&self, ask: &Ask<'_>) -> Vec<String> {
        let mut unmet = Vec::new();
        if let Some(step) = &self.step
            && ask.step != Some(step)
        {
            unmet.push(format!("step `{step}`"));
        }
        if let Some(part) = &self.contains
            && !ask.texts.iter().any(|text| text.contains(part.as_str()))
        {
            unmet.push(format!("a prompt that contains `{part}`"));
        }
        if let Some(model) = &self.model
            && ask.model != Some(model)
        {
            unmet.push(format!("model `{model}`"));
        }
        unmet
    }

    /// Fewer unmet conditions are nearer; then the longer common beginning of the step's id.
    fn nearness(&self, ask: &Ask<'_>) -> (std::cmp::Reverse<usize>, usize) {
        let wanted = self.step.as_deref().unwrap_or_default();
        let asked = ask.step.unwrap_or_default();
        let common = wanted.bytes().zip(asked.bytes());
        (
            std::cmp::Reverse(self.unmet(ask).len()),
            common.take_while(|(one, other)| one == other).count(),
        )
    }
}
