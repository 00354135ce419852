//! Replies that want more than the step gives them, and people who change things meanwhile: what was not agreed to stays as
//! it was, inside of the repository and outside of it.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "what helps a test may fail like a test"
)]

mod support;

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};

use support::contents::{Contents, contents};
use support::project::{Project, reply_with};
use support::pty::{DOWN, ENTER};
use support::walk::over_http;
use support::wire_server::{WireServer, delta, finish, reply, stream_head};

/// Everything but what stepgate remembers.
fn all(project: &Project) -> Contents {
    let folder = project.root().parent().unwrap().to_path_buf();
    contents(&folder, &[project.home().join(".local")])
}

/// Fails with the paths that are not as they were.
fn assert_same(project: &Project, before: &Contents, what: &str) {
    let after = all(project);
    let paths = before.keys().chain(after.keys());
    let others: Vec<_> = paths
        .filter(|path| before.get(*path) != after.get(*path))
        .collect();
    assert!(others.is_empty(), "{what}: {others:?}");
}

/// A repository with a file of each kind, and a place outside of it.
fn project() -> Project {
    let project = Project::small();
    project.write("a.txt", "a\n");
    project.write("dir/b.txt", "b\n");
    project.write(".git/config", "[core]\n");
    project.write("Makefile", "all:\n");
    project.write("latin.txt", b"caf\xe9\n");
    fs::create_dir(project.home().join("outside")).unwrap();
    fs::write(project.home().join("outside/secret"), "secret\n").unwrap();
    symlink(project.home().join("outside"), project.root().join("out")).unwrap();
    symlink(project.home().join("outside/secret"), project.root().join("link")).unwrap();
    symlink("dir", project.root().join("inner")).unwrap();
    fs::hard_link(project.root().join("plan.md"), project.root().join("hard")).unwrap();
    project
}

fn whole(path: &str) -> String {
    format!("````\"x\" path=\"{path}\"\nhostile\n````\n")
}

#[test]
fn a_hostile_reply_changes_nothing() {
    let home_of = project();
    let absolute = home_of.home().join("outside/secret").display().to_string();
    let mut replies: Vec<String> = [
        "../up",
        "a/../../up",
        "./../up",
        "dir/../../../up",
        "/etc/passwd",
        "//etc/passwd",
        "~/x",
        "~root/x",
        absolute.as_str(),
        "C:/Windows/x",
        "C:x",
        "\\\\host\\share\\x",
        "..\\up",
        "dir\\b.txt",
        "a.txt:stream",
        "a.txt::$DATA",
        ".git/config",
        ".git/hooks/post-checkout",
        "./.git/config",
        "dir/.git/config",
        ".GIT/config",
        ".gIt/config",
        ".git./config",
        ".git /config",
        "git~1/config",
        ".git::$INDEX_ALLOCATION/config",
        ".g\u{200c}it/config",
        ".git\u{feff}/config",
        ".\u{ad}git/config",
        "out/secret",
        "out/new",
        "link",
        "inner/b.txt",
        "plan.md",
        "PLAN.md",
        "hard",
        "dir",
        "a.txt/x",
        "a\u{202e}txt.sh",
        "a\u{1b}[2J",
        "a\u{7f}",
        "a\tb",
        "a\u{0}b",
        "",
        ".",
        "dir/",
        "nul\u{0}",
        "stepgate.toml\u{200b}",
        "aux",
        "dir/NUL.txt",
        "new. ",
        "new./x",
        "latin.txt",
    ]
    .iter()
    .map(|path| whole(path))
    .collect();
    let long = "x".repeat(300);
    replies.push(whole(&long));
    for path in [
        "../up",
        ".git/config",
        "link",
        "out/secret",
        "inner/b.txt",
        "plan.md",
        "dir",
        "gone",
    ] {
        replies.push(format!("```delete={path}\n```\n"));
        replies.push(format!("```rename={path} to=fresh\n```\n"));
        replies.push(format!("```rename=a.txt to={path}\n```\n```delete={path}\n```\n"));
        replies.push(format!(
            "```edit={path}\n<<<<<<< SEARCH\nsecret\n=======\nhostile\n>>>>>>> REPLACE\n```\n"
        ));
    }
    // Two that are one, or one twice.
    for (one, two) in [
        ("new.txt", "new.txt"),
        ("new.txt", "NEW.txt"),
        ("new.txt", "./new.txt"),
        ("new", "new/x"),
        ("Ä", "ä"),
        ("new", "new."),
        ("caf\u{e9}.txt", "cafe\u{301}.txt"),
        ("straße", "STRASSE"),
    ] {
        replies.push(format!("{}{}", whole(one), whole(two)));
    }
    // Cut in half, in ways that look whole; and with a good block before what is wrong.
    replies.push(format!("{}````text path=new2.txt\nhalf a li", whole("new1.txt")));
    replies.push(format!(
        "{}```edit=a.txt\n<<<<<<< SEARCH\na\n=======\nb\n```\n",
        whole("new1.txt")
    ));
    replies.push(format!("{}{}", whole("new1.txt"), whole("../up")));
    replies.push(format!("{}{}", whole("../up"), whole("new1.txt")));
    // Words that another habit of writing puts around a path, and blocks that Markdown does not take for any.
    for other in [
        "```x title=\"x path=new2.txt\"\nx\n```\n",
        "```{.x path=new2.txt}\nx\n```\n",
        "```x path=new2.txt,\nx\n```\n",
        "```x path=new2\u{3000}b.txt\nx\n```\n",
        "<details>\n<summary>s</summary>\n```x path=new2.txt\nx\n```\n</details>\n",
        "1. x\n\n       ```x path=new2.txt\n       x\n       ```\n",
    ] {
        replies.push(format!("{}\n{other}", whole("new1.txt")));
    }
    let count = replies.len();
    let server = WireServer::start(replies.iter().map(|text| reply(text)));
    for text in &replies {
        let project = project();
        over_http(&project, &server);
        let before = all(&project);
        let ran = project.run(&["run", "plan.md", "--unattended", "--until", "1.1"]);
        // A path that the format cannot even say is no edit: then there is nothing to do, and the check fails.
        let expected = if ran.err.contains("the reply changes no files") {
            4
        } else {
            8
        };
        assert_eq!(ran.code, expected, "{text:?}: {}", ran.err);
        assert_same(&project, &before, text);
        let raw = |c: char| c.is_control() && c != '\n' && c != '\t';
        assert!(
            !ran.err.contains(raw) && !ran.err.contains('\u{202e}'),
            "{:?}",
            ran.err
        );
    }
    assert!(server.requests().len() >= count);
}

