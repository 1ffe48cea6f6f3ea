import pytest
from django.contrib.auth.models import Group
from django.core import mail
from pytest_django import DjangoAssertNumQueries, DjangoCaptureOnCommitCallbacks

from apps.users.errors import EmailTakenError, PasswordRefusedError
from apps.users.models import User
from apps.users.roles import Role
from apps.users.services import user_assign_roles, user_create, user_update
from core.identity.actor import acting_as
from tests.factories.users import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db


def test_user_create_makes_a_member_who_can_sign_in() -> None:
    user = user_create(
        email="Ann@Example.com", password=PASSWORD, first_name="Ann", last_name="Bell"
    )

    user.refresh_from_db()
    assert user.email == "ann@example.com"
    assert user.get_full_name() == "Ann Bell"
    assert user.check_password(PASSWORD)
    assert user.roles == [Role.CUSTOMER]
    assert not user.is_staff


def test_user_create_without_a_password_lets_nobody_sign_in_with_one() -> None:
    assert not user_create(email="ann@example.com").has_usable_password()


def test_user_create_gives_the_roles_it_is_told() -> None:
    user = user_create(email="ann@example.com", roles=[Role.ADMIN])

    assert user.roles == [Role.ADMIN]


def test_user_create_refuses_an_address_that_is_taken() -> None:
    UserFactory(email="ann@example.com")

    with pytest.raises(EmailTakenError) as refusal:
        user_create(email="ANN@example.com", password=PASSWORD)

    assert refusal.value.field == "email"
    assert User.objects.count() == 1


@pytest.mark.parametrize("password", ["password", "12345678901234", "ann@example.com", "short"])
def test_user_create_refuses_a_password_that_is_easy_to_guess(password: str) -> None:
    with pytest.raises(PasswordRefusedError) as refusal:
        user_create(email="ann@example.com", password=password)

    assert refusal.value.field == "password"
    assert not User.objects.exists()


def test_user_create_welcomes_by_mail_after_the_commit(
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        user_create(email="ann@example.com", first_name="Ann", last_name="Bell")
        assert mail.outbox == []

    [message] = mail.outbox
    assert message.to == ["ann@example.com"]
    assert message.body.startswith("Hello Ann Bell,")


def test_user_create_sends_no_mail_when_it_is_refused(
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    UserFactory(email="ann@example.com")

    with django_capture_on_commit_callbacks(execute=True), pytest.raises(EmailTakenError):
        user_create(email="ann@example.com")

    assert mail.outbox == []


def test_user_update_changes_what_is_given_and_stamps_who_did() -> None:
    user, actor = UserFactory(first_name="Ann", last_name="Bell"), UserFactory()

    with acting_as(actor.pk):
        user_update(user=user, last_name="Book")

    user.refresh_from_db()
    assert user.get_full_name() == "Ann Book"
    assert user.updated_by == actor


def test_user_update_without_a_change_writes_nothing(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    user = UserFactory()

    with django_assert_num_queries(0):
        user_update(user=user)


def test_user_assign_roles_replaces_roles_and_leaves_other_groups() -> None:
    user = UserFactory(roles=[Role.CUSTOMER])
    accounting = Group.objects.create(name="accounting")
    user.groups.add(accounting)

    user_assign_roles(user=user, roles=[Role.ADMIN])

    assert user.roles == [Role.ADMIN]
    assert accounting in user.groups.all()
