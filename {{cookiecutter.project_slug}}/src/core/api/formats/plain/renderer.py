"""Bodies as the client gets them."""

from collections.abc import Mapping
from typing import Any

from rest_framework.renderers import JSONRenderer

ERROR_MEDIA_TYPE = "application/problem+json"


class Renderer(JSONRenderer):
    """Renders JSON, and names problem details what they are."""

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        response = (renderer_context or {}).get("response")
        if response is not None and response.exception:
            response["Content-Type"] = ERROR_MEDIA_TYPE
        return super().render(data, accepted_media_type, renderer_context)
