"""What listens in a container follows from the program that runs there."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minidock.engine import Engine
from minidock.host.listening import listening
from minidock.host.machine import machine
from minidock.host.opening import commands_of, opens
from minidock.topology.namespace import Socket

IMAGES = (
    "busybox nginx redis traefik/whoami caddy postgres training/webapp php:8-apache"
)


@pytest.fixture(scope="module")
def docker():
    engine = Engine()
    for image in IMAGES.split():
        assert engine(f"pull -q {image}").code == 0
    return engine


def sockets(docker: Engine, command: str) -> list[str]:
    """What a container listens on that this command makes; it is removed again."""
    start = len(docker.history) - 1
    words = docker(f"run -d --name it {command}")
    assert words.code == 0, words.stderr
    found = [item for item in docker.world.containers.values() if item.name == "it"]
    shown = [shown_as(item) for item in listening(docker.world, found[0])]
    docker.back_to(start)
    return shown


def shown_as(item: Socket) -> str:
    return f"{item.protocol} {item.address or '*'} {item.port}"


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("nginx", ["tcp 0.0.0.0 80", "tcp :: 80"]),
        ("traefik/whoami", ["tcp * 80"]),
        ("traefik/whoami --port 2001", ["tcp * 2001"]),
        ("caddy", ["tcp * 80", "tcp 127.0.0.1 2019"]),
        ("training/webapp", ["tcp 0.0.0.0 5000"]),
        ("php:8-apache", ["tcp * 80"]),
        ("postgres -c max_connections=9", ["tcp 0.0.0.0 5432", "tcp :: 5432"]),
        ("redis redis-server --port 7000", ["tcp 0.0.0.0 7000", "tcp :: 7000"]),
        ("redis --port 7001 --bind 127.0.0.1", ["tcp 127.0.0.1 7001"]),
        ("redis redis-cli ping", []),
        ("nginx sleep 1000", []),
        ("--entrypoint sleep nginx 1000", []),
        ("--expose 99 -p 98:98 busybox sleep 1000", []),
        ("busybox nc -l -p 80", ["tcp * 80"]),
        ("busybox nc -lk -p 80", ["tcp * 80"]),
        ("busybox nc -lkp 80", ["tcp * 80"]),
        ("busybox nc -lu -p 53", ["udp * 53"]),
        ("busybox nc -l 127.0.0.1 80", ["tcp 127.0.0.1 80"]),
        ("busybox nc db 80", []),
        ("busybox httpd -f -p 8080", ["tcp * 8080"]),
        ("busybox httpd -f -p 127.0.0.1:8080", ["tcp 127.0.0.1 8080"]),
        ("busybox python3 -m http.server 8000", ["tcp 0.0.0.0 8000"]),
        (
            "busybox python3 -m http.server --bind 127.0.0.1 9",
            ["tcp 127.0.0.1 9"],
        ),
        ("busybox socat TCP-LISTEN:80,fork EXEC:cat", ["tcp 0.0.0.0 80"]),
        ("busybox sh -c 'echo a; nc -lk -p 80'", ["tcp * 80"]),
        ("busybox sh -c 'nc -lk -p 80 & nc -lk -p 81'", ["tcp * 80", "tcp * 81"]),
        ("busybox sh -c 'while true; do nc -lp 80; done'", ["tcp * 80"]),
        ("busybox sh -c 'sleep 1000; nc -l -p 80'", []),
        ("--network none busybox nc -lk -p 80", ["tcp * 80"]),
    ],
)
def test_a_program_says_where_it_listens(docker, command, expected):
    assert sockets(docker, command) == expected


def test_a_container_that_does_not_run_listens_on_nothing(docker):
    start = len(docker.history) - 1
    docker("create --name it nginx")
    (item,) = docker.world.containers.values()
    assert listening(docker.world, item) == ()
    docker.back_to(start)


def test_what_shares_a_namespace_listens_there(docker):
    start = len(docker.history) - 1
    docker("run -d --name web nginx")
    docker("run -d --name side --network container:web redis")
    docker("run -d --name top --network host caddy")
    whole = machine(docker.world)
    owners = [item.owner for item in whole.sandbox("web").sockets]
    assert owners == ["nginx", "nginx", "redis-server", "redis-server"]
    assert whole.sandbox("side") is None
    assert [item.owner for item in whole.host.sockets] == ["caddy", "caddy"]
    assert "0.0.0.0:6379" in docker("exec side ss -lnt").stdout
    docker.back_to(start)


def test_a_detached_exec_listens_until_its_container_stops(docker):
    start = len(docker.history) - 1
    docker("run -d --name it busybox sleep 100000")
    docker("exec -d it nc -lk -p 9000")
    assert "*:9000" in docker("exec it ss -lnt").stdout
    assert ":::9000" in docker("exec it netstat -tln").stdout
    docker("restart -t 0 it")
    assert "9000" not in docker("exec it ss -lnt").stdout
    docker.back_to(start)


PORTS = st.integers(1, 65535)


@given(PORTS)
def test_the_port_that_a_program_is_told_is_the_port_it_listens_on(port):
    assert opens(["nc", "-l", "-p", str(port)])
    assert opens(["sh", "-c", f"nc -lk -p {port}"]) is False  # a shell opens nothing
    assert commands_of(["sh", "-c", f"nc -lk -p {port}"]) == [
        ["nc", "-lk", "-p", str(port)]
    ]


@given(st.lists(st.text(max_size=12), min_size=1, max_size=6))
def test_whatever_a_container_runs_is_known_to_listen_or_not(words):
    assert opens(words) in {True, False}
    assert isinstance(commands_of(words), list)
    assert isinstance(commands_of(["sh", "-c", " ".join(words)]), list)
    assert opens(["nc", "-l", *words]) in {True, False}
