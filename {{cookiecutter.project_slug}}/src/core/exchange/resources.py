"""The base of what apps exchange.

https://django-import-export.readthedocs.io/en/stable/api_resources.html
"""

from collections.abc import Collection, Iterator, Mapping
from typing import Any, ClassVar

from django.db.models import QuerySet
from import_export.fields import Field
from import_export.resources import ModelResource
from import_export.widgets import BooleanWidget

from core.records.bulk import lock_rows

# Databases take a limited number of values in one statement.
KEYS_PER_QUERY = 500
ROWS_PER_QUERY = 1_000


class ExchangeResource(ModelResource):  # type: ignore[misc]
    """A model's rows as rows of a file.

    Of an import, ``Meta.import_id_fields`` names one field: the natural key, by which a row of the
    file finds the one that it changes. ``example`` are the cells that the template file shows, by
    column. Of an export, ``visible_to`` says who sees what.
    """

    example: ClassVar[Mapping[str, Any]] = {}

    class Meta:
        clean_model_instances = True  # A row that breaks a rule gets its message, not a crash.

    def visible_to(self, *, user: Any) -> QuerySet[Any]:
        """Return the rows that ``user`` may take out."""
        raise NotImplementedError

    def headers(self) -> list[str]:
        """Return the columns of an export."""
        return [str(header) for header in self.get_export_headers()]

    def export_rows(self, queryset: QuerySet[Any]) -> Iterator[list[Any]]:
        """Yield the cells of each row, in the order of the primary key.

        Each query begins behind the last row: so neither this process nor the driver of the
        database holds them all, and no transaction stays open.
        """
        fields = self.get_export_fields()
        queryset = queryset.order_by("pk")
        page = list(queryset[:ROWS_PER_QUERY])
        while page:
            for instance in page:
                # Numbers and times as such: in XLSX they are, and text that looks so is told apart.
                yield [self.export_field(one, instance, force_native_type=True) for one in fields]
            if len(page) < ROWS_PER_QUERY:
                return
            page = list(queryset.filter(pk__gt=page[-1].pk)[:ROWS_PER_QUERY])

    def columns(self) -> list[str]:
        """Return the columns that an import reads, the natural key among them."""
        return [field.column_name for field in self.get_user_visible_fields() if not field.readonly]

    @property
    def key_field(self) -> Field:
        (name,) = self.get_import_id_fields()
        return self.fields[name]

    def lock(self, keys: Collection[Any]) -> dict[Any, Any]:
        """Return the instances that have these natural keys, locked in the order of ``lock_rows``."""
        name = self.key_field.attribute
        queryset = self.get_queryset()
        found: list[Any] = []
        for some in chunks(list(keys)):
            found += queryset.filter(**{f"{name}__in": some}).values_list("pk", flat=True)
        instances: dict[Any, Any] = {}
        for some in chunks(sorted(found)):
            locked = lock_rows(queryset, some).values()
            instances |= {getattr(instance, name): instance for instance in locked}
        return instances

    def import_field(self, field: Any, instance: Any, row: Any, *args: Any, **options: Any) -> None:
        """Read a cell.

        Raises:
            ValueError: which becomes the field's message, also for what the library would take
                for "no", or would report without naming the field.
        """
        widget = field.widget
        if isinstance(widget, BooleanWidget) and field.column_name in row:
            known = [*widget.TRUE_VALUES, *widget.FALSE_VALUES, *widget.NULL_VALUES]
            if row[field.column_name] not in known:
                raise ValueError("Enter 1 or 0.")
        try:
            super().import_field(field, instance, row, *args, **options)
        except ArithmeticError as error:  # (Decimal's own)
            raise ValueError("Enter a number.") from error


def chunks(values: list[Any]) -> Iterator[list[Any]]:
    """Yield ``values`` in parts that fit into one query."""
    for start in range(0, len(values), KEYS_PER_QUERY):
        yield values[start : start + KEYS_PER_QUERY]
