"""What follows for tokens when something happens to an account."""

from typing import Any

from django.dispatch import receiver

from apps.users.authentication.jwt.services import families_end
from apps.users.models import User
from apps.users.services.accounts.signals import credentials_changed


@receiver(credentials_changed)
def end_families(user: User, **_: Any) -> None:
    families_end(user_id=user.pk)
