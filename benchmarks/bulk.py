"""One bulk request that makes 1,000 products against 1,000 requests that make one each."""

import itertools
import statistics
from collections.abc import Iterator

from benchmarks import load
from benchmarks.load import Question
from benchmarks.size import Size
from benchmarks.stage import Stage, StageError
from benchmarks.table import Line, median_ratio

PATH = "/api/v1/products/"
# Few are enough where the two are so far apart.
ROUNDS = 3


def measure(stage: Stage, size: Size) -> list[Line]:
    """Return the queries of bulk requests by their number of items, and both ways' seconds."""
    tokens = stage.seed(size)["admin_tokens"]
    numbers = itertools.count()
    counts = [size.bulk // 100 or 1, size.bulk // 10, size.bulk]
    asked = [bulk(tokens[0], numbers, count) for count in (1, *counts)]
    answers = stage.ask([*asked, single(tokens[0], numbers)])
    for answer in answers:
        if answer["status"] != 201:
            raise StageError(f"{PATH}: {answer['status']} {answer['body']}")
    # The first request of a process looks at more than its own rows.
    queries = [len(answer["queries"]) for answer in answers[1:]]
    each, one_by_one = queries[:-1], queries[-1]
    rounds: list[list[float]] = [[], []]
    with stage.server("service", size) as server:
        load.run(server.port, [single(tokens[0], numbers).encoded(stage.host)], status=201)
        for _ in range(min(size.rounds, ROUNDS)):
            at_once = [bulk(tokens[0], numbers, size.bulk)]
            in_turn = [
                single(token, numbers)
                for token in itertools.islice(itertools.cycle(tokens), size.bulk)
            ]
            for seconds, questions in zip(rounds, (at_once, in_turn), strict=True):
                requests = [question.encoded(stage.host) for question in questions]
                seconds.append(load.run(server.port, requests, status=201).seconds)
    together, apart = (statistics.median(each) for each in rounds)
    ratio = median_ratio(*rounds)
    of = " / ".join(f"{count:,}" for count in counts)
    return [
        Line(
            f"bulk of {of} products against one product, queries",
            " / ".join(map(str, each)),
            str(one_by_one),
            budget="constant",
            is_met=len(set(each)) == 1,
        ),
        Line(
            f"bulk of {size.bulk:,} against {size.bulk:,} posts, s",
            f"{together:.2f}",
            f"{apart:.2f}",
            ratio,
        ),
    ]


def product(numbers: Iterator[int]) -> dict[str, object]:
    number = next(numbers)
    return {"sku": f"BULK-{number}", "name": f"Product {number}", "price": "9.95", "quantity": 5}


def bulk(token: str, numbers: Iterator[int], count: int) -> Question:
    items = [product(numbers) for _ in range(count)]
    return Question("POST", f"{PATH}bulk/", token, {"items": items})


def single(token: str, numbers: Iterator[int]) -> Question:
    return Question("POST", PATH, token, product(numbers))
