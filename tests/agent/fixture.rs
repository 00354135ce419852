//! Agents of a few lines of bash.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

use super::support::project::{Project, SMALL};

/// An agent that does the step it is given, as a good one would; it keeps what it read in `~/given`.
pub(crate) const GOOD: &str = r#"
cat >"$HOME/given"
case $(tail -n 1 "$HOME/given") in
*1.1*) echo one >one.txt ;;
*1.2*) echo two >two.txt ;;
esac
echo "done as asked"
"#;

/// The small plan, with an agent that is this script.
pub(crate) fn with_agent(script: &str) -> Project {
    let project = Project::small();
    let path = write_agent(&project, script);
    configure(&project, &format!("command = [\"{}\"]\n", path.display()));
    project
}

/// Puts a script at `~/agent`.
pub(crate) fn write_agent(project: &Project, script: &str) -> PathBuf {
    let path = project.home().join("agent");
    fs::write(&path, format!("#!/usr/bin/env bash\n{script}")).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    path
}

/// Configures an agent with these lines.
pub(crate) fn configure(project: &Project, lines: &str) {
    project.configure(&format!(
        "default = \"helper\"\n[endpoint.helper]\nkind = \"command\"\n{lines}"
    ));
}

/// What the agent left in a file of its home.
pub(crate) fn left(project: &Project, name: &str) -> String {
    fs::read_to_string(project.home().join(name)).unwrap()
}

/// Whether a process that wrote its number into a file of its home is gone, or soon.
pub(crate) fn is_gone(project: &Project, name: &str) -> bool {
    let pid = left(project, name);
    (0..500).any(|_| {
        let stat = fs::read_to_string(format!("/proc/{}/stat", pid.trim())).unwrap_or_default();
        // A zombie that nobody reaps is gone, too.
        let state = stat
            .rsplit_once(") ")
            .and_then(|(_, fields)| fields.chars().next());
        if matches!(state, None | Some('Z' | 'X')) {
            return true;
        }
        std::thread::sleep(std::time::Duration::from_millis(10));
        false
    })
}

/// The small plan with all its boxes ticked.
pub(crate) fn is_ticked(project: &Project) -> bool {
    let plan = project.read("plan.md");
    !plan.contains("- [ ]") && plan.contains("- [x] Write two")
}

/// The small plan as it was.
pub(crate) fn is_untouched(project: &Project) -> bool {
    project.read("plan.md") == SMALL
}
