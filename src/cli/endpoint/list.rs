use std::fmt::Write as _;

use clap::Args;
use serde::Serialize;

use super::origin::OriginJson;
use crate::cli::World;
use crate::cli::global::Global;
use crate::config::{Config, EndpointConfig};
use crate::words::{Exit, Failure, printable_line};

/// List every endpoint, and where each of its settings comes from
#[derive(Debug, Args)]
pub(super) struct ListArgs {
    /// Print a JSON document
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    default: Default<'a>,
    file: Option<String>,
    endpoints: Vec<Endpoint<'a>>,
}

#[derive(Serialize)]
struct Default<'a> {
    name: &'a str,
    origin: OriginJson,
}

#[derive(Serialize)]
struct Endpoint<'a> {
    name: &'a str,
    kind: &'static str,
    default: bool,
    origin: OriginJson,
    settings: Vec<Setting>,
}

#[derive(Serialize)]
struct Setting {
    name: String,
    value: String,
    origin: OriginJson,
}

pub(super) fn run(args: &ListArgs, global: &Global, world: &World) -> Result<Exit, Failure> {
    let config = Config::load(&world.environment, &global.flags(None))?;
    // A default that leads nowhere is told before the list is of use to anybody.
    let broken = config.endpoint().err();
    if args.json {
        world.print_json(&document(&config))?;
    } else {
        world.print(&text(&config))?;
    }
    match broken {
        Some(failure) => Err(failure),
        None => Ok(Exit::Done),
    }
}

fn is_default(config: &Config, endpoint: &EndpointConfig) -> bool {
    config.default.value == endpoint.name
}

fn document(config: &Config) -> Document<'_> {
    let endpoint = |endpoint| one(config, endpoint);
    let file = config.file.as_ref().filter(|(_, there)| *there);
    Document {
        schema: "stepgate.endpoints/1",
        default: Default {
            name: &config.default.value,
            origin: (&config.default.origin).into(),
        },
        file: file.map(|(path, _)| path.value.to_string_lossy().into_owned()),
        endpoints: config.endpoints.values().map(endpoint).collect(),
    }
}

fn one<'a>(config: &Config, endpoint: &'a EndpointConfig) -> Endpoint<'a> {
    let settings = endpoint.settings().into_iter().map(|setting| Setting {
        origin: OriginJson::from(&setting.origin),
        name: setting.name,
        value: setting.value,
    });
    Endpoint {
        name: &endpoint.name,
        kind: endpoint.kind.word(),
        default: is_default(config, endpoint),
        origin: (&endpoint.origin).into(),
        settings: settings.collect(),
    }
}

fn text(config: &Config) -> String {
    let mut text = String::new();
    for endpoint in config.endpoints.values() {
        let default = match is_default(config, endpoint) {
            true => format!("; the default, by {}", config.default.origin),
            false => String::new(),
        };
        // Writing to a String cannot fail.
        let _ = writeln!(
            text,
            "{} ({}), {}{default}",
            endpoint.name,
            endpoint.kind.word(),
            endpoint.origin
        );
        let settings = endpoint.settings();
        let widest =
            |of: fn(&crate::config::Setting) -> usize| settings.iter().map(of).max().unwrap_or(0).min(40);
        let names = widest(|setting| setting.name.chars().count());
        let values = widest(|setting| setting.value.chars().count());
        for setting in &settings {
            let (name, value) = (printable_line(&setting.name), printable_line(&setting.value));
            let _ = writeln!(text, "  {name:names$}  {value:values$}  {}", setting.origin);
        }
    }
    text
}
