"""The service does what its OpenAPI document says, whatever it is sent.

Schemathesis makes up requests, right ones and wrong ones, single ones and such as follow on each
other, and checks each answer against the document: https://schemathesis.readthedocs.io
"""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

from apps.users.models import User
from tests.contract.known import all_known
from tests.e2e.authentication import Authentication
from tests.e2e.http import Client
from tests.e2e.processes import PROJECT_DIR

EXAMPLES = os.environ.get("EXAMPLES") or "100"
SEED = os.environ.get("SEED") or "1"
# A pattern of the paths that are called: all of them, if it is empty.
PATHS = os.environ.get("PATHS", "")
# The rest would have the service refuse what the document does not forbid, or take what it does:
# a document cannot say that an address is taken, or that an order is paid already.
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "missing_required_header",
    "unsupported_method",
    "ignored_auth",
    "use_after_free",
    "ensure_resource_availability",
)
CONFIGURATION = Path(__file__).with_name("schemathesis.toml")
# After each of them, the caller is nobody; after the last one, where it is not refused, for ever.
ENDS = (
    "auth_logout_create",
    "auth_sessions_destroy",
    "auth_sessions_destroy_all",
    "users_me_destroy",
)


def test_service_keeps_its_contract(
    client: Client, admin: User, authentication: Authentication, tmp_path: Path
) -> None:
    known = tmp_path / "known.json"
    what = all_known(admin)
    known.write_text(json.dumps(what), "utf-8")
    everything = documented_paths(client)
    paths = {path: methods for path, methods in everything.items() if re.search(PATHS, path)}
    there = {each["operationId"] for methods in paths.values() for each in methods.values()}
    ends = [name for name in ENDS if name in there]

    others = [f"--exclude-operation-id={name}" for name in ends]
    others += [f"--include-path-regex={PATHS}"] if PATHS else []
    reports = [report_of(client, known, tmp_path / "main.json", *others)]
    for name in ends:
        authentication.sign_in(client, admin)
        report = tmp_path / f"{name}.json"
        reports += [report_of(client, known, report, f"--include-operation-id={name}")]

    tested = sum(report["operations"]["tested"] for report in reports)
    assert tested == sum(map(len, paths.values()))
    accepted = {name for report in reports for name in accepting(report)}
    assert operations(paths) - accepted == operations(paths) & set(what["refusing"])


def report_of(client: Client, known: Path, report: Path, *options: str) -> dict[str, Any]:
    """Let Schemathesis call the service as ``client``; what it finds wrong it prints itself."""
    headers = [f"--header={name}: {value}" for name, value in client.request_headers().items()]
    done = subprocess.run(
        [
            *(sys.executable, "-m", "schemathesis.cli", "--config-file", str(CONFIGURATION)),
            *("run", *options, *headers),
            *("--max-examples", EXAMPLES, "--seed", SEED, "--checks", ",".join(CHECKS)),
            *("--continue-on-failure", "--report", "json", "--report-json-path", str(report)),
            *("--suppress-health-check", "all"),
            f"http://127.0.0.1:{client.port}/api/schema/",
        ],
        cwd=PROJECT_DIR,
        env={
            **os.environ,
            "PYTHONPATH": str(PROJECT_DIR),
            "SCHEMATHESIS_HOOKS": "tests.contract.hooks",
            "CONTRACT_KNOWN": str(known),
        },
        check=False,
    )
    assert done.returncode == 0, "Schemathesis found what it prints above."
    content: dict[str, Any] = json.loads(report.read_text("utf-8"))
    return content


def accepting(report: dict[str, Any]) -> set[str]:
    """Return the operations that answered a request with success: the others' work is untested."""
    return {
        name
        for name, phases in report["valid_rates"].items()
        if any(counts["accepted"] for counts in phases.values())
    }


def operations(paths: dict[str, dict[str, Any]]) -> set[str]:
    """Return method and path of each operation."""
    return {f"{method.upper()} {path}" for path, methods in paths.items() for method in methods}


def documented_paths(client: Client) -> dict[str, dict[str, Any]]:
    """Return the operations that the document has, by path and method."""
    document = client.get("/api/schema/").json()
    paths: dict[str, dict[str, Any]] = document["paths"]
    return paths
