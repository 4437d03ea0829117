"""Short forms and long forms of one document."""

import copy

import pytest
from hypothesis import given

from k8s_bridge.compose.canonical import canonical
from minidock.errors import InvalidParameter
from tests.k8s_bridge.compose.strategies_compose import projects, services


def service(**attributes: object) -> dict:
    whole = canonical({"services": {"web": attributes}})
    assert isinstance(whole, dict)
    return whole["services"]["web"]


@pytest.mark.parametrize(
    ("key", "short", "long"),
    [
        ("build", ".", {"context": "."}),
        (
            "depends_on",
            ["db"],
            {"db": {"condition": "service_started", "required": True}},
        ),
        ("depends_on", {"db": {}}, {"db": {"required": True}}),
        ("devices", ["/a"], [{"source": "/a", "target": "/a", "permissions": "rwm"}]),
        ("dns", "192.0.2.1", ["192.0.2.1"]),
        ("env_file", "a.env", [{"path": "a.env", "required": True}]),
        ("environment", ["A=1=2", "B", "C="], {"A": "1=2", "B": None, "C": ""}),
        ("extends", "base", {"service": "base"}),
        ("extra_hosts", ["a:[::1]", "a=192.0.2.1"], {"a": ["::1", "192.0.2.1"]}),
        ("gpus", "all", [{"count": "all"}]),
        ("label_file", "a", ["a"]),
        ("labels", ["a=b", "c"], {"a": "b", "c": None}),
        ("models", ["m"], {"m": None}),
        ("networks", ["a", "b"], {"a": None, "b": None}),
        ("secrets", ["key"], [{"source": "key"}]),
        ("tmpfs", "/run", ["/run"]),
        ("volumes", ["/ab"], [{"type": "volume", "target": "/ab", "volume": {}}]),
        ("volumes", ["/a"], [{"type": "volume", "target": "/a"}]),
    ],
)
def test_a_short_form_becomes_its_long_form(
    key: str, short: object, long: object
) -> None:
    assert service(**{key: short}) == {key: long}
    assert service(**{key: long}) == {key: long}


def mount(text: str) -> dict:
    return service(volumes=[text])["volumes"][0]


@pytest.mark.parametrize(
    ("text", "kind", "source", "target"),
    [
        ("./a:/b", "bind", "./a", "/b"),
        ("~:/b:ro", "bind", "~", "/b"),
        (r"c:\a:/b", "bind", r"c:\a", "/b"),
        (r"c:\a:d:\b:ro", "bind", r"c:\a", r"d:\b"),
        (r"\\.\pipe\x:/b", "bind", r"\\.\pipe\x", "/b"),
        ("data:/b/../c/", "volume", "data", "/c"),
        ("data:/b:unknown", "volume", "data", "/b"),
        ("d:/b", "volume", None, "d:/b"),  # Docker is odd here: a drive, not a volume
    ],
)
def test_a_mount_is_a_path_or_a_volume_by_how_its_source_begins(
    text: str, kind: str, source: str | None, target: str
) -> None:
    found = mount(text)
    assert (found["type"], found.get("source"), found["target"]) == (
        kind,
        source,
        target,
    )


def test_options_of_a_mount_are_told_apart() -> None:
    assert mount("./a:/b:ro,z,rshared") == {
        "type": "bind",
        "source": "./a",
        "target": "/b",
        "read_only": True,
        "bind": {"selinux": "z", "propagation": "rshared", "create_host_path": True},
    }
    assert mount("data:/b:nocopy")["volume"] == {"nocopy": True}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "invalid empty volume spec"),
        (":/b", "empty section between colons"),
        ("a1:/b:ro:z1", "too many colons"),
    ],
)
def test_a_mount_that_cannot_be_read_is_refused(text: str, words: str) -> None:
    with pytest.raises(InvalidParameter, match=words):
        mount(text)


def ports(*texts: object) -> list[tuple]:
    keys = ("host_ip", "published", "target", "protocol")
    found = service(ports=list(texts))["ports"]
    return [tuple(port.get(key) for key in keys) for port in found]


def test_ports_are_read_as_docker_reads_them() -> None:
    assert ports(80, "8080:80/udp", "127.0.0.1::53") == [
        (None, None, 80, "tcp"),
        (None, "8080", 80, "udp"),
        ("127.0.0.1", None, 53, "tcp"),
    ]
    assert ports("7000-7001:80-81") == [
        (None, "7000", 80, "tcp"),
        (None, "7001", 81, "tcp"),
    ]
    assert ports("9000-9010:80") == [(None, "9000-9010", 80, "tcp")]


def test_a_range_of_ports_is_in_the_order_of_text() -> None:
    # Docker is odd here: 10 comes before 9
    assert [port[2] for port in ports("9-11")] == [10, 11, 9]


@pytest.mark.parametrize(
    "port", ["", "80:", "1.2.3:80:80", "80/x", "a=b", -1, 80.5, 0.5]
)
def test_a_port_that_cannot_be_read_is_refused(port: object) -> None:
    with pytest.raises(InvalidParameter):
        ports(port)


def test_the_old_form_of_external_gives_its_name() -> None:
    old = {"volumes": {"data": {"external": {"name": "old"}}}}
    new = {"volumes": {"data": {"external": True, "name": "old"}}}
    assert canonical(old) == new
    both = {"volumes": {"data": {"external": {"name": "a"}, "name": "b"}}}
    with pytest.raises(InvalidParameter, match="conflict"):
        canonical(both)


@given(services())
def test_making_a_service_canonical_twice_is_doing_it_once(service: dict) -> None:
    whole = {"services": {"web": service}}
    before = copy.deepcopy(whole)
    try:
        once = canonical(whole)
    except InvalidParameter:
        return
    finally:
        assert whole == before
    assert canonical(once) == once


@given(projects())
def test_making_networks_and_volumes_canonical_twice_is_doing_it_once(
    project: dict,
) -> None:
    try:
        once = canonical(project)
    except InvalidParameter:
        return
    assert canonical(once) == once
