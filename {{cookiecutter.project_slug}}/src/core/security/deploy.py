"""Checks for ``manage.py check --deploy``: each has an id, a hint and a link, and stands in TASKS.md.

https://docs.djangoproject.com/en/stable/topics/checks/
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django.core import checks

# What is wrong, a sentence for each fault.
Finder = Callable[[], Iterable[str]]

DEPLOY_CHECKS: dict[str, Callable[..., list[checks.CheckMessage]]] = {}


def deploy_check(
    identifier: str, *, hint: str, link: str, asks_database: bool = False
) -> Callable[[Finder], Finder]:
    """Register a function that yields what is wrong with the settings, or with the code.

    Args:
        identifier: ``ROOM.W001`` for what has to be mended, ``ROOM.I001`` for what somebody has to
            know. TASKS.md names it beside the item that it checks.
        hint: what to do.
        link: why, and how.
        asks_database: whether it runs with ``check --deploy --database default`` only.
    """
    level = checks.INFO if identifier.partition(".")[2].startswith("I") else checks.WARNING
    tag = checks.Tags.database if asks_database else checks.Tags.security

    def decorator(find: Finder) -> Finder:
        def run(*, databases: Sequence[str] | None = None, **_: Any) -> list[checks.CheckMessage]:
            if asks_database and not databases:
                return []
            return [
                checks.CheckMessage(level, sentence, hint=f"{hint} {link}", id=identifier)
                for sentence in find()
            ]

        DEPLOY_CHECKS[identifier] = run
        checks.register(run, tag, deploy=True)
        return find

    return decorator
