"""Who may do what in the shop."""

from rest_framework.permissions import SAFE_METHODS, IsAuthenticated
from rest_framework.request import Request
from rest_framework.views import APIView

from apps.users.selectors import user_is_administrator


class ReadsOrIsAdministrator(IsAuthenticated):
    """Everybody who is signed in reads; administrators write."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        return super().has_permission(request, view) and (
            request.method in SAFE_METHODS or user_is_administrator(user=request.user)
        )
