"""The questions can be read, and their defaults are good answers."""

import json
from typing import Any

import pytest
from cookiecutter.generate import generate_context
from cookiecutter.prompt import prompt_for_config

from tests.baking import TEMPLATE, hook

CONTEXT_FILE = TEMPLATE / "cookiecutter.json"
DEFINITION: dict[str, Any] = json.loads(CONTEXT_FILE.read_text("utf-8"))
QUESTIONS = {name: value for name, value in DEFINITION.items() if not name.startswith("_")}
PROMPTS = DEFINITION["__prompts__"]


def answered(**answers: str) -> dict[str, Any]:
    """Return all that the hooks get to know, with ``answers`` and else the defaults."""
    context = generate_context(str(CONTEXT_FILE), extra_context=answers)
    return prompt_for_config(context, no_input=True)


def test_every_question_has_its_words_and_no_others():
    assert list(PROMPTS) == list(QUESTIONS)


@pytest.mark.parametrize("question", [name for name in QUESTIONS if name in PROMPTS])
def test_every_choice_has_its_words(question):
    expected = {"__prompt__", *QUESTIONS[question]} if isinstance(QUESTIONS[question], list) else ()
    named = set(PROMPTS[question]) if isinstance(PROMPTS[question], dict) else ()
    assert set(named) == set(expected)


def test_yes_and_no_are_booleans():
    choices = [set(value) for value in QUESTIONS.values() if isinstance(value, list)]
    assert not [one for one in choices if one & {"y", "n", "yes", "no", "true", "false"}]


def test_the_default_answers_are_accepted():
    assert list(hook("pre_gen_project").problems(answered())) == []


@pytest.mark.parametrize(
    ("project_name", "project_slug"),
    [
        ("My Service", "my_service"),
        ("Billing & Invoices (v2)", "billing_invoices_v2"),
        ("Größe", "grosse"),
        ("日本", "ri_ben"),
        ("🎉", "my_service"),
        ("word" + " word" * 39, "word_word_word_word_word_word_word_word"),
        ("w" * 200, "w" * 40),
    ],
)
def test_the_default_slug_is_made_from_the_name(project_name, project_slug):
    answers = answered(project_name=project_name)
    assert answers["project_slug"] == project_slug
    assert list(hook("pre_gen_project").problems(answers)) == []
