"""A view that does not say who may call it refuses everybody."""

from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from rest_framework.permissions import IsAuthenticated
from rest_framework.response import Response
from rest_framework.test import APIRequestFactory, force_authenticate
from rest_framework.views import APIView

from core.api.permissions import ruled
from core.rules import EVERY, Rule

READ = Rule({"reader": EVERY, "writer": EVERY})
WRITE = Rule({"writer": EVERY})


class SilentView(APIView):
    """Names nobody."""

    throttle_classes = ()

    def get(self, request: Any) -> Response:
        return Response()

    def post(self, request: Any) -> Response:
        return Response()


class RuledView(SilentView):
    permission_classes = (ruled(read=READ, write=WRITE),)


class HalfRuledView(SilentView):
    permission_classes = (ruled(read=READ),)


class MethodView(SilentView):
    permission_classes = (ruled(read=READ, post=READ),)


def ask(view: type[APIView], method: str, *roles: str) -> int:
    request = getattr(APIRequestFactory(), method)("/")
    user = SimpleNamespace(pk=uuid4(), is_authenticated=True, acting_roles=frozenset(roles))
    force_authenticate(request, user)
    return view.as_view()(request).status_code


@pytest.mark.parametrize("method", ["get", "post", "options", "delete"])
def test_view_that_names_nobody_refuses_everybody(method: str) -> None:
    assert ask(SilentView, method, "reader", "writer") == 403


@pytest.mark.parametrize(
    ("view", "method", "roles", "status"),
    [
        (RuledView, "get", ["reader"], 200),
        (RuledView, "head", ["reader"], 200),
        (RuledView, "options", ["reader"], 200),
        (RuledView, "get", [], 403),
        (RuledView, "get", ["stranger"], 403),
        (RuledView, "post", ["reader"], 403),
        (RuledView, "post", ["stranger", "writer"], 200),
        (HalfRuledView, "post", ["reader", "writer"], 403),
        (MethodView, "post", ["reader"], 200),
        # There is nothing to refuse.
        (RuledView, "delete", [], 405),
    ],
)
def test_ruled_view_lets_in_the_roles_of_its_rules(
    view: type[APIView], method: str, roles: list[str], status: int
) -> None:
    assert ask(view, method, *roles) == status


def test_ruled_view_asks_who_calls_before_anything_else() -> None:
    [permission] = RuledView.permission_classes

    assert issubclass(permission, IsAuthenticated)
    assert RuledView.as_view()(APIRequestFactory().get("/")).status_code in {401, 403}
