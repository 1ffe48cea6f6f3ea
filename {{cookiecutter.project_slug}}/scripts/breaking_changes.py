"""Name what in openapi.yaml would break clients of the API as it was at another revision.

Everything that a request of yesterday may hold must still be taken, and everything that an answer of
today may hold must have been possible yesterday. The rules are the common ones of
https://www.oasdiff.com/docs/breaking-changes; `RULES` has them all.

An operation whose sunset has passed (`@deprecated`) may go. Another change is accepted by its line in
`breaking-changes.txt`.
"""

import argparse
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import yaml

PROJECT = Path(__file__).resolve().parents[1]
DOCUMENT = "openapi.yaml"
ACCEPTED = "breaking-changes.txt"
RULES = {
    "operation-removed": "the operation is gone",
    "operation-id-changed": "its operationId is {new}, no longer {old}: generated clients call it by that",
    "sign-in-added": "callers who were let in now have to sign in otherwise",
    "parameter-removed": "the parameter is gone",
    "parameter-required": "the parameter is required now",
    "body-required": "the body is required now",
    "media-type-removed": "the media type is gone",
    "status-removed": "the status is gone",
    "header-removed": "the header is gone",
    "property-removed": "the property is gone",
    "property-required": "the property is required now",
    "property-optional": "the property may be missing now",
    "properties-closed": "properties that are not described are refused now",
    "type-changed": "the type is {new}, no longer {old}",
    "enum-narrowed": "{values} can no longer be sent",
    "enum-widened": "{values} may be answered now",
    "format-changed": "the format is {new}, no longer {old}",
    "pattern-changed": "the pattern is {new}, no longer {old}",
    "limit-tightened": "{name} is {new}, no longer {old}",
    "alternative-removed": "a form that could be sent no longer can",
    "alternative-added": "the answer may have another form now",
}
ADVICE = f"""
Clients of the API would break. Keep what they use: bring the change out as a new version beside it,
or deprecate the operation until its sunset has passed; ARCHITECTURE.md, "Versions", tells how.
If nobody can be hurt, accept a change by copying its line into {ACCEPTED}, with the reason in a
comment (#) above it."""
METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
UPPER_LIMITS = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties")
LOWER_LIMITS = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties")
ALL_TYPES = frozenset({"string", "number", "boolean", "object", "array", "null"})

Node = dict[str, Any]


@dataclass(frozen=True, order=True)
class Change:
    """A change that breaks clients: ``rule`` is a key of ``RULES``, ``what`` its sentence."""

    operation: str
    place: str
    rule: str
    what: str

    def __str__(self) -> str:
        return ": ".join(part for part in (self.operation, self.place, self.what) if part)


