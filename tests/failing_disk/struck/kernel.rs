//! A kernel that says no: a command runs under ptrace, and calls of it that touch files of one folder fail as they are told to.
//!
//! A call is made to fail by spoiling the arguments that name its file, so that the system does nothing, and by giving it
//! another result on its way back. So the machine's way of skipping a call need not be known.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::Write as _;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use nix::errno::Errno;
use nix::libc::{AT_FDCWD, user_regs_struct};
use nix::sys::ptrace::{self, Options};
use nix::sys::signal::Signal;
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::Pid;

use super::calls::{Kind, Known, Named, known};
use super::machine;

/// What becomes of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Nothing is done, and this is said.
    Error(Errno),
    /// Half of the bytes are written.
    Short,
}

/// Which calls are struck.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Which {
    /// The one of this number, from 1.
    Nth(usize),
    /// All; one that is made again as it was goes through.
    Each,
}

/// Whose calls are struck.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Whose {
    /// Those of the command itself.
    Own,
    /// Those of programs of this name that it starts.
    Started(&'static str),
}

/// What is to go wrong. Calls are counted that are of one of the kinds and touch something in the folder.
pub(crate) struct Orders<'a> {
    pub(crate) folder: &'a Path,
    pub(crate) whose: Whose,
    pub(crate) counts: &'a dyn Fn(&Call) -> bool,
    pub(crate) which: Which,
    /// What becomes of a call that is struck; `None` lets it through.
    pub(crate) fault: &'a dyn Fn(&Call) -> Option<Fault>,
}

/// A call that was counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Call {
    /// From 1.
    pub(crate) number: usize,
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
    pub(crate) path: PathBuf,
    /// How many bytes are to be written, where one argument says it.
    pub(crate) bytes: Option<u64>,
}

/// How the command ended.
pub(crate) struct Ended {
    /// Its code, or 128 and the signal.
    pub(crate) code: i32,
    pub(crate) err: String,
    /// What was struck, and with what.
    pub(crate) struck: Vec<(Call, Fault)>,
}

/// Says by a test's name that it is skipped where the system lets nobody trace.
pub(crate) fn refused(test: &str) -> bool {
    let mut command = Command::new("true");
    command
        .current_dir("/")
        .env("PATH", std::env::var("PATH").unwrap_or_default());
    let orders = Orders {
        folder: Path::new("/nowhere"),
        whose: Whose::Own,
        counts: &|_| false,
        which: Which::Each,
        fault: &|_| None,
    };
    let refused = run(&command, &orders).err();
    if let Some(error) = refused {
        eprintln!("skipped: {test}: no process can be traced here: {error}");
    }
    refused.is_some()
}

/// Runs a command. Fails where the system lets nobody trace.
pub(crate) fn run(command: &Command, orders: &Orders<'_>) -> Result<Ended, Errno> {
    let outputs = tempfile::tempdir().unwrap();
    let output = |name| outputs.path().join(name);
    // A shell that waits at a gate: it becomes the command when it is traced.
    let mut gate = Command::new("sh");
    gate.args(["-c", "read -r go && exec \"$0\" \"$@\" < /dev/null"])
        .arg(command.get_program())
        .args(command.get_args())
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(File::create(output("err")).unwrap());
    for (name, value) in command.get_envs() {
        gate.env(name, value.unwrap());
    }
    gate.current_dir(command.get_current_dir().unwrap());
    #[expect(clippy::zombie_processes, reason = "the tracer waits for all that it traces")]
    let mut child = gate.spawn().unwrap();
    let pid = Pid::from_raw(i32::try_from(child.id()).unwrap());
    let mut options = Options::PTRACE_O_TRACESYSGOOD
        | Options::PTRACE_O_TRACEEXEC
        | Options::PTRACE_O_TRACECLONE
        | Options::PTRACE_O_EXITKILL;
    if orders.whose != Whose::Own {
        options |= Options::PTRACE_O_TRACEFORK | Options::PTRACE_O_TRACEVFORK;
    }
    if let Err(refused) = ptrace::seize(pid, options) {
        // The shell finds its gate closed and ends.
        drop(child.stdin.take());
        child.wait().unwrap();
        return Err(refused);
    }
    child.stdin.take().unwrap().write_all(b"\n").unwrap();
    let mut tracer = Tracer {
        orders,
        threads: HashMap::new(),
        counted: 0,
        struck: Vec::new(),
        over: false,
    };
    let code = tracer.follow(pid);
    let text = |name| String::from_utf8_lossy(&fs::read(output(name)).unwrap()).into_owned();
    Ok(Ended {
        code,
        err: text("err"),
        struck: tracer.struck,
    })
}

