"""What `stepgate export` writes for batch engines, by the official clients' own types of requests."""

import json
import os
import subprocess
from pathlib import Path

import pytest
from anthropic import Anthropic
from anthropic.types.message_create_params import MessageCreateParamsNonStreaming
from openai import OpenAI
from openai.types.chat.completion_create_params import CompletionCreateParamsNonStreaming
from openai.types.responses.response_create_params import ResponseCreateParamsNonStreaming
from pydantic import ConfigDict, TypeAdapter, ValidationError

from anthropic_messages import SETTINGS as ANTHROPIC
from openai_chat import SETTINGS as OPENAI

ENDPOINTS = """
[endpoint.chat]
kind = "openai"
url = "http://127.0.0.1:1/v1"
model = "gpt-test"
max_tokens = 100
body = { temperature = 0.5, seed = 7 }

[endpoint.responses]
kind = "openai-responses"
model = "gpt-test"
max_tokens = 100
body = { reasoning = { effort = "low" } }

[endpoint.claude]
kind = "anthropic"
model = "claude-test"
body = { thinking = { type = "enabled", budget_tokens = 1024 } }
"""
IDS = [f"EP-0001_{step}" for step in ("1-1", "1-2", "1-3", "2-1", "2-2", "2-3", "3-1", "3-2")]


def export(folder: Path, format: str, endpoint: str) -> Path:
    config = folder / "config.toml"
    config.write_text(ENDPOINTS)
    command = [os.environ["STEPGATE"], "export", "docs", "--format", format, "--endpoint", endpoint]
    command += ["--config", config, "-o", folder / "out"]
    subprocess.run(command, check=True, cwd=os.environ["STEPGATE_EXAMPLE"])
    manifest = json.loads((folder / "out" / "manifest.json").read_text())
    [file] = manifest["files"]
    return folder / "out" / file["path"]


def strict(kind):
    """Refuses keys that the type does not have, at the top: that is where ours are."""
    kind.__pydantic_config__ = ConfigDict(extra="forbid")
    return TypeAdapter(kind)


def consumed(value):
    """What is lazy in a validated value is validated when it is looked at."""
    if isinstance(value, dict):
        return {key: consumed(inner) for key, inner in value.items()}
    if isinstance(value, (str, bytes)) or not hasattr(value, "__iter__"):
        return value
    return [consumed(inner) for inner in value]


def valid(kind, body: dict) -> None:
    assert consumed(strict(kind).validate_python(body)) == body


@pytest.mark.parametrize(
    ("endpoint", "url", "kind"),
    [
        ("chat", "/v1/chat/completions", CompletionCreateParamsNonStreaming),
        ("responses", "/v1/responses", ResponseCreateParamsNonStreaming),
    ],
)
def test_lines_for_openai(tmp_path, endpoint, url, kind):
    path = export(tmp_path, "openai-batch", endpoint)
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert [line["custom_id"] for line in lines] == IDS
    for line in lines:
        assert (list(line), line["method"], line["url"]) == (
            ["custom_id", "method", "url", "body"],
            "POST",
            url,
        )
        valid(kind, line["body"])
    with OpenAI(**OPENAI | {"max_retries": 0}) as client:
        file = client.files.create(file=path, purpose="batch")
        batch = client.batches.create(input_file_id=file.id, endpoint=url, completion_window="24h")
        assert batch.status != "failed"


def test_a_document_for_anthropic(tmp_path):
    path = export(tmp_path, "anthropic-batch", "claude")
    document = json.loads(path.read_text())
    assert list(document) == ["requests"]
    assert [request["custom_id"] for request in document["requests"]] == IDS
    for request in document["requests"]:
        assert list(request) == ["custom_id", "params"]
        valid(MessageCreateParamsNonStreaming, request["params"])
    with Anthropic(**ANTHROPIC | {"max_retries": 0}) as client:
        batch = client.messages.batches.create(requests=document["requests"])
        assert batch.request_counts.processing == len(IDS)


def test_the_types_can_say_no():
    message = {"role": "user", "content": "hello"}
    for kind, body in [
        (CompletionCreateParamsNonStreaming, {"model": "m", "messages": [message], "extra": 1}),
        (CompletionCreateParamsNonStreaming, {"model": "m", "messages": [{"role": "who", "content": ""}]}),
        (ResponseCreateParamsNonStreaming, {"model": "m", "input": "hello", "stream": True}),
        (MessageCreateParamsNonStreaming, {"model": "m", "messages": [message]}),
    ]:
        with pytest.raises(ValidationError):
            valid(kind, body)
