"""Primary keys made by the service: UUIDv7 (RFC 9562, section 5.7), which sort by time."""

import sys
from uuid import UUID

if sys.version_info >= (3, 14):
    from uuid import uuid7 as _uuid7
else:
    from uuid_utils.compat import uuid7 as _uuid7


def uuid7() -> UUID:
    """Return a new key. Keys that one process makes are strictly increasing."""
    return _uuid7()
