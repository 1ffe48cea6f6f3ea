"""Letters to work with."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from core.dead_letters.letters import Letter
from core.dead_letters.models import DeadLetter, Reason
from core.dead_letters.services import dead_letter_keep

# Any task of the service that does no harm.
TASK = "core.audit.tasks.audit_purge"


@pytest.fixture
def make_letter() -> Callable[..., DeadLetter]:
    """Return a function that keeps a letter of a task that exists, ``age`` days old."""

    def make(*, age: int = 0, **told: Any) -> DeadLetter:
        at = (timezone.now() - timedelta(days=age)).isoformat()
        defaults = {"task": TASK, "task_id": str(uuid4()), "queue": "bulk", "at": at}
        defaults |= {"reason": Reason.FAILED, "error": "ValueError", "message": "Why."}
        return dead_letter_keep(letter=Letter(**(defaults | told)))

    return make
