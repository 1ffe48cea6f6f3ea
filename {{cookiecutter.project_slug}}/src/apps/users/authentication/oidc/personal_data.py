"""Who a person is at the issuer."""

from apps.users.authentication.oidc.erased import remember
from apps.users.authentication.oidc.models import ExternalIdentity
from core.audit.trail import delete_and_forget
from core.personal import Person, describe, erases

REMOVED = "removed with the identity"

describe(
    ExternalIdentity,
    personal={"subject": REMOVED, "digest": REMOVED},
    other=("issuer", "roles_digest"),
)


@erases
def erase(person: Person) -> None:
    """Who signs in again gets another account; see ``erased`` for the tokens of before."""
    identities = ExternalIdentity.objects.filter(user=person.id)
    for digest in identities.values_list("digest", flat=True):
        remember(digest)
    delete_and_forget(identities)
