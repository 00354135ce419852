use super::super::{RelativePath, protected, protected_in};
use super::Bench;

#[test]
fn control_plane_files_are_known() {
    let table = [
        (".github/workflows/ci.yml", Some("continuous integration")),
        ("sub/.github/workflows/ci.yml", Some("continuous integration")),
        (".GitLab-CI.yml", Some("continuous integration")),
        (".gitattributes", Some("git")),
        (".gitmodules", Some("git")),
        (".husky/pre-commit", Some("git hooks")),
        (".pre-commit-config.yaml", Some("git hooks")),
        ("CLAUDE.md", Some("coding agent")),
        ("docs/AGENTS.md", Some("coding agent")),
        (".cursorrules", Some("coding agent")),
        (".vscode/tasks.json", Some("editor")),
        (".idea/x.xml", Some("editor")),
        (".envrc", Some("shell environment")),
        ("Makefile", Some("build")),
        ("crates/a/build.rs", Some("build")),
        (".cargo/config.toml", Some("build")),
        ("web/package.json", Some("packages and their scripts")),
        ("stepgate.toml", Some("stepgate")),
        ("a/x.pth", Some("Python start-up")),
        ("src/build.rs.txt", None),
        ("src/main.rs", None),
        ("github/workflows/x.yml", None),
        ("README.md", None),
        (".gitignore", None),
        // Letters that are another's form.
        ("MA\u{212a}EFILE", Some("build")),
        ("pac\u{212a}age.j\u{17f}on", Some("packages and their scripts")),
    ];
    for (path, expected) in table {
        assert_eq!(protected(&RelativePath::parse(path).unwrap()), expected, "{path}");
    }
}

/// By what they control, one a word.
const CONTROL: &[(&str, &str)] = &[
    (
        "continuous integration",
        ".gitea/workflows/ci.yml .forgejo/workflows/ci.yml Jenkinsfile Jenkinsfile.release ci/JenkinsfileNightly \
         .semaphore/semaphore.yml .tekton/push.yaml .build.yml action.yml lib/action.yaml azure-pipelines.yaml \
         azure-pipelines-nightly.yml buildspec.yml buildspec-test.yaml",
    ),
    ("git", "bare/HEAD .git-hooks/any .hg/hgrc bare/config.worktree"),
    (
        "git hooks",
        "lefthook.yml lefthook.yaml lefthook.toml lefthook.json lefthook-local.yml .lefthook.toml \
         .lefthook-local.yml .lintstagedrc .lintstagedrc.json .lintstagedrc.mjs hooks/pre-commit \
         bare/hooks/post-checkout .commitlintrc.yml simple-git-hooks.js",
    ),
    (
        "coding agent",
        ".clinerules .clinerules/rules.md .junie/guidelines.md .goosehints opencode.json opencode.jsonc \
         AGENT.md QWEN.md CRUSH.md .rules .roomodes .amazonq/rules/x.md .qwen/settings.json .kilocode/rules",
    ),
    (
        "editor",
        ".ycm_extra_conf.py .devcontainer.json a.sublime-project .gitpod.yml .project",
    ),
    ("start-up of a tool", ".gdbinit .lldbinit src/.pryrc .Rprofile"),
    (
        "build",
        "docker-compose.override.yml docker-compose.prod.yaml compose.override.yml compose.dev.yaml \
         gradle/wrapper/gradle-wrapper.properties app/gradle/wrapper/gradle-wrapper.jar gradle.properties build.sbt \
         Makefile.am Makefile.in lib/Makefile.in BUILD src/BUILD.bazel WORKSPACE WORKSPACE.bazel WORKSPACE.bzlmod \
         MODULE.bazel Dockerfile Dockerfile.dev Containerfile.test SConscript wscript CMakePresets.json Tiltfile \
         Earthfile x.props rebar.config Package.swift Makefile.win rules.bzl dune build.ninja",
    ),
    (
        "shell environment",
        ".zprofile .zlogin .bash_login .env .env.local .env.production",
    ),
    (
        "a tool's settings, which are a program",
        "jest.config.js jest.config.ts web/vite.config.mts vite.config.ts tailwind.config.cjs eslint.config.mjs \
         .mocharc.js .mocharc.json Gruntfile.js gulpfile.js gulpfile.babel.js .eslintrc.js .babelrc.js .prettierrc.mjs \
         .remarkrc.cts karma.conf.js webpack.prod.js",
    ),
    (
        "a tool's settings, which name programs",
        ".eslintrc .eslintrc.json .babelrc .pylintrc mypy.ini",
    ),
    (
        "packages and their scripts",
        "requirements.txt requirements-dev.txt api/requirements_test.txt Podfile Brewfile x.gemspec package-lock.json \
         Cargo.lock go.mod deno.json",
    ),
];

/// Ordinary files whose names come near.
const ORDINARY: &str = "src/config.js src/config.ts src/config/index.ts app/configuration.mjs src/compose.ts \
    src/compose.rs compose/main.kt docs/docker-compose.md src/environment.ts src/env.rs env.local src/jenkins.py \
    docs/requirements.md src/requirements.rs requirements/list.csv src/build/mod.rs build/out.js src/workspace.rs \
    workspace/notes.md src/module.ts src/gradle.rs gradle/notes.txt src/makefile.rs src/lefthook.rs src/dockerfile_parser.rs src/jenkinsfile_parser.rs docs/dockerfile.md src/dockerfile.rs \
    gitea/workflows/x.yml src/opencode.rs src/goosehints.txt src/profile.rs test/mocha.opts.md package-lock.md \
    src/app.config.json config.json src/lintstaged.ts config src/hooks/useHead.ts hooks/pre-commit.md \
    src/hooks.rs head.html src/head.rs HEAD.md src/action.rs actions/a.yml rules.md docs/agent/x.md gruntfile.md \
    src/webpack.js src/rc.js webpack.js amazonq/x props .propsy src/dune.rs app.configure.js lock.txt";

#[test]
fn what_a_tool_runs_by_its_name_is_asked_about_and_what_is_only_like_it_is_not() {
    for (what, paths) in CONTROL {
        for path in paths.split_whitespace() {
            assert_eq!(
                protected(&RelativePath::parse(path).unwrap()),
                Some(*what),
                "{path}"
            );
        }
    }
    for path in ORDINARY.split_whitespace() {
        assert_eq!(protected(&RelativePath::parse(path).unwrap()), None, "{path}");
    }
}

#[test]
fn the_settings_of_a_repository_within_are_asked_about() {
    let bench = Bench::new(&[("bare/HEAD", ""), ("bare/objects/x", ""), ("src/a", "")]);
    let protection = |path: &str| protected_in(&bench.root(), &RelativePath::parse(path).unwrap());
    assert_eq!(protection("bare/config"), Some("git"));
    assert_eq!(
        protection("BARE/Config"),
        None,
        "another folder, where case counts"
    );
    assert_eq!(protection("bare/Config"), Some("git"));
    assert_eq!(protection("src/config"), None);
    assert_eq!(protection("config"), None);
    assert_eq!(protection("bare/description"), None);
    assert_eq!(protection("Makefile"), Some("build"));
    let changes = bench.changes("```path=bare/config\n[core]\n```\n");
    assert_eq!(changes[0].protection, Some("git"));
}
