"""Chat Completions, asked in all ways, with one answer."""

import asyncio
import json

from openai import AsyncOpenAI, OpenAI

from mock import KEY, URL, Heard

# The clients take every response for what it claims to be; strict, they check it against their own types.
SETTINGS = {"base_url": f"{URL}/v1", "api_key": KEY, "timeout": 30, "_strict_response_validation": True}

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


def ask(way, messages, max_retries=0, model="gpt-test", **more) -> Heard:
    """What the client hears, or the exception that it raises."""
    if isinstance(messages, str):
        messages = user(messages)
    settings = SETTINGS | {"max_retries": max_retries}
    request = {"model": model, "messages": messages} | more
    if way.endswith("stream"):
        request |= {"stream": True, "stream_options": {"include_usage": True}}
    if way.startswith("async"):
        return asyncio.run(_ask_async(settings, request))
    with OpenAI(**settings) as client:
        answer = client.chat.completions.create(**request)
        return _from_chunks(list(answer)) if "stream" in request else _from_completion(answer)


async def _ask_async(settings, request) -> Heard:
    async with AsyncOpenAI(**settings) as client:
        answer = await client.chat.completions.create(**request)
        if "stream" in request:
            return _from_chunks([chunk async for chunk in answer])
        return _from_completion(answer)


def _from_completion(completion) -> Heard:
    assert completion.object == "chat.completion"
    assert completion.id.startswith("chatcmpl-")
    [choice] = completion.choices
    assert choice.message.role == "assistant"
    calls = choice.message.tool_calls or []
    return Heard(
        text=choice.message.refusal or choice.message.content or "",
        finish="refusal" if choice.message.refusal else choice.finish_reason,
        tokens=_tokens(completion.usage),
        calls=[(call.function.name, json.loads(call.function.arguments)) for call in calls],
        call_ids=[call.id for call in calls],
    )


def _from_chunks(chunks) -> Heard:
    assert {chunk.object for chunk in chunks} == {"chat.completion.chunk"}
    assert len({(chunk.id, chunk.created, chunk.model) for chunk in chunks}) == 1
    *said, last = chunks
    assert last.choices == []
    assert [chunk.usage for chunk in said] == [None] * len(said)
    choices = [choice for chunk in said for choice in chunk.choices]
    assert choices[0].delta.role == "assistant"
    # The reason comes once, at the end, and nothing is said with it.
    assert [choice.finish_reason for choice in choices[:-1]] == [None] * (len(choices) - 1)
    calls: dict[int, list] = {}
    for delta in (delta for choice in choices for delta in choice.delta.tool_calls or []):
        call = calls.setdefault(delta.index, ["", "", ""])
        call[0] += delta.id or ""
        call[1] += delta.function.name or ""
        call[2] += delta.function.arguments or ""
    texts = [choice.delta.content for choice in choices if choice.delta.content]
    refusal = "".join(choice.delta.refusal or "" for choice in choices)
    return Heard(
        text=refusal or "".join(texts),
        finish="refusal" if refusal else choices[-1].finish_reason,
        tokens=_tokens(last.usage),
        calls=[(name, json.loads(arguments)) for _, name, arguments in calls.values()],
        call_ids=[id for id, _, _ in calls.values()],
        pieces=len(texts),
    )


def _tokens(usage) -> tuple[int, int]:
    assert usage.total_tokens == usage.prompt_tokens + usage.completion_tokens
    return usage.prompt_tokens, usage.completion_tokens
