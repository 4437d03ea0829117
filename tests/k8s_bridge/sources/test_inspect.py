"""What a real engine says of a Compose project, read back as that project.

``shop.json`` is what Docker 20.10.24 told after the real ``docker compose`` 5.6.1 had
brought ``shop.yaml`` up.
"""

import json
import re
from pathlib import Path

import pytest

from k8s_bridge.application import (
    Condition,
    Dependency,
    Link,
    NetworkMode,
    Restart,
)
from k8s_bridge.grouping import application_of, groups_of
from k8s_bridge.sources.inspect import look_through, read_engine, read_files
from k8s_bridge.sources.world import application_from_inspect
from minidock import Engine
from minidock.errors import InvalidParameter, NotFound, Refusal
from minidock.server.live import Live
from minidock.server.serving import serve

HERE = Path(__file__).parent
SHOP = HERE / "shop.json"


@pytest.fixture(scope="module")
def shop():
    (group,) = groups_of(read_files([str(SHOP)]))
    return application_of(group)


def test_services_have_the_projects_words(shop):
    assert shop.name == "shop"
    assert sorted(s.name for s in shop.services) == ["db", "my-w4", "w2", "w3", "web"]
    chosen = {s.name: s.program.container_name for s in shop.services}
    assert {name for name, text in chosen.items() if text} == {"web"}
    assert chosen["web"] == "my-web"


def test_containers_of_one_service_are_replicas(shop):
    replicas = {s.name: s.scheduling.replicas for s in shop.services}
    assert replicas == {"db": None, "my-w4": None, "w2": 2, "w3": None, "web": None}


def test_dependencies_come_from_the_label(shop):
    assert shop.service("web").dependencies == (Dependency("db", Condition.HEALTHY),)
    assert shop.service("w3").dependencies == (
        Dependency("db"),
        Dependency("my-w4", restart=True),
    )


def test_names_that_compose_adds_by_itself_are_nobodys_aliases(shop):
    aliases = {
        (s.name, a.network): a.aliases
        for s in shop.services
        for a in s.networking.attachments
    }
    assert {key: names for key, names in aliases.items() if names} == {
        ("db", "shop_back"): ("store",)
    }
    (attachment,) = shop.service("w3").networking.attachments
    assert attachment.links == (Link("my-w4", "four"),)


def test_a_joined_namespace_is_the_services(shop):
    networking = shop.service("w2").networking
    assert (networking.mode, networking.shares) == (NetworkMode.SHARED, "db")


def test_volumes_have_the_projects_word_and_the_hosts(shop):
    assert [(v.name, v.docker_name, v.external) for v in shop.volumes] == [
        ("data", "shop_data", False),
        ("db-anon", "db-anon", False),  # anonymous, and w3 takes it over
    ]
    mounts = {(s.name, m.target): m for s in shop.services for m in s.mounts}
    assert mounts["db", "/data"].source == "data"
    assert mounts["w3", "/data"].source == "data"
    assert mounts["db", "/anon"].source == "db-anon"  # w3 takes it over


def test_a_file_that_compose_bound_as_a_secret_is_one(shop):
    web = shop.service("web")
    assert [(g.source, g.target) for g in web.secrets] == [("tok", "/run/secrets/tok")]
    assert web.mounts == ()
    assert [(s.name, s.docker_name, s.data) for s in shop.secrets] == [
        ("tok", "shop_tok", None)
    ]
    attributes = {s.attribute for s in web.settings}
    assert "secrets" in attributes
    assert "mounts" not in attributes


def test_networks_keep_the_hosts_name_and_the_default_one_is_implicit(shop):
    found = {n.name: (n.implicit, n.external, n.internal) for n in shop.networks}
    assert found == {
        "shop_front": (False, False, False),
        "shop_back": (False, False, True),
        "shop_default": (True, False, False),
    }


def test_nothing_that_compose_labelled_is_a_setting_or_a_label(shop):
    assert shop.service("web").labels == (("tier", "web"),)
    texts = [s.value for service in shop.services for s in service.settings]
    texts += [s.value for network in shop.networks for s in network.settings]
    assert not [text for text in texts if "com.docker.compose" in text]


def test_compose_writes_no_only_where_somebody_did(shop):
    assert shop.service("db").lifecycle.restart is Restart.NO
    assert shop.service("web").lifecycle.restart is Restart.UNSET


def test_no_of_the_docker_program_says_nothing():
    policy = {"RestartPolicy": {"Name": "no"}}
    asked = {"Name": "/web", "Config": {"Image": "nginx"}, "HostConfig": policy}
    service = application_from_inspect([asked]).services[0]
    assert service.lifecycle.restart is Restart.UNSET


