"""Accounts in the admin site.

https://docs.djangoproject.com/en/stable/topics/auth/customizing/#custom-users-and-django-contrib-admin
"""

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.auth import logout
from django.contrib.auth.admin import UserAdmin as BaseUserAdmin
from django.contrib.auth.forms import AdminUserCreationForm
from django.contrib.auth.forms import UserChangeForm as BaseUserChangeForm
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse

from apps.users.errors import LastAdminError
from apps.users.models import User
from apps.users.services import account_erase


class UserAddForm(AdminUserCreationForm):  # type: ignore[type-arg]
    class Meta:
        model = User
        fields = ("email",)


class UserChangeForm(BaseUserChangeForm):  # type: ignore[type-arg]
    class Meta:
        model = User
        fields = "__all__"


@admin.register(User)
class UserAdmin(BaseUserAdmin):  # type: ignore[type-arg]
    form = UserChangeForm
    add_form = UserAddForm
    ordering = ("-id",)
    list_display = ("email", "first_name", "last_name", "is_active", "is_staff")
    list_filter = ("is_active", "is_staff", "groups")
    search_fields = ("email", "first_name", "last_name")
    readonly_fields = ("last_login", "created_at", "created_by", "updated_at", "updated_by")
    fieldsets = (
        (None, {"fields": ("email", "password")}),
        ("Person", {"fields": ("first_name", "last_name")}),
        (
            "Permissions",
            {"fields": ("is_active", "is_staff", "is_superuser", "groups", "user_permissions")},
        ),
        (
            "History",
            {"fields": ("last_login", "created_at", "created_by", "updated_at", "updated_by")},
        ),
    )
    add_fieldsets = ((None, {"fields": ("email", "usable_password", "password1", "password2")}),)
    actions = ("erase",)

    @admin.action(description="Erase, with all personal data", permissions=["delete"])
    def erase(self, request: HttpRequest, queryset: QuerySet[User]) -> HttpResponse | None:
        """Ask first, then erase each account in a transaction of its own."""
        if "confirmed" not in request.POST:
            context = {
                **self.admin_site.each_context(request),
                "title": "Erase accounts",
                "opts": self.opts,
                "accounts": queryset,
                "checkbox": ACTION_CHECKBOX_NAME,
            }
            return TemplateResponse(request, "admin/users/user/erase.html", context)
        erased = []
        for user_id in queryset.order_by("pk").values_list("pk", flat=True):
            try:
                account_erase(user_id=user_id)
            except LastAdminError as error:
                self.message_user(request, error.message, messages.ERROR)
            else:
                erased.append(user_id)
        if request.user.pk in erased:
            # Else the middleware would try to save the session, which is gone.
            logout(request)
            return redirect("admin:login")
        self.message_user(request, f"{len(erased)} accounts are erased.", messages.SUCCESS)
        return None
