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
    let ends: &[(&str, &'static str)] = &[
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
            "lefthook.yml",
            ".lefthook.yml",
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
            ".profile",
            ".zshrc",
            ".zshenv",
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
        &[".cargo", "buildsrc", ".mvn", ".gradle"],
        &[
            "makefile",
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
