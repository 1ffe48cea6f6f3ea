"""The combinations of answers that the template is tested with: ``python -m tools.combinations``.

There is a row for every cell of database x broker x auth x Django version, and those of them that
run everything hold together every pair of answers that can stand together (pairwise testing, a covering array of strength
two: https://csrc.nist.gov/projects/automated-combinatorial-testing-for-software).
"""

import importlib.util
import itertools
import json
import random
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

TEMPLATE = Path(__file__).resolve().parents[1]

# Every combination of these is a row of its own.
CELL_QUESTIONS = ("database", "broker", "auth", "django_version")
TRIES_PER_ROW = 20
STARTS_PER_ROW = 3
# Of the first 300 the one that makes the fewest rows: 17, where the two questions with the most
# answers need 16.
SEED = 27

MINIMAL: dict[str, str | bool] = {
    "license": "Proprietary",
    "database": "sqlite",
    "auth": "session",
    "example_app": False,
    "events": False,
    "import_export": False,
    "api_keys": False,
    "row_level_security": False,
    "kubernetes": "none",
    "ci": "none",
}
EVERYTHING: dict[str, str | bool] = {
    "example_app": True,
    "events": True,
    "import_export": True,
    "api_keys": True,
    "row_level_security": True,
}

Answer = str | bool
Answers = Mapping[str, Answer]
Pair = frozenset[tuple[str, Answer]]


@dataclass(frozen=True)
class Row:
    """One combination of answers; ``answers`` holds the questions with choices, all of them.

    A row that does not ``run_everything`` is there for its cell alone: it is baked and checked as
    every row is, but of its suite only what touches the database, the broker or the sign-in runs.
    """

    name: str
    answers: dict[str, Answer] = field(hash=False)
    runs_everything: bool = True

    @property
    def pairs(self) -> set[Pair]:
        """Every two answers that stand together in this row."""
        return pairs_of(self.answers)


def pairs_of(answers: Answers) -> set[Pair]:
    return {frozenset(pair) for pair in itertools.combinations(answers.items(), 2)}


def questions(template: Path = TEMPLATE) -> dict[str, list[Answer]]:
    """Return the answers of every question that has a choice, the default first.

    Free texts and private variables are left out: a row takes their defaults.
    """
    choices: dict[str, list[Answer]] = {}
    for name, value in json.loads((template / "cookiecutter.json").read_text("utf-8")).items():
        if name.startswith("_"):
            continue
        if isinstance(value, bool):
            choices[name] = [value, not value]
        elif isinstance(value, list):
            choices[name] = list(value)
    return choices


def impossible_parts(template: Path = TEMPLATE) -> list[dict[str, Answer]]:
    """Return the answers that cannot stand together, as the hook that refuses them has them."""
    path = template / "hooks" / "pre_gen_project.py"
    specification = importlib.util.spec_from_file_location("pre_gen_project", path)
    if specification is None or specification.loader is None:
        raise ImportError(f"{path} cannot be imported")
    hook = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(hook)
    return [dict(part) for part in hook.IMPOSSIBLE]


def is_possible(answers: Answers, impossible: Iterable[Mapping[str, Answer]]) -> bool:
    """Tell whether ``answers``, all or some of them, hold none of the ``impossible`` parts."""
    return not any(part.items() <= answers.items() for part in impossible)


def valid_pairs(
    choices: Mapping[str, list[Answer]], impossible: Iterable[Mapping[str, Answer]]
) -> set[Pair]:
    """Return every pair of answers to two questions that can stand together."""
    impossible = list(impossible)
    return {
        frozenset([(first, one), (second, other)])
        for first, second in itertools.combinations(choices, 2)
        for one in choices[first]
        for other in choices[second]
        if is_possible({first: one, second: other}, impossible)
    }


def cells(choices: Mapping[str, list[Answer]]) -> Iterator[dict[str, Answer]]:
    """Yield every combination of ``CELL_QUESTIONS``, the one of default answers first."""
    for combination in itertools.product(*(choices[name] for name in CELL_QUESTIONS)):
        yield dict(zip(CELL_QUESTIONS, combination, strict=True))


