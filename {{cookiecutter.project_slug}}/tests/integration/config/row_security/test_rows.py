"""A statement that forgets whom it is for reaches nothing that belongs to others."""

from typing import Any

import pytest
from celery import Celery
from django.apps import apps
from django.db import ProgrammingError, transaction
from django.db.models import Count, F, Model

from apps.users.roles import Role
from apps.users.signals import account_erased
from core.database.row_security.scope import NOBODY, reaching
from core.identity.rows import scope_of
from core.jobs.tasks import BaseTask
from core.progress.models import TaskRun
from core.rules import roles_of
from tests.factories.users import PASSWORD, StaffFactory, UserFactory
from tests.integration.config.row_security.planted import PlantedView
from tests.integration.config.row_security.rows import (
    MAKERS,
    foreign_row,
    protected_models,
    raw,
)

pytestmark = pytest.mark.django_db
REFUSED = "violates row-level security policy"
each_model = pytest.mark.parametrize("label", MAKERS)


@pytest.fixture
def pair(label: str, user: Any) -> tuple[Model, Model]:
    """Return a row of the user, and one of somebody else."""
    return MAKERS[label](user), foreign_row(label)


@pytest.fixture
def user() -> Any:
    return UserFactory()


def undone(does: Any) -> Any:
    """Return what comes of something that is taken back."""
    with transaction.atomic():
        found = does()
        transaction.set_rollback(True)
    return found


def test_each_table_of_the_wall_is_tried_here() -> None:
    assert protected_models() == set(MAKERS)


@each_model
def test_view_without_a_filter_sees_the_rows_of_its_caller(label, pair, user, within) -> None:
    model, (own, _) = apps.get_model(label), pair

    def look(_: Any) -> Any:
        rows = model._base_manager.all()
        found = list(rows), rows.count(), rows.aggregate(found=Count("pk"))["found"]
        return *found, raw("SELECT * FROM {}", model)

    assert within(user, look) == ([own], 1, 1, 1)


@each_model
def test_update_and_delete_without_a_filter_reach_own_rows(label, pair, user, within) -> None:
    model = apps.get_model(label)
    field = model._meta.concrete_fields[-1].name

    def write(_: Any) -> Any:
        rows = model._base_manager.all()
        return (
            rows.update(**{field: F(field)}),
            undone(lambda: rows._raw_delete(rows.db)),
            undone(lambda: raw("DELETE FROM {}", model)),
        )

    assert within(user, write) == (1, 1, 1)


@each_model
def test_foreign_row_is_not_written(label, pair, user, within) -> None:
    model, (_, foreign) = apps.get_model(label), pair

    def write(_: Any) -> Any:
        with pytest.raises(ProgrammingError, match=REFUSED), transaction.atomic():
            model._base_manager.bulk_create([foreign])
        return model._base_manager.bulk_update([foreign], [model._meta.concrete_fields[-1].name])

    assert within(user, write) == 0


@each_model
def test_own_row_is_not_given_away(label, pair, user, within) -> None:
    model, (own, foreign) = apps.get_model(label), pair
    [field] = [
        name
        for name in ("customer", "created_by", "user", "order", "job")
        if hasattr(model, name) and getattr(own, f"{name}_id")
    ]

    def give(_: Any) -> None:
        with pytest.raises(ProgrammingError, match=REFUSED), transaction.atomic():
            model._base_manager.update(**{f"{field}_id": getattr(foreign, f"{field}_id")})

    within(user, give)


@each_model
def test_who_has_not_signed_in_reaches_nothing(label, pair, within) -> None:
    model = apps.get_model(label)

    assert within(None, lambda _: model._base_manager.count()) == 0


@each_model
def test_nobody_reaches_and_writes_nothing(label, pair) -> None:
    model, (own, _) = apps.get_model(label), pair

    with reaching(NOBODY):
        assert raw("SELECT * FROM {}", model) == 0
        assert undone(lambda: raw("DELETE FROM {}", model)) == 0
        with pytest.raises(ProgrammingError, match=REFUSED), transaction.atomic():
            model._base_manager.bulk_create([own])


@each_model
def test_who_works_on_the_rows_of_all_reaches_them(label, pair, within) -> None:
    model = apps.get_model(label)

    def look(request: Any) -> int:
        assert roles_of(request.user)  # As each rule asks, before it lets anybody see them.
        return model._base_manager.count()

    assert within(StaffFactory(), look) == 2


@pytest.mark.parametrize("role", Role)
def test_role_reaches_the_rows_of_others_once_a_rule_has_asked_for_it(role, within) -> None:
    foreign_row("progress.TaskRun")

    def look(request: Any) -> tuple[int, int]:
        before = TaskRun.objects.count()
        assert roles_of(request.user) == {role}
        return before, TaskRun.objects.count()

    assert within(UserFactory(roles=[role]), look) == (0, int(role != Role.CUSTOMER))


def test_superuser_reaches_the_rows_of_others(within) -> None:
    foreign_row("progress.TaskRun")

    assert within(UserFactory(is_superuser=True), lambda _: TaskRun.objects.count()) == 1


@pytest.mark.parametrize("is_staff", [True, False])
def test_page_of_the_admin_reaches_what_permissions_let_staff_see(is_staff, within, client) -> None:
    foreign_row("progress.TaskRun")
    within(None, lambda _: TaskRun.objects.count())
    client.force_login(UserFactory(is_staff=is_staff, roles=[]))

    client.get("/planted/admin/")

    assert PlantedView.done.pop() == int(is_staff)


def test_erasure_looks_into_what_others_have(user, sign_in) -> None:
    foreign_row("progress.TaskRun")
    found = []

    def look(**_: Any) -> None:
        found.append(TaskRun.objects.count())

    account_erased.connect(look)
    try:
        response = sign_in(user).delete("/api/v1/users/me/", {"password": PASSWORD})
    finally:
        account_erased.disconnect(look)

    assert (response.status_code, found) == (204, [1])


def test_task_reaches_all_rows_unless_it_takes_the_scope_of_a_user(user, within) -> None:
    MAKERS["progress.TaskRun"](user)
    foreign_row("progress.TaskRun")
    celery_app = Celery("tests", task_cls=BaseTask, set_as_current=False)
    celery_app.conf.update(task_always_eager=True)
    found = []

    def count() -> None:
        found.append(TaskRun.objects.count())

    @celery_app.task(shared=False)
    def task() -> None:
        count()
        with reaching(scope_of(user)):
            count()

    def send(_: Any) -> None:
        count()
        task.delay()
        count()

    within(user, send)

    assert found == [1, 2, 1, 1]
    celery_app.close()
