"""The client `anthropic` with Messages."""

import json
import time

import anthropic
import pytest
from anthropic import Anthropic

import mock
from anthropic_messages import SETTINGS, WEATHER_TOOL, ask, request_of, user
from mock import GREETING, MODELS, WEATHER, tokens


def test_says_the_whole_text(way):
    heard = ask(way, "case greet, please", system="You are brief. ß")
    assert (heard.text, heard.finish) == (GREETING, "end_turn")
    assert heard.tokens == (tokens("You are brief. ß", "case greet, please"), tokens(GREETING))
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
        "path": "/v1/messages",
        "dialect": "anthropic",
        "model": "claude-test",
        "stream": way.endswith("stream"),
        "step": None,
        "rule": "greets",
        "status": 200,
        "unmatched": None,
    }
    assert (body["max_tokens"], body["messages"]) == (1000, user("case greet"))
    assert headers["anthropic-version"]


def test_the_order_of_events():
    with Anthropic(**SETTINGS) as client:
        kinds = []
        for event in client.messages.create(**request_of("case drip"), stream=True):
            if not kinds or kinds[-1] != event.type:
                kinds.append(event.type)
    assert kinds == [
        "message_start",
        "content_block_start",
        "content_block_delta",
        "content_block_stop",
        "message_delta",
        "message_stop",
    ]


@pytest.mark.parametrize("case", ["split", "misplaced-pings", "doubled-pings"])
def test_odd_streams_are_heard_all_the_same(way, case):
    assert ask(way, f"case {case}").text == GREETING


@pytest.mark.parametrize(
    ("case", "text"),
    [
        ("drip", "drop by drop"),
        ("pace", "one two three four five six seven eight nine ten"),
        ("template", "claude-test was asked"),
    ],
)
def test_text(way, case, text):
    assert ask(way, f"case {case}").text == text


@pytest.mark.parametrize(
    ("case", "text", "finish"),
    [
        ("length", "This ends in the mid", "max_tokens"),
        ("refusal", "I cannot help with that.", "refusal"),
    ],
)
def test_ends_for_a_reason(way, case, text, finish):
    heard = ask(way, f"case {case}")
    assert (heard.text, heard.finish) == (text, finish)


def test_tool_round_trip(way):
    messages = user("case weather in Bergen")
    asked = ask(way, messages, tools=[WEATHER_TOOL])
    assert (asked.text, asked.finish) == ("I look it up.", "tool_use")
    assert asked.calls == [("weather", WEATHER)]
    [call] = asked.call_ids
    assert call.startswith("toolu_")
    use = {"type": "tool_use", "id": call, "name": "weather", "input": WEATHER}
    result = {"type": "tool_result", "tool_use_id": call, "content": "14 degrees and rain"}
    messages += [{"role": "assistant", "content": [use]}, {"role": "user", "content": [result]}]
    told = ask(way, messages, tools=[WEATHER_TOOL])
    assert (told.text, told.finish) == ("It is 14 degrees in Bergen, and it rains.", "end_turn")
    assert mock.requests()[-1]["body"]["messages"] == messages


def test_two_tools_at_once(way):
    heard = ask(way, "case two-tools", tools=[WEATHER_TOOL])
    assert heard.calls == [("weather", {"city": "Bergen"}), ("weather", {"city": "Oslo"})]
    assert len(set(heard.call_ids)) == 2


def test_rules_choose_by_model_header_and_call(way):
    assert ask(way, "anything", model="fast-1").text == "fast"
    assert ask(way, "case header", extra_headers={"x-team": "blue-2"}).text == "blue"
    calls = [ask(way, "case calls").text for _ in range(4)]
    assert calls == ["not third", "not third", "third", "not third"]


