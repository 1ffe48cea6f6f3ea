"""The Content-Security-Policy, by Django's own middleware."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.middleware.csp import ContentSecurityPolicyMiddleware

from core.security.headers import is_page


class PolicyMiddleware(ContentSecurityPolicyMiddleware):
    """Gives HTML ``SECURE_CSP_PAGES`` and all else ``SECURE_CSP``.

    A view with ``csp_override``, or that sets the header itself, is left alone:
    https://docs.djangoproject.com/en/stable/ref/csp/
    """

    def process_response(self, request: HttpRequest, response: Any) -> Any:
        if is_page(response):
            # Where the decorator leaves the policy of its view.
            vars(response).setdefault("_csp_config", settings.SECURE_CSP_PAGES)
        return super().process_response(request, response)
