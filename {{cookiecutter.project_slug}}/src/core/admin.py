"""What pages of the admin share."""

from typing import Any

from django.http import HttpRequest


class ReadOnly:
    """Shows rows; nobody adds, changes or deletes one here."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
