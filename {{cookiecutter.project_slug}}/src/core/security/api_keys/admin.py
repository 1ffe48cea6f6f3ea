"""All keys: to look at, and to revoke."""

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from core.security.api_keys.models import ApiKey
from core.security.api_keys.services import api_key_revoke


@admin.register(ApiKey)
class ApiKeyAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Keys are made by those who use them, so that nobody else ever sees one."""

    list_display = (
        *("name", "prefix", "user", "scopes"),
        *("expires_at", "revoked_at", "last_used_at", "last_used_from"),
    )
    list_select_related = ("user",)
    search_fields = ("name", "prefix", "user__email")
    fields = (
        *("name", "prefix", "former", "user", "scopes", "created_at"),
        *("expires_at", "revoked_at", "last_used_at", "last_used_from"),
    )
    actions = ("revoke",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: ApiKey | None = None) -> bool:
        return False

    def has_revoke_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("api_keys.change_apikey")

    @admin.action(description="Revoke", permissions=["revoke"])
    def revoke(self, request: HttpRequest, queryset: QuerySet[ApiKey]) -> None:
        for api_key in queryset:
            api_key_revoke(api_key=api_key)
        self.message_user(request, "The keys are revoked.", messages.SUCCESS)