@dataclass
class Comparison:
    """Gathers what breaks between the documents ``old`` and ``new``, on the day ``today``."""

    old: Node
    new: Node
    today: date
    changes: set[Change] = field(default_factory=set)
    _operation: str = ""
    _seen: set[tuple[str, str, bool]] = field(default_factory=set)

    def add(self, rule: str, place: str, **values: object) -> None:
        self.changes.add(Change(self._operation, place, rule, RULES[rule].format(**values)))

    def run(self) -> list[Change]:
        """Return the changes, sorted."""
        after = operations(self.new)
        for key, (name, old) in operations(self.old).items():
            self._operation, self._seen = name, set()
            if key in after:
                self.compare_operations(old, after[key][1])
            elif not is_past_sunset(old, self.today):
                self.add("operation-removed", "")
        return sorted(self.changes)

    def compare_operations(self, old: Node, new: Node) -> None:
        if old.get("operationId") != new.get("operationId"):
            self.add(
                "operation-id-changed", "", old=old.get("operationId"), new=new.get("operationId")
            )
        if not lets_in_as_before(security(old, self.old), security(new, self.new)):
            self.add("sign-in-added", "")
        self.compare_parameters(old, new)
        self.compare_requests(
            resolve(old.get("requestBody", {}), self.old),
            resolve(new.get("requestBody", {}), self.new),
        )
        for status, response in old["responses"].items():
            if status in new["responses"]:
                self.compare_responses(
                    "errors" if status == "default" else f"answer {status}",
                    resolve(response, self.old),
                    resolve(new["responses"][status], self.new),
                )
            elif status.startswith("2"):
                self.add("status-removed", f"answer {status}")

    def compare_parameters(self, old: Node, new: Node) -> None:
        before, after = parameters(old, self.old), parameters(new, self.new)
        for key, parameter in after.items():
            was_required = before.get(key, {}).get("required", False)
            if parameter.get("required") and not was_required:
                self.add("parameter-required", " ".join(key))
        for key, parameter in before.items():
            if key in after:
                schemas = parameter.get("schema", {}), after[key].get("schema", {})
                self.compare_schemas(" ".join(key), *schemas, is_request=True)
            else:
                self.add("parameter-removed", " ".join(key))

    def compare_requests(self, old: Node, new: Node) -> None:
        if new.get("required") and not old.get("required"):
            self.add("body-required", "request")
        self.compare_contents("request", old, new, is_request=True)

    def compare_responses(self, place: str, old: Node, new: Node) -> None:
        for name in old.get("headers", {}).keys() - new.get("headers", {}).keys():
            self.add("header-removed", f"{place}, header {name}")
        self.compare_contents(place, old, new, is_request=False)

    def compare_contents(self, place: str, old: Node, new: Node, *, is_request: bool) -> None:
        after = new.get("content", {})
        for media_type, content in old.get("content", {}).items():
            if media_type in after:
                schemas = content.get("schema", {}), after[media_type].get("schema", {})
                self.compare_schemas(place, *schemas, is_request=is_request)
            else:
                self.add("media-type-removed", f"{place}, {media_type}")

    def compare_schemas(self, place: str, old: Node, new: Node, *, is_request: bool) -> None:
        """Compare what may be sent, if ``is_request``, or else what may be answered."""
        if "$ref" in old and "$ref" in new:
            key = (old["$ref"], new["$ref"], is_request)
            if key in self._seen:
                return
            self._seen.add(key)
        befores, afters = alternatives(old, self.old), alternatives(new, self.new)
        if len(befores) == len(afters):
            for before, after in zip(befores, afters, strict=True):
                self.compare_plain(place, before, after, is_request=is_request)
        # What was sent must still fit, and what is answered must have fitted before.
        elif is_request and not all(
            any(self.is_kept(before, after, is_request=True) for after in afters)
            for before in befores
        ):
            self.add("alternative-removed", place)
        elif not is_request and not all(
            any(self.is_kept(before, after, is_request=False) for before in befores)
            for after in afters
        ):
            self.add("alternative-added", place)

    def is_kept(self, old: Node, new: Node, *, is_request: bool) -> bool:
        trial = Comparison(self.old, self.new, self.today)
        trial.compare_plain("", old, new, is_request=is_request)
        return not trial.changes

    def compare_plain(self, place: str, old: Node, new: Node, *, is_request: bool) -> None:
        """Compare schemas that are no references and have no alternatives."""
        narrower, wider = (old, new) if is_request else (new, old)
        if not fits(types(narrower), types(wider)):
            self.add("type-changed", place, old=shown(old), new=shown(new))
            return
        allowed, possible = values_of(wider), values_of(narrower)
        beyond = [value for value in possible or [] if value not in (allowed or [])]
        if allowed is not None and (possible is None or beyond):
            rule = "enum-narrowed" if is_request else "enum-widened"
            self.add(rule, place, values=", ".join(map(str, beyond)) or "other values")
        if "format" in wider and wider["format"] != narrower.get("format"):
            self.add("format-changed", place, old=old.get("format"), new=new.get("format"))
        if is_request:
            self.compare_limits(place, old, new)
        self.compare_properties(place, old, new, is_request=is_request)
        if "items" in old and "items" in new:
            self.compare_schemas(f"{place}[]", old["items"], new["items"], is_request=is_request)

    def compare_limits(self, place: str, old: Node, new: Node) -> None:
        if "pattern" in new and new["pattern"] != old.get("pattern"):
            self.add("pattern-changed", place, old=old.get("pattern"), new=new["pattern"])
        for names, sign in ((UPPER_LIMITS, 1), (LOWER_LIMITS, -1)):
            for name in names:
                if name in new and (name not in old or sign * new[name] < sign * old[name]):
                    self.add("limit-tightened", place, name=name, old=old.get(name), new=new[name])

    def compare_properties(self, place: str, old: Node, new: Node, *, is_request: bool) -> None:
        before, after = old.get("properties", {}), new.get("properties", {})
        needed, needs = set(old.get("required", ())), set(new.get("required", ()))
        unseen = "readOnly" if is_request else "writeOnly"
        for name in sorted(before.keys() - after.keys()):
            if not resolve(before[name], self.old).get(unseen):
                self.add("property-removed", f"{place}, {name}")
        for name in sorted(before.keys() & after.keys()):
            self.compare_schemas(
                f"{place}, {name}", before[name], after[name], is_request=is_request
            )
        if is_request:
            for name in sorted(needs - needed):
                if not resolve(after.get(name, {}), self.new).get(unseen):
                    self.add("property-required", f"{place}, {name}")
            was_open = old.get("additionalProperties") is not False
            if was_open and new.get("additionalProperties") is False:
                self.add("properties-closed", place)
        else:
            for name in sorted((needed - needs) & after.keys()):
                self.add("property-optional", f"{place}, {name}")


