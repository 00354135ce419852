"""The client `openai` with Chat Completions."""

import json
import time

import openai
import pytest
from openai import OpenAI

import mock
from mock import GREETING, MODELS, WEATHER, tokens
from openai_chat import SETTINGS, WEATHER_TOOL, ask, user


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
    headers = request.pop("headers")
    assert isinstance(request.pop("at"), int)
    assert request == {
        "number": 1,
        "method": "POST",
        "path": "/v1/chat/completions",
        "dialect": "openai",
        "model": "gpt-test",
        "stream": way.endswith("stream"),
        "step": None,
        "rule": "greets",
        "status": 200,
        "unmatched": None,
    }
    assert (body["model"], body["messages"]) == ("gpt-test", user("case greet"))
    assert headers["user-agent"].startswith(("OpenAI/", "AsyncOpenAI/"))


def test_parts_of_a_message_are_counted_each(way):
    parts = [{"type": "text", "text": "case greet"}, {"type": "text", "text": "again"}]
    heard = ask(way, [{"role": "user", "content": parts}])
    assert heard.tokens == (tokens("case greet", "again"), tokens(GREETING))


@pytest.mark.parametrize("case", ["split", "misplaced-pings", "doubled-pings"])
def test_odd_streams_are_heard_all_the_same(way, case):
    assert ask(way, f"case {case}").text == GREETING


@pytest.mark.parametrize(
    ("case", "text"),
    [
        ("drip", "drop by drop"),
        ("pace", "one two three four five six seven eight nine ten"),
        ("template", "gpt-test was asked"),
    ],
)
def test_text(way, case, text):
    assert ask(way, f"case {case}").text == text


@pytest.mark.parametrize(
    ("case", "text", "finish"),
    [
        ("length", "This ends in the mid", "length"),
        ("filter", "This is", "content_filter"),
        ("refusal", "I cannot help with that.", "refusal"),
    ],
)
def test_ends_for_a_reason(way, case, text, finish):
    heard = ask(way, f"case {case}")
    assert (heard.text, heard.finish) == (text, finish)


def test_tool_round_trip(way):
    messages = user("case weather in Bergen")
    asked = ask(way, messages, tools=[WEATHER_TOOL])
    assert (asked.text, asked.finish) == ("I look it up.", "tool_calls")
    assert asked.calls == [("weather", WEATHER)]
    [call] = asked.call_ids
    function = {"name": "weather", "arguments": json.dumps(asked.calls[0][1])}
    messages += [
        {"role": "assistant", "tool_calls": [{"id": call, "type": "function", "function": function}]},
        {"role": "tool", "tool_call_id": call, "content": "14 degrees and rain"},
    ]
    told = ask(way, messages, tools=[WEATHER_TOOL])
    assert (told.text, told.finish) == ("It is 14 degrees in Bergen, and it rains.", "stop")
    assert mock.requests()[-1]["body"]["messages"] == messages


def test_two_tools_at_once(way):
    heard = ask(way, "case two-tools", tools=[WEATHER_TOOL])
    assert heard.calls == [("weather", {"city": "Bergen"}), ("weather", {"city": "Oslo"})]
    assert len(set(heard.call_ids)) == 2


def test_the_stream_helper_gathers_the_whole():
    with OpenAI(**SETTINGS) as client:
        with client.chat.completions.stream(
            model="gpt-test", messages=user("case weather"), tools=[WEATHER_TOOL]
        ) as stream:
            kinds = {event.type for event in stream}
            completion = stream.get_final_completion()
    assert {"chunk", "content.delta", "content.done", "tool_calls.function.arguments.done"} <= kinds
    message = completion.choices[0].message
    assert message.content == "I look it up."
    assert json.loads(message.tool_calls[0].function.arguments) == WEATHER


def test_rules_choose_by_model_header_and_call(way):
    assert ask(way, "anything", model="fast-1").text == "fast"
    assert ask(way, "case header", extra_headers={"x-team": "blue-2"}).text == "blue"
    calls = [ask(way, "case calls").text for _ in range(4)]
    assert calls == ["not third", "not third", "third", "not third"]


def test_headers_of_a_reply_reach_the_client():
    with OpenAI(**SETTINGS) as client:
        raw = client.chat.completions.with_raw_response.create(
            model="gpt-test", messages=user("case header"), extra_headers={"x-team": "blue"}
        )
    assert raw.headers["x-answer"] == "for-blue"
    assert raw.request_id


