//! Kinds of files by their names, by what their names end with (in lower case), and by the program that runs them.

use super::comment::Comment;
use super::kind::{Form, Kind};

/// Names, and what they are names of.
pub(super) type Row = (&'static [&'static str], Kind);

const fn commented(language: &'static str, comment: Comment) -> Kind {
    let form = Form::Commented(comment);
    Kind { language, form }
}

const fn line(language: &'static str, sign: &'static str) -> Kind {
    commented(language, Comment::Line(sign))
}

const fn block(language: &'static str, open: &'static str, close: &'static str) -> Kind {
    commented(language, Comment::Block(open, close))
}

const fn other(language: &'static str, form: Form) -> Kind {
    Kind { language, form }
}

pub(super) const BY_NAME: &[Row] = &[
    (&["dockerfile", "containerfile"], line("dockerfile", "#")),
    (&["makefile", "gnumakefile", "bsdmakefile"], line("makefile", "#")),
    (&["justfile", ".justfile"], line("just", "#")),
    (
        &["gemfile", "rakefile", "vagrantfile", "podfile", "fastfile"],
        line("ruby", "#"),
    ),
    (&["jenkinsfile"], line("groovy", "//")),
    (&["cmakelists.txt"], line("cmake", "#")),
    (&["go.mod", "go.work"], line("go-mod", "//")),
    (&["build.bazel", "module.bazel"], line("starlark", "#")),
    (
        &[
            ".bashrc",
            ".bash_profile",
            ".profile",
            ".zshrc",
            ".envrc",
            ".env",
            ".flake8",
            ".pylintrc",
            ".coveragerc",
            ".editorconfig",
            ".npmrc",
            ".gitconfig",
            ".gitmodules",
            "pipfile",
        ],
        line("ini", "#"),
    ),
    (
        &[
            ".gitignore",
            ".gitattributes",
            ".dockerignore",
            ".npmignore",
            ".eslintignore",
            ".prettierignore",
            ".helmignore",
            "codeowners",
            "procfile",
            "robots.txt",
        ],
        line("text", "#"),
    ),
    (
        &[
            ".devcontainer.json",
            "devcontainer.json",
            ".eslintrc.json",
            ".swcrc",
        ],
        line("jsonc", "//"),
    ),
    (
        &[
            "readme",
            "changelog",
            "changes",
            "notes",
            "todo",
            "authors",
            "contributors",
            "news",
        ],
        other("text", Form::Plain),
    ),
    (
        &[".gitkeep", ".keep", "py.typed", ".nojekyll"],
        other("text", Form::Empty),
    ),
    (
        &[
            "package-lock.json",
            "npm-shrinkwrap.json",
            "pnpm-lock.yaml",
            "go.sum",
            "go.work.sum",
            "packages.lock.json",
            "package.resolved",
        ],
        other("text", Form::Made),
    ),
];