def operations(document: Node) -> dict[tuple[str, str], tuple[str, Node]]:
    """Return each operation with its name by method and path, whatever the path's parameters are called."""
    return {
        (method, re.sub(r"\{[^}]*\}", "{}", path)): (f"{method.upper()} {path}", item[method])
        for path, item in document["paths"].items()
        for method in METHODS
        if method in item
    }


def is_past_sunset(operation: Node, today: date) -> bool:
    """Tell whether clients knew that the operation would be gone by ``today``."""
    sunset = operation.get("x-sunset")
    return bool(operation.get("deprecated") and sunset and date.fromisoformat(str(sunset)) <= today)


def resolve(node: Node, document: Node) -> Node:
    """Return ``node``, or what it refers to, with what it says besides."""
    if "$ref" not in node:
        return node
    target: Any = document
    for name in node["$ref"].removeprefix("#/").split("/"):
        target = target[name.replace("~1", "/").replace("~0", "~")]
    rest = {name: value for name, value in node.items() if name != "$ref"}
    return {**resolve(target, document), **rest}


def alternatives(schema: Node, document: Node) -> list[Node]:
    """Return the forms of which a value has one, each without references at its top."""
    schema = resolve(schema, document)
    for name in ("oneOf", "anyOf"):
        if name in schema:
            rest = {key: value for key, value in schema.items() if key != name}
            return [
                merged([form, rest])
                for each in schema[name]
                for form in alternatives(each, document)
            ]
    if "allOf" in schema:
        rest = {key: value for key, value in schema.items() if key != "allOf"}
        return [merged([*(resolve(part, document) for part in schema["allOf"]), rest])]
    return [schema]


def merged(schemas: list[Node]) -> Node:
    """Return one schema that says what all of ``schemas`` say."""
    whole: Node = {}
    for schema in schemas:
        properties = {**whole.get("properties", {}), **schema.get("properties", {})}
        required = [*whole.get("required", []), *schema.get("required", [])]
        whole |= schema
        if properties:
            whole["properties"] = properties
        if required:
            whole["required"] = required
    return whole


def parameters(operation: Node, document: Node) -> dict[tuple[str, str], Node]:
    """Return the parameters by kind and name; those of the path are what makes it this path."""
    resolved = [resolve(parameter, document) for parameter in operation.get("parameters", [])]
    return {(each["in"], each["name"]): each for each in resolved if each["in"] != "path"}


def security(operation: Node, document: Node) -> list[frozenset[str]]:
    """Return the ways to sign in, each the names of its schemes; no scheme is everybody."""
    ways = operation.get("security", document.get("security", []))
    return [frozenset(way) for way in ways] or [frozenset()]


