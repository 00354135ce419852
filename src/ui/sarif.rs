//! Findings as a SARIF 2.1.0 log (OASIS, "Static Analysis Results Interchange Format"), which code review sites take.

use serde::Serialize;

use crate::lint::{RULES, Rule};
use crate::words::{Diagnostic, Level};

/// The schema that the log follows, as its publisher names it.
const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// A log of one run.
#[derive(Serialize)]
pub struct Sarif {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [Run; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Run {
    tool: Tool,
    /// Columns are counted in characters.
    column_kind: &'static str,
    results: Vec<Finding>,
}

#[derive(Serialize)]
struct Tool {
    driver: Driver,
}

#[derive(Serialize)]
struct Driver {
    name: &'static str,
    version: &'static str,
    rules: Vec<RuleView>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RuleView {
    id: &'static str,
    short_description: Message,
    default_configuration: Configuration,
}

#[derive(Serialize)]
struct Configuration {
    level: &'static str,
}

#[derive(Serialize)]
struct Message {
    text: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Finding {
    rule_id: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    rule_index: Option<usize>,
    level: &'static str,
    message: Message,
    locations: Vec<Location>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Location {
    physical_location: Physical,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Physical {
    artifact_location: Artifact,
    #[serde(skip_serializing_if = "Option::is_none")]
    region: Option<Region>,
}

#[derive(Serialize)]
struct Artifact {
    uri: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Region {
    start_line: usize,
    start_column: usize,
    end_column: usize,
}

impl Sarif {
    /// The log of what was found, each finding with the file it is in, as the user named it.
    pub fn of(findings: impl Iterator<Item = (String, Diagnostic)>) -> Self {
        let rules = RULES.iter().map(RuleView::of).collect();
        let driver = Driver {
            name: "stepgate",
            version: env!("CARGO_PKG_VERSION"),
            rules,
        };
        Self {
            schema: SCHEMA,
            version: "2.1.0",
            runs: [Run {
                tool: Tool { driver },
                column_kind: "unicodeCodePoints",
                results: findings.map(|(path, found)| Finding::of(&path, found)).collect(),
            }],
        }
    }
}

impl RuleView {
    fn of(rule: &Rule) -> Self {
        Self {
            id: rule.id,
            short_description: Message {
                text: rule.says.to_owned(),
            },
            default_configuration: Configuration {
                level: level(rule.level),
            },
        }
    }
}

impl Finding {
    fn of(path: &str, found: Diagnostic) -> Self {
        let region = found.place.as_ref().map(|place| Region {
            start_line: place.line,
            start_column: place.column,
            end_column: place.column + place.length,
        });
        let mut text = found.message;
        for more in found.found.into_iter().chain(found.help) {
            text.push_str("; ");
            text.push_str(&more);
        }
        Self {
            rule_id: found.rule,
            rule_index: RULES.iter().position(|rule| rule.id == found.rule),
            level: level(found.level),
            message: Message { text },
            locations: vec![Location {
                physical_location: Physical {
                    artifact_location: Artifact { uri: uri(path) },
                    region,
                },
            }],
        }
    }
}

fn level(level: Level) -> &'static str {
    match level {
        Level::Error => "error",
        Level::Warning => "warning",
        Level::Note => "note",
    }
}

/// A path as a URI reference: what no URI can hold is percent-encoded, and an absolute path gets a scheme.
fn uri(path: &str) -> String {
    use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
    const OTHER: &AsciiSet = &CONTROLS
        .add(b' ')
        .add(b'"')
        .add(b'#')
        .add(b'%')
        .add(b'<')
        .add(b'>')
        .add(b'?')
        .add(b'[')
        .add(b']')
        .add(b'\\')
        .add(b'^')
        .add(b'`')
        .add(b'{')
        .add(b'|')
        .add(b'}')
        .add(b':');
    let coded = utf8_percent_encode(path, OTHER).to_string();
    if path.starts_with('/') {
        format!("file://{coded}")
    } else {
        coded
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_references() {
        assert_eq!(uri("docs/a b/EP-1.md"), "docs/a%20b/EP-1.md");
        assert_eq!(uri("/tmp/a#b:c.md"), "file:///tmp/a%23b%3Ac.md");
    }
}
