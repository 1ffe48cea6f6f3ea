"""A person who is erased is nowhere in the database any more; what refers to the account stays."""

import json
from collections.abc import Callable, Iterator
from io import StringIO
from typing import Any

import pytest
from django.apps import apps
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core import mail
from django.core.files.base import ContentFile
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models import Model
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, DjangoCaptureOnCommitCallbacks
from rest_framework.test import APIClient

from apps.users.errors import LastAdminError
from apps.users.models import User
from apps.users.services import account_erase, user_create
from core import personal
from core.audit.trail import entries_of
from core.errors import NotFoundError
from core.identity.headers import ACTING_USER_HEADER, REMOTE_ADDRESS_HEADER
from tests.factories.users import PASSWORD, AdminFactory, UserFactory

ME = "/api/v1/users/me/"
SignIn = Callable[[User], APIClient]

NAME = "Mirabellina"
EMAIL = "mirabellina@example.com"
ADDRESS = "203.0.113.77"
PLANTED = (NAME.lower(), ADDRESS)
# Not as text: hashed, signed, encrypted, or a time.
ENCODED = {
    "users.User.password",
    "users.User.last_login",
    "security.TOTPDevice.key",
    "sign_ins.UserSession.session_key",
    "sign_ins.UserSession.session_data",
}


@pytest.fixture
def person() -> User:
    return user_create(email=EMAIL, password=PASSWORD, first_name=NAME, last_name=NAME)


def create(model: str, **fields: Any) -> Model:
    return apps.get_model(model)._default_manager.create(**fields)


def plant(user: User, client: APIClient) -> None:
    """Leave something of ``user`` wherever the service may have it."""
    client.patch(ME, {"last_name": f"{NAME}-Ann"}, REMOTE_ADDR=ADDRESS)
    User.objects.filter(pk=user.pk).update(last_login=timezone.now(), is_staff=True)
    Client().force_login(user)
    other = UserFactory()
    now = timezone.now()
    LogEntry.objects.create(
        user=other,
        content_type=ContentType.objects.get_for_model(User),
        object_id=str(user.pk),
        object_repr=EMAIL,
        action_flag=CHANGE,
    )
    create(
        "idempotency.IdempotencyKey",
        digest="digest",
        user=user,
        fingerprint="",
        claim=user.pk,
        claimed_until=now,
        expires_at=now,
        headers={"Location": EMAIL},
        body=EMAIL.encode(),
    )
    create("security.TOTPDevice", user=user, name=NAME, key=EMAIL)
    letter = {"reason": "failed", "first_at": now, "last_at": now}
    every = ("args", "kwargs", "headers", "body", "message", "trace")
    create("dead_letters.DeadLetter", key="1", **letter, **dict.fromkeys(every, f'["{EMAIL}"]'))
    create("dead_letters.DeadLetter", key="2", **letter, args=f'["{user.pk}"]', trace=NAME)
    caused = json.dumps({ACTING_USER_HEADER: str(user.pk), REMOTE_ADDRESS_HEADER: ADDRESS})
    create("dead_letters.DeadLetter", key="3", **letter, headers=caused)
    for installed, planter in PLANTERS.items():
        if apps.is_installed(installed):
            planter(user, other)


def plant_families(user: User, _: User) -> None:
    fields = {"current": "", "network": ADDRESS, "user_agent": NAME}
    create("jwt.TokenFamily", user=user, expires_at=timezone.now(), **fields)


def plant_identity(user: User, _: User) -> None:
    fields = {"issuer": "https://issuer.example", "subject": NAME, "digest": NAME}
    create("oidc.ExternalIdentity", user=user, **fields)


def plant_api_key(user: User, _: User) -> None:
    fields = {"scopes": [], "prefix": "test", "hash": "", "last_used_from": ADDRESS}
    create("api_keys.ApiKey", user=user, name=NAME, **fields)


def plant_exchange(user: User, other: User) -> None:
    fields = {"direction": "import", "resource": "users", "format": "csv"}
    file = ContentFile(EMAIL.encode(), name=f"{NAME}.csv")
    own: Any = create("exchange.ExchangeJob", created_by=user, file=file, **fields)
    # Uploads get a name that nobody sent.
    own.file.storage.save(f"{NAME}.csv", ContentFile(EMAIL.encode()))
    type(own).objects.filter(pk=own.pk).update(file=f"{NAME}.csv")
    job = create("exchange.ExchangeJob", created_by=other, **fields)
    create("exchange.ExchangeFault", job=job, code="test", message=f"Who is {EMAIL}?")


