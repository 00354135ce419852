use clap::Args;

use super::super::answered::answered;
use crate::cli::World;
use crate::cli::global::Global;
use crate::cli::tell::tell;
use crate::config::{Config, ConfigEdit, NewValue};
use crate::interrupt::Interrupt;
use crate::llm::wire::Dialect;
use crate::session::Answer;
use crate::ui::Ask;
use crate::words::{Exit, Failure, printable_line, secrets};

/// Add an endpoint to your configuration file; asks for what is missing but its name at a terminal
#[derive(Debug, Clone, Args)]
pub(super) struct AddArgs {
    /// A name for it
    name: String,
    /// What it is: openai, openai-responses, anthropic, ollama, mock, manual or command
    #[arg(long)]
    kind: Option<String>,
    /// The base URL, as the provider's own client takes it
    #[arg(long)]
    url: Option<String>,
    /// The model, in the provider's word
    #[arg(long)]
    model: Option<String>,
    /// The variable that holds the key
    #[arg(long, value_name = "VARIABLE")]
    key_env: Option<String>,
    /// Take the key from the system's keyring
    #[arg(long, value_name = "WHERE", value_parser = ["keyring"])]
    key: Option<String>,
    /// A command that prints the key: the program, and again for each of its arguments
    #[arg(long, value_name = "WORD", allow_hyphen_values = true)]
    key_command: Vec<String>,
    /// The header that carries the key, where it is none of the usual ones
    #[arg(long, value_name = "NAME")]
    key_header: Option<String>,
    /// Of kind mock: the scenario
    #[arg(long, value_name = "FILE")]
    scenario: Option<String>,
    /// Of kind command: the program, and again for each of its arguments
    #[arg(long, value_name = "WORD", allow_hyphen_values = true)]
    command: Vec<String>,
    /// Of kind command: how it gets the prompt
    #[arg(long, value_name = "HOW", value_parser = ["stdin", "file"])]
    prompt: Option<String>,
    /// Of kind command: a variable that it sees besides the usual ones; again for each
    #[arg(long, value_name = "VARIABLE")]
    env: Vec<String>,
    /// Of kind command: how long it may take, such as 45m, or seconds
    #[arg(long, value_name = "TIME")]
    timeout: Option<String>,
    /// The tokens that the model takes, prompt and reply together
    #[arg(long, value_name = "N")]
    context_tokens: Option<u32>,
    /// Of kind ollama: the tokens of its context
    #[arg(long, value_name = "N")]
    num_ctx: Option<u32>,
    /// The most tokens that a reply may have
    #[arg(long, value_name = "N")]
    max_tokens: Option<u32>,
    /// A further header, whose value is taken from a variable and written into the file; again for each
    #[arg(long, value_name = "NAME=VARIABLE", value_parser = pair)]
    header: Vec<(String, String)>,
    /// What a million tokens cost, such as input=3,cached=0.3,output=15,currency=USD
    #[arg(long, value_name = "PRICES", value_delimiter = ',', value_parser = pair)]
    price: Vec<(String, String)>,
    /// Make it the default
    #[arg(long)]
    default: bool,
}

