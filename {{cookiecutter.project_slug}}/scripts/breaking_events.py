"""Name what in events.json would break readers of the events as they were at another revision.

Events of yesterday wait in the outbox and must still be read; while a release rolls out, workers of
yesterday read those of today. A change is accepted by its line in ``breaking-changes.txt``.
"""

import json
import sys
from typing import Any

from scripts.breaking_changes import ACCEPTED, PROJECT, base_revision, git, report

DOCUMENT = "events.json"
RULES = {
    "event-removed": "the event is gone",
    "version-removed": "the version is gone",
    "field-removed": "the field {field} is gone",
    "field-required": "the field {field} is required now",
    "type-changed": "the field {field} is of another type",
}
ADVICE = f"""
Events that wait could not be read. Make a class of the next version with an @upcast from the old one, which stays;
ARCHITECTURE.md, "Events", tells how. If no such event can be waiting, accept a change by copying its line
into {ACCEPTED}, with the reason in a comment (#) above it."""

Schemas = dict[str, dict[str, dict[str, Any]]]


def breaking_changes(old: Schemas, new: Schemas) -> list[tuple[str, str]]:
    """Return what in ``new`` breaks readers and events of ``old``: keys of RULES with sentences."""
    changes = []
    for name, versions in sorted(old.items()):
        if name not in new:
            changes.append(("event-removed", f"{name}: {RULES['event-removed']}"))
            continue
        for version, schema in sorted(versions.items()):
            place = f"{name} {version}"
            if version not in new[name]:
                changes.append(("version-removed", f"{place}: {RULES['version-removed']}"))
                continue
            changes += [
                (rule, f"{place}: {RULES[rule].format(field=field)}")
                for rule, field in field_changes(schema, new[name][version])
            ]
    return changes


def field_changes(old: dict[str, Any], new: dict[str, Any]) -> list[tuple[str, str]]:
    """Return the rules that fields of one version break, with the names of the fields."""
    before, after = old["properties"], new["properties"]
    removed = [("field-removed", field) for field in sorted(before.keys() - after.keys())]
    required = sorted(set(new["required"]) - set(old["required"]))
    changed = [
        ("type-changed", field)
        for field in sorted(before.keys() & after.keys())
        if before[field] != after[field]
    ]
    return [*removed, *(("field-required", field) for field in required), *changed]


def main(arguments: list[str]) -> int:
    """Print what breaks; return 1 if there is something that nobody has accepted."""
    try:
        base = base_revision(arguments[0] if arguments else "")
    except LookupError as error:
        print(error, file=sys.stderr)
        return 1
    text = git("show", f"{base}:./{DOCUMENT}") if base else None
    if text is None:
        print(f"No {DOCUMENT} to compare with.")
        return 0
    new = json.loads((PROJECT / DOCUMENT).read_text("utf-8"))
    changes = (sentence for _, sentence in breaking_changes(json.loads(text), new))
    return report(changes, f"breaking changes of events since {(base or '')[:12]}", ADVICE)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
