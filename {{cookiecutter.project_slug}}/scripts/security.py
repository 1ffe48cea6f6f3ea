"""Look for what is not safe in the code and in what it stands on: ``make security-static``.

All checks, or those named as arguments: ``bandit`` (the code), ``secrets`` (in every file that git does
not ignore), ``suppressions`` (each says why) and ``audit`` (locked packages with known vulnerabilities).
Ends with 1 on any finding.

``AUDIT`` in the environment: ``required`` makes it a finding that nobody could be asked about a package,
as in the pipelines; ``off`` asks nobody.
"""

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from fnmatch import fnmatch
from pathlib import Path
from typing import Any, NamedTuple

from detect_secrets.core.plugins.util import get_mapping_from_secret_type_to_class
from detect_secrets.core.scan import scan_file
from detect_secrets.plugins.base import RegexBasedDetector
from detect_secrets.settings import Settings, get_plugins, transient_settings

PROJECT = Path(__file__).resolve().parents[1]
CODE = ("src", "scripts")
AUDIT_SECONDS = 60
AUDIT = ("pip-audit", "--no-deps", "--disable-pip", "--format=json", "--progress-spinner=off")

# Known vulnerabilities that do no harm here, with the reason: {"PYSEC-2026-1": "reads no XML"}.
ACCEPTED_VULNERABILITIES: dict[str, str] = {}

# Not searched for secrets, with the reason.
UNSEARCHED = {
    "uv.lock": "hashes of packages look like keys",
    "openapi.yaml": "made of src, which is searched",
    # % if cookiecutter.events
    "events.json": "made of src, which is searched",
    # % endif
}
# What stands where a secret would, in documents, examples and the settings of checks and tests.
PLACEHOLDERS = (
    r"^(PASSWORD|password|demo-password|password-reset|guest)$",
    r"^(for-checks-only|a-key-for-tests-only)-",
    # % if cookiecutter.kubernetes == "kustomize"
    # The name of the secret in k8s that holds the certificate.
    r"^[a-z0-9-]+-tls$",
    # % endif
)

SUPPRESSION = re.compile(r"#\s*(?:nosec\b|pragma: allowlist|noqa:[ A-Z0-9,]*\bS\d{3}).*")
REASON = re.compile(r"\([^()]{3,}")


class Result(NamedTuple):
    """What a check looked at, and what it found there."""

    looked_at: str
    findings: list[str]


def bandit() -> Result:
    """Ask Bandit about the code. What it never tells stands in pyproject.toml."""
    command = ("bandit", "--quiet", "--recursive", "--configfile=pyproject.toml", "--format=json")
    report = json.loads(_run(*command, *CODE).stdout)
    faults = [f"{one['filename']}: {one['reason']}" for one in report["errors"]]
    faults += [
        f"{one['filename']}:{one['line_number']}: {one['test_id']} {one['issue_text']}"
        for one in report["results"]
    ]
    return Result(f"{len(report['metrics']) - 1} files", faults)


def secrets() -> Result:
    """Ask detect-secrets about every file, and nobody on the network whether a key is good.

    All its detectors on each line take ten seconds. Those that know the form of a key look into the files
    in which there is that form at all. The others, which guess, do not look into tests, which make up
    passwords everywhere.
    """
    # An address of the internet is no secret.
    kinds = [
        kind
        for kind in get_mapping_from_secret_type_to_class().values()
        if kind.__name__ != "IPPublicDetector"
    ]
    files = [name for name in project_files() if name not in UNSEARCHED]
    found = []
    with _detectors(kind for kind in kinds if not issubclass(kind, RegexBasedDetector)):
        for name in files:
            if not name.startswith("tests/"):
                found += [*scan_file(name)]
    with _detectors(kind for kind in kinds if issubclass(kind, RegexBasedDetector)):
        # Each line is asked by itself later, so `^` and `$` are those of lines.
        forms = [
            re.compile(form.pattern, form.flags | re.MULTILINE)
            for detector in get_plugins()
            for form in detector.denylist
        ]
        for name in files:
            text = _text(name)
            if any(form.search(text) for form in forms):
                found += [*scan_file(name)]
    return Result(
        f"{len(files)} files",
        sorted(
            f"{one.filename}:{one.line_number}: {one.type}"
            for one in found
            if "# pragma: allowlist secret"
            not in _text(one.filename).splitlines()[one.line_number - 1]
            and not (one.filename.startswith("tests/") and one.type == "Basic Auth Credentials")
        ),
    )


