"""Makes accounts."""

from collections.abc import Iterable

import factory
from django.contrib.auth.models import Group

from apps.users.models import User
from apps.users.roles import Role

PASSWORD = "a-password-that-is-good-enough"


def give_roles(
    user: User,
    is_stored: bool,  # noqa: FBT001 (factory_boy calls it so)
    roles: Iterable[str] | None,
) -> None:
    """Give a stored user ``roles``; without any said, let it be a customer."""
    if is_stored and roles is None:
        # Leaves no entry in the audit trail, which tests look at from there on.
        User.groups.through.objects.create(user=user, group=Group.objects.get(name=Role.CUSTOMER))
    elif is_stored:
        user.groups.set(Group.objects.filter(name__in=roles))


class UserFactory(factory.django.DjangoModelFactory[User]):
    """A customer whose password is ``PASSWORD``; ``roles=[...]`` gives other roles, or none."""

    class Meta:
        model = User
        skip_postgeneration_save = True

    email = factory.Sequence(lambda number: f"user{number}@example.com")
    first_name = factory.Faker("first_name")
    last_name = factory.Faker("last_name")
    password = factory.django.Password(PASSWORD)

    roles = factory.PostGeneration(give_roles)


class StaffFactory(UserFactory):
    roles = factory.PostGeneration(
        lambda user, *_: user.groups.set([Group.objects.get(name=Role.STAFF)])
    )


class ManagerFactory(UserFactory):
    roles = factory.PostGeneration(
        lambda user, *_: user.groups.set([Group.objects.get(name=Role.MANAGER)])
    )


class AuditorFactory(UserFactory):
    roles = factory.PostGeneration(
        lambda user, *_: user.groups.set([Group.objects.get(name=Role.AUDITOR)])
    )


class AdminFactory(UserFactory):
    roles = factory.PostGeneration(
        lambda user, *_: user.groups.set([Group.objects.get(name=Role.ADMIN)])
    )
