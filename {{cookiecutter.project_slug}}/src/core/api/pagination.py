"""Pages that stay fast however deep they are."""

from rest_framework.pagination import CursorPagination


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
