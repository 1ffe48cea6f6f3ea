"""The Content-Security-Policy, by django-csp. From Django 6.0 on, Django has it itself."""

from typing import Any

from csp.middleware import CSPMiddleware, PolicyParts
from django.conf import settings
from django.http import HttpRequest

from core.security.headers import is_page


class PolicyMiddleware(CSPMiddleware):
    """Gives HTML ``SECURE_CSP_PAGES`` and all else ``SECURE_CSP``.

    A view with ``csp``, ``csp_replace`` or ``csp_update``, or that sets the header itself, has its own:
    https://django-csp.readthedocs.io/en/latest/decorators.html
    """

    def get_policy_parts(
        self,
        request: HttpRequest,
        response: Any,
        report_only: bool = False,  # noqa: FBT001, FBT002 (as django-csp calls it)
    ) -> PolicyParts:
        parts = super().get_policy_parts(request, response, report_only)
        if parts.config is None and not report_only and is_page(response):
            parts.config = settings.SECURE_CSP_PAGES
        return parts
