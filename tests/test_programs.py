"""A program that tests need is found, or its absence is seen."""

import pytest

from tests.programs import find_program, installed_program, missing


def test_a_program_of_the_tests_own_is_found() -> None:
    assert installed_program("hadolint") == find_program("hadolint")


def test_an_absent_program_is_no_program() -> None:
    assert find_program("no-such-program") is None


def test_an_absent_program_fails_a_test_in_ci(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")

    with pytest.raises(pytest.fail.Exception, match="kustomize not found"):
        missing("kustomize")


def test_an_absent_program_skips_a_test_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CI", raising=False)

    with pytest.raises(pytest.skip.Exception, match=r"tools/fetch_programs.sh brings it"):
        missing("kustomize")
