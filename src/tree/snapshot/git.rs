use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::io;
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::exact_git::{exact, feed, good, run};
use crate::tree::safe_git::{bare, said};

/// A git repository that the root is in, spoken to through git's command line.
///
/// Files are taken in by way of a repository folder of our own beside an index of our own, whose attributes switch every
/// conversion off: what goes in are the bytes of the tree, and no filter, hook or monitor of the repository runs. Only
/// objects and one ref of ours are written into the repository itself.
#[derive(Debug)]
pub(super) struct Git {
    /// The root of the tree.
    root: PathBuf,
    /// The work tree's uppermost folder.
    top: PathBuf,
    /// The root's path in the work tree, with a `/` at its end, or nothing.
    prefix: Vec<u8>,
    index: PathBuf,
    objects: PathBuf,
    exclude: PathBuf,
    attributes: PathBuf,
    format: String,
    /// Our folder.
    own: PathBuf,
}

/// What switches every conversion off, with the last word on it.
const AS_IT_IS: &str = "* -text !eol !crlf -filter -ident !working-tree-encoding\n";

impl Git {
    /// Finds the repository around `root`; says in words why there is none to be used. `own` is a folder for what is ours.
    pub(super) fn find(root: &Path, own: &Path) -> Result<Self, String> {
        let asked = [
            "rev-parse",
            "--path-format=absolute",
            "--show-toplevel",
            "--git-path",
            "index",
            "--git-path",
            "objects",
            "--git-path",
            "info/exclude",
            "--git-path",
            "info/attributes",
            "--show-object-format",
            "--show-prefix",
        ];
        let output = run(exact(root).args(asked))?;
        if !output.status.success() {
            let said = said(&output);
            return Err(if said.contains("dubious ownership") {
                "git refuses the repository, for it belongs to another user (`safe.directory`)".to_owned()
            } else if said.contains("not a git repository") {
                "it is in no git repository".to_owned()
            } else if said.contains("work tree") {
                "the repository has no work tree".to_owned()
            } else {
                format!("git refuses the repository: {said}")
            });
        }
        let mut lines = output.stdout.split(|byte| *byte == b'\n');
        let mut line = || lines.next().map(<[u8]>::to_vec).unwrap_or_default();
        let mut path = || PathBuf::from(OsString::from_vec(line()));
        let (top, index, objects, exclude, attributes) = (path(), path(), path(), path(), path());
        let format = String::from_utf8_lossy(&line()).into_owned();
        let git = Self {
            root: root.to_owned(),
            top,
            prefix: line(),
            index,
            objects,
            exclude,
            attributes,
            format,
            own: own.to_owned(),
        };
        // A path with a line feed in it would have shifted the lines.
        let joined = git.top.join(OsStr::from_bytes(
            git.prefix.strip_suffix(b"/").unwrap_or_default(),
        ));
        if !git.objects.is_dir() || fs::canonicalize(joined).ok() != fs::canonicalize(root).ok() {
            return Err("git names its folders in a way that cannot be read".to_owned());
        }
        Ok(git)
    }

    /// Takes in everything that git does not ignore, but what is `apart`; the commit. `as_is` says whether nothing in the
    /// tree asks for a conversion.
    pub(super) fn commit(&self, apart: &[Vec<u8>], as_is: bool) -> Result<String, String> {
        let index = self.fill(apart, as_is, &[0, 1])?;
        let tree = good(&run(self.command(&index).args(["write-tree", "--missing-ok"]))?)?;
        good(&run(self.command(&index).args([
            "commit-tree",
            "--no-gpg-sign",
            "-m",
            "stepgate: before a step",
            &tree,
        ]))?)
    }

    /// The root alone as a tree of git, without what is `apart`; fails where a file cannot be read.
    pub(super) fn tree(&self, apart: &[Vec<u8>], as_is: bool) -> Result<String, String> {
        let index = self.fill(apart, as_is, &[0])?;
        // An index that was the user's may know what is apart as it once was.
        let mut input = Vec::new();
        for path in apart {
            input.extend_from_slice(path);
            input.push(0);
        }
        let mut remove = self.command(&index);
        remove.args(["update-index", "-z", "--force-remove", "--stdin"]);
        good(&feed(&mut remove, input)?)?;
        let mut write = self.command(&index);
        write.args(["write-tree", "--missing-ok"]);
        if !self.prefix.is_empty() {
            let mut prefix = OsString::from("--prefix=");
            prefix.push(OsStr::from_bytes(&self.prefix));
            write.arg(prefix);
        }
        good(&run(&mut write)?)
    }

