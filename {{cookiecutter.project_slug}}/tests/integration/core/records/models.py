"""A deletable record, for tests."""

from typing import ClassVar

from django.db import models

from core.records.deletion import DeletableRecord


class Page(DeletableRecord):
    """A page of a book: no two living ones have the same slug."""

    slug = models.CharField(max_length=40)
    text = models.TextField(blank=True)
    parent = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.CASCADE, related_name="children"
    )

    class Meta:
        app_label = "records_tests"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["slug", "alive"],
                name="records_tests_page_slug_once",
                violation_error_message="There is a page with this slug already.",
            )
        ]

    def __str__(self) -> str:
        return self.slug
