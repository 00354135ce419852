use std::path::PathBuf;

use clap::Args;

use crate::config::Flags;

/// Flags that every command takes.
#[derive(Debug, Clone, Args)]
pub(crate) struct Global {
    /// The configuration file [default: $XDG_CONFIG_HOME/stepgate/config.toml]
    #[arg(long, global = true, value_name = "FILE", help_heading = "Global options")]
    pub(crate) config: Option<PathBuf>,
    /// Where stepgate keeps its records [default: $XDG_STATE_HOME/stepgate]
    #[arg(long, global = true, value_name = "DIR", help_heading = "Global options")]
    pub(crate) state_dir: Option<PathBuf>,
    /// The repository root [default: the nearest folder above the plan with .git or stepgate.toml]
    #[arg(long, global = true, value_name = "DIR", help_heading = "Global options")]
    pub(crate) root: Option<PathBuf>,
    /// Let a key go over plain HTTP to another machine
    #[arg(long, global = true, help_heading = "Global options")]
    pub(crate) insecure_http: bool,
}

impl Global {
    /// What of it overrides the configuration, with the endpoint that a command names.
    pub(crate) fn flags(&self, endpoint: Option<String>) -> Flags {
        Flags {
            config: self.config.clone(),
            endpoint,
            state_dir: self.state_dir.clone(),
            insecure_http: self.insecure_http,
        }
    }
}