    /// Takes the tree into an index, which it names. `fine` are the codes that git may end with.
    fn fill(&self, apart: &[Vec<u8>], as_is: bool, fine: &[i32]) -> Result<PathBuf, String> {
        self.lay_out()?;
        let index = self.choose_index(as_is)?;
        let mut add = self.command(&index);
        // What the repository's own configuration ignores beside its files: ours does not know it.
        let ignored = run(exact(&self.root).args(["config", "--type=path", "--get", "core.excludesFile"]))?;
        if let Some(path) = ignored
            .stdout
            .strip_suffix(b"\n")
            .filter(|_| ignored.status.success())
        {
            let mut setting = OsString::from("core.excludesFile=");
            setting.push(OsStr::from_bytes(path));
            add.arg("-c").arg(setting);
        }
        add.args(["add", "-A", "--ignore-errors", "--"]).arg(".");
        for path in apart {
            let mut spec = OsString::from(":(exclude,literal)");
            spec.push(OsStr::from_bytes(path));
            add.arg(spec);
        }
        // 1 is said of files that cannot be read: they are not in the snapshot, and its list tells.
        let added = run(add.stdin(Stdio::null()))?;
        if added.status.code().is_none_or(|code| !fine.contains(&code)) {
            return Err(format!("git cannot take the tree in: {}", said(&added)));
        }
        Ok(index)
    }

    /// Gives a commit a name of ours, so that it stays.
    pub(super) fn name(&self, reference: &str, commit: &str) -> Result<(), String> {
        let mut command = exact(&self.root);
        command.args(["update-ref", reference, commit]);
        good(&run(&mut command)?).map(drop)
    }

    /// Names of ours that begin so.
    pub(super) fn names(&self, prefix: &str) -> Result<Vec<String>, String> {
        let mut command = exact(&self.root);
        command.args(["for-each-ref", "--format=%(refname)", prefix]);
        Ok(good(&run(&mut command)?)?.lines().map(str::to_owned).collect())
    }

    /// Takes a name of ours away.
    pub(super) fn forget(&self, reference: &str) -> Result<(), String> {
        let mut command = exact(&self.root);
        command.args(["update-ref", "-d", reference]);
        good(&run(&mut command)?).map(drop)
    }

    /// The objects of a commit's files beneath the root, by path.
    pub(super) fn objects(&self, commit: &str) -> Result<BTreeMap<Vec<u8>, String>, String> {
        let mut command = exact(&self.root);
        command.args(["ls-tree", "-r", "-z", "--full-tree", commit]);
        let output = run(&mut command)?;
        if !output.status.success() {
            return Err(format!("git cannot read the snapshot: {}", said(&output)));
        }
        let mut objects = BTreeMap::new();
        for line in output.stdout.split(|byte| *byte == 0) {
            let Some(tab) = memchr::memchr(b'\t', line) else {
                continue;
            };
            let (head, path) = (&line[..tab], &line[tab + 1..]);
            let head = String::from_utf8_lossy(head);
            let mut head = head.split(' ').skip(1);
            if let (Some("blob"), Some(object), Some(path)) =
                (head.next(), head.next(), path.strip_prefix(&*self.prefix))
            {
                objects.insert(path.to_vec(), object.to_owned());
            }
        }
        Ok(objects)
    }

    /// The bytes of objects, in their order; `None` for one that is not there.
    pub(super) fn contents(&self, objects: &[String]) -> Result<Vec<Option<Vec<u8>>>, String> {
        if objects.is_empty() {
            return Ok(Vec::new());
        }
        let mut command = exact(&self.root);
        command.args(["cat-file", "--batch"]);
        let output = feed(&mut command, (objects.join("\n") + "\n").into_bytes())?;
        let mut rest = &output.stdout[..];
        let mut contents = Vec::new();
        for _ in objects {
            let end = memchr::memchr(b'\n', rest).ok_or("git ended early")?;
            let head = String::from_utf8_lossy(&rest[..end]).into_owned();
            rest = &rest[end + 1..];
            let size = head.split(' ').nth(2).and_then(|size| size.parse::<usize>().ok());
            match size {
                Some(size) if rest.len() > size => {
                    contents.push(Some(rest[..size].to_vec()));
                    rest = &rest[size + 1..];
                }
                Some(_) => return Err("git ended early".to_owned()),
                None => contents.push(None),
            }
        }
        Ok(contents)
    }

