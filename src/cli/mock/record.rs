use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use tokio::net::TcpListener;
use url::Url;

use super::ready::Ready;
use crate::cli::World;
use crate::cli::global::Global;
use crate::cli::tell::tell;
use crate::interrupt::Interrupt;
use crate::mock::server::record::{Existing, Output, Recorder, Setup, Upstream, serve};
use crate::words::{Exit, Failure, counted};

/// Stand between a client and a real server, pass everything through, and write a scenario that says the same again
#[derive(Debug, Args)]
pub(super) struct RecordArgs {
    /// The real server, such as `https://api.openai.com/v1`; the client's path goes below it, a `/v1` in both once
    #[arg(long, value_name = "URL")]
    upstream: Url,
    /// The scenario to write; bodies go into a folder of its name beside it
    #[arg(short, long, value_name = "FILE", default_value = "recorded.toml")]
    output: PathBuf,
    /// Go on with a scenario that is there
    #[arg(long, conflicts_with = "force")]
    append: bool,
    /// Replace a scenario that is there
    #[arg(long)]
    force: bool,
    /// The port on 127.0.0.1; 0 takes a free one
    #[arg(long, value_name = "N", default_value_t = 0)]
    port: u16,
    /// Write the line with the address here too, as soon as it listens
    #[arg(long, value_name = "FILE")]
    ready_file: Option<PathBuf>,
}

/// Records until INT, TERM or HUP.
pub(super) fn record(args: &RecordArgs, global: &Global, world: &World) -> Result<Exit, Failure> {
    let interrupt = Interrupt::listen()?;
    let _attending = interrupt.attend();
    let upstream = Upstream::new(&args.upstream, &world.environment, global.insecure_http)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| {
        let text = format!("cannot start a runtime for the network: {error}");
        Failure::new(Exit::LocalIo, "no-runtime", text)
    })?;
    let recorder = runtime.block_on(async {
        let address = format!("127.0.0.1:{}", args.port);
        let unbound = |error| Failure::io("listen on", Path::new(&address), &error);
        let listener = TcpListener::bind(&address).await.map_err(unbound)?;
        let port = listener.local_addr().map_err(unbound)?.port();
        // After the port, so that nothing is replaced by a recorder that cannot start.
        let recorder = Arc::new(Recorder::new(Setup {
            upstream,
            output: args.written(),
            tell: Box::new(|line| tell(&format!("{line}\n"))),
        })?);
        let url = format!("http://127.0.0.1:{port}");
        let _ready = Ready::tell(&url, args.ready_file.as_deref(), world)?;
        serve(listener, Arc::clone(&recorder), &interrupt).await;
        Ok::<_, Failure>(recorder)
    })?;
    // Does not wait for a name that is still being looked up.
    runtime.shutdown_background();
    let recorded = usize::try_from(recorder.recorded()).unwrap_or(usize::MAX);
    let file = args.output.display();
    tell(&format!(
        "{} recorded in {file}\n",
        counted(recorded, "exchange", "exchanges")
    ));
    if recorder.failed() > 0 {
        let text = format!("{} could not be written to `{file}`", recorder.failed());
        return Err(Failure::new(Exit::LocalIo, "local-io", text));
    }
    Ok(Exit::Done)
}

impl RecordArgs {
    fn written(&self) -> Output {
        Output {
            file: self.output.clone(),
            existing: match (self.append, self.force) {
                (true, _) => Existing::Continued,
                (false, true) => Existing::Replaced,
                (false, false) => Existing::Refused,
            },
        }
    }
}
