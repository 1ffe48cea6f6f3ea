"""What is wrong with a bake's Kubernetes manifests: ``manifest_faults(project, documents)``.

A schema says that a field is spelt right. That a selector finds its pods, a probe asks what the
service answers and a variable is one that the settings read, it cannot say: that is checked here.
"""

import functools
import json
import re
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any

import kubernetes_validate
import yaml

from tests.baking import BakedProject
from tests.programs import find_program
from tests.variables import (
    constant_product,
    env_lines,
    health_paths,
    known_variables,
    required_variables,
    worker_faults,
)

Document = dict[str, Any]

BASE = "k8s/base"
PRODUCTION = "k8s/overlays/production"
OVERLAYS = ("k8s/overlays/staging", PRODUCTION)
# The oldest and the newest version that the manifests are meant for.
KUBERNETES_VERSIONS = ("1.30", "1.37")
PORT = 8000
NAME_LENGTH = 63
USER = 10001
# What gunicorn.conf.py takes where nothing is set.
GRACEFUL_TIMEOUT_SECONDS = 30


def base_documents(project: BakedProject) -> list[Document]:
    """Return what the base's files hold, with the ConfigMap that kustomize would make of it."""
    base = kustomization(project, BASE)
    documents = [
        document
        for name in base["resources"]
        for document in yaml.safe_load_all(project.text(f"{BASE}/{name}"))
    ]
    for generator in base["configMapGenerator"]:
        literals = (literal.partition("=") for literal in generator["literals"])
        documents.append(
            {
                "apiVersion": "v1",
                "kind": "ConfigMap",
                "metadata": {"name": generator["name"]},
                "data": {name: value for name, _, value in literals},
            }
        )
    return documents


def built_documents(project: BakedProject, folder: str) -> list[Document]:
    """Return what the real kustomize, or kubectl, makes of ``folder``."""
    command = kustomize_command()
    assert command, "ask kustomize_command() first"
    return list(yaml.safe_load_all(project.run(*command, folder).stdout))


def kustomize_command() -> list[str] | None:
    """Return how to build a folder here, or ``None`` where neither program is."""
    if kustomize := find_program("kustomize"):
        return [kustomize, "build"]
    if kubectl := find_program("kubectl"):
        return [kubectl, "kustomize"]
    return None


def kustomization(project: BakedProject, folder: str) -> Document:
    return yaml.safe_load(project.text(f"{folder}/kustomization.yaml"))


def file_faults(project: BakedProject) -> Iterator[str]:
    """Yield the files that no kustomization names, and the names that are no file."""
    for folder in (BASE, *OVERLAYS):
        content = kustomization(project, folder)
        named = {
            *content["resources"],
            *(patch.get("path") for patch in content.get("patches", [])),
        }
        named = {f"{folder}/{name}" for name in named if name and not name.startswith("..")}
        present = {
            name
            for name in project.files
            if PurePosixPath(name).parent == PurePosixPath(folder)
            and not name.endswith("/kustomization.yaml")
        }
        yield from (f"{name}: no kustomization names it" for name in sorted(present - named))
        yield from (f"{name}: is named but not there" for name in sorted(named - present))


def manifest_faults(project: BakedProject, documents: list[Document]) -> list[str]:
    """Return one line for each fault in ``documents``, the manifests of one folder."""
    return [
        *schema_faults(documents),
        *name_faults(documents),
        *reference_faults(documents),
        *port_faults(documents),
        *probe_faults(documents, health_paths(project)),
        *hardening_faults(documents),
        *environment_faults(project, documents),
        *grace_faults(project, documents),
        *command_faults(project, documents),
        *way_in_faults(documents),
    ]


def schema_faults(documents: list[Document]) -> Iterator[str]:
    """Yield what the API server would refuse or drop: unknown kinds and fields, wrong types."""
    for document in documents:
        for version in KUBERNETES_VERSIONS:
            if fault := schema_fault(json.dumps(document), version):
                yield f"{name_of(document)}: {fault}"


@functools.cache
def schema_fault(document: str, version: str) -> str | None:
    """Return what ``version`` has against ``document``, which is JSON; the same text is read once."""
    try:
        kubernetes_validate.validate(json.loads(document), version, strict=True)
    except kubernetes_validate.ValidationError as error:
        path = ".".join(str(part) for part in error.path)
        return f"{path}: {error.message}"
    except kubernetes_validate.SchemaNotFoundError as error:
        return str(error.message)
    return None