def plant_inbox(_: User, __: User) -> None:
    event = create("events.OutboxEvent", name="test", payload={})
    create("events.InboxEntry", event=event, subscriber="test", error=f"Who is {EMAIL}?")


def plant_tasks(user: User, _: User) -> None:
    now = timezone.now()
    fields = {"path": "", "backend": "", "queue_name": "", "priority": 0, "enqueued_at": now}
    told = {name: [EMAIL] for name in ("args", "kwargs", "headers", "return_value", "errors")}
    create("django_tasks.EnqueuedTask", **fields, **told)
    caused = {ACTING_USER_HEADER: str(user.pk), REMOTE_ADDRESS_HEADER: ADDRESS}
    ended = {"args": [], "kwargs": {}, "headers": caused, "finished_at": now}
    create("django_tasks.EnqueuedTask", **fields, **ended)


# By the app that has the tables.
PLANTERS = {
    "apps.users.authentication.jwt": plant_families,
    "apps.users.authentication.oidc": plant_identity,
    "core.security.api_keys": plant_api_key,
    "core.exchange": plant_exchange,
    "core.events": plant_inbox,
    "core.django_tasks": plant_tasks,
}


def found() -> set[str]:
    """Return the columns of all tables there are, in which something is that was planted."""
    places = set()
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")  # noqa: S608 (a name of the database)
            names = [column[0] for column in cursor.description]
            for row in cursor.fetchall():
                places |= {
                    f"{table}.{name}"
                    for name, value in zip(names, row, strict=True)
                    if any(each in as_text(value) for each in PLANTED)
                }
    return places


def as_text(value: object) -> str:
    if isinstance(value, bytes | memoryview):
        return bytes(value).decode("utf-8", "replace").lower()
    return str(value).lower()


def columns_of_register() -> Iterator[str]:
    for field, fate in personal.register().items():
        label, _, name = field.rpartition(".")
        if field not in ENCODED and not fate.startswith("kept"):
            yield f"{apps.get_model(label)._meta.db_table}.{name}"


@pytest.mark.django_db
def test_nothing_of_a_person_is_left_in_any_table(
    person: User, sign_in: SignIn, settings: Any, tmp_path: Any
) -> None:
    settings.MEDIA_ROOT = tmp_path
    client = sign_in(person)
    plant(person, client)
    assert set(columns_of_register()) - found() == set()
    files = [path for path in tmp_path.rglob("*") if NAME in path.name]
    assert bool(files) is apps.is_installed("core.exchange")

    account_erase(user_id=person.pk)

    assert found() == set()
    assert [path for path in tmp_path.rglob("*") if NAME in path.name] == []
    person.refresh_from_db()
    assert person.is_erased
    assert person.email == f"erased-{person.pk}@invalid"
    assert person.last_login is None
    assert [person.is_active, person.is_staff, person.is_superuser] == [False] * 3
    assert not person.has_usable_password()
    assert person.roles == []
    assert apps.get_model("sign_ins.UserSession").objects.filter(user=person).count() == 0
    assert apps.get_model("dead_letters.DeadLetter").objects.get().key == "3"
    assert client.get(ME).status_code in {401, 403}


@pytest.mark.django_db
def test_the_trail_tells_that_something_changed_and_not_what(person: User) -> None:
    account_erase(user_id=person.pk)

    entries = entries_of(User, person.pk)
    assert {entry.object_repr for entry in entries} == {str(person.pk)}
    changes = [entry.changes["email"] for entry in entries if "email" in entry.changes]
    assert changes == [["***", "***"], ["***", "***"]]
    active = [entry.changes["is_active"] for entry in entries if "is_active" in entry.changes]
    assert active == [[True, False], [None, True]]


@pytest.mark.django_db
def test_nobody_else_is_touched(person: User, sign_in: SignIn) -> None:
    other = UserFactory(email=f"other-{EMAIL}", first_name=NAME)
    client = sign_in(other)
    client.patch(ME, {"last_name": NAME}, REMOTE_ADDR=ADDRESS)

    account_erase(user_id=person.pk)

    assert client.get(ME).status_code == 200
    entry = entries_of(User, other.pk).first()
    assert entry is not None
    assert (entry.remote_addr, entry.changes["last_name"][1]) == (ADDRESS, NAME)


