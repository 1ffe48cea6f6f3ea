"""Lets Schemathesis use what a caller knows, in half of what it sends and in parts of the rest.

Else nearly every id that it makes up would be 404, and nearly every sign-in 401. CONTRACT_KNOWN
names the file that says what is known, see ``tests.contract.known``. Each operation takes what it
knows in turn, so that a few requests are enough for each to be accepted.

https://schemathesis.readthedocs.io/en/stable/guides/extending/
"""

import json
import os
import random
from collections import Counter
from pathlib import Path
from typing import Any

import schemathesis
from schemathesis import Case, HookContext

KNOWN = json.loads(Path(os.environ["CONTRACT_KNOWN"]).read_text("utf-8"))

_turns: dict[str, int] = {}
_cases_of: Counter[str] = Counter()


@schemathesis.hook
def map_case(context: HookContext, case: Case) -> Case:
    """Put what is known into ``case``: the same each time into the same case."""
    label = case.operation.label
    collection = case.operation.path.split("/")[3]
    seed = repr([label, case.path_parameters, case.query, case.headers, case.body])
    chance = random.Random(seed)  # noqa: S311 (no secret)
    turn = turn_of(seed, label)

    def known_or(made_up: Any, known: list[Any]) -> Any:
        if known and turn % 2 == 0:
            return known[turn // 2 % len(known)]
        return chance.choice(known) if known and chance.random() < 0.5 else made_up

    if case.path_parameters and "id" in case.path_parameters:
        ids = KNOWN["ids"].get(label) or KNOWN["ids"].get(collection, [])
        case.path_parameters["id"] = known_or(case.path_parameters["id"], ids)
    for name, value in KNOWN["headers"].get(label, {}).items():
        if case.headers and name in case.headers:
            case.headers[name] = known_or(case.headers[name], [value])
    case.body = known_or(case.body, KNOWN["bodies"].get(label, []))
    return case


def turn_of(case: str, label: str) -> int:
    """Return how many other cases the operation of ``label`` had before ``case``."""
    if case not in _turns:
        _turns[case] = _cases_of[label]
        _cases_of[label] += 1
    return _turns[case]
