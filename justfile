# List the recipes
default:
    @just --list

# Everything that continuous integration runs
ci:
    .ci/run

# All tests
test *args:
    cargo test {{ args }}

# Format and lints
lint:
    cargo fmt --check
    cargo clippy --all-targets -- -D warnings

# A session on the sample project
demo *args:
    cargo run -- demo {{ args }}

# How long commands take, as ratios to yardsticks
bench *args:
    cargo bench --bench ratios -- {{ args }}

# What a step of 1,000 files costs in a repository of 50,000, as ratios to git and to writing them
bench-tree *args:
    cargo bench --bench tree -- {{ args }}

# How fast the mock server is, as ratios to the least that such a server can do
bench-mock *args:
    cargo bench --bench mock -- {{ args }}

# What it takes to get a reply and to show it, as ratios to curl
bench-endpoint *args:
    cargo bench --bench endpoint -- {{ args }}

# Take what the golden cases and the picture show now for what is expected
bless:
    STEPGATE_BLESS=1 cargo test --test golden --test picture

# Licences and sources of what is depended on (needs cargo-deny)
deny:
    cargo deny check licenses bans sources
