"""The rows of the matrix hold every pair of answers that can stand together."""

import itertools
import json

import pytest

from tests.baking import TEMPLATE
from tools import combinations
from tools.combinations import Row

CHOICES = combinations.questions()
IMPOSSIBLE = combinations.impossible_parts()
ROWS = combinations.rows()


def refused(answers: dict) -> bool:
    """The rules between answers, written down a second time, away from the hook."""
    is_too_old = answers.get("django_version") == "6.1" and answers.get("python_version") == "3.11"
    has_no_rows = answers.get("database", "postgresql") != "postgresql"
    return is_too_old or (has_no_rows and answers.get("row_level_security") is True)


def pairs_by_brute_force() -> set[tuple]:
    """Every two answers to different questions, straight from cookiecutter.json."""
    raw = json.loads((TEMPLATE / "cookiecutter.json").read_text("utf-8"))
    answers = [
        (question, answer)
        for question, value in raw.items()
        if not question.startswith("_")
        for answer in (
            [True, False] if isinstance(value, bool) else value if isinstance(value, list) else []
        )
    ]
    return {
        pair
        for pair in itertools.combinations(answers, 2)
        if pair[0][0] != pair[1][0] and not refused(dict(pair))
    }


def test_rows_that_run_everything_hold_every_valid_pair():
    expected = pairs_by_brute_force()
    whole = [row for row in ROWS if row.runs_everything]

    missing = {
        pair
        for pair in expected
        if not any(dict(pair).items() <= row.answers.items() for row in whole)
    }

    assert missing == set()
    assert len(expected) == len(combinations.valid_pairs(CHOICES, IMPOSSIBLE))


def test_rows_answer_every_question_with_one_of_its_choices():
    for row in ROWS:
        assert list(row.answers) == list(CHOICES), row.name
        assert all(answer in CHOICES[name] for name, answer in row.answers.items()), row.name


def test_rows_hold_nothing_impossible():
    assert [row.name for row in ROWS if refused(row.answers)] == []


def test_rows_have_every_cell_once_and_nothing_besides():
    cells = [
        tuple(row.answers[name] for name in ("database", "broker", "auth", "django_version"))
        for row in ROWS
    ]

    expected = itertools.product(
        ("postgresql", "mysql", "sqlite"),
        ("redis", "rabbitmq"),
        ("jwt", "oidc", "session"),
        ("5.2", "6.1"),
    )
    assert sorted(cells) == sorted(expected)
    assert len({row.name for row in ROWS}) == 36


def test_first_row_has_the_default_answers():
    assert ROWS[0].name == "postgresql-redis-jwt-5.2"
    assert ROWS[0].answers == {name: answers[0] for name, answers in CHOICES.items()}


def test_rows_are_the_same_at_every_call():
    assert combinations.rows() == ROWS


def test_named_rows_answer_every_question_and_are_possible():
    for row in combinations.named_rows():
        assert list(row.answers) == list(CHOICES)
        assert combinations.is_possible(row.answers, IMPOSSIBLE)


def test_pairs_that_no_cell_can_hold_get_rows_of_their_own():
    letters = [f"letter-{number}" for number in range(8)]
    choices = {**{name: CHOICES[name] for name in combinations.CELL_QUESTIONS}}
    choices |= {"first": list(letters), "second": list(letters)}

    rows = combinations.covering_rows(choices, [])

    held = set().union(*(row.pairs for row in rows))
    assert held == combinations.valid_pairs(choices, [])
    assert len({row.name for row in rows}) == len(rows) > 36


@pytest.mark.parametrize("question", CHOICES)
def test_coverage_notices_an_answer_that_no_row_has(question):
    """The coverage above can fail: without the rows of one answer, all its pairs are missing."""
    answer = CHOICES[question][-1]
    rows = [row for row in ROWS if row.answers[question] != answer]

    held = set().union(*(row.pairs for row in rows))

    valid = combinations.valid_pairs(CHOICES, IMPOSSIBLE)
    assert {pair for pair in valid if (question, answer) in pair} <= valid - held


def test_row_pairs_are_those_of_its_answers():
    row = Row("small", {"first": "a", "second": True, "third": "b"})

    assert row.pairs == {
        frozenset({("first", "a"), ("second", True)}),
        frozenset({("first", "a"), ("third", "b")}),
        frozenset({("second", True), ("third", "b")}),
    }
