//! What differs from run to run, made the same: places, times, names of machines.

use regex::Regex;

use super::project::Project;

/// Makes what differs from run to run the same.
pub(crate) struct Plain {
    texts: Vec<(String, &'static str)>,
    patterns: Vec<(Regex, &'static str)>,
}

impl Plain {
    /// What is to be made the same in what comes of this project.
    pub(crate) fn of(project: &Project) -> Self {
        let host = rustix::system::uname().nodename().to_string_lossy().into_owned();
        let zone = jiff::tz::TimeZone::UTC;
        // A case that runs over midnight sees both days.
        let today = jiff::Timestamp::now().to_zoned(zone);
        let tomorrow = today.tomorrow().unwrap();
        let texts = [
            (project.root().display().to_string(), "ROOT"),
            (project.home().display().to_string(), "HOME"),
            (format!(" on {host}"), " on HOST"),
            (format!("\"host\":\"{host}\""), "\"host\":\"HOST\""),
        ];
        let patterns = [
            (r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z", "TIME"),
            (&format!("{}|{}", today.date(), tomorrow.date()), "TODAY"),
            (r"\b[0-9]+\.[0-9] s\b", "N.N s"),
            // Whether a command took long enough for its time to be told.
            (r"(?m)^(    [✓✗·] .*)  N\.N s$", "$1"),
            (r"\b[0-9]+ ms\b", "N ms"),
            (r#""took": ?[0-9]+"#, r#""took":0"#),
            (r#""pid": ?[0-9]+"#, r#""pid":0"#),
            (r#""boot": ?"[^"]*""#, r#""boot":"""#),
        ];
        Self {
            texts: texts.into(),
            patterns: patterns
                .map(|(pattern, with)| (Regex::new(pattern).unwrap(), with))
                .into(),
        }
    }

    /// A text with it.
    pub(crate) fn text(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for (what, with) in &self.texts {
            text = text.replace(what, with);
        }
        for (what, with) in &self.patterns {
            text = what.replace_all(&text, *with).into_owned();
        }
        text
    }

    /// Bytes with it, if they are text.
    pub(crate) fn bytes(&self, bytes: &[u8]) -> Vec<u8> {
        match std::str::from_utf8(bytes) {
            Ok(text) => self.text(text).into_bytes(),
            Err(_) => bytes.to_vec(),
        }
    }
}
