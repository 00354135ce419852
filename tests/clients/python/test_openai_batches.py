"""The client `openai` with files and batches."""

import json
import time

import openai
import pytest
from openai import OpenAI

from mock import GREETING
from openai_chat import SETTINGS, user


@pytest.fixture
def client():
    with OpenAI(**SETTINGS | {"max_retries": 0}) as client:
        yield client


def line(custom_id: str, prompt: str) -> str:
    body = {"model": "gpt-test", "messages": user(prompt)}
    request = {"custom_id": custom_id, "method": "POST", "url": "/v1/chat/completions", "body": body}
    return json.dumps(request)


def upload(client, *lines: str):
    content = "".join(line + "\n" for line in lines).encode()
    file = client.files.create(file=("requests.jsonl", content), purpose="batch")
    assert (file.filename, file.purpose, file.bytes) == ("requests.jsonl", "batch", len(content))
    return file


def submit(client, file):
    return client.batches.create(
        input_file_id=file.id,
        endpoint="/v1/chat/completions",
        completion_window="24h",
        metadata={"plan": "EP-0002"},
    )


def ended(client, batch):
    """The batch when it is over; polled as one polls a provider, only faster."""
    for _ in range(200):
        batch = client.batches.retrieve(batch.id)
        if batch.status in ("completed", "failed", "expired", "cancelled"):
            return batch
        time.sleep(0.05)
    raise AssertionError(f"the batch is still {batch.status}")


def test_a_batch_with_a_failed_line(client):
    file = upload(client, line("EP-0002_1-1", "case greet"), line("EP-0002_1-2", "case e400"))
    assert client.files.retrieve(file.id).id == file.id
    batch = submit(client, file)
    assert (batch.endpoint, batch.input_file_id) == ("/v1/chat/completions", file.id)
    assert batch.metadata == {"plan": "EP-0002"}
    batch = ended(client, batch)
    assert batch.status == "completed"
    counts = batch.request_counts
    assert (counts.total, counts.completed, counts.failed) == (2, 1, 1)

    [answered] = [json.loads(line) for line in client.files.content(batch.output_file_id).iter_lines()]
    assert (answered["custom_id"], answered["error"]) == ("EP-0002_1-1", None)
    assert answered["response"]["status_code"] == 200
    body = answered["response"]["body"]
    assert body["choices"][0]["message"]["content"] == GREETING

    [failed] = [json.loads(line) for line in client.files.content(batch.error_file_id).iter_lines()]
    assert failed["custom_id"] == "EP-0002_1-2"
    assert failed["response"]["status_code"] == 400
    assert failed["response"]["body"]["error"]["message"] == "The request is bad"

    assert batch.id in [listed.id for listed in client.batches.list()]


def test_a_batch_that_is_cancelled(client):
    batch = submit(client, upload(client, line("one", "case greet"), line("two", "case greet")))
    cancelled = client.batches.cancel(batch.id)
    assert cancelled.status in ("cancelling", "cancelled")
    assert ended(client, batch).status == "cancelled"


def test_a_file_that_is_no_batch_fails(client):
    file = upload(client, '{"custom_id": "one"}', "no JSON at all")
    try:
        batch = ended(client, submit(client, file))
    except openai.BadRequestError:
        return
    assert batch.status == "failed"
    assert {error.line for error in batch.errors.data} == {1, 2}


def test_what_is_not_there_is_not_found(client):
    for missing in (
        lambda: client.batches.retrieve("batch_none"),
        lambda: client.batches.cancel("batch_none"),
        lambda: client.files.retrieve("file-none"),
        lambda: client.files.content("file-none"),
    ):
        with pytest.raises(openai.NotFoundError):
            missing()


def test_a_file_can_be_deleted(client):
    file = upload(client, line("one", "case greet"))
    assert client.files.delete(file.id).deleted
    with pytest.raises(openai.NotFoundError):
        client.files.retrieve(file.id)
