"""Who may call what."""

from typing import TYPE_CHECKING, Any, ClassVar

from rest_framework.permissions import SAFE_METHODS, BasePermission, IsAuthenticated
from rest_framework.request import Request

from core.rules import Rule

if TYPE_CHECKING:
    from rest_framework.views import APIView  # Which itself loads what the settings name, as this.


class DenyAll(BasePermission):
    """Lets nobody in: what a view has that does not say who may call it."""

    message = "Nobody may do that."

    def has_permission(self, request: Request, view: "APIView") -> bool:
        return False


class RulePermission(IsAuthenticated):
    """Asks the rule for what the request does. What has no rule nobody may do. See ``ruled``."""

    message = "None of your roles may do that."

    read: ClassVar[Rule | None] = None
    write: ClassVar[Rule | None] = None
    actions: ClassVar[dict[str, Rule]] = {}

    def has_permission(self, request: Request, view: "APIView") -> bool:
        if not super().has_permission(request, view):
            return False
        if not hasattr(view, str(request.method).lower()):
            return True  # There is nothing to do: 405 says so.
        rule = self.rule_of(request, view)
        return rule is not None and rule.is_for(request.user)

    def rule_of(self, request: Request, view: "APIView") -> Rule | None:
        for name in (getattr(view, "action", None), str(request.method).lower()):
            if name in self.actions:
                return self.actions[name]
        return self.read if request.method in SAFE_METHODS else self.write


def ruled(
    *, read: Rule | None = None, write: Rule | None = None, **actions: Rule
) -> type[RulePermission]:
    """Return a permission class: ``permission_classes = (ruled(read=..., write=...),)``.

    Args:
        read, write: for the safe methods and for all others.
        actions: for those actions of a view set, or methods in lower case, that have a rule of
            their own.
    """
    rules: dict[str, Any] = {"read": read, "write": write, "actions": actions}
    return type("RulePermission", (RulePermission,), rules)