def test_signals_and_devices_are_read():
    host = {
        "Devices": [
            {"PathOnHost": "/dev/fuse", "PathInContainer": "/dev/fuse"},
            {"PathOnHost": "/dev/a", "PathInContainer": "/b", "CgroupPermissions": "r"},
        ]
    }
    asked = {"Name": "/w", "Config": {"StopSignal": "INT"}, "HostConfig": host}
    service = application_from_inspect([asked]).services[0]
    assert service.lifecycle.stop_signal == "INT"
    assert service.security.devices == ("/dev/fuse:/dev/fuse", "/dev/a:/b:r")


def test_what_a_project_did_not_make_is_external():
    own = {"com.docker.compose.project": "shop", "com.docker.compose.service": "web"}
    container = {
        "Name": "/shop-web-1",
        "Config": {"Labels": own},
        "HostConfig": {"NetworkMode": "lan", "Binds": ["pool:/p", "shop_d:/d"]},
        "NetworkSettings": {"Networks": {"lan": {}, "bridge": {}}},
    }
    networks = [{"Name": "lan", "IPAM": {}, "Labels": {}}, {"Name": "bridge"}]
    labels = {"com.docker.compose.project": "shop", "com.docker.compose.volume": "d"}
    volumes = [{"Name": "pool"}, {"Name": "shop_d", "Labels": labels}]
    application = application_from_inspect([container], networks, [], volumes)
    assert {n.name: n.external for n in application.networks} == {
        "lan": True,
        "bridge": False,
    }
    assert {v.name: v.external for v in application.volumes} == {
        "pool": True,
        "d": False,
    }


def test_two_projects_with_one_service_name_stay_apart():
    def container(project):
        labels = {
            "com.docker.compose.project": project,
            "com.docker.compose.service": "web",
        }
        return {"Name": f"/{project}-web-1", "Config": {"Labels": labels}}

    application = application_from_inspect([container("b"), container("a")])
    assert [s.name for s in application.services] == ["b-web", "web"]
    assert application.name == ""


def test_a_container_of_compose_run_is_no_replica():
    labels = {
        "com.docker.compose.project": "p",
        "com.docker.compose.service": "web",
        "com.docker.compose.oneoff": "True",
    }
    asked = {"Name": "/p-web-run-1f", "Config": {"Labels": labels}}
    assert application_from_inspect([asked]).services[0].name == "p-web-run-1f"


@pytest.fixture
def engine(tmp_path):
    docker = Engine()
    live = Live(docker)
    server = serve(live, [f"unix://{tmp_path}/docker.sock"])
    yield docker, server.addresses[0]
    server.close()
    live.close()


def test_an_engine_over_its_socket_gives_what_the_engine_itself_gives(engine):
    docker, url = engine
    docker("network create front")
    docker("volume create data")
    docker("run -d --name db --network front -v data:/data redis")
    docker("run -d --name web --network front -p 8080:80 nginx")
    state = read_engine(url)
    assert sorted(c.text("Name") for c in state.containers) == ["/db", "/web"]
    (group,) = groups_of(state)
    assert group.name == "front"
    saved = [json.dumps(c.attrs) for c in docker.containers.list(all=True)]
    saved += [json.dumps(n.attrs) for n in docker.networks.list()]
    saved += [json.dumps(i.attrs) for i in docker.images.list()]
    volumes = [json.dumps(v.attrs) for v in docker.volumes.list()]
    files = {"all": "\n".join(saved), "volumes": "\n".join(volumes)}
    assert groups_of(read_files(files, files.__getitem__)) == (group,)


def test_what_lies_at_a_path_is_looked_at_through_the_engine(engine):
    docker, url = engine
    docker("run -d --name web nginx")
    docker("exec web mkdir -p /etc/x/y")
    docker("exec web sh -c 'echo hi > /etc/x/y/z'")
    look = look_through(url)
    (container,) = read_engine(url).containers
    content = look(container, "/etc/x")
    assert content.directory
    assert [(f.path, f.data) for f in content.files] == [("y/z", b"hi\n")]
    file = look(container, "/etc/x/y/z")
    assert not file.directory
    assert [(f.path, f.data) for f in file.files] == [("", b"hi\n")]
    assert look(container, "/nowhere") is None


def test_where_no_engine_answers_it_is_said(tmp_path):
    with pytest.raises(Refusal, match=re.escape(f"unix://{tmp_path}/no.sock")) as said:
        read_engine(f"unix://{tmp_path}/no.sock")
    assert "docker -H" in said.value.remedy


@pytest.mark.parametrize("text", ["[1]", "{}", '{"a"', "x", "[" * 100_000])
def test_what_is_no_inspect_json_is_refused(text):
    with pytest.raises(InvalidParameter):
        read_files(["f"], lambda _: text)


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(NotFound, match="No such file"):
        read_files([str(tmp_path / "nothing")])
