use serde::Serialize;

/// How bad a finding is. Errors refuse the plan, warnings do not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Worth knowing.
    Note,
    /// The plan can be run, but something in it is not as it should be.
    Warning,
    /// The plan cannot be run.
    Error,
}

/// A place in a text file, with the line it stands in, so that it can be shown when the text is no longer at hand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Place {
    /// The file as the user named it.
    pub path: String,
    /// From 1.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
    /// Characters marked; 0 marks a point.
    pub length: usize,
    /// The whole line without its end.
    pub excerpt: String,
}

/// One finding: what, where, what was found, what to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Diagnostic {
    /// How bad it is.
    pub level: Level,
    /// A stable identifier of the rule, such as `duplicate-step`.
    pub rule: &'static str,
    /// What is wrong, a lowercase fragment.
    pub message: String,
    /// Where, when the finding is about a place in a file.
    pub place: Option<Place>,
    /// What stands there, shown beside the caret.
    pub found: Option<String>,
    /// Further places that belong to it, each with a word of why (the first of two duplicates, say).
    pub related: Vec<(Place, String)>,
    /// What to do about it, one suggestion each.
    pub help: Vec<String>,
}

impl Diagnostic {
    /// A finding of level error.
    pub fn error(rule: &'static str, message: impl Into<String>) -> Self {
        Self::new(Level::Error, rule, message)
    }

    /// A finding of level warning.
    pub fn warning(rule: &'static str, message: impl Into<String>) -> Self {
        Self::new(Level::Warning, rule, message)
    }

    fn new(level: Level, rule: &'static str, message: impl Into<String>) -> Self {
        Self {
            level,
            rule,
            message: message.into(),
            place: None,
            found: None,
            related: Vec::new(),
            help: Vec::new(),
        }
    }

    /// Says where.
    pub fn at(mut self, place: Place) -> Self {
        self.place = Some(place);
        self
    }

    /// Says what stands there.
    pub fn found(mut self, found: impl Into<String>) -> Self {
        self.found = Some(found.into());
        self
    }

    /// Adds a place that belongs to the finding.
    pub fn related(mut self, place: Place, why: impl Into<String>) -> Self {
        self.related.push((place, why.into()));
        self
    }

    /// Adds a thing to do.
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help.push(help.into());
        self
    }
}
