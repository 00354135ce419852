use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::World;
use super::global::Global;
use super::named_step::{bare, named_step};
use super::tell::tell;
use crate::agent::Agent;
use crate::assets;
use crate::batch::{Dock, Shelf, Shelved};
use crate::config::{Config, EndpointConfig, EndpointKind, RepositorySettings};
use crate::documents;
use crate::export::CustomId;
use crate::interrupt::Interrupt;
use crate::keys::Key;
use crate::llm::Terms;
use crate::llm::client::Provider;
use crate::mock::{MockEndpoint, Scenario};
use crate::plan::Number;
use crate::plan_file::{PlanFile, Reading};
use crate::prompt::Templates;
use crate::session::{Budget, Delivery, Desk, Options, Who};
use crate::state::{Blobs, Entry, Holder, Journal, Lock, StateDir};
use crate::tree::Root;
use crate::words::{Digest, Exit, Failure};

/// How long a block of a check may take where nobody says.
const CHECK_TIMEOUT: Duration = Duration::from_secs(600);

/// A plan with everything around it that a command may need.
pub(crate) struct Setup {
    pub(crate) config: Config,
    pub(crate) file: PlanFile,
    /// The plan as it was read first; whether it can be run is not said.
    pub(crate) reading: Reading,
    pub(crate) root: Root,
    pub(crate) settings: RepositorySettings,
    pub(crate) templates: Templates,
    pub(crate) state: StateDir,
    pub(crate) who: Who,
    /// Why what the repository says of itself is left aside, where it is.
    pub(crate) aside: Option<Failure>,
}

/// Which parts of a session differ from command to command.
#[derive(Default)]
pub(crate) struct SessionChoice {
    pub(crate) step: Option<Number>,
    pub(crate) until: Option<Number>,
    pub(crate) forget: bool,
    /// What the endpoint counts, takes and costs.
    pub(crate) terms: Terms,
    /// What the session may spend.
    pub(crate) budget: Budget,
    pub(crate) regress: bool,
    pub(crate) commit: bool,
    /// Whether nothing is sent.
    pub(crate) stored: bool,
}

impl Setup {
    /// Reads the configuration, finds the plan and its repository, and reads what the repository says of itself.
    pub(crate) fn open(
        world: &World,
        global: &Global,
        plan: &Path,
        endpoint: Option<String>,
    ) -> Result<Self, Failure> {
        let mut setup = Self::open_past(world, global, plan, endpoint)?;
        setup.aside.take().map_or(Ok(setup), Err)
    }

    /// As [`open`](Self::open), for what needs nothing of what the repository says of itself: a step may have broken that,
    /// and is to be looked at and rolled back all the same.
    pub(crate) fn open_past(
        world: &World,
        global: &Global,
        plan: &Path,
        endpoint: Option<String>,
    ) -> Result<Self, Failure> {
        let config = Config::load(&world.environment, &global.flags(endpoint))?;
        let file = PlanFile::find(plan)?;
        let reading = file.read()?;
        let folder = match &global.root {
            Some(root) => root.clone(),
            None => documents::root_of(&reading.plan, &file, world.current.as_deref()),
        };
        let state_path = config.state_dir()?.value.clone();
        let mut own = documents::paths(&reading.plan, &folder, &file);
        own.push(file.real().to_path_buf());
        own.push(state_path.clone());
        let root = Root::open(&folder, &own)?;
        if !file.real().starts_with(root.path()) {
            let text = format!(
                "`{}` is not beneath the root `{}`",
                file.shown(),
                root.path().display()
            );
            return Err(Failure::new(Exit::Usage, "root", text)
                .help("name a folder above the plan with `--root DIR`"));
        }
        let said = RepositorySettings::load(root.path()).and_then(|settings| {
            let templates = documents::templates(&settings, &root)?;
            Ok((settings, templates))
        });
        let ((settings, templates), aside) = match said {
            Ok(said) => (said, None),
            Err(failure) => {
                let none = (RepositorySettings::default(), Templates::new(BTreeMap::new())?);
                (none, Some(failure))
            }
        };
        Ok(Self {
            config,
            file,
            reading,
            root,
            settings,
            templates,
            state: StateDir::new(state_path),
            who: who(world),
            aside,
        })
    }

    /// What is said of what the repository says of itself, where that is left aside.
    pub(crate) fn said_aside(&self) -> Option<String> {
        let failure = self.aside.as_ref()?;
        Some(format!(
            "what the repository says of itself is left aside: {failure}"
        ))
    }

    /// What is on record of the plan.
    pub(crate) fn entries(&self) -> Result<Vec<Entry>, Failure> {
        match self.state.existing(&self.file) {
            Some(folder) => Journal::read(&folder),
            None => Ok(Vec::new()),
        }
    }

    /// The step that the user names: one of the plan, or one that only the record knows any more.
    pub(crate) fn step_on_record(&self, entries: &[Entry], id: &str) -> Result<String, Failure> {
        let word = bare(id);
        if entries.iter().any(|entry| entry.record.step() == Some(word)) {
            return Ok(word.to_owned());
        }
        self.step(&self.reading, id).map(|id| id.to_string())
    }

    /// The step that the user names, in a reading; exit 2 for one that is none.
    pub(crate) fn step(&self, reading: &Reading, id: &str) -> Result<Number, Failure> {
        named_step(&reading.plan, id, Path::new(self.file.shown())).map(|(_, step)| step.id)
    }

