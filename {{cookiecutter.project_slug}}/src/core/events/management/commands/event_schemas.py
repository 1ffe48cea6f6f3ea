"""``manage.py event_schemas``: the JSON Schema of every event, by name and version."""

import json
from pathlib import Path
from typing import Any

from django.apps import apps
from django.core.management.base import BaseCommand, CommandParser

from core.events.event import all_classes


def schemas() -> dict[str, dict[str, Any]]:
    """Return the schemas of the events of installed apps: by name, and then by version as text."""
    found: dict[str, dict[str, Any]] = {}
    for (name, version), event in sorted(all_classes().items()):
        if apps.get_containing_app_config(event.__module__):
            found.setdefault(name, {})[str(version)] = event.schema()
    return found


class Command(BaseCommand):
    help = "Print the JSON Schema of every event, or write it into a file."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--file", type=Path, help="where to write it")

    def handle(self, *_: Any, file: Path | None = None, **__: Any) -> None:
        text = json.dumps(schemas(), indent=2, sort_keys=True) + "\n"
        if file:
            file.write_text(text, "utf-8", newline="\n")
        else:
            self.stdout.write(text, ending="")
