"""Each rule of the gate names the change that breaks readers of events, and lets pass what does not."""

import json
import subprocess
from copy import deepcopy

import pytest
from scripts import breaking_changes as shared
from scripts import breaking_events
from scripts.breaking_events import RULES, breaking_changes, main

OLD = {
    "cup.broke": {
        "1": {"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]},
        "2": {
            "type": "object",
            "properties": {"name": {"type": "string"}, "room": {"type": "string"}},
            "required": ["name"],
        },
    }
}


def without_event(new):
    del new["cup.broke"]


def without_version(new):
    del new["cup.broke"]["1"]


def without_field(new):
    del new["cup.broke"]["2"]["properties"]["room"]


def with_required_field(new):
    new["cup.broke"]["1"]["properties"]["day"] = {"type": "string", "format": "date"}
    new["cup.broke"]["1"]["required"] = ["day", "name"]


def with_other_type(new):
    new["cup.broke"]["2"]["properties"]["room"] = {"type": "integer"}


PLANTED = {
    "event-removed": (without_event, "cup.broke: the event is gone"),
    "version-removed": (without_version, "cup.broke 1: the version is gone"),
    "field-removed": (without_field, "cup.broke 2: the field room is gone"),
    "field-required": (with_required_field, "cup.broke 1: the field day is required now"),
    "type-changed": (with_other_type, "cup.broke 2: the field room is of another type"),
}


def test_every_rule_has_its_fault():
    assert PLANTED.keys() == RULES.keys()


@pytest.mark.parametrize("rule", PLANTED)
def test_change_that_breaks_is_named(rule):
    change, sentence = PLANTED[rule]
    new = deepcopy(OLD)
    change(new)

    assert breaking_changes(OLD, new) == [(rule, sentence)]


def test_new_event_version_and_optional_field_break_nobody():
    new = deepcopy(OLD)
    new["cup.broke"]["2"]["properties"]["note"] = {"type": "string"}
    new["cup.broke"]["3"] = new["cup.broke"]["1"]
    new["cup.filled"] = {"1": new["cup.broke"]["1"]}

    assert breaking_changes(OLD, new) == []


@pytest.fixture
def project(tmp_path, monkeypatch):
    """Return a clone in which OLD is committed."""
    for module in (shared, breaking_events):
        monkeypatch.setattr(module, "PROJECT", tmp_path)
    (tmp_path / "events.json").write_text(json.dumps(OLD), "utf-8")
    identity = ("-c", "user.name=Test", "-c", "user.email=test@example.com")
    for command in (("init",), ("add", "."), (*identity, "commit", "--message", "The first")):
        subprocess.run(["git", *command], cwd=tmp_path, check=True, capture_output=True)
    return tmp_path


def test_gate_refuses_what_nobody_has_accepted(project, capsys):
    (project / "events.json").write_text("{}", "utf-8")

    assert main([]) == 1
    assert "cup.broke: the event is gone" in capsys.readouterr().out

    (project / "breaking-changes.txt").write_text("cup.broke: the event is gone\n", "utf-8")
    assert main([]) == 0


def test_gate_lets_pass_what_is_unchanged(project):
    assert main([]) == 0
