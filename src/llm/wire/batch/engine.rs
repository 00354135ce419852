use url::Url;

use super::{Outcome, Page, Told, anthropic, openai};
use crate::llm::wire::{Dialect, Malformed};

/// Whose batch engine it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// OpenAI's, and every server that has the same: requests are uploaded as a file, results are files.
    OpenAi,
    /// Anthropic's: requests are the body.
    Anthropic,
}

/// How many batches are asked for at a time.
const PAGE: &str = "100";

impl Engine {
    /// The engine that takes requests in a dialect; `None` where there is none.
    pub fn of(dialect: Dialect) -> Option<Self> {
        match dialect {
            Dialect::Chat | Dialect::Responses => Some(Self::OpenAi),
            Dialect::Messages => Some(Self::Anthropic),
            Dialect::Ollama => None,
        }
    }

    /// Where batches are made, below a base URL as the configuration has it.
    pub fn batches(self, base: &Url) -> Url {
        match self {
            Self::OpenAi => below(base, &["batches"]),
            Self::Anthropic => below(base, &["messages", "batches"]),
        }
    }

    /// Where a batch is looked at.
    pub fn batch(self, base: &Url, id: &str) -> Url {
        below(&self.batches(base), &[id])
    }

    /// Where a batch is cancelled.
    pub fn cancel(self, base: &Url, id: &str) -> Url {
        below(&self.batches(base), &[id, "cancel"])
    }

    /// Where a page of the list is.
    pub fn list(self, base: &Url, after: Option<&str>) -> Url {
        let mut url = self.batches(base);
        let name = match self {
            Self::OpenAi => "after",
            Self::Anthropic => "after_id",
        };
        url.query_pairs_mut()
            .append_pair("limit", PAGE)
            .extend_pairs(after.map(|id| (name, id)));
        url
    }

    /// Where files are uploaded to.
    pub fn files(self, base: &Url) -> Url {
        below(base, &["files"])
    }

    /// Where an uploaded file, or one of results, is.
    pub fn file(self, base: &Url, id: &str) -> Url {
        below(&self.files(base), &[id])
    }

    /// Where the results of a batch are. They are asked for below the base URL, whatever address the engine names: a key
    /// goes nowhere else.
    pub fn results(self, base: &Url, told: &Told) -> Vec<Url> {
        match self {
            Self::OpenAi => {
                let files = self.files(base);
                told.results
                    .iter()
                    .map(|id| below(&files, &[id, "content"]))
                    .collect()
            }
            Self::Anthropic => vec![below(&self.batches(base), &[&told.id, "results"])],
        }
    }

    /// Reads what is told of a batch.
    ///
    /// Fails when it is not of the engine's shape.
    pub fn read(self, body: &[u8]) -> Result<Told, Malformed> {
        match self {
            Self::OpenAi => openai::read(body),
            Self::Anthropic => anthropic::read(body),
        }
    }

    /// Reads a page of the list.
    ///
    /// Fails when it is not of the engine's shape.
    pub fn read_page(self, body: &[u8]) -> Result<Page, Malformed> {
        match self {
            Self::OpenAi => openai::read_page(body),
            Self::Anthropic => anthropic::read_page(body),
        }
    }

    /// The id in a line of results. Which reply it is, is not looked at.
    ///
    /// Fails when the line has none.
    pub fn read_id(self, line: &[u8]) -> Result<String, Malformed> {
        /// Both engines call it by one name.
        #[derive(serde::Deserialize)]
        struct Named {
            custom_id: String,
        }
        let named: Result<Named, _> = serde_json::from_slice(line);
        named
            .map(|named| named.custom_id)
            .map_err(|error| Malformed(error.to_string()))
    }

    /// Reads a line of results, of requests in a dialect.
    ///
    /// Fails when it is not of the engine's shape.
    pub fn read_line(self, dialect: Dialect, line: &[u8]) -> Result<Outcome, Malformed> {
        match self {
            Self::OpenAi => openai::read_line(dialect, line),
            Self::Anthropic => anthropic::read_line(line),
        }
    }
}

/// An address below another, whose query (Azure's `api-version`, say) stays. Anthropic's own clients take the base without
/// its version; others write it.
fn below(base: &Url, parts: &[&str]) -> Url {
    let mut url = base.clone();
    let path = base.path().trim_end_matches('/');
    let version = match parts.first() {
        Some(&"messages") if !path.ends_with("/v1") => "/v1",
        _ => "",
    };
    url.set_path(&format!("{path}{version}/{}", parts.join("/")));
    url
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_below_the_base_and_keep_its_query() {
        let table = [
            (Engine::OpenAi, "https://a/v1/", "https://a/v1/batches/b/cancel"),
            (
                Engine::OpenAi,
                "https://a/o?v=1",
                "https://a/o/batches/b/cancel?v=1",
            ),
            (
                Engine::Anthropic,
                "https://a",
                "https://a/v1/messages/batches/b/cancel",
            ),
            (
                Engine::Anthropic,
                "https://a/v1",
                "https://a/v1/messages/batches/b/cancel",
            ),
        ];
        for (engine, base, expected) in table {
            let base = Url::parse(base).unwrap();
            assert_eq!(engine.cancel(&base, "b").as_str(), expected);
        }
        let base = Url::parse("https://a/v1?v=1").unwrap();
        assert_eq!(
            Engine::OpenAi.list(&base, Some("x&y")).as_str(),
            "https://a/v1/batches?v=1&limit=100&after=x%26y"
        );
        let told = Told {
            id: "b".to_owned(),
            results: vec!["f-1".to_owned(), "f-2".to_owned()],
            ..Told::default()
        };
        let results = |engine: Engine| -> Vec<String> {
            let results = engine.results(&base, &told);
            results.iter().map(Url::to_string).collect()
        };
        assert_eq!(
            results(Engine::OpenAi),
            [
                "https://a/v1/files/f-1/content?v=1",
                "https://a/v1/files/f-2/content?v=1"
            ]
        );
        assert_eq!(
            results(Engine::Anthropic),
            ["https://a/v1/messages/batches/b/results?v=1"]
        );
    }
}
