"""How the pages that show the API's description are made."""

import re
from typing import Any

from rest_framework.renderers import TemplateHTMLRenderer

FOREIGN_LINK = re.compile(r'<link [^>]*href="https:[^>]*>')


class OwnLinksRenderer(TemplateHTMLRenderer):
    """Leaves out what a page would fetch from other servers, such as ReDoc's fonts from Google.

    The page shows without them, behind a firewall too, and no visitor is made known to others.
    """

    def render(self, *args: Any, **kwargs: Any) -> str:
        return FOREIGN_LINK.sub("", super().render(*args, **kwargs))
