"""A port has one owner in each namespace, and who comes second hears so."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minidock.engine import Engine
from minidock.host.listening import listening


def lab(*lines):
    docker = Engine()
    for line in ("pull -q nginx", "pull -q busybox", *lines):
        output = docker(line)
        assert output.ok, f"{line}: {output.stderr}"
    return docker


def state(docker, name):
    return docker(
        f"inspect -f '{{{{.State.Status}}}} {{{{.State.ExitCode}}}}' {name}"
    ).stdout.strip()


def test_a_second_server_on_one_port_of_the_host_ends_and_says_why():
    docker = lab(
        "run -d --name one --network host nginx",
        "run -d --name two --network host nginx",
    )
    assert state(docker, "one") == "running 0"
    assert state(docker, "two") == "exited 1"
    said = docker("logs two").stderr
    assert "bind() to 0.0.0.0:80 failed (98: Address already in use)" in said
    docker("rm -f one")
    assert docker("start two").ok
    assert state(docker, "two") == "running 0"


def test_a_port_that_docker_proxy_has_is_taken_for_the_hosts_guests():
    docker = lab(
        "run -d --name web -p 80:80 nginx",
        "run -d --name guest --network host nginx",
        "run -d --name other --network host busybox httpd -f -p 81",
    )
    assert state(docker, "guest") == "exited 1"
    assert state(docker, "other") == "running 0"


def test_a_container_that_shares_a_namespace_shares_its_ports():
    docker = lab(
        "run -d --name web nginx",
        "run -d --name twin --network container:web busybox httpd -f -p 80",
        "run -d --name aside --network container:web busybox httpd -f -p 81",
        "run -d --name apart nginx",
    )
    assert state(docker, "twin") == "exited 1"
    assert "Address already in use" in docker("logs twin").stderr
    assert state(docker, "aside") == "running 0"
    assert state(docker, "apart") == "running 0"


def test_who_may_start_again_starts_once_the_port_is_free():
    docker = lab(
        "run -d --name one --network host nginx",
        "run -d --name two --network host --restart always nginx",
    )
    assert state(docker, "two").startswith("restarting")
    docker("rm -f one")
    docker.advance(60)
    assert state(docker, "two") == "running 0"


PROGRAMS = [
    "nginx",
    "busybox httpd -f -p 80",
    "busybox httpd -f -p 81",
    "busybox nc -lk -p 81",
    "busybox nc -lk -u -p 80",
    "busybox sleep 1000",
]


@settings(deadline=None, max_examples=40)
@given(
    programs=st.lists(st.sampled_from(PROGRAMS), max_size=5),
    shared=st.sampled_from(["host", "container:base"]),
)
def test_a_port_of_a_namespace_has_at_most_one_program(programs, shared):
    docker = lab("run -d --name base busybox sleep 100000")
    for number, words in enumerate(programs):
        docker(f"run -d --name p{number} --network {shared} {words}")
    held = [
        {(socket.protocol, socket.port) for socket in listening(docker.world, one)}
        for one in docker.world.containers_in_order()
    ]
    assert sum(map(len, held)) == len(set().union(*held))
    wanted = {
        ("udp" if "-u" in words else "tcp", 81 if "81" in words else 80)
        for words in programs
        if "sleep" not in words
    }
    assert set().union(*held) == wanted


@pytest.mark.parametrize("address", ["127.0.0.1", "127.0.0.2"])
def test_one_port_of_two_addresses_is_two_ports(address):
    docker = lab(
        "run -d --name one --network host busybox httpd -f -p 127.0.0.1:80",
        f"run -d --name two --network host busybox httpd -f -p {address}:80",
    )
    expected = "exited 1" if address == "127.0.0.1" else "running 0"
    assert state(docker, "two") == expected
