"""Outputs of which a caller gets only what it asks for."""

from typing import Any

from rest_framework.permissions import SAFE_METHODS

from core.api.refusals import InvalidParameterError

PARAMETER = "fields"


class SparseFieldsMixin:
    """Lets callers choose what they read of an output: ``?fields=id,name``. Stands first in its bases.

    Fields of nested outputs come together. A write answers with everything: it would be done
    before its choice could be refused.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        request = kwargs.get("context", {}).get("request")
        if request is None or request.method not in SAFE_METHODS:
            return
        asked = request.query_params.get(PARAMETER)
        if asked is not None:
            self.keep_only(asked.split(","))

    def keep_only(self, names: list[str]) -> None:
        """Leave out all fields but those with ``names``.

        Raises:
            InvalidParameterError: if one of the names is none of this output's.
        """
        fields: dict[str, Any] = self.fields  # type: ignore[attr-defined]
        if not fields.keys() >= set(names):
            raise InvalidParameterError(
                {PARAMETER: f"Use some of: {', '.join(fields)}; with commas between them."},
                code="unknown_field",
            )
        for name in fields.keys() - set(names):
            fields.pop(name)
