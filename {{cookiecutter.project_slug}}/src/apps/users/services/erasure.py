"""The end of an account (GDPR, article 17)."""

from uuid import UUID

from django.db import transaction

from apps.users.errors import LastAdminError
from apps.users.models import ERASED_ADDRESS, User
from apps.users.selectors import admin_ids
from apps.users.signals import account_erased
from core import personal
from core.audit.trail import forget_actor
from core.errors import NotFoundError


@transaction.atomic
def account_erase(*, user_id: UUID) -> None:
    """Erase a person, and announce it: a mail tells the address of before, once that is committed.

    The account stays, closed and without anything personal, because orders and the audit trail refer to
    it. Sign-ins end; each app and room erases what it has: see ``core.personal``. The address can
    register again, as another account. Open orders do not stand in the way. An account that is erased
    stays as it is.

    Raises:
        LastAdminError: when nobody else could administer the service.
        NotFoundError: when there is no such account.
    """
    # In the order of the key, so that of the last two who go at once one waits for the other.
    admins = admin_ids()
    keys = {user_id, *admins} if user_id in admins else {user_id}
    # Not ``no_key``: whoever refers to the account, as a new sign-in does, has to wait.
    locked = User.objects.select_for_update().filter(pk__in=keys).order_by("pk")
    accounts = {user.pk: user for user in locked}
    user = accounts.get(user_id)
    if user is None:
        raise NotFoundError("There is no such account.")
    if user.is_erased:
        return
    if user_id in admins and not any(accounts[key].is_active for key in accounts if key != user_id):
        raise LastAdminError("Nobody else could administer the service. Make another admin first.")
    person = personal.Person(id=user.pk, email=user.email)
    user.groups.set([])
    user.user_permissions.set([])
    _empty(user)
    personal.erase(person)
    account_erased.send(User, user=user, email=person.email)
    # At last, when all that this does has left its entries.
    forget_actor(user.pk)


def _empty(user: User) -> None:
    user.email = ERASED_ADDRESS.format(user.pk)
    user.first_name = user.last_name = ""
    user.last_login = None
    user.is_active = user.is_staff = user.is_superuser = False
    user.set_unusable_password()
    user.save()
