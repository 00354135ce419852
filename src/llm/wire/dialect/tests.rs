use super::*;

#[test]
fn the_path_is_appended_to_the_users_url() {
    let cases = [
        (
            Dialect::Chat,
            "https://api.example/v1",
            "https://api.example/v1/chat/completions",
        ),
        (
            Dialect::Chat,
            "https://api.example/v1/",
            "https://api.example/v1/chat/completions",
        ),
        (
            Dialect::Chat,
            "https://host/gateway/openai/v1",
            "https://host/gateway/openai/v1/chat/completions",
        ),
        (
            Dialect::Chat,
            "http://127.0.0.1:8000",
            "http://127.0.0.1:8000/chat/completions",
        ),
        (
            Dialect::Chat,
            "https://az.example/openai/deployments/mine?api-version=2024-10-21",
            "https://az.example/openai/deployments/mine/chat/completions?api-version=2024-10-21",
        ),
        (
            Dialect::Responses,
            "https://api.openai.com/v1",
            "https://api.openai.com/v1/responses",
        ),
        (
            Dialect::Responses,
            "https://az.example/openai?api-version=1",
            "https://az.example/openai/responses?api-version=1",
        ),
        (
            Dialect::Messages,
            "https://api.anthropic.com",
            "https://api.anthropic.com/v1/messages",
        ),
        (
            Dialect::Messages,
            "https://api.anthropic.com/v1/",
            "https://api.anthropic.com/v1/messages",
        ),
        (
            Dialect::Messages,
            "https://host/anthropic",
            "https://host/anthropic/v1/messages",
        ),
        (
            Dialect::Ollama,
            "http://127.0.0.1:11434",
            "http://127.0.0.1:11434/api/chat",
        ),
        (
            Dialect::Ollama,
            "http://host/ollama/api/",
            "http://host/ollama/api/chat",
        ),
    ];
    for (dialect, base, expected) in cases {
        assert_eq!(dialect.address(&Url::parse(base).unwrap()).as_str(), expected);
    }
}

#[test]
fn an_event_that_is_called_an_error_is_one_whatever_its_shape() {
    let error = |message: &str| {
        Ok(Chunk {
            error: Some(ServerError {
                message: Some(message.to_owned()),
                ..ServerError::default()
            }),
            ..Chunk::default()
        })
    };
    for dialect in Dialect::ALL {
        for (data, expected) in [
            ("out of memory", error("out of memory")),
            (r#"{"error":"busy"}"#, error("busy")),
            (r#"{"message":"busy"}"#, error("busy")),
            ("{}", error("{}")),
        ] {
            assert_eq!(
                dialect.decode(Some("error"), data),
                expected,
                "{dialect:?} {data}"
            );
        }
    }
}

#[test]
fn every_home_is_a_url() {
    for home in Dialect::ALL.into_iter().filter_map(Dialect::home) {
        assert!(Url::parse(home.url).is_ok(), "{home:?}");
    }
}
