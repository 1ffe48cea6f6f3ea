"""Who may call what."""

from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from apps.users.selectors import user_is_administrator


class IsAdministrator(BasePermission):
    """Lets administrators in."""

    message = "Only administrators may do that."

    def has_permission(self, request: Request, view: APIView) -> bool:
        return user_is_administrator(user=request.user)
