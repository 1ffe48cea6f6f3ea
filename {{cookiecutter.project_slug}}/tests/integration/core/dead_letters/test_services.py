"""Letters are kept once, sent again once, counted and forgotten."""

import json
import logging
from uuid import uuid4

import pytest
from celery.signals import task_prerun

from core.dead_letters.letters import FORMER_HEADER
from core.dead_letters.models import DeadLetter, Reason, Redelivery
from core.dead_letters.selectors import counts
from core.dead_letters.services import (
    dead_letter_send,
    dead_letters_purge,
    redelivery_count,
)
from core.errors import NotFoundError, UnprocessableError
from core.identity.actor import acting_as, current_user_id
from tests.factories.users import UserFactory
from tests.integration.core.dead_letters.conftest import TASK

pytestmark = pytest.mark.django_db


def test_letter_that_is_told_twice_is_one_row_with_what_was_told_last(make_letter) -> None:
    first = make_letter(task_id="one", age=1)

    make_letter(task_id="one", message="Later.")

    letter = DeadLetter.objects.get()
    assert letter.message == "Later."
    assert letter.first_at == first.first_at < letter.last_at


def test_copy_of_the_broker_takes_nothing_from_what_the_worker_told(make_letter) -> None:
    make_letter(task_id="one", age=1, reason=Reason.UNKNOWN)

    make_letter(task_id="one", reason=Reason.REJECTED, error="", message="")

    letter = DeadLetter.objects.get()
    assert (letter.reason, letter.message) == (Reason.UNKNOWN, "Why.")


def test_worker_that_tells_after_the_broker_is_believed(make_letter) -> None:
    make_letter(task_id="one", reason=Reason.REJECTED, error="", message="")

    make_letter(task_id="one", reason=Reason.UNKNOWN, age=1)

    assert DeadLetter.objects.get().reason == Reason.UNKNOWN


def test_letter_knows_how_often_its_message_was_begun(make_letter) -> None:
    for _ in range(3):
        redelivery_count(task_id="one")

    assert make_letter(task_id="one").deliveries == 4
    assert not Redelivery.objects.exists()


def test_log_names_the_letter_and_nothing_that_may_be_secret(
    make_letter, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR, "core.dead_letters.services"):
        letter = make_letter(args='["secret"]', message="secret", trace="secret")

    [record] = caplog.records
    assert (record.dead_letter, record.task) == (str(letter.pk), TASK)
    assert "secret" not in str(vars(record))


@pytest.fixture
def ran():
    """Return for whom tasks ran, and with which header of the letter."""
    seen = []

    def note(task, **_):
        seen.append((task.request.id, task.request.headers))

    task_prerun.connect(note, weak=False)
    yield seen
    task_prerun.disconnect(note)


def test_send_runs_the_task_once_with_its_own_headers(make_letter, ran) -> None:
    user, sender = uuid4(), UserFactory()
    letter = make_letter(headers=json.dumps({"acting_user_id": str(user)}))

    with acting_as(sender.pk):
        sent = [dead_letter_send(letter_id=letter.pk, user_id=sender.pk) for _ in range(2)]

    assert sent == [True, False]
    assert ran == [(letter.task_id, {"acting_user_id": str(user), FORMER_HEADER: str(letter.pk)})]
    letter.refresh_from_db()
    assert letter.resent_at is not None
    assert letter.resent_by == sender


def test_send_does_not_act_for_who_sends_what_the_service_did(make_letter, ran) -> None:
    letter = make_letter()

    with acting_as(uuid4()):
        dead_letter_send(letter_id=letter.pk)
        assert current_user_id() is not None

    assert ran == [(letter.task_id, {FORMER_HEADER: str(letter.pk)})]


def test_letter_that_fails_again_names_the_former(make_letter) -> None:
    former = make_letter(task_id="one")

    letter = make_letter(task_id="one", former_id=str(former.pk))

    assert letter.former == former
    assert DeadLetter.objects.count() == 2


def test_letter_whose_former_is_forgotten_is_kept(make_letter) -> None:
    assert make_letter(former_id=str(uuid4())).former is None
    assert make_letter(former_id="not an id").former is None


@pytest.mark.parametrize(
    "told",
    [{"body": "?"}, {"task": ""}, {"task": "no.such.task"}],
    ids=lambda told: next(iter(told)),
)
def test_send_refuses_what_cannot_run_and_marks_nothing(make_letter, told) -> None:
    letter = make_letter(**told)

    with pytest.raises(UnprocessableError):
        dead_letter_send(letter_id=letter.pk)

    letter.refresh_from_db()
    assert letter.resent_at is None


def test_send_refuses_a_letter_that_is_not_there() -> None:
    with pytest.raises(NotFoundError):
        dead_letter_send(letter_id=uuid4())


def test_counts_tells_what_waits_by_task_and_reason(make_letter) -> None:
    make_letter(task="a")
    make_letter(task="a")
    make_letter(task="a", reason=Reason.POISONED)
    sent = make_letter()
    dead_letter_send(letter_id=sent.pk)

    assert counts() == {("a", Reason.FAILED): 2, ("a", Reason.POISONED): 1}


def test_counts_among_some_tasks_have_few_rows_whatever_messages_hold(make_letter) -> None:
    for number in range(3):
        make_letter(task=f"b{number}", reason=f"made up {number}")
    make_letter(task="a")

    assert counts(among={"a"}) == {("a", Reason.FAILED): 1, ("", ""): 3}


def test_purge_deletes_what_is_too_old(make_letter, settings) -> None:
    settings.DEAD_LETTER_RETENTION_DAYS = 10
    make_letter(age=11)
    young = make_letter(age=9)

    assert dead_letters_purge() == 1
    assert list(DeadLetter.objects.all()) == [young]