@pytest.mark.parametrize(
    ("case", "kind", "status", "word", "message"),
    [
        ("e400", anthropic.BadRequestError, 400, "invalid_request_error", "The request is bad"),
        ("e401", anthropic.AuthenticationError, 401, "authentication_error", "The key is bad"),
        ("e403", anthropic.PermissionDeniedError, 403, "permission_error", "The door is shut"),
        ("e429", anthropic.RateLimitError, 429, "rate_limit_error", "Slow down"),
        ("e500", anthropic.InternalServerError, 500, "api_error", "The server had an error"),
        ("e529", anthropic.APIStatusError, 529, "overloaded_error", "Too many are here"),
    ],
)
def test_errors(way, case, kind, status, word, message):
    with pytest.raises(kind) as raised:
        ask(way, f"case {case}")
    error = raised.value
    assert error.status_code == status
    assert error.request_id
    assert error.body == {
        "type": "error",
        "error": {"type": word, "message": message},
        "request_id": error.request_id,
    }
    assert mock.statuses() == [status]


def test_a_rate_limit_has_its_headers(way):
    with pytest.raises(anthropic.RateLimitError) as raised:
        ask(way, "case e429")
    headers = raised.value.response.headers
    for kind in ("requests", "tokens", "input-tokens", "output-tokens"):
        for figure in ("limit", "remaining", "reset"):
            assert f"anthropic-ratelimit-{kind}-{figure}" in headers


def test_unmatched_is_not_found(way):
    with pytest.raises(anthropic.NotFoundError) as raised:
        ask(way, "what nobody has a rule for")
    assert raised.value.body["error"]["type"] == "not_found_error"
    assert "rule" in raised.value.body["error"]["message"]
    assert mock.statuses() == [404]


def test_what_looks_like_a_real_key_is_refused(way):
    key = mock.looks_real("sk-ant-api03-")
    with pytest.raises(anthropic.AuthenticationError) as raised:
        ask(way, "case greet", extra_headers={"x-api-key": key})
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
    with pytest.raises(anthropic.APIStatusError) as raised:
        ask("sync", "case e529", max_retries=2)
    assert raised.value.status_code == 529
    assert mock.statuses() == [529, 529, 529]
    assert mock.retry_counts() == ["0", "1", "2"]


def test_does_not_retry_when_told_so(way):
    with pytest.raises(anthropic.InternalServerError):
        ask(way, "case no-retry", max_retries=2)
    assert mock.statuses() == [500]


@pytest.mark.parametrize("way", ["sync-stream", "async-stream"])
def test_an_error_in_the_stream(way):
    with pytest.raises(anthropic.APIStatusError) as raised:
        ask(way, "case broken-off", max_retries=2)
    error = raised.value.body["error"]
    assert error == {"type": "overloaded_error", "message": "Too many are here"}
    assert mock.statuses() == [200]


@pytest.mark.parametrize("way", ["sync-stream", "async-stream"])
@pytest.mark.parametrize("case", ["cut", "malformed"])
def test_a_stream_that_breaks(way, case):
    # The exception is that of the HTTP library or of the JSON parser, whichever has the trouble.
    with pytest.raises(Exception):
        ask(way, f"case {case}")
    assert mock.statuses() == [200]


@pytest.mark.parametrize("stream", [False, True])
def test_marked_blocks_are_cached(stream):
    text = ("stream: " if stream else "whole:  ") * 1000
    system = [{"type": "text", "text": text, "cache_control": {"type": "ephemeral"}}]
    figures = []
    with Anthropic(**SETTINGS) as client:
        for word in ["one", "two"]:
            request = request_of(f"case cache {word}", system=system)
            if stream:
                with client.messages.stream(**request) as events:
                    usage = events.get_final_message().usage
            else:
                usage = client.messages.create(**request).usage
            figures.append(
                (
                    usage.input_tokens,
                    usage.cache_creation_input_tokens,
                    usage.cache_read_input_tokens,
                )
            )
    rest = tokens("case cache one")
    assert figures == [(rest, 2000, 0), (rest, 0, 2000)]


def test_counts_tokens():
    with Anthropic(**SETTINGS) as client:
        counted = client.messages.count_tokens(
            model="claude-test", system="You are brief. ß", messages=user("case greet")
        )
    assert counted.input_tokens == tokens("You are brief. ß", "case greet")


def test_models():
    with Anthropic(**SETTINGS) as client:
        assert [model.id for model in client.models.list()] == MODELS
        model = client.models.retrieve("claude-test")
        assert (model.id, model.type) == ("claude-test", "model")
        with pytest.raises(anthropic.NotFoundError):
            client.models.retrieve("nobody")
