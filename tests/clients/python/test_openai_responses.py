"""The client `openai` with Responses."""

import asyncio
import json

import openai
import pytest
from openai import AsyncOpenAI, OpenAI

import mock
from mock import GREETING, WEATHER, Heard, tokens
from openai_chat import SETTINGS

WEATHER_TOOL = {
    "type": "function",
    "name": "weather",
    "description": "Tells the weather",
    "parameters": {"type": "object", "properties": {"city": {"type": "string"}}},
    "strict": False,
}


def ask(way, told, max_retries=0, **more) -> Heard:
    settings = SETTINGS | {"max_retries": max_retries}
    request = {"model": "gpt-test", "input": told} | more
    if way.endswith("stream"):
        request["stream"] = True
    if way.startswith("async"):
        return asyncio.run(_ask_async(settings, request))
    with OpenAI(**settings) as client:
        answer = client.responses.create(**request)
        return _from_events(list(answer)) if "stream" in request else _from_response(answer)


async def _ask_async(settings, request) -> Heard:
    async with AsyncOpenAI(**settings) as client:
        answer = await client.responses.create(**request)
        if "stream" in request:
            return _from_events([event async for event in answer])
        return _from_response(answer)


def _from_response(response) -> Heard:
    assert response.object == "response"
    assert response.id.startswith("resp_")
    messages = [item for item in response.output if item.type == "message"]
    refusals = [part.refusal for item in messages for part in item.content if part.type == "refusal"]
    calls = [item for item in response.output if item.type == "function_call"]
    finish = response.status
    if response.incomplete_details:
        finish = response.incomplete_details.reason
    if refusals:
        finish = "refusal"
    usage = response.usage
    assert usage.total_tokens == usage.input_tokens + usage.output_tokens
    return Heard(
        text="".join(refusals) or response.output_text,
        finish=finish,
        tokens=(usage.input_tokens, usage.output_tokens),
        calls=[(call.name, json.loads(call.arguments)) for call in calls],
        call_ids=[call.call_id for call in calls],
    )


def _from_events(events) -> Heard:
    assert [event.sequence_number for event in events] == list(range(len(events)))
    kinds = [event.type for event in events]
    assert kinds[:2] == ["response.created", "response.in_progress"]
    [last] = [event for event in events if event.type in ("response.completed", "response.incomplete")]
    assert events[-1] is last
    for kind in ("output_item", "content_part"):
        added, done = kinds.count(f"response.{kind}.added"), kinds.count(f"response.{kind}.done")
        assert added == done
    heard = _from_response(last.response)
    # What was said piece by piece is what the last event has whole.
    texts = [event.delta for event in events if event.type == "response.output_text.delta"]
    texts += [event.delta for event in events if event.type == "response.refusal.delta"]
    assert "".join(texts) == heard.text
    arguments: dict[str, str] = {}
    for event in events:
        if event.type == "response.function_call_arguments.delta":
            arguments[event.item_id] = arguments.get(event.item_id, "") + event.delta
    assert [json.loads(text) for text in arguments.values()] == [call for _, call in heard.calls]
    heard.pieces = len(texts)
    return heard


def test_says_the_whole_text(way):
    heard = ask(way, "case greet, please", instructions="You are brief. ß")
    assert (heard.text, heard.finish) == (GREETING, "completed")
    assert heard.tokens == (tokens("You are brief. ß", "case greet, please"), tokens(GREETING))
    assert (heard.pieces > 1) == way.endswith("stream")
    [request] = mock.requests()
    assert (request["path"], request["dialect"], request["rule"]) == (
        "/v1/responses",
        "openai-responses",
        "greets",
    )


def test_hears_messages(way):
    told = [{"role": "user", "content": [{"type": "input_text", "text": "case greet"}]}]
    assert ask(way, told).text == GREETING


