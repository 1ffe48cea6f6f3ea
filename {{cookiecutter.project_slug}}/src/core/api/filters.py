"""Filters of lists."""

from typing import Any

from django.db.models import QuerySet
from django_filters.rest_framework import DjangoFilterBackend
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.views import APIView

from core.api.refusals import InvalidParameterError


class FilterBackend(DjangoFilterBackend):  # type: ignore[misc]
    """Narrows a list by the view's ``filterset_class``, and refuses values that make no sense.

    https://django-filter.readthedocs.io/en/stable/guide/rest_framework.html
    """

    def filter_queryset(
        self, request: Request, queryset: QuerySet[Any], view: APIView
    ) -> QuerySet[Any]:
        try:
            narrowed: QuerySet[Any] = super().filter_queryset(request, queryset, view)
        except ValidationError as error:
            raise InvalidParameterError(error.detail) from error
        return narrowed
