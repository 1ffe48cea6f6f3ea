"""A server that can stand still in the middle of an order, and who orders."""

import pytest

from apps.orders.models import Product
from apps.users.models import User
from tests.e2e.authentication import Authentication
from tests.e2e.http import Client
from tests.e2e.processes import Launcher, WebServer
from tests.factories.orders import ProductFactory
from tests.factories.users import UserFactory


@pytest.fixture
def user() -> User:
    return UserFactory()


@pytest.fixture
def product() -> Product:
    return ProductFactory(stock__quantity=10)


@pytest.fixture
def server(launcher: Launcher) -> WebServer:
    """Return a server with a single worker, which can stand still."""
    return launcher.web("tests.e2e.standstill:application", WEB_CONCURRENCY="1")


@pytest.fixture
def client(server: WebServer, authentication: Authentication, user: User) -> Client:
    client = server.client()
    authentication.sign_in(client, user)
    return client