def test_the_order_of_events():
    with OpenAI(**SETTINGS) as client:
        stream = client.responses.create(model="gpt-test", input="case drip", stream=True)
        kinds = []
        for event in stream:
            if not kinds or kinds[-1] != event.type:
                kinds.append(event.type)
    assert kinds == [
        "response.created",
        "response.in_progress",
        "response.output_item.added",
        "response.content_part.added",
        "response.output_text.delta",
        "response.output_text.done",
        "response.content_part.done",
        "response.output_item.done",
        "response.completed",
    ]


@pytest.mark.parametrize("case", ["split", "misplaced-pings", "doubled-pings"])
def test_odd_streams_are_heard_all_the_same(way, case):
    assert ask(way, f"case {case}").text == GREETING


@pytest.mark.parametrize(
    ("case", "text", "finish"),
    [
        ("length", "This ends in the mid", "max_output_tokens"),
        ("filter", "This is", "content_filter"),
        ("refusal", "I cannot help with that.", "refusal"),
    ],
)
def test_ends_for_a_reason(way, case, text, finish):
    heard = ask(way, f"case {case}")
    assert (heard.text, heard.finish) == (text, finish)


def test_tool_round_trip(way):
    told = [{"role": "user", "content": "case weather in Bergen"}]
    asked = ask(way, told, tools=[WEATHER_TOOL])
    assert (asked.text, asked.calls) == ("I look it up.", [("weather", WEATHER)])
    [call] = asked.call_ids
    arguments = json.dumps(WEATHER)
    told += [
        {"type": "function_call", "call_id": call, "name": "weather", "arguments": arguments},
        {"type": "function_call_output", "call_id": call, "output": "14 degrees and rain"},
    ]
    told = ask(way, told, tools=[WEATHER_TOOL])
    assert told.text == "It is 14 degrees in Bergen, and it rains."


def test_the_stream_helper_gathers_the_whole():
    with OpenAI(**SETTINGS) as client:
        with client.responses.stream(model="gpt-test", input="case weather") as stream:
            kinds = {event.type for event in stream}
            response = stream.get_final_response()
    assert "response.function_call_arguments.done" in kinds
    assert response.output_text == "I look it up."
    assert _from_response(response).calls == [("weather", WEATHER)]


@pytest.mark.parametrize(
    ("case", "kind", "status"),
    [
        ("e400", openai.BadRequestError, 400),
        ("e401", openai.AuthenticationError, 401),
        ("e429", openai.RateLimitError, 429),
        ("e500", openai.InternalServerError, 500),
    ],
)
def test_errors(way, case, kind, status):
    with pytest.raises(kind) as raised:
        ask(way, f"case {case}")
    assert (raised.value.status_code, mock.statuses()) == (status, [status])


def test_unmatched_is_not_found(way):
    with pytest.raises(openai.NotFoundError):
        ask(way, "what nobody has a rule for")


def test_retries_once_after_a_server_error(way):
    assert ask(way, "case flaky", max_retries=2).text == "second time lucky"
    assert mock.statuses() == [500, 200]


def test_an_error_in_the_stream():
    # The client hands this error on as an event, or raises it where the payload has an `error`: both tell the message.
    with OpenAI(**SETTINGS) as client:
        try:
            stream = client.responses.create(model="gpt-test", input="case broken-off", stream=True)
            events = list(stream)
        except openai.APIError as error:
            assert error.message == "Too many are here"
            return
    assert (events[-1].type, events[-1].message) == ("error", "Too many are here")


@pytest.mark.parametrize("stream", [False, True])
def test_equal_prefixes_are_cached(stream):
    figures = []
    with OpenAI(**SETTINGS) as client:
        for word in ["one", "two"]:
            request = {"instructions": "ijklmnop" * 1000, "input": f"case cache {word}"}
            answer = client.responses.create(model="gpt-test", stream=stream, **request)
            usage = list(answer)[-1].response.usage if stream else answer.usage
            figures.append((usage.input_tokens, usage.input_tokens_details.cached_tokens))
    total = 2000 + tokens("case cache one")
    assert figures == [(total, 0), (total, 1920)]
