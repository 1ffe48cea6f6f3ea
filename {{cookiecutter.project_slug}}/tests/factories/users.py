"""Makes accounts."""

import factory
from django.contrib.auth.models import Group

from apps.users.models import Role, User

PASSWORD = "a-password-that-is-good-enough"


class UserFactory(factory.django.DjangoModelFactory[User]):
    """An account whose password is ``PASSWORD``; ``roles=[Role.MEMBER]`` gives roles."""

    class Meta:
        model = User
        skip_postgeneration_save = True

    email = factory.Sequence(lambda number: f"user{number}@example.com")
    first_name = factory.Faker("first_name")
    last_name = factory.Faker("last_name")
    password = factory.django.Password(PASSWORD)

    roles = factory.PostGeneration(
        lambda user, _, roles: user.groups.set(Group.objects.filter(name__in=roles or []))
    )


class AdministratorFactory(UserFactory):
    """An account with the role of an administrator."""

    roles = factory.PostGeneration(
        lambda user, *_: user.groups.set([Group.objects.get(name=Role.ADMINISTRATOR)])
    )
