"""Views that fail in every way that the error contract covers, besides the routes of the service."""

from dataclasses import asdict
from typing import Any
from uuid import UUID

from django.contrib.auth import get_user_model
from django.core.exceptions import BadRequest, PermissionDenied
from django.db.models.functions import Length
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import include, path
from rest_framework import serializers
from rest_framework.generics import ListAPIView, RetrieveAPIView
from rest_framework.permissions import AllowAny, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import SimpleRateThrottle
from rest_framework.views import APIView

from config import urls
from core.api.refusals import InvalidParameterError
from core.api.sparse import SparseFieldsMixin
from core.errors import ApplicationError, ConflictError, ForbiddenError, NotFoundError
from core.identity.origin import current_origin
from core.identity.trace import current_trace

handler400 = urls.handler400
handler403 = urls.handler403
handler404 = urls.handler404
handler500 = urls.handler500

SECRET = "s3cret-that-nobody-may-see"


class OutOfStockError(ConflictError):
    code = "out_of_stock"


FAILURES: dict[str, Exception] = {
    "not-found": NotFoundError("There is no such cup."),
    "forbidden": ForbiddenError("This cup is somebody else's."),
    "conflict": ConflictError("The cup is broken."),
    "own-code": OutOfStockError("No cup is left."),
    "own-code-field": OutOfStockError("No cup is left.", field="lines.1"),
    "refused": ApplicationError("Cups are not sold on Sundays."),
    "refused-field": ApplicationError("One cup at least.", field="lines.0.quantity"),
    "django-404": Http404(SECRET),
    "django-403": PermissionDenied(SECRET),
    "django-400": BadRequest(SECRET),
    "parameter": InvalidParameterError({"colour": ["No such colour."]}, code="invalid_choice"),
    "crash": RuntimeError(SECRET),
}


class FailingView(APIView):
    """Raises the failure that the path names."""

    authentication_classes = ()
    permission_classes = (AllowAny,)

    def get(self, request: Request, failure: str) -> Response:
        raise FAILURES[failure]


class OriginView(APIView):
    """Says where it was asked from."""

    authentication_classes = ()
    permission_classes = (AllowAny,)

    def get(self, request: Request) -> Response:
        trace = current_trace()
        assert trace is not None
        return Response({**asdict(current_origin()), **trace.headers})


class LineInput(serializers.Serializer[Any]):
    quantity = serializers.IntegerField(min_value=1)


class OrderInput(serializers.Serializer[Any]):
    email = serializers.EmailField()
    lines = LineInput(many=True)


class EchoView(APIView):
    """Takes an order, and answers with it."""

    authentication_classes = ()
    permission_classes = (AllowAny,)

    def post(self, request: Request) -> Response:
        order = OrderInput(data=request.data)
        order.is_valid(raise_exception=True)
        return Response(order.validated_data)

    def delete(self, request: Request) -> Response:
        return Response(status=204)


class ClosedView(APIView):
    """Lets in who has signed in, but nobody of them either."""

    permission_classes = (IsAuthenticated,)

    def get(self, request: Request) -> Response:
        self.permission_denied(request)


class OncePerMinute(SimpleRateThrottle):
    scope = "once"
    rate = "1/min"

    def get_cache_key(self, request: Request, view: APIView) -> str:
        return "core.api.once"


class ThrottledView(EchoView):
    """Answers once in a minute."""

    throttle_classes = (OncePerMinute,)


class UserRefOutput(SparseFieldsMixin, serializers.Serializer[Any]):
    id = serializers.UUIDField()
    email = serializers.EmailField()


class UserOutput(SparseFieldsMixin, serializers.Serializer[Any]):
    id = serializers.UUIDField()
    first_name = serializers.CharField()
    actor = UserRefOutput(source="created_by")


class PagedView(ListAPIView[Any]):
    """Lists the accounts."""

    authentication_classes = ()
    permission_classes = (AllowAny,)
    queryset = (
        get_user_model().objects.select_related("created_by").annotate(letters=Length("first_name"))
    )
    serializer_class = UserOutput
    ordering_fields = ("first_name", "last_login", "letters")


class OneView(RetrieveAPIView[Any]):
    """Shows an account, or takes it."""

    authentication_classes = ()
    permission_classes = (AllowAny,)
    queryset = get_user_model().objects.all()
    serializer_class = UserOutput

    def post(self, request: Request, pk: UUID) -> Response:
        return self.get(request)


class CarelessView(PagedView):
    """Lists the accounts, and asks for each who made it."""

    queryset = get_user_model().objects.all()


def crash(request: HttpRequest) -> HttpResponse:
    """Fail outside of the API."""
    raise RuntimeError(SECRET)


def deny(request: HttpRequest) -> HttpResponse:
    """Refuse outside of the API."""
    raise PermissionDenied(SECRET)


def form(request: HttpRequest) -> HttpResponse:
    """Read a form outside of the API."""
    return HttpResponse(len(request.POST))


def bare(request: HttpRequest, status: int) -> HttpResponse:
    """Refuse with a page, as views of other packages do."""
    response = HttpResponse(f"<h1>{SECRET}</h1>", status=status, headers={"X-Kept": "yes"})
    response.set_cookie("kept", "yes")
    return response


class ReturningView(APIView):
    """Returns an error in a shape of its own."""

    authentication_classes = ()
    permission_classes = (AllowAny,)

    def get(self, request: Request, status: int) -> Response:
        response = Response({"error": SECRET}, status=status, headers={"X-Kept": "yes"})
        response.set_cookie("kept", "yes")
        return response


urlpatterns = [
    path("fail/<failure>/", FailingView.as_view()),
    path("origin/", OriginView.as_view()),
    path("echo/", EchoView.as_view()),
    path("closed/", ClosedView.as_view()),
    path("throttled/", ThrottledView.as_view()),
    path("paged/", PagedView.as_view()),
    path("paged/other/", PagedView.as_view()),
    path("paged/<uuid:pk>/", OneView.as_view()),
    path("careless/", CarelessView.as_view()),
    path("crash/", crash),
    path("deny/", deny),
    path("form/", form),
    path("api/crash/", crash),
    path("api/bare-<int:status>/", bare),
    path("api/returned-<int:status>/", ReturningView.as_view()),
    path("", include(urls)),
]
