#!/usr/bin/env bash
# A turn of codex against a running mock server: it takes what the mock model says for its last message. By hand, for it is large:
#   npm install --prefix /tmp/codex @openai/codex
#   stepgate mock serve tests/clients/agents/codex.toml
#   tests/clients/agents/codex.sh URL /tmp/codex/node_modules/.bin/codex
set -euo pipefail
url=$1 codex=$2
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
mkdir -p "$scratch/home/.codex" "$scratch/project"
cat >"$scratch/home/.codex/config.toml" <<END
model = "gpt-test"
model_provider = "mock"

[model_providers.mock]
name = "mock"
base_url = "$url/v1"
env_key = "MOCK_KEY"
wire_api = "responses"
END
cd "$scratch/project"
env -i PATH="$PATH" HOME="$scratch/home" LANG=C.UTF-8 MOCK_KEY=test \
    "$codex" exec --skip-git-repo-check --sandbox read-only --output-last-message "$scratch/last" 'case greet' </dev/null
grep --fixed-strings 'Hello from the mock' "$scratch/last"
