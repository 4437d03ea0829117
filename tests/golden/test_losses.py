"""The questions about losses find what is lost, and the table counts it."""

import copy

import pytest

from k8s_bridge.compose.load import load
from k8s_bridge.sources.disk import Disk
from tests.golden.cluster import Cluster
from tests.golden.losses import CHECKS, Case, Tally, count, main

SHOP = """\
services:
  web:
    image: nginx
    container_name: front-door
    command: [a, "$$(date)"]
    init: true
    platform: linux/arm64
    restart: always
    scale: 1
    environment: {A: "$$(B)", C: d}
    ports: ["8080:80"]
    links: ["db:data"]
    depends_on: {db: {condition: service_healthy}}
    volumes: ["./conf:/conf:ro", "shared:/s"]
    secrets: [pw]
    configs: [cf]
    networks: {front: {aliases: [www]}, default: {}}
  db:
    image: redis
    restart: always
    stop_signal: SIGINT
    healthcheck: {test: "redis-cli ping || exit 1"}
    volumes: ["shared:/data"]
  copy:
    image: redis
    restart: always
    volumes_from: [web]
networks: {front: {}}
volumes: {shared: {}}
secrets: {pw: {file: ./pw}}
configs: {cf: {content: hello}}
"""


@pytest.fixture
def case(tmp_path):
    (tmp_path / "conf" / "sub").mkdir(parents=True)
    (tmp_path / "conf" / "a").write_text("1")
    (tmp_path / "conf" / "sub" / "b").write_text("2")
    (tmp_path / "pw").write_text("hunter2")
    (tmp_path / "compose.yaml").write_text(SHOP)
    disk = Disk()
    project = load([], reader=disk, environment={}, folder=str(tmp_path))
    return Case.of(project, disk)


def _changed(case: Case, change) -> Case:
    """The case with objects that somebody changed, and with no report."""
    objects = copy.deepcopy(case.cluster.manifests)
    objects = [o for o in objects if change(o) is not None]
    silent = case.result._replace(entries=lambda: iter(()))
    return Case(case.project, silent, Cluster(objects))


def _named(obj: dict, kind: str, name: str) -> bool:
    return (obj["kind"], obj["metadata"]["name"]) == (kind, name)


def _without(kind: str, name: str):
    return lambda obj: None if _named(obj, kind, name) else obj


def _spec(name: str, change):
    """Changes the pod of a Deployment."""

    def changed(obj: dict) -> dict:
        if _named(obj, "Deployment", name):
            change(obj["spec"]["template"]["spec"])
        return obj

    return changed


def _container(name: str, **fields: object):
    return _spec(name, lambda spec: spec["containers"][0].update(fields))


def _volumes(name: str, source: dict):
    def change(spec: dict) -> None:
        spec["volumes"] = [{"name": v["name"], **source} for v in spec["volumes"]]

    return _spec(name, change)


def _flat(obj: dict) -> dict:
    if obj["kind"] == "ConfigMap":
        obj["data"] = {k: v for k, v in obj["data"].items() if v != "2"}
    return obj


def _vip(obj: dict) -> dict:
    if _named(obj, "Service", "web"):
        obj["spec"] = {**obj["spec"], "ports": [{"port": 8080, "targetPort": 80}]}
        del obj["spec"]["clusterIP"]
    return obj


_EMPTY = {"persistentVolumeClaim": {"claimName": "other"}}
BROKEN = {
    "a service's name resolves to nothing": _without("Service", "web"),
    "a published port is unreachable from outside": _without(
        "Service", "web-published"
    ),
    "depends_on is lost": _spec("web", lambda spec: spec.pop("initContainers")),
    "a bind mount is replaced by an empty claim": _volumes("web", _EMPTY),
    "peers must use the published port": _vip,
    "init is lost": _spec("web", lambda spec: spec.pop("shareProcessNamespace")),
    "a secret lies at the wrong path": _without("Secret", "pw"),
    "a mounted folder is flattened": _flat,
    "a health check always fails": _container(
        "db", readinessProbe={"exec": {"command": ["redis-cli ping || exit 1"]}}
    ),
    "stop_signal is lost": _container("db", lifecycle={}),
    "volumes_from is lost": _container("copy", volumeMounts=[]),
    "a link's name resolves to nothing": _without("Service", "data"),
    "platform is lost": _spec("web", lambda spec: spec.pop("nodeSelector")),
    "a container's name resolves to nothing": _without("Service", "front-door"),
    "an alias resolves to nothing": _without("Service", "www"),
    "a config lies at the wrong path": _without("ConfigMap", "cf"),
    "a shared volume is not shared": _volumes("db", {"emptyDir": {}}),
    "a variable has another value": _container("web", env=[]),
    "a command has other words": _container("web", args=["a", "$(date)", "b"]),
    "the number of replicas is another": lambda obj: (
        (obj["spec"].update(replicas=7) if obj["kind"] == "Deployment" else None) or obj
    ),
}


def test_every_question_is_tried():
    untried = {"restart unset is turned into Always"}
    untried |= {"several networks are flattened (files)"}
    assert BROKEN.keys() | untried == {title for title, _, _ in CHECKS}


def test_nothing_of_the_shop_is_lost_in_silence(case):
    tallies: dict[str, Tally] = {}
    assert count(case, tallies) == []
    asked = {title for title, tally in tallies.items() if tally.places}
    assert asked == BROKEN.keys() | {"several networks are flattened (files)"}


@pytest.mark.parametrize("title", BROKEN)
def test_a_question_finds_what_is_lost(case, title):
    check = next(check for name, check, _ in CHECKS if name == title)
    before = [loss for loss in check(case) if loss]
    after = [loss for loss in check(_changed(case, BROKEN[title])) if loss]
    assert len(after) > len(before)


def test_a_program_that_is_started_again_unasked_is_found(tmp_path):
    (tmp_path / "compose.yaml").write_text("services: {web: {image: nginx}}")
    disk = Disk()
    project = load([], reader=disk, environment={}, folder=str(tmp_path))
    case = Case.of(project, disk)
    check = next(check for name, check, _ in CHECKS if name.startswith("restart"))
    [loss] = check(case)
    assert loss.path == "services.web.restart"
    assert case.told(loss)


def test_the_table_of_a_folder(tmp_path, capsys):
    (tmp_path / "compose.yaml").write_text("services: {web: {image: nginx}}")
    (tmp_path / "bad.yaml").write_text("services: {web: {}}")
    (tmp_path / "other.yaml").write_text("kind: Pod")
    assert main(str(tmp_path)) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[-1] == "lost in silence: 0, lost with a line in the report: 1"
    assert lines[-2].startswith("1 files with 1 services, 1 files refused")
