"""External identities in the admin site: to look at, and to cut."""

from django.contrib import admin
from django.http import HttpRequest

from apps.users.authentication.oidc.models import ExternalIdentity


@admin.register(ExternalIdentity)
class ExternalIdentityAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("subject", "issuer", "user", "created_at")
    list_select_related = ("user",)
    search_fields = ("subject", "user__email")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(
        self, request: HttpRequest, obj: ExternalIdentity | None = None
    ) -> bool:
        return False