def lets_in_as_before(old: list[frozenset[str]], new: list[frozenset[str]]) -> bool:
    return all(any(way <= known for way in new) for known in old)


def types(schema: Node) -> frozenset[str]:
    given = schema.get("type")
    if given is None:
        return ALL_TYPES
    return frozenset([given] if isinstance(given, str) else given)


def fits(narrower: frozenset[str], wider: frozenset[str]) -> bool:
    """Tell whether every value of the types ``narrower`` is of one of ``wider``."""
    return narrower <= (wider | {"integer"} if "number" in wider else wider)


def shown(schema: Node) -> str:
    return " or ".join(sorted(types(schema))) if "type" in schema else "anything"


def values_of(schema: Node) -> list[Any] | None:
    """Return the only values that ``schema`` allows; ``None`` where it does not list them."""
    if "const" in schema:
        return [schema["const"]]
    values: list[Any] | None = schema.get("enum")
    return values


def breaking_changes(old: Node, new: Node, today: date) -> list[Change]:
    """Return what in the OpenAPI document ``new`` breaks clients of ``old``.

    Args:
        today: the day that sunsets are compared with.
    """
    return Comparison(old, new, today).run()


def git(*arguments: str) -> str | None:
    """Return what git prints, or ``None`` where it fails."""
    try:
        done = subprocess.run(
            ["git", *arguments],  # noqa: S607 (whatever git the person uses) # nosec B607
            cwd=PROJECT,
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
        )
    except FileNotFoundError:
        return None
    return done.stdout if done.returncode == 0 else None


def base_revision(asked: str) -> str | None:
    """Return the commit to compare with; ``None`` where there is nothing yet.

    That is ``asked``, which pipelines name. Else it is where this branch left the remote's default
    branch, or without a remote the last commit.

    Raises:
        LookupError: if ``asked`` is not in this clone.
    """
    if asked.strip("0"):
        found = git("rev-parse", "--verify", "--quiet", asked + "^{commit}")
        if found is None:
            raise LookupError(
                f"{asked} is not in this clone. Fetch it, with the history down to it."
            )
        return found.strip()
    if asked:  # What pipelines name before the first commit of a branch.
        return None
    found = git("merge-base", "HEAD", "origin/HEAD") or git("rev-parse", "--verify", "HEAD")
    return found.strip() if found else None


def accepted_lines() -> Iterator[str]:
    """Yield the changes that the team has accepted."""
    path = PROJECT / ACCEPTED
    if path.exists():
        for line in path.read_text("utf-8").splitlines():
            if line.strip() and not line.lstrip().startswith("#"):
                yield line.strip()


def main(arguments: list[str]) -> int:
    """Print what breaks; return 1 if there is something that nobody has accepted."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("base", nargs="?", default="", help="the revision to compare with")
    asked = parser.parse_args(arguments).base
    try:
        base = base_revision(asked)
    except LookupError as error:
        print(error, file=sys.stderr)
        return 1
    text = git("show", f"{base}:./{DOCUMENT}") if base else None
    if text is None:
        where = f"{base[:12]} has no {DOCUMENT}" if base else "There is no commit before this one"
        print(f"{where}: nothing to compare with.")
        return 0
    new = yaml.safe_load((PROJECT / DOCUMENT).read_text("utf-8"))
    changes = breaking_changes(yaml.safe_load(text), new, datetime.now(UTC).date())
    return report(map(str, changes), f"breaking changes since {(base or '')[:12]}", ADVICE)


def report(changes: Iterable[str], counted: str, advice: str) -> int:
    """Print ``changes``, how many are left of what is ``counted``, and what to do about those.

    Returns:
        1 if there is one that nobody has accepted, else 0.
    """
    accepted = set(accepted_lines())
    refused = 0
    for change in changes:
        refused += change not in accepted
        print(f"{'accepted: ' if change in accepted else ''}{change}")
    print(f"{refused} {counted}.")
    if refused:
        print(advice)
    return 1 if refused else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
