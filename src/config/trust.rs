use std::fs;
use std::path::PathBuf;

use super::Environment;
use super::origin::{Origin, Traced};

/// Where the certificates are that a server's is to be vouched for by, when not where the system has them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trust {
    /// The file or folder, by the variable that names it.
    pub path: Traced<PathBuf>,
    /// Whether it is for stepgate to read; the others are known to the library that finds those of the system.
    pub own: bool,
}

impl Trust {
    /// What the environment names, as curl has it: `CURL_CA_BUNDLE`, and only without it `SSL_CERT_FILE` and `SSL_CERT_DIR`.
    pub(crate) fn of(environment: &Environment) -> Option<Self> {
        let names = ["CURL_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR"];
        names.into_iter().find_map(|name| {
            let path = environment.path(name)?;
            Some(Self {
                path: Traced::new(path, Origin::Variable(name.to_owned())),
                own: name == "CURL_CA_BUNDLE",
            })
        })
    }

    /// The certificates in the file, as PEM; `None` where the library reads them by itself.
    ///
    /// Fails where there is nothing that can be read; the text names the variable.
    pub(crate) fn read(&self) -> Result<Option<Vec<u8>>, String> {
        let path = &self.path.value;
        let why = |error: std::io::Error| {
            format!(
                "cannot read the certificates in `{}`, which {} names: {}",
                path.display(),
                self.path.origin,
                error.kind()
            )
        };
        if self.own {
            return fs::read(path).map(Some).map_err(why);
        }
        if fs::metadata(path).map_err(why)?.is_file() {
            fs::File::open(path).map_err(why)?;
        }
        Ok(None)
    }
}
