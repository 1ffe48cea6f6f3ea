"""Customers who place orders, all through a fault."""

import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from uuid import UUID, uuid4

from apps.orders.models import Order, Product, Stock
from apps.users.models import User
from tests.e2e.authentication import Authentication
from tests.e2e.http import Answer, Client
from tests.e2e.processes import WebServer
from tests.factories.orders import ProductFactory
from tests.factories.users import UserFactory

CUSTOMERS = 8
# More than they order, so that an order that is placed twice takes it from nobody else.
STOCK = 1_000_000
RETRY_SECONDS = 0.2
# Longer than a process that was killed holds a key: IDEMPOTENCY_LEASE_SECONDS.
RETRIES_END_SECONDS = 90.0


class Load:
    """``orders`` are placed within ``seconds``, evenly, by eight customers at once.

    They go on like that until ``may_end`` is set, so that what is done to the service always meets them.
    """

    def __init__(
        self, web: WebServer, authentication: Authentication, *, orders: int, seconds: float
    ) -> None:
        self.orders = orders
        # Again under the same key where a 5xx is answered.
        self.retries = False
        self._pause = seconds / orders * CUSTOMERS
        self._product: Product = ProductFactory(stock__quantity=STOCK)
        self._customers: list[User] = UserFactory.create_batch(CUSTOMERS)
        self._clients = []
        for customer in self._customers:
            client = web.client()
            authentication.sign_in(client, customer)
            self._clients.append(client)
        self._lock = threading.Lock()
        self.may_end = threading.Event()
        self.statuses: Counter[int] = Counter()
        self.told: set[UUID] = set()

    def run(self) -> None:
        """Place the orders."""
        shares = [
            self.orders // CUSTOMERS + (at < self.orders % CUSTOMERS) for at in range(CUSTOMERS)
        ]
        with ThreadPoolExecutor(CUSTOMERS) as pool:
            list(pool.map(self._place_all, self._clients, shares))

    @property
    def answered(self) -> int:
        """How many orders were placed, or refused."""
        return self.statuses.total()

    def placed(self) -> list[Order]:
        """Return the orders that the database has; ``told`` are those that customers know of."""
        return list(Order.objects.filter(customer__in=self._customers))

    def taken(self) -> int:
        """Return how many pieces were taken from the shelves: one for each order, if all is well."""
        return STOCK - Stock.objects.get(product=self._product).quantity

    def _place_all(self, client: Client, share: int) -> None:
        due = time.monotonic()
        while share > 0 or not self.may_end.is_set():
            share -= 1
            time.sleep(max(0.0, due - time.monotonic()))
            due += self._pause
            answer = self._place(client)
            with self._lock:
                self.statuses[answer.status_code] += 1
                if answer.status_code == HTTPStatus.CREATED:
                    self.told.add(UUID(answer.headers["Location"].rstrip("/").rpartition("/")[2]))

    def _place(self, client: Client) -> Answer:
        key = str(uuid4())
        body = {"lines": [{"product": str(self._product.pk), "quantity": 1}]}
        end = time.monotonic() + RETRIES_END_SECONDS
        while True:
            answer = client.post("/api/v1/orders/", body, **{"Idempotency-Key": key})
            may_retry = answer.status_code >= 500 or answer.status_code == 409
            if not (self.retries and may_retry) or time.monotonic() > end:
                return answer
            time.sleep(RETRY_SECONDS)
