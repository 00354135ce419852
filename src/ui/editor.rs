use std::fs::{self, OpenOptions, Permissions};
use std::io::{self, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};

use super::tool::Tool;
use crate::interrupt::Interrupt;
use crate::session::Answer;

/// The person's editor.
pub(super) struct Editor {
    /// What `VISUAL` or `EDITOR` names, else `vi`.
    line: String,
    interrupt: Interrupt,
}

impl Editor {
    pub(super) fn new(line: String, interrupt: Interrupt) -> Self {
        Self { line, interrupt }
    }

    /// The program.
    pub(super) fn name(&self) -> &str {
        &self.line
    }

    /// Has the person edit a copy of a text, which is called `name` and lies in a private folder of its own. Says why
    /// nothing came of it, where that is so: an editor that ended badly was not agreed to.
    pub(super) fn edit(&self, text: &str, name: &str) -> Answer<Result<String, String>> {
        let failed = |error: io::Error| {
            let why = error.to_string();
            let why = why.split(" (os error").next().unwrap_or(&why).to_lowercase();
            format!("its copy of the text cannot be used: {why}")
        };
        let folder = tempfile::Builder::new()
            .prefix("stepgate-edit-")
            .permissions(Permissions::from_mode(0o700))
            .tempdir();
        let folder = match folder {
            Ok(folder) => folder,
            Err(error) => return Ok(Err(failed(error))),
        };
        self.interrupt.remove_when_leaving(folder.path());
        let path = folder.path().join(name);
        let copied = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&path);
        if let Err(error) = copied.and_then(|mut file| file.write_all(text.as_bytes())) {
            return Ok(Err(failed(error)));
        }
        let tool = Tool {
            line: &self.line,
            words: vec![path.as_os_str()],
            input: None,
        };
        if let Err(why) = tool.run(&self.interrupt)? {
            return Ok(Err(format!(
                "{why}; it is what VISUAL or EDITOR names, else `vi`"
            )));
        }
        Ok(match fs::read(&path).map(String::from_utf8) {
            Err(error) => Err(failed(error)),
            Ok(Err(_)) => Err("what it left is not UTF-8 text".to_owned()),
            Ok(Ok(edited)) if edited == text => Err("it left the text as it is".to_owned()),
            Ok(Ok(edited)) => Ok(edited),
        })
    }
}