def name_faults(documents: list[Document]) -> Iterator[str]:
    """Yield names that are too long, or not of the kind that every object may have.

    https://kubernetes.io/docs/concepts/overview/working-with-objects/names/#dns-label-names
    """
    for document in documents:
        name = document["metadata"]["name"]
        if len(name) > NAME_LENGTH or not re.fullmatch(r"[a-z]([a-z0-9-]*[a-z0-9])?", name):
            yield f"{name_of(document)}: is no DNS label"


def reference_faults(documents: list[Document]) -> Iterator[str]:
    """Yield names and labels that lead to nothing."""
    pods = [template["metadata"]["labels"] for _, template in pod_templates(documents)]
    for document in documents:
        for selector in selectors(document):
            if not any(selector.items() <= labels.items() for labels in pods):
                yield f"{name_of(document)}: the selector {selector} finds no pod"
        yield from _own_selector_faults(document)
        here = {(other["kind"], other["metadata"]["name"]) for other in documents}
        for kind, name in references(document):
            if (kind, name) not in here:
                yield f"{name_of(document)}: there is no {kind} {name}"


def _own_selector_faults(document: Document) -> Iterator[str]:
    if document["kind"] == "Deployment":
        wanted = document["spec"]["selector"]["matchLabels"]
        labels = document["spec"]["template"]["metadata"]["labels"]
        if not wanted.items() <= labels.items():
            yield f"{name_of(document)}: the selector {wanted} does not find its own pods"


def selectors(document: Document) -> Iterator[Mapping[str, str]]:
    """Yield every set of labels by which ``document`` looks for pods."""
    spec = document.get("spec", {})
    match document["kind"]:
        case "Service":
            yield spec["selector"]
        case "PodDisruptionBudget" | "Deployment":
            yield spec["selector"]["matchLabels"]
        case "NetworkPolicy":
            yield spec["podSelector"]["matchLabels"]
    for _, template in pod_templates([document]):
        for spread in template["spec"].get("topologySpreadConstraints", []):
            yield spread["labelSelector"]["matchLabels"]


def references(document: Document) -> Iterator[tuple[str, str]]:
    """Yield kind and name of each object that ``document`` needs; Secrets are not in the files."""
    if document["kind"] == "HorizontalPodAutoscaler":
        target = document["spec"]["scaleTargetRef"]
        yield target["kind"], target["name"]
    yield from (("Service", backend["name"]) for backend in backends(document))
    for _, template in pod_templates([document]):
        yield "ServiceAccount", template["spec"]["serviceAccountName"]
        for container in containers(template):
            for source in container["envFrom"]:
                if "configMapRef" in source:
                    yield "ConfigMap", source["configMapRef"]["name"]
        for volume in template["spec"]["volumes"]:
            if "persistentVolumeClaim" in volume:
                yield "PersistentVolumeClaim", volume["persistentVolumeClaim"]["claimName"]


def backends(document: Document) -> list[Document]:
    """Return the services that an Ingress leads to; none for any other document."""
    rules = document["spec"]["rules"] if document["kind"] == "Ingress" else []
    return [path["backend"]["service"] for rule in rules for path in rule["http"]["paths"]]


def port_faults(documents: list[Document]) -> Iterator[str]:
    """Yield ports that nothing listens on."""
    listening = {
        port["name"]: port["containerPort"]
        for _, template in pod_templates(documents)
        for container in containers(template)
        for port in container.get("ports", [])
    }
    if listening != {"http": PORT}:
        yield f"the containers listen on {listening}, not on http: {PORT}"
    services = {
        document["metadata"]["name"]: {port["name"] for port in document["spec"]["ports"]}
        for document in documents
        if document["kind"] == "Service"
    }
    for document in documents:
        for service, port in used_ports(document):
            if port not in (services.get(service, set()) if service else listening):
                yield f"{name_of(document)}: nothing is behind the port {port}"


def used_ports(document: Document) -> Iterator[tuple[str | None, str]]:
    """Yield each port that ``document`` leads to: with the Service's name, or of the pods."""
    spec = document.get("spec", {})
    match document["kind"]:
        case "Service":
            yield from ((None, port["targetPort"]) for port in spec["ports"])
        case "Ingress":
            yield from ((one["name"], one["port"]["name"]) for one in backends(document))
        case "NetworkPolicy":
            for rule in spec.get("ingress", []):
                yield from ((None, port["port"]) for port in rule["ports"])
    for _, template in pod_templates([document]):
        for container in containers(template):
            yield from ((None, get["port"]) for get in probes(container).values())


