"""Pages that stay fast however deep they are."""

from uuid import UUID

from rest_framework.exceptions import NotFound
from rest_framework.pagination import Cursor, CursorPagination
from rest_framework.request import Request


class KeysetPagination(CursorPagination):
    """Pages by key, newest first: page 50,000 costs what page 1 costs.

    UUIDv7 keys grow with time, so ``-id`` is the order of creation. ``page_size`` in the query is
    1 to ``max_page_size``; a cursor is opaque.

    https://www.django-rest-framework.org/api-guide/pagination/#cursorpagination
    """

    ordering = "-id"
    page_size = 50
    max_page_size = 200
    page_size_query_param = "page_size"

    def decode_cursor(self, request: Request) -> Cursor | None:
        """Return where the page begins.

        Raises:
            NotFound: for a cursor that this class did not make; the database would stumble over it.
        """
        cursor: Cursor | None = super().decode_cursor(request)
        if cursor is not None and cursor.position is not None:
            try:
                UUID(str(cursor.position))
            except ValueError as error:
                raise NotFound(self.invalid_cursor_message) from error
        return cursor
