"""The same wish gives the same manifests, however it is written."""

import json
from pathlib import Path

from hypothesis import assume, given, settings

from k8s_bridge import translate
from k8s_bridge.application import Application, MountKind
from k8s_bridge.compose.load import load
from k8s_bridge.compose.reader import InMemory
from k8s_bridge.grouping import application_of, groups_of
from k8s_bridge.manifests import Manifest
from k8s_bridge.sources.compose import application_from_compose
from k8s_bridge.sources.inspect import read_files
from k8s_bridge.sources.run import application_from_lines
from minidock.errors import Refusal
from tests.k8s_bridge.sources.wishes import NETWORKS, Wish, wishes


def _from_lines(wanted: list[Wish]) -> Application:
    networks = [f"docker network create {name}" for name in NETWORKS]
    return application_from_lines([*networks, *(wish.line for wish in wanted)])


def _from_compose(wanted: list[Wish]) -> Application:
    mounts = [m for wish in wanted for m in wish.keys.get("volumes", ())]
    named = {m["source"] for m in mounts if m["type"] == "volume"}
    written = {
        "networks": {name: {"name": name} for name in NETWORKS},
        "services": {wish.name: wish.service for wish in wanted},
        "volumes": {name: {"name": name} for name in named},
    }
    # JSON is YAML; a dollar sign is one when it is written twice.
    text = json.dumps(written).replace("$", "$$").encode()
    reader = InMemory({"/srv/shop/compose.yaml": text})
    project = load([], reader=reader, environment={}, folder="/srv/shop")
    return application_from_compose(project, reader)


def _unlooked(application: Application) -> Application:
    """Without what nobody can know of a line: the project, what lies on the host."""
    services = tuple(
        s._replace(mounts=tuple(m._replace(content=None) for m in s.mounts))
        for s in application.services
    )
    return application._replace(name="", services=services)


def test_a_project_and_the_engine_that_runs_it_give_the_same_manifests():
    """Docker Compose brought the one up, and Docker 20.10.24 told the other."""
    here = Path(__file__).parent
    # The engine knows nothing of "ro" (docker compose drops it), configs and secrets.
    written = (here / "shop.yaml").read_text().replace("db:ro", "db")
    reader = InMemory({"/home/me/shop/compose.yaml": written.encode()})
    project = load([], reader=reader, environment={}, folder="/home/me/shop")
    compose = application_from_compose(project, reader)
    (group,) = groups_of(read_files([str(here / "shop.json")]))
    live = application_of(group)
    assert len(live.services) == 5
    assert _bare(compose) == _bare(live)


def _bare(application: Application) -> dict[tuple[str, str], Manifest]:
    services = tuple(
        service._replace(
            lifecycle=service.lifecycle._replace(status="running"),
            mounts=tuple(m for m in service.mounts if m.kind is not MountKind.BIND),
            configs=(),
            secrets=(),
        )
        for service in application.services
    )
    return _by_name(application._replace(services=services, configs=(), secrets=()))


def test_an_anonymous_volume_that_is_taken_over_is_shared():
    lines = ["docker run -d --name aa -v /x/y nginx"]
    lines += ["docker run -d --name bb --volumes-from aa:ro nginx"]
    services = {
        "aa": {"image": "nginx", "network_mode": "bridge", "volumes": ["/x/y"]},
        "bb": {"image": "nginx", "network_mode": "bridge", "volumes_from": ["aa:ro"]},
    }
    text = json.dumps({"services": services}).encode()
    reader = InMemory({"/srv/shop/compose.yaml": text})
    project = load([], reader=reader, environment={}, folder="/srv/shop")
    compose = application_from_compose(project, reader)
    found = [application_from_lines(lines), compose]
    for application in found:
        mounts = [m for s in application.services for m in s.mounts]
        assert [(m.source, m.read_only) for m in mounts] == [
            ("aa-x-y", False),
            ("aa-x-y", True),
        ]


def _by_name(application: Application) -> dict[tuple[str, str], Manifest]:
    """The manifests: their order has no meaning."""
    found = translate(application).manifests
    return {(str(m["kind"]), str(m["metadata"]["name"])): m for m in found}


@settings(max_examples=60, deadline=None)
@given(wishes())
def test_a_docker_line_and_a_service_that_mean_the_same_give_the_same_manifests(wanted):
    try:
        lines = _from_lines(wanted)
    except Refusal:  # a port that is taken, a name that is none
        assume(False)
    used = {a.network for s in lines.services for a in s.networking.attachments}
    lines = lines._replace(networks=tuple(n for n in lines.networks if n.name in used))
    compose = _unlooked(_from_compose(wanted))
    assert _by_name(compose) == _by_name(lines)


def test_ports_of_one_number_have_one_order_whatever_was_said_first():
    one = "docker run -d --name web -p 1:1/udp -p 1:1/tcp -p 80:80 nginx"
    two = "docker run -d --name web -p 80:80 -p 1:1/tcp -p 1:1/udp nginx"
    services = {
        "web": {
            "image": "nginx",
            "network_mode": "bridge",
            "ports": ["80:80", "1:1/udp", "1:1"],
        }
    }
    text = json.dumps({"services": services}).encode()
    reader = InMemory({"/srv/shop/compose.yaml": text})
    project = load([], reader=reader, environment={}, folder="/srv/shop")
    compose = application_from_compose(project, reader)._replace(name="")
    expected = _by_name(application_from_lines([one]))
    assert _by_name(application_from_lines([two])) == expected
    assert _by_name(compose) == expected