def probe_faults(documents: list[Document], paths: set[str]) -> Iterator[str]:
    """Yield probes that ask for a path that the service does not answer, and missing ones."""
    for document, template in pod_templates(documents):
        for container in containers(template):
            asked = {kind: get["path"] for kind, get in probes(container).items()}
            where = f"{name_of(document)}/{container['name']}"
            if container["name"] == "web" and set(asked) != {"startup", "liveness", "readiness"}:
                yield f"{where}: has the probes {sorted(asked)} alone"
            for kind, path in asked.items():
                if path not in paths:
                    yield f"{where}: its {kind} probe asks for {path}, which is not there"
            # A restart brings no server back, so only readiness may ask for them.
            if asked.get("liveness", "/live/") != "/live/":
                yield f"{where}: its liveness probe asks for {asked['liveness']}"


def probes(container: Document) -> dict[str, Document]:
    """Return the ``httpGet`` of each probe of a container, by the kind of the probe."""
    return {
        kind: container[f"{kind}Probe"]["httpGet"]
        for kind in ("startup", "liveness", "readiness")
        if f"{kind}Probe" in container
    }


def hardening_faults(documents: list[Document]) -> Iterator[str]:
    """Yield what the Pod Security Standard "restricted" refuses, and what we ask for beyond it.

    https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted
    """
    for document, template in pod_templates(documents):
        where = name_of(document)
        spec = template["spec"]
        yield from differences(
            where,
            spec.get("securityContext", {}),
            {
                "runAsNonRoot": True,
                "runAsUser": USER,
                "runAsGroup": USER,
                "seccompProfile": {"type": "RuntimeDefault"},
            },
        )
        yield from differences(
            where, spec, {"automountServiceAccountToken": False, "enableServiceLinks": False}
        )
        for container in containers(template):
            yield from differences(
                f"{where}/{container['name']}",
                container.get("securityContext", {}),
                {
                    "allowPrivilegeEscalation": False,
                    "readOnlyRootFilesystem": True,
                    "capabilities": {"drop": ["ALL"]},
                },
            )
            if "memory" not in container.get("resources", {}).get("limits", {}):
                yield f"{where}/{container['name']}: has no memory limit"


def differences(where: str, found: Document, wanted: Document) -> Iterator[str]:
    for name, value in wanted.items():
        if found.get(name) != value:
            yield f"{where}: {name} is {found.get(name)!r}, not {value!r}"


def environment_faults(project: BakedProject, documents: list[Document]) -> Iterator[str]:
    """Yield variables that no setting reads, and those that production would miss.

    What the ConfigMap does not hold comes from a Secret, made of the variables in TASKS.md.
    """
    known = known_variables(project)
    named = set(env_lines(project.text("TASKS.md")))
    for document in documents:
        if document["kind"] == "ConfigMap":
            named |= set(document["data"])
        elif document["kind"] == "Secret":
            yield f"{name_of(document)}: secrets have no place in the repository"
    yield from (f"{name}: no setting reads it" for name in sorted(named - known))
    missing = required_variables(project) - named
    yield from (f"{name}: production needs it and nothing sets it" for name in sorted(missing))
    for document, template in pod_templates(documents):
        for container in containers(template):
            sources = {kind for source in container["envFrom"] for kind in source}
            if sources != {"configMapRef", "secretRef"} or "env" in container:
                yield f"{name_of(document)}/{container['name']}: is not given the whole environment"


def grace_faults(project: BakedProject, documents: list[Document]) -> Iterator[str]:
    """Yield pods that are killed before they had the time that they are promised."""
    settings = {
        name: value
        for document in documents
        if document["kind"] == "ConfigMap"
        for name, value in document["data"].items()
    }
    needed = {
        "web": int(settings.get("GRACEFUL_TIMEOUT_SECONDS", GRACEFUL_TIMEOUT_SECONDS)),
        "worker": constant_product(project, "CELERY_TASK_TIME_LIMIT"),
    }
    for document, template in pod_templates(documents):
        given = template["spec"].get("terminationGracePeriodSeconds", 30)
        for container in containers(template):
            before = container.get("lifecycle", {}).get("preStop", {}).get("sleep", {})
            seconds = before.get("seconds", 0) + needed.get(container["name"], 0)
            if given <= seconds:
                yield f"{name_of(document)}/{container['name']}: has {given} s to end, needs {seconds}"


