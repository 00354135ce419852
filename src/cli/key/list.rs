use std::fmt::Write as _;

use clap::Args;
use serde::Serialize;

use super::super::endpoint::OriginJson;
use crate::cli::World;
use crate::cli::global::Global;
use crate::config::{Config, EndpointKind};
use crate::keys::{Finder, Source, State};
use crate::words::{Exit, Failure};

/// List where the key of each endpoint comes from, and whether it is there; never the key
#[derive(Debug, Args)]
pub(super) struct ListArgs {
    /// Print a JSON document
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    endpoints: Vec<Endpoint<'a>>,
}

#[derive(Serialize)]
struct Endpoint<'a> {
    name: &'a str,
    /// In the order in which they are asked.
    sources: Vec<Place>,
}

#[derive(Serialize)]
struct Place {
    setting: &'static str,
    origin: OriginJson,
    state: &'static str,
    why: Option<String>,
    #[serde(skip)]
    words: String,
}

pub(super) fn run(args: &ListArgs, global: &Global, world: &World) -> Result<Exit, Failure> {
    let config = Config::load(&world.environment, &global.flags(None))?;
    let finder = Finder::new(&world.environment);
    let servers = config
        .endpoints
        .values()
        .filter_map(|endpoint| match &endpoint.kind {
            EndpointKind::Provider(provider) => Some((&endpoint.name, provider)),
            _ => None,
        });
    let endpoints = servers.map(|(name, provider)| Endpoint {
        name,
        sources: Source::all(name, provider)
            .iter()
            .map(|source| place(source, finder.state(source)))
            .collect(),
    });
    let document = Document {
        schema: "stepgate.keys/1",
        endpoints: endpoints.collect(),
    };
    if args.json {
        world.print_json(&document)?;
    } else {
        world.print(&text(&document))?;
    }
    Ok(Exit::Done)
}

fn place(source: &Source, state: State) -> Place {
    let origin = source.origin();
    let (word, why, words) = match state {
        State::There => ("there", None, "is there".to_owned()),
        State::NotThere => ("not-there", None, "is not there".to_owned()),
        State::NotAsked => ("not-asked", None, "is run when a key is needed".to_owned()),
        State::Unreachable(why) => {
            let words = format!("cannot be asked: {why}");
            ("unreachable", Some(why), words)
        }
    };
    Place {
        setting: source.word(),
        words: format!("{origin}: {words}"),
        origin: (&origin).into(),
        state: word,
        why,
    }
}

fn text(document: &Document<'_>) -> String {
    let mut text = String::new();
    for endpoint in &document.endpoints {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{}", endpoint.name);
        if endpoint.sources.is_empty() {
            text += "  no key is sent\n";
        }
        for place in &endpoint.sources {
            let _ = writeln!(text, "  {}", place.words);
        }
    }
    if document.endpoints.is_empty() {
        text += "no endpoint needs a key\n";
    }
    text
}
