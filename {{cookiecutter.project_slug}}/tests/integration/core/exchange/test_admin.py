import pytest
from django.urls import reverse

from core.exchange.models import ExchangeJob
from tests.factories.users import UserFactory


@pytest.mark.django_db
def test_jobs_are_shown_and_not_changed(client):
    client.force_login(UserFactory(is_staff=True, is_superuser=True))
    job = ExchangeJob.objects.create(direction="export", resource="groups", format="csv")

    listed = client.get(reverse("admin:exchange_exchangejob_changelist"))
    shown = client.get(reverse("admin:exchange_exchangejob_change", args=[job.pk]))
    added = client.get(reverse("admin:exchange_exchangejob_add"))

    assert "groups" in listed.content.decode()
    assert 'name="_save"' not in shown.content.decode()
    assert added.status_code == 403
