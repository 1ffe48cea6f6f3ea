"""Page 1 against page 50,000 of a list of a million orders, which admins read."""

import itertools
import statistics
from collections.abc import Sequence

from benchmarks import load
from benchmarks.load import Question
from benchmarks.size import Size
from benchmarks.stage import Stage, StageError
from benchmarks.table import Line, at_most, median_ratio

# The default of the list, and what a caller may choose.
ORDERINGS = ("-id", "-created_at", "created_at")
BUDGET = 1.2
WARM_UP_REQUESTS = 20


def measure(stage: Stage, size: Size) -> list[Line]:
    """Return the time of a page by how deep it is, for each ordering, with how it is read."""
    tokens = stage.seed(size)["admin_tokens"]
    paths = stage.run(
        "benchmarks.inside.pages",
        {"rows": size.rows, "page_size": size.page_size, "orderings": ORDERINGS},
    )
    pages = {
        ordering: [[Question("GET", path, token) for token in tokens] for path in of_ordering]
        for ordering, of_ordering in paths.items()
    }
    plans = plans_of_deep_pages(stage, [deep[0] for _, deep in pages.values()], size)
    last = size.rows // size.page_size
    lines = []
    with stage.server("service", size) as server:
        for (ordering, (first, deep)), plan in zip(pages.items(), plans, strict=True):
            # In turn within a round, so that whatever disturbs falls on both.
            in_turn = [question for pair in zip(first, deep, strict=True) for question in pair]
            warm_up = itertools.islice(load.encoded(in_turn, stage.host), WARM_UP_REQUESTS)
            load.run(server.port, warm_up, status=200)
            rounds: list[list[float]] = [[], []]
            for _ in range(size.rounds):
                requests = load.encoded(in_turn, stage.host)
                done = load.run(server.port, requests, status=200, seconds=size.seconds)
                for page, milliseconds in enumerate(rounds):
                    milliseconds.append(statistics.median(done.latencies[page::2]) * 1000)
            shallow_text, deep_text = (f"{statistics.median(each):.2f}" for each in rounds)
            ratio = median_ratio(rounds[1], rounds[0])
            what = f"page {last:,} against page 1, {ordering}, p50, ms"
            lines.append(at_most(what, deep_text, shallow_text, ratio, BUDGET))
            lines.append(Line(f"  read by {plan}", ""))
    return lines


def plans_of_deep_pages(stage: Stage, questions: Sequence[Question], size: Size) -> list[str]:
    """Return how the database reads each page.

    Raises:
        StageError: if a page is not full, or not the last one, or its rows are found by no index.
    """
    plans = []
    for question, answer in zip(questions, stage.ask(questions), strict=True):
        if answer["status"] != 200 or answer["body"].count('"customer"') != size.page_size:
            raise StageError(f"{question.path}: {answer['status']} {answer['body']}")
        if '"next":null' not in answer["body"]:
            raise StageError(f"{question.path} is not the last page")
        plan = " < ".join(answer["plan"])
        if " using " not in plan:
            raise StageError(f"{question.path} is read without an index: {plan}")
        plans.append(plan)
    return plans
