"""The admin and the command list letters and send them again."""

from io import StringIO
from uuid import uuid4

import pytest
from django.contrib.auth.models import Permission
from django.core.management import CommandError, call_command
from django.urls import reverse

from core.dead_letters.models import Reason
from tests.factories.users import UserFactory
from tests.integration.core.dead_letters.conftest import TASK

pytestmark = pytest.mark.django_db
LIST = "admin:dead_letters_deadletter_changelist"


def run(*arguments: str) -> str:
    output = StringIO()
    call_command("dead_letters", *arguments, stdout=output)
    return output.getvalue()


def sign_in(client, *permissions: str):
    user = UserFactory(is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    client.force_login(user)
    return user


def post_send(client, *letters):
    data = {"action": "send_again", "_selected_action": [letter.pk for letter in letters]}
    return client.post(reverse(LIST), data, follow=True)


def test_admin_shows_a_letter_to_read_only(client, make_letter):
    sign_in(client, "view_deadletter")
    letter = make_letter(trace="in the_function")

    page = client.get(reverse("admin:dead_letters_deadletter_change", args=[letter.pk]))

    assert "in the_function" in page.content.decode()
    assert 'name="_save"' not in page.content.decode()


def test_admin_finds_letters_by_reason_and_whether_they_were_sent(client, make_letter):
    sign_in(client, "view_deadletter")
    found = make_letter(reason=Reason.POISONED)
    make_letter()
    run("send", "--id", str(make_letter(reason=Reason.POISONED).pk))

    page = client.get(reverse(LIST), {"reason__exact": Reason.POISONED, "resent_at__isempty": "1"})

    assert list(page.context["cl"].result_list) == [found]


def test_admin_sends_again_once(client, make_letter):
    user = sign_in(client, "view_deadletter", "send_deadletter")
    letter = make_letter()

    first = post_send(client, letter).content.decode()
    second = post_send(client, letter).content.decode()

    assert "1 letters were sent again, 0 had been sent before." in first
    assert "0 letters were sent again, 1 had been sent before." in second
    letter.refresh_from_db()
    assert letter.resent_by == user


def test_admin_lets_nobody_send_without_the_permission(client, make_letter):
    sign_in(client, "view_deadletter")
    letter = make_letter()

    post_send(client, letter)

    letter.refresh_from_db()
    assert letter.resent_at is None


def test_command_lists_what_waits(make_letter):
    waiting, sent = make_letter(), make_letter()
    run("send", "--id", str(sent.pk))

    assert str(waiting.pk) in run("list")
    assert str(sent.pk) not in run("list")
    assert str(sent.pk) in run("list", "--resent")
    assert run("list", "--task", "other") == ""


def test_command_counts_what_waits(make_letter):
    make_letter()

    assert run("list", "--counts") == f"1\tfailed\t{TASK}\n"


def test_command_shows_all_of_a_letter(make_letter):
    letter = make_letter(args="[1]")

    shown = run("show", str(letter.pk))

    assert "args: [1]\n" in shown
    assert "message: Why.\n" in shown


@pytest.mark.parametrize("which", [["--all"], ["--task", TASK]], ids=["all", "task"])
def test_command_sends_in_bulk_what_waits_and_can_be_read(make_letter, which):
    letters = [make_letter(), make_letter()]
    make_letter(task="", task_id="", body="?")

    assert run("send", *which) == "2 were sent again.\n"
    assert run("send", *which) == "0 were sent again.\n"
    for letter in letters:
        letter.refresh_from_db()
        assert letter.resent_at is not None


def test_command_says_what_it_could_not_do(make_letter):
    letter = make_letter()
    run("send", "--id", str(letter.pk))
    unknown = uuid4()

    with pytest.raises(CommandError) as refused:
        run("send", "--id", str(letter.pk), "--id", str(unknown))

    assert str(refused.value).splitlines() == [
        f"Dead letter {letter.pk} had been sent again before.",
        f"There is no dead letter {unknown}.",
    ]
    with pytest.raises(CommandError, match="There is no dead letter"):
        run("show", str(unknown))


def test_command_deletes_what_is_older_than_it_is_told(make_letter):
    make_letter(age=3)

    assert run("purge", "--days", "4") == "0 were deleted.\n"
    assert run("purge", "--days", "2") == "1 were deleted.\n"
    with pytest.raises(CommandError, match="whole number from 0 on"):
        run("purge", "--days", "-1")


def test_command_without_a_broker_says_so(monkeypatch):
    from celery import current_app  # noqa: PLC0415

    monkeypatch.delenv("CELERY_BROKER_URL", raising=False)
    monkeypatch.setitem(current_app.conf, "broker_url", None)

    with pytest.raises(CommandError, match="No broker is there: CELERY_BROKER_URL names none"):
        run("drain")
