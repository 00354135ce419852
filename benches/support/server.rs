//! A server that a client is measured with, or that is measured itself.

use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// A server that runs. It ends when it is dropped.
pub(crate) struct Server {
    pub(crate) child: Child,
    pub(crate) port: u16,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Server {
    /// Starts the yardstick `ceiling`, which is the least that a server can do, on the first core. `how` is a variable that
    /// says how it answers.
    pub(crate) fn ceiling(program: &Path, how: Option<&str>) -> Self {
        let port = free_port();
        let mut child = on_core(0, program)
            .arg(port.to_string())
            .envs(how.map(|name| (name, "1")))
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // It says a line when it listens.
        let mut line = String::new();
        let mut stderr = BufReader::new(child.stderr.take().unwrap());
        stderr.read_line(&mut line).unwrap();
        Self { child, port }
    }
}

/// A program on one core.
pub(crate) fn on_core(core: usize, program: &Path) -> Command {
    let mut command = Command::new("taskset");
    command.args(["-c", &core.to_string()]).arg(program);
    command
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}