    /// The endpoint that the configuration and the flags choose, ready to be sent to.
    pub(crate) fn delivery(&self, world: &World, interrupt: &Interrupt) -> Result<Delivery, Failure> {
        let endpoint = self.config.endpoint()?;
        match &endpoint.kind {
            EndpointKind::Manual => Ok(Delivery::Manual),
            EndpointKind::Mock { scenario } => {
                let path = scenario.value.to_string_lossy().into_owned();
                let scenario = Scenario::load(&path, &|path| std::fs::read(path))?;
                let endpoint = MockEndpoint::new(&endpoint.name, scenario);
                Ok(Delivery::Endpoint(Box::new(endpoint)))
            }
            EndpointKind::Command(config) => {
                let agent = Agent::new(&endpoint.name, config, &world.environment)?;
                Ok(Delivery::Agent(Box::new(agent)))
            }
            EndpointKind::Provider(config) => {
                let key = Key::of(&endpoint.name, config, &world.environment)?;
                let endpoint = Provider::new(&endpoint.name, config, key, interrupt.clone())?;
                Ok(Delivery::Endpoint(Box::new(endpoint)))
            }
        }
    }

    /// The mock model with its bundled scenario.
    pub(crate) fn demo_delivery() -> Result<Delivery, Failure> {
        let scenario = Scenario::load(assets::SAMPLE_SCENARIO, &assets::mock)?;
        let endpoint = MockEndpoint::new("the built-in mock model", scenario);
        Ok(Delivery::Endpoint(Box::new(endpoint)))
    }

    /// Takes along what is remembered of the plan where it was moved while its prompts are with a batch engine.
    pub(crate) fn take_along(&self, interrupt: &Interrupt) -> Result<(), Failure> {
        let shelf = Shelf::new(&self.state);
        let id = CustomId::of_plan(&self.reading.plan, &self.reading.source);
        let real = self.file.real();
        if self.state.remembers(real) || !shelf.may_have_moved(&id, real) {
            return Ok(());
        }
        let dock = Dock {
            state: &self.state,
            interrupt,
            holder: self.holder(),
        };
        for shelved in shelf.open()? {
            // What another command is at work on, it takes along itself.
            if let Shelved::Open(mut submission) = shelved {
                for note in submission.follow(&dock, Some(&id))? {
                    tell(&format!("{note}\n"));
                }
            }
        }
        Ok(())
    }

    fn holder(&self) -> Holder {
        Holder {
            pid: std::process::id(),
            host: self.who.host.clone(),
            since: jiff::Zoned::now().strftime("%Y-%m-%d %H:%M:%S").to_string(),
        }
    }

    /// Takes the plan for a session, and removes what one that was killed left half done.
    pub(crate) fn lock(&self) -> Result<Lock, Failure> {
        let lock = Lock::take(&self.state, &self.file, &self.holder())?;
        self.state.sweep(&self.file)?;
        self.file.sweep()?;
        Ok(lock)
    }

    /// The journal of the plan, opened for adding to it. The plan must be [locked](Self::lock).
    pub(crate) fn journal(&self, forget: bool) -> Result<Journal, Failure> {
        let folder = self.state.of_plan(&self.file)?;
        if forget {
            Journal::forget(&folder)?;
        }
        Journal::open(&folder)
    }

    /// The blobs of the plan.
    pub(crate) fn blobs(&self) -> Result<Blobs, Failure> {
        Blobs::open(self.state.of_plan(&self.file)?.join("blobs"))
    }

    /// How a session behaves.
    pub(crate) fn options(&self, choice: &SessionChoice) -> Options {
        Options {
            step: choice.step,
            until: choice.until,
            regress: choice.regress,
            commit: choice.commit,
            stored: choice.stored,
            outstanding: Vec::new(),
            check_timeout: self
                .settings
                .check_timeout
                .as_ref()
                .map_or(CHECK_TIMEOUT, |timeout| timeout.value),
            secret_variables: self
                .config
                .key_variables()
                .into_iter()
                .map(str::to_owned)
                .collect(),
            context: self.settings.context(),
            terms: choice.terms.clone(),
            budget: choice.budget.clone(),
        }
    }

    /// What the endpoint that is chosen counts, takes and costs.
    pub(crate) fn terms(&self) -> Result<Terms, Failure> {
        self.config.endpoint().map(EndpointConfig::terms)
    }

    /// Lays everything out for a session. The plan must be [locked](Self::lock).
    pub(crate) fn desk(
        self,
        delivery: Delivery,
        choice: &SessionChoice,
        interrupt: Interrupt,
    ) -> Result<Desk, Failure> {
        let journal = self.journal(choice.forget)?;
        let blobs = self.blobs()?;
        let mut options = self.options(choice);
        let id = CustomId::of_plan(&self.reading.plan, &self.reading.source);
        options.outstanding = Shelf::new(&self.state).outstanding_of(&id, self.file.real())?;
        let scratch = self.state.of_plan(&self.file)?;
        // The same for every session of a plan, so that the next one knows the temporary files of one that was killed.
        let session = Digest::of(self.file.real().as_os_str().as_encoded_bytes())
            .short()
            .to_owned();
        Ok(Desk {
            file: self.file,
            root: self.root,
            journal,
            blobs,
            templates: self.templates,
            delivery,
            interrupt,
            options,
            session,
            scratch,
        })
    }
}

/// Who runs this process, and on which machine.
pub(crate) fn who(world: &World) -> Who {
    let name = |variable| {
        world
            .environment
            .var(variable)
            .map(|name| name.to_string_lossy().into_owned())
    };
    let user = name("USER").or_else(|| name("LOGNAME"));
    let boot = std::fs::read_to_string(PathBuf::from("/proc/sys/kernel/random/boot_id")).unwrap_or_default();
    Who {
        user: user.unwrap_or_else(|| format!("user {}", rustix::process::getuid().as_raw())),
        host: rustix::system::uname().nodename().to_string_lossy().into_owned(),
        boot: boot.trim().to_owned(),
    }
}
