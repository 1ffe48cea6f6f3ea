"""How much is measured: enough for figures, or just enough to see that all of it works."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Size:
    """Numbers of rows and rounds.

    Attributes:
        rounds: of each side, taking turns.
        seconds: of a round.
        workers: processes of gunicorn.
        clients: requests under way at a time; pages and bulks are asked for one by one.
        users: customers who ask. With a thousand, the throttle counts few requests of each.
        orders: of each customer.
        products: in the catalogue.
        rows: of the long list.
        page_size: so that the long list has 50,000 pages.
        bulk: how many products one request makes, at most; the same number is posted one by one.
        tasks: of a round.
        events: queued at a time.
        published: events a second, for ``steady_seconds``.
        worked: tasks after which memory is read, twice.
    """

    rounds: int = 11
    seconds: float = 2
    workers: int = 2
    clients: int = 16
    users: int = 1_000
    admins: int = 1_000
    orders: int = 60
    products: int = 500
    rows: int = 1_000_000
    page_size: int = 20
    bulk: int = 1_000
    tasks: int = 500
    events: int = 10_000
    published: float = 10
    steady_seconds: float = 20
    worked: tuple[int, int] = (2_000, 20_000)


TINY = Size(
    rounds=1,
    seconds=0.3,
    workers=1,
    clients=2,
    users=20,
    admins=20,
    orders=3,
    products=20,
    rows=2_000,
    bulk=20,
    tasks=20,
    events=200,
    steady_seconds=0.5,
    worked=(20, 60),
)