pub(super) fn run(args: &AddArgs, global: &Global, world: &World) -> Result<Exit, Failure> {
    let path = Config::path(&world.environment, &global.flags(None))?;
    let mut edit = ConfigEdit::open(&path.value)?;
    let there = Config::try_text(&edit.source()?, &world.environment)?;
    if args.name == "manual" || there.endpoints.contains_key(&args.name) {
        let text = format!("there is an endpoint `{}` already", printable_line(&args.name));
        let mut failure = Failure::new(Exit::Configuration, "endpoint-there", text);
        if let Some(endpoint) = there.endpoints.get(&args.name) {
            failure = failure.help(format!("it stands at {}", endpoint.origin));
        }
        return Err(failure.help(format!(
            "choose another name, or take it out first: `stepgate endpoint remove {}`",
            printable_line(&args.name)
        )));
    }
    let mut args = args.clone();
    if world.interactive {
        let ask = Ask::new(world.ask_settings(), Interrupt::listen()?);
        match answered(ask_for_missing(&mut args, &ask))? {
            Ok(()) => {}
            Err(exit) => return Ok(exit),
        }
    }
    let missing = missing(&args);
    if !missing.is_empty() {
        let text = format!("an endpoint of that kind needs more: {}", missing.join(", "));
        return Err(Failure::new(Exit::NeedsHuman, "missing", text)
            .help("give the flags, or run the command at a terminal, where it asks"));
    }
    let mut settings = settings(&args);
    if !args.header.is_empty() {
        settings.push(("headers", headers(&args.header, world)?));
    }
    edit.add(&args.name, &settings)?;
    if args.default {
        edit.set_default(&args.name)?;
    }
    // What the flags say is read as if it stood in the file, so that no mistake gets there.
    Config::try_text(&edit.source()?, &world.environment)?;
    edit.save()?;
    tell(&told(&args, &printable_line(&path.value.to_string_lossy())));
    Ok(Exit::Done)
}

fn dialect(args: &AddArgs) -> Option<Dialect> {
    let kind = args.kind.as_deref()?;
    Dialect::ALL.into_iter().find(|dialect| dialect.word() == kind)
}

fn wants_url(args: &AddArgs) -> bool {
    dialect(args).is_some_and(|dialect| dialect.home().is_none())
}

/// The flags without which there is no such endpoint.
fn missing(args: &AddArgs) -> Vec<&'static str> {
    let mut missing = Vec::new();
    let kind = args.kind.as_deref();
    if kind.is_none() {
        missing.push("`--kind`");
    }
    if args.url.is_none() && wants_url(args) {
        missing.push("`--url`");
    }
    if args.model.is_none() && (kind.is_none() || dialect(args).is_some()) {
        missing.push("`--model`");
    }
    if kind == Some("mock") && args.scenario.is_none() {
        missing.push("`--scenario`");
    }
    if kind == Some("command") && args.command.is_empty() {
        missing.push("`--command`");
    }
    missing
}

fn ask_for_missing(args: &mut AddArgs, ask: &Ask) -> Answer<()> {
    if args.kind.is_none() {
        let known = [
            "openai",
            "openai-responses",
            "anthropic",
            "ollama",
            "command",
            "mock",
            "manual",
        ];
        let words = [
            "openai: any server that speaks Chat Completions",
            "openai-responses: OpenAI's Responses",
            "anthropic: Anthropic's Messages",
            "ollama: a model on this machine",
            "command: a coding agent that works in the tree by itself",
            "mock: answers out of a file, to try things",
            "manual: you carry each prompt to a tool of your own",
        ];
        args.kind = Some(known[ask.choose("what is it?", &words)?].to_owned());
    }
    while args.url.is_none() && wants_url(args) {
        let url = ask.words("its base URL, as the provider's own client takes it")?;
        args.url = Some(url).filter(|url| !url.is_empty());
    }
    while args.model.is_none() && dialect(args).is_some() {
        let model = ask.words("the model, in the provider's word")?;
        args.model = Some(model).filter(|model| !model.is_empty());
    }
    while args.scenario.is_none() && args.kind.as_deref() == Some("mock") {
        let scenario = ask.words("the file with its scenario")?;
        args.scenario = Some(scenario).filter(|scenario| !scenario.is_empty());
    }
    while args.command.is_empty() && args.kind.as_deref() == Some("command") {
        // Words are split at spaces and nothing else: what needs more is written with flags, or in the file.
        let command = ask.words("the command, its arguments with spaces between them")?;
        args.command = command.split_whitespace().map(str::to_owned).collect();
    }
    if args.num_ctx.is_none() && args.context_tokens.is_none() && args.kind.as_deref() == Some("ollama") {
        let why = "the tokens of its context: its server cuts what is longer, often at 4096, where it is not told (empty: leave it so)";
        loop {
            let tokens = ask.words(why)?;
            args.num_ctx = tokens.trim().parse().ok().filter(|tokens| *tokens > 0);
            if args.num_ctx.is_some() || tokens.trim().is_empty() {
                break;
            }
        }
    }
    if args.key_env.is_none() && args.key.is_none() && args.key_command.is_empty() && dialect(args).is_some()
    {
        let places = [
            "in a variable of the environment",
            "in the system's keyring",
            "in what a command prints",
            "it needs none, or the usual variable",
        ];
        match ask.choose("where is its key?", &places)? {
            0 => {
                let variable = ask.words("the name of the variable (not the key)")?;
                args.key_env = Some(variable).filter(|variable| !variable.is_empty());
            }
            1 => args.key = Some("keyring".to_owned()),
            2 => {
                let command =
                    ask.words("the command that prints it, its arguments with spaces between them")?;
                args.key_command = command.split_whitespace().map(str::to_owned).collect();
            }
            _ => {}
        }
    }
    Ok(())
}

