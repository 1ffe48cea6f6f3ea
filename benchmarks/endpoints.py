"""Three requests, to the service and to a bare project: users/me, order list, order placement."""

import contextlib
import itertools
import random
import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field

from benchmarks import load
from benchmarks.load import Question
from benchmarks.size import Size
from benchmarks.stage import Server, Stage, StageError
from benchmarks.table import Line, at_least, at_most, median_ratio, percentile

SIDES = ("service", "bare")
WARM_UP_REQUESTS = 200
LINES_PER_ORDER = 3
READ_BUDGET = 0.8
MEMORY_BUDGET = 1.2


@dataclass(frozen=True)
class Endpoint:
    """A request with the status of its answer; ``budget`` is the least share of the bare rate."""

    name: str
    status: int
    questions: Sequence[Question]
    budget: float | None


@dataclass
class Rounds:
    """What one side did, an item for each round; ``latencies`` in seconds, of all rounds."""

    rates: list[float] = field(default_factory=list)
    cpu_milliseconds: list[float] = field(default_factory=list)
    client_shares: list[float] = field(default_factory=list)
    latencies: list[float] = field(default_factory=list)


def measure(stage: Stage, size: Size) -> list[Line]:
    """Return the figures of all endpoints, and what a worker needs in memory after that."""
    seeded = stage.seed(size)
    asked = endpoints(seeded["tokens"], seeded["products"])
    queries = [query_counts(stage, side, asked) for side in SIDES]
    lines: list[Line] = []
    with contextlib.ExitStack() as ends:
        servers = {side: ends.enter_context(stage.server(side, size)) for side in SIDES}
        for endpoint, *counts in zip(asked, *queries, strict=True):
            lines += compared(stage, servers, endpoint, size)
            lines.append(Line(f"{endpoint.name}, queries", *map(str, counts)))
        megabytes = [servers[side].worker_megabytes() for side in SIDES]
    ratio = megabytes[0] / megabytes[1]
    texts = [f"{value:.1f}" for value in megabytes]
    return [*lines, at_most("memory per worker, MB", texts[0], texts[1], ratio, MEMORY_BUDGET)]


def endpoints(tokens: Sequence[str], products: Sequence[str]) -> list[Endpoint]:
    """Return what is asked, by each customer in turn."""
    draw = random.Random(0)  # noqa: S311 (the same orders in each run)
    me = [Question("GET", "/api/v1/users/me/", token) for token in tokens]
    orders = [Question("GET", "/api/v1/orders/", token) for token in tokens]
    placed = [
        Question("POST", "/api/v1/orders/", token, order_of(draw.sample(products, LINES_PER_ORDER)))
        for token in tokens
    ]
    return [
        Endpoint("users/me", 200, me, READ_BUDGET),
        Endpoint("order list", 200, orders, READ_BUDGET),
        Endpoint("order placement", 201, placed, None),
    ]


def order_of(products: Sequence[str]) -> dict[str, object]:
    return {"lines": [{"product": product, "quantity": 1} for product in products]}


def query_counts(stage: Stage, side: str, asked: Sequence[Endpoint]) -> list[int]:
    """Return how many queries a request of each endpoint makes, the second of its kind.

    Raises:
        StageError: if one is not answered as it should be.
    """
    answers = stage.ask([one for endpoint in asked for one in endpoint.questions[:2]], side=side)
    counts = []
    for endpoint, first, second in zip(asked, answers[::2], answers[1::2], strict=True):
        for answer in (first, second):
            if answer["status"] != endpoint.status:
                raise StageError(f"{side}, {endpoint.name}: {answer['status']} {answer['body']}")
        counts.append(len(second["queries"]))
    return counts


def compared(
    stage: Stage, servers: dict[str, Server], endpoint: Endpoint, size: Size
) -> list[Line]:
    """Return the figures of ``endpoint``: medians of the rounds, and of their ratios."""
    for side in SIDES:
        requests = itertools.islice(load.encoded(endpoint.questions, stage.host), WARM_UP_REQUESTS)
        load.run(servers[side].port, requests, status=endpoint.status, clients=size.clients)
    rounds = {side: Rounds() for side in SIDES}
    for number in range(size.rounds):
        for side in SIDES if number % 2 else reversed(SIDES):
            play(stage, servers[side], endpoint, size, rounds[side])
    service, bare = rounds.values()
    rate = (
        f"{endpoint.name}, requests/s",
        *(f"{statistics.median(one.rates):,.0f}" for one in (service, bare)),
        median_ratio(service.rates, bare.rates),
    )
    lines = [Line(*rate) if endpoint.budget is None else at_least(*rate, endpoint.budget)]
    for percent in (50, 99):
        ours, theirs = (percentile(one.latencies, percent) * 1000 for one in (service, bare))
        what = f"{endpoint.name}, p{percent}, ms"
        lines.append(Line(what, f"{ours:.1f}", f"{theirs:.1f}", ours / theirs))
    for what, ours, theirs in (
        ("CPU of the workers, ms/request", service.cpu_milliseconds, bare.cpu_milliseconds),
        ("CPU of the client, cores", service.client_shares, bare.client_shares),
    ):
        texts = [f"{statistics.median(values):.2f}" for values in (ours, theirs)]
        lines.append(Line(f"{endpoint.name}, {what}", *texts, median_ratio(ours, theirs)))
    return lines


def play(stage: Stage, server: Server, endpoint: Endpoint, size: Size, rounds: Rounds) -> None:
    """Ask ``server`` for ``size.seconds``; add the figures to ``rounds``."""
    cpu = server.cpu_seconds()
    requests = load.encoded(endpoint.questions, stage.host)
    done = load.run(
        server.port, requests, status=endpoint.status, clients=size.clients, seconds=size.seconds
    )
    used = server.cpu_seconds() - cpu
    rounds.rates.append(done.rate)
    rounds.cpu_milliseconds.append(used * 1000 / done.answers)
    rounds.client_shares.append(done.client_share)
    rounds.latencies += done.latencies
