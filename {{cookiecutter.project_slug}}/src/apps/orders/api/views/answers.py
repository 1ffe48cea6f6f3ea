"""Answers that the views of the shop share."""

from rest_framework import status
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer

from apps.orders.models import Order, Product


def created(output: BaseSerializer[Product] | BaseSerializer[Order], location: str) -> Response:
    """Return the answer to a request that made something that can be found at ``location``."""
    return Response(output.data, status.HTTP_201_CREATED, headers={"Location": location})
