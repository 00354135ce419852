"""The mock server that every suite here talks to, and what all clients are asked.

Started by someone else: its address comes in STEPGATE_MOCK_URL.
"""

import json
import math
import os
import random
import string
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path

URL = os.environ["STEPGATE_MOCK_URL"]
# Anything but the look of a real key.
KEY = "test"
GREETING = (Path(__file__).parent.parent / "replies" / "greeting.md").read_text(encoding="utf-8")
WEATHER = {"city": "Bergen", "days": 2, "units": ["°C", "mm"]}
MODELS = ["gpt-test", "claude-test", "llama-test"]
# All four ways to ask: the client for programs with and without an event loop, in one piece and as a stream.
WAYS = ["sync", "sync-stream", "async", "async-stream"]

_opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))


@dataclass
class Heard:
    """What a client made of a reply, in one shape for all clients."""

    text: str = ""
    finish: str | None = None
    tokens: tuple[int, int] | None = None
    calls: list[tuple[str, dict]] = field(default_factory=list)
    call_ids: list[str] = field(default_factory=list)
    pieces: int = 1


def tokens(*parts: str) -> int:
    """What the server counts: 4 bytes a token, rounded up for each text."""
    return sum(math.ceil(len(part.encode()) / 4) for part in parts)


def looks_real(beginning: str) -> str:
    """What has the form of a provider's key; made here, so that no scanner takes this file for a leak."""
    return beginning + "".join(random.Random(7).choices(string.ascii_letters + string.digits, k=92))


def _control(method: str, path: str) -> bytes:
    request = urllib.request.Request(URL + path, method=method)
    with _opener.open(request, timeout=10) as response:
        return response.read()


def reset() -> None:
    """Every rule begins from its first call, and the log is empty."""
    _control("POST", "/_stepgate/reset")


def requests() -> list[dict]:
    """What the server heard since the last reset."""
    log = json.loads(_control("GET", "/_stepgate/requests"))
    assert log["schema"] == "stepgate.mock-requests/1"
    assert log["total"] == len(log["requests"]) and log["dropped"] == 0
    return log["requests"]


def statuses() -> list[int]:
    """The status that each request since the last reset was answered with."""
    return [request["status"] for request in requests()]


def retry_counts() -> list[str]:
    """How the client itself numbers its attempts."""
    return [request["headers"]["x-stainless-retry-count"] for request in requests()]
