"""What drf-spectacular cannot see of the views by itself."""

from typing import Any

from drf_spectacular.extensions import OpenApiSerializerExtension
from drf_spectacular.openapi import AutoSchema as SpectacularAutoSchema
from drf_spectacular.plumbing import force_instance
from drf_spectacular.utils import OpenApiParameter

from core.api.sparse import PARAMETER, SparseFieldsMixin


class AutoSchema(SpectacularAutoSchema):
    """Describes summaries, examples of fields, and ``fields`` where an output can be sparse.

    An example is what a serializer names in ``examples``, by the name of the field.

    https://drf-spectacular.readthedocs.io/en/stable/customization.html
    """

    def get_summary(self) -> str | None:
        """Return the first sentence of what the view says of itself."""
        text = " ".join(self.get_description().split())
        return text.partition(". ")[0].removesuffix(".") or None

    def _map_basic_serializer(self, serializer: Any, direction: Any) -> dict[str, Any]:
        schema: dict[str, Any] = super()._map_basic_serializer(  # type: ignore[no-untyped-call]
            serializer, direction
        )
        fields = force_instance(serializer).fields  # type: ignore[no-untyped-call]
        properties = schema.get("properties", {})
        examples = getattr(serializer, "examples", {})
        for name in properties.keys() & examples.keys():
            properties[name] = {**properties[name], "examples": [examples[name]]}
        for name, described in properties.items():
            if fields[name].read_only and "integer" in described.get("type", ()):
                # What a column can hold differs from database to database, and is no promise.
                for limit in ("minimum", "maximum", "format"):
                    described.pop(limit, None)
        return schema

    def get_override_parameters(self) -> list[Any]:
        parameters: list[Any] = list(super().get_override_parameters())
        output = self.get_response_serializers()
        if self.method == "GET" and isinstance(output, SparseFieldsMixin):
            parameters.append(
                OpenApiParameter(
                    PARAMETER,
                    {
                        "type": "array",
                        "items": {"type": "string", "enum": list(output.fields)},
                        "minItems": 1,
                    },
                    explode=False,
                    description="What to answer with; everything, if it is left out.",
                )
            )
        return parameters


class SparseOutput(OpenApiSerializerExtension):  # type: ignore[no-untyped-call]
    """Says of an output that can be sparse that each of its fields may be left out.

    https://drf-spectacular.readthedocs.io/en/stable/customization.html#step-5-extensions
    """

    target_class = SparseFieldsMixin
    match_subclasses = True

    def map_serializer(self, auto_schema: Any, direction: Any) -> dict[str, Any]:
        schema: dict[str, Any] = auto_schema._map_serializer(  # noqa: SLF001 (documented for extensions)
            self.target, direction, bypass_extensions=True
        )
        schema.pop("required", None)
        return schema