/// A thread between its stops.
#[derive(Default)]
struct Thread {
    /// Whether its calls are looked at: it runs the program in question.
    watched: bool,
    /// Whether it is in a call.
    inside: bool,
    /// What is to be made of the call that it is in: its registers as they were, and the fault.
    struck: Option<(user_regs_struct, Fault)>,
    /// What was struck last, while nothing else was called.
    last: Option<(&'static str, PathBuf)>,
}

struct Tracer<'a> {
    orders: &'a Orders<'a>,
    threads: HashMap<Pid, Thread>,
    counted: usize,
    struck: Vec<(Call, Fault)>,
    /// Whether nothing more is to be struck.
    over: bool,
}

impl Tracer<'_> {
    /// Follows all threads until the first process ends; its code.
    fn follow(&mut self, first: Pid) -> i32 {
        let mut code = None;
        while code.is_none() || !self.threads.is_empty() {
            // Only what this very thread traces: other tests trace beside it.
            let status = waitpid(None, Some(WaitPidFlag::__WALL | WaitPidFlag::__WNOTHREAD));
            let (pid, signal) = match status {
                Err(Errno::ECHILD) => break,
                Err(Errno::EINTR) => continue,
                Err(error) => panic!("waiting failed: {error}"),
                Ok(WaitStatus::Exited(pid, ended)) => {
                    code = if pid == first { Some(ended) } else { code };
                    self.threads.remove(&pid);
                    continue;
                }
                Ok(WaitStatus::Signaled(pid, signal, _)) => {
                    code = if pid == first {
                        Some(128 + signal as i32)
                    } else {
                        code
                    };
                    self.threads.remove(&pid);
                    continue;
                }
                Ok(WaitStatus::PtraceSyscall(pid)) => {
                    // A thread that is killed while it stands there is gone: there is nothing to be set.
                    let _ = self.stopped(pid);
                    (pid, None)
                }
                Ok(WaitStatus::PtraceEvent(pid, _, event)) => {
                    if event == ptrace::Event::PTRACE_EVENT_EXEC as i32 {
                        self.became(pid, first);
                    }
                    (pid, None)
                }
                Ok(WaitStatus::Stopped(pid, signal)) => (pid, Some(signal)),
                Ok(_) => continue,
            };
            self.resume(pid, signal);
        }
        code.unwrap()
    }

    fn resume(&mut self, pid: Pid, signal: Option<Signal>) {
        if !self.threads.contains_key(&pid) {
            // A new thread is watched as its process is; a new process is not, until it becomes another program.
            let process = process(pid).and_then(|process| self.threads.get(&process));
            let watched = process.is_some_and(|process| process.watched);
            self.threads.insert(
                pid,
                Thread {
                    watched,
                    ..Thread::default()
                },
            );
        }
        let thread = &self.threads[&pid];
        // A call that is struck must be met on its way back, whatever was ordered.
        let stops = thread.watched && (!self.over || thread.struck.is_some());
        let _ = if stops {
            ptrace::syscall(pid, signal)
        } else {
            ptrace::cont(pid, signal)
        };
    }

    /// A process became another program. It still has to come back from the call that made it so.
    fn became(&mut self, pid: Pid, first: Pid) {
        let program = fs::read_link(format!("/proc/{pid}/exe")).unwrap_or_default();
        let watched = match self.orders.whose {
            Whose::Own => pid == first,
            Whose::Started(name) => program.file_name().is_some_and(|program| program == name),
        };
        let inside = !self.over && watched;
        let thread = Thread {
            watched,
            inside,
            ..Thread::default()
        };
        self.threads.insert(pid, thread);
    }

    /// A thread stands before a call or behind it.
    fn stopped(&mut self, pid: Pid) -> Result<(), Errno> {
        let thread = self.threads.entry(pid).or_default();
        thread.inside = !thread.inside;
        if !thread.inside {
            let Some((before, fault)) = thread.struck.take() else {
                return Ok(());
            };
            let mut now = ptrace::getregs(pid)?;
            if let Fault::Error(error) = fault {
                machine::set_arguments(&mut now, machine::arguments(&before));
                machine::set_result(&mut now, -i64::from(error as i32));
            } else {
                short(&mut now, &before);
            }
            return ptrace::setregs(pid, now);
        }
        let before = ptrace::getregs(pid)?;
        let arguments = machine::arguments(&before);
        let Some(known) = known(machine::number(&before), &arguments) else {
            return Ok(());
        };
        let path = path(pid, &known, &arguments);
        let Some(path) = path.filter(|path| path.starts_with(self.orders.folder)) else {
            return Ok(());
        };
        let call = Call {
            number: self.counted + 1,
            name: known.name,
            kind: known.kind,
            path,
            bytes: known.count.map(|count| arguments[count]),
        };
        if self.over || !(self.orders.counts)(&call) {
            return Ok(());
        }
        let again = thread.last.take() == Some((call.name, call.path.clone()));
        self.counted += 1;
        let meant = match self.orders.which {
            Which::Nth(nth) => nth == self.counted,
            Which::Each => !again,
        };
        let Some(fault) = (self.orders.fault)(&call).filter(|_| meant) else {
            return Ok(());
        };
        let mut spoiled = before;
        let mut to = arguments;
        match (fault, known.count) {
            (Fault::Short, Some(count)) => to[count] = arguments[count].div_ceil(2),
            (Fault::Short, None) => return Ok(()),
            (Fault::Error(_), _) => spoil(&mut to, known.named),
        }
        machine::set_arguments(&mut spoiled, to);
        ptrace::setregs(pid, spoiled)?;
        thread.last = Some((call.name, call.path.clone()));
        thread.struck = Some((before, fault));
        self.struck.push((call, fault));
        self.over = matches!(self.orders.which, Which::Nth(_));
        Ok(())
    }
}

