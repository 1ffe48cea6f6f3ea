"""Open letters are counted, under names that no message can make up."""

import pytest
from django.utils import timezone

from core.dead_letters.models import DeadLetter, Reason
from tests.integration.core.dead_letters.conftest import TASK
from tests.metrics import TOKEN, scrape

pytestmark = pytest.mark.django_db
# A web process need not have imported it before.
LAZY_TASK = "core.idempotency.tasks.idempotency_purge"


@pytest.fixture(autouse=True)
def _token(settings) -> None:
    settings.METRICS_TOKENS = [TOKEN]


def open_letters(client):
    return scrape(client)["dead_letters_open"]


def test_open_letters_are_counted_by_reason_and_task(client, make_letter):
    make_letter()
    make_letter()
    make_letter(reason=Reason.POISONED)
    make_letter(task=LAZY_TASK)

    assert open_letters(client) == {
        ("failed", TASK): 2,
        ("poisoned", TASK): 1,
        ("failed", LAZY_TASK): 1,
    }


def test_letter_that_was_sent_again_is_not_open(client, make_letter):
    letter = make_letter()
    DeadLetter.objects.filter(pk=letter.pk).update(resent_at=timezone.now())

    assert open_letters(client) == {}


def test_names_of_no_task_and_no_reason_are_one(client, make_letter):
    for number in range(30):
        make_letter(task=f"apps.evil.tasks.task_{number}", reason=f"evil {number}")
    make_letter(task="", task_id="", body="?", reason=Reason.UNREADABLE)
    make_letter(task='x"} 1\ndead_letters_open{task="y', reason=Reason.UNKNOWN)

    assert open_letters(client) == {
        ("other", "other"): 30,
        ("unreadable", "other"): 1,
        ("unknown", "other"): 1,
    }


def test_name_that_differs_in_case_is_another(client, make_letter):
    make_letter(task=TASK.upper())

    assert open_letters(client) == {("failed", "other"): 1}
