"""Who may call what."""

from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.views import APIView


class IsAdministrator(IsAuthenticated):
    """Lets administrators in. Who is one the account says: ``is_administrator``."""

    message = "Only administrators may do that."

    def has_permission(self, request: Request, view: APIView) -> bool:
        return super().has_permission(request, view) and getattr(
            request.user, "is_administrator", False
        )
