"""A page of a list, before it gets the format of the service.

DRF's views load the renderers, which must know it, so it is apart from the pagination.
"""

from typing import Any


class Page(dict[str, Any]):
    """The rows of a page under ``results``, and the links ``next`` and ``previous``."""
