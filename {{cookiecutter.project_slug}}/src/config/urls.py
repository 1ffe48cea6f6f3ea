"""The service's routes: each room and app brings its own."""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path

from core.security.admin_login import throttled

handler400 = "core.api.views.bad_request"
handler403 = "core.api.views.permission_denied"
handler404 = "core.api.views.not_found"
handler500 = "core.api.views.server_error"

urlpatterns = [
    # Before the page of the same name below.
    path(f"{settings.ADMIN_PATH}login/", throttled(admin.site.login)),
    path(settings.ADMIN_PATH, admin.site.urls),
    # % if cookiecutter.auth == "jwt"
    path(".well-known/", include("apps.users.authentication.jwt.well_known")),
    # % endif
    path("api/", include("core.api.urls")),
    path("api/v1/", include("apps.users.api.urls")),
    # % if cookiecutter.example_app
    path("api/v1/", include("apps.orders.api.urls")),
    # % endif
    path("api/v1/", include("core.progress.urls")),
    # % if cookiecutter.import_export
    path("api/v1/", include("core.exchange.urls")),
    # % endif
    # % if cookiecutter.api_keys
    path("api/v1/", include("core.security.api_keys.urls")),
    # % endif
]