/// What follows a call may rely on its arguments being what they were; the result stays.
#[cfg(target_arch = "x86_64")]
fn short(now: &mut user_regs_struct, before: &user_regs_struct) {
    machine::set_arguments(now, machine::arguments(before));
}

/// As on other machines, but the result is where the first argument was.
#[cfg(target_arch = "aarch64")]
fn short(now: &mut user_regs_struct, before: &user_regs_struct) {
    let result = machine::arguments(now)[0];
    machine::set_arguments(now, machine::arguments(before));
    machine::set_result(now, result.cast_signed());
}

/// Makes arguments such that the call can do nothing.
fn spoil(arguments: &mut machine::Arguments, named: Named) {
    match named {
        Named::Descriptor(at) => arguments[at] = u64::MAX,
        Named::Beneath(folder, path) => {
            arguments[folder] = u64::MAX;
            arguments[path] = 0;
        }
        Named::Path(path) => arguments[path] = 0,
    }
}

/// What a call names.
fn path(pid: Pid, known: &Known, arguments: &machine::Arguments) -> Option<PathBuf> {
    match known.named {
        Named::Descriptor(at) => descriptor(pid, arguments[at]),
        Named::Path(at) => Some(folder(pid)?.join(text(pid, arguments[at])?)),
        Named::Beneath(at, path) => {
            let path = text(pid, arguments[path])?;
            if path.is_absolute() {
                return Some(path);
            }
            #[expect(
                clippy::cast_possible_truncation,
                reason = "the system takes the lower half too"
            )]
            let above = match arguments[at] as u32 {
                here if here == AT_FDCWD.cast_unsigned() => folder(pid)?,
                _ => descriptor(pid, arguments[at])?,
            };
            Some(above.join(path))
        }
    }
}

/// The process that a thread is of.
fn process(pid: Pid) -> Option<Pid> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("Tgid:"))?;
    line.trim().parse().ok().map(Pid::from_raw)
}

fn descriptor(pid: Pid, number: u64) -> Option<PathBuf> {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the system takes the lower half too"
    )]
    let number = number as u32;
    fs::read_link(format!("/proc/{pid}/fd/{number}")).ok()
}

fn folder(pid: Pid) -> Option<PathBuf> {
    fs::read_link(format!("/proc/{pid}/cwd")).ok()
}

/// A text in the memory of a thread.
fn text(pid: Pid, at: u64) -> Option<PathBuf> {
    use std::os::unix::ffi::OsStringExt as _;
    let memory = File::open(format!("/proc/{pid}/mem")).ok()?;
    let mut bytes = vec![0; 4096];
    let read = memory.read_at(&mut bytes, at).ok()?;
    bytes.truncate(bytes[..read].iter().position(|byte| *byte == 0)?);
    Some(PathBuf::from(std::ffi::OsString::from_vec(bytes)))
}
