"""Accounts and their roles."""

from collections.abc import Iterable
from uuid import UUID

from django.contrib.auth.models import Group
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.db.models import Q

from apps.users.errors import EmailTakenError, PasswordRefusedError
from apps.users.models import User
from apps.users.roles import Role
from apps.users.signals import user_created


@transaction.atomic
def user_create(
    *,
    email: str,
    password: str | None = None,
    first_name: str = "",
    last_name: str = "",
    roles: Iterable[Role] = (Role.CUSTOMER,),
) -> User:
    """Create an account, and announce it: its owner is welcomed by mail once it is committed.

    Args:
        email: a valid address, in any case.
        password: checked against ``AUTH_PASSWORD_VALIDATORS``. Without one nobody can sign in
            with a password.
        first_name, last_name: up to 150 characters each.
        roles: what the user may do.

    Raises:
        EmailTakenError: when there is an account with this address.
        PasswordRefusedError: when the password is too easy to guess.
    """
    user = User(
        email=User.objects.normalize_email(email),
        first_name=first_name,
        last_name=last_name,
    )
    if password is not None:
        check_password(password, user)
    user.set_password(password)
    try:
        with transaction.atomic():
            user.save(force_insert=True)
    except IntegrityError as error:
        # Asking beforehand would let two requests at once both hear that the address is free.
        raise EmailTakenError("An account with this address exists.", field="email") from error
    _set_roles(user, roles)
    user_created.send(User, user=user)
    return user


def user_update(*, user: User, first_name: str | None = None, last_name: str | None = None) -> User:
    """Change what is given, up to 150 characters each; ``None`` leaves it as it is.

    Raises:
        StaleRecordError: if the account was written since it was read.
    """
    given = {"first_name": first_name, "last_name": last_name}
    changes = {field: value for field, value in given.items() if value is not None}
    if changes:
        for field, value in changes.items():
            setattr(user, field, value)
        with transaction.atomic():
            user.save(update_fields=changes)
    return user


@transaction.atomic
def user_assign_roles(*, user: User, roles: Iterable[Role]) -> None:
    """Give the user exactly these roles. Groups that are no role stay as they are.

    Raises:
        StaleRecordError: if the account was written since it was read.
    """
    _set_roles(user, roles)
    # The roles stand in another table, but are a part of the account.
    user.save(update_fields=["version"])


def user_lock(*, user_id: UUID) -> bool:
    """Lock an account until the transaction ends, and tell whether it is there and active.

    For a sign-in, before it writes anything: nobody erases the account meanwhile.
    """
    locked = User.objects.select_for_update(no_key=connection.features.has_select_for_no_key_update)
    return locked.filter(pk=user_id, is_active=True).first() is not None


def user_hold(*, user_id: UUID) -> bool:
    """Tell whether an account is active, which then stays so until the transaction ends.

    For a transaction that has written a row which refers to the account: nobody erases it meanwhile.
    """
    if connection.features.has_select_for_no_key_update:
        # PostgreSQL looks at references when the transaction ends, and locks nothing before.
        return user_lock(user_id=user_id)
    # Elsewhere the reference locks the account. Asking for another lock would let two wait in a circle.
    return User.objects.filter(pk=user_id, is_active=True).exists()


def _set_roles(user: User, roles: Iterable[Role]) -> None:
    is_wanted = Q(name__in=list(roles))
    is_kept = Q(user=user) & ~Q(name__in=Role.values)
    user.groups.set(Group.objects.filter(is_wanted | is_kept).distinct())


def check_password(password: str, user: User, *, field: str = "password") -> None:
    """Refuse a password for ``user`` that is too easy to guess.

    Raises:
        PasswordRefusedError: about the ``field`` of the input.
    """
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise PasswordRefusedError(" ".join(error.messages), field=field) from error
