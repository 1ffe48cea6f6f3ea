"""Keys of the caller."""

from apps.users.models import User
from core.security.api_keys.services import api_key_create
from tests.contract.known import Known

# Each can be rotated once.
ONCE_COUNT = 100
ROTATE = "POST /api/v1/api-keys/{id}/rotate/"


def known(user: User) -> Known:
    keys = [
        api_key_create(user=user, name="test", scopes=["tasks:read"])[0] for _ in range(ONCE_COUNT)
    ]
    return Known(
        ids={ROTATE: [str(key.pk) for key in keys]},
        bodies={
            "POST /api/v1/api-keys/": [{"name": "test", "scopes": ["tasks:read"]}],
            ROTATE: [{"grace_hours": 1}],
        },
    )
