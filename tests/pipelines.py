"""What is wrong with a project's pipelines, for GitHub and for GitLab."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from tests.baking import BakedProject
from tests.programs import installed_program
from tests.schemas import schema_faults
from tests.variables import known_variables

WORKFLOW = ".github/workflows/ci.yml"
DEPENDABOT = ".github/dependabot.yml"
GITLAB = ".gitlab-ci.yml"
SERVERS = "docker-compose.servers.yml"
# A commit, not a tag, which somebody could move.
PINNED_ACTION = re.compile(r"^\s*(?:- )?uses: [\w/-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$")


def github_faults(project: BakedProject) -> list[str]:
    """Return one line for each fault in the workflow and in Dependabot's configuration."""
    text = project.text(WORKFLOW)
    workflow = yaml.safe_load(text)
    jobs = workflow["jobs"]
    return [
        *schema_faults(project, "vendor.github-workflows", WORKFLOW),
        *schema_faults(project, "custom.github-workflows-require-timeout", WORKFLOW),
        *schema_faults(project, "vendor.dependabot", DEPENDABOT),
        *zizmor_faults(project.path),
        *action_faults(text),
        *right_faults(workflow),
        *make_faults(project, text),
        *base_faults(workflow),
        *server_faults(project, [one for job in jobs.values() for one in services_of(job)]),
        *variable_faults(project, [job.get("env", {}) for job in jobs.values()]),
        *address_faults(jobs["servers"]["env"], {"127.0.0.1"}),
    ]


def gitlab_faults(project: BakedProject) -> list[str]:
    """Return one line for each fault in the pipeline."""
    text = project.text(GITLAB)
    jobs = yaml.safe_load(text)
    servers = jobs["servers"]
    own = [service for service in servers["services"] if isinstance(service, dict)]
    return [
        *schema_faults(project, "vendor.gitlab-ci", GITLAB, options="--data-transform gitlab-ci"),
        *make_faults(project, text),
        *gitlab_base_faults(jobs["check"]),
        *server_faults(project, [service["name"] for service in own]),
        *variable_faults(project, [servers["variables"]]),
        *address_faults(servers["variables"], {service["alias"] for service in own}),
    ]


def gitlab_base_faults(job: dict[str, Any]) -> Iterator[str]:
    """Yield why openapi.yaml could not be compared with that of the commit before the change."""
    if job.get("variables", {}).get("GIT_DEPTH") != "0":
        yield "the check has no history to find the base of openapi.yaml in"
    if not any(line.startswith("export BASE=") for line in job["script"]):
        yield "the check does not know the base of openapi.yaml"


def zizmor_faults(folder: Path) -> Iterator[str]:
    """Yield what zizmor finds without asking the network.

    https://docs.zizmor.sh/audits/
    """
    done = subprocess.run(
        [installed_program("zizmor"), "--offline", "--no-progress", "--format", "plain", folder],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        yield f"{done.stdout}{done.stderr}".strip()


def action_faults(text: str) -> Iterator[str]:
    """Yield actions that are not pinned to a commit, with its tag beside it."""
    for line in text.splitlines():
        if re.match(r"\s*(?:- )?uses:", line) and not PINNED_ACTION.match(line):
            yield f"{line.strip()} is not pinned to a commit with its version"


def right_faults(workflow: dict[str, Any]) -> Iterator[str]:
    """Yield rights beyond reading the repository."""
    asked = [
        workflow.get("permissions"),
        *(j.get("permissions") for j in workflow["jobs"].values()),
    ]
    for rights in asked[:1] + [one for one in asked[1:] if one is not None]:
        if rights != {"contents": "read"}:
            yield f"the permissions are {rights}"
    if "concurrency" not in workflow:
        yield "a newer push does not end the run of an older one"


def make_faults(project: BakedProject, text: str) -> Iterator[str]:
    """Yield targets that the Makefile does not have, and commands that a pipeline must run."""
    targets = set(re.findall(r"(?m)^([a-z-]+):", project.text("Makefile")))
    called = set(re.findall(r"\bmake ([a-z-]+)$", text, re.MULTILINE))
    yield from (f"make {name}: there is no such target" for name in sorted(called - targets))
    for needed in ("check", "security", "test"):
        if needed not in called:
            yield f"make {needed} is not run"
    if not re.search(r"docker compose up --build --wait", text):
        yield "the image is not built and started"


def base_faults(workflow: dict[str, Any]) -> Iterator[str]:
    """Yield why openapi.yaml could not be compared with that of the commit before the change."""
    steps = workflow["jobs"]["check"]["steps"]
    if not any(step.get("with", {}).get("fetch-depth") == 0 for step in steps):
        yield "the check has no history to find the base of openapi.yaml in"
    if not any("BASE" in step.get("env", {}) for step in steps if step.get("run") == "make check"):
        yield "the check does not know the base of openapi.yaml"


def services_of(job: dict[str, Any]) -> list[str]:
    return [service["image"] for service in job.get("services", {}).values()]


def server_faults(project: BakedProject, images: list[str]) -> Iterator[str]:
    """Yield servers that tests run on, but not the service; and the other way round."""
    composed = yaml.safe_load(project.text(SERVERS))["services"].values()
    wanted = {service["image"] for service in composed}
    if set(images) != wanted:
        yield f"the tests run on {sorted(images)}, the service on {sorted(wanted)}"


def variable_faults(project: BakedProject, given: list[dict[str, str]]) -> Iterator[str]:
    """Yield variables that no setting reads."""
    for names in given:
        for name in sorted(set(names) - known_variables(project)):
            yield f"no setting reads {name}"


def address_faults(variables: dict[str, str], hosts: set[str]) -> Iterator[str]:
    """Yield servers that the tests are not led to, and addresses where no server is."""
    found = {
        name: re.findall(r"://(?:[^@]*@)?([\w.]+)", value)[0]
        for name, value in variables.items()
        if name.endswith("_URL")
    }
    if not {"CACHE_URL", "CELERY_BROKER_URL"} <= found.keys():
        yield f"the tests are led to {sorted(found)} alone"
    if set(found.values()) != hosts:
        yield f"the tests are led to {sorted(set(found.values()))}, the servers are at {sorted(hosts)}"
