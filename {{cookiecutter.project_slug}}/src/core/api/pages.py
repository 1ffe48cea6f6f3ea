"""How the pages that show the API's description are made, and what they may load."""

import re
from base64 import b64encode
from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import Any, ClassVar

from django.conf import settings
from django.templatetags.static import static
from rest_framework.renderers import TemplateHTMLRenderer

FOREIGN_LINK = re.compile(r'<link [^>]*href="https:[^>]*>')
ICON = "drf_spectacular_sidecar/swagger-ui-dist/favicon-32x32.png"
STYLE = re.compile(r"<style>(.*?)</style>", re.DOTALL)

Policy = dict[str, list[str]]


def hash_of(text: str) -> str:
    """Return the source by which a policy allows the inline style or script ``text``.

    https://www.w3.org/TR/CSP3/#external-hash
    """
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


# The least that Swagger UI works with.
POLICY: Policy = {**settings.SECURE_CSP_PAGES, "form-action": ["'none'"]}
# ReDoc makes its styles in an empty element, and searches in a worker. The logo of its maker, which
# it would fetch from cdn.redoc.ly, is refused: it then leaves it out.
REDOC_POLICY: Policy = {
    **POLICY,
    "style-src": [
        "'self'",
        hash_of(""),
        # Of the scroll bar in its menu.
        "'sha256-QMIg+bpjm3JdElJ388KYke01izlUW0UoNOeKjpMxdgc='",  # pragma: allowlist secret (a hash of a style)
    ],
    "worker-src": ["blob:"],
}


def header_of(policy: Policy, styles: Iterable[str]) -> str:
    """Return the Content-Security-Policy that allows the inline ``styles`` too."""
    sources = [*policy["style-src"], *map(hash_of, styles)]
    whole = {**policy, "style-src": sources}
    return "; ".join(f"{directive} {' '.join(names)}" for directive, names in whole.items())


class OwnFilesRenderer(TemplateHTMLRenderer):
    """Leaves out what a page would fetch from other servers, such as ReDoc's fonts from Google.

    The page shows without them, behind a firewall too, and no visitor is made known to others. Its
    Content-Security-Policy sees to the rest.
    """

    policy: ClassVar[Policy] = POLICY

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> str:
        context = renderer_context or {}
        page = FOREIGN_LINK.sub("", super().render(data, accepted_media_type, context))
        if 'rel="icon"' not in page:
            # Else a browser asks for /favicon.ico, which is not there.
            page = page.replace("</head>", f'<link rel="icon" href="{static(ICON)}"></head>')
        context["response"]["Content-Security-Policy"] = header_of(self.policy, STYLE.findall(page))
        return page

    def get_template_context(self, data: Any, renderer_context: Mapping[str, Any]) -> Any:
        # DRF would add to what an error says, which is then sent as it is.
        return super().get_template_context(dict(data), renderer_context)


class RedocRenderer(OwnFilesRenderer):
    """Allows what ReDoc needs besides."""

    policy = REDOC_POLICY
