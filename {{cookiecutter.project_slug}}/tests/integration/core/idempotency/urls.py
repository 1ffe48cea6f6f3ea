"""A view that takes part, and answers as its request asks; besides the routes of the service."""

from collections.abc import Callable
from typing import Any, ClassVar
from uuid import uuid4

from django.contrib.auth.models import Group
from django.http import HttpResponse
from django.urls import include, path
from rest_framework.exceptions import Throttled
from rest_framework.permissions import AllowAny, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from config import urls
from core.errors import ConflictError
from core.idempotency.views import idempotent

handler500 = urls.handler500


class FullError(ConflictError):
    code = "full"


class GroupView(APIView):
    """Adds a group whose name begins as the body says, which is the effect that is counted.

    ``then`` is called after that, within the transaction. ``failures`` are raised instead of an
    answer, one at each call.
    """

    permission_classes = (IsAuthenticated,)

    failures: ClassVar[list[Exception]] = []
    then: ClassVar[list[Callable[[], Any]]] = []

    @idempotent
    def post(self, request: Request) -> Response | HttpResponse:
        group = Group.objects.create(name=f"{request.data['name']} {uuid4()}")
        if self.then:
            self.then.pop(0)()
        if self.failures:
            raise self.failures.pop(0)
        status = request.data.get("status", 201)
        headers = request.data.get("headers", {"Location": f"/groups/{group.pk}/"})
        if request.data.get("cookie"):
            response = Response(status=status)
            response.set_cookie("secret", "s3cret")
            return response
        if request.data.get("bare"):
            return HttpResponse("bare", content_type="text/plain")
        body = {"key": group.pk, "name": group.name} if status != 204 else None
        return Response(body, status=status, headers=headers)


class OpenView(APIView):
    """Lets everybody in."""

    permission_classes = (AllowAny,)

    @idempotent
    def post(self, request: Request) -> Response:
        return Response(status=204)


def made() -> list[str]:
    """Return how the names of the groups that the view has added begin."""
    names = Group.objects.filter(name__contains=" ").values_list("name", flat=True)
    return sorted(name.split()[0] for name in names)


FAILURES = {
    "refusal": FullError("No group fits in."),
    "throttle": Throttled(7),
    "crash": ZeroDivisionError(),
}

urlpatterns = [
    path("groups/", GroupView.as_view()),
    path("more-groups/", GroupView.as_view()),
    path("open/", OpenView.as_view()),
    path("", include(urls)),
]
