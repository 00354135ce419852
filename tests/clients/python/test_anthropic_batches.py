"""The client `anthropic` with message batches."""

import time

import anthropic
import pytest
from anthropic import Anthropic

from anthropic_messages import SETTINGS, heard, request_of
from mock import GREETING


@pytest.fixture
def client():
    with Anthropic(**SETTINGS | {"max_retries": 0}) as client:
        yield client


def submit(client, **prompts: str):
    requests = [{"custom_id": id, "params": request_of(prompt)} for id, prompt in prompts.items()]
    return client.messages.batches.create(requests=requests)


def ended(client, batch):
    """The batch when it is over; polled as one polls a provider, only faster."""
    for _ in range(200):
        batch = client.messages.batches.retrieve(batch.id)
        if batch.processing_status == "ended":
            return batch
        time.sleep(0.05)
    raise AssertionError(f"the batch is still {batch.processing_status}")


def counts(batch) -> dict[str, int]:
    return {kind: count for kind, count in batch.request_counts.to_dict().items() if count}


def test_a_batch_with_a_failed_request(client):
    batch = submit(client, good="case greet", bad="case e400", tool="case weather")
    assert batch.id.startswith("msgbatch_")
    batch = ended(client, batch)
    assert counts(batch) == {"succeeded": 2, "errored": 1}
    results = {line.custom_id: line.result for line in client.messages.batches.results(batch.id)}
    assert {id: result.type for id, result in results.items()} == {
        "good": "succeeded",
        "bad": "errored",
        "tool": "succeeded",
    }
    assert heard(results["good"].message).text == GREETING
    assert results["tool"].message.stop_reason == "tool_use"
    error = results["bad"].error.error
    assert (error.type, error.message) == ("invalid_request_error", "The request is bad")
    assert batch.id in [listed.id for listed in client.messages.batches.list()]


def test_a_batch_that_is_cancelled(client):
    batch = submit(client, one="case greet", two="case greet")
    cancelled = client.messages.batches.cancel(batch.id)
    assert cancelled.processing_status in ("canceling", "ended")
    assert cancelled.cancel_initiated_at
    batch = ended(client, batch)
    assert counts(batch) == {"canceled": 2}
    results = [line.result.type for line in client.messages.batches.results(batch.id)]
    assert results == ["canceled", "canceled"]


def test_a_bad_batch_is_refused(client):
    with pytest.raises(anthropic.BadRequestError):
        submit(client, **{"EP-0002/1.1": "case greet"})
    twice = [{"custom_id": "one", "params": request_of("case greet")}] * 2
    with pytest.raises(anthropic.BadRequestError):
        client.messages.batches.create(requests=twice)


def test_what_is_not_there_is_not_found(client):
    for missing in (
        lambda: client.messages.batches.retrieve("msgbatch_none"),
        lambda: client.messages.batches.cancel("msgbatch_none"),
        lambda: client.messages.batches.results("msgbatch_none"),
    ):
        with pytest.raises(anthropic.NotFoundError):
            missing()
