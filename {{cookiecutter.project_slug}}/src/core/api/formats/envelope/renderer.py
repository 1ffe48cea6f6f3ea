"""Bodies as the client gets them."""

from collections.abc import Mapping
from typing import Any

from rest_framework.renderers import JSONRenderer


class Renderer(JSONRenderer):
    """Puts what a view answers under ``data``. Errors arrive here in their envelope already."""

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        response = (renderer_context or {}).get("response")
        has_no_body = response is not None and response.status_code == 204
        is_error = response is not None and response.exception
        if not has_no_body and not is_error:
            data = {"success": True, "message": "", "data": data, "errors": []}
        return super().render(data, accepted_media_type, renderer_context)
