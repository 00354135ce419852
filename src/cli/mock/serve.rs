use std::fs;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use rustix::event::{PollFd, PollFlags, Timespec, poll};

use super::ready::Ready;
use crate::assets;
use crate::cli::World;
use crate::cli::global::Global;
use crate::cli::tell::tell;
use crate::documents;
use crate::interrupt::Interrupt;
use crate::mock::server::{Ended, MockServer, ServerOptions};
use crate::mock::{OfPlan, PlanModel, Scenario};
use crate::plan_file::PlanFile;
use crate::tree::Root;
use crate::ui::diagnostics;
use crate::words::{Diagnostic, Exit, Failure, counted};

/// How often it is looked whether the server is to end.
const LOOK: Duration = Duration::from_millis(10);

/// Serve a mock model on a port of this machine, until a signal ends it; prints its address as JSON
#[derive(Debug, Args)]
pub(super) struct ServeArgs {
    /// Scenarios in TOML: the first rule that fits answers [default: one that answers everything]
    #[arg(value_name = "SCENARIO")]
    scenarios: Vec<PathBuf>,
    /// Answer the steps of this plan, after the scenarios: what would be done, and the files that the step names
    #[arg(long, value_name = "PLAN")]
    plan: Option<PathBuf>,
    /// The port; 0 takes a free one
    #[arg(long, value_name = "N", default_value_t = 0)]
    port: u16,
    /// The address to listen on: 127.0.0.1 or ::1
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1")]
    host: String,
    /// Write the line with the address here too, as soon as it listens
    #[arg(long, value_name = "FILE")]
    ready_file: Option<PathBuf>,
    /// Write every request here as a line of JSON, behind what the file holds
    #[arg(long, value_name = "FILE")]
    log: Option<PathBuf>,
    /// Answer what no rule fits with a default reply, not with 404
    #[arg(long, conflicts_with = "strict")]
    lenient: bool,
    /// End with exit code 4 when a rule was never used or a request was answered by none
    #[arg(long)]
    strict: bool,
    /// Leave out every pace and every recorded time: replies come at once
    #[arg(long)]
    no_pace: bool,
    /// What faults with a chance go by, in place of the scenarios' own seed
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
}

/// Serves until a signal comes.
pub(super) fn serve(args: &ServeArgs, global: &Global, world: &World) -> Result<Exit, Failure> {
    let interrupt = Interrupt::listen()?;
    let attending = interrupt.attend();
    let (scenario, of_plan) = scenario(args, global, world)?;
    let rules = scenario.rules.len();
    let options = ServerOptions {
        port: args.port,
        v6: is_v6(&args.host)?,
        lenient: args.lenient,
        unpaced: args.no_pace,
        log: args.log.clone(),
        of_plan,
    };
    let server = MockServer::start(scenario, options)?;
    let ready = Ready::tell(server.url(), args.ready_file.as_deref(), world)?;
    tell(&format!(
        "mock model server at {} with {}; for tests on this machine only, no real key is taken; Ctrl-C ends it\n",
        server.url(),
        counted(rules, "rule", "rules")
    ));
    while interrupt.raised().is_none() && server.runs() {
        std::thread::sleep(LOOK);
        server.unmatched().iter().for_each(|why| remark(why));
    }
    server.unmatched().iter().for_each(|why| remark(why));
    drop(ready);
    let ended = server.stop()?;
    drop(attending);
    let passed = report(&ended, args.strict, world);
    Ok(if passed { Exit::Done } else { Exit::NotPassed })
}

/// The scenarios in their order, with the plan's last; and what the plan's model says.
fn scenario(
    args: &ServeArgs,
    global: &Global,
    world: &World,
) -> Result<(Scenario, Option<Box<OfPlan>>), Failure> {
    let mut scenarios = Vec::new();
    for path in &args.scenarios {
        scenarios.push(Scenario::load(&path.to_string_lossy(), &|path| fs::read(path))?);
    }
    let mut of_plan = None;
    if let Some(plan) = &args.plan {
        let (mut scenario, says) = plan_model(plan, global, world)?;
        if args.strict {
            // What is about no step is what strictness is there to find.
            scenario.rules.retain(|rule| rule.when.step.is_some());
        }
        scenarios.push(scenario);
        of_plan = Some(says);
    }
    if scenarios.is_empty() {
        scenarios.push(Scenario::load(assets::HELLO_SCENARIO, &assets::mock)?);
    }
    let mut scenario = Scenario::join(scenarios);
    if let Some(seed) = args.seed {
        scenario.seed = seed;
    }
    Ok((scenario, of_plan))
}