fn settings(args: &AddArgs) -> Vec<(&'static str, NewValue)> {
    let text = |value: &Option<String>| value.clone().map(NewValue::Text);
    let list = |value: &Vec<String>| (!value.is_empty()).then(|| NewValue::List(value.clone()));
    let whole = |value: Option<u32>| value.map(|number| NewValue::Whole(number.into()));
    let price = args.price.iter();
    let price = price.map(|(name, value)| (name.clone(), number_or_text(value)));
    [
        ("kind", text(&args.kind)),
        ("url", text(&args.url)),
        ("model", text(&args.model)),
        ("key_env", text(&args.key_env)),
        ("key", text(&args.key)),
        ("key_command", list(&args.key_command)),
        ("key_header", text(&args.key_header)),
        ("scenario", text(&args.scenario)),
        ("command", list(&args.command)),
        ("prompt", text(&args.prompt)),
        ("env", list(&args.env)),
        ("timeout", args.timeout.as_deref().map(number_or_text)),
        ("context_tokens", whole(args.context_tokens)),
        ("num_ctx", whole(args.num_ctx)),
        ("max_tokens", whole(args.max_tokens)),
        (
            "price",
            (!args.price.is_empty()).then(|| NewValue::Table(price.collect())),
        ),
    ]
    .into_iter()
    .filter_map(|(name, value)| Some((name, value?)))
    .collect()
}

/// `NAME=VALUE` of a flag.
fn pair(text: &str) -> Result<(String, String), &'static str> {
    let (name, value) = text.split_once('=').ok_or("it has no `=`")?;
    Ok((name.trim().to_owned(), value.trim().to_owned()))
}

fn number_or_text(text: &str) -> NewValue {
    text.parse()
        .map(NewValue::Whole)
        .or_else(|_| text.parse().map(NewValue::Number))
        .unwrap_or_else(|_| NewValue::Text(text.to_owned()))
}

/// The headers with their values, which may be secrets, and so are never arguments.
fn headers(named: &[(String, String)], world: &World) -> Result<NewValue, Failure> {
    let mut headers = Vec::new();
    for (name, variable) in named {
        // What was given in place of the variable's name may be the value: it is not shown.
        let value = world.environment.text(variable).ok().flatten().ok_or_else(|| {
            let name = printable_line(name);
            let text = format!("the variable that `--header {name}=…` names has no value that is text");
            Failure::new(Exit::Configuration, "no-header", text)
                .help("give the name of a variable: the value is taken from there")
        })?;
        secrets::learn(value);
        headers.push((name.clone(), NewValue::Text(value.to_owned())));
    }
    Ok(NewValue::Table(headers))
}

fn told(args: &AddArgs, path: &str) -> String {
    let name = &args.name;
    let mut told = format!("added `[endpoint.{name}]` to `{path}`");
    if args.default {
        told += ", as the default";
    }
    told.push('\n');
    if args.key.is_some() {
        told += &format!("`stepgate key set {name}` puts its key into the keyring\n");
    }
    told + &format!("`stepgate endpoint test {name}` sends it the smallest request\n")
}
