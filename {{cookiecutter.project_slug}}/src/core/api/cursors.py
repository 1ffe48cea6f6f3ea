"""Cursors: where in a list a page begins, signed so that nobody makes one up."""

from dataclasses import dataclass

from django.core import signing


@dataclass(frozen=True)
class Cursor:
    """A row that a page begins behind; before, if the list is read ``backwards``.

    ``value`` is that row's in the field that the list is ordered by, ``key`` is its primary key.
    Both are text, as in ``str()``.
    """

    value: str | None
    key: str
    backwards: bool = False


def cursor_encode(cursor: Cursor, *, scope: str) -> str:
    """Return ``cursor`` as text that fits into a URL and holds for ``scope`` only.

    https://docs.djangoproject.com/en/stable/topics/signing/
    """
    return _signer(scope).sign_object([cursor.value, cursor.key, cursor.backwards])


def cursor_decode(text: str, *, scope: str) -> Cursor:
    """Return the cursor that ``cursor_encode`` made ``text`` of.

    Raises:
        ValueError: for anything that it did not make for this ``scope``.
    """
    try:
        value, key, backwards = _signer(scope).unsign_object(text)
    except signing.BadSignature as error:
        raise ValueError(text) from error
    return Cursor(value, key, backwards)


def _signer(scope: str) -> signing.Signer:
    return signing.Signer(salt=f"core.api.cursors:{scope}")
