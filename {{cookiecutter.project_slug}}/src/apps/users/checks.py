"""What ``manage.py check --deploy --database default`` finds among the accounts."""

from collections.abc import Iterator

from apps.users.management.commands.seed_demo import EMAIL
from apps.users.models import User
from apps.users.roles import Role
from core.security.deploy import deploy_check

DEMO_EMAILS = (EMAIL, *(f"{role}@example.com" for role in Role))


@deploy_check(
    "users.W001",
    hint="Delete them.",
    link="https://cwe.mitre.org/data/definitions/1392.html",
    asks_database=True,
)
def demo_accounts_are_not_there() -> Iterator[str]:
    if User.objects.filter(email__in=DEMO_EMAILS).exists():
        yield "There are demo accounts, whose password everybody knows."


@deploy_check(
    "users.W002",
    hint="Make one: manage.py createsuperuser.",
    link="https://docs.djangoproject.com/en/stable/ref/django-admin/#createsuperuser",
    asks_database=True,
)
def somebody_administers() -> Iterator[str]:
    if not User.objects.filter(is_superuser=True, is_active=True).exists():
        yield "No active account is a superuser, so nobody can give roles."
