use super::RelativePath;

/// What a control-plane file controls, or `None` for an ordinary file.
///
/// Such a file makes a tool run something, or tells it what may run, sooner or later and without another question: a
/// change to it is asked for by itself. Names are compared without case.
pub fn protected(path: &RelativePath) -> Option<&'static str> {
    let path = path.folded();
    let name = path.rsplit('/').next().unwrap_or(&path);
    let within = |folder: &str| {
        path.strip_prefix(folder)
            .is_some_and(|rest| rest.starts_with('/'))
            || path.contains(&format!("/{folder}/"))
    };
    for (what, folders, names) in CONTROL {
        if names.contains(&name) || folders.iter().any(|folder| within(folder)) {
            return Some(what);
        }
    }
    if let Some((_, _, what)) = BOTH_ENDS.iter().find(|(begin, ends, _)| {
        let rest = name.strip_prefix(begin);
        let source = || !begin.starts_with('.') && SOURCES.iter().any(|end| name.ends_with(end));
        rest.is_some_and(|rest| match ends {
            [] => !source(),
            ends => ends.iter().any(|end| rest.ends_with(end)),
        })
    }) {
        return Some(what);
    }
    let ends: &[(&str, &'static str)] = &[
        (".config.js", "a tool's settings, which are a program"),
        (".config.cjs", "a tool's settings, which are a program"),
        (".config.mjs", "a tool's settings, which are a program"),
        (".config.ts", "a tool's settings, which are a program"),
        (".config.cts", "a tool's settings, which are a program"),
        (".config.mts", "a tool's settings, which are a program"),
        (".gyp", "build"),
        (".cmake", "build"),
        (".mk", "build"),
        (".targets", "build"),
        (".csproj", "build"),
        (".gradle", "build"),
        (".gradle.kts", "build"),
        (".pth", "Python start-up"),
        (".code-workspace", "editor"),
        (".sln", "build"),
        (".service", "system service"),
    ];
    ends.iter()
        .find(|(end, _)| name.ends_with(end))
        .map(|(_, what)| *what)
}

/// The forms of lefthook's settings.
const LEFTHOOK: &[&str] = &["yml", "yaml", "toml", "json", "jsonc"];

/// Ends of sources and texts, which may be about a tool whose file they are called like.
const SOURCES: &[&str] = &[
    ".rs", ".md", ".py", ".ts", ".js", ".go", ".java", ".kt", ".rb", ".php", ".c", ".h", ".cc", ".cpp",
    ".cs", ".swift", ".html", ".css", ".txt", ".svg",
];

/// How a name begins, how it ends (empty: however), what it controls.
const BOTH_ENDS: &[(&str, &[&str], &str)] = &[
    // `JenkinsfileRelease`, `Jenkinsfile.release`: the name is a habit, and what it begins with is all of it.
    ("jenkinsfile", &[], "continuous integration"),
    ("lefthook.", LEFTHOOK, "git hooks"),
    (".lefthook.", LEFTHOOK, "git hooks"),
    ("lefthook-local.", LEFTHOOK, "git hooks"),
    (".lefthook-local.", LEFTHOOK, "git hooks"),
    (".lintstagedrc.", &[], "git hooks"),
    (".env.", &[], "shell environment"),
    ("dockerfile.", &[], "build"),
    ("containerfile.", &[], "build"),
    ("docker-compose.", &["yml", "yaml"], "build"),
    ("compose.", &["yml", "yaml"], "build"),
    (".mocharc.", &[], "a tool's settings, which are a program"),
    // What is installed runs its own code, at the latest when it is imported.
    ("requirements", &[".txt"], "packages and their scripts"),
];

