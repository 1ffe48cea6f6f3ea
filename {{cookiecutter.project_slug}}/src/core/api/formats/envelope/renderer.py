"""Bodies as the client gets them."""

from collections.abc import Mapping
from typing import Any

from rest_framework.renderers import JSONRenderer

from core.api.formats.envelope.meta import meta
from core.api.lists import Page

ERROR_MEDIA_TYPE = "application/json"


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
            data = envelope(data)
        return super().render(data, accepted_media_type, renderer_context)


def envelope(data: Any) -> dict[str, Any]:
    """Return ``data`` in its envelope; the rows of a page, with the links to its neighbours."""
    about = meta()
    if isinstance(data, Page):
        about = meta(pagination={name: data[name] for name in ("next", "previous")})
        data = data["results"]
    return {"success": True, "message": "", "data": data, "errors": [], "meta": about}
