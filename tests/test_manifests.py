"""Manifests are valid, hang together, and fit the service that they start.

Schemas of Kubernetes, and the real kustomize or kubectl, stand for a cluster. Not proven here: that
a cluster schedules, routes, scales or isolates as the manifests ask.
"""

import copy
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from tests.baking import Answers, BakedProject, bake
from tests.manifests import (
    BASE,
    OVERLAYS,
    PRODUCTION,
    Document,
    base_documents,
    build_fault,
    built_documents,
    file_faults,
    kustomize_command,
    manifest_faults,
    overlay_faults,
    runbook_faults,
)
from tests.programs import missing
from tests.yamls import yaml_faults

# Every pair of a database and a broker, and of either and the only sign-in that changes a file.
ROWS: dict[str, Answers] = {
    "defaults": {},
    "postgresql-rabbitmq-oidc": {"broker": "rabbitmq", "auth": "oidc"},
    "mysql-redis-oidc": {"database": "mysql", "auth": "oidc"},
    "mysql-rabbitmq-jwt-longest-name": {
        "database": "mysql",
        "broker": "rabbitmq",
        "project_slug": "a" * 40,
    },
    "sqlite-redis-session": {"database": "sqlite", "auth": "session"},
    "sqlite-rabbitmq-oidc": {"database": "sqlite", "broker": "rabbitmq", "auth": "oidc"},
}


@pytest.mark.parametrize("row", ROWS)
def test_manifests_are_sound_in_every_combination(row: str, into: Path) -> None:
    project = bake({"project_slug": "shop_floor", **ROWS[row]}, into, lock=False)

    assert [*file_faults(project)] == []
    assert yaml_faults(project, "k8s") == []
    assert manifest_faults(project, base_documents(project)) == []
    if not kustomize_command():
        missing("kustomize")
    for folder in OVERLAYS:
        documents = built_documents(project, folder)
        assert manifest_faults(project, documents) == []
        assert [*overlay_faults(documents)] == []
        if folder == PRODUCTION:
            assert [*runbook_faults(project, documents)] == []


def test_a_bake_without_kubernetes_has_no_manifests_and_no_word_of_them(into: Path) -> None:
    project = bake({"kubernetes": "none"}, into, lock=False)

    assert not project.has_file("k8s")
    assert "kubectl" not in project.text("TASKS.md")


def test_manifests_are_yaml_before_they_are_rendered() -> None:
    service = BakedProject(Path(__file__).parents[1] / "{{cookiecutter.project_slug}}")
    names = [name for name in service.files if name.startswith("k8s/")]

    assert names
    for name in names:
        assert list(yaml.safe_load_all(service.text(name)))


def container(document: Document) -> Document:
    return document["spec"]["template"]["spec"]["containers"][0]


def misspell(web: Document) -> None:
    container(web)["readinesProbe"] = container(web).pop("readinessProbe")


def make_kind_unknown(web: Document) -> None:
    web["kind"] = "Deplyoment"


def lose_the_pods(web: Document) -> None:
    web["spec"]["selector"]["matchLabels"]["app.kubernetes.io/component"] = "wbe"


def ask_for_nothing(web: Document) -> None:
    container(web)["readinessProbe"]["httpGet"]["path"] = "/readiness/"


def restart_without_database(web: Document) -> None:
    container(web)["livenessProbe"]["httpGet"]["path"] = "/ready/"


def listen_elsewhere(web: Document) -> None:
    container(web)["ports"][0]["containerPort"] = 8080


def probe_elsewhere(web: Document) -> None:
    container(web)["startupProbe"]["httpGet"]["port"] = "web"


def allow_root(web: Document) -> None:
    web["spec"]["template"]["spec"]["securityContext"]["runAsNonRoot"] = False


def allow_writing(web: Document) -> None:
    del container(web)["securityContext"]["readOnlyRootFilesystem"]


def kill_early(web: Document) -> None:
    web["spec"]["template"]["spec"]["terminationGracePeriodSeconds"] = 35


def name_another_settings(web: Document) -> None:
    container(web)["envFrom"][0]["configMapRef"]["name"] = "my-service-setings"


PLANTED_IN_WEB = {
    misspell: "Additional properties are not allowed",
    make_kind_unknown: "Couldn't find schema for kind Deplyoment",
    lose_the_pods: "finds no pod",
    ask_for_nothing: "its readiness probe asks for /readiness/, which is not there",
    restart_without_database: "its liveness probe asks for /ready/",
    listen_elsewhere: "the containers listen on {'http': 8080}",
    probe_elsewhere: "nothing is behind the port web",
    allow_root: "runAsNonRoot is False, not True",
    allow_writing: "readOnlyRootFilesystem is None, not True",
    kill_early: "has 35 s to end, needs 35",
    name_another_settings: "there is no ConfigMap my-service-setings",
}


@pytest.mark.parametrize("plant", PLANTED_IN_WEB, ids=lambda plant: plant.__name__)
def test_a_fault_in_a_deployment_is_found(
    plant: Callable[[Document], None], default_bake: BakedProject
) -> None:
    documents = copy.deepcopy(base_documents(default_bake))
    plant(named(documents, "Deployment", "my-service-web"))

    assert PLANTED_IN_WEB[plant] in "\n".join(manifest_faults(default_bake, documents))