def covering_rows(
    choices: Mapping[str, list[Answer]], impossible: Iterable[Mapping[str, Answer]]
) -> list[Row]:
    """Return the rows, the same ones at every call: first those that run everything.

    They hold every valid pair, each in a cell of its own as long as there are cells; the cells that
    are left follow. The first row has the default answer to every question.
    """
    impossible = list(impossible)
    chance = random.Random(SEED)  # noqa: S311 (no secret is made)
    missing = valid_pairs(choices, impossible)
    open_cells = {_name(cell): cell for cell in cells(choices)}
    rows: list[Row] = []

    def add(answers: Answers, *, runs_everything: bool) -> None:
        name = _name(answers)
        if open_cells.pop(name, None) is None:
            name += f"-{len(rows) + 1}"
        ordered = {question: answers[question] for question in choices}
        rows.append(Row(name, ordered, runs_everything))
        missing.difference_update(rows[-1].pairs)

    add({question: answers[0] for question, answers in choices.items()}, runs_everything=True)
    while missing:
        starts = [dict(chance.choice(sorted(missing, key=sorted))) for _ in range(STARTS_PER_ROW)]
        found = [_fill(start, choices, impossible, missing, chance) for start in starts]
        # In a cell that is open yet, if one of them is; then the one that holds most.
        add(
            max(
                found,
                key=lambda row: (_name(row) in open_cells, len(pairs_of(row) & missing)),
            ),
            runs_everything=True,
        )
    for cell in list(open_cells.values()):
        add(_fill(cell, choices, impossible, missing, chance), runs_everything=False)
    return rows


def _name(answers: Answers) -> str:
    """Return the name of the cell that ``answers`` are in."""
    return "-".join(str(answers[question]) for question in CELL_QUESTIONS)


def _fill(
    fixed: Answers,
    choices: Mapping[str, list[Answer]],
    impossible: list[Mapping[str, Answer]],
    missing: set[Pair],
    chance: random.Random,
) -> dict[str, Answer]:
    """Return ``fixed`` with the other questions answered so that many ``missing`` pairs are held.

    Greedy: the questions are answered one by one in several random orders, each with the answer
    that brings the most missing pairs with those before it; the best order wins.
    """
    open_questions = [question for question in choices if question not in fixed]
    best: dict[str, Answer] = {}
    best_gain = -1
    for _ in range(TRIES_PER_ROW):
        chance.shuffle(open_questions)
        answers = dict(fixed)
        for question in open_questions:
            possible = [
                answer
                for answer in chance.sample(choices[question], len(choices[question]))
                if is_possible({**answers, question: answer}, impossible)
            ]
            answers[question] = max(
                possible,
                key=lambda answer: sum(
                    frozenset([(question, answer), item]) in missing for item in answers.items()
                ),
            )
        gain = len(pairs_of(answers) & missing)
        if gain > best_gain:
            best, best_gain = answers, gain
    return best


def rows() -> list[Row]:
    """Return the rows that this template is tested with."""
    return covering_rows(questions(), impossible_parts())


def named_rows() -> list[Row]:
    """Return rows that have a name of their own beside the covering ones.

    ``defaults`` has every default answer, ``minimal`` the least that can be baked, ``everything``
    all that can be switched on.
    """
    defaults = {name: answers[0] for name, answers in questions().items()}
    return [
        Row("defaults", defaults),
        Row("minimal", {**defaults, **MINIMAL}),
        Row("everything", {**defaults, **EVERYTHING}),
    ]


def main() -> int:
    """Print the rows and what they cover."""
    every_row = rows()
    held = set().union(*(row.pairs for row in every_row if row.runs_everything))
    for row in every_row:
        others = [f"{name}={answer}" for name, answer in row.answers.items()]
        print(f"{row.name}: {', '.join(others)}")
    valid = valid_pairs(questions(), impossible_parts())
    print(f"{len(every_row)} rows, {len(held & valid)} of {len(valid)} valid pairs")
    return 0


if __name__ == "__main__":
    sys.exit(main())
