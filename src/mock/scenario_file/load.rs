use serde::Deserialize;
use toml::Spanned;

use super::batch::BatchTable;
use super::file::{File, Read};
use super::mistake;
use super::rule::{self, RuleTable};
use super::values::Word;
use crate::mock::{Rule, Scenario, When};
use crate::words::{Diagnostic, Exit, Failure};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ScenarioTable {
    description: String,
    #[serde(default)]
    seed: u64,
    #[serde(default)]
    models: Vec<Word>,
    #[serde(default)]
    batch: BatchTable,
    rule: Spanned<Vec<Spanned<RuleTable>>>,
}

impl Scenario {
    /// Reads the scenario at `path` and the files that it names.
    ///
    /// `read` is given `path` itself, and the named files' paths joined to its folder: the same scenario comes from a
    /// disk or from [`crate::assets::mock`]. Fails with exit code 6 and the place when something in it cannot be used.
    pub fn load(path: &str, read: Read<'_>) -> Result<Self, Failure> {
        let file = File::open(path, read)?;
        let table: ScenarioTable =
            toml::from_str(file.source.text()).map_err(|error| mistake::refused(&file, &error))?;
        if table.rule.get_ref().is_empty() {
            return Err(file
                .refuse(table.rule.span(), "a scenario without a rule answers nobody")
                .help("add a `[[rule]]`"));
        }
        let rules = table.rule.into_inner().into_iter();
        let rules = rules
            .map(|rule| rule::read(&file, rule))
            .collect::<Result<Vec<_>, _>>()?;
        reachable(&rules)?;
        Ok(Self {
            description: table.description,
            seed: table.seed,
            models: table.models.into_iter().map(|model| model.0).collect(),
            batch: table.batch.read(),
            rules,
        })
    }
}

/// Refuses a rule behind one that answers the same requests for ever.
fn reachable(rules: &[Rule]) -> Result<(), Failure> {
    let mut endless: Vec<&Rule> = Vec::new();
    // What was recorded is looked for before all else, wherever it stands; and a recording has thousands of rules.
    for rule in rules.iter().filter(|rule| rule.when.request.is_none()) {
        let all_calls = When {
            call: None,
            ..rule.when.clone()
        };
        let same = |when: &When| *when == all_calls || *when == When::default();
        let before = endless.iter().copied().find(|before| same(&before.when));
        if rule.is_endless() {
            endless.push(rule);
        }
        if let Some(before) = before {
            let text = format!("the rule \"{}\" is never reached", rule.description);
            let diagnostic = Diagnostic::error("mock-scenario", text)
                .at(rule.place.clone())
                .related(before.place.clone(), "this one answers all that it would")
                .help("put it before that one, or say with `times` how often that one's last reply is given");
            return Err(Failure {
                exit: Exit::Configuration,
                diagnostics: vec![diagnostic],
            });
        }
    }
    Ok(())
}