def command_faults(project: BakedProject, documents: list[Document]) -> Iterator[str]:
    commands = [
        " ".join(container["command"])
        for _, template in pod_templates(documents)
        for container in containers(template)
        if container["name"] == "worker"
    ]
    yield from worker_faults(project, commands)


def way_in_faults(documents: list[Document]) -> Iterator[str]:
    """Yield rules that let anybody in a cluster call the pods, past what cuts slow clients."""
    for document in documents:
        if document["kind"] == "NetworkPolicy":
            for rule in document["spec"].get("ingress", []):
                for source in rule.get("from") or [{}]:
                    if not source.get("namespaceSelector", {}).get("matchLabels"):
                        yield f"{name_of(document)}: lets every namespace in"


def overlay_faults(documents: list[Document]) -> Iterator[str]:
    """Yield what a finished overlay must have beyond what the base has."""
    hosts = {
        host
        for document in documents
        if document["kind"] == "Ingress"
        for host in (
            *(rule["host"] for rule in document["spec"]["rules"]),
            *(name for entry in document["spec"]["tls"] for name in entry["hosts"]),
        )
    }
    for document in documents:
        if "namespace" not in document["metadata"]:
            yield f"{name_of(document)}: names no namespace"
        if document["kind"] == "ConfigMap":
            allowed = set(document["data"]["ALLOWED_HOSTS"].split(","))
            if hosts != allowed:
                yield f"the ingress serves {sorted(hosts)}, ALLOWED_HOSTS are {sorted(allowed)}"
    for document, template in pod_templates(documents):
        for container in containers(template):
            if not re.fullmatch(r"[^:]+/[^:]+:\d+\.\d+\.\d+", container["image"]):
                yield f"{name_of(document)}: the image {container['image']} names no release"


def runbook_faults(project: BakedProject, documents: list[Document]) -> Iterator[str]:
    """Yield what TASKS.md names and a finished overlay does not have."""
    text = project.text("TASKS.md")
    there = {(document["kind"].lower(), document["metadata"]["name"]) for document in documents}
    for kind, name in sorted(set(re.findall(r"(deployment|job)/([\w-]+)", text))):
        if (kind, name) not in there:
            yield f"TASKS.md: there is no {kind} {name}"
    pods = {
        (document["metadata"]["name"], container["name"])
        for document, template in pod_templates(documents)
        for container in containers(template)
    }
    for pod in sorted(set(re.findall(r"deployment/([\w-]+) --container ([\w-]+)", text))):
        if pod not in pods:
            yield f"TASKS.md: {pod[0]} has no container {pod[1]}"
    (namespace,) = re.findall(r"(?m)^NAMESPACE=(\S+)$", text)
    secrets = re.findall(r"create secret generic (\S+)", text)
    for document, template in pod_templates(documents):
        if document["metadata"]["namespace"] != namespace:
            yield f"TASKS.md: {name_of(document)} is not in {namespace}"
        for container in containers(template):
            for source in container["envFrom"]:
                if "secretRef" in source and source["secretRef"]["name"] not in secrets:
                    yield f"TASKS.md: does not make {source['secretRef']['name']}"


def pod_templates(documents: list[Document]) -> Iterator[tuple[Document, Document]]:
    """Yield each document that starts pods, with the template of its pods."""
    for document in documents:
        if "template" in document.get("spec", {}):
            yield document, document["spec"]["template"]


def containers(template: Document) -> list[Document]:
    return [*template["spec"].get("initContainers", []), *template["spec"]["containers"]]


def name_of(document: Document) -> str:
    return f"{document['kind']} {document['metadata']['name']}"


def build_fault(project: BakedProject, folder: str) -> str | None:
    """Return why kustomize cannot build ``folder``, or ``None``."""
    command = kustomize_command()
    assert command, "ask kustomize_command() first"
    done: subprocess.CompletedProcess[str] = project.run(*command, folder, check=False)
    return done.stderr.strip() or "no reason given" if done.returncode else None
