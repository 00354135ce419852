use std::path::PathBuf;
use std::sync::{Arc, mpsc};
use std::thread::JoinHandle;

use super::batch::Batches;
use super::listen::{self, Stop};
use super::log::Log;
use super::serve::{Beginning, Server};
use crate::mock::{Actor, OfPlan, Scenario};
use crate::words::{Exit, Failure, Place};

/// How a server is to be.
#[derive(Default)]
pub struct ServerOptions {
    /// The port; 0 is one that is free.
    pub port: u16,
    /// Listens on `::1` instead of `127.0.0.1`.
    pub v6: bool,
    /// A request that no rule fits gets a default reply instead of an error.
    pub lenient: bool,
    /// Replies come as fast as the connection takes them, whatever pace the scenario has.
    pub unpaced: bool,
    /// Every request is also written here, as a line of JSON, behind what the file holds.
    pub log: Option<PathBuf>,
    /// What the plan's model says to a step.
    pub of_plan: Option<Box<OfPlan>>,
}

/// A mock model server that runs in a thread of this process. It ends when it is dropped.
pub struct MockServer {
    url: String,
    server: Arc<Server>,
    stop: Arc<Stop>,
    thread: Option<JoinHandle<std::io::Result<usize>>>,
    // Holds what batches keep on disk.
    _folder: tempfile::TempDir,
}

/// What a server knows at its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ended {
    /// How many requests it had.
    pub requests: u64,
    /// How many of them no rule answered.
    pub unmatched: u64,
    /// How many replies were cut because they took too long to end.
    pub cut: usize,
    /// The rules that never answered: what each is for, and where it stands.
    pub unused: Vec<(String, Place)>,
}

impl MockServer {
    /// Starts a server that plays a scenario, and returns when it takes connections.
    ///
    /// Fails with exit code 9 when the port is taken or the log cannot be written.
    pub fn start(mut scenario: Scenario, options: ServerOptions) -> Result<Self, Failure> {
        let local = |text: String| Failure::new(Exit::LocalIo, "local-io", text);
        if options.unpaced {
            scenario.unpace();
        }
        let log = match &options.log {
            Some(path) => Log::to(path).map_err(|error| Failure::io("write", path, &error))?,
            None => Log::default(),
        };
        let folder = tempfile::Builder::new().prefix("stepgate-mock-").tempdir();
        let folder =
            folder.map_err(|error| Failure::io("make a folder in", &std::env::temp_dir(), &error))?;
        let batches = Batches::new(scenario.batch.clone(), folder.path().to_path_buf());
        let actor = Actor::new(scenario, options.lenient, options.of_plan);
        let stop = Arc::new(Stop::default());
        let (ready, told) = mpsc::channel();
        let (port, v6, stopped) = (options.port, options.v6, Arc::clone(&stop));
        let work = move || {
            listen::block_on(async {
                let bound = listen::bind(port, v6).await;
                let bound = bound.and_then(|listener| Ok((listener.local_addr()?, listener)));
                let (address, listener) = match bound {
                    Ok(bound) => bound,
                    Err(error) => {
                        let _ = ready.send(Err(error));
                        return Ok(0);
                    }
                };
                let url = format!("http://{address}");
                let server = Arc::new(Server::new(Beginning {
                    actor,
                    batches,
                    log,
                    url: url.clone(),
                }));
                let _ = ready.send(Ok((url, Arc::clone(&server))));
                listen::serve(listener, server, stopped).await
            })
            .flatten()
        };
        let thread = std::thread::Builder::new()
            .name("mock server".to_owned())
            .spawn(work);
        let thread = thread.map_err(|error| local(format!("cannot start the mock server: {error}")))?;
        match told.recv() {
            Ok(Ok((url, server))) => Ok(Self {
                url,
                server,
                stop,
                thread: Some(thread),
                _folder: folder,
            }),
            Ok(Err(error)) => {
                let failure = local(format!("cannot listen on port {port} of this machine: {error}"));
                Err(failure.help("give another `--port`, or none for one that is free"))
            }
            Err(_) => Err(local("the mock server ended before it began".to_owned())),
        }
    }

    /// Where it is reached, such as `http://127.0.0.1:40123`, without a path.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Whether it takes connections.
    pub fn runs(&self) -> bool {
        self.thread.as_ref().is_some_and(|thread| !thread.is_finished())
    }

    /// What it was asked so far, as `GET /_stepgate/requests` tells it: a JSON document.
    pub fn requests(&self) -> Vec<u8> {
        self.server.state().log.document(self.server.rules())
    }

    /// Why requests were answered by no rule, since this was asked the last time: a line each.
    pub fn unmatched(&self) -> Vec<String> {
        self.server.state().log.untold()
    }

    /// Ends it: nothing more is accepted, and what is under way may end for a few seconds.
    ///
    /// Fails with exit code 9 when its port or its log was lost on the way.
    pub fn stop(mut self) -> Result<Ended, Failure> {
        let cut = self.end()?;
        let state = &mut *self.server.state();
        if let Some(error) = state.log.failed() {
            let text = format!("the log of requests is not whole: {error}");
            return Err(Failure::new(Exit::LocalIo, "local-io", text));
        }
        let rules = state.actor.scenario().rules.iter().zip(state.actor.answered());
        let unused = rules.filter(|(_, answered)| answered.ever == 0);
        Ok(Ended {
            requests: state.log.ever(),
            unmatched: state.actor.unmatched().ever,
            cut,
            unused: unused
                .map(|(rule, _)| (rule.description.clone(), rule.place.clone()))
                .collect(),
        })
    }

    /// How many replies were cut.
    fn end(&mut self) -> Result<usize, Failure> {
        self.stop.tell();
        let Some(thread) = self.thread.take() else {
            return Ok(0);
        };
        let lost = |why: String| {
            Failure::new(
                Exit::LocalIo,
                "local-io",
                format!("the mock server was lost: {why}"),
            )
        };
        match thread.join() {
            Ok(Ok(cut)) => Ok(cut),
            Ok(Err(error)) => Err(lost(error.to_string())),
            Err(_) => Err(lost("its thread ended".to_owned())),
        }
    }
}

impl Drop for MockServer {
    fn drop(&mut self) {
        // Whoever wanted to know how it went has called `stop`.
        let _ = self.end();
    }
}
