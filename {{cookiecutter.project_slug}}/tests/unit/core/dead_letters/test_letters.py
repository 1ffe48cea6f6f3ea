"""A letter is made of any message, whoever sent it."""

from typing import Any
from uuid import uuid4

import pytest
from celery.app.task import Context
from kombu import Message

from core.dead_letters import letters
from core.dead_letters.letters import COUNT_LIMIT, FORMER_HEADER, Letter
from core.dead_letters.models import Reason
from core.jobs.queues import Queue

NAMES = {"task": "some.task", "id": "the-task"}


def letter_of(*, headers: Any, **told: Any) -> Letter:
    message = Message(
        body="[[1], {}, {}]",
        content_type="application/json",
        content_encoding="utf-8",
        headers=headers,
        **({"delivery_info": {"routing_key": "bulk"}} | told),
    )
    return letters.of_message(message)


@pytest.mark.parametrize(
    ("told", "count"),
    [
        (3, 3),
        ("3", 3),
        (2.9, 2),
        (None, 0),
        ("many", 0),
        ([1], 0),
        ({"a": 1}, 0),
        (float("nan"), 0),
        (float("inf"), 0),
        (-1, 0),
        (10**30, COUNT_LIMIT),
    ],
    ids=repr,
)
def test_number_of_somebody_else_counts_as_far_as_it_is_one(told: Any, count: int) -> None:
    letter = letter_of(headers={**NAMES, "retries": told, "x-delivery-count": told})

    assert (letter.retries, letter.deliveries) == (count, count + 1)
    assert (letter.task, letter.task_id, letter.args) == ("some.task", "the-task", "[1]")
    ran = Context({**NAMES, "retries": told})
    assert letters.of_request(ran, task="t", queue="q", error=ValueError()).retries == count


@pytest.mark.parametrize(
    "deaths",
    ["?", 7, {"queue": "bulk"}, ["?"], [None, 7], [{}], [{"queue": []}], [{"queue": {"a": 1}}]],
    ids=repr,
)
def test_death_that_is_none_of_the_services_own_is_passed_over(deaths: Any) -> None:
    letter = letter_of(headers={**NAMES, "x-death": deaths})

    assert (letter.reason, letter.queue) == (Reason.RETURNED, Queue.BULK)


def test_death_beside_what_is_none_counts() -> None:
    deaths = ["?", {"queue": "elsewhere"}, {"queue": Queue.DEFAULT.value, "reason": "rejected"}]

    letter = letter_of(headers={**NAMES, "x-death": deaths})

    assert (letter.reason, letter.queue) == (Reason.REJECTED, Queue.DEFAULT)


@pytest.mark.parametrize(
    ("info", "queue"),
    [
        ({"routing_key": 7}, "7"),
        ({"routing_key": None}, ""),
        ({}, ""),
        (["bulk"], ""),
        ("bulk", ""),
    ],
    ids=repr,
)
def test_queue_is_told_as_far_as_it_is_known(info: Any, queue: str) -> None:
    assert letter_of(headers=NAMES, delivery_info=info).queue == queue


@pytest.mark.parametrize("headers", ["?", 7, ["task"]], ids=repr)
def test_headers_of_a_task_that_are_none_are_passed_over(headers: Any) -> None:
    request = Context({**NAMES, "headers": headers, "delivery_info": headers})

    letter = letters.of_request(request, task="some.task", queue="bulk", error=ValueError("why"))

    assert (letter.task_id, letter.queue, letter.headers) == ("the-task", "bulk", "{}")


def test_name_of_a_former_letter_is_text_that_a_database_takes() -> None:
    former = str(uuid4())

    assert letter_of(headers={**NAMES, FORMER_HEADER: former}).former_id == former
    assert (
        letter_of(headers={**NAMES, FORMER_HEADER: "a\x00\ud800"}).key == "the-task:a\\x00\\ud800"
    )
