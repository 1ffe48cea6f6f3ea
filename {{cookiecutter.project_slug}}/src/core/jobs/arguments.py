"""What a task may be given: little, and nothing that another process would read otherwise."""

import json
from typing import Any

from django.conf import settings


def check_arguments(name: str, args: Any, kwargs: Any) -> None:
    """Refuse what must not travel in a message, in the process that sends it.

    Celery itself would write dates, UUIDs and decimals in a form of its own, and models as their
    text. An object is old when its task runs; an id leads to the row as it is then.

    Args:
        name: that of the task, for the errors.
        args: the positional arguments, or ``None``.
        kwargs: the arguments by name, or ``None``.

    Raises:
        TypeError: for what is no text, whole number, float, truth value, ``None``, list or dictionary.
        ValueError: for NaN and infinity, which JSON does not have; for a value that holds itself; for
            arguments of more than ``TASK_ARGUMENTS_MAX_BYTES`` as JSON.
    """

    def refuse(value: Any) -> None:
        kind = f"{type(value).__module__}.{type(value).__qualname__}"
        raise TypeError(
            f"Task {name} was given a {kind}, which is no JSON. Give it an id or a text, "
            f"for example str(user.pk)."
        )

    text = json.dumps([args or (), kwargs or {}], allow_nan=False, default=refuse)
    limit = settings.TASK_ARGUMENTS_MAX_BYTES
    if len(text) > limit:  # It is ASCII: a character is a byte.
        raise ValueError(
            f"Task {name} was given {len(text)} bytes of arguments, more than {limit}. "
            f"Keep them in the database, and give it their id."
        )
