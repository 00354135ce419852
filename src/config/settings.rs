use super::endpoint::{CommandConfig, EndpointConfig, EndpointKind, PromptBy, ProviderConfig};
use super::origin::{Origin, Traced};
use crate::llm::Price;

/// One setting of an endpoint, as it may be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    /// Its name in the configuration, such as `url`, or `headers.X-Title`.
    pub name: String,
    /// Its value in words; never a secret.
    pub value: String,
    /// Where it came from.
    pub origin: Origin,
}

impl EndpointConfig {
    /// Every setting that the endpoint has, those that are built in among them, each with where it came from.
    pub fn settings(&self) -> Vec<Setting> {
        let mut list = List::default();
        match &self.kind {
            EndpointKind::Manual => {}
            EndpointKind::Mock { scenario } => {
                list.add("scenario", &scenario.origin, scenario.value.to_string_lossy());
            }
            EndpointKind::Provider(provider) => list.provider(provider),
            EndpointKind::Command(command) => list.command(command),
        }
        list.number("context_tokens", self.context_tokens.as_ref());
        if let Some(price) = &self.price {
            let Price {
                input,
                cached,
                output,
                currency,
            } = &price.value;
            let currency = currency
                .as_ref()
                .map(|currency| format!(" {currency}"))
                .unwrap_or_default();
            list.add(
                "price",
                &price.origin,
                format!("input {input}, cached {cached}, output {output}{currency}"),
            );
        }
        list.0
    }
}

#[derive(Default)]
struct List(Vec<Setting>);

impl List {
    fn add(&mut self, name: &str, origin: &Origin, value: impl Into<String>) {
        self.0.push(Setting {
            name: name.to_owned(),
            value: value.into(),
            origin: origin.clone(),
        });
    }

    fn number(&mut self, name: &str, value: Option<&Traced<u64>>) {
        if let Some(number) = value {
            self.add(name, &number.origin, number.value.to_string());
        }
    }

    fn command(&mut self, config: &CommandConfig) {
        let command = &config.command;
        let words: Vec<_> = command.value.iter().map(|word| format!("{word:?}")).collect();
        self.add("command", &command.origin, words.join(" "));
        let by = match config.prompt.value {
            PromptBy::Stdin => "stdin",
            PromptBy::File => "file",
        };
        self.add("prompt", &config.prompt.origin, by);
        let timeout = &config.timeout;
        self.add(
            "timeout",
            &timeout.origin,
            format!("{} s", timeout.value.as_secs_f64()),
        );
        for name in &config.env {
            self.add("env", &name.origin, &name.value);
        }
    }

    fn provider(&mut self, provider: &ProviderConfig) {
        let url = &provider.url;
        // A query may hold a key; that there is one is worth knowing.
        let query = url.value.query().map_or("", |_| "?…");
        self.add("url", &url.origin, provider.shown_url() + query);
        self.add("model", &provider.model.origin, &provider.model.value);
        if let Some(variable) = &provider.key_env {
            self.add("key_env", &variable.origin, &variable.value);
        }
        if let Some(origin) = &provider.keyring {
            self.add("key", origin, "keyring");
        }
        if let Some(command) = &provider.key_command {
            // Its arguments may say more than they should.
            let program = command.value.first().cloned().unwrap_or_default();
            let more = if command.value.len() > 1 { " …" } else { "" };
            self.add("key_command", &command.origin, program + more);
        }
        let header = &provider.key_header;
        self.add("key_header", &header.origin, &header.value);
        self.number("max_tokens", provider.max_tokens.as_ref());
        self.number("num_ctx", provider.num_ctx.as_ref());
        for (name, value) in &provider.headers {
            self.add(&format!("headers.{name}"), &value.origin, "(not shown)");
        }
        for (name, value) in &provider.shown_body() {
            self.add(&format!("body.{name}"), &value.origin, value.value.to_string());
        }
        let insecure = &provider.insecure_http;
        self.add("insecure_http", &insecure.origin, insecure.value.to_string());
        let timers = &provider.timers;
        for (name, time) in [
            ("connect_timeout", &timers.connect),
            ("header_timeout", &timers.header),
            ("idle_timeout", &timers.idle),
            ("retry_wait", &timers.retry_wait),
        ] {
            self.add(name, &time.origin, format!("{} s", time.value.as_secs_f64()));
        }
        let retries = &provider.retries;
        self.add("retries", &retries.origin, retries.value.to_string());
        self.number("body_limit", Some(&provider.body_limit));
        if let Some(proxy) = &provider.proxy {
            self.add("proxy", &proxy.origin, &proxy.shown);
        }
    }
}
