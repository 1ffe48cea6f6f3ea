"""A table to exchange that is there in every service."""

import pytest
from django.contrib.auth.models import Group

from core.exchange import registry
from core.exchange.resources import ExchangeResource


class GroupResource(ExchangeResource):
    class Meta:
        model = Group
        fields = ("name",)
        import_id_fields = ("name",)


@pytest.fixture(autouse=True)
def storage(settings, tmp_path):
    """Keep the files of the tests out of the project; return the folder that holds them."""
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


@pytest.fixture(autouse=True)
def groups(monkeypatch):
    """Let everybody exchange groups, and nothing else; start with none."""
    monkeypatch.setattr(registry, "_registered", {})
    registry.register("groups", GroupResource, lambda *, user: True)
    return Group.objects
