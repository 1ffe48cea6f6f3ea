"""The seed locks hold all that a bake can need, from the public index alone."""

import re
import tomllib

import pytest

from tools import combinations, seed_lock

DJANGO_VERSIONS = ("5.2", "6.1")


def seed(django_version: str) -> str:
    return seed_lock.seed_path(django_version).read_text("utf-8")


@pytest.mark.parametrize("django_version", DJANGO_VERSIONS)
def test_seed_comes_from_the_public_index_and_bears_no_trace_of_a_machine(django_version):
    text = seed(django_version)

    assert seed_lock.foreign_sources(text) == []
    addresses = set(re.findall(r'https?://[^/"]+', text))
    assert addresses == {"https://pypi.org", "https://files.pythonhosted.org"}
    assert re.findall(r"file:|/root|/home|/opt|localhost|127\.0\.0\.1", text) == []


@pytest.mark.parametrize("django_version", DJANGO_VERSIONS)
def test_seed_is_of_its_django(django_version):
    versions = dict(seed_lock.versions(seed(django_version)))

    assert versions["django"].startswith(f"{django_version}.")


@pytest.mark.parametrize("row", combinations.rows(), ids=lambda row: row.name)
def test_seed_holds_every_requirement_of_every_row(row, bake_of):
    project = bake_of(row)

    table = tomllib.loads(project.text("pyproject.toml"))
    requirements = [*table["project"]["dependencies"], *table["dependency-groups"]["dev"]]
    needed = {re.match(r"[A-Za-z0-9-]+", requirement)[0] for requirement in requirements}
    held = dict(seed_lock.versions(seed(str(row.answers["django_version"]))))
    assert needed - held.keys() == set()


def test_foreign_sources_names_what_another_index_or_machine_gave():
    text = """
[[package]]
name = "django"
version = "5.2"
source = { registry = "https://mirror.invalid/simple" }
sdist = { url = "https://mirror.invalid/django-5.2.tar.gz" }

[[package]]
name = "celery"
version = "5.7"
source = { registry = "https://pypi.org/simple" }
wheels = [{ url = "https://files.pythonhosted.org/celery-5.7-py3-none-any.whl" }]

[[package]]
name = "seed"
version = "0.1.0"
source = { virtual = "." }
"""

    assert seed_lock.foreign_sources(text) == [
        "django: {'registry': 'https://mirror.invalid/simple'}",
        "https://mirror.invalid/django-5.2.tar.gz",
    ]


def table(dependencies: list[str], requires_python: str = ">=3.11") -> dict:
    return {
        "project": {
            "version": "0.1.0",
            "requires-python": requires_python,
            "dependencies": dependencies,
        },
        "dependency-groups": {"dev": ["pytest>=9"]},
        "tool": {"uv": {"package": False}},
    }


def test_union_needs_what_any_bake_needs():
    joined = seed_lock.union([table(["django", "mysqlclient"]), table(["django", "psycopg[pool]"])])

    assert joined["project"]["dependencies"] == ["django", "mysqlclient", "psycopg[pool]"]
    assert joined["project"]["name"] == "seed"
    assert joined["dependency-groups"] == {"dev": ["pytest>=9"]}


def test_union_refuses_bakes_that_ask_for_different_pythons():
    with pytest.raises(ValueError, match=r"differ in project\.requires-python"):
        seed_lock.union([table([]), table([], ">=3.12")])


def test_to_toml_is_read_back_as_it_was():
    joined = seed_lock.union([table(["uuid-utils>=1.2; python_version < '3.14'"])])

    assert tomllib.loads(seed_lock.to_toml(joined)) == joined