@pytest.mark.django_db
def test_the_address_is_told_and_can_register_again(
    person: User, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        account_erase(user_id=person.pk)
        # Once: another time there is nobody to tell.
        account_erase(user_id=person.pk)

    (told,) = [message for message in mail.outbox if message.subject.endswith("is erased")]
    assert told.to == [EMAIL]
    again = user_create(email=EMAIL, password=PASSWORD)
    assert again.pk != person.pk


@pytest.mark.django_db
def test_the_last_admin_stays() -> None:
    admin, other = AdminFactory(), AdminFactory()
    UserFactory(is_superuser=True, is_active=False)

    account_erase(user_id=other.pk)
    with pytest.raises(LastAdminError):
        account_erase(user_id=admin.pk)

    admin.refresh_from_db()
    assert not admin.is_erased
    UserFactory(is_superuser=True)
    account_erase(user_id=admin.pk)


@pytest.mark.django_db
def test_an_account_that_is_not_there_is_refused() -> None:
    with pytest.raises(NotFoundError):
        account_erase(user_id=UserFactory.build().pk)


@pytest.mark.django_db
def test_a_long_history_costs_no_more_queries(
    person: User, sign_in: SignIn, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    other = UserFactory()
    sign_in(other).patch(ME, {"last_name": "Ann"})
    for number in range(5):
        sign_in(person).patch(ME, {"last_name": f"Ann {number}"})

    with CaptureQueriesContext(connection) as queries:
        account_erase(user_id=other.pk)
    with django_assert_num_queries(len(queries)):
        account_erase(user_id=person.pk)


@pytest.mark.django_db
def test_an_admin_erases_others_once_that_is_confirmed(person: User) -> None:
    root = UserFactory(is_superuser=True, is_staff=True)
    browser = Client()
    browser.force_login(root)
    asked = {"action": "erase", "_selected_action": [str(person.pk)]}

    page = browser.post("/admin/users/user/", asked)

    assert EMAIL in page.content.decode()
    assert User.objects.filter(email=EMAIL).exists()
    response = browser.post("/admin/users/user/", {**asked, "confirmed": "yes"}, follow=True)
    assert "1 accounts are erased." in response.content.decode()
    person.refresh_from_db()
    assert person.is_erased
    # The trail tells who did it.
    entry = entries_of(User, person.pk).first()
    assert entry is not None
    assert entry.actor_id == root.pk


@pytest.mark.django_db
def test_an_admin_who_goes_is_signed_out_and_the_last_one_stays() -> None:
    root, other = UserFactory.create_batch(2, is_superuser=True, is_staff=True)
    browser = Client()
    browser.force_login(root)
    confirmed = {"action": "erase", "_selected_action": [str(root.pk)], "confirmed": "yes"}

    response = browser.post("/admin/users/user/", confirmed)

    assert response.url == "/admin/login/"
    browser.force_login(other)
    confirmed["_selected_action"] = [str(other.pk)]
    page = browser.post("/admin/users/user/", confirmed, follow=True).content.decode()
    assert "Nobody else could administer the service." in page
    assert User.objects.get(pk=other.pk).is_active


@pytest.mark.django_db
def test_the_command_erases_who_asked_by_mail(person: User, monkeypatch: Any) -> None:
    out = StringIO()
    monkeypatch.setattr("builtins.input", lambda _: "another@example.com")
    with pytest.raises(CommandError, match="Nothing was erased"):
        call_command("erase_account", EMAIL)

    monkeypatch.setattr("builtins.input", lambda _: EMAIL.upper())
    call_command("erase_account", EMAIL.upper(), stdout=out)

    person.refresh_from_db()
    assert person.is_erased
    assert str(person.pk) in out.getvalue()
    with pytest.raises(CommandError, match="No account has the address"):
        call_command("erase_account", EMAIL, "--noinput")
    admin = AdminFactory()
    with pytest.raises(CommandError, match="Nobody else"):
        call_command("erase_account", admin.email, "--noinput")


@pytest.mark.django_db
def test_a_version_that_was_asked_for_must_be_there(sign_in: SignIn) -> None:
    client = sign_in(UserFactory())

    response = client.delete(ME, headers={"if-match": '"7"'})

    assert response.status_code == 412
