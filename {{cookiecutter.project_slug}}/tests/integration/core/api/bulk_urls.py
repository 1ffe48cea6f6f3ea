"""A view set with bulk operations, on the one table that all services have."""

from collections.abc import Sequence
from typing import Any, TypedDict
from uuid import UUID

from django.contrib.auth import get_user_model
from django.db import transaction
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.routers import SimpleRouter

from config import urls
from core.api.bulk import BulkMixin, BulkServices
from core.errors import ConflictError, NotFoundError
from core.records.batch import Batch
from core.records.bulk import create_rows, lock_rows, update_rows

handler400 = urls.handler400
handler404 = urls.handler404
handler500 = urls.handler500

Account = get_user_model()


class ReservedError(ConflictError):
    code = "reserved"


class NewAccount(TypedDict):
    email: str
    first_name: str


class NewName(TypedDict):
    id: UUID
    first_name: str


@transaction.atomic
def create_many(*, batch: Batch[NewAccount]) -> Sequence[Any]:
    for index, item in batch.items.items():
        if item["email"].startswith("root@"):
            batch.refuse(index, ReservedError("Nobody is root.", field="email"))
        if item["first_name"] == "root":
            batch.refuse(index, ReservedError("Nobody is root.", field="first_name"))
    batch.raise_refused()
    rows = [Account(**item) for item in batch.items.values()]
    create_rows(rows)
    return rows


@transaction.atomic
def update_many(*, batch: Batch[NewName]) -> Sequence[Any]:
    rows = lock_rows(Account.objects.all(), [item["id"] for item in batch.items.values()])
    for index, item in batch.items.items():
        if item["id"] not in rows:
            batch.refuse(index, NotFoundError("Nobody has this id.", field="id"))
        else:
            rows[item["id"]].first_name = item["first_name"]
    batch.raise_refused()
    changed = [rows[item["id"]] for item in batch.items.values()]
    update_rows(changed, ["first_name"])
    return changed


@transaction.atomic
def delete_many(*, batch: Batch[UUID]) -> None:
    rows = lock_rows(Account.objects.all(), list(batch.items.values()))
    for index, key in batch.items.items():
        if key not in rows:
            batch.refuse(index, NotFoundError("Nobody has this id."))
    batch.raise_refused()
    Account.objects.filter(pk__in=rows).delete()


class AccountCreateInput(serializers.Serializer[Any]):
    email = serializers.EmailField()
    first_name = serializers.CharField(max_length=10)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["email"].startswith(attrs["first_name"]):
            raise serializers.ValidationError("The address gives the name away.", code="telling")
        return attrs


class AccountUpdateInput(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    first_name = serializers.CharField(max_length=10)


class AccountOutput(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    first_name = serializers.CharField()


class AccountViewSet(BulkMixin):
    """Accounts."""

    authentication_classes = ()
    permission_classes = (AllowAny,)
    serializer_class = AccountOutput
    bulk_create_input = AccountCreateInput
    bulk_update_input = AccountUpdateInput
    bulk_services = BulkServices(create=create_many, update=update_many, delete=delete_many)


router = SimpleRouter()
router.register("accounts", AccountViewSet, basename="account")
urlpatterns = router.urls