    /// Lays out our repository folder.
    fn lay_out(&self) -> Result<(), String> {
        let version = if self.format == "sha1" {
            "[core]\n\trepositoryformatversion = 0\n".to_owned()
        } else {
            format!(
                "[core]\n\trepositoryformatversion = 1\n[extensions]\n\tobjectformat = {}\n",
                self.format
            )
        };
        let exclude = fs::read(&self.exclude).unwrap_or_default();
        let made = || -> io::Result<()> {
            fs::create_dir_all(self.own.join("info"))?;
            fs::create_dir_all(self.own.join("refs"))?;
            fs::create_dir_all(self.own.join("objects"))?;
            fs::write(self.own.join("HEAD"), "ref: refs/heads/none\n")?;
            fs::write(self.own.join("config"), version)?;
            fs::write(self.own.join("info/attributes"), AS_IT_IS)?;
            fs::write(self.own.join("info/exclude"), exclude)?;
            // What a git that was killed left; the plan's lock says that none runs.
            for lock in ["index.lock", "copy.lock"] {
                let _ = fs::remove_file(self.own.join(lock));
            }
            Ok(())
        };
        made().map_err(|error| format!("`{}` cannot be written: {error}", self.own.display()))
    }

    /// A copy of the user's index, whose knowledge of times makes it fast, where what it holds are the bytes of the tree;
    /// else one of our own, which reads everything once and knows it from then on.
    fn choose_index(&self, as_is: bool) -> Result<PathBuf, String> {
        let own = self.own.join("index");
        if !as_is || own.exists() || self.converts()? {
            return Ok(own);
        }
        let copy = self.own.join("copy");
        let copied = || -> io::Result<()> {
            let from = fs::File::open(&self.index)?;
            let data = from.metadata()?;
            fs::copy(&self.index, &copy)?;
            // The index's own time tells git which entries it must not trust.
            fs::File::options()
                .write(true)
                .open(&copy)?
                .set_modified(data.modified()?)
        };
        if copied().is_err() {
            return Ok(own);
        }
        // Files that git was told not to look at would be as they once were.
        let listed = run(self.command(&copy).args(["ls-files", "-v", "-z"]))?;
        let mut lines = listed.stdout.split(|byte| *byte == 0);
        let blind = lines.any(|line| matches!(line.first(), Some(b'S' | b'a'..=b'z')));
        Ok(if blind || !listed.status.success() {
            own
        } else {
            copy
        })
    }

    /// Whether git's configuration, or attributes beside the tree, ask for a conversion.
    fn converts(&self) -> Result<bool, String> {
        if self.attributes.exists() {
            return Ok(true);
        }
        let mut above = self.root.parent();
        while let Some(folder) = above.filter(|folder| folder.starts_with(&self.top)) {
            if folder.join(".gitattributes").exists() {
                return Ok(true);
            }
            above = folder.parent();
        }
        let mut command = bare(&self.root);
        let told = run(command.args(["var", "-l"]))?;
        let told = String::from_utf8_lossy(&told.stdout).into_owned();
        let mut knows = false;
        for line in told.lines() {
            let Some((name, value)) = line.split_once('=') else {
                continue;
            };
            match name {
                "core.autocrlf" if value != "false" => return Ok(true),
                "core.attributesfile" => return Ok(true),
                "GIT_ATTR_SYSTEM" | "GIT_ATTR_GLOBAL" => {
                    knows = true;
                    if Path::new(value).exists() {
                        return Ok(true);
                    }
                }
                _ => {}
            }
        }
        // An older git does not say where its attributes are.
        Ok(!knows)
    }

    /// A command on our repository folder and an index of ours, with the objects of the user's.
    fn command(&self, index: &Path) -> Command {
        let mut command = exact(&self.root);
        // What the user's own git calls bare may stay so; ours has a work tree.
        command
            .args(["-c", "core.bare=false"])
            .env("GIT_DIR", &self.own)
            .env("GIT_WORK_TREE", &self.top)
            .env("GIT_OBJECT_DIRECTORY", &self.objects)
            .env("GIT_INDEX_FILE", index);
        for who in ["AUTHOR", "COMMITTER"] {
            command
                .env(format!("GIT_{who}_NAME"), "stepgate")
                .env(format!("GIT_{who}_EMAIL"), "stepgate@localhost");
        }
        command
    }
}
