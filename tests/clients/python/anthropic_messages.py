"""Messages, asked in all ways, with one answer."""

import asyncio

from anthropic import Anthropic, AsyncAnthropic

from mock import KEY, URL, Heard

# The clients take every response for what it claims to be; strict, they check it against their own types.
SETTINGS = {"base_url": URL, "api_key": KEY, "timeout": 30, "_strict_response_validation": True}

WEATHER_TOOL = {
    "name": "weather",
    "description": "Tells the weather",
    "input_schema": {"type": "object", "properties": {"city": {"type": "string"}}},
}


def user(text: str) -> list[dict]:
    return [{"role": "user", "content": text}]


def request_of(messages, model="claude-test", **more) -> dict:
    if isinstance(messages, str):
        messages = user(messages)
    return {"model": model, "max_tokens": 1000, "messages": messages} | more


def ask(way, messages, max_retries=0, **more) -> Heard:
    """What the client hears, or the exception that it raises."""
    settings = SETTINGS | {"max_retries": max_retries}
    request = request_of(messages, **more)
    if way == "sync":
        with Anthropic(**settings) as client:
            return heard(client.messages.create(**request))
    if way == "sync-stream":
        with Anthropic(**settings) as client, client.messages.stream(**request) as stream:
            pieces = list(stream.text_stream)
            return _of_stream(pieces, stream.get_final_message())
    return asyncio.run(_ask_async(way, settings, request))


async def _ask_async(way, settings, request) -> Heard:
    async with AsyncAnthropic(**settings) as client:
        if way == "async":
            return heard(await client.messages.create(**request))
        async with client.messages.stream(**request) as stream:
            pieces = [piece async for piece in stream.text_stream]
            return _of_stream(pieces, await stream.get_final_message())


def _of_stream(pieces, message) -> Heard:
    whole = heard(message)
    assert "".join(pieces) == whole.text
    whole.pieces = len(pieces)
    return whole


def heard(message) -> Heard:
    assert (message.type, message.role) == ("message", "assistant")
    assert message.id.startswith("msg_")
    calls = [block for block in message.content if block.type == "tool_use"]
    usage = message.usage
    return Heard(
        text="".join(block.text for block in message.content if block.type == "text"),
        finish=message.stop_reason,
        tokens=(usage.input_tokens, usage.output_tokens),
        calls=[(call.name, call.input) for call in calls],
        call_ids=[call.id for call in calls],
    )
