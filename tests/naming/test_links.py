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
def test_every_exposed_port_has_its_four_variables(ports):
    found = variables(lab("20.10", sorted(ports)), "x")
    for port in ports:
        assert found[f"X_PORT_{port}_TCP"] == f"tcp://172.17.0.2:{port}"
        assert found[f"X_PORT_{port}_TCP_PORT"] == str(port)
        assert found[f"X_PORT_{port}_TCP_ADDR"] == "172.17.0.2"
        assert found[f"X_PORT_{port}_TCP_PROTO"] == "tcp"
    assert found["X_PORT"] == f"tcp://172.17.0.2:{min(ports)}"
