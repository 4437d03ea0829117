"""Connecting and disconnecting, in every state that a container can be in."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minidock.commands.invariants import broken
from minidock.engine import Engine

MODES = ["bridge", "mnet", "none", "host", "container:base"]
NONE_MODE = (
    "container cannot be connected to multiple networks with one of the networks in "
    "private (none) mode"
)
SHARED = (
    "container sharing network namespace with another container or host cannot be "
    "connected to any other network"
)
HOST = "container cannot be disconnected from host network or connected to host network"


def lab(era="20.10"):
    """Two networks with subnets, one without, and a running container ``base``."""
    docker = Engine(era)
    docker("pull nginx")
    docker("network create --subnet 10.70.0.0/24 mnet")
    docker("network create --subnet 10.71.0.0/24 anet")
    docker("network create auto")
    docker("run -d --name base nginx sleep 100000")  # nothing of its own listens
    return docker


def container(docker, mode, state):
    """A container of this mode, called ``it``, in this state."""
    docker(f"create --name it --network {mode} nginx")
    if state != "created":
        assert docker("start it").ok
    if state == "stopped":
        docker("stop it")


def connect(docker, network, name="it", **settings):
    body = {"Container": name, "EndpointConfig": settings or None}
    response = docker.api("POST", f"/networks/{network}/connect", body)
    return response.status, response.message


def disconnect(docker, network, name="it", *, force=False):
    body = {"Container": name, "Force": force}
    response = docker.api("POST", f"/networks/{network}/disconnect", body)
    return response.status, response.message


def networks(docker, name="it"):
    body = docker.api("GET", f"/containers/{name}/json").body
    return body["NetworkSettings"]["Networks"]


@pytest.mark.parametrize("state", ["created", "stopped", "running"])
@pytest.mark.parametrize("era", ["17.12", "20.10", "28"])
def test_none_stands_for_no_other_network(era, state):
    docker = lab(era)
    container(docker, "none", state)
    assert connect(docker, "mnet") == (400, NONE_MODE)
    assert connect(docker, "bridge") == (400, NONE_MODE)
    assert connect(docker, "host") == (400, HOST)


@pytest.mark.parametrize("state", ["created", "stopped", "running"])
def test_no_other_network_can_be_none(state):
    docker = lab()
    container(docker, "bridge", state)
    assert connect(docker, "none") == (400, NONE_MODE)
    assert connect(docker, "host") == (400, HOST)


@pytest.mark.parametrize("state", ["created", "stopped", "running"])
def test_a_container_in_the_hosts_namespace_joins_nothing(state):
    docker = lab()
    container(docker, "host", state)
    for network in ("mnet", "bridge", "none"):
        assert connect(docker, network) == (400, SHARED)


def test_being_connected_already_is_no_conflict_of_modes():
    docker = lab()
    container(docker, "host", "running")
    refused = (403, "endpoint with name it already exists in network host")
    assert connect(docker, "host") == refused
    docker("rm -f it")
    container(docker, "none", "running")
    refused = (403, "endpoint with name it already exists in network none")
    assert connect(docker, "none") == refused


def test_a_created_container_keeps_the_settings_of_a_network_that_it_has():
    docker = lab()
    container(docker, "mnet", "created")
    assert connect(docker, "mnet", Aliases=["late"]) == (200, "")
    assert networks(docker)["mnet"]["Aliases"] is None


def test_a_running_container_in_container_mode_joins_nothing():
    docker = lab()
    container(docker, "container:base", "running")
    assert connect(docker, "mnet") == (400, SHARED)
    not_connected = f"is not connected to network {'mnet'}"
    status, text = disconnect(docker, "mnet")
    assert status == 500
    assert text.endswith(not_connected)


def test_what_a_stopped_container_in_container_mode_is_connected_to_has_no_effect():
    docker = lab()
    container(docker, "container:base", "stopped")
    assert connect(docker, "mnet") == (200, "")
    assert docker("start it").ok
    assert networks(docker)["mnet"]["IPAddress"] == ""


@pytest.mark.parametrize("state", ["created", "stopped"])
def test_a_stopped_container_may_name_a_network_that_is_not_there(state):
    docker = lab()
    container(docker, "bridge", state)
    assert connect(docker, "later") == (200, "")
    refused = docker.api("POST", "/containers/it/start")
    assert (refused.status, refused.message) == (404, "network later not found")
    docker("network create later")
    assert docker("start it").ok
    assert networks(docker)["later"]["IPAddress"]


def test_a_running_container_may_not():
    docker = lab()
    assert connect(docker, "later", "base") == (404, "network later not found")
    assert disconnect(docker, "later", "base") == (404, "network later not found")


def test_a_network_that_is_gone_can_be_disconnected_once():
    docker = lab()
    container(docker, "bridge", "created")
    connect(docker, "later")
    assert disconnect(docker, "later") == (200, "")
    status, text = disconnect(docker, "later")
    assert status == 500
    assert text.endswith("is not connected to the network later")


def test_a_missing_container_is_noticed_before_a_missing_network():
    docker = lab()
    missing = (404, "No such container: nosuch")
    assert connect(docker, "later", "nosuch") == missing
    assert disconnect(docker, "later", "nosuch") == missing
    gone = (404, "network later not found")
    assert disconnect(docker, "later", "nosuch", force=True) == gone
    no_endpoint = (404, "endpoint nosuch not found")
    assert disconnect(docker, "mnet", "nosuch", force=True) == no_endpoint


@pytest.mark.parametrize(
    ("era", "status"), [("17.12", 500), ("20.10", 500), ("28", 400)]
)
def test_an_address_outside_the_subnet_is_refused_when_the_endpoint_is_made(
    era, status
):
    docker = lab(era)
    config = {"IPv4Address": "1.2.3.4"}
    text = (
        "Invalid address 1.2.3.4: It does not belong to any of this network's subnets"
    )
    assert connect(docker, "mnet", "base", IPAMConfig=config) == (status, text)


def test_texts_that_are_no_addresses_wait_for_the_start():
    docker = lab()
    container(docker, "mnet", "created")
    assert connect(docker, "anet", IPAMConfig={"IPv4Address": "foo"}) == (200, "")
    refused = docker.api("POST", "/containers/it/start")
    assert (refused.status, refused.message) == (500, "Invalid IPv4 address: foo)")


def test_link_local_addresses_must_be_addresses():
    docker = lab()
    config = {"LinkLocalIPs": ["foo"]}
    refused = (500, "Invalid link-local IP address: [foo]")
    assert connect(docker, "mnet", "base", IPAMConfig=config) == refused


def test_a_link_on_a_user_network_has_two_halves():
    docker = lab()
    refused = (500, "bad format for links: a:b:c")
    assert connect(docker, "mnet", "base", Links=["a:b:c"]) == refused


def test_a_failed_connect_leaves_the_network_listed_without_an_address():
    docker = lab()
    connect(docker, "mnet", "base", IPAMConfig={"IPv4Address": "1.2.3.4"})
    listed = networks(docker, "base")["mnet"]
    assert listed["IPAMConfig"] == {"IPv4Address": "1.2.3.4"}
    assert (listed["NetworkID"], listed["IPAddress"]) == ("", "")
    status, text = disconnect(docker, "mnet", "base")
    assert status == 500
    assert text.endswith("is not connected to network mnet")
    assert connect(docker, "mnet", "base") == (200, "")
    assert networks(docker, "base")["mnet"]["IPAddress"] == "10.70.0.2"


def test_the_aliases_gain_the_short_id_and_the_host_name_once():
    docker = lab()
    docker("create --name it --hostname h1 nginx")
    connect(docker, "mnet", Aliases=["a", "a", "h1"])
    short = docker.api("GET", "/containers/it/json").body["Id"][:12]
    assert networks(docker)["mnet"]["Aliases"] == ["a", "a", "h1", short]


def test_an_alias_or_address_on_a_predefined_network_is_refused():
    docker = lab()
    status, text = connect(docker, "bridge", "base", Aliases=["x"])
    assert status == 400
    assert text.startswith("network-scoped alias is supported only")
    status, text = connect(
        docker, "auto", "base", IPAMConfig={"IPv4Address": "1.2.3.4"}
    )
    assert status == 400
    assert text.startswith("user specified IP address is supported only when")


@pytest.mark.parametrize("version", ["1.41", "1.43"])
def test_a_mac_address_per_network_is_ignored_before_api_1_44(version):
    docker = lab("28")
    body = {"Container": "base", "EndpointConfig": {"MacAddress": "02:42:0a:00:00:09"}}
    docker.api("POST", f"/v{version}/networks/mnet/connect", body)
    assert networks(docker, "base")["mnet"]["MacAddress"] != "02:42:0a:00:00:09"
    docker("network disconnect mnet base")
    docker.api("POST", "/networks/mnet/connect", body)
    assert networks(docker, "base")["mnet"]["MacAddress"] == "02:42:0a:00:00:09"


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["connect", "disconnect", "start", "stop"]),
        st.sampled_from(["mnet", "anet", "auto", "bridge", "host", "none", "nosuch"]),
    ),
    max_size=8,
)


@settings(max_examples=25, deadline=None)
@given(mode=st.sampled_from(MODES), steps=STEPS)
def test_whatever_is_connected_the_world_stays_in_order(mode, steps):
    docker = lab()
    container(docker, mode, "created")
    for verb, network in steps:
        before = docker.world
        if verb in {"start", "stop"}:
            docker(f"{verb} it")
        elif {"connect": connect, "disconnect": disconnect}[verb](docker, network)[
            0
        ] >= 400:
            # A refusal holds nothing: no address, no member, no port.
            for ledger in ("pools", "members", "ports", "networks", "names"):
                assert getattr(docker.world, ledger) == getattr(before, ledger)
        assert broken(docker.world) == []
