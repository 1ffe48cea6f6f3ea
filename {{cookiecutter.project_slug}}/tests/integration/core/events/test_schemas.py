"""The schemas of events, as they are exported."""

import json
from io import StringIO

from django.conf import settings
from django.core.management import call_command

from core.events.event import all_classes
from tests.integration.core.events.things import ThingHappened


def test_schemas_are_printed_by_name_and_version_and_hold_no_event_of_tests():
    output = StringIO()

    call_command("event_schemas", stdout=output)

    printed = json.loads(output.getvalue())
    assert ThingHappened in all_classes().values()
    # % if cookiecutter.example_app
    assert printed["stock.low"] == {
        "1": {
            "type": "object",
            "properties": {
                "product_id": {"type": "string", "format": "uuid"},
                "quantity": {"type": "integer"},
            },
            "required": ["product_id", "quantity"],
        }
    }
    # % endif
    assert "thing.happened" not in printed


def test_committed_schemas_are_current(tmp_path):
    file = tmp_path / "events.json"

    call_command("event_schemas", file=file)

    committed = settings.PROJECT_DIR / "events.json"
    is_current = committed.is_file() and committed.read_bytes() == file.read_bytes()
    assert is_current, "events.json is not current: run `make schema`, and read what changes."
