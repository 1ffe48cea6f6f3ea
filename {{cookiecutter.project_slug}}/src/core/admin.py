"""What pages of the admin share."""

from typing import Any, ClassVar

from django.contrib import admin, messages
from django.contrib.admin.actions import delete_selected
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.response import TemplateResponse

from core.rules import Rule

# Rows that one click deletes at most. More is a job, with a plan and a backup.
DELETE_LIMIT = 100


class ReadOnly:
    """Shows rows; nobody adds, changes or deletes one here."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class RuledAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """A page for those for whom the rules of the app hold, in place of Django's permissions.

    ``see`` and ``write`` are the same rules that the API asks; who may not see a row has no page of it.
    """

    see: ClassVar[Rule]
    write: ClassVar[Rule]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return self.see.narrow(super().get_queryset(request), request.user)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.see.is_for(request.user)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return may(self.see, request, obj)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return may(self.write, request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return may(self.write, request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return may(self.write, request, obj)


def may(rule: Rule, request: HttpRequest, row: Any = None) -> bool:
    """Tell whether the caller may do it to ``row``; without one, whether at all."""
    return rule.is_for(request.user) if row is None else rule.allows(request.user, row)


@admin.action(permissions=["delete"], description="Delete selected %(verbose_name_plural)s")
def delete_few(page: Any, request: HttpRequest, rows: QuerySet[Any]) -> TemplateResponse | None:
    """Delete rows as Django does, which asks first; refuse more than ``DELETE_LIMIT`` at once."""
    if rows.count() > DELETE_LIMIT:
        text = f"At most {DELETE_LIMIT} rows can be deleted at once. Nothing was deleted."
        page.message_user(request, text, messages.ERROR)
        return None
    return delete_selected(page, request, rows)


# In place of Django's own, on all pages.
admin.site.add_action(delete_few, "delete_selected")
