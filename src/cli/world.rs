use std::io::{IsTerminal, Write};
use std::path::PathBuf;

use crate::config::Environment;
use crate::outlet;
use crate::ui::{AskSettings, TerminalSettings};
use crate::words::Failure;

/// What the process was started with, read once and passed down.
pub struct World {
    /// The variables.
    pub environment: Environment,
    /// The folder that the process stands in, if it still exists.
    pub current: Option<PathBuf>,
    /// Whether answers can be typed: standard input and standard error are a terminal.
    pub interactive: bool,
    /// Whether standard output is a terminal.
    pub stdout_is_terminal: bool,
    /// Whether standard error is a terminal.
    pub stderr_is_terminal: bool,
    /// Whether standard output may be coloured.
    pub stdout_colour: bool,
    /// Whether standard error may be coloured.
    pub stderr_colour: bool,
}

impl World {
    /// Looks at the process. Colour by the conventions: `NO_COLOR` and `TERM=dumb` take it away, a terminal brings it,
    /// `CLICOLOR_FORCE` brings it anywhere.
    pub fn of_process() -> Self {
        let environment = Environment::of_process();
        let stdin = std::io::stdin().is_terminal();
        let stdout = std::io::stdout().is_terminal();
        let stderr = std::io::stderr().is_terminal();
        let forced = environment
            .var("CLICOLOR_FORCE")
            .is_some_and(|value| value != "0");
        let dumb = environment.var("TERM").is_some_and(|term| term == "dumb");
        let plain = environment.var("NO_COLOR").is_some() || (dumb && !forced);
        Self {
            current: std::env::current_dir().ok(),
            interactive: stdin && stderr,
            stdout_is_terminal: stdout,
            stderr_is_terminal: stderr,
            stdout_colour: !plain && (stdout || forced),
            stderr_colour: !plain && (stderr || forced),
            environment,
        }
    }

    /// The person's editor, by the conventions: `VISUAL`, else `EDITOR`, else `vi`.
    pub(crate) fn editor(&self) -> String {
        let set = |name| {
            let editor = self.environment.var(name)?.to_string_lossy().into_owned();
            Some(editor).filter(|editor| !editor.trim().is_empty())
        };
        set("VISUAL")
            .or_else(|| set("EDITOR"))
            .unwrap_or_else(|| "vi".to_owned())
    }

    /// Whether the terminal only prints and takes lines, or does not say what it can.
    fn is_dumb(&self) -> bool {
        self.environment.var("TERM").is_none_or(|term| term == "dumb")
    }

    /// Whether the terminal may be asked to copy.
    pub(crate) fn has_clipboard(&self) -> bool {
        self.stderr_is_terminal && !self.is_dumb()
    }

    /// How it is asked at the terminal.
    pub(crate) fn ask_settings(&self) -> AskSettings {
        AskSettings {
            colour: self.stderr_colour,
            plain: self.is_dumb(),
            editor: self.editor(),
        }
    }

    /// How the gate at the terminal is. `own_tool` says whether prompts go to the person, `attempts` after how many
    /// of them it is advised to leave a step.
    pub(crate) fn terminal_settings(&self, own_tool: bool, attempts: u32) -> TerminalSettings {
        let pager = self.environment.var("PAGER");
        let pager = pager.map(|pager| pager.to_string_lossy().trim().to_owned());
        TerminalSettings {
            ask: self.ask_settings(),
            clipboard: self.has_clipboard() && own_tool,
            own_tool,
            // The usual pager draws on the screen, which a dumb terminal cannot.
            pager: pager.or_else(|| self.is_dumb().then(String::new)),
            attempts,
        }
    }

    /// Prints data on standard output.
    ///
    /// Fails with exit 9 when it cannot be written, and with 141, without a message, when the reader is gone.
    pub fn print(&self, text: &str) -> Result<(), Failure> {
        let mut out = outlet::stdout();
        let written = out.write_all(text.as_bytes()).and_then(|()| out.flush());
        written.map_err(|error| Failure::stdout(&error))
    }

    /// Prints a JSON document and a line feed on standard output.
    pub fn print_json(&self, document: &impl serde::Serialize) -> Result<(), Failure> {
        let written = serde_json::to_vec_pretty(document).map_err(std::io::Error::from);
        // In one piece: the outlet sees no secret that is cut in two.
        let written = written.and_then(|mut text| {
            text.push(b'\n');
            let mut out = outlet::stdout();
            out.write_all(&text).and_then(|()| out.flush())
        });
        written.map_err(|error| Failure::stdout(&error))
    }
}