/// What it controls, folders anywhere in the tree, names of files anywhere in the tree.
type Row = (&'static str, &'static [&'static str], &'static [&'static str]);

const CONTROL: &[Row] = &[
    (
        "continuous integration",
        &[
            ".github",
            ".gitlab",
            ".circleci",
            ".buildkite",
            ".azure-pipelines",
            ".drone",
            ".woodpecker",
            ".ci",
            ".teamcity",
            ".gitea/workflows",
            ".forgejo/workflows",
        ],
        &[
            ".gitlab-ci.yml",
            ".travis.yml",
            "appveyor.yml",
            ".appveyor.yml",
            "azure-pipelines.yml",
            "jenkinsfile",
            "bitbucket-pipelines.yml",
            ".drone.yml",
            ".woodpecker.yml",
            ".cirrus.yml",
            ".woodpecker.yaml",
            "cloudbuild.yaml",
            "codeowners",
        ],
    ),
    (
        "git",
        &[".githooks"],
        &[
            ".gitattributes",
            ".gitmodules",
            ".gitconfig",
            ".lfsconfig",
            ".mailmap",
        ],
    ),
    (
        "git hooks",
        &[".husky"],
        &[
            ".pre-commit-config.yaml",
            ".pre-commit-hooks.yaml",
            ".overcommit.yml",
            ".lintstagedrc",
        ],
    ),
    (
        "coding agent",
        &[
            ".claude",
            ".cursor",
            ".codex",
            ".gemini",
            ".windsurf",
            ".continue",
            ".aider",
            ".roo",
            ".kiro",
            ".clinerules",
            ".junie",
            ".opencode",
        ],
        &[
            "claude.md",
            "claude.local.md",
            "agents.md",
            "gemini.md",
            ".cursorrules",
            ".cursorignore",
            ".windsurfrules",
            ".clinerules",
            ".roorules",
            ".aider.conf.yml",
            ".mcp.json",
            ".goosehints",
            "opencode.json",
            "opencode.jsonc",
            "copilot-instructions.md",
        ],
    ),
    (
        "editor",
        &[
            ".vscode",
            ".idea",
            ".zed",
            ".fleet",
            ".devcontainer",
            ".nvim",
            ".vim",
        ],
        &[
            ".exrc",
            ".vimrc",
            ".nvimrc",
            ".nvim.lua",
            ".dir-locals.el",
            ".projectile",
            ".editorconfig",
            ".lvimrc",
        ],
    ),
    (
        "shell environment",
        &[".direnv"],
        &[
            ".envrc",
            ".env",
            ".bashrc",
            ".bash_profile",
            ".bash_login",
            ".profile",
            ".zshrc",
            ".zshenv",
            ".zprofile",
            ".zlogin",
            ".tool-versions",
            "mise.toml",
            ".mise.toml",
            "flake.nix",
            "shell.nix",
            "default.nix",
        ],
    ),
    (
        "build",
        &[".cargo", "buildsrc", ".mvn", ".gradle", "gradle/wrapper"],
        &[
            "makefile",
            "makefile.am",
            "makefile.in",
            "gnumakefile",
            "bsdmakefile",
            "justfile",
            ".justfile",
            "taskfile.yml",
            "taskfile.yaml",
            "rakefile",
            "build.rs",
            "cmakelists.txt",
            "configure",
            "configure.ac",
            "meson.build",
            "build.bazel",
            "build",
            "workspace.bazel",
            "workspace.bzlmod",
            "build.sbt",
            "gradle.properties",
            "workspace",
            "module.bazel",
            ".bazelrc",
            "sconstruct",
            "build.xml",
            "pom.xml",
            "gradlew",
            "gradlew.bat",
            "mvnw",
            "mvnw.cmd",
            "directory.build.props",
            "dockerfile",
            "containerfile",
            "docker-compose.yml",
            "docker-compose.yaml",
            "compose.yml",
            "compose.yaml",
            "vagrantfile",
            "procfile",
            "binding.gyp",
            "rust-toolchain",
            "rust-toolchain.toml",
            "build.zig",
        ],
    ),
    (
        "packages and their scripts",
        &[".yarn"],
        &[
            "package.json",
            ".npmrc",
            ".yarnrc",
            ".yarnrc.yml",
            ".pnpmfile.cjs",
            "pnpm-workspace.yaml",
            "setup.py",
            "requirements.txt",
            "setup.cfg",
            "pyproject.toml",
            "pip.conf",
            "conftest.py",
            "tox.ini",
            "noxfile.py",
            "pytest.ini",
            "sitecustomize.py",
            "usercustomize.py",
            "gemfile",
            "cargo.toml",
            "composer.json",
            "mix.exs",
            "go.work",
            ".pypirc",
        ],
    ),
    ("stepgate", &[], &["stepgate.toml"]),
];
