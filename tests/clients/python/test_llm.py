"""`llm`, a command line for models: a whole program completes its turns, with and without tools."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import mock
from mock import GREETING, URL

MODELS = f"""\
- model_id: mock-chat
  model_name: gpt-test
  api_base: {URL}/v1
  supports_tools: true
- model_id: mock-responses
  model_name: gpt-test
  api_base: {URL}/v1
  responses: true
  supports_tools: true
"""

TOOL = '''\
def weather(city: str, days: int, units: list) -> str:
    """Tells the weather"""
    return f"{city}: 14 degrees and rain"
'''


@pytest.fixture
def llm(tmp_path):
    """Runs `llm` with a home of its own."""
    (tmp_path / "extra-openai-models.yaml").write_text(MODELS, encoding="utf-8")
    environment = dict(os.environ, LLM_USER_PATH=str(tmp_path), PYTHONUTF8="1")
    program = Path(sys.executable).with_name("llm")

    def run(*arguments: str) -> str:
        command = [program, *arguments, "--key", mock.KEY]
        run = subprocess.run(
            command, env=environment, capture_output=True, text=True, encoding="utf-8", timeout=60
        )
        assert run.returncode == 0, run.stderr
        return run.stdout

    return run


@pytest.mark.parametrize("model", ["mock-chat", "mock-responses"])
@pytest.mark.parametrize("flags", [[], ["--no-stream"]])
def test_a_turn(llm, model, flags):
    assert llm("case greet", "--model", model, *flags).rstrip("\n") == GREETING.rstrip("\n")
    [request] = mock.requests()
    assert (request["rule"], request["stream"]) == ("greets", not flags)


@pytest.mark.parametrize("model", ["mock-chat", "mock-responses"])
def test_a_turn_with_a_tool(llm, model):
    said = llm("case weather", "--model", model, "--functions", TOOL)
    assert "It is 14 degrees in Bergen, and it rains." in said
    rules = [request["rule"] for request in mock.requests()]
    assert rules == ["asks for the weather", "the result of the tool is there"]
