"""The client `ollama`."""

import asyncio
import json

import httpx
import ollama
import pytest

import mock
from mock import GREETING, MODELS, URL, WEATHER, Heard, tokens

WEATHER_TOOL = {
    "type": "function",
    "function": {
        "name": "weather",
        "description": "Tells the weather",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}},
    },
}


def user(text: str) -> list[dict]:
    return [{"role": "user", "content": text}]


def ask(way, messages, model="llama-test", headers=None, **more) -> Heard:
    """What the client hears, or the exception that it raises."""
    if isinstance(messages, str):
        messages = user(messages)
    request = {"model": model, "messages": messages, "stream": way.endswith("stream")} | more
    if way.startswith("async"):
        return asyncio.run(_ask_async(request, headers))
    with ollama.Client(host=URL, headers=headers, timeout=30) as client:
        answer = client.chat(**request)
        return _heard(list(answer) if request["stream"] else [answer])


async def _ask_async(request, headers) -> Heard:
    async with ollama.AsyncClient(host=URL, headers=headers, timeout=30) as client:
        answer = await client.chat(**request)
        return _heard([line async for line in answer] if request["stream"] else [answer])


def _heard(lines) -> Heard:
    assert [line.done for line in lines] == [False] * (len(lines) - 1) + [True]
    assert {line.message.role for line in lines} == {"assistant"}
    assert all(line.created_at for line in lines)
    last = lines[-1]
    for duration in (last.total_duration, last.prompt_eval_duration, last.eval_duration):
        assert duration is not None
    texts = [line.message.content for line in lines if line.message.content]
    calls = [call.function for line in lines for call in line.message.tool_calls or []]
    return Heard(
        text="".join(texts),
        finish=last.done_reason,
        tokens=(last.prompt_eval_count, last.eval_count),
        calls=[(call.name, dict(call.arguments)) for call in calls],
        pieces=len(texts),
    )


def test_says_the_whole_text(way):
    system, prompt = "You are brief. ß", "case greet, please"
    heard = ask(way, [{"role": "system", "content": system}, *user(prompt)])
    assert (heard.text, heard.finish) == (GREETING, "stop")
    assert heard.tokens == (tokens(system, prompt), tokens(GREETING))
    assert (heard.pieces > 1) == way.endswith("stream")


def test_logs_what_was_sent(way):
    ask(way, "case greet")
    [request] = mock.requests()
    body = request.pop("body")
    request.pop("headers")
    assert isinstance(request.pop("at"), int)
    assert request == {
        "number": 1,
        "method": "POST",
        "path": "/api/chat",
        "dialect": "ollama",
        "model": "llama-test",
        "stream": way.endswith("stream"),
        "step": None,
        "rule": "greets",
        "status": 200,
        "unmatched": None,
    }
    assert body["messages"] == user("case greet")


def test_streams_unless_told_otherwise():
    # As `curl` asks: without a word about it.
    body = {"model": "llama-test", "messages": user("case greet")}
    response = httpx.post(f"{URL}/api/chat", json=body, trust_env=False)
    assert response.headers["content-type"].startswith("application/x-ndjson")
    lines = [json.loads(line) for line in response.text.splitlines()]
    assert len(lines) > 2 and lines[-1]["done"]


@pytest.mark.parametrize(
    ("case", "text"),
    [
        ("split", GREETING),
        ("drip", "drop by drop"),
        ("pace", "one two three four five six seven eight nine ten"),
        ("template", "llama-test was asked"),
    ],
)
def test_text(way, case, text):
    assert ask(way, f"case {case}").text == text


def test_stops_at_the_length(way):
    heard = ask(way, "case length")
    assert (heard.text, heard.finish) == ("This ends in the mid", "length")


def test_tool_round_trip(way):
    messages = user("case weather in Bergen")
    asked = ask(way, messages, tools=[WEATHER_TOOL])
    assert asked.text == "I look it up."
    assert asked.calls == [("weather", WEATHER)]
    function = {"name": "weather", "arguments": WEATHER}
    messages += [
        {"role": "assistant", "tool_calls": [{"function": function}]},
        {"role": "tool", "tool_name": "weather", "content": "14 degrees and rain"},
    ]
    assert ask(way, messages, tools=[WEATHER_TOOL]).text == "It is 14 degrees in Bergen, and it rains."


def test_rules_choose_by_model_and_header(way):
    assert ask(way, "anything", model="fast-1").text == "fast"
    assert ask(way, "case header", headers={"x-team": "blue-2"}).text == "blue"


@pytest.mark.parametrize(
    ("case", "status", "message"),
    [
        ("e400", 400, "The request is bad"),
        ("e401", 401, "The key is bad"),
        ("e429", 429, "Slow down"),
        ("e500", 500, "The server had an error"),
        ("e503", 503, "The server is away"),
    ],
)
def test_errors(way, case, status, message):
    with pytest.raises(ollama.ResponseError) as raised:
        ask(way, f"case {case}")
    assert (raised.value.status_code, raised.value.error) == (status, message)
    # It has no retries of its own.
    assert mock.statuses() == [status]


def test_unmatched_is_not_found(way):
    with pytest.raises(ollama.ResponseError) as raised:
        ask(way, "what nobody has a rule for")
    assert raised.value.status_code == 404
    assert "rule" in raised.value.error


@pytest.mark.parametrize("way", ["sync-stream", "async-stream"])
def test_an_error_in_the_stream(way):
    with pytest.raises(ollama.ResponseError) as raised:
        ask(way, "case broken-off")
    assert raised.value.error == "Too many are here"
    assert mock.statuses() == [200]


@pytest.mark.parametrize("way", ["sync-stream", "async-stream"])
def test_a_stream_that_is_cut(way):
    with pytest.raises(httpx.RemoteProtocolError):
        ask(way, "case cut")


@pytest.mark.parametrize("way", ["sync-stream", "async-stream"])
def test_a_line_that_is_no_json(way):
    with pytest.raises(json.JSONDecodeError):
        ask(way, "case malformed")


def test_models():
    with ollama.Client(host=URL) as client:
        assert [model.model for model in client.list().models] == MODELS