/// The scenario of a plan, and what its model says to a step: by the files as they are at that moment.
fn plan_model(path: &Path, global: &Global, world: &World) -> Result<(Scenario, Box<OfPlan>), Failure> {
    let file = PlanFile::find(path)?;
    let reading = file.read()?;
    let diagnostics = reading.plan.verify(&reading.source);
    if !diagnostics.is_empty() {
        return Err(Failure {
            exit: Exit::Invalid,
            diagnostics,
        });
    }
    let folder = match &global.root {
        Some(root) => root.clone(),
        None => documents::root_of(&reading.plan, &file, world.current.as_deref()),
    };
    let mut own = documents::paths(&reading.plan, &folder, &file);
    own.push(file.real().to_path_buf());
    let root = Root::open(&folder, &own)?;
    let model = PlanModel::new(&reading.plan, &reading.source);
    let scenario = model.scenario();
    let current = move |path: &str| {
        // What is there and no text is something that is not to be written over: a text that says so.
        let no_text = || Some("\0".to_owned());
        let Ok(read) = root.admit(path).and_then(|path| root.read(&path)) else {
            return no_text();
        };
        String::from_utf8(read?).ok().or_else(no_text)
    };
    Ok((scenario, Box::new(move |step| model.say(step, &current))))
}

/// Whether the address is that of the newer protocol. Exit 2 for one that others could reach.
fn is_v6(host: &str) -> Result<bool, Failure> {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    match bare.parse::<IpAddr>() {
        Ok(address) if address.is_loopback() => Ok(address.is_ipv6()),
        Err(_) if bare == "localhost" => Ok(false),
        _ => {
            let text = format!("the mock server would be reached from other machines at `{host}`");
            Err(Failure::new(Exit::Usage, "not-loopback", text).help(
                "leave `--host` out, or give `127.0.0.1` or `::1`: it takes requests of this machine only",
            ))
        }
    }
}

/// Tells how it went; whether it went as the scenarios have it.
fn report(ended: &Ended, strict: bool, world: &World) -> bool {
    tell(&format!(
        "{} answered\n",
        counted(
            usize::try_from(ended.requests).unwrap_or(usize::MAX),
            "request",
            "requests"
        )
    ));
    if ended.cut > 0 {
        let cut = counted(ended.cut, "connection", "connections");
        tell(&format!("{cut} cut: what was under way took too long to end\n"));
    }
    if !strict {
        return true;
    }
    let mut findings = Vec::new();
    for (description, place) in &ended.unused {
        let text = format!("the rule \"{description}\" was never used");
        findings.push(Diagnostic::error("mock-unused", text).at(place.clone()));
    }
    if ended.unmatched > 0 {
        let unmatched = counted(
            usize::try_from(ended.unmatched).unwrap_or(usize::MAX),
            "request",
            "requests",
        );
        let text = format!("no rule answered {unmatched}");
        findings.push(Diagnostic::error("mock-unmatched", text));
    }
    if findings.is_empty() {
        return true;
    }
    let failure = Failure {
        exit: Exit::NotPassed,
        diagnostics: findings,
    };
    tell(&diagnostics::failure(&failure, world.stderr_colour));
    false
}

/// Tells a line in passing, if somebody reads: a pipe that nobody empties must not keep a signal from being heard.
fn remark(text: &str) {
    let stderr = rustix::stdio::stderr();
    let mut ready = [PollFd::new(&stderr, PollFlags::OUT)];
    let now = Timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    if poll(&mut ready, Some(&now)).is_ok_and(|count| count > 0) {
        tell(&format!("{text}\n"));
    }
}
