"""Whose rows the database shows to a request: those of its user, and all to roles that work on them."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.functional import LazyObject, empty

from core.database.row_security.scope import NOBODY, SYSTEM, Scope, reaching
from core.rules import roles_of


class RowScopeMiddleware:
    """Lets each statement of a request reach the rows of its user, as far as that one is known by then.

    Until the view has authenticated the caller, nothing is reached. Nobody is asked for here: the
    user is where REST framework and Django put it when they know, see ``IdentityMiddleware``.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with reaching(lambda: scope_of_request(request)):
            return self.get_response(request)


def scope_of_request(request: HttpRequest) -> Scope:
    """Return whose rows ``request`` may reach at this moment."""
    user: Any = request.user
    while isinstance(user, LazyObject):
        user = vars(user)["_wrapped"]
    if user is empty or user.pk is None:
        return NOBODY
    return SYSTEM if _steps_over(request, user) else scope_of(user)


def scope_of(user: Any) -> Scope:
    """Return whose rows ``user`` may reach: all, with one of ``ROLES_THAT_REACH_ALL_ROWS``.

    Asking for roles would cost a query here. Rules ask for them before they let anybody see what
    belongs to others, so roles that nobody has asked for yet are not needed yet.
    """
    knows_roles = user.is_superuser or "groups" in getattr(user, "_prefetched_objects_cache", {})
    roles = roles_of(user) if knows_roles else frozenset()
    return Scope(user.pk, all_rows=not roles.isdisjoint(settings.ROLES_THAT_REACH_ALL_ROWS))


def _steps_over(request: HttpRequest, user: Any) -> bool:
    """Tell whether a request needs all rows, whatever the roles of its user.

    In the admin, permissions say who sees what. A view of the API names the methods in
    ``methods_reaching_all_rows``.
    """
    route = request.resolver_match
    if route is None:
        return False
    if "admin" in route.app_names:
        return bool(user.is_staff)
    view = getattr(route.func, "cls", None)
    return request.method in getattr(view, "methods_reaching_all_rows", ())