def _detectors(kinds: Iterable[type]) -> AbstractContextManager[Any]:
    passed_over = {
        "path": "detect_secrets.filters.regex.should_exclude_secret",
        "pattern": PLACEHOLDERS,
    }
    return transient_settings(
        {
            "plugins_used": [{"name": kind.__name__} for kind in kinds],
            "filters_used": [
                passed_over,
                # Looking for the pragma where something was found takes a tenth of the time.
                *({"path": path} for path in Settings().filters if "allowlist" not in path),
            ],
        }
    )


def suppressions() -> Result:
    """Find lines that keep a check from telling something, and do not say why in parentheses."""
    lines = [
        (f"{name}:{number}", found.group())
        for name in project_files()
        if name.endswith(".py") and name != "scripts/security.py"
        for number, line in enumerate(_text(name).splitlines(), 1)
        if (found := SUPPRESSION.search(line))
    ]
    return Result(
        f"{len(lines)} lines",
        [
            f"{where}: no reason in parentheses: {text}"
            for where, text in lines
            if not REASON.search(text)
        ],
    )


def audit() -> Result:
    """Ask PyPI, by pip-audit, for known vulnerabilities of every package in uv.lock."""
    if os.environ.get("AUDIT") == "off":
        return Result("AUDIT=off: not audited", [])
    export = ("uv", "export", "--frozen", "--all-groups", "--no-hashes", "--no-emit-project")
    requirements = _run(*export, "--quiet").stdout
    ignored = [f"--ignore-vuln={name}" for name in ACCEPTED_VULNERABILITIES]
    try:
        done = _run(
            *AUDIT, *ignored, "--requirement=/dev/stdin", input=requirements, timeout=AUDIT_SECONDS
        )
        packages = json.loads(done.stdout)["dependencies"]
    except subprocess.TimeoutExpired:
        return _not_audited(f"could not ask PyPI within {AUDIT_SECONDS} s: not audited")
    except json.JSONDecodeError:
        why = done.stderr.strip().rpartition("\n")[2]
        return _not_audited(f"could not ask PyPI: not audited ({why:.80})")
    findings = [
        f"uv.lock: {one['name']} {one['version']}: {fault['id']}, mended in {fault['fix_versions']}"
        for one in packages
        for fault in one.get("vulns", ())
    ]
    unknown = [one["name"] for one in packages if "skip_reason" in one]
    if unknown:
        missed = _not_audited(
            f"could not ask PyPI about {len(unknown)} of {len(packages)} packages: not audited"
        )
        return Result(missed.looked_at, findings + missed.findings)
    return Result(f"{len(packages)} packages", findings)


def _not_audited(why: str) -> Result:
    return Result(why, [why] if os.environ.get("AUDIT") == "required" else [])


def project_files() -> list[str]:
    """Return the paths of all files that git does not ignore; a project may be no repository yet."""
    listed = _run("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard").stdout
    names = listed.split("\0") if listed else _not_ignored()
    return sorted(name for name in names if (PROJECT / name).is_file())


def _not_ignored() -> Iterator[str]:
    """Yield what .gitignore lets pass, as far as its plain lines go."""
    ignored = [line for line in _text(".gitignore").splitlines() if line and line[0] != "#"]

    def passes(path: Path) -> bool:
        return path.name != ".git" and not any(
            fnmatch(f"/{path}" if line[0] == "/" else path.name, line.rstrip("/"))
            for line in ignored
        )

    for folder, folders, names in os.walk(PROJECT):
        here = Path(folder).relative_to(PROJECT)
        folders[:] = [name for name in folders if passes(here / name)]
        yield from (str(here / name) for name in names if passes(here / name))


def _text(name: str) -> str:
    return (PROJECT / name).read_text("utf-8", errors="replace")


def _run(*command: str, **options: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, cwd=PROJECT, capture_output=True, text=True, check=False, **options
    )


CHECKS: dict[str, Callable[[], Result]] = {
    check.__name__: check for check in (bandit, secrets, suppressions, audit)
}


def main(names: list[str]) -> int:
    """Run the checks called ``names``, by default all; print findings and a table."""
    os.chdir(PROJECT)
    rows = [("check", "looked at", "findings", "seconds")]
    for name in names or CHECKS:
        began = time.monotonic()
        looked_at, findings = CHECKS[name]()
        for finding in findings:
            print(f"{name}: {finding}")
        rows.append((name, looked_at, str(len(findings)), f"{time.monotonic() - began:.1f}"))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        print(
            "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        )
    return int(any(row[2] != "0" for row in rows[1:]))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