@pytest.mark.parametrize(
    ("kind", "name", "change", "fault"),
    [
        ("ConfigMap", "settings", {"data": {"LOGLEVEL": "INFO"}}, "LOGLEVEL: no setting reads it"),
        ("ConfigMap", "settings", {"data": None}, "ALLOWED_HOSTS: production needs it"),
        ("ConfigMap", "settings", {"kind": "Secret"}, "secrets have no place in the repository"),
        ("Service", "web", {"spec": {"selector": {"app": "web"}}}, "finds no pod"),
        ("Service", "web", {"spec": {"ports": [{"targetPort": "web"}]}}, "nothing is behind"),
        ("Service", "web", {"metadata": {"name": "w" * 64}}, "is no DNS label"),
        ("Ingress", None, {"metadata": {"lables": {}}}, "Additional properties are not allowed"),
        (
            "HorizontalPodAutoscaler",
            "web",
            {"spec": {"scaleTargetRef": {"name": "web"}}},
            "there is no Deployment web",
        ),
    ],
)
def test_a_fault_in_another_object_is_found(
    kind: str, name: str | None, change: Document, fault: str, default_bake: BakedProject
) -> None:
    documents = copy.deepcopy(base_documents(default_bake))
    merge(named(documents, kind, f"my-service-{name}" if name else "my-service"), change)

    assert fault in "\n".join(manifest_faults(default_bake, documents))


@pytest.mark.parametrize("opened", [{"from": [{"namespaceSelector": {}}]}, {"from": []}])
def test_a_policy_that_lets_the_whole_cluster_in_is_found(
    opened: Document, default_bake: BakedProject
) -> None:
    documents = copy.deepcopy(base_documents(default_bake))
    policy = named(documents, "NetworkPolicy", "my-service-web")
    policy["spec"]["ingress"][0].update(opened)

    assert manifest_faults(default_bake, documents) == [
        "NetworkPolicy my-service-web: lets every namespace in"
    ]


def test_a_worker_that_leaves_a_queue_alone_is_found(default_bake: BakedProject) -> None:
    documents = copy.deepcopy(base_documents(default_bake))
    worker = container(named(documents, "Deployment", "my-service-worker-critical"))
    worker["command"] = [part.replace("=critical", "=default") for part in worker["command"]]

    assert manifest_faults(default_bake, documents) == [
        "the workers work on ['bulk', 'default', 'default'], the queues are ['bulk', 'critical', 'default']"
    ]


def test_a_file_that_no_kustomization_names_is_found(own_bake: BakedProject) -> None:
    (own_bake.path / BASE / "forgotten.yaml").write_text("kind: ConfigMap\n", "utf-8")
    (own_bake.path / BASE / "beat.yaml").unlink()

    assert [*file_faults(own_bake)] == [
        "k8s/base/forgotten.yaml: no kustomization names it",
        "k8s/base/beat.yaml: is named but not there",
    ]


def test_an_overlay_that_serves_another_host_is_found(default_bake: BakedProject) -> None:
    if not kustomize_command():
        missing("kustomize")
    documents = built_documents(default_bake, "k8s/overlays/staging")
    ingress = named(documents, "Ingress", "my-service")
    ingress["spec"]["rules"][0]["host"] = "example.org"

    (fault,) = overlay_faults(documents)
    assert fault == (
        "the ingress serves ['example.org', 'staging.example.com'], "
        "ALLOWED_HOSTS are ['staging.example.com']"
    )


def test_a_runbook_that_names_what_is_not_there_is_found(own_bake: BakedProject) -> None:
    if not kustomize_command():
        missing("kustomize")
    tasks = own_bake.path / "TASKS.md"
    text = tasks.read_text("utf-8")
    changed = text.replace("job/my-service-migrate", "job/my-service-migration").replace(
        "create secret generic my-service-secrets", "create secret generic secrets"
    )
    tasks.write_text(changed, "utf-8")

    faults = {*runbook_faults(own_bake, built_documents(own_bake, PRODUCTION))}
    assert faults == {
        "TASKS.md: there is no job my-service-migration",
        "TASKS.md: does not make my-service-secrets",
    }


def test_a_misspelt_field_in_a_patch_is_found(own_bake: BakedProject) -> None:
    if not kustomize_command():
        missing("kustomize")
    patch = own_bake.path / PRODUCTION / "scale.yaml"
    patch.write_text(patch.read_text("utf-8").replace("maxReplicas", "maxReplica"), "utf-8")

    assert build_fault(own_bake, PRODUCTION) is None
    faults = manifest_faults(own_bake, built_documents(own_bake, PRODUCTION))
    assert len(faults) == 2
    assert "('maxReplica' was unexpected)" in faults[0]


def test_a_patch_for_nothing_is_refused(own_bake: BakedProject) -> None:
    if not kustomize_command():
        missing("kustomize")
    patch = own_bake.path / PRODUCTION / "scale.yaml"
    patch.write_text(patch.read_text("utf-8").replace("-worker", "-wroker"), "utf-8")

    fault = build_fault(own_bake, PRODUCTION)

    assert fault is not None
    assert "my-service-wroker" in fault


def named(documents: list[Document], kind: str, name: str) -> Document:
    """Return the document of ``kind`` whose name is ``name``."""
    (found,) = (
        document
        for document in documents
        if (document["kind"], document["metadata"]["name"]) == (kind, name)
    )
    return found


def merge(document: Document, change: Document) -> None:
    """Put ``change`` into ``document``; an object into an object, a list in place of a list."""
    for key, value in change.items():
        if value is None:
            document[key] = {}
        elif isinstance(value, dict) and isinstance(document.get(key), dict):
            merge(document[key], value)
        elif isinstance(value, list) and isinstance(document.get(key), list):
            merge(document[key][0], value[0])
        else:
            document[key] = value
