"""A view that does what a test says, and filters nothing."""

from collections.abc import Callable
from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse
from django.urls import include, path
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from config import urls

handler500 = urls.handler500


class PlantedView(APIView):
    permission_classes = (AllowAny,)
    does: ClassVar[Callable[[Request], Any]]
    done: ClassVar[list[Any]] = []

    def get(self, request: Request) -> Response:
        PlantedView.done.append(PlantedView.does(request))
        return Response()


def page(request: HttpRequest) -> HttpResponse:
    """Do it as the admin does, which asks who it is first."""
    assert request.user.is_authenticated
    PlantedView.done.append(PlantedView.does(request))
    return HttpResponse()


urlpatterns: list[Any] = [
    path("planted/", PlantedView.as_view()),
    path("planted/admin/", include(([path("", page)], "admin"))),
    path("", include(urls)),
]