pub(super) const BY_END: &[Row] = &[
    (&["py", "pyi", "pyw"], line("python", "#")),
    (&["rs"], line("rust", "//")),
    (&["js", "mjs", "cjs"], line("javascript", "//")),
    (&["jsx"], line("jsx", "//")),
    (&["ts", "mts", "cts"], line("typescript", "//")),
    (&["tsx"], line("tsx", "//")),
    (&["go"], line("go", "//")),
    (&["java"], line("java", "//")),
    (&["kt", "kts"], line("kotlin", "//")),
    (&["scala", "sc"], line("scala", "//")),
    (&["groovy", "gradle"], line("groovy", "//")),
    (&["swift"], line("swift", "//")),
    (&["cs"], line("csharp", "//")),
    (&["fs", "fsx"], line("fsharp", "//")),
    (&["c"], line("c", "//")),
    (&["h"], line("h", "//")),
    (&["cc", "cpp", "cxx"], line("cpp", "//")),
    (&["hpp", "hh", "hxx"], line("hpp", "//")),
    (&["dart"], line("dart", "//")),
    (&["zig"], line("zig", "//")),
    (&["sol"], line("solidity", "//")),
    (&["proto"], line("protobuf", "//")),
    (&["scss"], line("scss", "//")),
    (&["less"], line("less", "//")),
    (&["adoc"], line("asciidoc", "//")),
    (&["jsonc", "json5"], line("jsonc", "//")),
    (&["php"], line("php", "//")),
    (&["rb", "rake", "gemspec", "ru"], line("ruby", "#")),
    (&["pl", "pm", "t"], line("perl", "#")),
    (&["sh", "bash", "bats"], line("bash", "#")),
    (&["zsh"], line("zsh", "#")),
    (&["fish"], line("fish", "#")),
    (&["ps1", "psm1"], line("powershell", "#")),
    (&["awk"], line("awk", "#")),
    (&["sed"], line("sed", "#")),
    (&["jq"], line("jq", "#")),
    (&["ex", "exs"], line("elixir", "#")),
    (&["r"], line("r", "#")),
    (&["jl"], line("julia", "#")),
    (&["nim"], line("nim", "#")),
    (&["nix"], line("nix", "#")),
    (&["tf", "tfvars", "hcl"], line("hcl", "#")),
    (&["graphql", "gql"], line("graphql", "#")),
    (&["mk"], line("makefile", "#")),
    (&["cmake"], line("cmake", "#")),
    (&["bzl"], line("starlark", "#")),
    (&["toml"], line("toml", "#")),
    (&["yaml", "yml"], line("yaml", "#")),
    (&["env", "conf", "cfg", "properties"], line("ini", "#")),
    (&["ini"], line("ini", ";")),
    (&["sql"], line("sql", "--")),
    (&["lua"], line("lua", "--")),
    (&["hs"], line("haskell", "--")),
    (&["elm"], line("elm", "--")),
    (&["erl", "hrl"], line("erlang", "%")),
    (&["tex", "sty"], line("latex", "%")),
    (&["clj", "cljs", "edn"], line("clojure", ";;")),
    (&["el", "lisp", "scm"], line("lisp", ";;")),
    (&["rst"], line("rst", "..")),
    (&["bat", "cmd"], line("bat", "rem")),
    (&["css"], block("css", "/*", "*/")),
    (&["ml", "mli"], block("ocaml", "(*", "*)")),
    (&["html", "htm", "xhtml"], block("html", "<!--", "-->")),
    (
        &["xml", "xsd", "xsl", "plist", "csproj", "props", "targets", "resx"],
        block("xml", "<!--", "-->"),
    ),
    (&["svg"], block("svg", "<!--", "-->")),
    (&["vue"], block("vue", "<!--", "-->")),
    (&["svelte"], block("svelte", "<!--", "-->")),
    (&["astro"], block("astro", "<!--", "-->")),
    (&["md", "markdown"], block("markdown", "<!--", "-->")),
    (&["mdx"], block("mdx", "{/*", "*/}")),
    (&["j2", "jinja", "jinja2"], block("jinja", "{#", "#}")),
    (&["hbs"], block("handlebars", "{{!--", "--}}")),
    (&["erb", "ejs"], block("erb", "<%#", "%>")),
    (&["json", "webmanifest"], other("json", Form::Json)),
    (&["csv"], other("csv", Form::Data)),
    (&["tsv"], other("tsv", Form::Data)),
    (&["ipynb"], other("json", Form::Data)),
    (&["jsonl", "ndjson"], other("jsonl", Form::Data)),
    (&["txt", "text"], other("text", Form::Plain)),
    (
        &[
            "lock", "pem", "key", "crt", "cer", "csr", "asc", "sig", "map", "snap",
        ],
        other("text", Form::Made),
    ),
    (
        &[
            "png", "jpg", "jpeg", "gif", "webp", "avif", "ico", "bmp", "tif", "tiff", "psd", "ai", "pdf",
            "doc", "docx", "xls", "xlsx", "ppt", "pptx", "odt", "ods", "zip", "gz", "tgz", "bz2", "xz",
            "zst", "7z", "rar", "tar", "jar", "war", "whl", "class", "pyc", "o", "a", "so", "dylib", "dll",
            "exe", "bin", "wasm", "woff", "woff2", "ttf", "otf", "eot", "mp3", "mp4", "m4a", "wav", "ogg",
            "flac", "webm", "mov", "avi", "mkv", "sqlite", "sqlite3", "db", "parquet", "avro", "npy", "npz",
            "pkl", "pt", "onnx", "h5", "jks", "p12", "pfx", "keystore", "der", "mo",
        ],
        other("text", Form::Binary),
    ),
];

pub(super) const BY_SHEBANG: &[Row] = &[
    (&["sh", "bash", "dash", "ksh", "zsh", "fish"], line("bash", "#")),
    (&["python", "pypy"], line("python", "#")),
    (&["ruby"], line("ruby", "#")),
    (&["perl"], line("perl", "#")),
    (&["awk", "gawk", "mawk"], line("awk", "#")),
    (&["make"], line("makefile", "#")),
    (&["node", "deno", "bun"], line("javascript", "//")),
    (&["php"], line("php", "//")),
];
