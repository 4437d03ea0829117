"""The variables that a legacy link gives, and to whom."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minidock.engine import Engine


def lab(era="28", exposed=(), environment=()):
    docker = Engine(era)
    docker("pull busybox")
    words = [f"--expose {port}" for port in exposed] + [f"-e {e}" for e in environment]
    docker(f"run -d --name db {' '.join(words)} busybox sleep 1000")
    return docker


def variables(docker, alias):
    """What `env` shows of the link, in order."""
    output = docker(f"run --rm --name web --link db:{alias} busybox env")
    assert output.ok, output.stderr
    pairs = [line.partition("=") for line in output.stdout.splitlines()]
    usual = {"PATH", "HOSTNAME", "HOME"}
    return {key: value for key, _, value in pairs if key not in usual}


def test_three_ports_in_a_row_and_two_beside_them_give_27_variables():
    docker = lab("28", ["6300/udp", "6379-6381", "6382/udp"], ["PASSWORD=x"])
    found = variables(docker, "db")
    assert len(found) == 27
    assert found["DB_PORT"] == "tcp://172.17.0.2:6379"
    assert found["DB_PORT_6379_TCP_END"] == "tcp://172.17.0.2:6381"
    assert found["DB_PORT_6379_TCP_PORT_END"] == "6381"
    assert found["DB_ENV_PASSWORD"] == "x"
    assert found["DB_NAME"] == "/web/db"


@pytest.mark.parametrize("era", ["17.12", "20.10"])
def test_before_28_the_lowest_port_comes_first_whatever_its_protocol(era):
    docker = lab(era, ["6300/udp", "6379-6381", "6382/udp"])
    assert variables(docker, "db")["DB_PORT"] == "udp://172.17.0.2:6300"


@pytest.mark.parametrize(
    ("alias", "prefix"),
    [
        ("my-db.x", "MY_DB.X"),
        ("UPPER_case", "UPPER_CASE"),
        ("1st", "1ST"),
        ("a/b", "B"),
    ],
)
def test_a_prefix_is_the_alias_in_capitals_with_dashes_as_underscores(alias, prefix):
    found = variables(lab("20.10", ["5432"]), alias)
    assert found[f"{prefix}_PORT_5432_TCP_ADDR"] == "172.17.0.2"
    assert found[f"{prefix}_NAME"] == f"/web/{alias}"


def test_on_a_user_network_a_link_gives_no_variables():
    docker = lab("20.10", ["5432"])
    docker("network create u")
    docker("network connect u db")
    output = docker("run --rm --network u --link db:x busybox env")
    assert "X_" not in output.stdout


@settings(max_examples=25, deadline=None)
@given(ports=st.sets(st.integers(1, 65535), min_size=1, max_size=6))
def test_every_exposed_port_of_a_link_has_its_four_variables(ports):
    found = variables(lab("20.10", sorted(ports)), "x")
    for port in ports:
        assert found[f"X_PORT_{port}_TCP"] == f"tcp://172.17.0.2:{port}"
        assert found[f"X_PORT_{port}_TCP_PORT"] == str(port)
        assert found[f"X_PORT_{port}_TCP_ADDR"] == "172.17.0.2"
        assert found[f"X_PORT_{port}_TCP_PROTO"] == "tcp"
    assert found["X_PORT"] == f"tcp://172.17.0.2:{min(ports)}"


TURNS = st.lists(
    st.sampled_from(["stop", "start", "restart", "rename", "another", "fewer"]),
    max_size=8,
)


@settings(deadline=None, max_examples=30)  # each makes a host of its own
@given(TURNS)
def test_an_alias_of_a_link_stands_for_the_address_of_now_and_a_variable_for_that_of_then(
    turns,
):
    docker = lab(exposed=["5432"])
    said = "'echo $DATABASE_PORT_5432_TCP_ADDR; sleep 1000'"
    docker(f"run -d --name app --link db:database busybox sh -c {said}")
    target = next(c for c in docker.world.containers_in_order() if c.name == "db").id
    for number, turn in enumerate(turns):
        docker({
            "rename": f"rename {target} db{number}",
            "another": f"run -d --name other{number} busybox sleep 1000",
            "fewer": f"rm -f other{number - 1}",
        }.get(turn, f"{turn} {target}"))  # fmt: skip
    assert str(docker("logs app")) == "172.17.0.2"
    found = docker("exec app cat /etc/hosts")
    now = docker.world.containers[target].endpoint_on("bridge")
    if now is None or now.address is None:
        assert "Cannot link to a non running container" in found.stderr
        return
    lines = [line.split() for line in found.stdout.splitlines()]
    assert [line[0] for line in lines if "database" in line] == [str(now.address)]


@settings(deadline=None, max_examples=20)
@given(TURNS)
def test_a_name_on_a_user_network_stands_for_the_address_of_now_or_for_nobody(turns):
    docker = Engine()
    docker("pull busybox")
    docker("network create app")
    docker("run -d --name db --network app busybox sleep 1000")
    docker("run -d --name web --network app --link db:database busybox sleep 1000")
    for number, turn in enumerate(turns):
        docker({
            "rename": "stop db",
            "another": f"run -d --name other{number} --network app busybox sleep 1000",
            "fewer": f"rm -f other{number - 1}",
        }.get(turn, f"{turn} db"))  # fmt: skip
    target = next(c for c in docker.world.containers_in_order() if c.name == "db")
    now = target.endpoint_on("app")
    there = str(now.address) if now and now.address else ""
    for name in ("db", "database", "db.app"):
        assert str(docker(f"exec web getent hosts {name}")).split()[:1] == (
            [there] if there else []
        )
    assert "database" not in str(docker("exec web cat /etc/hosts"))