@pytest.mark.parametrize(
    ("case", "kind", "status", "message"),
    [
        ("e400", openai.BadRequestError, 400, "The request is bad"),
        ("e401", openai.AuthenticationError, 401, "The key is bad"),
        ("e403", openai.PermissionDeniedError, 403, "The door is shut"),
        ("e429", openai.RateLimitError, 429, "Slow down"),
        ("e500", openai.InternalServerError, 500, "The server had an error"),
        ("e503", openai.InternalServerError, 503, "The server is away"),
        ("e529", openai.InternalServerError, 529, "Too many are here"),
    ],
)
def test_errors(way, case, kind, status, message):
    with pytest.raises(kind) as raised:
        ask(way, f"case {case}")
    error = raised.value
    assert (type(error), error.status_code, error.body["message"]) == (kind, status, message)
    assert set(error.body) == {"message", "type", "param", "code"}
    assert error.type
    assert error.request_id
    assert mock.statuses() == [status]


def test_a_spent_quota_has_its_code(way):
    with pytest.raises(openai.RateLimitError) as raised:
        ask(way, "case quota")
    assert (raised.value.code, raised.value.type) == ("insufficient_quota", "insufficient_quota")


def test_unmatched_is_not_found(way):
    with pytest.raises(openai.NotFoundError) as raised:
        ask(way, "what nobody has a rule for")
    # Whoever reads it learns which rule came nearest.
    assert "rule" in raised.value.body["message"]
    [request] = mock.requests()
    assert (request["status"], request["rule"]) == (404, None)


def test_what_looks_like_a_real_key_is_refused(way):
    key = mock.looks_real("sk-proj-")
    with pytest.raises(openai.AuthenticationError) as raised:
        ask(way, "case greet", extra_headers={"authorization": f"Bearer {key}"})
    assert key not in str(raised.value)
    assert key not in json.dumps(mock.requests())


def test_retries_once_after_a_server_error(way):
    assert ask(way, "case flaky", max_retries=2).text == "second time lucky"
    assert mock.statuses() == [500, 200]
    assert mock.retry_counts() == ["0", "1"]


@pytest.mark.parametrize("way", ["sync", "async-stream"])
def test_retries_after_a_lost_connection(way):
    assert ask(way, "case hang-up", max_retries=2).text == "second time lucky"
    assert mock.retry_counts() == ["0", "1"]


# Half of the ways, for these take their time.
@pytest.mark.parametrize("way", ["sync", "async-stream"])
@pytest.mark.parametrize("case", ["pause-seconds", "pause-date"])
def test_waits_as_long_as_it_is_told(way, case):
    # A tenth less than a second for clocks that differ; of its own accord the client waits at most half a second.
    begun = time.monotonic()
    assert ask(way, f"case {case}", max_retries=2).text == "after a pause"
    assert time.monotonic() - begun > 0.9
    assert mock.statuses() == [429, 200]


def test_gives_up_after_its_retries():
    with pytest.raises(openai.RateLimitError):
        ask("sync", "case e429", max_retries=2)
    assert mock.statuses() == [429, 429, 429]
    assert mock.retry_counts() == ["0", "1", "2"]


def test_does_not_retry_when_told_so(way):
    with pytest.raises(openai.InternalServerError):
        ask(way, "case no-retry", max_retries=2)
    assert mock.statuses() == [500]


@pytest.mark.parametrize("way", ["sync-stream", "async-stream"])
def test_an_error_in_the_stream(way):
    with pytest.raises(openai.APIError) as raised:
        ask(way, "case broken-off", max_retries=2)
    assert raised.value.message == "Too many are here"
    assert not isinstance(raised.value, (openai.APIStatusError, openai.APIConnectionError))
    assert mock.statuses() == [200]


@pytest.mark.parametrize("way", ["sync-stream", "async-stream"])
def test_a_stream_that_is_cut(way):
    with pytest.raises(openai.APIConnectionError):
        ask(way, "case cut")


@pytest.mark.parametrize("way", ["sync-stream", "async-stream"])
def test_a_payload_that_is_no_json(way):
    with pytest.raises(json.JSONDecodeError):
        ask(way, "case malformed")


@pytest.mark.parametrize("stream", [False, True])
def test_equal_prefixes_are_cached(stream):
    prefix = [{"role": "system", "content": "abcdefgh" * 1000}]
    figures = []
    with OpenAI(**SETTINGS) as client:
        for word in ["one", "two"]:
            messages = prefix + user(f"case cache {word}")
            more = {"stream": True, "stream_options": {"include_usage": True}} if stream else {}
            answer = client.chat.completions.create(model="gpt-test", messages=messages, **more)
            usage = list(answer)[-1].usage if stream else answer.usage
            figures.append((usage.prompt_tokens, usage.prompt_tokens_details.cached_tokens))
    # 2,000 tokens are the same: 15 times 128.
    total = 2000 + tokens("case cache one")
    assert figures == [(total, 0), (total, 1920)]


def test_models():
    with OpenAI(**SETTINGS) as client:
        assert [model.id for model in client.models.list()] == MODELS
        assert client.models.retrieve("gpt-test").id == "gpt-test"
        with pytest.raises(openai.NotFoundError):
            client.models.retrieve("nobody")
