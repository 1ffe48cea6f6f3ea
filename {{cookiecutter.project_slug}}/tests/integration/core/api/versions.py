"""A view in two versions side by side, as a service has them while clients change over."""

from datetime import date
from typing import Any

from django.urls import include, path
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularJSONAPIView
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.views import APIView

from config import urls
from core.api.deprecation import deprecated
from core.errors import ConflictError

handler404 = urls.handler404
LINK = "https://example.com/changes#cups"


class CupOutput(serializers.Serializer[Any]):
    volume_ml = serializers.IntegerField()
    url = serializers.URLField()


class CupOutputV1(serializers.Serializer[Any]):
    size = serializers.CharField()
    url = serializers.URLField()


class CupView(APIView):
    """The newest version: the older one derives from it."""

    permission_classes = (AllowAny,)

    @extend_schema(operation_id="cup", responses=CupOutput)
    def get(self, request: Request) -> Response:
        return Response({"volume_ml": 300, "url": reverse("cup", request=request)})

    @extend_schema(operation_id="cup_break", request=None, responses={204: None})
    def post(self, request: Request) -> Response:
        raise ConflictError("The cup is broken already.")


@deprecated(since=date(2027, 1, 1), sunset=date(2027, 7, 1), link=LINK)
class CupViewV1(CupView):
    """As it was."""

    @extend_schema(operation_id="cup", responses=CupOutputV1)
    def get(self, request: Request) -> Response:
        return Response({"size": "large", "url": reverse("cup", request=request)})


class JugView(APIView):
    """Of which a single method is deprecated."""

    permission_classes = (AllowAny,)

    @extend_schema(operation_id="jug", responses={204: None})
    def get(self, request: Request) -> Response:
        return Response(status=204)

    @deprecated(since=date(2027, 1, 1), link=LINK)
    @extend_schema(operation_id="jug_fill", request=None, responses={204: None})
    def post(self, request: Request) -> Response:
        if request.query_params:
            raise ConflictError("The jug is full.")
        return Response(status=204, headers={"Link": '</jugs/2/>; rel="next"'})


v1 = [path("cup/", CupViewV1.as_view(), name="cup"), path("jug/", JugView.as_view(), name="jug")]
v2 = [path("cup/", CupView.as_view(), name="cup"), path("jug/", JugView.as_view(), name="jug")]

urlpatterns = [
    path("api/v1/", include(v1)),
    path("api/v2/", include((v2, "v2"))),
    path("api/schema/", SpectacularJSONAPIView.as_view(), name="schema"),
    path("api/v2/schema/", SpectacularJSONAPIView.as_view(api_version="v2"), name="schema-v2"),
]
