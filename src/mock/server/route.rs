use http::Method;

use crate::mock::Dialect;

/// What a path asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Route<'a> {
    /// A reply of the model.
    Reply(Dialect),
    /// The tokens of a request, counted: Anthropic's way, or OpenAI's.
    CountTokens(Dialect),
    /// The models that there are.
    Models,
    /// One of them.
    Model(&'a str),
    /// Ollama's list of models.
    Tags,
    /// What Ollama knows of a model.
    Show,
    /// Ollama's version.
    Version,
    /// A batch engine; the path from `/v1` on.
    Batch(&'a str),
    /// The server itself; the path below `/_stepgate/`.
    Control(&'a str),
    /// A page for who opens the address in a browser, and for who waits for the server to come up.
    Home,
}

/// Why a path asks for nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Astray {
    /// Nothing is at this path.
    Path,
    /// Something is, for another method.
    Method(&'static str),
}

impl<'a> Route<'a> {
    /// What a method and a path ask for.
    ///
    /// A path may stand behind a prefix, as it does with a gateway, and with or without its `v1`: the base URL is the
    /// client's matter. Only the end of the path counts.
    pub(super) fn of(method: &Method, path: &'a str) -> Result<Self, Astray> {
        if let Some(rest) = path.strip_prefix("/_stepgate/") {
            return Ok(Self::Control(rest));
        }
        let path = path.strip_suffix('/').unwrap_or(path);
        let ends = |end: &str| path.ends_with(end);
        let (route, wanted) = if path.is_empty() {
            (Self::Home, "GET")
        } else if ends("/chat/completions") {
            (Self::Reply(Dialect::Chat), "POST")
        } else if ends("/responses") {
            (Self::Reply(Dialect::Responses), "POST")
        } else if ends("/messages") {
            (Self::Reply(Dialect::Messages), "POST")
        } else if ends("/api/chat") {
            (Self::Reply(Dialect::Ollama), "POST")
        } else if ends("/messages/count_tokens") {
            (Self::CountTokens(Dialect::Messages), "POST")
        } else if ends("/responses/input_tokens") {
            (Self::CountTokens(Dialect::Responses), "POST")
        } else if ends("/api/tags") {
            (Self::Tags, "GET")
        } else if ends("/api/show") {
            (Self::Show, "POST")
        } else if ends("/api/version") {
            (Self::Version, "GET")
        } else if ends("/models") {
            (Self::Models, "GET")
        } else if let Some(batch) = batch(path) {
            return Ok(Self::Batch(batch));
        } else if let Some((before, model)) = path.rsplit_once("/models/")
            && (before.is_empty() || before.ends_with("/v1") || !before.contains("/models"))
        {
            (Self::Model(model), "GET")
        } else {
            return Err(Astray::Path);
        };
        let fits = method.as_str() == wanted || (wanted == "GET" && method == Method::HEAD);
        if fits {
            Ok(route)
        } else {
            Err(Astray::Method(wanted))
        }
    }
}

/// The path of a batch engine without what stands before it, beginning with `/v1`.
fn batch(path: &str) -> Option<&str> {
    let heads = ["/v1/files", "/v1/batches", "/v1/messages/batches"];
    heads.into_iter().find_map(|head| {
        let at = path.find(head)?;
        let rest = &path[at + head.len()..];
        (rest.is_empty() || rest.starts_with('/')).then_some(&path[at..])
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_known_by_its_end() {
        let get = [
            ("/", Route::Home),
            ("/v1/models", Route::Models),
            ("/gateway/openai/v1/models/", Route::Models),
            ("/v1/models/org/name", Route::Model("org/name")),
            ("/api/tags", Route::Tags),
            ("/_stepgate/requests", Route::Control("requests")),
            (
                "/v1/files/file-1/content",
                Route::Batch("/v1/files/file-1/content"),
            ),
            ("/x/v1/messages/batches", Route::Batch("/v1/messages/batches")),
        ];
        for (path, expected) in get {
            assert_eq!(Route::of(&Method::GET, path), Ok(expected), "{path}");
        }
        let post = [
            ("/v1/chat/completions", Route::Reply(Dialect::Chat)),
            ("/chat/completions", Route::Reply(Dialect::Chat)),
            (
                "/openai/deployments/gpt/chat/completions",
                Route::Reply(Dialect::Chat),
            ),
            ("/v1/responses", Route::Reply(Dialect::Responses)),
            ("/anthropic/v1/messages", Route::Reply(Dialect::Messages)),
            ("/v1/messages/count_tokens", Route::CountTokens(Dialect::Messages)),
            ("/api/chat", Route::Reply(Dialect::Ollama)),
            ("/v1/batches", Route::Batch("/v1/batches")),
        ];
        for (path, expected) in post {
            assert_eq!(Route::of(&Method::POST, path), Ok(expected), "{path}");
        }
    }

    #[test]
    fn what_is_not_there_is_told_from_what_is_asked_wrongly() {
        let astray = |method, path| Route::of(&method, path).unwrap_err();
        assert_eq!(astray(Method::GET, "/v1/embeddings"), Astray::Path);
        assert_eq!(astray(Method::GET, "/v1/filesystem"), Astray::Path);
        assert_eq!(astray(Method::GET, "/v1/messages"), Astray::Method("POST"));
        assert_eq!(astray(Method::POST, "/v1/models"), Astray::Method("GET"));
    }
}
