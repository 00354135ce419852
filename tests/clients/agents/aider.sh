#!/usr/bin/env bash
# A turn of aider against a running mock server: it edits a file as the mock model says. By hand, for it is large:
#   python3 -m venv /tmp/aider && /tmp/aider/bin/pip install aider-chat
#   stepgate mock serve tests/clients/agents/aider.toml
#   tests/clients/agents/aider.sh URL /tmp/aider/bin/aider
set -euo pipefail
url=$1 aider=$2
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
mkdir "$scratch/home" "$scratch/project"
cd "$scratch/project"
git init --quiet
echo 'print("hello")' >hello.py
env -i PATH="$PATH" HOME="$scratch/home" LANG=C.UTF-8 \
    OPENAI_API_BASE="$url/v1" OPENAI_API_KEY=test LITELLM_LOCAL_MODEL_COST_MAP=True \
    "$aider" --model openai/gpt-test --edit-format diff --yes-always --no-git --no-check-update --no-show-release-notes \
    --analytics-disable --no-show-model-warnings --no-pretty --map-tokens 0 --message 'case edit: greet the world' hello.py
grep --fixed-strings 'print("hello, world")' hello.py
