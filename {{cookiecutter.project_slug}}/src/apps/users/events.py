"""What accounts tell other code, in the transaction that made it happen."""

from typing import Any
from uuid import UUID

from django.dispatch import receiver

from apps.users.models import User
from apps.users.signals import account_erased
from core.events.event import Event
from core.events.outbox import publish


class AccountErased(Event, name="account.erased", version=1):
    """A person is erased here. Who has copies of its data erases them too."""

    user_id: UUID


@receiver(account_erased)
def publish_account_erased(user: User, **_: Any) -> None:
    publish(AccountErased(user_id=user.pk), aggregate=user)
