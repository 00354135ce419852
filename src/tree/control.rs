/// What a file controls, and the files that do, one a word, in small letters:
///
/// - `name`: a file of this name, anywhere in the tree;
/// - `be*end`: a file whose name begins and ends so; with no end, and no dot before it, sources and texts are none;
/// - `folder/file`: a file of this name in such a folder;
/// - `folder/`: everything in a folder of this name.
///
/// The first row that has a file says what it is. What belongs here is asked about by itself and ends an unattended
/// session, so a file is entered when a tool that people have by habit takes orders from it, by its name alone.
pub(super) const CONTROL: &[(&str, &str)] = &[
    (
        "continuous integration",
        ".github/ .gitlab/ .circleci/ .buildkite/ .azure-pipelines/ .drone/ .woodpecker/ .ci/ .teamcity/ \
         .gitea/workflows/ .forgejo/workflows/ .semaphore/ .tekton/ .builds/ .harness/ .zuul.d/ .dagger/ \
         .gitlab-ci.yml .travis.yml appveyor.yml .appveyor.yml azure-pipelines*.yml azure-pipelines*.yaml \
         jenkinsfile* bitbucket-pipelines.yml .drone.yml .drone.yaml .drone.jsonnet .drone.star .woodpecker.yml \
         .woodpecker.yaml .cirrus.yml .cirrus.yaml .cirrus.star cloudbuild*.yaml cloudbuild*.yml cloudbuild.json \
         buildspec*.yml buildspec*.yaml appspec.yml .build.yml .build.yaml action.yml action.yaml bitrise.yml \
         codemagic.yaml wercker.yml shippable.yml .scrutinizer.yml .zuul.yaml zuul.yaml .prow.yaml \
         .onedev-buildspec.yml .rultor.yml .mergify.yml dependabot.yml renovate.json renovate.json5 .renovaterc \
         .renovaterc.* .readthedocs.yaml .readthedocs.yml readthedocs.yml netlify.toml vercel.json wrangler.toml \
         .goreleaser.yml .goreleaser.yaml .releaserc .releaserc.* codeowners",
    ),
    (
        "git",
        // A `HEAD` makes a repository of the folder that it is in, with settings that name programs.
        ".githooks/ .git-hooks/ .gitattributes .gitmodules .gitconfig .lfsconfig .mailmap head config.worktree \
         .hg/ .hgrc .bzr/ .svn/ .jj/",
    ),
    (
        "git hooks",
        ".husky/ .huskyrc .huskyrc.* .pre-commit-config.yaml .pre-commit-hooks.yaml prek.toml .overcommit.yml \
         .lintstagedrc .lintstagedrc.* .commitlintrc .commitlintrc.* .simple-git-hooks.* simple-git-hooks.js simple-git-hooks.cjs \
         simple-git-hooks.mjs simple-git-hooks.json \
         lefthook*.yml lefthook*.yaml lefthook*.toml lefthook*.json lefthook*.jsonc .lefthook*.yml .lefthook*.yaml \
         .lefthook*.toml .lefthook*.json .lefthook*.jsonc captainhook.json grumphp.yml grumphp.yml.dist \
         hooks/applypatch-msg hooks/pre-applypatch hooks/post-applypatch hooks/pre-commit hooks/pre-merge-commit \
         hooks/prepare-commit-msg hooks/commit-msg hooks/post-commit hooks/pre-rebase hooks/post-checkout \
         hooks/post-merge hooks/pre-push hooks/pre-receive hooks/update hooks/proc-receive hooks/post-receive \
         hooks/post-update hooks/reference-transaction hooks/push-to-checkout hooks/pre-auto-gc \
         hooks/post-rewrite hooks/sendemail-validate hooks/fsmonitor-watchman hooks/post-index-change",
    ),
    (
        "coding agent",
        ".claude/ .cursor/ .codex/ .gemini/ .qwen/ .windsurf/ .continue/ .aider/ .roo/ .kilocode/ .kiro/ \
         .clinerules/ .junie/ .opencode/ .amazonq/ .crush/ .agent/ .agents/ .augment/ .goose/ .trae/ .factory/ \
         .openhands/ .tabnine/ .antigravity/ .vibe/ .warp/ \
         claude.md claude.local.md .claude.json agent.md agents.md agents.override.md codex.md gemini.md qwen.md \
         crush.md jules.md warp.md replit.md copilot-instructions.md .cursorrules .cursorignore .windsurfrules \
         .clinerules .roorules .roomodes .kilocodemodes .rules .goosehints .augment-guidelines .crush.json \
         crush.json .aider.conf.yml .aider.model.settings.yml .mcp.json mcp.json opencode.json opencode.jsonc \
         .openhands_instructions",
    ),
    (
        "editor",
        ".vscode/ .idea/ .zed/ .fleet/ .devcontainer/ .nvim/ .vim/ .vs/ .settings/ .helix/ .nova/ .theia/ .gitpod/ \
         .codesandbox/ .idx/ .exrc .vimrc .gvimrc _vimrc .nvimrc .nvim.lua .lazy.lua .lvimrc .local.vimrc \
         .dir-locals.el .dir-locals-2.el .projectile .editorconfig .ycm_extra_conf.py .kakrc .luarc.json \
         .neoconf.json .project .classpath .devcontainer.json .gitpod.yml .gitpod.dockerfile .replit replit.nix \
         *.code-workspace *.sublime-project *.sublime-workspace *.iml",
    ),
    (
        "start-up of a tool",
        ".gdbinit .gdbinit.* .lldbinit .lldbinit-* .pdbrc .pdbrc.py .pryrc .irbrc .byebugrc .ghci .ocamlinit \
         .rprofile .renviron .iex.exs .inputrc .netrc .curlrc .wgetrc .psqlrc .sqliterc .screenrc .tmux.conf \
         .tmuxinator.yml .lesskey .xinitrc .xsession .xprofile",
    ),
    (
        "shell environment",
        ".direnv/ .mise/ .envrc .env .env.* .bashrc .bash_profile .bash_login .bash_logout .bash_aliases .profile \
         .zshrc .zshenv .zprofile .zlogin .zlogout .kshrc .cshrc .tcshrc .login .logout config.fish .autoenv \
         .autoenv.zsh .tool-versions mise.toml mise.*.toml .mise.toml .mise.*.toml mise/config.toml .rtx.toml \
         flake.nix shell.nix default.nix devenv.nix devenv.yaml devbox.json guix.scm",
    ),
    (
        "build",
        ".cargo/ buildsrc/ .mvn/ .gradle/ gradle/wrapper/ fastlane/ \
         makefile makefile.* gnumakefile bsdmakefile *.mk *.mak justfile .justfile *.just taskfile*.yml \
         taskfile*.yaml rakefile rakefile.rb *.rake magefile.go snakefile *.smk build.rs cmakelists.txt *.cmake \
         cmakepresets.json cmakeuserpresets.json configure configure.ac configure.in autogen.sh aclocal.m4 \
         meson.build build.ninja *.ninja xmake.lua premake4.lua premake5.lua tupfile tuprules.tup wscript waf \
         sconstruct sconscript shakefile.hs dune dune-project dune-workspace \
         build build.bazel workspace workspace.bazel workspace.bzlmod module.bazel *.bzl .bazelrc .bazeliskrc buck \
         .buckconfig pants.toml .plzconfig tiltfile earthfile \
         build.sbt build.sc build.mill build.xml pom.xml *.gradle *.gradle.kts gradle.properties gradlew gradlew.bat \
         mvnw mvnw.cmd *.props *.targets *.csproj *.fsproj *.vbproj *.vcxproj *.proj *.sln *.slnx global.json \
         project.pbxproj *.xcscheme *.xcconfig package.swift build.zig build.zig.zon rebar.config \
         rebar.config.script *.gyp *.gypi \
         dockerfile dockerfile.* *.dockerfile containerfile containerfile.* docker-bake.hcl docker-bake.json \
         docker-compose.yml docker-compose.yaml docker-compose.*.yml docker-compose.*.yaml compose.yml compose.yaml \
         compose.*.yml compose.*.yaml skaffold.yaml devspace.yaml helmfile.yaml vagrantfile procfile procfile.* \
         fastfile appfile capfile thorfile guardfile fabfile.py dodo.py pavement.py nx.json turbo.json lerna.json \
         angular.json rust-toolchain rust-toolchain.toml",
    ),
    (
        "a tool's settings, which are a program",
        "*.config.js *.config.cjs *.config.mjs *.config.ts *.config.cts *.config.mts \
         *.conf.js *.conf.cjs *.conf.mjs *.conf.ts .*rc.js .*rc.cjs .*rc.mjs .*rc.ts .*rc.cts .*rc.mts \
         .mocharc.* gruntfile.js gruntfile.cjs gruntfile.ts gruntfile.coffee gulpfile*.js gulpfile*.cjs \
         gulpfile*.mjs gulpfile*.ts gulpfile.coffee jakefile jakefile.js jakefile.ts webpack.*.js webpack.*.ts \
         vitest.workspace.js vitest.workspace.ts gatsby-node.js gatsby-node.ts gatsby-config.js gatsby-config.ts \
         ember-cli-build.js .eleventy.js .php-cs-fixer.php .php-cs-fixer.dist.php .credo.exs .formatter.exs",
    ),
    (
        "a tool's settings, which name programs",
        ".babelrc .babelrc.* .eslintrc .eslintrc.* .pylintrc pylintrc .flake8 .coveragerc mypy.ini \
         .mypy.ini .rubocop.yml .rspec phpunit.xml phpunit.xml.dist phpstan.neon psalm.xml",
    ),
    (
        "packages and their scripts",
        ".yarn/ .bundle/ package.json npm-shrinkwrap.json package-lock.json yarn.lock pnpm-lock.yaml bun.lock bun.lockb \
         .npmrc .yarnrc .yarnrc.yml .pnpmfile.cjs .pnpmfile.mjs pnpm-workspace.yaml bunfig.toml deno.json \
         deno.jsonc deno.lock bower.json .bowerrc rush.json \
         setup.py setup.cfg pyproject.toml requirements*.txt requirements*.in constraints*.txt pipfile pipfile.lock \
         poetry.toml poetry.lock uv.toml uv.lock pdm.toml .pdm.toml pdm.lock pixi.toml hatch.toml hatch_build.py pip.conf pip.ini \
         .pypirc environment.yml environment.yaml conftest.py tox.ini noxfile.py pytest.ini .pytest.ini \
         sitecustomize.py usercustomize.py \
         gemfile gemfile.lock gems.rb *.gemspec podfile podfile.lock *.podspec cartfile brewfile cargo.toml \
         cargo.lock composer.json composer.lock mix.exs mix.lock go.mod go.sum go.work nuget.config *.nuspec \
         packages.config paket.dependencies packages.lock.json gradle.lockfile package.resolved vcpkg.json conanfile.py conanfile.txt \
         pubspec.yaml pubspec.lock project.clj deps.edn bb.edn shard.yml dub.json dub.sdl *.nimble *.rockspec \
         *.opam *.cabal cabal.project stack.yaml package.yaml setup.hs cpanfile build.pl flake.lock",
    ),
    ("Python start-up", "*.pth"),
    ("system service", "*.service *.socket *.timer crontab .crontab"),
    ("stepgate", "stepgate.toml .stepgate/"),
];
