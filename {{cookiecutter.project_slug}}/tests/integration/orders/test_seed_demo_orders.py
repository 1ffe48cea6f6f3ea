"""``manage.py seed_demo_orders``."""

import pytest
from django.core.management import CommandError, call_command

from apps.orders.models import Product, Stock

pytestmark = pytest.mark.django_db


def test_five_products_with_stock_however_often_it_runs(settings, capsys):
    settings.DEBUG = True

    call_command("seed_demo_orders")
    call_command("seed_demo_orders")

    assert Product.objects.count() == Stock.objects.filter(quantity__gt=0).count() == 5
    assert "CUP-300 is there already." in capsys.readouterr().out


def test_refused_where_debug_is_off():
    with pytest.raises(CommandError, match="DEBUG"):
        call_command("seed_demo_orders")

    assert not Product.objects.exists()
