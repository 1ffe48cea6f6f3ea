"""Makes the user of a request known to the code below it."""

from collections.abc import Callable
from uuid import UUID

from django.http import HttpRequest, HttpResponse

from core.identity.actor import acting_as


class IdentityMiddleware:
    """Acts for the user of the request, asked for late.

    Token authentication happens inside the API view, and DRF then puts the user on Django's
    request (``rest_framework.request.Request.user``): so does a session's user, without any view.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        def user_id() -> UUID | None:
            key: UUID | None = request.user.pk
            return key

        with acting_as(user_id):
            return self.get_response(request)