#[test]
fn control_files_change_nothing_where_nobody_is_asked() {
    for path in [
        "Makefile",
        ".github/workflows/ci.yml",
        "AGENTS.md",
        "stepgate.toml",
        "dir/package.json",
        ".envrc",
        "Gruntfile.js",
        ".eslintrc.js",
        ".semaphore/semaphore.yml",
        "QWEN.md",
        "Package.swift",
        "hooks/pre-commit",
        "bare/HEAD",
        "kept.git/config",
    ] {
        let project = project();
        project.write("kept.git/HEAD", "ref: refs/heads/main\n");
        project.mock(&[(
            "1.1",
            &format!("{}{}", reply_with("one.txt", "one"), reply_with(path, "hostile")),
        )]);
        let before = all(&project);
        let ran = project.run(&["run", "plan.md", "--unattended", "--until", "1.1"]);
        assert_eq!(ran.code, 5, "{path}: {}", ran.err);
        assert_same(&project, &before, path);
    }
}

/// What somebody does while the question is on the screen.
type Meanwhile = fn(&Project);

#[test]
fn what_changed_after_it_was_shown_is_not_written_over() {
    // What comes meanwhile, and whether the reply can still be used then.
    let table: [(&str, Meanwhile, bool); 9] = [
        // The file itself.
        (
            "the file is replaced",
            |project| project.write("a.txt", "mine\n"),
            true,
        ),
        (
            "the file is made private",
            |project| {
                let private = fs::Permissions::from_mode(0o600);
                fs::set_permissions(project.root().join("a.txt"), private).unwrap();
            },
            true,
        ),
        (
            "the file is taken away",
            |project| fs::remove_file(project.root().join("a.txt")).unwrap(),
            true,
        ),
        (
            "a new file is there first",
            |project| project.write("new/c.txt", "mine\n"),
            true,
        ),
        (
            "the file becomes a link",
            |project| {
                fs::remove_file(project.root().join("a.txt")).unwrap();
                symlink(
                    project.home().join("outside/secret"),
                    project.root().join("a.txt"),
                )
                .unwrap();
            },
            false,
        ),
        (
            "the file becomes a folder",
            |project| {
                fs::remove_file(project.root().join("a.txt")).unwrap();
                fs::create_dir(project.root().join("a.txt")).unwrap();
            },
            false,
        ),
        // A folder above it.
        (
            "the folder becomes a link out of the repository",
            |project| {
                fs::rename(project.root().join("dir"), project.root().join("moved")).unwrap();
                symlink(project.home().join("outside"), project.root().join("dir")).unwrap();
            },
            false,
        ),
        (
            "the folder becomes a link within the repository",
            |project| {
                fs::rename(project.root().join("dir"), project.root().join("moved")).unwrap();
                symlink("moved", project.root().join("dir")).unwrap();
            },
            false,
        ),
        (
            "the new folder is a link before it is made",
            |project| symlink(project.home().join("outside"), project.root().join("new")).unwrap(),
            false,
        ),
    ];
    let text = format!(
        "{}{}{}",
        reply_with("a.txt", "a, changed"),
        reply_with("dir/b.txt", "b, changed"),
        reply_with("new/c.txt", "c")
    );
    for (name, meanwhile, usable) in table {
        let project = project();
        project.mock(&[("1.1", &text)]);
        let mut pty = project.terminal(&["run", "plan.md", "--until", "1.1"]);
        pty.answer("send the prompt? ›", 0);
        pty.wait_for("write these files? ›");
        meanwhile(&project);
        let before = all(&project);
        pty.keys(&format!("{DOWN}{ENTER}"));
        assert_eq!(pty.end(), 11, "{name}: {}", pty.text());
        assert!(
            pty.text().contains("after its change was shown"),
            "{name}: {}",
            pty.text()
        );
        assert_same(&project, &before, name);
        // The step is not lost by it: the next session shows what there is now, and goes on.
        let mut pty = project.terminal(&["run", "plan.md", "--until", "1.1"]);
        if !usable {
            pty.wait_for("this reply cannot be used; what now? ›");
            pty.keys(&format!("{}{ENTER}", DOWN.repeat(3)));
            assert_eq!(pty.end(), 4, "{name}: {}", pty.text());
            assert_same(&project, &before, name);
            continue;
        }
        pty.answer("write these files? ›", 0);
        pty.wait_for("wrote 3 files");
        if name == "the file is made private" {
            let mode = fs::metadata(project.root().join("a.txt"))
                .unwrap()
                .permissions()
                .mode();
            assert_eq!(mode & 0o777, 0o600);
        }
        assert_eq!(project.read("a.txt"), "a, changed\n", "{name}");
        assert_eq!(project.read("new/c.txt"), "c\n", "{name}");
    }
}

#[test]
fn control_characters_in_contents_are_shown_and_never_sent_to_the_terminal() {
    let project = project();
    let server = WireServer::start([reply(&reply_with(
        "one.txt",
        "one \u{1b}]0;pwned\u{7} \u{202e}eno \u{9b}2J",
    ))]);
    over_http(&project, &server);
    let mut pty = project.terminal(&["run", "plan.md", "--until", "1.1"]);
    pty.answer("send the prompt? ›", 0);
    pty.wait_for("+one \\u{1b}]0;pwned\\u{7} \\u{202e}eno \\u{9b}2J");
    pty.answer("write these files? ›", 1);
    pty.wait_for("write which?");
    pty.keys(&format!("a{ENTER}"));
    pty.wait_for("wrote 1 file");
    // What was agreed to is what is there, byte by byte.
    assert_eq!(
        project.read("one.txt"),
        "one \u{1b}]0;pwned\u{7} \u{202e}eno \u{9b}2J\n"
    );
    let bytes = pty.bytes();
    let sent = |needle: &[u8]| bytes.windows(needle.len()).any(|window| window == needle);
    for needle in ["\u{1b}]0;pwned", "\u{202e}", "\u{9b}"] {
        assert!(!sent(needle.as_bytes()), "{needle:?} reached the terminal");
    }
}

#[test]
fn a_reply_that_stops_in_the_middle_is_told_on_a_line_of_its_own_and_never_used() {
    let project = project();
    // The limit of the model was reached inside a block, and inside a line.
    let script = vec![
        stream_head(),
        delta("Here it is.\n\n```text path=one.txt\none\n```\n\n```text path=two.txt\nhalf a li"),
        finish("length"),
    ];
    let server = WireServer::start([script]);
    over_http(&project, &server);
    let mut pty = project.terminal(&["run", "plan.md", "--until", "1.1"]);
    pty.answer("send the prompt? ›", 0);
    pty.wait_for("this reply cannot be used; what now? ›");
    let before = all(&project);
    let text = pty.text();
    assert!(text.contains("│ half a li\n"), "{text}");
    pty.keys(&format!("{}{ENTER}", DOWN.repeat(3)));
    assert_eq!(pty.end(), 4);
    assert_same(&project, &before, "cut");
}
